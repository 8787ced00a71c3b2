"""Keys, questions, language, theme and settings."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from tests.ui.fake_station import FakeStation
from uniad_desktop.cameras.source import TriggerMode
from uniad_desktop.inspection.types import (
    CycleTime,
    Latency,
    LatencyStart,
    Limits,
    Rates,
    Reason,
    RecordsState,
    ShiftCounters,
    StationState,
    Verdict,
)
from uniad_desktop.ui import language, main_window, theme
from uniad_desktop.ui.application import create_application
from uniad_desktop.ui.main_window import MainWindow, run_window
from uniad_desktop.ui.resource import resource
from uniad_desktop.ui.settings import UiSettings
from uniad_desktop.ui.widgets.figure import Figure
from uniad_desktop.ui.widgets.top_bar import Page
from uniad_desktop.ui.widgets.touch_button import GAP, MAIN, TOUCH

K = Qt.Key


# start, stop, trigger


def test_space_starts_and_stops(qtbot, window, station):
    assert window.page.controls.start_stop.text() == "Start inspection (Space)"
    qtbot.keyClick(window, K.Key_Space)
    station.state = StationState.RUNNING
    window.refresh_all()
    assert window.page.controls.start_stop.text() == "Stop inspection (Space)"
    qtbot.keyClick(window, K.Key_Space)
    assert station.asked == ["start", "stop"]


@pytest.mark.parametrize(
    ("state", "asks"),
    [
        (StationState.STOPPED, "start"),
        (StationState.STARTING, "stop"),
        (StationState.RUNNING, "stop"),
        (StationState.CAMERA_LOST, "stop"),
        (StationState.FINISHED, "start"),
        (StationState.FAILED, "start"),
    ],
)
def test_the_main_button_does_what_it_says(qtbot, window, station, state, asks):
    station.state = state
    window.refresh_all()
    button = window.page.controls.start_stop
    assert button.text().lower().startswith(asks)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert station.asked == [asks]


def test_trigger_is_offered_in_software_trigger_only(qtbot, window, station):
    station.push()
    window.refresh_all()
    trigger = window.page.controls.trigger
    assert not trigger.isVisible()
    qtbot.keyClick(window, K.Key_T)
    assert station.asked == []
    station.trigger_mode = TriggerMode.SOFTWARE
    window.refresh_all()
    assert trigger.isVisible()
    qtbot.keyClick(window, K.Key_T)
    qtbot.mouseClick(trigger, Qt.MouseButton.LeftButton)
    assert station.asked == ["trigger", "trigger"]
    station.state = StationState.STOPPED
    window.refresh_all()
    qtbot.keyClick(window, K.Key_T)
    assert station.asked == ["trigger", "trigger"]


# questions


def test_choosing_a_product(qtbot, window, station):
    qtbot.keyClick(window, K.Key_P)
    assert set(window.sheet.buttons) == {"flange", "label", "fabric", "board"}
    assert window.sheet.buttons["flange"].isChecked()
    qtbot.mouseClick(window.sheet.buttons["fabric"], Qt.MouseButton.LeftButton)
    assert station.asked == ["product fabric"]
    assert window.sheet is None
    assert window.top.product.value() == "Woven fabric"


def test_choosing_with_a_digit(qtbot, window, station):
    qtbot.keyClick(window, K.Key_P)
    qtbot.keyClick(window.sheet, K.Key_4)
    assert station.asked == ["product board"]


def test_choosing_the_trigger_mode(qtbot, window, station):
    qtbot.mouseClick(window.top.mode, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(window.sheet.buttons["software"], Qt.MouseButton.LeftButton)
    assert station.asked == ["mode software"]
    assert window.top.mode.value() == "Software trigger"


def test_a_hardware_trigger_is_chosen_with_its_line(qtbot, window, station):
    station.source_info = replace(
        station.source_info, trigger_sources=("Line0", "Line1", "Counter0Start")
    )
    window.refresh_all()
    qtbot.keyClick(window, K.Key_M)
    assert list(window.sheet.buttons) == [
        "free-running",
        "software",
        "hardware:Line0",
        "hardware:Line1",
    ]
    qtbot.mouseClick(window.sheet.buttons["hardware:Line1"], Qt.MouseButton.LeftButton)
    assert station.asked == ["mode hardware Line1"]
    window.refresh_all()
    assert window.top.mode.value() == "Hardware · Line1"
    assert window.page.controls.trigger.isHidden()


def test_a_camera_without_lines_is_not_offered_a_hardware_trigger(qtbot, window, station):
    qtbot.keyClick(window, K.Key_M)
    assert list(window.sheet.buttons) == ["free-running", "software"]
    qtbot.keyClick(window, K.Key_Escape)
    station.source_info = None  # not opened yet: nobody knows
    qtbot.keyClick(window, K.Key_M)
    assert list(window.sheet.buttons) == ["free-running", "software", "hardware"]


def test_the_line_that_the_camera_is_set_to_is_named(window, station):
    station.trigger_mode = TriggerMode.HARDWARE
    station.source_info = replace(station.source_info, settings={"TriggerSource": "Line0"})
    window.refresh_all()
    assert window.top.mode.value() == "Hardware · Line0"


def test_the_status_line_says_where_latency_begins(window, station):
    for since, words in (
        (LatencyStart.TRIGGER, "From trigger p50/p99"),
        (LatencyStart.CAMERA, "From exposure p50/p99"),
        (LatencyStart.RECEPTION, "Latency p50 / p99"),
    ):
        station.delay = Latency(1.0, 2.0, 3.0, since)
        window.refresh_all()
        assert window.status._captions["latency"].text() == words


def test_shift_reset_asks_first(qtbot, window, station):
    station.shift = ShiftCounters(1.0, inspected=9)
    qtbot.mouseClick(window.page.shift.reset, Qt.MouseButton.LeftButton)
    assert station.asked == []
    qtbot.keyClick(window, K.Key_Escape)
    assert station.asked == [] and window.sheet is None
    qtbot.keyClick(window, K.Key_R)
    station.push()
    window.refresh_all()  # the display goes on behind the question
    assert window.page.verdict.face.part == 1
    qtbot.mouseClick(window.sheet.buttons["reset"], Qt.MouseButton.LeftButton)
    assert station.asked == ["reset"]
    assert window.page.shift.shown("inspected") == "0"


def test_verdict_and_main_buttons_stay_free_while_something_is_asked(qtbot, window, station):
    station.push()
    window.refresh_all()
    window.questions.choose_product()
    sheet = window.sheet
    covered = sheet.rect().translated(sheet.mapTo(window, sheet.rect().topLeft()))
    for widget in (window.page.verdict, window.page.controls.start_stop, window.top.badge):
        place = widget.rect().translated(widget.mapTo(window, widget.rect().topLeft()))
        assert not covered.intersects(place)
    qtbot.keyClick(window, K.Key_Space)
    assert station.asked == ["stop"]
    sheet.close_with(None)


def test_escape_takes_back_the_question_before_the_frozen_display(qtbot, window, station):
    window.page.freeze(station.push(Verdict.FAIL, 80))
    window.questions.ask_reset()
    qtbot.keyClick(window, K.Key_Escape)
    assert window.sheet is None and window.page.frozen
    qtbot.keyClick(window, K.Key_Escape)
    assert not window.page.frozen


def test_a_second_tap_on_a_choice_changes_nothing(window, station):
    window.questions.ask_reset()
    button = window.sheet.buttons["reset"]
    button.click()
    button.click()
    assert station.asked == ["reset"]


def test_one_question_at_a_time(qtbot, window):
    window.questions.choose_product()
    window.questions.ask_reset()
    assert list(window.sheet.buttons) == ["reset"]
    window.sheet.close_with(None)
    assert window.sheet is None


# keys, touch


def test_heatmap_key(qtbot, window, station):
    station.push(Verdict.FAIL, 80)
    window.tick()
    assert window.page.heatmap.on
    qtbot.keyClick(window, K.Key_H)
    assert not window.page.heatmap.on
    assert window.page.heatmap.strength == 0.0
    assert window.page.heatmap.toggle.text() == "Image (H)"
    qtbot.waitUntil(
        lambda: (
            window.tick(),
            window.page.image.composed is not None
            and window.page.image.composed.order.strength == 0.0,
        )[1],
        timeout=20_000,
    )


def test_full_screen_key(qtbot, window, settings):
    qtbot.keyClick(window, K.Key_F11)
    assert window.isFullScreen() and settings.fullscreen
    qtbot.keyClick(window, K.Key_F11)
    assert not window.isFullScreen() and not settings.fullscreen


@pytest.mark.parametrize("code", ["en", "zh_CN"])
def test_everything_to_touch_is_large_enough(app, window, station, code):
    language.apply(app, code)
    station.trigger_mode = TriggerMode.SOFTWARE
    station.push(Verdict.FAIL, 70)
    window.refresh_all()
    app.processEvents()
    buttons = [button for button in window.findChildren(QPushButton) if button.isVisible()]
    assert len(buttons) >= 9
    for button in buttons:
        assert button.height() >= TOUCH and button.width() >= TOUCH, button.text()
    controls = window.page.controls
    assert controls.start_stop.height() >= MAIN and controls.trigger.height() >= MAIN
    assert controls.start_stop.x() - controls.trigger.geometry().right() > GAP - 2


def _worst_case(station: FakeStation) -> None:
    """Long figures everywhere."""
    station.number = 999_000
    station.push(Verdict.REVIEW, 46.0, limits=Limits(1.734, 2.041))
    station.trigger_mode = TriggerMode.SOFTWARE
    station.shift = ShiftCounters(1.0, 999_999, 999_888, 99_777, 9_999, 9_999, 9_999, 99_999)
    station.cycle = CycleTime(0.098, 0.102, 12.341)
    station.rate, station.delay = Rates(100.0, 99.8, 10.2), Latency(128.4, 147.0, 1255.2)
    station.kept = RecordsState("/var/lib/uniad/records", 999_999, free_bytes=4 * 10**12)


@pytest.mark.parametrize("code", ["en", "zh_CN"])
def test_no_text_is_cut_at_the_smallest_size(app, window, station, code):
    language.apply(app, code)
    _worst_case(station)
    window.refresh_all()
    app.processEvents()
    assert (window.width(), window.height()) == main_window.SMALLEST
    for raw in (False, True):
        window.page.score.setChecked(raw)
        figures = [figure for figure in window.findChildren(Figure) if figure.isVisible()]
        assert len(figures) > 30
        assert [figure.text() for figure in figures if figure.is_cut()] == []
    for button in window.findChildren(QPushButton):
        if button.isVisible() and button.text():
            wide = max(
                button.fontMetrics().horizontalAdvance(line) for line in button.text().split("\n")
            )
            icon = 0 if button.icon().isNull() else button.iconSize().width() + 4
            assert wide + icon <= button.width(), button.text()
    for label in window.findChildren(QLabel):
        if label.isVisible() and not isinstance(label, Figure) and not label.wordWrap():
            assert label.sizeHint().width() <= label.width() + 1, label.text()


# language


@pytest.mark.parametrize(("system", "code"), [("zh_CN", "zh_CN"), ("de_DE", "en"), ("en_GB", "en")])
def test_system_language(monkeypatch, system, code):
    locale = QLocale(system)
    monkeypatch.setattr(QLocale, "system", staticmethod(lambda: locale))
    assert language.resolve("system") == code
    assert language.resolve("en") == "en"


def test_language_switch_at_run_time(qtbot, window, station, settings):
    station.push(Verdict.FAIL, 83.0, at=(760, 220))
    window.refresh_all()
    qtbot.keyClick(window, K.Key_L)
    qtbot.mouseClick(window.sheet.buttons["zh_CN"], Qt.MouseButton.LeftButton)
    QApplication.processEvents()
    assert settings.language == "zh_CN"
    assert window.page.verdict.heading() == "不合格"
    assert window.page.verdict.face.line == "2 点钟方向异常，15\u00a0480 像素"
    assert window.top.product.value() == "机加工法兰"
    assert window.top.badge.text() == "▲ 模拟相机"
    assert window.page.controls.start_stop.text() == "停止检测 (空格)"
    assert window.status.shown("camera").endswith("运行中")
    window.appearance.set_language("en")
    QApplication.processEvents()
    assert window.page.verdict.heading() == "FAIL"
    assert window.top.product.value() == "Machined flange"
    assert window.page.verdict.face.line.startswith("Anomaly at 2 o'clock")


def test_nothing_english_is_left_in_chinese(app, window, station):
    """Every word on the screen is Chinese, a name, a unit or a key."""
    for page in (Page.SETUP, Page.INSPECT):  # what was written in English before must not stay
        window.show_page(page)
        window.tick()
    language.apply(app, "zh_CN")
    station.push(Verdict.ERROR, math.nan, reason=Reason.QUEUE_FULL, with_frame=False)
    window.refresh_all()
    app.processEvents()
    allowed = (
        "UniAD Desktop", "UniAD SimCam U5", "SimCam U5", "Mono8", "uniad-starter", "torch cpu f32",
        "F11", "Esc", "EWMA", "p50", "p99", "ms", "GB", "/s", "(H)", "(P)", "(M)", "(L)", "(D)",
        "(R)", "(T)",
        "(G)", "/var/lib/uniad/records", "(F1)", "(F4)", "(F)", "(A)", "(E)", "(W)", "(Z)", "(K)",
        "(X)", "(B)", "(O)", "(S)", "(C)", "(N)", "SIM-0001", "GenICam", "(F9)",
    )  # fmt: skip
    widgets = [*window.findChildren(QLabel), *window.findChildren(QPushButton)]
    texts = [widget.text() for widget in widgets] + [window.page.verdict.heading()]
    for words in texts:
        rest = words
        for known in allowed:
            rest = rest.replace(known, "")
        assert not any("a" <= letter.lower() <= "z" for letter in rest), words


def test_every_translation_is_finished_and_keeps_its_placeholders():
    root = ET.parse(resource("translations", "uniad_desktop_zh_CN.ts")).getroot()
    messages = list(root.iter("message"))
    assert len(messages) > 90
    for message in messages:
        source, translation = message.find("source"), message.find("translation")
        assert translation.get("type") is None, source.text
        assert translation.text, source.text
        for part in source.text.split("{")[1:]:
            assert "{" + part.split("}")[0] + "}" in translation.text, source.text


def test_the_compiled_translation_is_that_of_the_source(app):
    """A .ts that was changed without lrelease is found here."""
    language.apply(app, "zh_CN")
    root = ET.parse(resource("translations", "uniad_desktop_zh_CN.ts")).getroot()
    for context in root.iter("context"):
        name = context.findtext("name")
        for message in context.iter("message"):
            translated = app.translate(name, message.findtext("source"))
            assert translated == message.findtext("translation")


# theme


def test_theme_switch_at_run_time(qtbot, window, station, settings):
    station.push()
    window.refresh_all()
    dark = window.grab().toImage().pixelColor(window.width() - 3, 300)
    assert dark == theme.load("dark").colour("ground")
    qtbot.keyClick(window, K.Key_D)
    assert settings.theme == "light"
    light = window.grab().toImage().pixelColor(window.width() - 3, 300)
    assert light == theme.load("light").colour("ground")
    qtbot.keyClick(window, K.Key_D)
    assert settings.theme == "dark"


def _contrast(one: str, other: str) -> float:
    """Contrast ratio of WCAG 2."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", ["dark", "light"])
