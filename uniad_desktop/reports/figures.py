"""Everything that a report says, gathered from the records; measured and computed, no drawing."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import select

from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records.database import Records
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.records.query import Order, Shift, count, page
from uniad_desktop.records.record import Record
from uniad_desktop.records.schema import ShiftRow, StationRow
from uniad_desktop.records.statistics import (
    Counts,
    CycleTimes,
    ParetoBar,
    RegionsBy,
    counts_by_product,
    cycle_times,
    pareto,
)
from uniad_desktop.reports.changes import Change, changes_between
from uniad_desktop.reports.chosen import filter_words, pinned
from uniad_desktop.reports.drifts import Drift, Known, drifts_of, nothing_known
from uniad_desktop.reports.errors import ReportError
from uniad_desktop.reports.facts import Facts, InForce, facts_of
from uniad_desktop.reports.provenance import AuditHead, Tell, audit_head, tell_nobody
from uniad_desktop.reports.scores import ScoreSeries, score_series

PICTURES: Final = 24
"""Pictures of rejects in a report, unless something else is said."""

MOST_PICTURES: Final = 500
REJECTS: Final = (Verdict.FAIL, Verdict.ERROR, Verdict.REVIEW)
_STEPS: Final = 9


@dataclass(frozen=True, slots=True)
class ReportFigures:
    """What a report is drawn from.

    Attributes:
        made_at: seconds since the epoch, UTC.
        who: who makes it.
        database: where it is.
        audit: newest entry of the audit trail.
        wanted: the filter; its `until` is set.
        filter_words: the same in English.
        shift: the shift that is asked for, or None.
        counts: by product; the total is `total`.
        facts: what the parts have in common.
        in_force: models and limits, by product and time.
        changes: what was changed meanwhile, oldest first; `more_changes` are not shown.
        scores: score charts, the products with most parts first; `more_scores` are not shown.
        drifts: alarms of scores, light and focus; `more_drifts` are not shown. None where a
            series says nothing: a hand-picked selection, or one of some verdicts or labels.
        by_position, by_size, by_kind: regions.
        cycles: seconds between two decisions; None where that says nothing (a hand-picked
            selection) or there are none.
        pictures: inspections whose pictures are shown, highest score first.
        reject_count: how many there are.
        picked: whether the parts were chosen one by one; all of them get a picture then.
    """

    made_at: float
    who: str
    database: str
    audit: AuditHead
    wanted: RecordFilter
    filter_words: str
    shift: Shift | None
    counts: dict[str, Counts]
    facts: Facts
    in_force: tuple[InForce, ...]
    changes: tuple[Change, ...]
    more_changes: int
    scores: tuple[ScoreSeries, ...]
    more_scores: int
    drifts: tuple[Drift, ...] | None
    more_drifts: int
    by_position: tuple[ParetoBar, ...]
    by_size: tuple[ParetoBar, ...]
    by_kind: tuple[ParetoBar, ...]
    cycles: CycleTimes | None
    pictures: tuple[Record, ...]
    reject_count: int
    picked: bool

    @property
    def total(self) -> Counts:
        """All products together."""
        found = self.counts.values()
        return Counts(
            sum(one.passed for one in found),
            sum(one.review for one in found),
            sum(one.failed for one in found),
            sum(one.error for one in found),
        )

    @property
    def begin(self) -> float | None:
        """Begin of the period: asked for, else the first part."""
        asked = self.shift.start if self.shift else self.wanted.since
        return self.facts.first if asked is None else asked

    @property
    def end(self) -> float | None:
        """Its end: asked for, else the last part or, of a running shift, now."""
        if self.shift:
            return self.made_at if self.shift.end is None else self.shift.end
        asked = self.wanted.until
        return self.facts.last if asked is None or asked >= self.made_at else asked


def gather(
    records: Records,
    wanted: RecordFilter,
    *,
    who: str,
    pictures: int = PICTURES,
    known: Known = nothing_known,
    tell: Tell = tell_nobody,
) -> ReportFigures:
    """Looks everything up that a report says. Of a million parts it takes some seconds.

    Args:
        records: the database.
        wanted: which inspections.
        who: who makes it.
        pictures: how many pictures of rejects at most.
        known: tells baselines for drift.
        tell: told of progress.

    Raises:
        RecordsError: the database cannot be read.
        ReportError: the shift is not on record.
    """
    made_at = time.time()
    shift = None if wanted.shift is None else find_shift(records, wanted.shift)
    asked, wanted = wanted, pinned(wanted)
    steps = iter(range(1, _STEPS + 1))

    def step() -> None:
        tell(next(steps), _STEPS)

    by_product = counts_by_product(records, wanted)
    step()
    facts, in_force = facts_of(records, wanted)
    step()
    largest = sorted(by_product, key=lambda key: (-by_product[key].total, key))
    scores, more_scores = score_series(records, wanted, largest)
    step()
    drifts, more_drifts = (
        drifts_of(records, wanted, in_force, known) if _is_a_series(wanted) else (None, 0)
    )
    step()
    bars = {}
    for kind in RegionsBy:
        bars[kind] = tuple(pareto(records, wanted, kind))
        step()
    cycles = None if wanted.ids is not None else cycle_times(records, wanted)
    step()
    rejects = _rejects(wanted)
    shown = page(records, rejects, Order.HIGHEST, size=pictures) if rejects and pictures else []
    found = ReportFigures(
        made_at=made_at,
        who=who,
        database=records.place,
        audit=audit_head(records),
        wanted=wanted,
        filter_words=filter_words(asked),
        shift=shift,
        counts=dict(sorted(by_product.items())),
        facts=facts,
        in_force=in_force,
        changes=(),
        more_changes=0,
        scores=scores,
        more_scores=more_scores,
        drifts=drifts,
        more_drifts=more_drifts,
        by_position=bars[RegionsBy.POSITION],
        by_size=bars[RegionsBy.SIZE],
        by_kind=bars[RegionsBy.KIND],
        cycles=cycles,
        pictures=tuple(shown),
        reject_count=count(records, rejects) if rejects else 0,
        picked=wanted.ids is not None,
    )
    stations = (shift.station,) if shift else facts.stations
    changes, more = changes_between(records, found.begin, found.end, stations)
    step()
    return replace(found, changes=changes, more_changes=more)


def find_shift(records: Records, number: int | None) -> Shift:
    """A shift by its id; None: the last one.

    Raises:
        RecordsError: the database cannot be read.
        ReportError: there is none.
    """
    query = select(ShiftRow, StationRow.name).join(StationRow, StationRow.id == ShiftRow.station_id)
    query = (
        query.order_by(ShiftRow.start_us.desc()).limit(1)
        if number is None
        else query.where(ShiftRow.id == number)
    )
    with records.reading() as connection:
        row = connection.execute(query).first()
    if row is None:
        which = "No shift is" if number is None else f"Shift {number} is not"
        raise ReportError(
            f"{which} on record in {records.place}; a shift begins when the counters are reset. "
            "Give --since and --until instead."
        )
    end = None if row.end_us is None else row.end_us / 1e6
    return Shift(row.id, row.name, row.start_us / 1e6, end, row.who)


def _is_a_series(wanted: RecordFilter) -> bool:
    """Whether the parts are all that came, one after the other."""
    picked = (
        *(wanted.verdicts, wanted.labels, wanted.text, wanted.with_image, wanted.disagrees),
        *(wanted.least_score is not None, wanted.most_score is not None, wanted.ids is not None),
    )
    return not any(picked)


def _rejects(wanted: RecordFilter) -> RecordFilter | None:
    """Which parts get a picture; of a hand-picked selection all. None: a filter has no rejects."""
    if wanted.ids is not None:
        return wanted
    verdicts = tuple(one for one in wanted.verdicts or REJECTS if one in REJECTS)
    return replace(wanted, verdicts=verdicts) if verdicts else None
