"""What sources of frames from files have in common: turns, and no features."""

from __future__ import annotations

from uniad_desktop.cameras.source import CameraError, TriggerMode, TriggerSettings
from uniad_desktop.cameras.turns import Turns


class FileSource:
    """No frame is ever passed over: one per `next_frame` at a pace, or one per software trigger.

    Args:
        what: the source, as the beginning of a sentence, such as ``The folder /parts``.
        kind: what it is in general, likewise, such as ``A folder of images``.
        frames_per_second: pace when free running; None for as fast as they are asked for.

    Raises:
        CameraError: `frames_per_second` is not above zero.
    """

    def __init__(self, what: str, kind: str, frames_per_second: float | None) -> None:
        self._kind = kind
        self._turns = Turns(what, frames_per_second)

    @property
    def trigger_mode(self) -> TriggerMode:
        """The mode of the last `start`."""
        return self._turns.mode

    def start(self, trigger: TriggerMode | TriggerSettings) -> None:
        """Starts, going on where the last run stopped.

        Raises:
            CameraError: it is closed, or asked for a hardware trigger or a burst.
        """
        self._turns.start(trigger)

    def trigger(self) -> None:
        """Asks for one frame; any thread. Raises CameraError outside software trigger mode."""
        self._turns.trigger()

    def read_feature(self, name: str) -> str | int | float | bool:
        """Raises CameraError: files have no features."""
        raise CameraError(f"{self._kind} has no feature {name}.")

    def write_feature(self, name: str, value: str | int | float | bool) -> None:
        """Raises CameraError: files have no features."""
        raise CameraError(f"{self._kind} has no feature {name}, so {value} was not set.")

    def stop(self) -> None:
        """Stops; whoever waits for a frame is woken with CameraError."""
        self._turns.stop()

    def close(self) -> None:
        """Ends it; safe to call twice."""
        self._turns.close()
