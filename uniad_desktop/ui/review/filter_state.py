"""What the left column asks for, and what that means for the database. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from uniad_desktop.engine.prediction import ModelIdentity
from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.records.query import Order, Shift
from uniad_desktop.records.schema import Label


class Period(StrEnum):
    """Stretches of time that are offered; a shift of the list is chosen by its id."""

    THIS_SHIFT = "this shift"
    TODAY = "today"
    YESTERDAY = "yesterday"
    WEEK = "week"
    ALL = "all"
    SHIFT = "shift"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be shown; an empty field asks for everything.

    Attributes:
        verdicts, labels: any of these.
        disagrees: only those whose label says otherwise than the verdict.
        with_image: only those whose image is there.
        product, model: only this one.
        cameras: serial numbers, any of these; the screen chooses one, a command line may name more.
        simulated: only simulated ones, or only others.
        period: when.
        shift: with ``Period.SHIFT``.
        since, until: with ``Period.ALL``: a time that was named elsewhere.
        least, most: range of scores.
        text: what must occur in it.
        order: what comes first.
    """

    verdicts: frozenset[Verdict] = frozenset()
    labels: frozenset[Label] = frozenset()
    disagrees: bool = False
    with_image: bool = False
    product: str = ""
    model: ModelIdentity | None = None
    cameras: tuple[str, ...] = ()
    simulated: bool | None = None
    period: Period = Period.ALL
    shift: Shift | None = None
    since: float | None = None
    until: float | None = None
    least: float = 0.0
    most: float = 100.0
    text: str = ""
    order: Order = Order.NEWEST

    @classmethod
    def of(cls, wanted: RecordFilter) -> Wish:
        """The wish that asks for the same, as far as the screen has a choice for it."""
        return cls(
            verdicts=frozenset(wanted.verdicts),
            labels=frozenset(wanted.labels),
            disagrees=wanted.disagrees,
            with_image=wanted.with_image,
            product=wanted.products[0] if wanted.products else "",
            cameras=wanted.cameras,
            simulated=wanted.simulated,
            since=wanted.since,
            until=wanted.until,
            least=wanted.least_score or 0.0,
            most=100.0 if wanted.most_score is None else wanted.most_score,
            text=wanted.text,
        )

    def record_filter(self, now: float, newest_shift: Shift | None) -> RecordFilter:
        """As the database is asked.

        Args:
            now: seconds since the epoch; days are those of the local time.
            newest_shift: the one that runs; without one "this shift" is today.
        """
        since, until, shift = self._time(now, newest_shift)
        bounded = (self.least, self.most) != (0.0, 100.0)
        return RecordFilter(
            since=since,
            until=until,
            shift=shift,
            products=(self.product,) if self.product else (),
            verdicts=tuple(one for one in Verdict if one in self.verdicts),
            labels=tuple(sorted(self.labels)),
            models=(self.model,) if self.model is not None else (),
            cameras=self.cameras,
            least_score=self.least if bounded else None,
            most_score=self.most if bounded else None,
            simulated=self.simulated,
            disagrees=self.disagrees,
            with_image=self.with_image,
            text=self.text,
        )

    def _time(
        self, now: float, newest_shift: Shift | None
    ) -> tuple[float | None, float | None, int | None]:
        """Begin and end, or a shift."""
        if self.period is Period.ALL:
            return self.since, self.until, None
        chosen = self.shift if self.period is Period.SHIFT else None
        if self.period is Period.THIS_SHIFT:
            chosen = newest_shift
        if chosen is not None:
            return None, None, chosen.id
        midnight = datetime.fromtimestamp(now).replace(hour=0, minute=0, second=0, microsecond=0)
        if self.period is Period.YESTERDAY:
            # A day before midnight by the calendar: clocks change twice a year.
            return (midnight - timedelta(days=1)).timestamp(), midnight.timestamp(), None
        days = 6 if self.period is Period.WEEK else 0
        return (midnight - timedelta(days=days)).timestamp(), None, None
