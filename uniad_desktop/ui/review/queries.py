"""What the page asks the database, off the Qt thread; answers to former filters are dropped."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from uniad_desktop.records.database import Records, RecordsError
from uniad_desktop.records.facets import Facets, facets
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.records.query import Shift, fetch, matching_ids, neighbour, shifts
from uniad_desktop.records.record import Record
from uniad_desktop.ui.background import Background
from uniad_desktop.ui.review.filter_state import Wish

MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Found:
    """What a filter leaves.

    Attributes:
        wanted: the filter.
        ids: in their order, at most `MOST`.
        shifts: of the database, newest first.
        at: seconds since the epoch (UTC) when it was asked.
    """

    wanted: RecordFilter
    ids: list[int]
    shifts: tuple[Shift, ...]
    at: float


def up_to(wanted: RecordFilter, at: float) -> RecordFilter:
    """A filter without what was decided after a moment."""
    until = at if wanted.until is None else min(wanted.until, at)
    return replace(wanted, until=until)


class Queries:
    """Two threads: ids for the grid first, counts beside them. No Qt.

    Args:
        found: told which inspections there are.
        counted: told how many of each choice.
        failed: told of a sentence for the user.
    """

    def __init__(
        self,
        found: Callable[[Records, Found], None],
        counted: Callable[[Facets], None],
        failed: Callable[[str], None],
    ) -> None:
        self._found, self._counted, self._failed = found, counted, failed
        self._ids, self._counts = Background("review-ids"), Background("review-counts")
        self._generation = 0
        self._counts_wanted: tuple[int, Records, RecordFilter] | None = None

    @property
    def busy(self) -> bool:
        """Whether something is being asked."""
        return self._ids.busy or self._counts.busy or self._counts_wanted is not None

    def ask(self, records: Records, wish: Wish) -> None:
        """Asks anew; whatever was asked before is not told any more."""
        self._generation += 1
        generation = self._generation

        def find() -> Found | None:
            if generation != self._generation:
                return None  # a newer filter waits behind this one
            known = tuple(shifts(records))
            running = known[0] if known and known[0].end is None else None
            wanted = wish.record_filter(time.time(), running)
            at = time.time()
            return Found(wanted, matching_ids(records, wanted, wish.order, most=MOST), known, at)

        def take(found: Found | None) -> None:
            if found is not None and generation == self._generation:
                self._found(records, found)
                self.count(records, found.wanted)

        self._ids.run(find, take, lambda why: self._tell(generation, why), (RecordsError,))

    def count(self, records: Records, wanted: RecordFilter) -> None:
        """Counts anew, for example because something was labelled."""
        self._counts_wanted = (self._generation, records, wanted)
        self._ask_counts()

    def _ask_counts(self) -> None:
        """One count at a time: of several that were wished for meanwhile the last is made."""
        if self._counts_wanted is None or self._counts.busy:
            return
        (generation, records, wanted), self._counts_wanted = self._counts_wanted, None
        self._counts.run(
            lambda: facets(records, wanted),
            lambda counted: self._counted(counted) if generation == self._generation else None,
            lambda why: self._tell(generation, why),
            (RecordsError,),
        )

    def neighbour(
        self,
        records: Records,
        record: Record,
        *,
        later: bool,
        then: Callable[[Record | None], None],
    ) -> None:
        """Looks for the next or the former part of the same product."""
        generation = self._generation
        self._ids.run(
            lambda: neighbour(records, record, later=later),
            lambda found: then(found) if generation == self._generation else None,
            lambda why: self._tell(generation, why),
            (RecordsError,),
        )

    def one(self, records: Records, record_id: int, then: Callable[[Record | None], None]) -> None:
        """Looks for an inspection by its id."""
        generation = self._generation

        def take(found: list[Record]) -> None:
            if generation == self._generation:
                then(found[0] if found else None)

        self._ids.run(
            lambda: fetch(records, [record_id]),
            take,
            lambda why: self._tell(generation, why),
            (RecordsError,),
        )

    def forget(self) -> None:
        """Another source: nothing is told of the former one."""
        self._generation += 1
        self._counts_wanted = None

    def _tell(self, generation: int, problem: str) -> None:
        if generation == self._generation:
            self._failed(problem)

    def beat(self) -> None:
        """Takes what was found; returns at once."""
        self._ids.beat()
        self._counts.beat()
        self._ask_counts()

    def close_down(self) -> None:
        """Ends the threads."""
        self._ids.close_down()
        self._counts.close_down()
