"""A video file as a source of frames."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from uniad_desktop.cameras.capture import Capture, check_size, decode
from uniad_desktop.cameras.file_source import FileSource
from uniad_desktop.cameras.frame import Frame, SourceKind
from uniad_desktop.cameras.source import (
    CameraError,
    CameraLostError,
    CameraNotFoundError,
    EndOfFrames,
    SourceCounters,
    SourceInfo,
)

logger = logging.getLogger(__name__)

# The number of frames that a file announces may be an estimate from its length.
_ANNOUNCED_TOLERANCE = 2
_MOST_DAMAGED_IN_A_ROW = 1000


@dataclass(slots=True)
class _Picture:
    image: NDArray[np.uint8]
    timestamp_ns: int


class VideoSource(FileSource):
    """Gives the frames of a video file in their order.

    No frame is ever passed over: free running gives one per `next_frame`, at most at the rate of
    the recording or `frames_per_second`; in software trigger mode each trigger gives one. A frame
    that cannot be decoded is counted as incomplete and skipped. So are those that are missing at
    the end of a file that was cut off.
    """

    def __init__(
        self,
        path: Path,
        *,
        loop: bool = True,
        frames_per_second: float | None = None,
        open_capture: Callable[[Path], Capture] = lambda path: cv2.VideoCapture(
            str(path), cv2.CAP_FFMPEG
        ),
    ) -> None:
        """Opens the file and decodes its first frame.

        Args:
            path: the file.
            loop: begin again after the last frame; otherwise `next_frame` raises `EndOfFrames`.
            frames_per_second: pace when free running; None for that of the recording,
                ``math.inf`` for as fast as they are asked for.
            open_capture: opens the file.

        Raises:
            CameraNotFoundError: there is no such file, or it is no video that can be read here.
            CameraError: its frames are too large, or `frames_per_second` is not above zero.
        """
        self._path = path.expanduser().absolute()
        self._what = f"The video {self._path}"
        self._loop = loop
        self._open_capture = open_capture
        self._asked_rate = frames_per_second
        self._acquired = 0
        self._damaged = 0
        self._capture: Capture | None = None
        self._ahead: _Picture | None = None  # the first frame is decoded when opening
        self._read = 0
        self._at_end = False
        self._info = self._open()
        super().__init__(self._what, "A video file", self._pace())

    @property
    def info(self) -> SourceInfo:
        """The file; the size is that of its first frame."""
        return self._info

    def next_frame(self, timeout_s: float) -> Frame | None:
        """The next frame, or None after `timeout_s` seconds without a trigger or before its turn.

        Raises:
            EndOfFrames: all were given and `loop` is off.
            CameraLostError: the file is gone, or nothing in it can be read any more.
            CameraError: not started.
        """
        self._turns.check_started()
        if self._ahead is None and not self._at_end:
            # Before the turn, so that a trigger is not used up by the end of the file.
            self._ahead = self._next_picture()
        if self._ahead is None:
            raise EndOfFrames(f"All frames of {self._path} were given.")
        if not self._turns.wait(timeout_s):
            return None
        picture, self._ahead = self._ahead, None
        self._acquired += 1
        return Frame(
            image=picture.image,
            id=self._acquired,
            timestamp_ns=picture.timestamp_ns,
            received_ns=time.monotonic_ns(),
            source=str(self._path),
            kind=SourceKind.FILE,
            pixel_format="Mono8" if picture.image.ndim == 2 else "RGB8",
        )

    def counters(self) -> SourceCounters:
        """Counts since opening; frames that could not be decoded are the incomplete ones."""
        return SourceCounters(acquired=self._acquired, incomplete=self._damaged)

    def reopen(self) -> None:
        """Opens the file again, at its beginning; it is stopped afterwards. Raises CameraError."""
        self._turns.stop()
        self._release()
        self._info = self._open()
        self._turns.reopen()

    def close(self) -> None:
        """Ends it; safe to call twice."""
        super().close()
        self._release()

    def _open(self) -> SourceInfo:
        if not self._path.exists():
            raise CameraNotFoundError(f"The video {self._path} does not exist; check its name.")
        if not self._path.is_file():
            raise CameraNotFoundError(
                f"{self._path} is no file; name a video file, or use folder:PATH for a folder of "
                "images."
            )
        capture = self._open_capture(self._path)
        self._capture, self._read, self._at_end = capture, 0, False
        try:
            if not capture.isOpened():
                raise CameraNotFoundError(self._unreadable())
            check_size(capture, self._what)
            self._ahead = self._decode_next(capture)
        except CameraError:
            self._release()
            raise
        if self._ahead is None:
            self._release()
            raise CameraNotFoundError(self._unreadable())
        height, width = self._ahead.image.shape[:2]
        return SourceInfo(
            name=self._path.name,
            vendor="",
            serial=str(self._path),
            kind=SourceKind.FILE,
            width=width,
            height=height,
            pixel_format="Mono8" if self._ahead.image.ndim == 2 else "RGB8",
        )

    def _next_picture(self) -> _Picture | None:
        """The next frame that can be decoded; None at the end of a file that is not looped."""
        if self._capture is None:
            raise CameraLostError(f"{self._what} is closed.")
        picture = self._decode_next(self._capture)
        if picture is not None:
            return picture
        self._note_end(self._capture)
        if not self._loop:
            self._at_end = True
            return None
        self._release()
        try:
            self._open()
        except CameraError as error:
            raise CameraLostError(f"{self._what} cannot be begun again: {error}") from error
        return self._ahead

    def _decode_next(self, capture: Capture) -> _Picture | None:
        for _ in range(_MOST_DAMAGED_IN_A_ROW):
            if not capture.grab():
                return None
            self._read += 1
            milliseconds = capture.get(cv2.CAP_PROP_POS_MSEC)
            image = decode(capture)
            if image is not None:
                known = math.isfinite(milliseconds) and milliseconds > 0
                return _Picture(image, round(milliseconds * 1e6) if known else 0)
            self._damaged += 1
            logger.warning("Frame %d of %s is damaged; it was skipped.", self._read, self._path)
        return None

    def _note_end(self, capture: Capture) -> None:
        """Counts what the file announced and did not give."""
        announced = capture.get(cv2.CAP_PROP_FRAME_COUNT)
        missing = round(announced) - self._read if 0 < announced < 1e9 else 0
        if missing > _ANNOUNCED_TOLERANCE:
            self._damaged += missing
            logger.warning(
                "%s ends after %d of %d frames; it is damaged or was cut off.",
                self._what,
                self._read,
                round(announced),
            )

    def _pace(self) -> float | None:
        if self._asked_rate is not None:
            return None if self._asked_rate == math.inf else self._asked_rate
        assert self._capture is not None
        recorded = self._capture.get(cv2.CAP_PROP_FPS)
        # Some files announce no rate, or their time base instead of one.
        return recorded if 0.0 < recorded <= 1000.0 else None

    def _unreadable(self) -> str:
        return (
            f"{self._what} cannot be read here: it is no video, is damaged, or its codec is "
            f"missing. Convert it elsewhere, for example with: ffmpeg -i {self._path.name} -c:v "
            "mjpeg -q:v 2 converted.avi"
        )

    def _release(self) -> None:
        self._ahead = None
        if self._capture is not None:
            self._capture.release()
            self._capture = None
