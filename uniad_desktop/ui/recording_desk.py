"""The raw frames that one camera keeps in memory, seen and saved from the window. No Qt."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from uniad_desktop.cameras.recordings.ring import RecordingState, Saving
from uniad_desktop.cameras.recordings.saving import is_written, new_folder
from uniad_desktop.cameras.source import CameraError
from uniad_desktop.ui.background import Background
from uniad_desktop.ui.station_like import StationLike

_LOOK_S = 0.5
_ALL_S = 86400.0  # more than any memory holds


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a saving.

    Attributes:
        folder: the recording; None where there is none.
        frames: how many it has.
        seconds: from its first to its last.
        problem: a sentence (English) where nothing was saved.
        begun: whether the saving had begun, so that something failed on the way.
        kept: whether the frames are in memory as before.
    """

    folder: Path | None = None
    frames: int = 0
    seconds: float = 0.0
    problem: str = ""
    begun: bool = False
    kept: bool = False


class RecordingDesk:
    """Asks a camera how much it keeps, and has it saved; every call returns at once.

    Args:
        station: the station of the camera.
        folder: the data folder, where recordings go.
    """

    def __init__(self, station: StationLike, folder: Path) -> None:
        self.station = station
        self._folder = folder
        self._background = Background("recording")
        self._target: Path | None = None
        self._saved: Saved | None = None
        self._next = 0.0
        self.writing = False
        self.held: RecordingState | None = None

    def save(self) -> None:
        """Saves all that is in memory; `take` tells what became of it."""
        recorder, info = self.station.recorder, self.station.source_info
        if self.writing or recorder is None or info is None:
            return
        self.writing = True

        def begin() -> Path:
            folder = new_folder(self._folder, info.serial)
            recorder.save_recording(folder, _ALL_S)
            return folder

        self._background.run(begin, self._begun, self._refused, (CameraError,))

    def look(self) -> None:
        """Has `held` be what is kept now, soon; at most twice a second."""
        recorder, now = self.station.recorder, time.monotonic()
        if recorder is None:
            self.held = None
            return
        if self._background.busy or now < self._next:
            return
        self._next = now + _LOOK_S
        self._background.run(recorder.recording_state, self._seen, self._unseen, (CameraError,))

    def take(self) -> Saved | None:
        """What became of a saving, once; None while there is nothing to tell."""
        saved, self._saved = self._saved, None
        return saved

    def beat(self) -> None:
        """Takes what the worker found, and follows a saving; called on the Qt thread."""
        self._background.beat()
        if self._target is None:
            return
        if self.station.recorder is None:
            self._end(Saved(problem="The camera was closed meanwhile.", begun=True))
        else:
            self.look()

    def close_down(self) -> None:
        """Ends the worker; a saving ends with the camera."""
        self._background.close_down()

    def _begun(self, folder: Path) -> None:
        self._target, self._next = folder, 0.0

    def _refused(self, problem: str) -> None:
        self._end(Saved(problem=problem))

    def _seen(self, state: RecordingState) -> None:
        self.held = state
        if self._target is None:
            return
        try:
            written = is_written(state, self._target)
        except CameraError as error:
            failed = state.saving is Saving.FAILED
            self._end(Saved(problem=str(error), begun=True, kept=failed))
            return
        if written:
            self._end(Saved(self._target, state.saved_frames, state.saved_seconds))

    def _unseen(self, problem: str) -> None:
        self.held = None
        if self._target is not None:
            unknown = f"Whether the recording {self._target} was written is not known."
            self._end(Saved(problem=f"{problem} {unknown}", begun=True))

    def _end(self, saved: Saved) -> None:
        self._saved, self._target, self.writing = saved, None, False
