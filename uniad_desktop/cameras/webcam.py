"""A webcam as a source of frames, for trying things out: it has no triggers and no features."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Sequence

import cv2

from uniad_desktop.cameras.capture import Capture
from uniad_desktop.cameras.frame import Frame, SourceKind
from uniad_desktop.cameras.producers import looks_simulated
from uniad_desktop.cameras.source import (
    CameraError,
    CameraLostError,
    CameraNotFoundError,
    SourceCounters,
    SourceInfo,
    TriggerMode,
    TriggerSettings,
    software_only,
)
from uniad_desktop.cameras.video_devices import VideoDevice, video_devices, why_no_webcam
from uniad_desktop.cameras.webcam_reader import Picture, WebcamReader

logger = logging.getLogger(__name__)

_OPEN_LIMIT_S = 10.0
_CLOSE_LIMIT_S = 2.0
_SILENCE_LIMIT_S = 1.5
# Drivers that turn a file or a screen into a webcam.
_INVENTED = ("dummy", "loopback", "fake")


def _open_webcam(number: int) -> Capture:
    # Other backends of OpenCV would try the number one after the other, and say so.
    backend = cv2.CAP_V4L2 if sys.platform.startswith("linux") else cv2.CAP_ANY
    capture: Capture = cv2.VideoCapture(number, backend)
    return capture


class WebcamSource:
    """Frames of a webcam through OpenCV, read on a thread of their own.

    Free running: the newest frame wins. Software trigger: the next frame whose exposure began
    after the trigger, which is two to three frame periods later; older ones are never taken.
    """

    def __init__(
        self,
        number: int,
        *,
        open_capture: Callable[[int], Capture] = _open_webcam,
        devices: Callable[[], Sequence[VideoDevice]] = video_devices,
    ) -> None:
        """Opens it and waits for its first frame.

        Args:
            number: which webcam; on Linux that of ``/dev/videoN``.
            open_capture: opens it.
            devices: lists what the system knows.

        Raises:
            CameraNotFoundError: there is none, or it sends no picture; the message says why.
            CameraError: its frames are too large.
        """
        self._number = number
        self._name = f"The webcam {number}"
        self._open_capture = open_capture
        self._devices = devices
        self._mode = TriggerMode.FREE_RUNNING
        self._started = False
        self._given = 0
        self._former = SourceCounters()
        self._reader: WebcamReader | None = None
        self._why_closed: CameraError = CameraError(f"{self._name} is closed.")
        self._info = self._open()

    @property
    def info(self) -> SourceInfo:
        """Who delivers the frames."""
        return self._info

    @property
    def trigger_mode(self) -> TriggerMode:
        """The mode of the last `start`."""
        return self._mode

    def start(self, trigger: TriggerMode | TriggerSettings) -> None:
        """Starts, after stopping a run.

        Raises:
            CameraError: it was asked for a hardware trigger or a burst, or is closed.
            CameraLostError: it is gone.
        """
        mode = software_only(trigger, self._name)
        reader = self._alive()
        self._mode = mode
        reader.begin(triggered=mode is TriggerMode.SOFTWARE)
        self._started = True

    def next_frame(self, timeout_s: float) -> Frame | None:
        """The next frame, or None after `timeout_s` seconds without one.

        Raises:
            CameraLostError: within 2 s: reading fails, or no frame arrives any more.
            CameraError: not started.
        """
        deadline = time.monotonic() + timeout_s
        while True:
            reader = self._alive()
            if not self._started:
                raise CameraError(f"{self._name} is not started.")
            left_s = max(0.0, deadline - time.monotonic())
            picture = reader.take(min(left_s, _SILENCE_LIMIT_S / 4))
            if picture is not None:
                return self._frame(picture)
            if reader.ended or reader.silent_s() > _SILENCE_LIMIT_S:
                raise self._lost()
            if time.monotonic() >= deadline:
                return None

    def trigger(self) -> None:
        """Asks for the next frame that is exposed from now on; any thread. Raises CameraError."""
        reader = self._alive()
        if not self._started or self._mode is not TriggerMode.SOFTWARE:
            raise CameraError(
                f"{self._name} is not waiting for software triggers; start it in that mode first."
            )
        reader.ask()

    def counters(self) -> SourceCounters:
        """Counts since the first opening, through every `reopen`; any thread."""
        reader = self._reader
        return self._former if reader is None else _sum(self._former, reader.counters())

    def read_feature(self, name: str) -> str | int | float | bool:
        """Raises CameraError: a webcam has no GenICam features."""
        raise CameraError(f"A webcam has no feature {name}.")

    def write_feature(self, name: str, value: str | int | float | bool) -> None:
        """Raises CameraError: a webcam has no GenICam features."""
        raise CameraError(f"A webcam has no feature {name}, so {value} was not set.")

    def stop(self) -> None:
        """Stops; the webcam stays open. Never raises."""
        self._started = False
        if self._reader is not None:
            self._reader.end()

    def reopen(self) -> None:
        """Opens it again; it is stopped afterwards. Raises CameraError while that fails."""
        self._end()
        self._info = self._open()

    def close(self) -> None:
        """Gives it back, within about 2 s; safe to call twice."""
        self._why_closed = CameraError(f"{self._name} is closed.")
        self._end()

    def _open(self) -> SourceInfo:
        self._reader = reader = WebcamReader(lambda: self._open_capture(self._number), self._name)
        try:
            picture = reader.first(_OPEN_LIMIT_S)
            if picture is None:
                raise CameraNotFoundError(why_no_webcam(self._number, self._devices()))
        except CameraError as error:
            self._why_closed = error
            self._end()
            raise
        label = next((one.name for one in self._devices() if one.number == self._number), "")
        invented = looks_simulated(label) or any(mark in label.lower() for mark in _INVENTED)
        height, width = picture.image.shape[:2]
        return SourceInfo(
            name=label or f"webcam {self._number}",
            vendor="",
            serial=f"webcam:{self._number}",
            kind=SourceKind.SIMULATED if invented else SourceKind.LIVE,
            width=width,
            height=height,
            pixel_format="Mono8" if picture.image.ndim == 2 else "RGB8",
        )

    def _frame(self, picture: Picture) -> Frame:
        self._given += 1
        return Frame(
            image=picture.image,
            id=self._given,
            timestamp_ns=picture.captured_ns,
            received_ns=picture.received_ns,
            source=self._info.serial,
            kind=self._info.kind,
            pixel_format="Mono8" if picture.image.ndim == 2 else "RGB8",
        )

    def _alive(self) -> WebcamReader:
        reader = self._reader
        if reader is None:
            raise type(self._why_closed)(str(self._why_closed))
        return reader

    def _lost(self) -> CameraLostError:
        self._why_closed = CameraLostError(
            f"{self._name} no longer sends frames; check its plug, and close other programs that "
            "use it."
        )
        self._end(limit_s=0.2)
        return CameraLostError(str(self._why_closed))

    def _end(self, limit_s: float = _CLOSE_LIMIT_S) -> None:
        self._started = False
        reader, self._reader = self._reader, None
        if reader is None:
            return
        if not reader.close(limit_s):
            logger.warning("%s did not end in time; its driver hangs.", self._name)
        self._former = _sum(self._former, reader.counters())


def _sum(one: SourceCounters, other: SourceCounters) -> SourceCounters:
    return SourceCounters(
        acquired=one.acquired + other.acquired,
        passed_over=one.passed_over + other.passed_over,
        incomplete=one.incomplete + other.incomplete,
        missed=one.missed + other.missed,
    )
