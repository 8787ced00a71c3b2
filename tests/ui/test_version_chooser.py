"""Choosing another version of the model on the screen."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from tests.ui.fake_versions import FakeVersions, known
from uniad_desktop.engine.package import PackageError
from uniad_desktop.engine.prediction import ModelIdentity
from uniad_desktop.ui import language, main_window, version_chooser
from uniad_desktop.ui.main_window import MainWindow
from uniad_desktop.ui.widgets.figure import Figure
from uniad_desktop.ui.widgets.touch_button import MAIN, TOUCH

K = Qt.Key
LEFT = Qt.MouseButton.LeftButton
NEWER = ModelIdentity("uniad-starter", "1.0.1", "d" * 64)


@pytest.fixture
def versions() -> Iterator[FakeVersions]:
    made = FakeVersions()
    yield made
    made.gate.set()


@pytest.fixture
def window(make_window: Callable[..., MainWindow], station, versions) -> MainWindow:
    return make_window(station, versions=versions)


@pytest.fixture
def until(qtbot, window) -> Callable[[Callable[[], bool]], None]:
    """Beats until something is so."""

    def wait(so: Callable[[], bool]) -> None:
        qtbot.waitUntil(lambda: (window.tick(), window.refresh_bars(), so())[2], timeout=20_000)

    return wait


@pytest.fixture
def listed(window, until) -> Callable[[], None]:
    """Opens the list and waits for it."""

    def show() -> None:
        window.choose_version()
        until(lambda: bool(window.sheet and window.sheet.buttons))
        until(lambda: next(iter(window.sheet.buttons.values())).isEnabled())

    return show


def words(window: MainWindow) -> list[str]:
    return [label.text() for label in window.sheet.findChildren(QLabel)]


def caption(window: MainWindow) -> str:
    return window.top.model.accessibleName()


# offering


def test_a_station_that_does_not_follow_shows_the_model_only(qtbot, make_window, station):
    window = make_window(station)
    assert window.top.model is None
    window.choose_version()
    qtbot.keyClick(window, K.Key_V)
    assert window.sheet is None


@pytest.mark.parametrize("code", ["en", "zh_CN"])
@pytest.mark.parametrize("preparing", [False, True])
def test_the_button_fits_and_prints_its_key(
    qtbot, app, window, station, versions, until, code, preparing
):
    language.apply(app, code)
    station.model = ModelIdentity("a-model-with-quite-a-long-name-for-a-button", "10.20.30", "a")
    if preparing:
        versions.record = versions._put(known("10.20.31", "e"))
        until(lambda: "10.20.31" in caption(window))
    window.refresh_all()
    app.processEvents()
    button = window.top.model
    assert button.isVisible() and button.height() >= TOUCH and "(V)" in caption(window)
    assert "10.20.30" in button.value()
    assert (window.width(), window.height()) == main_window.SMALLEST
    labels = [one for one in window.top.findChildren(QLabel) if not isinstance(one, Figure)]

    def fits() -> bool:
        return all(
            label.sizeHint().width() <= label.width() + 1 for label in labels if label.isVisible()
        )

    qtbot.waitUntil(fits, timeout=20_000)
    assert window.top.fullscreen.geometry().right() < window.top.width()


def test_key_and_tap_open_the_list(qtbot, window, until):
    qtbot.keyClick(window, K.Key_V)
    assert "Reading…" in words(window)
    until(lambda: bool(window.sheet.buttons))
    qtbot.keyClick(window, K.Key_Escape)
    assert window.sheet is None
    qtbot.mouseClick(window.top.model, LEFT)
    until(lambda: bool(window.sheet.buttons))
    window.sheet.close_with(None)


# the list


def test_the_list_says_what_each_version_is(window, listed):
    listed()
    buttons = window.sheet.buttons
    assert list(buttons) == ["0", "1", "2"]
    assert [key for key, button in buttons.items() if button.isChecked()] == ["2"]
    said = words(window)
    assert "1.0.1 (2)" in said and "1.0.0 · in use (3)" in said
    assert any(line.startswith("4 products · 2026-11-2") for line in said)
    assert any(line.startswith("1 product · ") and line.endswith("cccccccc") for line in said)
    assert "limits of flange (from uniad-starter 1.0.0)" in said
    window.sheet.close_with(None)


@pytest.mark.parametrize("code", ["en", "zh_CN"])
def test_many_versions_fit_and_can_be_touched(app, window, versions, listed, code):
    language.apply(app, code)
    versions.versions = [known(f"1.0.{n}", "e") for n in range(30, 0, -1)]
    versions.back = known("1.0.1", "e")
    listed()
    app.processEvents()
    sheet = window.sheet
    for button in sheet.findChildren(QPushButton):
        assert button.height() >= TOUCH
    assert sheet.rect().contains(sheet._box.geometry())
    assert sheet._box.rect().contains(sheet.cancel.geometry())
    for row in sheet.buttons.values():
        assert row.title.sizeHint().width() <= row.title.width() + 1
        assert row.aside.sizeHint().width() <= row.aside.width() + 1
        assert not row.detail.is_cut()
    sheet.close_with(None)


def test_the_window_never_waits_for_files(qtbot, window, versions, station):
    versions.gate.clear()
    window.choose_version()
    station.push()
    window.tick()
    window.refresh_all()
    assert window.page.verdict.face.part == 1 and "Reading…" in words(window)
    qtbot.keyClick(window, K.Key_Escape)
    assert window.sheet is None
    versions.gate.set()
    qtbot.waitUntil(lambda: versions.asked == ["list"], timeout=20_000)
    window.tick()
    assert window.sheet is None  # nobody wants that list any more
    assert all(name.startswith("ui-versions") for name in versions.threads)


def test_closing_while_files_are_read_leaves_no_thread(window, versions):
    versions.gate.clear()
    window.choose_version()
    window.close()
    versions.gate.set()
    for thread in threading.enumerate():
        if thread.name.startswith("ui-versions"):
            thread.join(5.0)
            assert not thread.is_alive()


# the change


def test_a_change_asks_once_and_the_top_bar_follows(
    qtbot, window, station, versions, until, listed
):
    listed()
    qtbot.keyClick(window.sheet, K.Key_2)
    assert list(window.sheet.buttons) == ["change"] and versions.asked == ["list"]
    assert any("limits may differ from those of 1.0.0" in line for line in words(window))
    qtbot.keyClick(window.sheet, K.Key_Return)
    assert window.sheet is None
    window.refresh_bars()
    assert "1.0.1 is loading…" in caption(window)
    until(lambda: versions.asked == ["list", "activate 1.0.1"])
    until(lambda: window.versions.preparing == "1.0.1")
    assert window.top.model.value() == "uniad-starter 1.0.0"
    station.model = NEWER
    until(lambda: caption(window) == "Model (V) uniad-starter 1.0.1")
    assert window.page.notice.isHidden()


def test_the_question_cannot_be_answered_by_a_double_tap(qtbot, window, versions, listed):
    listed()
    qtbot.mouseClick(window.sheet.buttons["1"], LEFT)
    button = window.sheet.buttons["change"]
    assert button.height() >= MAIN
    qtbot.mouseClick(button, LEFT)
    assert window.sheet is not None
    qtbot.waitUntil(button.isEnabled, timeout=20_000)
    qtbot.mouseClick(button, LEFT)
    assert window.sheet is None
    qtbot.waitUntil(lambda: "activate 1.0.1" in versions.asked, timeout=20_000)


def test_escape_takes_the_question_back(qtbot, window, versions, listed):
    listed()
    qtbot.mouseClick(window.sheet.buttons["1"], LEFT)
    qtbot.keyClick(window, K.Key_Escape)
    assert window.sheet is None and versions.asked == ["list"]
    assert window.versions.preparing == ""


def test_the_version_in_force_is_not_changed_to(qtbot, window, versions, listed):
    listed()
    qtbot.mouseClick(window.sheet.buttons["2"], LEFT)
    assert window.sheet is None and versions.asked == ["list"]


def test_one_tap_back(qtbot, window, station, versions, until, listed):
    versions.back = versions.versions[1]
    listed()
    assert next(iter(window.sheet.buttons)) == "back" and "Back to 1.0.1 (1)" in words(window)
    qtbot.keyClick(window.sheet, K.Key_1)
    until(lambda: versions.asked == ["list", "roll back"])
    until(lambda: window.versions.preparing == "1.0.1")


def test_a_change_from_elsewhere_is_shown(window, station, versions, until):
    versions._put(versions.versions[1])
    until(lambda: "1.0.1 is loading" in caption(window))
    station.model = NEWER
    until(lambda: caption(window) == "Model (V) uniad-starter 1.0.1")


# what goes wrong


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (PackageError("The disk is full; free space."), "The disk is full; free space."),
        (OSError("gone"), "The versions cannot be read or changed: gone"),
    ],
)
def test_a_change_that_fails_is_a_sentence(qtbot, window, versions, until, listed, error, sentence):
    listed()
    versions.problem = error
    qtbot.keyClick(window.sheet, K.Key_2)
    qtbot.keyClick(window.sheet, K.Key_Return)
    until(window.page.notice.isVisible)
    assert window.page.notice.sentence() == sentence
    assert caption(window) == "Model (V) uniad-starter 1.0.0"
    assert window.page.notice.button.height() >= TOUCH
    for figure in window.page.shift.findChildren(Figure):
        assert figure.height() >= figure.sizeHint().height(), figure.text()
    qtbot.keyClick(window, K.Key_Escape)
    assert window.page.notice.isHidden()


def test_a_list_that_fails_is_a_sentence(qtbot, window, versions, until):
    versions.problem = PackageError("The folder cannot be read; check the access rights.")
    window.choose_version()
    until(window.page.notice.isVisible)
    assert window.sheet is None
    qtbot.mouseClick(window.page.notice.button, LEFT)
    assert window.page.notice.isHidden()


def test_a_damaged_version_is_listed_and_says_why(qtbot, window, versions, listed):
    versions.versions[1] = known("1.0.1", "", problem="weights.bin is damaged; import it again.")
    listed()
    assert "1.0.1 · cannot be used (2)" in words(window)
    assert "Tap to read why." in words(window)
    qtbot.mouseClick(window.sheet.buttons["1"], LEFT)
    assert window.page.notice.sentence() == "weights.bin is damaged; import it again."
    assert versions.asked == ["list"]


def test_a_version_without_the_product_is_not_changed_to(qtbot, window, versions, listed):
    listed()
    qtbot.mouseClick(window.sheet.buttons["0"], LEFT)
    assert "1.0.2 does not know the product “Machined flange”" in window.page.notice.sentence()
    assert window.sheet is None and versions.asked == ["list"]


def test_a_version_that_never_takes_over_is_told(monkeypatch, window, station, versions, until):
    monkeypatch.setattr(version_chooser, "LONGEST_PREPARATION_S", 0.05)
    versions._put(versions.versions[1])
    until(lambda: "1.0.1 was chosen but has not taken over" in window.page.notice.sentence())
    assert window.versions.preparing == ""
    station.model = NEWER
    until(window.page.notice.isHidden)


# language


def test_nothing_english_is_left_in_chinese(app, window, station, versions, listed):
    language.apply(app, "zh_CN")
    versions.back = versions.versions[1]
    versions.versions = [known("1.0.3", "1", change="", active=True), *versions.versions]
    listed()
    _only_chinese(window)
    window.sheet.close_with("2")
    _only_chinese(window)
    window.sheet.close_with(None)
    window.versions._chosen(window.versions._versions.list(), "1")
    window.refresh_all()
    _only_chinese(window)


def _only_chinese(window: MainWindow) -> None:
    """Names, keys, hashes and what a manifest says are no words of the window."""
    allowed = (
        "limits of flange (from uniad-starter 1.0.0)", "uniad-starter", "UniAD Desktop", "Enter",
        "UniAD SimCam U5", "Esc", "F11", "SimCam U5", "Mono8", "torch cpu f32", "EWMA", "p50",
        "p99", "ms", "GB",
        "/s", "/var/lib/uniad/records", "(H)", "(P)", "(M)", "(L)", "(D)", "(R)", "(T)", "(V)",
        "(G)", "abababab", "cccccccc", "dddddddd", "(F1)", "(F4)", "(F)", "(A)", "(E)", "(W)",
        "(Z)", "(K)", "(X)", "(B)", "(O)", "(S)", "(C)", "(N)", "SIM-0001",
        "GenICam", "(F9)",
    )  # fmt: skip
    QApplication.processEvents()
    for widget in [*window.findChildren(QLabel), *window.findChildren(QPushButton)]:
        rest = widget.text()
        for one in allowed:
            rest = rest.replace(one, "")
        assert not any("a" <= letter.lower() <= "z" for letter in rest), widget.text()
