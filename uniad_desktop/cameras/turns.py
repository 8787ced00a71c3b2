"""When the next image of a file source is due: at its pace, or after a software trigger."""

from __future__ import annotations

import threading
import time

from uniad_desktop.cameras.source import CameraError, TriggerMode, TriggerSettings, software_only


class Turns:
    """Paces a source of files. One thread waits for its turns; any may trigger and stop.

    Args:
        what: the source, as the beginning of a sentence, such as ``The folder /parts``.
        frames_per_second: pace when free running; None for as fast as they are asked for.

    Raises:
        CameraError: `frames_per_second` is not above zero.
    """

    def __init__(self, what: str, frames_per_second: float | None) -> None:
        if frames_per_second is not None and not frames_per_second > 0:
            raise CameraError(
                f"The frame rate must be above 0 images per second, not {frames_per_second:g}."
            )
        self._what = what
        self._period_s = 0.0 if frames_per_second is None else 1.0 / frames_per_second
        self._mode = TriggerMode.FREE_RUNNING
        self._wake = threading.Condition()
        self._triggers = 0
        self._started = False
        self._closed = False
        self._due = 0.0

    @property
    def mode(self) -> TriggerMode:
        """The mode of the last `start`."""
        return self._mode

    def start(self, trigger: TriggerMode | TriggerSettings) -> None:
        """Begins.

        Raises:
            CameraError: it is closed, or asked for a hardware trigger or a burst.
        """
        mode = software_only(trigger, self._what)
        with self._wake:
            if self._closed:
                raise CameraError(f"{self._what} is closed.")
            self._mode = mode
            self._triggers = 0
            self._started = True
            self._due = time.monotonic()

    def check_started(self) -> None:
        """Raises CameraError where it is not started."""
        if self._closed or not self._started:
            raise CameraError(f"{self._what} is not started.")

    def wait(self, timeout_s: float, period_s: float | None = None) -> bool:
        """Waits for a trigger or for the pace; whether it is the next image's turn.

        Args:
            timeout_s: how long.
            period_s: from this turn to the next one, where that is not the same every time.

        Raises:
            CameraError: it is not started, or was stopped meanwhile.
        """
        deadline = time.monotonic() + timeout_s
        with self._wake:
            self.check_started()
            if self._mode is TriggerMode.SOFTWARE:
                while not self._triggers:
                    if not self._wake.wait(deadline - time.monotonic()) and not self._triggers:
                        return False
                    self.check_started()
                self._triggers -= 1
                return True
            while (now := time.monotonic()) < self._due:
                if now >= deadline:
                    return False
                self._wake.wait(min(self._due, deadline) - now)
                self.check_started()
            # No burst after a pause: the pace counts from now when the turn was missed.
            self._due = max(self._due + (self._period_s if period_s is None else period_s), now)
            return True

    def trigger(self) -> None:
        """Asks for one image; any thread. Raises CameraError outside software trigger mode."""
        with self._wake:
            self.check_started()
            if self._mode is not TriggerMode.SOFTWARE:
                raise CameraError(
                    f"{self._what} is not waiting for software triggers; start it in that mode "
                    "first."
                )
            self._triggers += 1
            self._wake.notify_all()

    def stop(self) -> None:
        """Stops; whoever waits is woken with CameraError."""
        with self._wake:
            self._started = False
            self._triggers = 0
            self._wake.notify_all()

    def close(self) -> None:
        """Stops for good, until `reopen`."""
        self.stop()
        self._closed = True

    def reopen(self) -> None:
        """Can be started again; it is stopped."""
        self.stop()
        self._closed = False
