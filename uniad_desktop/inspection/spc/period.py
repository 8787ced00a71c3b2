"""Charts over any stored period, from plain arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.inspection.spc.baseline import (
    FIRST_PARTS,
    Baseline,
    BaselineSource,
    Quantity,
    baseline_of,
)
from uniad_desktop.inspection.spc.series import ChartSeries, chart_series

_Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class PeriodParts:
    """The parts of one product under one model, oldest first; NaN where a figure is not known.

    Attributes:
        number: (n,) numbers or ids, rising.
        at: (n,) seconds since the epoch (UTC).
        accepted: (n,) bool, whether the part passed.
        raw: (n,) raw scores.
        reject: raw reject limit, shown as 50.
        brightness, sharpness, saturated: (n,) as in `ImageQuality`.
    """

    number: NDArray[np.int64]
    at: _Floats
    accepted: NDArray[np.bool_]
    raw: _Floats
    reject: float
    brightness: _Floats
    sharpness: _Floats
    saturated: _Floats

    def values(self, quantity: Quantity) -> _Floats:
        """(n,) of a quantity."""
        return {
            Quantity.SCORE: self.raw,
            Quantity.BRIGHTNESS: self.brightness,
            Quantity.SHARPNESS: self.sharpness,
        }[quantity]


@dataclass(frozen=True, slots=True, eq=False)
class PeriodChart:
    """A quantity over the period.

    Attributes:
        number: (m,) parts that count for it.
        at: (m,) their times.
        value: (m,) in units of the quantity.
        chart: None where there are too few parts for a baseline.
    """

    number: NDArray[np.int64]
    at: _Floats
    value: _Floats
    chart: ChartSeries | None


def chart_period(
    parts: PeriodParts, known: Mapping[Quantity, Baseline] | None = None
) -> dict[Quantity, PeriodChart]:
    """Charts every quantity, as the station does live.

    Args:
        parts: of one product and model.
        known: baselines; what is missing comes from the first 50 accepted parts, which are not
            charted themselves then (the chart begins after them).
    """
    charts = {}
    for quantity in Quantity:
        value = parts.values(quantity)
        counts = np.isfinite(value)
        if quantity is Quantity.SCORE:
            counts &= parts.accepted
        baseline = (known or {}).get(quantity)
        if baseline is None:
            accepted = np.flatnonzero(np.isfinite(value) & parts.accepted)[:FIRST_PARTS]
            baseline = baseline_of(value[accepted], quantity, BaselineSource.FIRST_PARTS)
            if baseline is not None and accepted.size:
                counts[: accepted[-1] + 1] = False
        number, at, value = parts.number[counts], parts.at[counts], value[counts]
        chart = None if baseline is None else chart_series(value, baseline, number, at)
        charts[quantity] = PeriodChart(number, at, value, chart)
    return charts
