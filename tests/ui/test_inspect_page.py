"""What the operator sees in every state."""

from __future__ import annotations

import math
import threading

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage

from tests.ui.fake_station import PRODUCTS, FakeStation
from uniad_desktop.cameras.frame import SourceKind
from uniad_desktop.cameras.source import TriggerMode
from uniad_desktop.inspection.types import (
    CycleTime,
    Latency,
    Limits,
    Rates,
    Reason,
    RecordsState,
    Region,
    RuntimeState,
    ShiftCounters,
    StationState,
    Verdict,
)
from uniad_desktop.ui import composer, text, theme
from uniad_desktop.ui.main_window import MainWindow

NBSP = "\u00a0"


def _picture(qtbot, window: MainWindow, number: int) -> None:
    """Waits until the picture of a part is on the screen."""

    def shown() -> bool:
        window.tick()
        composed = window.page.image.composed
        return composed is not None and composed.order.shown.inspection.number == number

    qtbot.waitUntil(shown, timeout=20_000)


def _colour_share(window: MainWindow, token: str) -> float:
    """Share of the verdict tile that is painted in a colour of the theme."""
    image = window.page.verdict.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), -1)
    wanted = QColor(theme.active().colour(token)).rgb()
    return float((pixels[:, : image.width()] == wanted).mean())


@pytest.mark.parametrize(
    ("verdict", "score", "token", "word"),
    [
        (Verdict.PASS, 22.0, "pass", "PASS"),
        (Verdict.REVIEW, 46.0, "review", "REVIEW"),
        (Verdict.FAIL, 83.0, "fail", "FAIL"),
        (Verdict.ERROR, math.nan, "error", "ERROR"),
    ],
)
def test_verdict_is_word_and_colour(window, station, verdict, score, token, word):
    station.push(verdict, score)
    window.tick()
    tile = window.page.verdict
    assert tile.heading() == word
    assert tile.ground_token() == token
    assert _colour_share(window, token) > 0.4
    for other in {"pass", "review", "fail", "error", "stale"} - {token}:
        assert _colour_share(window, other) < 0.02


def test_signs_differ_without_colour(window, station):
    """In grey levels each verdict still has its own picture."""
    seen = []
    for verdict in Verdict:
        station.push(verdict, 60.0)
        window.tick()
        grey = window.page.verdict.grab().toImage().convertToFormat(QImage.Format.Format_Mono)
        seen.append(bytes(grey.constBits()))
    assert len(set(seen)) == len(Verdict)


def test_fail_says_where_and_how_big(window, station):
    station.push(Verdict.FAIL, 83.0, at=(760, 220))
    window.tick()
    assert window.page.verdict.face.line == f"Anomaly at 2 o'clock, 15{NBSP}480 px"


@pytest.mark.parametrize(
    ("at", "hour"),
    [((480, 60), 12), ((900, 360), 3), ((480, 700), 6), ((60, 360), 9), ((480, 360), None)],
)
def test_clock_position(station, at, hour):
    region = station.push(Verdict.FAIL, 80, at=at).inspection.regions[0]
    assert text.clock_position(region, 960, 720) == hour


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_a_sentence(window, station, reason):
    station.push(Verdict.ERROR, math.nan, reason=reason, with_frame=False)
    window.tick()
    assert window.page.verdict.face.line == text.reason_sentence(reason)
    assert len(window.page.verdict.face.line) > 10


def test_error_without_image_does_not_show_the_former_part(qtbot, window, station):
    station.push()
    _picture(qtbot, window, 1)
    station.push(Verdict.ERROR, math.nan, reason=Reason.CAMERA_TIMEOUT, with_frame=False)
    window.tick()
    assert window.page.image.composed is None
    assert window.page.image.message == "Part 2 has no image"
    assert window.page.score.lines()[0] == text.NONE


def test_before_the_first_part(window):
    window.refresh_all()
    assert window.page.verdict.face.verdict is None
    assert window.page.verdict.ground_token() == "stale"
    assert window.page.verdict.face.line == "Inspection is stopped"
    assert window.page.image.message == "No image yet"
    assert window.page.shift.shown("yield") == text.NONE
    assert window.status.shown("latency") == f"{text.NONE} / {text.NONE} ms"


# stale


@pytest.mark.parametrize("verdict", list(Verdict))
@pytest.mark.parametrize(
    "state",
    [
        StationState.STOPPED,
        StationState.STARTING,
        StationState.CAMERA_LOST,
        StationState.FINISHED,
        StationState.FAILED,
    ],
)
def test_a_verdict_is_grey_whenever_the_station_does_not_run(window, station, verdict, state):
    station.push(verdict, 20.0)
    station.state = state
    window.tick()
    assert window.page.verdict.ground_token() == "stale"
    assert window.page.verdict.heading() == f"last: {verdict.value}"
    assert _colour_share(window, "pass") == 0.0


