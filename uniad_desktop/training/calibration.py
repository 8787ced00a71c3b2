"""The reject limit from normal parts only: split conformal prediction."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from uniad_desktop.engine.manifest import Calibration

# The median absolute deviation of a normal distribution is 1 / 1.4826 of its deviation.
_MAD_TO_DEVIATION = 1.4826


class CalibrationError(ValueError):
    """No limit can be set; the message is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class ConformalLimit:
    """A limit and what it rests on.

    Attributes:
        limit: raw score; a fresh normal part exceeds it with at most the wished probability
            where `enough` is true.
        parts: number of held-out normal parts, n.
        needed: the least number of parts for the wished rate.
        false_reject_rate: the wished rate, alpha.
    """

    limit: float
    parts: int
    needed: int
    false_reject_rate: float

    @property
    def enough(self) -> bool:
        """Whether there are parts enough for the promise to hold."""
        return self.parts >= self.needed

    @property
    def note(self) -> str:
        """A sentence where there are too few parts, else empty."""
        if self.enough:
            return ""
        parts = "1 normal part is" if self.parts == 1 else f"{self.parts} normal parts are"
        return (
            f"{parts} too few for a false-reject rate of "
            f"{self.false_reject_rate:.2%}; {self.needed - self.parts} more are needed. The limit "
            "is the largest score seen."
        )


def conformal_limit(scores: ArrayLike, false_reject_rate: float) -> ConformalLimit:
    """The ceil((n + 1)(1 - alpha))-th smallest held-out score (split conformal prediction).

    If the parts of the line are exchangeable with these, one of them exceeds the limit with
    probability at most alpha, whatever the distribution. With fewer than 1/alpha - 1 parts no
    score is high enough; the largest is taken, and `ConformalLimit.enough` is false.

    Args:
        scores: (n,) raw image scores of normal parts that the model was not trained on.
        false_reject_rate: alpha, between 0 and 1.

    Raises:
        CalibrationError: there is no score, one is not finite, or the rate makes no sense.
    """
    values = np.sort(np.asarray(scores, dtype=np.float64).ravel())
    if values.size == 0:
        raise CalibrationError("A limit needs normal parts; there is none. Collect some first.")
    if not np.isfinite(values).all():
        raise CalibrationError("A score of a normal part is not a number; check the model.")
    if not 0.0 < false_reject_rate < 1.0:
        raise CalibrationError(
            f"The false-reject rate must lie between 0 and 1, not {false_reject_rate}."
        )
    parts = int(values.size)
    # Rounded first: (n + 1)(1 - alpha) may miss a whole number by the last bit.
    rank = math.ceil(round((parts + 1) * (1.0 - false_reject_rate), 9))
    needed = math.ceil(round(1.0 / false_reject_rate, 9)) - 1
    return ConformalLimit(float(values[min(rank, parts) - 1]), parts, needed, false_reject_rate)


def describe(scores: ArrayLike, limit: ConformalLimit) -> Calibration:
    """What the package keeps of a calibration: limit's basis and the spread of the scores."""
    values = np.asarray(scores, dtype=np.float64).ravel()
    median = float(np.median(values))
    return Calibration(
        parts=limit.parts,
        false_reject_rate=limit.false_reject_rate,
        median=median,
        deviation=float(np.median(np.abs(values - median)) * _MAD_TO_DEVIATION),
        largest=float(values.max()),
        note=limit.note,
    )
