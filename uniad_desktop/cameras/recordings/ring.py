"""The last seconds of raw frames in memory. Runs in the camera process."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.cameras.recordings.files import RecordedFrame
from uniad_desktop.cameras.source import CameraError

Kept: TypeAlias = list[tuple[RecordedFrame, NDArray[np.uint8]]]


FOLDER = "recordings"
"""Where recordings lie within a data folder."""


@dataclass(frozen=True, slots=True)
class RecordingOptions:
    """How much is kept in memory; nothing where `megabytes` is 0.

    Attributes:
        seconds: age of the oldest frame that is kept.
        megabytes: memory for them at most; frames that need more are kept for a shorter time.
    """

    seconds: float = 10.0
    megabytes: int = 0


class Saving(Enum):
    """How far the saving of a recording is."""

    IDLE = "idle"
    WRITING = "writing"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RecordingState:
    """What is kept and what became of the last saving.

    Attributes:
        frames: frames in memory.
        seconds: time from the oldest to the newest.
        saving: how far the last saving is.
        saved_frames: how many frames it took.
        saved_seconds: time from the oldest to the newest of them.
        detail: the folder where it is done, a sentence where it failed, else empty.
    """

    frames: int = 0
    seconds: float = 0.0
    saving: Saving = Saving.IDLE
    saved_frames: int = 0
    saved_seconds: float = 0.0
    detail: str = ""


@runtime_checkable
class HasRecording(Protocol):
    """A source that keeps its last raw frames in memory. Any thread may call; none waits long."""

    def save_recording(self, folder: Path, seconds: float) -> None:
        """Begins to write the last `seconds` of frames to a new folder.

        `recording_state` tells when it is done.

        Raises:
            CameraError: one is being written, nothing is kept, or keeping is off.
        """
        ...

    def recording_state(self) -> RecordingState:
        """What is kept and what became of the last saving. Raises CameraError."""
        ...


class FrameRing:
    """Raw frames, the newest replacing the oldest.

    While a recording is being written nothing is added, so that what is written stays what it is
    and memory stays bounded. One thread adds and saves.
    """

    def __init__(self, options: RecordingOptions) -> None:
        self._options = options
        self._room = options.megabytes << 20
        self._kept: deque[tuple[RecordedFrame, NDArray[np.uint8]]] = deque()
        self._bytes = 0
        # Memory of a frame that was dropped, for the next one: fresh memory costs more than a copy.
        self._spare: NDArray[np.uint8] | None = None
        self._writer: threading.Thread | None = None
        self._saved = RecordingState()
        self._closing = False

    @property
    def on(self) -> bool:
        """Whether frames are kept at all."""
        return self._room > 0

    def add(self, frame: RecordedFrame, rows: NDArray[np.uint8]) -> None:
        """Keeps a frame; (rows, bytes per row) uint8, copied."""
        if rows.size > self._room or self._writing():
            return
        oldest = frame.received_ns - round(1e9 * self._options.seconds)
        while self._kept and (
            self._bytes + rows.size > self._room or self._kept[0][0].received_ns < oldest
        ):
            self._spare = self._kept.popleft()[1]
            self._bytes -= self._spare.size
        pixels, self._spare = self._spare, None
        if pixels is None or pixels.size != rows.size:
            pixels = np.empty(rows.size, np.uint8)
        pixels.reshape(rows.shape)[:] = rows
        self._kept.append((frame, pixels))
        self._bytes += pixels.size

    def save(
        self,
        write: Callable[[Kept, Callable[[], bool]], None],
        where: str,
        seconds: float,
    ) -> None:
        """Writes the last `seconds` on a thread of its own; `state` tells when it is done.

        Raises:
            CameraError: a recording is being written already, nothing is kept, or it is off.
        """
        if not self.on:
            raise CameraError(
                "No frames are kept in memory; set recording.megabytes in the settings of the "
                "station and start again."
            )
        if self._writing():
            raise CameraError("A recording is being written; wait until it is done.")
        if not self._kept:
            raise CameraError("Nothing was recorded yet; let the camera send frames first.")
        newest = self._kept[-1][0].received_ns
        chosen = [
            (frame, pixels)
            for frame, pixels in self._kept
            if frame.received_ns >= newest - round(1e9 * seconds)
        ]
        lasted = _seconds(chosen[0][0], chosen[-1][0])
        self._saved = RecordingState(0, 0.0, Saving.WRITING, len(chosen), lasted)
        self._writer = threading.Thread(
            target=self._save, args=(write, chosen, where), name="recording"
        )
        self._writer.start()

    def _save(
        self,
        write: Callable[[Kept, Callable[[], bool]], None],
        chosen: Kept,
        where: str,
    ) -> None:
        try:
            write(chosen, lambda: not self._closing)
        except CameraError as error:
            self._saved = replace(self._saved, saving=Saving.FAILED, detail=str(error))
        else:
            self._saved = replace(self._saved, saving=Saving.DONE, detail=where)

    def state(self) -> RecordingState:
        """What is kept and what became of the last saving."""
        if not self._kept:
            return self._saved
        lasted = _seconds(self._kept[0][0], self._kept[-1][0])
        return replace(self._saved, frames=len(self._kept), seconds=lasted)

    def close(self) -> None:
        """Gives up what is being written and waits for that."""
        self._closing = True
        if self._writer is not None:
            self._writer.join()

    def _writing(self) -> bool:
        return self._saved.saving is Saving.WRITING


def _seconds(oldest: RecordedFrame, newest: RecordedFrame) -> float:
    return (newest.received_ns - oldest.received_ns) / 1e9
