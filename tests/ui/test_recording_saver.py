"""F9 on every page saves the last raw frames, and what became of it is told."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from tests.ui.fake_recorder import FakeRecorder
from tests.ui.fake_station import FakeStation
from uniad_desktop.cameras.recordings.ring import RecordingState
from uniad_desktop.ui.main_window import MainWindow
from uniad_desktop.ui.widgets.top_bar import Page

K = Qt.Key
FULL = "The recording needs 300 MB, but /data has 12 MB left; free space."


@pytest.fixture
def recorder(station: FakeStation) -> FakeRecorder:
    station.recorder = FakeRecorder()
    return station.recorder


@pytest.fixture
def window(make_window, station, recorder, tmp_path) -> MainWindow:
    return make_window(station, data_folder=tmp_path, recordings=tmp_path)


def until(window: MainWindow, condition, seconds: float = 5.0) -> None:
    """Beats until something is so."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        window.tick()
        window.refresh_bars()
        time.sleep(0.005)


def shown(window: MainWindow) -> str:
    """What is said about a saving on the page that is shown."""
    return {
        Page.INSPECT: window.page.news,
        Page.SETUP: window.setup.notice,
    }.get(window.shown, window.saved).sentence()


@pytest.mark.parametrize("page", list(Page))
def test_a_key_saves_on_every_page_and_asks_nothing(
    qtbot, window, recorder, tmp_path: Path, page: Page
):
    window.show_page(page)
    qtbot.keyClick(window, K.Key_F9)
    until(window, lambda: recorder.saved)
    assert window.sheet is None
    ((folder, seconds),) = recorder.saved
    assert folder.parent == tmp_path / "recordings" and folder.name.endswith("_SIM-0001")
    assert seconds > 3600.0  # all that is in memory
    if page is not Page.SETUP:  # there the button says so
        assert shown(window) == "Raw frames are being saved…"
    recorder.finish()
    until(window, lambda: "are saved" in shown(window))
    assert shown(window) == (
        f"50 raw frames of 9.8 s are saved: {folder.name}. Play them with --camera replay:{folder}"
    )
    qtbot.keyClick(window, K.Key_Escape)
    until(window, lambda: shown(window) == "")
    assert len(recorder.saved) == 1


def test_the_window_goes_on_while_the_camera_hangs(qtbot, window, recorder):
    recorder.go.clear()
    qtbot.keyClick(window, K.Key_F9)
    for _ in range(5):
        window.tick()
    assert recorder.saved == [] and window.saver.writing
    qtbot.keyClick(window, K.Key_F9)
    recorder.go.set()
    until(window, lambda: recorder.saved)
    recorder.finish()
    until(window, lambda: not window.saver.writing)
    assert len(recorder.saved) == 1


def test_a_question_does_not_stand_in_the_way(qtbot, window, recorder):
    window.questions.choose_product()
    assert window.sheet is not None
    qtbot.keyClick(window.sheet, K.Key_F9)
    until(window, lambda: recorder.saved)
    assert window.sheet is not None


def test_the_strip_makes_room_for_a_question(window, recorder):
    window.show_page(Page.REVIEW)
    window.save_recordings()
    until(window, lambda: recorder.saved)
    recorder.finish()
    until(window, lambda: "are saved" in window.saved.sentence())
    window.questions.choose_product()
    window.refresh_bars()
    assert not window.saved.isVisible()
    window.escape()
    window.refresh_bars()
    assert window.sheet is None and "are saved" in window.saved.sentence()


@pytest.mark.parametrize("page", list(Page))
def test_a_full_disk_is_an_alarm_and_says_how_to_keep_the_frames(qtbot, window, recorder, page):
    window.show_page(page)
    qtbot.keyClick(window, K.Key_F9)
    until(window, lambda: recorder.saved)
    recorder.fail(FULL)
    banner = window.page.notice if page is Page.INSPECT else window._page().station_notice
    until(window, banner.sentence)
    assert banner.sentence().startswith(FULL)
    assert "stop (Space), make room, save again (F9)" in banner.sentence()
    assert shown(window) == ""
    qtbot.keyClick(window, K.Key_Escape)
    until(window, lambda: not banner.sentence())
    recorder.state = RecordingState(50, 9.8)
    qtbot.keyClick(window, K.Key_F9)
    until(window, lambda: len(recorder.saved) == 2)


def test_a_camera_that_is_lost_meanwhile_is_told(qtbot, window, recorder):
    qtbot.keyClick(window, K.Key_F9)
    until(window, lambda: recorder.saved)
    recorder.lost = "The camera 4711 is lost."
    until(window, window.page.notice.sentence)
    told = window.page.notice.sentence()
    assert told.startswith("The camera 4711 is lost. Whether the recording")
    assert told.endswith("is not known.") and not window.saver.writing


def test_a_camera_that_came_back_has_forgotten(qtbot, window, recorder):
    qtbot.keyClick(window, K.Key_F9)
    until(window, lambda: recorder.saved)
    recorder.state = RecordingState()
    until(window, window.page.notice.sentence)
    assert "closed or lost before the recording was written" in window.page.notice.sentence()


def test_a_camera_that_was_changed_meanwhile_is_told(qtbot, window, station, recorder):
    qtbot.keyClick(window, K.Key_F9)
    until(window, lambda: recorder.saved)
    station.recorder = None
    until(window, window.page.notice.sentence)
    assert window.page.notice.sentence() == "The camera was closed meanwhile."


def test_what_cannot_even_begin_is_no_alarm(qtbot, window, recorder):
    recorder.refuses = "Nothing was recorded yet; let the camera send frames first."
    qtbot.keyClick(window, K.Key_F9)
    until(window, lambda: shown(window) == recorder.refuses)
    assert window.page.notice.sentence() == ""


def test_files_send_no_raw_frames(qtbot, make_window, station, tmp_path):
    window = make_window(station, recordings=tmp_path)
    qtbot.keyClick(window, K.Key_F9)
    assert "only GenICam cameras send them" in window.page.news.sentence()
    qtbot.keyClick(window, K.Key_Escape)
    station.source_info = None
    qtbot.keyClick(window, K.Key_F9)
    assert "not open yet" in window.page.news.sentence()


def test_on_the_inspect_page_nothing_is_asked_of_the_camera(window, recorder):
    for _ in range(30):
        window.tick()
    assert recorder.looks == 0


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("page", list(Page))
def test_the_strip_leaves_room(make_window, station, recorder, settings, tmp_path, page, language):
    settings.language = language
    window = make_window(station, data_folder=tmp_path, recordings=tmp_path)
    window.show_page(page)
    window.save_recordings()
    until(window, lambda: recorder.saved)
    recorder.finish()
    until(window, lambda: shown(window) and not window.saver.writing)
    window.tick()
    assert (window.width(), window.height()) == (1280, 720)
    assert window.minimumSizeHint().height() <= 720
    if not window.saved.isHidden():
        strip = window.saved.geometry()
        assert window._ground.rect().contains(strip) and strip.height() < 100
        assert not strip.intersects(window.status.geometry())
        window.resize(1600, 900)
        assert window.saved.width() > strip.width() and window.saved.y() > strip.y()
