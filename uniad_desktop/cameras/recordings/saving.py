"""The saving of what a source keeps in memory: where to, and when it is done."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from uniad_desktop.cameras.recordings.ring import FOLDER, HasRecording, RecordingState, Saving
from uniad_desktop.cameras.source import CameraError

LOOK_S = 0.1
"""Time from one look at how far a saving is to the next."""

_UNUSABLE = re.compile(r"[^A-Za-z0-9.-]+")
_LONGEST_SERIAL = 64


def new_folder(data_folder: Path, serial: str, at: datetime | None = None) -> Path:
    """Where a recording goes that nobody named: ``DATA/recordings/YYYY-MM-DD_HH-MM-SS_SERIAL``.

    Args:
        data_folder: of the station.
        serial: of the camera; what a file name cannot have is replaced.
        at: the time; None for now, as the clock of this machine shows it.
    """
    when = (at or datetime.now()).strftime("%Y-%m-%d_%H-%M-%S")
    camera = _UNUSABLE.sub("-", serial)[:_LONGEST_SERIAL].strip(".-") or "camera"
    folder = data_folder.expanduser().absolute() / FOLDER / f"{when}_{camera}"
    place, number = folder, 1
    while os.path.lexists(place):
        number += 1
        place = folder.with_name(f"{folder.name}_{number}")
    return place


def is_written(state: RecordingState, folder: Path) -> bool:
    """Whether the saving to `folder`, which was begun, is done; False while it goes on.

    Raises:
        CameraError: it failed, or the camera was closed or lost meanwhile.
    """
    if state.saving is Saving.WRITING:
        return False
    if state.saving is Saving.FAILED:
        raise CameraError(state.detail)
    if state.saving is not Saving.DONE or state.detail != str(folder):
        raise CameraError(
            "The camera was closed or lost before the recording was written; nothing was saved."
        )
    return True


def save_last(
    source: HasRecording, folder: Path, seconds: float, keep_waiting: Callable[[], None]
) -> RecordingState:
    """Writes the last `seconds` to a new folder and waits until that is done.

    Args:
        source: what keeps frames.
        folder: where to, absolute; it must not be there yet.
        seconds: from the oldest to the newest of them at most.
        keep_waiting: called ten times a second meanwhile; what it raises ends the waiting, not
            the writing.

    Raises:
        CameraError: as of `HasRecording.save_recording` and `is_written`.
    """
    source.save_recording(folder, seconds)
    while not is_written(state := source.recording_state(), folder):
        keep_waiting()
        time.sleep(LOOK_S)
    return state
