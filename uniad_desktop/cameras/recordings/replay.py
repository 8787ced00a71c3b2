"""A recording as a source of frames: the bytes of the camera, converted as on that day."""

from __future__ import annotations

import time
from pathlib import Path

from uniad_desktop.cameras.conversion import to_image
from uniad_desktop.cameras.file_source import FileSource
from uniad_desktop.cameras.frame import Frame, SourceKind
from uniad_desktop.cameras.recordings.reader import Recording
from uniad_desktop.cameras.source import (
    CameraError,
    CameraLostError,
    EndOfFrames,
    SourceCounters,
    SourceInfo,
)

_LONGEST_PAUSE_S = 5.0  # nobody waits for a line that stood still


class ReplaySource(FileSource):
    """Gives the frames of a recording in their order and, free running, at their own pace.

    No frame is ever passed over. In software trigger mode each trigger gives one. Frames keep the
    block id, clock and chunk data that the camera gave them; they are labelled as files.
    """

    def __init__(
        self, folder: Path, *, loop: bool = True, frames_per_second: float | None = None
    ) -> None:
        """Opens the recording.

        Args:
            folder: where it lies.
            loop: begin again after the last frame; otherwise `next_frame` raises `EndOfFrames`.
            frames_per_second: pace when free running; None for that of the recording.

        Raises:
            CameraNotFoundError: there is no recording.
            CameraError: it is damaged, or `frames_per_second` is not above zero.
        """
        super().__init__(f"The recording {folder}", "A recording", frames_per_second)
        self._paced = frames_per_second is not None
        self._loop = loop
        self._recording = Recording(folder)
        self._next = 0
        self._given = 0

    @property
    def info(self) -> SourceInfo:
        """The recorded camera, at the place of the recording; size and format of its frames."""
        camera, first = self._recording.camera, self._recording.frames[0]
        return SourceInfo(
            name=f"{camera.name}, recorded",
            vendor=camera.vendor,
            serial=str(self._recording.folder),
            kind=SourceKind.FILE,
            width=first.width,
            height=first.height,
            pixel_format=first.pixel_format,
            settings=dict(camera.settings),
        )

    def next_frame(self, timeout_s: float) -> Frame | None:
        """The next frame, or None after `timeout_s` seconds without a trigger or before its turn.

        Raises:
            EndOfFrames: all were given and `loop` is off.
            CameraLostError: the recording can no longer be read.
            CameraError: not started.
        """
        self._turns.check_started()
        frames = self._recording.frames
        if self._next >= len(frames):
            if not self._loop:
                raise EndOfFrames(f"All frames of {self._recording.folder} were given.")
            self._next = 0
        if not self._turns.wait(timeout_s, None if self._paced else self._gap()):
            return None
        place, self._next = self._next, self._next + 1
        try:
            raw, pixel_format = self._recording.raw(place)
        except CameraError as error:
            raise CameraLostError(str(error)) from error
        kept = frames[place]
        self._given += 1
        return Frame(
            image=to_image(raw, pixel_format, kept.width, kept.height),
            id=kept.id,
            timestamp_ns=kept.timestamp_ns,
            received_ns=time.monotonic_ns(),
            source=str(self._recording.folder),
            kind=SourceKind.FILE,
            pixel_format=pixel_format.name,
            chunks=kept.chunks,
        )

    def _gap(self) -> float:
        """Seconds from the next frame to the one after it, as they were recorded."""
        frames, after = self._recording.frames, self._next + 1
        if after >= len(frames):
            return 0.0 if len(frames) < 2 else self._recording.seconds() / (len(frames) - 1)
        gap = (frames[after].received_ns - frames[self._next].received_ns) / 1e9
        return min(max(0.0, gap), _LONGEST_PAUSE_S)

    def counters(self) -> SourceCounters:
        """Counts since opening."""
        return SourceCounters(acquired=self._given)

    def read_feature(self, name: str) -> str | int | float | bool:
        """What the camera was set to when it was recorded. Raises CameraError."""
        try:
            return self._recording.camera.settings[name]
        except KeyError:
            raise CameraError(f"The recording does not tell {name}.") from None

    def reopen(self) -> None:
        """Opens the recording again and begins with its first frame. Raises CameraError."""
        self._recording.close()
        self._recording = Recording(self._recording.folder)
        self._next = 0
        self._turns.reopen()

    def close(self) -> None:
        """Ends it; safe to call twice."""
        super().close()
        self._recording.close()
