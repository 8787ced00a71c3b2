"""The control chart over a stored series at once; the same numbers as part by part."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import ArrayLike, NDArray

from uniad_desktop.inspection.spc.baseline import Baseline
from uniad_desktop.inspection.spc.chart import (
    CLIP,
    RUN,
    SURE,
    WEIGHT,
    WIDTH,
    DriftState,
    Rule,
)

_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class ChartSeries:
    """A chart over n parts.

    Attributes:
        z: (n,) parts in sigmas from the centre.
        ewma: (n,) moving average, likewise.
        limit: (n,) of the average, to both sides.
        beyond, ewma_beyond, one_side: (n,) bool as in `ChartPoint`.
        drifts: every alarm, oldest first; the last one may still go on.
        baseline: what they are compared with.
    """

    z: _Floats
    ewma: _Floats
    limit: _Floats
    beyond: NDArray[np.bool_]
    ewma_beyond: NDArray[np.bool_]
    one_side: NDArray[np.bool_]
    drifts: tuple[DriftState, ...]
    baseline: Baseline

    @property
    def ninth(self) -> NDArray[np.bool_]:
        """(n,) bool: the ninth of each run, at which the rule is broken."""
        return self.one_side & ~np.concatenate(([False], self.one_side[:-1]))[: self.z.size]


def chart_series(
    values: ArrayLike, baseline: Baseline, numbers: ArrayLike, times: ArrayLike
) -> ChartSeries:
    """Charts a series.

    Args:
        values: (n,) finite values of the quantity, in the order of time.
        baseline: what they are compared with.
        numbers: (n,) numbers of the parts.
        times: (n,) seconds since the epoch (UTC).

    Raises:
        ValueError: the lengths differ, or a value is not finite.
    """
    quantity = np.asarray(values, dtype=np.float64).ravel()
    if not np.isfinite(quantity).all():
        raise ValueError("a value of the series is not a number")
    shown, when = np.asarray(numbers).ravel(), np.asarray(times, dtype=np.float64).ravel()
    if not shown.size == when.size == quantity.size:
        raise ValueError("values, numbers and times have different lengths")
    z = baseline.z_of(quantity)
    held = np.clip(z, -CLIP, CLIP)
    ewma = _moving_average(held)
    share = WEIGHT / (2.0 - WEIGHT)
    steps = np.arange(1, z.size + 1)
    limit = WIDTH * np.sqrt(share * (1.0 - (1.0 - WEIGHT) ** (2 * steps)))
    beyond, ewma_beyond = np.abs(z) > WIDTH, np.abs(ewma) > limit
    one_side = _runs(np.sign(z)) >= RUN
    side = np.sign(ewma)
    same = np.sign(z) == side
    broken = np.where(ewma_beyond | (beyond & same), 1, np.where(one_side & same, 2, 0))
    drifts = []
    edges = np.flatnonzero(np.diff(side)) + 1
    for start, end in zip((0, *edges), (*edges, z.size), strict=True):
        found = broken[start:end]
        first = int(np.argmax(found > 0)) if found.size else 0
        if not found.size or not found[first]:
            continue
        over = end < z.size
        drifts.append(
            DriftState(
                Rule.BEYOND if found[first] == 1 else Rule.ONE_SIDE,
                int(shown[start]),
                float(when[start]),
                int(end - start),
                float(held[start:end].mean()),
                int(shown[end - 1]) if over else None,
                float(when[end - 1]) if over else None,
                sure_at(held[start:end], found, baseline) is not None,
                baseline,
            )
        )
    return ChartSeries(z, ewma, limit, beyond, ewma_beyond, one_side, tuple(drifts), baseline)


def sure_at(held: _Floats, broken: NDArray[np.int64], baseline: Baseline) -> int | None:
    """Place of the part at which an alarm is settled, from 0; None: never.

    Args:
        held: (n,) its parts in sigmas, clipped.
        broken: (n,) above 0 where a rule is broken.
        baseline: from how many parts the centre is known.
    """
    parts = np.arange(1, held.size + 1)
    least = SURE * np.sqrt(1.0 / parts + 1.0 / baseline.parts)
    sure = (parts >= RUN) & (np.abs(np.cumsum(held)) / parts >= least)
    sure &= np.maximum.accumulate(broken > 0)
    return int(np.argmax(sure)) if sure.any() else None


def _moving_average(values: _Floats) -> _Floats:
    """From the centre, 0, on."""
    steps = accumulate(values.tolist(), lambda mean, one: mean + WEIGHT * (one - mean), initial=0.0)
    return np.fromiter(steps, dtype=np.float64, count=values.size + 1)[1:]


def _runs(sides: _Floats) -> NDArray[np.int64]:
    """(n,) how many in a row are on the same side up to each; 0 at the centre."""
    at = np.arange(sides.size)
    begins = np.concatenate(([True], np.diff(sides) != 0)) if sides.size else np.zeros(0, bool)
    start = np.maximum.accumulate(np.where(begins, at, 0)) if sides.size else at
    return np.where(sides == 0, 0, at - start + 1)