@pytest.mark.parametrize(
    ("seconds", "mean", "stale"),
    [(1.9, None, False), (2.1, None, True), (2.1, 0.1, True), (2.9, 1.0, False), (3.1, 1.0, True)],
)
def test_a_verdict_goes_grey_after_two_seconds_or_three_cycles(
    window, station, seconds, mean, stale
):
    station.push()
    station.seconds = seconds
    station.cycle = CycleTime(mean, mean, mean) if mean else None
    window.tick()
    assert window.page.verdict.face.stale is stale
    assert (_colour_share(window, "pass") == 0.0) is stale
    if stale:
        assert window.page.verdict.face.line == f"No decision for {int(seconds)} s"


def test_a_stale_tile_comes_back_with_the_next_part(window, station):
    station.push()
    station.seconds = 10.0
    window.tick()
    assert window.page.verdict.face.stale
    station.push()
    window.tick()
    assert not window.page.verdict.face.stale


def test_between_two_triggers_the_tile_waits(window, station):
    station.push()
    station.trigger_mode = TriggerMode.SOFTWARE
    station.seconds = 5.2
    window.tick()
    assert window.page.verdict.ground_token() == "stale"
    assert window.page.verdict.face.line == "Waiting for a trigger for 5 s"


def test_the_verdict_does_not_wait_for_the_picture(monkeypatch, qtbot, make_window, station):
    gate = threading.Event()
    real = composer.compose
    monkeypatch.setattr(composer, "compose", lambda order: (gate.wait(5), real(order))[1])
    window = make_window(station)
    try:
        station.push(Verdict.FAIL, 80)
        window.tick()
        assert window.page.verdict.heading() == "FAIL"
        assert window.page.image.composed is None
    finally:
        gate.set()
    _picture(qtbot, window, 1)


@pytest.mark.parametrize("verdict", list(Verdict))
def test_collecting_shows_no_verdict_at_all(qtbot, window, station, verdict):
    station.push(verdict, 20.0)
    _picture(qtbot, window, 1)
    station.begin_collecting("Bottle cap", lambda frame: None)
    window.refresh_all()
    line = "Collecting parts of Bottle cap; nothing is inspected"
    assert window.page.verdict.face.line == line
    assert window.page.verdict.heading() == text.NONE
    assert window.page.verdict.ground_token() == "stale"
    assert window.page.image.composed is None and window.page.image.message == line
    assert window.page.score.lines()[0] == text.NONE
    assert window.page.controls.start_stop.text() == "Stop collecting (Space)"
    assert _colour_share(window, "pass") == 0.0
    station.end_collecting()
    station.seconds = None
    window.refresh_all()
    assert window.page.verdict.heading() == f"last: {verdict.value}"
    assert window.page.verdict.face.line == "Waiting for the first part"
    assert window.page.controls.start_stop.text() == "Stop inspection (Space)"


def test_triggers_go_on_while_collecting(window, station):
    station.trigger_mode = TriggerMode.SOFTWARE
    station.begin_collecting("Bottle cap", lambda frame: None)
    window.refresh_all()
    window.page.trigger()
    window.page.start_or_stop()
    assert station.asked[-2:] == ["trigger", "stop"]


def test_a_frozen_display_stays_while_collecting(qtbot, window, station):
    shown = station.push(Verdict.FAIL, 80)
    _picture(qtbot, window, 1)
    window.page.freeze(shown)
    station.begin_collecting("Bottle cap", lambda frame: None)
    window.refresh_all()
    assert window.page.verdict.face.frozen
    assert "nothing is inspected" in window.page.frozen_banner.sentence()


def test_a_verdict_on_the_former_product_is_stale(window, station):
    station.push()
    station.product = PRODUCTS[1]
    window.tick()
    assert window.page.verdict.ground_token() == "stale"
    assert window.page.verdict.face.line == "Waiting for the first part"


# camera lost


