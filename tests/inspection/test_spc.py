"""The control charts: numbers computed by hand, and both ways of computing them the same."""

from __future__ import annotations

import math

import numpy as np
import pytest

from uniad_desktop.engine.manifest import Calibration
from uniad_desktop.inspection.spc.baseline import (
    Baseline,
    BaselineSource,
    Quantity,
    baseline_of,
    baseline_of_calibration,
)
from uniad_desktop.inspection.spc.chart import ControlChart, Rule, ewma_limit, is_sure
from uniad_desktop.inspection.spc.period import PeriodParts, chart_period
from uniad_desktop.inspection.spc.series import chart_series

CENTRE, SIGMA = math.log(15.0), 0.2
BASE = Baseline(CENTRE, SIGMA, 400, BaselineSource.CALIBRATION_SCORES)


def raw(*z: float) -> list[float]:
    """Raw scores at so many sigmas."""
    return [BASE.value(one) for one in z]


def chart_of(*z: float, baseline: Baseline = BASE) -> ControlChart:
    chart = ControlChart(baseline)
    for number, value in enumerate(raw(*z), 1):
        chart.add(value, number, 1000.0 + number)
    return chart


def test_limit_of_the_average_by_hand():
    # 3 * sqrt(0.2 / 1.8 * (1 - 0.8^2)) = 3 * sqrt(0.04) = 0.6
    assert ewma_limit(1) == pytest.approx(0.6)
    assert ewma_limit(2) == pytest.approx(3 * math.sqrt(0.2 / 1.8 * (1 - 0.8**4)))
    assert ewma_limit(200) == pytest.approx(1.0)


def test_average_by_hand():
    chart = ControlChart(BASE)
    points = [chart.add(value, n, 0.0) for n, value in enumerate(raw(1.0, 2.0, -1.0), 1)]
    assert [point.z for point in points] == pytest.approx([1.0, 2.0, -1.0])
    # 0.2; 0.2 + 0.2 * 1.8; 0.56 + 0.2 * -1.56
    assert [point.ewma for point in points] == pytest.approx([0.2, 0.56, 0.248])


def test_spread_from_the_median_moving_range():
    logs = [0.0, 0.1] * 15
    found = baseline_of(np.exp(logs), Quantity.SCORE, BaselineSource.FIRST_PARTS)
    assert found is not None
    assert found.sigma == pytest.approx(0.1 / 0.9539)
    assert found.centre == pytest.approx(0.05)
    assert found.parts == 30


def test_spread_does_not_grow_with_a_slow_change_or_an_odd_part():
    rng = np.random.default_rng(3)
    logs = CENTRE + SIGMA * rng.standard_normal(2000) + np.linspace(0, 1, 2000)
    values = np.exp(logs)
    values[[50, 700]] *= 100
    found = baseline_of(values, Quantity.SCORE, BaselineSource.CALIBRATION_SCORES)
    assert found is not None
    assert found.sigma == pytest.approx(SIGMA, rel=0.06)


@pytest.mark.parametrize("count", [0, 19])
def test_too_few_parts_are_no_baseline(count):
    assert baseline_of(np.ones(count), Quantity.SCORE, BaselineSource.FIRST_PARTS) is None


def test_parts_that_are_all_alike_have_a_least_spread():
    found = baseline_of(np.full(30, 80.0), Quantity.BRIGHTNESS, BaselineSource.FIRST_PARTS)
    assert found is not None
    assert found.sigma == 0.01
    assert found.z(80.8) == pytest.approx(1.0, rel=0.01)


def test_what_is_not_a_number_is_left_out_of_a_baseline():
    values = [math.nan, *np.full(25, 2.0), math.inf]
    found = baseline_of(values, Quantity.SCORE, BaselineSource.FIRST_PARTS)
    assert found is not None and found.parts == 25


