"""Scores over time for the charts of a report."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records.database import Records
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.records.query import count
from uniad_desktop.records.statistics import SeriesPoint, cameras_among, series

MOST_CHARTS: Final = 6
MOST_POINTS: Final = 3000
WEIGHT: Final = 0.2
_LEAST: Final = 0.1  # of a score; its logarithm must be there


@dataclass(frozen=True, slots=True)
class ScoreSeries:
    """Scores of a product.

    Attributes:
        product: key.
        points: in the order of time; the newest 3000.
        average: EWMA (weight 0.2) of the logarithm of the scores of accepted parts, on the scale
            of the score: a value per accepted part, None at the other points.
        left_out: older parts that are not among the points.
        cameras: serial numbers of the cameras whose parts the points are.
    """

    product: str
    points: tuple[SeriesPoint, ...]
    average: tuple[float | None, ...]
    left_out: int
    cameras: tuple[str, ...] = ()


def score_series(
    records: Records, wanted: RecordFilter, products: Sequence[str]
) -> tuple[tuple[ScoreSeries, ...], int]:
    """Charts of the first products, and how many products more there are. Raises RecordsError."""
    found = []
    for key in products[:MOST_CHARTS]:
        one = replace(wanted, products=(key,))
        points = tuple(series(records, one, most=MOST_POINTS))
        more = count(records, one) - len(points) if len(points) == MOST_POINTS else 0
        cameras = cameras_among(points)
        found.append(ScoreSeries(key, points, average_of(points), max(0, more), cameras))
    return tuple(found), max(0, len(products) - MOST_CHARTS)


def average_of(points: Sequence[SeriesPoint]) -> tuple[float | None, ...]:
    """EWMA of the accepted parts' scores, geometric, because scores are skewed."""
    values: list[float | None] = []
    state: float | None = None
    for point in points:
        if point.verdict is not Verdict.PASS or point.score is None:
            values.append(None)
            continue
        log = math.log(max(point.score, _LEAST))
        state = log if state is None else state + WEIGHT * (log - state)
        values.append(math.exp(state))
    return tuple(values)
