"""The thread that reads a webcam: everything that OpenCV does with it happens there."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from uniad_desktop.cameras.capture import Capture, check_size, decode
from uniad_desktop.cameras.source import CameraError, SourceCounters

logger = logging.getLogger(__name__)

# A frame that arrives just after a trigger was exposed before it, and the next may have been begun.
_PERIODS_IN_FLIGHT = 2
_SLOWEST_PERIOD_S = 0.5
_MOST_WAITING = 16
_FAILURES_LIMIT = 10
_FAILURE_PAUSE_S = 0.05
# A clock of the driver that is farther off than this is another clock.
_CLOCK_LIMIT_S = 2.0


@dataclass(frozen=True, slots=True)
class Picture:
    """A frame of the webcam.

    Attributes:
        image: (H, W) or (H, W, 3) RGB uint8, owned.
        captured_ns: ``time.monotonic_ns`` when it was complete, as the driver says, else as it
            arrived.
        received_ns: ``time.monotonic_ns`` at reception.
    """

    image: NDArray[np.uint8]
    captured_ns: int
    received_ns: int


class WebcamReader:
    """Reads all the time, so that no old frame waits in the driver; keeps what is asked for.

    Args:
        open_capture: opens the webcam; called on the thread.
        name: for sentences, such as ``The webcam 0``.
    """

    def __init__(self, open_capture: Callable[[], Capture], name: str) -> None:
        self._open_capture = open_capture
        self._name = name
        self._changed = threading.Condition()
        self._newest: Picture | None = None
        self._triggers: deque[int] = deque()
        self._answers: deque[Picture] = deque()
        self._keeping = False
        self._triggered = False
        self._ended = False
        self._closing = False
        self._problem = ""
        self._first: Picture | None = None
        self._last_ns = time.monotonic_ns()
        self._intervals: deque[int] = deque(maxlen=15)
        self._acquired = self._passed_over = self._damaged = 0
        # A driver that hangs must not keep the program from ending.
        self._thread = threading.Thread(target=self._run, name="webcam", daemon=True)
        self._thread.start()

    def first(self, limit_s: float) -> Picture | None:
        """The first frame after opening, waited for at most `limit_s`; None if there is none.

        Raises:
            CameraError: its frames are too large to be read.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._first is not None or self._ended, limit_s)
            if self._problem:
                raise CameraError(self._problem)
            return self._first

    def begin(self, *, triggered: bool) -> None:
        """Keeps the newest frame from now on, or with `triggered` those that triggers ask for."""
        with self._changed:
            self._drop()
            self._keeping, self._triggered = True, triggered

    def end(self) -> None:
        """Keeps none; whoever waits is woken."""
        with self._changed:
            self._keeping = False
            self._drop()
            self._changed.notify_all()

    def ask(self) -> None:
        """Asks for the next frame whose exposure begins from now on. Raises CameraError."""
        with self._changed:
            if len(self._triggers) + len(self._answers) >= _MOST_WAITING:
                raise CameraError(
                    f"{self._name} is given triggers faster than it sends frames; trigger slower."
                )
            self._triggers.append(time.monotonic_ns())

    def take(self, timeout_s: float) -> Picture | None:
        """The kept frame, or None after `timeout_s`, after `end` and after the thread's end."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._newest or self._answers or self._ended or not self._keeping, timeout_s
            )
            if self._answers:
                return self._answers.popleft()
            picture, self._newest = self._newest, None
            return picture

    @property
    def ended(self) -> bool:
        """Whether the thread gave up, as the webcam no longer answers."""
        return self._ended

    def silent_s(self) -> float:
        """Seconds since the last frame."""
        return (time.monotonic_ns() - self._last_ns) / 1e9

    def counters(self) -> SourceCounters:
        """Counts since opening."""
        return SourceCounters(
            acquired=self._acquired, passed_over=self._passed_over, incomplete=self._damaged
        )

    def close(self, limit_s: float) -> bool:
        """Ends the thread; False if its driver still hangs after `limit_s`."""
        self._closing = True
        self.end()
        self._thread.join(limit_s)
        return not self._thread.is_alive()

    def _drop(self) -> None:
        self._newest = None
        self._triggers.clear()
        self._answers.clear()

    def _run(self) -> None:
        capture: Capture | None = None
        try:
            capture = self._open_capture()
            if capture.isOpened():
                capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
                check_size(capture, self._name)
                self._read(capture)
        except CameraError as error:
            self._problem = str(error)
        except cv2.error as error:
            logger.warning("%s failed: %s", self._name, error)
        finally:
            if capture is not None:
                capture.release()
            with self._changed:
                self._ended = True
                self._changed.notify_all()

    def _read(self, capture: Capture) -> None:
        failures = 0
        while not self._closing and failures < _FAILURES_LIMIT:
            if not capture.grab():
                failures += 1
                time.sleep(_FAILURE_PAUSE_S)
                continue
            failures = 0
            received_ns = time.monotonic_ns()
            captured_ns = _captured(capture, received_ns)
            image = decode(capture)
            with self._changed:
                self._intervals.append(received_ns - self._last_ns)
                self._last_ns = received_ns
                if image is None:
                    self._damaged += 1
                    continue
                self._acquired += 1
                self._keep(Picture(image, captured_ns, received_ns))

    def _keep(self, picture: Picture) -> None:
        """Gives a frame to who waits for it; the lock is held."""
        if self._first is None:
            self._first = picture
            self._changed.notify_all()
        if not self._keeping:
            return
        if not self._triggered:
            self._passed_over += self._newest is not None
            self._newest = picture
            self._changed.notify_all()
            return
        period_ns = min(sorted(self._intervals)[len(self._intervals) // 2], _SLOWEST_PERIOD_S * 1e9)
        began_ns = picture.captured_ns - _PERIODS_IN_FLIGHT * period_ns
        if self._triggers and self._triggers[0] <= began_ns:
            self._triggers.popleft()
            self._answers.append(picture)
            self._changed.notify_all()


def _captured(capture: Capture, received_ns: int) -> int:
    """When the driver completed the frame (Video4Linux tells, on the monotonic clock)."""
    told_ms = capture.get(cv2.CAP_PROP_POS_MSEC)
    if not math.isfinite(told_ms) or told_ms <= 0:
        return received_ns
    age_ns = received_ns - round(told_ms * 1e6)
    return received_ns - age_ns if 0 <= age_ns <= _CLOCK_LIMIT_S * 1e9 else received_ns
