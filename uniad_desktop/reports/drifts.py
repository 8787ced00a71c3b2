"""Drift of scores, light and focus in the period of a report, by the station's own charts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import numpy as np

from uniad_desktop.engine.prediction import ModelIdentity
from uniad_desktop.inspection.spc.baseline import Baseline, Quantity
from uniad_desktop.inspection.spc.chart import DriftState
from uniad_desktop.inspection.spc.period import PeriodParts, chart_period
from uniad_desktop.inspection.types import Limits, Verdict
from uniad_desktop.records.database import Records
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.records.statistics import SeriesPoint, series
from uniad_desktop.reports.facts import InForce

MOST_PARTS: Final = 5000
MOST_CHARTED: Final = 12
MOST_DRIFTS: Final = 20

Known: TypeAlias = Callable[[str, ModelIdentity], Mapping[Quantity, Baseline]]
"""Baselines of a product under a model; what is missing comes from the first parts."""


@dataclass(frozen=True, slots=True)
class Drift:
    """A settled alarm. Its numbers are ids of records.

    Attributes:
        product: key.
        model: that decided.
        quantity: what drifted.
        state: since when, how far, until when.
    """

    product: str
    model: ModelIdentity
    quantity: Quantity
    state: DriftState


def nothing_known(product: str, model: ModelIdentity) -> Mapping[Quantity, Baseline]:
    """Where no calibration can be asked."""
    return {}


def drifts_of(
    records: Records,
    wanted: RecordFilter,
    in_force: Sequence[InForce],
    known: Known = nothing_known,
) -> tuple[tuple[Drift, ...], int]:
    """Alarms of every product under every model, the longest ones first.

    Each is charted over its newest 5000 parts, of 12 products and models at most.

    Returns:
        The first 20, and how many more there are.

    Raises:
        RecordsError: the database cannot be read.
    """
    parts: dict[tuple[str, ModelIdentity], int] = {}
    limits: dict[tuple[str, ModelIdentity], Limits] = {}
    for one in in_force:
        key = (one.product, one.model)
        parts[key] = parts.get(key, 0) + one.parts
        limits[key] = one.limits
    found = []
    for product, model in sorted(parts, key=lambda key: -parts[key])[:MOST_CHARTED]:
        chosen = replace(wanted, products=(product,), models=(model,))
        points = series(records, chosen, most=MOST_PARTS)
        charts = chart_period(_parts(points, limits[product, model].reject), known(product, model))
        for quantity, period in charts.items():
            states = () if period.chart is None else period.chart.drifts
            found += [Drift(product, model, quantity, one) for one in states if one.settled]
    found.sort(key=lambda one: -one.state.parts)
    return tuple(found[:MOST_DRIFTS]), max(0, len(found) - MOST_DRIFTS)


def _parts(points: Sequence[SeriesPoint], reject: float) -> PeriodParts:
    def column(values: list[float | None]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return np.array([np.nan if one is None else one for one in values], dtype=np.float64)

    return PeriodParts(
        number=np.array([one.id for one in points], dtype=np.int64),
        at=column([one.at for one in points]),
        accepted=np.array([one.verdict is Verdict.PASS for one in points], dtype=np.bool_),
        raw=column([one.raw_score for one in points]),
        reject=reject,
        brightness=column([one.brightness for one in points]),
        sharpness=column([one.sharpness for one in points]),
        saturated=column([one.saturated for one in points]),
    )
