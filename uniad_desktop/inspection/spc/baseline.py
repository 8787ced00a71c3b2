"""What a process is compared with: centre and spread of its logarithm."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from uniad_desktop.engine.manifest import Calibration

LEAST_PARTS: Final = 20
"""Parts below which nothing is compared with them."""

FIRST_PARTS: Final = 50
"""Accepted parts that become the baseline where nothing else is known."""

_MEDIAN_RANGE: Final = 0.9539
"""Median of |a - b| of two draws of a normal distribution with deviation 1."""

_TRIMMED: Final = 0.1
_SMALLEST: Final = 1e-6


class Quantity(StrEnum):
    """What is watched."""

    SCORE = "score"  # raw distance
    BRIGHTNESS = "brightness"  # grey levels
    SHARPNESS = "sharpness"


_FLOORS: Final = {Quantity.SCORE: 0.01, Quantity.BRIGHTNESS: 0.01, Quantity.SHARPNESS: 0.02}
"""Least relative spread: smaller differences, which a constant scene shows, mean nothing."""


class BaselineSource(StrEnum):
    """Where a baseline comes from."""

    CALIBRATION_SCORES = "calibration scores"
    CALIBRATION_SUMMARY = "calibration summary"
    TEACHING_PARTS = "teaching parts"
    FIRST_PARTS = "first accepted parts"


@dataclass(frozen=True, slots=True)
class Baseline:
    """Centre and spread of the natural logarithm of a quantity; scores and figures are skewed.

    Attributes:
        centre: mean logarithm (of the middle 80 % of the parts), mu.
        sigma: deviation of the logarithm: about the relative deviation of the quantity.
        parts: how many parts it rests on.
        source: where they come from.
    """

    centre: float
    sigma: float
    parts: int
    source: BaselineSource

    def z(self, value: float) -> float:
        """Distance from the centre in sigmas; what is not above 0 is very far below."""
        return (math.log(max(value, _SMALLEST)) - self.centre) / self.sigma

    def value(self, z: float) -> float:
        """The quantity at a distance of `z` sigmas."""
        return math.exp(self.centre + z * self.sigma)

    def z_of(self, values: ArrayLike) -> NDArray[np.float64]:
        """`z` of an array of any shape."""
        return (logarithm(values) - self.centre) / self.sigma

    def value_of(self, z: ArrayLike) -> NDArray[np.float64]:
        """`value` of an array of any shape."""
        return np.exp(self.centre + np.asarray(z, dtype=np.float64) * self.sigma)


def logarithm(values: ArrayLike) -> NDArray[np.float64]:
    """Natural logarithm; what is not above 0 counts as a very small number."""
    return np.log(np.maximum(np.asarray(values, dtype=np.float64), _SMALLEST))


def baseline_of(values: ArrayLike, quantity: Quantity, source: BaselineSource) -> Baseline | None:
    """Baseline from single parts.

    The spread comes from the median moving range: slow changes among the parts and a few odd ones
    do not widen it.

    Args:
        values: (n,) in the order in which the parts were made; what is not finite is left out.
        quantity: which.
        source: where they come from.

    Returns:
        None where there are fewer than `LEAST_PARTS`.
    """
    there = np.asarray(values, dtype=np.float64).ravel()
    there = there[np.isfinite(there)]
    if there.size < LEAST_PARTS:
        return None
    logs = logarithm(there)
    spread = float(np.median(np.abs(np.diff(logs)))) / _MEDIAN_RANGE
    ordered = np.sort(logs)
    cut = int(_TRIMMED * logs.size)
    centre = float(ordered[cut : logs.size - cut].mean())
    return Baseline(centre, max(spread, _FLOORS[quantity]), int(there.size), source)


def baseline_of_calibration(calibration: Calibration | None) -> Baseline | None:
    """Baseline of the score from what a model package keeps of a product's calibration.

    The package keeps median and robust deviation of the raw scores. The logarithm of the median is
    the median logarithm; the deviation of the logarithm is the relative deviation, to first order.

    Returns:
        None where the calibration says too little: none, too few parts, no spread.
    """
    if (
        calibration is None
        or calibration.parts < LEAST_PARTS
        or calibration.median <= 0.0
        or calibration.deviation <= 0.0
    ):
        return None
    return Baseline(
        math.log(calibration.median),
        max(calibration.deviation / calibration.median, _FLOORS[Quantity.SCORE]),
        calibration.parts,
        BaselineSource.CALIBRATION_SUMMARY,
    )
