"""What keeps raw frames in memory, without a camera: a test says what becomes of a saving."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

from uniad_desktop.cameras.recordings.ring import RecordingState, Saving
from uniad_desktop.cameras.source import CameraError


class FakeRecorder:
    """Keeps 50 frames of 9.8 s; `finish` and `fail` end a saving, `go` holds up every call."""

    def __init__(self) -> None:
        self.state = RecordingState(50, 9.8)
        self.saved: list[tuple[Path, float]] = []
        self.looks = 0
        self.refuses = self.lost = ""
        self.go = threading.Event()
        self.go.set()

    def save_recording(self, folder: Path, seconds: float) -> None:
        assert threading.current_thread() is not threading.main_thread()
        self.go.wait(10)
        if self.refuses:
            raise CameraError(self.refuses)
        self.saved.append((folder, seconds))
        self.state = replace(self.state, saving=Saving.WRITING, saved_frames=50, saved_seconds=9.8)

    def recording_state(self) -> RecordingState:
        assert threading.current_thread() is not threading.main_thread()
        self.go.wait(10)
        self.looks += 1
        if self.lost:
            raise CameraError(self.lost)
        return self.state

    def finish(self) -> None:
        self.state = replace(self.state, saving=Saving.DONE, detail=str(self.saved[-1][0]))

    def fail(self, sentence: str) -> None:
        self.state = replace(self.state, saving=Saving.FAILED, detail=sentence)