def test_baseline_from_a_package():
    rng = np.random.default_rng(0)
    scores = np.exp(CENTRE + SIGMA * rng.standard_normal(4000))
    median = float(np.median(scores))
    deviation = 1.4826 * float(np.median(np.abs(scores - median)))
    told = Calibration(
        parts=4000, false_reject_rate=0.01, median=median, deviation=deviation, largest=40.0
    )
    found = baseline_of_calibration(told)
    assert found is not None
    assert found.source is BaselineSource.CALIBRATION_SUMMARY
    assert found.value(0.0) == pytest.approx(15.0, rel=0.02)
    assert found.sigma == pytest.approx(SIGMA, rel=0.05)


@pytest.mark.parametrize(
    "changed", [{"parts": 1}, {"median": 0.0}, {"deviation": 0.0}], ids=lambda one: next(iter(one))
)
def test_a_calibration_that_says_too_little_is_no_baseline(changed):
    usual = {"parts": 50, "false_reject_rate": 0.01, "median": 9.0, "deviation": 1.0, "largest": 12}
    assert baseline_of_calibration(Calibration(**{**usual, **changed})) is None
    assert baseline_of_calibration(None) is None


def test_one_part_beyond_three_sigma():
    chart = chart_of(0.1, 3.1)
    assert chart.drift is not None
    assert (chart.drift.rule, chart.drift.since_number) == (Rule.BEYOND, 1)
    assert not chart.drift.settled
    assert chart_of(0.1, 2.7).drift is None


def test_nine_in_a_row_on_one_side():
    assert chart_of(*[-0.3] * 8).drift is None
    drift = chart_of(*[-0.3] * 9).drift
    assert drift is not None
    assert (drift.rule, drift.since_number, drift.since_at) == (Rule.ONE_SIDE, 1, 1001.0)
    assert drift.shift == pytest.approx(-0.3)
    assert chart_of(*[-0.3] * 8, 0.1, *[-0.3] * 8).drift is None


def test_a_part_on_the_centre_ends_a_run():
    assert chart_of(*[0.3] * 8, 0.0, *[0.3] * 8).drift is None


def test_drift_says_since_when_and_until_when():
    chart = chart_of(-0.2, -0.1, *[2.0] * 12)
    assert chart.drift is not None
    assert (chart.drift.since_number, chart.drift.parts, chart.drift.over) == (3, 12, False)
    assert chart.drift.settled and chart.drift.shift == pytest.approx(2.0)
    for number, value in enumerate(raw(-3.0, -3.0, -1.0), 15):
        chart.add(value, number, 1000.0 + number)
    drift = chart.drift
    assert drift.over and drift.since_number == 3
    assert drift.until_number is not None and drift.until_number >= 15
    assert drift.until_at == 1000.0 + drift.until_number
    assert drift.settled, "what was told stays told"


def test_a_second_drift_takes_the_place_of_the_first():
    chart = chart_of(*[2.0] * 12, *[-2.0] * 20)
    assert chart.drift is not None
    assert chart.drift.shift < 0 and not chart.drift.over
    assert chart.drift.since_number > 12


def test_one_black_frame_is_no_drift_that_is_told():
    rng = np.random.default_rng(1)
    usual = rng.standard_normal(200)
    usual[60] = -80.0
    chart = ControlChart(BASE)
    told = False
    for number, z in enumerate(usual, 1):
        point = chart.add(BASE.value(float(z)), number, 0.0)
        assert number != 61 or point.beyond
        told = told or (chart.drift is not None and chart.drift.settled)
    assert not told


def test_zero_is_a_value():
    point = ControlChart(BASE).add(0.0, 1, 0.0)
    assert point.beyond and math.isfinite(point.z)


def test_an_unsure_baseline_needs_more_parts():
    few = Baseline(CENTRE, SIGMA, 50, BaselineSource.FIRST_PARTS)
    assert is_sure(1.0, 30, BASE)
    assert not is_sure(1.0, 30, few)
    assert not is_sure(6.0, 8, BASE)