@pytest.mark.parametrize(
    ("state", "headline"),
    [(StationState.CAMERA_LOST, "CAMERA LOST"), (StationState.FAILED, "INSPECTION FAILED")],
)
def test_lost_camera_is_said_over_a_grey_image(qtbot, window, station, state, headline):
    station.push(Verdict.FAIL, 90)
    _picture(qtbot, window, 1)
    station.state = state
    station.problem = "The camera SIM-0001 does not answer. Check its cable."
    window.refresh_all()
    assert window.page.image.alarm == (headline, station.problem)
    qtbot.waitUntil(
        lambda: (window.tick(), window.page.image.composed.order.grey)[1], timeout=20_000
    )
    pixels = window.page.image.composed.pixels
    assert np.array_equal(pixels[:, :, 0], pixels[:, :, 2])
    station.push()
    station.problem = ""
    window.refresh_all()
    assert window.page.image.alarm == ("", "")


def test_a_camera_that_answers_and_sends_nothing_is_no_lost_one(window, station):
    station.push(Verdict.PASS)
    station.seconds = 7.0
    station.problem = "The camera has sent no frame for 7 s. It answers, so check its light."
    window.refresh_all()
    assert window.page.image.alarm == ("NOTHING IS INSPECTED", station.problem)
    assert window.page.verdict.ground_token() == "stale"
    assert "lost" not in window.status.shown("camera")


def test_frames_that_were_lost_lately_are_told_below_and_nothing_without_any(window, station):
    station.push()
    station.rate = Rates(20.0, 19.0, 1.0)
    window.refresh_all()
    assert window.status.shown("camera") == "SimCam U5 · 960×720 Mono8 · running"
    assert window.status.caption("camera") == "Camera"
    assert not window.status.warns("camera")
    station.rate = Rates(20.0, 19.0, 1.0, lost_lately=1234)
    window.refresh_all()
    assert window.status.shown("camera") == f"△ 1{NBSP}234 lost · SimCam U5 · running"
    assert window.status.caption("camera") == "Camera · frames lost in 5 min"
    assert window.status.warns("camera")
    assert not window.status.is_cut("camera")  # at 1280 pixels
    station.state = StationState.CAMERA_LOST
    window.refresh_all()
    assert window.status.shown("camera").endswith("SimCam U5 · camera lost")


# frozen


def test_a_tap_on_a_reject_freezes_the_display_only(qtbot, window, station):
    station.push(Verdict.FAIL, 71)
    station.push()
    window.refresh_all()
    qtbot.mouseClick(window.page.strip.thumbnails()[0], Qt.MouseButton.LeftButton)
    assert window.page.frozen
    assert station.asked == []
    for _ in range(3):
        station.push()
    station.shift = ShiftCounters(1.0, inspected=5)
    window.refresh_all()
    assert window.page.verdict.face.part == 1
    assert window.page.verdict.face.frozen
    assert window.page.score.lines()[0] == "71"
    assert window.page.frozen_banner.isVisible()
    assert "frozen, 3 new" in window.page.frozen_banner.sentence()
    assert window.page.shift.shown("inspected") == "5"
    _picture(qtbot, window, 1)
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not window.page.frozen
    assert not window.page.frozen_banner.isVisible()
    assert window.page.verdict.face.part == 5
    _picture(qtbot, window, 5)


def test_a_frozen_tile_never_looks_like_a_fresh_one(qtbot, window, station):
    shown = station.push(Verdict.FAIL, 71)
    window.page.freeze(shown)
    assert window.page.verdict.ground_token() == "card"
    assert _colour_share(window, "fail") == 0.0
    qtbot.mouseClick(window.page.frozen_banner.button, Qt.MouseButton.LeftButton)
    assert window.page.verdict.ground_token() == "fail"


def test_a_picture_finished_after_freezing_is_not_shown(monkeypatch, qtbot, make_window, station):
    """The picture of part 2 was being made when the display froze at part 1."""
    doors = [(threading.Event(), threading.Event()) for _ in range(3)]  # begun, may go on
    doors[0][1].set()
    calls = iter(doors)
    spare = (threading.Event(), threading.Event())
    spare[1].set()
    real = composer.compose

    def slow(order: composer.Order) -> np.ndarray:
        begun, go_on = next(calls, spare)
        begun.set()
        assert go_on.wait(5)
        return real(order)

    monkeypatch.setattr(composer, "compose", slow)
    window = make_window(station)
    try:
        first = station.push(Verdict.FAIL, 71)
        _picture(qtbot, window, 1)
        station.push()
        window.tick()
        assert doors[1][0].wait(5)  # part 2 is being made
        window.page.freeze(first)
        doors[1][1].set()
        assert doors[2][0].wait(5)  # part 2 is finished, part 1 is being made again
        for _ in range(3):
            window.tick()
            assert window.page.image.composed.order.shown is first
    finally:
        for _, go_on in doors:
            go_on.set()
    _picture(qtbot, window, 1)


