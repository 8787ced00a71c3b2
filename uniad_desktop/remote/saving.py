"""Another program asks for the last raw frames of a camera of the station."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Protocol

from uniad_desktop.cameras.recordings.ring import HasRecording
from uniad_desktop.cameras.recordings.saving import new_folder, save_last
from uniad_desktop.cameras.source import CameraError, SourceInfo
from uniad_desktop.remote.protocol import SaveRequest

WRITE_LIMIT_S = 600.0
"""Half a gigabyte is on the slowest stick before."""


class Recorded(Protocol):
    """What is needed of a station."""

    @property
    def source_info(self) -> SourceInfo | None:
        """Who delivers the frames; None before the source was opened."""
        ...

    @property
    def recorder(self) -> HasRecording | None:
        """Keeps the camera's last raw frames; None where nothing does."""
        ...


def save_for(
    station: Recorded, data_folder: Path, request: SaveRequest, closing: threading.Event
) -> dict[str, object]:
    """Saves and waits until that is done.

    Args:
        station: the one of the camera that was asked for.
        data_folder: where the recording goes if the request names no folder.
        request: what is asked for.
        closing: set when nobody waits any more.

    Returns:
        ``folder``, ``frames`` and ``seconds`` of the recording.

    Raises:
        CameraError: nothing is kept, the disk is full, the camera was lost meanwhile, ...
    """
    source, info = station.recorder, station.source_info
    if info is None:
        raise CameraError(
            f"Camera {request.camera} is not open, so that nothing of it is in memory; start "
            "inspection first."
        )
    if source is None:
        raise CameraError(
            f"{info.name} is no GenICam camera: of folders, videos and webcams no raw frames are "
            "kept."
        )
    folder = Path(request.folder) if request.folder else new_folder(data_folder, info.serial)
    end = time.monotonic() + WRITE_LIMIT_S

    def keep_waiting() -> None:
        if closing.is_set():
            raise CameraError("The station is being closed; the recording was given up.")
        if time.monotonic() > end:
            raise CameraError(
                f"The disk has not taken the recording within {WRITE_LIMIT_S:g} s; it goes on. "
                f"Look for {folder} later."
            )

    state = save_last(source, folder, request.seconds, keep_waiting)
    return {"folder": str(folder), "frames": state.saved_frames, "seconds": state.saved_seconds}