@pytest.mark.parametrize("seed", range(6))
def test_all_at_once_is_the_same_as_part_by_part(seed):
    rng = np.random.default_rng(seed)
    z = rng.standard_normal(700) * 1.2
    z[200:320] += 1.5
    z[500:] -= 0.4
    values = np.array(raw(*z))
    numbers = np.arange(10, 10 + values.size)
    found = chart_series(values, BASE, numbers, numbers * 2.0)
    chart, drifts = ControlChart(BASE), []
    for place, value in enumerate(values):
        point = chart.add(float(value), int(numbers[place]), numbers[place] * 2.0)
        assert point.z == pytest.approx(found.z[place])
        assert point.ewma == pytest.approx(found.ewma[place])
        assert point.limit == pytest.approx(found.limit[place])
        assert point.beyond == found.beyond[place]
        assert point.ewma_beyond == found.ewma_beyond[place]
        assert point.one_side == found.one_side[place]
        assert point.ninth == found.ninth[place]
        if chart.former is not None and chart.former not in drifts:
            drifts.append(chart.former)
    if chart.drift is not None and not chart.drift.over:
        drifts.append(chart.drift)
    assert len(drifts) == len(found.drifts) > 2
    for one, other in zip(drifts, found.drifts, strict=True):
        assert one.shift == pytest.approx(other.shift)
        same = ("rule", "since_number", "since_at", "parts", "until_number", "settled")
        assert [getattr(one, name) for name in same] == [getattr(other, name) for name in same]


def test_series_without_parts_or_with_nonsense():
    assert chart_series([], BASE, [], []).drifts == ()
    with pytest.raises(ValueError, match="not a number"):
        chart_series([1.0, math.nan], BASE, [1, 2], [0, 0])
    with pytest.raises(ValueError, match="lengths"):
        chart_series([1.0], BASE, [1, 2], [0, 0])


def test_run_lengths_in_control_and_after_a_shift():
    """Textbook: 370 parts for a single part, about 560 for the average, 511 for nine in a row."""
    rng = np.random.default_rng(7)
    z = rng.standard_normal(400_000)
    found = chart_series(raw(*z), BASE, np.arange(z.size), np.zeros(z.size))
    assert z.size / found.beyond.sum() == pytest.approx(370, rel=0.1)
    told = [one for one in found.drifts if one.settled]
    assert len(told) < 30
    delays = []
    for _ in range(200):
        chart = ControlChart(BASE)
        for number in range(1, 500):
            chart.add(BASE.value(1.0 + float(rng.standard_normal())), number, 0.0)
            if chart.drift is not None and chart.drift.settled:
                delays.append(number)
                break
    assert len(delays) == 200
    assert np.mean(delays) < 40


def test_period_with_and_without_known_baselines():
    rng = np.random.default_rng(2)
    count = 300
    accepted = np.ones(count, bool)
    accepted[[60, 61]] = False
    parts = PeriodParts(
        number=np.arange(1, count + 1),
        at=np.arange(count) * 1.0,
        accepted=accepted,
        raw=np.exp(CENTRE + SIGMA * rng.standard_normal(count)),
        reject=30.0,
        brightness=np.where(np.arange(count) < 150, 100.0, 80.0) + rng.standard_normal(count),
        sharpness=np.full(count, math.nan),
        saturated=np.zeros(count),
    )
    charts = chart_period(parts)
    assert charts[Quantity.SHARPNESS].chart is None
    light = charts[Quantity.BRIGHTNESS]
    assert light.number[0] == 51, "the parts that made the baseline are not judged by it"
    assert light.chart is not None
    told = [one for one in light.chart.drifts if one.settled]
    # The average may have left the centre a few parts before.
    assert len(told) == 1 and 140 < told[0].since_number <= 151
    assert 61 not in charts[Quantity.SCORE].number
    known = chart_period(parts, {Quantity.SCORE: BASE})
    assert known[Quantity.SCORE].number.size == count - 2
