"""A recording on disk, read; its files may come from anywhere and are believed in nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from uniad_desktop.cameras import pixel_formats
from uniad_desktop.cameras.frame import Chunks
from uniad_desktop.cameras.recordings.files import HEADER, INDEX, PIXELS, VERSION
from uniad_desktop.cameras.source import CameraError, CameraNotFoundError

_LARGEST_SIDE = 65536
_LONGEST_INDEX = 64 << 20
_LONGEST_HEADER = 1 << 20


class _Camera(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: str
    vendor: str = ""
    serial: str = ""
    kind: str = ""
    settings: dict[str, str | bool | int | float] = {}


class _Header(BaseModel):
    model_config = ConfigDict(extra="ignore")

    version: int
    created: str = ""
    camera: _Camera
    frames: int = Field(ge=1)


class _Frame(BaseModel):
    model_config = ConfigDict(extra="ignore")

    width: int = Field(ge=1, le=_LARGEST_SIDE)
    height: int = Field(ge=1, le=_LARGEST_SIDE)
    pixel_format: str
    id: int
    timestamp_ns: int
    received_ns: int
    chunks: Chunks | None = None


class Recording:
    """A recording that was opened; its frames are read one at a time.

    Attributes:
        folder: where it lies.
        camera: whose frames they are.
        frames: what is known of each, oldest first.
    """

    def __init__(self, folder: Path) -> None:
        """Opens it and checks that it is whole.

        Raises:
            CameraNotFoundError: there is none.
            CameraError: it is damaged, of a newer version, or of an unknown pixel format.
        """
        self.folder = folder.expanduser().absolute()
        if not (self.folder / HEADER).is_file():
            raise CameraNotFoundError(
                f"There is no recording at {self.folder}; name the folder with {HEADER} in it."
            )
        try:
            head = _Header.model_validate_json(self._bytes(HEADER, _LONGEST_HEADER))
            if head.version > VERSION:
                raise CameraError(
                    f"The recording {self.folder} was made by a newer version of this program; "
                    "update it to play the recording."
                )
            lines = self._bytes(INDEX, _LONGEST_INDEX).splitlines()
            self.frames = tuple(_Frame.model_validate_json(line) for line in lines)
            size = (self.folder / PIXELS).stat().st_size
        except (OSError, ValidationError, ValueError) as error:
            raise self._damaged(str(error).splitlines()[0]) from error
        self.camera = head.camera
        self._formats = [pixel_formats.by_name(frame.pixel_format) for frame in self.frames]
        self._first = [0]
        for frame, pixel_format in zip(self.frames, self._formats, strict=True):
            self._first.append(
                self._first[-1] + pixel_format.frame_bytes(frame.width, frame.height)
            )
        if len(self.frames) != head.frames or self._first[-1] != size:
            raise self._damaged("its files do not belong together or were cut off")
        try:
            self._pixels = (self.folder / PIXELS).open("rb")
        except OSError as error:
            raise self._damaged(error.strerror or str(error)) from error

    def raw(self, place: int) -> tuple[NDArray[np.uint8], pixel_formats.PixelFormat]:
        """Bytes of frame `place` (from 0 on) as the camera sent them, and their format.

        Raises:
            CameraError: they can no longer be read.
        """
        first, after = self._first[place : place + 2]
        try:
            self._pixels.seek(first)
            read = self._pixels.read(after - first)
        except (OSError, ValueError) as error:
            raise self._damaged(str(error)) from error
        if len(read) != after - first:
            raise self._damaged("it was cut off")
        return np.frombuffer(read, np.uint8), self._formats[place]

    def seconds(self) -> float:
        """Time between its first and its last frame."""
        return max(0.0, (self.frames[-1].received_ns - self.frames[0].received_ns) / 1e9)

    def close(self) -> None:
        """Closes its file; safe to call twice."""
        self._pixels.close()

    def _bytes(self, name: str, limit: int) -> bytes:
        path = self.folder / name
        if path.stat().st_size > limit:
            raise self._damaged(f"{name} is larger than {limit >> 20} MB")
        return path.read_bytes()

    def _damaged(self, why: str) -> CameraError:
        return CameraError(f"The recording {self.folder} is damaged: {why}.")