# score


def test_score_and_raw_distance(qtbot, window, station):
    station.push(Verdict.FAIL, 83.2, limits=Limits(2.0, 2.0))
    window.tick()
    assert window.page.score.lines() == ("84", "anomaly score", "limit 50")
    qtbot.mouseClick(window.page.score, Qt.MouseButton.LeftButton)
    assert window.page.score.lines() == ("3.328", "raw distance", "limit 2")
    qtbot.mouseClick(window.page.score, Qt.MouseButton.LeftButton)
    assert window.page.score.lines()[0] == "84"


def test_review_band_shows_both_limits(window, station):
    station.push(Verdict.REVIEW, 46, limits=Limits(1.7, 2.0))
    window.tick()
    assert window.page.score.lines()[2] == "accept 42 · reject 50"


@pytest.mark.parametrize(
    ("score", "shown"),
    [(0.0, "0"), (49.9, "49"), (50.0, "50"), (50.01, "51"), (99.2, "100"), (math.nan, text.NONE)],
)
def test_score_is_rounded_away_from_the_limit(score, shown):
    assert text.score(score) == shown


def test_yield_is_never_rounded_up_to_perfect():
    assert text.share(0.99999) == f"99.99{NBSP}%"
    assert text.share(1.0) == f"100{NBSP}%"
    assert text.share(None) == text.NONE


# counters, status, badge


def test_counters(window, station):
    station.shift = ShiftCounters(1.0, 12502, 12486, 12320, 24, 135, 7, 16)
    station.cycle = CycleTime(0.098, 0.102, 0.341)
    window.refresh_all()
    shown = window.page.shift.shown
    assert shown("triggered") == f"12{NBSP}502"
    assert shown("inspected") == f"12{NBSP}486"
    assert (shown("review"), shown("failed"), shown("error")) == ("24", "135", "7")
    assert shown("passed_over") == "16"
    assert shown("yield") == f"98.61{NBSP}%"
    assert "0.10 / 0.10 / 0.34 s" in window.page.shift.cycle_text()
    assert window.status.shown("not_inspected") == "23"


def test_status_line(window, station):
    station.state = StationState.RUNNING
    station.rate, station.delay = Rates(10.0, 9.8, 0.2), Latency(28.4, 47.0, 55.2)
    station.kept = RecordsState("/data", written=5, free_bytes=412_000_000_000)
    window.refresh_all()
    shown = window.status.shown
    assert shown("camera") == "SimCam U5 · 960×720 Mono8 · running"
    assert [shown(n) for n in ("acquired", "inspected", "passed_over")] == [
        "10.0/s",
        "9.8/s",
        "0.2/s",
    ]
    assert shown("latency") == "28 / 55 ms"
    assert shown("runtime") == "torch cpu f32"
    assert shown("records") == "0 · 5 images"
    assert shown("disk") == f"412{NBSP}GB"
    assert not window.records_alarm.isVisible()


@pytest.mark.parametrize(
    ("scale", "words"), [(None, "600 px"), (0.05, "1.50 mm²"), (0.2, "24 mm²")]
)
def test_the_size_of_an_anomaly_is_in_millimetres_where_the_scale_is_known(scale, words):
    region = Region(x=0, y=0, width=30, height=20, area=600, peak=80.0, mm_per_pixel=scale)
    assert text.extent(region) == words


def test_the_runtime_stands_with_how_far_it_is_from_the_reference(window, station):
    caption = window.status._captions["runtime"].text
    assert caption() == "Runtime · reference"
    station.runtime_state = RuntimeState("openvino cpu bf16", 0.034)
    window.refresh_all()
    assert (caption(), window.status.shown("runtime")) == (
        "Runtime · differs ≤ 0.03 σ",
        "openvino cpu bf16",
    )
    station.runtime_state = RuntimeState("torch cpu f32", None, ("INT8 does not agree.",))
    window.refresh_all()
    assert window.status.shown("runtime") == "△ torch cpu f32"
    station.runtime_state = RuntimeState()
    window.refresh_all()
    assert caption() == "Runtime"


def test_a_problem_of_the_records_is_an_alarm(window, station):
    station.kept = RecordsState("/data", 5, 0, 3, 0, "The disk of /data is full; free space.")
    window.refresh_all()
    assert window.records_alarm.isVisible()
    assert window.records_alarm.sentence() == "The disk of /data is full; free space."
    assert window.status.shown("records") == "3 not saved · 0 · 5 images"
    station.kept = RecordsState("/data", 8, 0, 3, 10**9, "")
    window.refresh_all()
    assert not window.records_alarm.isVisible()


