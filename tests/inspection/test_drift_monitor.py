"""What the station watches while it decides."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from tests.ui.fake_station import FakeStation
from uniad_desktop.engine.prediction import ModelIdentity
from uniad_desktop.inspection.image_quality import ImageQuality
from uniad_desktop.inspection.spc.baseline import Baseline, BaselineSource, Quantity
from uniad_desktop.inspection.spc.monitor import KEPT, DriftMonitor
from uniad_desktop.inspection.types import Verdict

BASE = Baseline(math.log(0.8), 0.1, 400, BaselineSource.CALIBRATION_SCORES)
LIGHT = Baseline(math.log(100.0), 0.01, 100, BaselineSource.TEACHING_PARTS)


class Line:
    """A station whose monitor takes every part."""

    def __init__(self) -> None:
        self.monitor = DriftMonitor()
        self.station = FakeStation()
        self.station.add_sink(self.monitor.take)
        self.rng = np.random.default_rng(0)

    @property
    def subject(self) -> tuple[str, str]:
        return (self.station.product.key, self.station.model.sha256)

    def parts(self, count: int, shift: float = 0.0, light: float = 100.0) -> None:
        for _ in range(count):
            z = float(self.rng.standard_normal())
            quality = ImageQuality(light * (1 + 0.01 * float(self.rng.standard_normal())), 0.02, 0)
            score = 25.0 * BASE.value(z + shift)
            self.station.push(Verdict.PASS, score, quality=quality, with_frame=False)


@pytest.fixture
def line() -> Line:
    return Line()


def test_first_parts_become_the_baseline_and_are_not_judged_by_it(line):
    line.parts(49)
    watched = line.monitor.watched(Quantity.SCORE)
    assert watched.baseline is None and watched.learnt == 49
    assert math.isnan(watched.points[-1].lower)
    line.parts(2)
    watched = line.monitor.watched(Quantity.SCORE)
    assert watched.baseline is not None
    assert watched.baseline.source is BaselineSource.FIRST_PARTS
    assert math.isnan(watched.points[49].lower) and watched.points[50].lower > 0


def test_known_baseline_charts_what_was_seen_already(line):
    line.parts(30)
    line.monitor.set_baselines(line.subject, {Quantity.SCORE: BASE})
    watched = line.monitor.watched(Quantity.SCORE)
    assert watched.baseline is BASE
    assert watched.points[0].lower == pytest.approx(BASE.value(-0.6))
    assert line.monitor.watched(Quantity.BRIGHTNESS).baseline is None


def test_drift_of_scores_says_since_when(line):
    line.monitor.set_baselines(line.subject, {Quantity.SCORE: BASE})
    line.parts(100)
    assert not (drift := line.monitor.drift(Quantity.SCORE)) or not drift.settled
    line.parts(60, shift=1.5)
    drift = line.monitor.drift(Quantity.SCORE)
    assert drift is not None and drift.settled and not drift.over
    assert 90 <= drift.since_number <= 106
    assert drift.shift == pytest.approx(1.5, abs=0.5)


def test_parts_that_fail_are_no_drift_of_the_score_but_their_light_counts(line):
    line.monitor.set_baselines(line.subject, {Quantity.SCORE: BASE, Quantity.BRIGHTNESS: LIGHT})
    line.parts(20)
    for _ in range(20):
        line.station.push(
            Verdict.FAIL, 90.0, quality=ImageQuality(60.0, 0.02, 0.0), with_frame=False
        )
    score = line.monitor.drift(Quantity.SCORE)
    assert score is None or not score.settled
    light = line.monitor.drift(Quantity.BRIGHTNESS)
    assert light is not None and light.settled and light.shift < -5


def test_errors_are_shown_and_count_for_nothing(line):
    line.parts(3)
    line.station.push(Verdict.ERROR, math.nan, with_frame=False)
    points = line.monitor.watched(Quantity.SCORE).points
    assert points[-1].verdict is Verdict.ERROR and math.isnan(points[-1].value)
    assert points[-1].ewma == points[-2].ewma
    assert line.monitor.watched(Quantity.SCORE).learnt == 3


@pytest.mark.parametrize("change", ["product", "model"])
def test_another_product_or_model_begins_anew(line, change):
    line.monitor.set_baselines(line.subject, {Quantity.SCORE: BASE})
    line.parts(30, shift=3.0)
    assert line.monitor.drift(Quantity.SCORE) is not None
    if change == "product":
        line.station.select_product("label")
    else:
        line.station.model = ModelIdentity("uniad-starter", "1.0.1", "cd" * 32)
    line.parts(1)
    watched = line.monitor.watched(Quantity.SCORE)
    assert len(watched.points) == 1 and watched.drift is None and watched.baseline is None


def test_baselines_may_come_before_the_first_part(line):
    line.station.select_product("label")
    line.monitor.set_baselines(line.subject, {Quantity.SCORE: BASE})
    line.parts(1)
    assert line.monitor.watched(Quantity.SCORE).baseline is BASE


def test_baselines_of_another_product_are_not_used(line):
    line.parts(1)
    line.monitor.set_baselines(("label", line.subject[1]), {Quantity.SCORE: BASE})
    assert line.monitor.watched(Quantity.SCORE).baseline is None


def test_a_shift_learns_first_parts_anew_and_keeps_known_baselines(line):
    line.monitor.set_baselines(line.subject, {Quantity.SCORE: BASE})
    line.parts(60)
    assert line.monitor.watched(Quantity.BRIGHTNESS).baseline is not None
    line.monitor.begin_shift()
    assert line.monitor.watched(Quantity.BRIGHTNESS).baseline is None
    assert line.monitor.watched(Quantity.SCORE).baseline is BASE
    assert len(line.monitor.watched(Quantity.BRIGHTNESS).points) == 60
    line.parts(50)
    assert line.monitor.watched(Quantity.BRIGHTNESS).baseline is not None


def test_keeps_500_points(line):
    line.parts(KEPT + 20)
    points = line.monitor.watched(Quantity.SCORE).points
    assert [points[0].number, points[-1].number, len(points)] == [21, KEPT + 20, KEPT]
    assert line.monitor.last_number() == KEPT + 20


def test_without_figures_of_the_image_only_the_score_is_watched(line):
    line.station.push(Verdict.PASS, 20.0)
    assert math.isnan(line.monitor.watched(Quantity.SHARPNESS).points[0].value)
    assert replace(line.monitor.watched(Quantity.SCORE).points[0]).value == pytest.approx(0.8)
