"""Figures over a period: counters and yield, where regions lie, score series, cycle times."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeAlias

from sqlalchemy import Label, Row, SQLColumnExpression, case, func, select

from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records.cameras import NO_CAMERA, cameras_of_setups
from uniad_desktop.records.database import Records
from uniad_desktop.records.filters import RecordFilter, conditions
from uniad_desktop.records.schema import (
    BRIGHTNESS,
    NO_SCORE,
    SATURATED,
    SHARPNESS,
    VERDICTS,
    InspectionRow,
    ProductRow,
    RegionRow,
    SetupRow,
)

_Sql: TypeAlias = SQLColumnExpression[Any]

PARTS_OF_FRAME: Final = 3
"""Positions are told on a grid of 3 x 3 parts of the frame."""

LINE_RATIO: Final = 3
SMALL_SHARE: Final = 0.001
LARGE_SHARE: Final = 0.01
PAUSE_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Counts:
    """How many of each verdict."""

    passed: int = 0
    review: int = 0
    failed: int = 0
    error: int = 0

    @property
    def total(self) -> int:
        """All decisions."""
        return self.passed + self.review + self.failed + self.error

    @property
    def yield_share(self) -> float | None:
        """Passed parts as a share of all decisions, errors included; None without any."""
        return self.passed / self.total if self.total else None


class RegionsBy(StrEnum):
    """What regions are told apart by."""

    POSITION = "position"  # top-left, top, … of a grid of 3 x 3
    SIZE = "size"  # small, medium, large: share of the frame
    KIND = "kind"  # line, spot: shape of the box


@dataclass(frozen=True, slots=True)
class ParetoBar:
    """A bar of the Pareto chart.

    Attributes:
        name: for example ``top-left``, ``small``, ``line``.
        regions: how many regions.
        inspections: in how many inspections.
        cumulated: share of all regions up to this bar, 0 to 1.
    """

    name: str
    regions: int
    inspections: int
    cumulated: float


@dataclass(frozen=True, slots=True)
class SeriesPoint:
    """One dot of a chart over time.

    Attributes:
        id: of the inspection.
        at: seconds since the epoch, UTC.
        verdict: of the inspection.
        score, raw_score: None where there is none.
        brightness, saturated, sharpness: as in `Record`.
        camera: serial number of the camera that took it; empty for files.
    """

    id: int
    at: float
    verdict: Verdict
    score: float | None
    raw_score: float | None
    brightness: float | None
    saturated: float | None
    sharpness: float | None
    camera: str = ""


@dataclass(frozen=True, slots=True)
class CycleTimes:
    """Seconds between two decisions; pauses of more than a minute are left out and counted."""

    shortest: float
    mean: float
    longest: float
    pauses: int


def counts(records: Records, wanted: RecordFilter) -> Counts:
    """Decisions by verdict. Raises RecordsError."""
    return _counts(records, wanted, None).get("", Counts())


def counts_by_product(records: Records, wanted: RecordFilter) -> dict[str, Counts]:
    """Decisions by product and verdict. Raises RecordsError."""
    with records.reading() as connection:
        query = select(ProductRow.id, ProductRow.key)
        keys = {number: key for number, key in connection.execute(query)}
    by_id = _counts(records, wanted, InspectionRow.product_id)
    return {keys[number]: found for number, found in by_id.items()}


def counts_over_time(
    records: Records, wanted: RecordFilter, every_s: float
) -> list[tuple[float, Counts]]:
    """Decisions by verdict in equal stretches of time.

    Returns:
        Begin of each stretch that has any (seconds since the epoch, UTC), oldest first.

    Raises:
        RecordsError: the database cannot be read.
    """
    step = max(1, round(every_s * 1e6))
    begin = InspectionRow.at_us - InspectionRow.at_us % step
    return [(at / 1e6, found) for at, found in sorted(_counts(records, wanted, begin).items())]


def pareto(records: Records, wanted: RecordFilter, by: RegionsBy) -> list[ParetoBar]:
    """Regions by position, size or kind, most frequent first. Raises RecordsError."""
    with records.reading() as connection:
        chosen = conditions(connection, wanted)
        names: dict[RegionsBy, Callable[[], _Sql]] = {
            RegionsBy.POSITION: _position,
            RegionsBy.SIZE: _size,
            RegionsBy.KIND: _kind,
        }
        name: Label[str] = names[by]().label("name")
        query = (
            select(name, func.count(), func.count(RegionRow.inspection_id.distinct()))
            .join(InspectionRow, InspectionRow.id == RegionRow.inspection_id)
            .join(SetupRow, SetupRow.id == InspectionRow.setup_id)
            .where(chosen.all)
            .group_by(name)
            .order_by(func.count().desc(), name)
        )
        found = connection.execute(query).all()
    total = sum(row[1] for row in found)
    bars, so_far = [], 0
    for row in found:
        so_far += row[1]
        bars.append(ParetoBar(row[0], row[1], row[2], so_far / total))
    return bars


def series(records: Records, wanted: RecordFilter, *, most: int = 5000) -> list[SeriesPoint]:
    """Scores and image figures in the order of time, the newest `most`. Raises RecordsError."""
    row = InspectionRow
    with records.reading() as connection:
        chosen = conditions(connection, wanted)
        query = (
            select(
                *(row.id, row.at_us, row.verdict, row.score, row.raw_score),
                *(row.brightness, row.saturated, row.sharpness, row.setup_id),
            )
            .where(chosen.all)
            .order_by(row.at_us.desc(), row.id.desc())
            .limit(most)
        )
        found = connection.execute(query).all()
        # Not joined: the order of time, newest first, must stay that of the index.
        cameras = cameras_of_setups(connection)
    return [_point(one, cameras[one.setup_id]) for one in reversed(found)]


def cameras_among(points: Iterable[SeriesPoint]) -> tuple[str, ...]:
    """Serial numbers of the cameras whose parts these are, sorted; files count as none."""
    return tuple(sorted({one.camera for one in points} - {NO_CAMERA}))


def cycle_times(records: Records, wanted: RecordFilter) -> CycleTimes | None:
    """Seconds between decisions; None before the second. Raises RecordsError."""
    with records.reading() as connection:
        chosen = conditions(connection, wanted)
        order = (InspectionRow.at_us, InspectionRow.id)
        gap = InspectionRow.at_us - func.lag(InspectionRow.at_us).over(order_by=order)
        gaps = select(gap.label("gap")).where(chosen.all).subquery()
        is_pause = gaps.c.gap > round(PAUSE_S * 1e6)
        shown = case((is_pause, None), else_=gaps.c.gap)
        row = connection.execute(
            select(
                func.min(shown),
                func.avg(shown),
                func.max(shown),
                func.sum(case((is_pause, 1), else_=0)),
            )
        ).one()
    if row[1] is None:
        return None
    return CycleTimes(row[0] / 1e6, float(row[1]) / 1e6, row[2] / 1e6, int(row[3]))


def _counts(records: Records, wanted: RecordFilter, by: _Sql | None) -> dict[Any, Counts]:
    # Without another wish by product, which is how the index is ordered: nothing is sorted.
    group = [InspectionRow.product_id if by is None else by]
    with records.reading() as connection:
        chosen = conditions(connection, wanted)
        query = (
            select(*group, InspectionRow.verdict, func.count())
            .where(chosen.all)
            .group_by(*group, InspectionRow.verdict)
        )
        rows = connection.execute(query).all()
    found: dict[Any, dict[Verdict, int]] = {}
    for row in rows:
        key = "" if by is None else row[0]
        verdict = VERDICTS[row[-2]]
        of_key = found.setdefault(key, {})
        of_key[verdict] = of_key.get(verdict, 0) + row[-1]
    return {key: _as_counts(values) for key, values in found.items()}


def _as_counts(values: dict[Verdict, int]) -> Counts:
    return Counts(
        values.get(Verdict.PASS, 0),
        values.get(Verdict.REVIEW, 0),
        values.get(Verdict.FAIL, 0),
        values.get(Verdict.ERROR, 0),
    )


def _point(row: Row[*tuple[Any, ...]], camera: str) -> SeriesPoint:
    measured = row.brightness is not None
    return SeriesPoint(
        row.id,
        row.at_us / 1e6,
        VERDICTS[row.verdict],
        None if row.score == NO_SCORE else row.score,
        row.raw_score,
        row.brightness / BRIGHTNESS if measured else None,
        row.saturated / SATURATED if measured else None,
        row.sharpness / SHARPNESS if measured else None,
        camera,
    )


def _position() -> _Sql:
    across = _third(RegionRow.x, RegionRow.width, SetupRow.width)
    down = _third(RegionRow.y, RegionRow.height, SetupRow.height)
    names: Sequence[str] = (
        *("top-left", "top", "top-right"),
        *("left", "middle", "right"),
        *("bottom-left", "bottom", "bottom-right"),
    )
    return _named(down * PARTS_OF_FRAME + across, names)


def _third(start: _Sql, length: _Sql, whole: _Sql) -> _Sql:
    """Which third of the frame the middle of a box lies in: 0, 1 or 2."""
    middle = 2 * start + length
    return case((3 * middle < 2 * whole, 0), (3 * middle < 4 * whole, 1), else_=2)


def _size() -> _Sql:
    share = RegionRow.area * 1.0 / func.nullif(SetupRow.width * SetupRow.height * 1.0, 0.0)
    return case((share < SMALL_SHARE, "small"), (share < LARGE_SHARE, "medium"), else_="large")


def _kind() -> _Sql:
    long = (RegionRow.width > LINE_RATIO * RegionRow.height) | (
        RegionRow.height > LINE_RATIO * RegionRow.width
    )
    return case((long, "line"), else_="spot")


def _named(number: _Sql, names: Sequence[str]) -> _Sql:
    return case(*((number == n, name) for n, name in enumerate(names)), else_="")