def test_a_recorder_that_lags_is_told_before_anything_is_lost(window, station):
    station.kept = RecordsState("/data", 5, 40, recorded=60, lag_s=2.0)
    window.refresh_all()
    assert window.status.shown("records") == "60 · 5 images"
    station.kept = RecordsState("/data", 5, 200, recorded=60, lag_s=12.4)
    window.refresh_all()
    assert window.status.shown("records") == "△ 12 s behind · 60 · 5 images"


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (SourceKind.LIVE, "● LIVE"),
        (SourceKind.SIMULATED, "▲ SIMULATED CAMERA"),
        (SourceKind.FILE, "▲ FILE"),
    ],
)
def test_badge(make_window, kind, word):
    window = make_window(FakeStation(kind))
    assert window.top.badge.text() == word
    assert window.top.badge.isVisible()


def test_badge_is_drawn_onto_the_image(qtbot, make_window):
    """The same picture as LIVE and as SIMULATED differs where the badge is."""
    grabs = []
    for kind in (SourceKind.LIVE, SourceKind.SIMULATED):
        station = FakeStation(kind)
        window = make_window(station)
        station.push(decided_at=1_700_000_000.0)
        _picture(qtbot, window, 1)
        grabs.append(window.page.image.grab().toImage())
    assert grabs[0] != grabs[1]


def test_without_a_camera(window, station):
    station.source_info = None
    window.refresh_all()
    assert window.top.badge.text() == "NO CAMERA"
    assert window.status.shown("camera") == "none · stopped"


# rejects


def test_film_strip_is_newest_first_and_keeps_twelve(window, station):
    for number in range(15):
        station.push(Verdict.FAIL, 60 + number)
        window.refresh_all()
    numbers = [thumb.shown.inspection.number for thumb in window.page.strip.thumbnails()]
    assert numbers == list(range(15, 3, -1))


def test_known_thumbnails_are_not_made_again(window, station):
    station.push(Verdict.FAIL, 60)
    window.refresh_all()
    first = window.page.strip.thumbnails()[0]
    station.push(Verdict.FAIL, 61)
    window.refresh_all()
    assert window.page.strip.thumbnails()[1] is first


# trend


def test_trend_draws_each_verdict_in_its_own_way(window, station):
    station.push(Verdict.PASS, 20.0)
    station.push(Verdict.FAIL, 80.0)
    station.push(Verdict.ERROR, math.nan, with_frame=False)
    station.push(Verdict.PASS, 30.0)
    window.refresh_all()
    trend = window.page.trend
    assert [list(axis) for axis in trend.drawn(Verdict.PASS)] == [[1, 4], [20, 30]]
    assert [list(axis) for axis in trend.drawn(Verdict.FAIL)] == [[2], [80]]
    numbers, heights = trend.drawn(Verdict.ERROR)
    assert list(numbers) == [3] and np.isfinite(heights).all()
    # The average of the logarithm: 20 * (30 / 20)^0.2.
    assert trend.ewma() == pytest.approx(21.69, abs=0.01)
    assert trend.summary() == "EWMA of accepted parts 21.7 · no baseline yet: 2 of 50 parts"


def test_trend_takes_each_point_once_and_keeps_500(window, station):
    for number in range(520):
        station.push(Verdict.PASS, 20.0)
        if number % 100 == 0:
            window.refresh_all()
    window.refresh_all()
    numbers, _ = window.page.trend.drawn(Verdict.PASS)
    assert list(numbers) == list(range(21, 521))


def test_trend_begins_anew_with_another_product(window, station):
    station.push(Verdict.PASS, 40.0)
    window.refresh_all()
    station.select_product("label")
    station._trend.clear()
    station.push(Verdict.PASS, 10.0)
    window.refresh_all()
    assert list(window.page.trend.drawn(Verdict.PASS)[0]) == [2]
    assert window.page.trend.ewma() == pytest.approx(10.0)


def test_trend_is_empty_as_soon_as_another_product_is_chosen(window, station):
    station.push(Verdict.PASS, 40.0)
    window.refresh_all()
    station.select_product("label")
    window.refresh_all()
    assert list(window.page.trend.drawn(Verdict.PASS)[0]) == []


def test_trend_without_points(window, station):
    station.push(Verdict.ERROR, math.nan, with_frame=False)
    window.refresh_all()
    chart = window.page.trend
    chart.grab()
    assert math.isnan(chart.ewma())
    assert list(chart.drawn(Verdict.ERROR)[0]) == [1]
