"""A control chart part by part: individuals, their moving average, two rules, drift since when.

Individuals and exponentially weighted moving average (Roberts 1959) of the logarithm, in sigmas of
a baseline. An alarm lasts as long as the average stays on one side of the centre: it began when the
average left the centre, which is the usual estimate of the change point (Nishina 1992), and is over
when it is back there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from uniad_desktop.inspection.spc.baseline import Baseline

WEIGHT: Final = 0.2
WIDTH: Final = 3.0
"""Sigmas of a single part, and of the average, beyond which a point is out of control."""

RUN: Final = 9
"""Parts in a row on one side of the centre that are no chance any more."""

CLIP: Final = 6.0
"""Farther ones count as so many sigmas in the average: one black frame is no drift."""

SURE: Final = 5.0
"""Standard errors by which an alarm's mean must differ from the centre before it is told."""


class Rule(StrEnum):
    """What raised an alarm."""

    BEYOND = "beyond"  # a part or the average beyond 3 sigma
    ONE_SIDE = "one side"  # nine parts in a row on one side


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """One part on the chart, all in sigmas of a single part.

    Attributes:
        z: the part.
        ewma: the moving average after it.
        limit: of the average, to both sides.
        beyond: whether the part is beyond three sigmas.
        ewma_beyond: whether the average is beyond its limit.
        one_side: whether it is at least the ninth in a row on its side.
        ninth: whether it is just the ninth, at which the rule is broken.
    """

    z: float
    ewma: float
    limit: float
    beyond: bool
    ewma_beyond: bool
    one_side: bool
    ninth: bool


@dataclass(frozen=True, slots=True)
class DriftState:
    """An alarm. It is no verdict: parts go on passing.

    Attributes:
        rule: what raised it.
        since_number, since_at: first part of it; its time in seconds since the epoch (UTC).
        parts: how many parts it holds.
        shift: their mean distance from the centre, in sigmas; each counts 6 at most.
        until_number, until_at: its last part, once it is over; else None.
        settled: whether it is worth telling: it was at least nine parts long once, with a mean
            further from the centre than parts and baseline together leave in doubt (`is_sure`).
            The two rules alone raise an alarm about every 200 parts of a process in control.
        baseline: what they are compared with.
    """

    rule: Rule
    since_number: int
    since_at: float
    parts: int
    shift: float
    until_number: int | None
    until_at: float | None
    settled: bool
    baseline: Baseline

    @property
    def over(self) -> bool:
        """Whether the average came back."""
        return self.until_number is not None


def is_sure(mean: float, parts: int, baseline: Baseline) -> bool:
    """Whether the mean of an alarm's parts, in sigmas, is beyond doubt; the baseline's own counts.

    Args:
        mean: of their distances from the centre.
        parts: how many.
        baseline: from how many parts the centre is known.
    """
    return parts >= RUN and abs(mean) >= SURE * math.sqrt(1.0 / parts + 1.0 / baseline.parts)


def ewma_limit(part: int) -> float:
    """Limit of the average after so many parts (from 1), in sigmas of a single part.

    L * sqrt(lambda / (2 - lambda) * (1 - (1 - lambda)^(2 t))).
    """
    share = WEIGHT / (2.0 - WEIGHT)
    return WIDTH * math.sqrt(share * (1.0 - (1.0 - WEIGHT) ** (2 * part)))


class ControlChart:
    """Takes one part after the other, each in constant time.

    Args:
        baseline: what they are compared with.
    """

    def __init__(self, baseline: Baseline) -> None:
        self.baseline = baseline
        self._parts = 0
        self._ewma = 0.0
        self._run_side, self._run = 0, 0
        self._side, self._count, self._sum = 0, 0, 0.0
        self._rule: Rule | None = None
        self._settled = False
        self._since = self._newest = (0, 0.0)
        self._over: DriftState | None = None

    def add(self, value: float, number: int, at: float) -> ChartPoint:
        """Takes a part.

        Args:
            value: of the quantity, finite.
            number: of the part.
            at: seconds since the epoch (UTC).
        """
        z = self.baseline.z(value)
        held = min(CLIP, max(-CLIP, z))
        self._parts += 1
        self._ewma += WEIGHT * (held - self._ewma)
        limit = ewma_limit(self._parts)
        side = _sign(z)
        self._run = self._run + 1 if side == self._run_side and side else min(1, abs(side))
        self._run_side = side
        point = ChartPoint(
            z,
            self._ewma,
            limit,
            beyond=abs(z) > WIDTH,
            ewma_beyond=abs(self._ewma) > limit,
            one_side=self._run >= RUN,
            ninth=self._run == RUN,
        )
        self._follow(point, held, number, at)
        return point

    @property
    def drift(self) -> DriftState | None:
        """The alarm there is, else the last one there was."""
        return self._over if self._rule is None else self._state(self._rule, over=False)

    @property
    def former(self) -> DriftState | None:
        """The last alarm that is over."""
        return self._over

    def _follow(self, point: ChartPoint, held: float, number: int, at: float) -> None:
        side = _sign(point.ewma)
        if side != self._side:
            if self._rule is not None:
                self._over = self._state(self._rule, over=True)
            self._side, self._count, self._sum = side, 0, 0.0
            self._rule, self._settled = None, False
            self._since = (number, at)
        self._newest = (number, at)
        self._count += 1
        self._sum += held
        if self._rule is None:
            self._rule = rule_of(point, side)
        if self._rule is not None and not self._settled:
            self._settled = is_sure(self._sum / self._count, self._count, self.baseline)

    def _state(self, rule: Rule, *, over: bool) -> DriftState:
        number, at = self._newest
        return DriftState(
            rule,
            *self._since,
            self._count,
            self._sum / self._count,
            number if over else None,
            at if over else None,
            self._settled,
            self.baseline,
        )


def rule_of(point: ChartPoint, side: int) -> Rule | None:
    """The rule that a point breaks on the side on which the average is, or None."""
    same = _sign(point.z) == side
    if point.ewma_beyond or (point.beyond and same):
        return Rule.BEYOND
    return Rule.ONE_SIDE if point.one_side and same else None


def _sign(value: float) -> int:
    return (value > 0.0) - (value < 0.0)
