"""The control chart on the inspect page, and the strip that tells of a drift."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.ui.fake_station import FakeStation
from uniad_desktop.engine.manifest import Calibration
from uniad_desktop.inspection.image_quality import ImageQuality
from uniad_desktop.inspection.spc.baseline import Baseline, BaselineSource, Quantity
from uniad_desktop.inspection.types import Verdict
from uniad_desktop.ui.main_window import MainWindow

# Limits of the fake station: raw 2.0 is 50.
TOLD = Calibration(parts=400, false_reject_rate=0.005, median=0.8, deviation=0.08, largest=1.4)
START = 1_790_000_000.0


@pytest.fixture
def station() -> FakeStation:
    station = FakeStation()
    station.product = replace(station.product, calibration=TOLD)
    return station


@pytest.fixture
def known(qtbot, window: MainWindow, station: FakeStation) -> MainWindow:
    """A window that has taken the model's calibration as the baseline."""
    parts(station, 1)

    def taken() -> bool:
        window.tick()
        return window.drift.monitor.watched(Quantity.SCORE).baseline is not None

    qtbot.waitUntil(taken, timeout=20_000)
    return window


def parts(station: FakeStation, count: int, shift: float = 0.0, light: float = 100.0) -> None:
    """Accepted parts, `shift` sigmas off, in a steady see-saw around the centre."""
    for _ in range(count):
        z = shift + (0.6 if station.number % 2 else -0.6)
        quality = ImageQuality(light * math.exp(0.004 * (z - shift)), 0.02, 0.013)
        station.push(
            Verdict.PASS,
            20.0 * math.exp(0.1 * z),
            with_frame=False,
            decided_at=START + station.number,
            quality=quality,
        )


def test_chart_shows_centre_and_limits(known, station):
    parts(station, 60)
    known.refresh_all()
    lower, centre, upper = known.page.trend.limits()
    assert centre == pytest.approx(20.0)
    assert lower == pytest.approx(20.0 * math.exp(-0.1), rel=1e-3)
    assert upper == pytest.approx(20.0 * math.exp(0.1), rel=1e-3)
    assert "400 calibration parts" in known.page.trend.summary()
    assert known.page.trend.signals() == []
    assert known.page.drift.isHidden()


def test_parts_that_break_a_rule_have_a_square(known, station):
    parts(station, 20)
    parts(station, 1, shift=4.0)
    known.refresh_all()
    assert known.page.trend.signals() == [22]


def test_drift_is_told_since_when_and_changes_no_verdict(known, station):
    parts(station, 99)
    parts(station, 40, shift=1.5)
    known.refresh_all()
    strip = known.page.drift
    assert strip.isVisible()
    assert strip.sentence().startswith("△  Drift: scores are 1.5\u00a0σ higher since part 100 (")
    assert "light, focus and material" in strip.sentence()
    assert known.page.verdict.heading() == "PASS"
    assert known.page.notice.isHidden()
    assert "△ 1.5 σ higher since part 100" in known.page.trend.summary()


def test_read_drift_comes_back_only_when_it_arises_anew(known, station):
    parts(station, 20)
    parts(station, 40, shift=1.5)
    known.refresh_all()
    QTest.keyClick(known, Qt.Key.Key_Escape)
    assert known.page.drift.isHidden()
    parts(station, 40, shift=1.5)
    known.refresh_all()
    assert known.page.drift.isHidden()
    parts(station, 60)
    parts(station, 40, shift=1.5)
    known.refresh_all()
    assert known.page.drift.isVisible()
    assert known.page.drift.button is not None
    known.page.drift.button.click()
    assert known.page.drift.isHidden()


def test_drift_that_ended_unread_is_told_in_the_past(known, station):
    parts(station, 20)
    parts(station, 40, shift=-1.5)
    parts(station, 40)
    known.refresh_all()
    assert known.page.drift.sentence().startswith(
        "△  Drift is over: scores were 1.1\u00a0σ lower from part 21 "
    )


def test_light_that_fails_is_told(known, station):
    subject = (station.product.key, station.model.sha256)
    base = Baseline(math.log(100.0), 0.01, 100, BaselineSource.TEACHING_PARTS)
    known.drift.monitor.set_baselines(subject, {Quantity.BRIGHTNESS: base})
    parts(station, 20)
    parts(station, 20, light=80.0)
    known.refresh_all()
    assert "σ darker since part 21 " in known.page.drift.sentence()


def test_tap_and_key_go_through_the_quantities(qtbot, known, station):
    parts(station, 30)
    known.refresh_all()
    trend = known.page.trend
    QTest.keyClick(known, Qt.Key.Key_G)
    assert trend.quantity is Quantity.BRIGHTNESS
    assert trend.heading().startswith("BRIGHTNESS")
    assert "saturated 1.3 %" in trend.summary()
    assert trend.ewma() == pytest.approx(100.0, abs=1.0)
    qtbot.mouseClick(trend, Qt.MouseButton.LeftButton)
    assert trend.quantity is Quantity.SHARPNESS
    assert trend.ewma() == pytest.approx(100.0, abs=1.0)
    qtbot.mouseClick(trend, Qt.MouseButton.LeftButton)
    assert trend.quantity is Quantity.SCORE
    assert len(trend.drawn(Verdict.PASS)[0]) == 31


def test_without_a_baseline_the_chart_says_so(make_window):
    station = FakeStation()
    window = make_window(station)
    parts(station, 12)
    window.refresh_all()
    assert window.page.trend.summary().endswith("no baseline yet: 12 of 50 parts")
    parts(station, 45)
    window.refresh_all()
    assert window.page.trend.summary().endswith("baseline: the first 50 accepted parts")


def test_reset_of_the_shift_learns_first_parts_anew(make_window):
    station = FakeStation()
    window = make_window(station)
    parts(station, 60)
    window.questions.ask_reset()
    assert window.sheet is not None
    window.sheet.close_with("reset")
    window.refresh_all()
    assert "no baseline yet: 0 of 50" in window.page.trend.summary()
    assert len(window.page.trend.drawn(Verdict.PASS)[0]) == 60


def test_a_black_frame_does_not_flatten_the_chart(known, station):
    subject = (station.product.key, station.model.sha256)
    base = Baseline(math.log(100.0), 0.01, 100, BaselineSource.TEACHING_PARTS)
    known.drift.monitor.set_baselines(subject, {Quantity.BRIGHTNESS: base})
    parts(station, 20)
    parts(station, 1, light=1e-9)
    known.page.next_chart()
    heights = known.page.trend.drawn(Verdict.PASS)[1]
    assert np.min(heights) > 90.0


def test_nothing_is_followed_after_closing(make_window):
    station = FakeStation()
    window = make_window(station)
    assert len(station.sinks) == 1
    window.close()
    assert station.sinks == []