def test_text_is_readable(name):
    colours = theme.load(name).colours
    pairs = [(f"on_{verdict}", verdict) for verdict in ("pass", "review", "fail", "error", "stale")]
    pairs += [(ink, ground) for ink in ("text", "dim") for ground in ("card", "ground", "raised")]
    pairs += [(ink, "card") for ink in ("alarm_text", "warn_text", "error_text")]
    pairs += [("on_accent", "accent")]
    for ink, ground in pairs:
        assert _contrast(colours[ink], colours[ground]) >= 4.5 - 0.5 * (ground == "accent"), (
            ink,
            ground,
        )


def test_both_themes_name_the_same_colours():
    assert theme.load("dark").colours.keys() == theme.load("light").colours.keys()


# settings, application


def test_settings_are_handed_out_after_a_change_and_on_closing(qtbot, make_window, settings):
    saved: list[tuple[str, bool]] = []
    settings.on_change = lambda kept: saved.append((kept.theme, kept.heatmap))
    window = make_window(FakeStation())
    window.page.heatmap.slider.setValue(10)
    window.page.heatmap.slider.setValue(80)
    qtbot.waitUntil(lambda: saved == [("dark", True)], timeout=20_000)
    assert settings.heatmap_strength == pytest.approx(0.8)
    qtbot.keyClick(window, K.Key_H)
    window.close()
    assert saved[1:] == [("dark", False)]


@pytest.mark.parametrize(
    "wrong", [{"language": "tlh"}, {"theme": "pink"}, {"heatmap_strength": 1.5}]
)
def test_wrong_settings_are_named(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        UiSettings(**wrong)


def test_run_window_returns_when_closed(qtbot, app, station):
    from PySide6.QtCore import QTimer

    def close() -> None:
        for widget in app.topLevelWidgets():
            if isinstance(widget, MainWindow):
                widget.close()

    QTimer.singleShot(200, close)
    assert run_window(station, UiSettings(language="en")) == 0


def test_run_window_ends_when_told_to_stop(qtbot, app, station):
    asked: list[int] = []

    def stop() -> bool:
        asked.append(1)
        return len(asked) >= 2

    assert run_window(station, UiSettings(language="en"), stop=stop) == 0
    assert len(asked) == 2


def test_create_application_takes_the_one_there_is(app):
    assert create_application(["x"], UiSettings(language="zh_CN", theme="light")) is app
    assert language.current() == "zh_CN"
    assert theme.active().name == "light"


def test_the_window_never_keeps_the_station_waiting(window, station):
    """The window asks only what returns at once; it starts nothing by itself."""
    for _ in range(20):
        window.tick()
    assert station.asked == []
