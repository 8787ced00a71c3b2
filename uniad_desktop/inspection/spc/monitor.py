"""Watches decisions as they are made: scores, light and focus of the product and model in force."""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from uniad_desktop.inspection.spc.baseline import (
    FIRST_PARTS,
    Baseline,
    BaselineSource,
    Quantity,
    baseline_of,
)
from uniad_desktop.inspection.spc.chart import WEIGHT, ControlChart, DriftState
from uniad_desktop.inspection.types import InspectedFrame, Inspection, Verdict

KEPT: Final = 500

Subject: TypeAlias = tuple[str, str]
"""Key of the product, SHA-256 of the model."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One part on a chart, in units of the quantity; NaN where there is nothing.

    Attributes:
        number: of the decision.
        at: seconds since the epoch (UTC).
        verdict: of it.
        value: raw score, grey level or sharpness.
        ewma: moving average after it.
        lower, upper: limits of the average.
        signal: whether it is beyond three sigmas or the ninth in a row on one side.
        ewma_signal: whether the average is beyond its limits.
        saturated: share of pixels at full scale, 0 to 1.
    """

    number: int
    at: float
    verdict: Verdict
    value: float
    ewma: float = math.nan
    lower: float = math.nan
    upper: float = math.nan
    signal: bool = False
    ewma_signal: bool = False
    saturated: float = math.nan


@dataclass(frozen=True, slots=True)
class Watched:
    """A quantity at a moment.

    Attributes:
        subject: product and model that the parts belong to.
        points: the last 500 parts at most, oldest first.
        baseline: what they are compared with; None while nothing is known.
        learnt: accepted parts so far towards a baseline of the first ones.
        drift: the alarm there is, or the last one there was.
    """

    subject: Subject
    points: tuple[Drawn, ...] = ()
    baseline: Baseline | None = None
    learnt: int = 0
    drift: DriftState | None = None


class DriftMonitor:
    """Takes every decision; begins anew with another product or model.

    The score is followed over accepted parts, so that a series of real defects is none of its
    alarms; brightness and sharpness over all parts that were judged, for where the light fails no
    part may be accepted any more. All methods return at once and may be called from any thread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._subject: Subject = ("", "")
        self._tracks = {quantity: _Track(quantity) for quantity in Quantity}
        self._known: dict[Subject, Mapping[Quantity, Baseline]] = {}

    def take(self, shown: InspectedFrame) -> None:
        """Takes a decision; fit to be a sink of a station."""
        inspection = shown.inspection
        with self._lock:
            subject = (inspection.product, inspection.model.sha256)
            if subject != self._subject:
                self._begin(subject)
            for track in self._tracks.values():
                track.take(inspection)

    def set_baselines(self, subject: Subject, baselines: Mapping[Quantity, Baseline]) -> None:
        """What is known of a product under a model; parts seen already are charted anew."""
        with self._lock:
            self._known = {subject: baselines}
            if subject == self._subject:
                self._use_known()

    def begin_shift(self) -> None:
        """A baseline of first parts is learnt anew; known ones stay, and so do the points."""
        with self._lock:
            for track in self._tracks.values():
                track.forget_learnt()

    def watched(self, quantity: Quantity) -> Watched:
        """A quantity now."""
        with self._lock:
            return self._tracks[quantity].watched(self._subject)

    def drift(self, quantity: Quantity) -> DriftState | None:
        """The alarm there is, or the last one there was."""
        with self._lock:
            return self._tracks[quantity].drift

    def last_number(self) -> int:
        """Number of the newest part, 0 before the first."""
        with self._lock:
            points = self._tracks[Quantity.SCORE].points
            return points[-1].number if points else 0

    def _begin(self, subject: Subject) -> None:
        self._subject = subject
        self._tracks = {quantity: _Track(quantity) for quantity in Quantity}
        self._use_known()

    def _use_known(self) -> None:
        for quantity, baseline in self._known.get(self._subject, {}).items():
            self._tracks[quantity].use(baseline)


class _Track:
    """One quantity."""

    def __init__(self, quantity: Quantity) -> None:
        self.quantity = quantity
        self.points: deque[Drawn] = deque(maxlen=KEPT)
        self._first: list[float] = []
        self._chart: ControlChart | None = None
        self._plain = math.nan  # moving average of the logarithm while there is no baseline

    @property
    def drift(self) -> DriftState | None:
        return self._chart.drift if self._chart else None

    def take(self, inspection: Inspection) -> None:
        value, saturated = _value(inspection, self.quantity), math.nan
        if inspection.quality is not None:
            saturated = inspection.quality.saturated
        drawn = Drawn(
            inspection.number,
            inspection.decided_at,
            inspection.verdict,
            value,
            saturated=saturated,
        )
        self.points.append(self._charted(drawn))
        if self._chart is None and self._counts(drawn, accepted_only=True):
            self._first.append(value)
            if len(self._first) == FIRST_PARTS:
                found = baseline_of(self._first, self.quantity, BaselineSource.FIRST_PARTS)
                # Of parts that made the baseline none is judged by it.
                self._chart = None if found is None else ControlChart(found)

    def use(self, baseline: Baseline) -> None:
        self._chart = ControlChart(baseline)
        plain = [
            Drawn(one.number, one.at, one.verdict, one.value, saturated=one.saturated)
            for one in self.points
        ]
        self.points.clear()
        self.points.extend(self._charted(one) for one in plain)

    def forget_learnt(self) -> None:
        chart = self._chart
        if chart is None or chart.baseline.source is BaselineSource.FIRST_PARTS:
            self._chart, self._first = None, []

    def watched(self, subject: Subject) -> Watched:
        chart = self._chart
        baseline = chart.baseline if chart else None
        return Watched(subject, tuple(self.points), baseline, len(self._first), self.drift)

    def _charted(self, drawn: Drawn) -> Drawn:
        if not self._counts(drawn):
            former = self.points[-1] if self.points else drawn
            return replace(drawn, ewma=former.ewma, lower=former.lower, upper=former.upper)
        chart = self._chart
        if chart is None:
            logged = math.log(max(drawn.value, 1e-6))
            first = math.isnan(self._plain)
            self._plain = logged if first else self._plain + WEIGHT * (logged - self._plain)
            return replace(drawn, ewma=math.exp(self._plain))
        point = chart.add(drawn.value, drawn.number, drawn.at)
        return replace(
            drawn,
            ewma=chart.baseline.value(point.ewma),
            lower=chart.baseline.value(-point.limit),
            upper=chart.baseline.value(point.limit),
            signal=point.beyond or point.ninth,
            ewma_signal=point.ewma_beyond,
        )

    def _counts(self, drawn: Drawn, *, accepted_only: bool = False) -> bool:
        """Whether a part belongs to the process that is followed."""
        if not math.isfinite(drawn.value):
            return False
        if accepted_only or self.quantity is Quantity.SCORE:
            return drawn.verdict is Verdict.PASS
        return True


def _value(inspection: Inspection, quantity: Quantity) -> float:
    if inspection.verdict is Verdict.ERROR:
        return math.nan
    if quantity is Quantity.SCORE:
        return inspection.raw_score
    quality = inspection.quality
    if quality is None:
        return math.nan
    return quality.brightness if quantity is Quantity.BRIGHTNESS else quality.sharpness
