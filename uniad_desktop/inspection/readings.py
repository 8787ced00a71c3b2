"""What the screen reads of a running station beside its state."""

from __future__ import annotations

from uniad_desktop.inspection.scoreboard import Scoreboard
from uniad_desktop.inspection.types import (
    CycleTime,
    InspectedFrame,
    Latency,
    Rates,
    Reject,
    ShiftCounters,
    TrendPoint,
)


class Readings:
    """Figures of the scoreboard; every method returns at once and may be called by any thread."""

    def __init__(self, board: Scoreboard) -> None:
        self._board = board

    def newest(self) -> InspectedFrame | None:
        """The latest decision with its picture."""
        return self._board.newest()

    def counters(self) -> ShiftCounters:
        """Counts of this shift."""
        return self._board.counters()

    def rates(self) -> Rates:
        """Acquired, inspected, passed over; per second, measured over the last seconds."""
        return self._board.rates()

    def latency(self) -> Latency:
        """Latency percentiles in ms."""
        return self._board.latency()

    def cycle_time(self) -> CycleTime | None:
        """Seconds between decisions; None before the second."""
        return self._board.cycle_time()

    def trend(self, after: int = 0) -> list[TrendPoint]:
        """Scores with a number above `after`, oldest first, 500 at most."""
        return self._board.trend(after)

    def rejects(self) -> list[Reject]:
        """The last decisions that were no pass, newest first, 12 at most."""
        return self._board.rejects()

    def seconds_since_decision(self) -> float | None:
        """Age of the latest decision in seconds; None before the first."""
        return self._board.seconds_since_decision()

    def reset_shift(self) -> None:
        """Starts the shift counters anew."""
        self._board.reset_shift()
