"""A recording on disk, written: frames as the camera sent them, byte by byte.

A folder with three files: ``recording.json`` says whose frames they are, ``frames.jsonl`` has a
line per frame, and ``frames.raw`` their bytes one after the other. It is written under a temporary
name and renamed, so that a recording is whole or not there. The camera process imports this.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.cameras.frame import Chunks
from uniad_desktop.cameras.source import CameraError

VERSION = 1
HEADER, INDEX, PIXELS = "recording.json", "frames.jsonl", "frames.raw"
_SPARE_BYTES = 64 << 20  # of the disk, left to those who need it more


@dataclass(frozen=True, slots=True)
class RecordedFrame:
    """What is kept of a frame beside its bytes; the fields are those of `Frame`.

    Attributes:
        width: pixels per row.
        height: rows.
        pixel_format: PFNC name.
        id: block id of the camera.
        timestamp_ns: clock of the camera, 0 where it has none.
        received_ns: monotonic clock of the machine that recorded it.
        chunks: what the camera said of it; None where it sent no chunk data.
    """

    width: int
    height: int
    pixel_format: str
    id: int
    timestamp_ns: int
    received_ns: int
    chunks: Chunks | None = None


@dataclass(frozen=True, slots=True)
class RecordedCamera:
    """Whose frames they are; the fields are those of `SourceInfo`."""

    name: str
    vendor: str
    serial: str
    kind: str
    settings: Mapping[str, str | int | float | bool] = field(default_factory=dict)


def write_recording(
    folder: Path,
    camera: RecordedCamera,
    frames: Sequence[tuple[RecordedFrame, NDArray[np.uint8]]],
    keep_on: Callable[[], bool] = lambda: True,
) -> None:
    """Writes `frames`, oldest first, to a new folder.

    Args:
        folder: where; it must not be there yet.
        camera: whose frames they are.
        frames: each with its bytes, rows without padding.
        keep_on: asked before every frame; False gives the recording up.

    Raises:
        CameraError: there is no frame, it is there already, the disk is full or not writable, or
            it was given up; nothing is left behind then.
    """
    if not frames:
        raise CameraError("Nothing was recorded yet; let the camera send frames first.")
    if folder.exists():
        raise CameraError(f"{folder} is there already; give the recording another name.")
    temporary = folder.with_name(f".{folder.name}.{os.getpid()}.tmp")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _check_space(folder.parent, sum(pixels.size for _, pixels in frames))
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        _write(temporary / PIXELS, _bytes_of(frames, keep_on))
        lines = (json.dumps(asdict(frame)).encode() + b"\n" for frame, _ in frames)
        _write(temporary / INDEX, lines)
        head = {
            "version": VERSION,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "camera": asdict(camera),
            "frames": len(frames),
        }
        _write(temporary / HEADER, [json.dumps(head, indent=2).encode()])
        temporary.rename(folder)
    except OSError as error:
        raise CameraError(
            f"The recording {folder} could not be written: {error.strerror or error}. Free space "
            "or choose another folder."
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _check_space(folder: Path, wanted: int) -> None:
    free = shutil.disk_usage(folder).free
    if wanted + _SPARE_BYTES > free:
        raise CameraError(
            f"The recording needs {wanted >> 20} MB, but {folder} has {free >> 20} MB left; free "
            "space, choose another folder or save fewer seconds."
        )


def _bytes_of(
    frames: Iterable[tuple[RecordedFrame, NDArray[np.uint8]]], keep_on: Callable[[], bool]
) -> Iterable[memoryview]:
    for _, pixels in frames:
        if not keep_on():
            raise CameraError("The recording was given up.")
        yield pixels.data


def _write(path: Path, pieces: Iterable[bytes | memoryview]) -> None:
    with path.open("wb") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
