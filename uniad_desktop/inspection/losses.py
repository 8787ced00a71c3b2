"""Frames of a triggered acquisition that never came: each is told exactly once."""

from __future__ import annotations

from collections.abc import Callable

from uniad_desktop.cameras.block_ids import gap
from uniad_desktop.cameras.frame import Frame
from uniad_desktop.cameras.source import SourceCounters


class Losses:
    """Watches frames and counters of a source whose every frame is a part. One thread.

    A frame tells what was lost right before it. A damaged frame that nothing follows is found by
    the counters, once everything that arrived was taken.
    """

    def __init__(self) -> None:
        self._begin = SourceCounters()
        self._last_id: int | None = None
        self._skips = False
        self._taken = self._seen = self._told = 0

    def begin(self, counters: SourceCounters, *, skips: bool = False) -> None:
        """Acquisition is about to start.

        Args:
            counters: of the source.
            skips: whether the source goes on with its next picture where one is damaged or was
                not kept, as folders and recordings do; then nothing is ever lost.
        """
        self._begin, self._skips = counters, skips
        self._last_id = None
        self._taken = self._seen = self._told = 0

    def _total(self, counters: SourceCounters) -> int:
        if self._skips:
            return 0
        begin = self._begin
        return counters.incomplete + counters.missed - begin.incomplete - begin.missed

    def before(self, frame: Frame) -> int:
        """Frames lost right before this one, which is taken; those told already are left out."""
        self._taken += 1
        if not self._skips:
            self._seen += max(frame.lost_before, gap(self._last_id, frame.id))
        self._last_id = frame.id
        return self._tell(self._seen)

    def at_rest(self, read: Callable[[], SourceCounters]) -> int:
        """Frames lost after the last one taken, when no other waits to be taken; else 0."""
        lost = self._total(read())
        # Read again: whatever arrived before the last of the lost ones is counted by now.
        return self._tell(lost) if self.all_taken(read()) else 0

    def all_taken(self, counters: SourceCounters) -> bool:
        """Whether every frame that arrived was taken."""
        return self._taken >= counters.acquired - self._begin.acquired

    def left_behind(self, counters: SourceCounters) -> int:
        """Frames that arrived and were not taken, and lost ones, when acquisition has ended."""
        waiting = counters.acquired - self._begin.acquired - self._taken
        self._taken += max(0, waiting)
        return max(0, waiting) + self._tell(self._total(counters))

    def _tell(self, lost: int) -> int:
        new = max(0, lost - self._told)
        self._told += new
        return new
