"""The page in the station's window, and in a window of its own."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer

from tests.ui.review.conftest import settle
from uniad_desktop.inspection.types import Verdict
from uniad_desktop.ui import theme
from uniad_desktop.ui.barcode import NEXT_MS
from uniad_desktop.ui.review.filter_state import Wish
from uniad_desktop.ui.review_window import ReviewWindow, run_review_window
from uniad_desktop.ui.widgets.top_bar import Page

K = Qt.Key


def press(qtbot, widget, key) -> None:
    """A character may come from a barcode reader: it counts a moment later."""
    qtbot.keyClick(widget, key)
    qtbot.wait(4 * NEXT_MS)


@pytest.fixture
def window(make_window, station, folder, qtbot):
    made = make_window(station, data_folder=folder)
    assert made.review.records is None  # nothing is read before it is shown
    qtbot.keyClick(made, K.Key_F3)
    settle(qtbot, made.review)
    return made


def test_the_page_has_its_own_keys(qtbot, window, station, settings):
    assert window.shown is Page.REVIEW and window.review.grid.count == 12
    view = window.review.grid.view
    assert view.hasFocus()
    for key in (K.Key_Space, K.Key_D):
        press(qtbot, view, key)
    settle(qtbot, window.review)
    assert station.asked == [] and settings.theme == "dark"  # neither starts nor lightens
    assert not window.review.viewer.heatmap
    assert window.review.state.text() == "1 labelled as defect"
    assert window.top.theme.text() == ""  # no key is printed that does something else
    qtbot.keyClick(view, K.Key_F1)
    assert window.shown is Page.INSPECT and window.top.theme.text() == "(D)"
    press(qtbot, window, K.Key_Space)
    assert station.asked == ["start"]


def test_while_something_is_asked_keys_do_nothing_else(qtbot, window, station):
    press(qtbot, window.review.grid.view, K.Key_W)
    assert window.sheet is not None
    for key in (K.Key_T, K.Key_Space, K.Key_D):
        qtbot.keyClick(window.sheet.field, key)
    assert window.sheet.field.text() == "t d" and station.asked == []
    qtbot.keyClick(window.sheet.field, K.Key_Escape)
    assert window.sheet is None and window.review.grid.view.hasFocus()


def test_titles_are_those_of_the_station(window):
    assert window._title_of(window._station.products[0].key) != ""
    assert window._title_of("unknown") == "unknown"


def test_the_station_goes_on_behind_the_page(window):
    window.tick()
    window.review.open("/no/such/place")
    assert window.page.image is not None and window.shown is Page.REVIEW


@pytest.fixture
def alone(app, settings, folder, qtbot):
    made = ReviewWindow(
        "", settings, data_folder=folder, wish=Wish(verdicts=frozenset({Verdict.FAIL}))
    )
    made._timer.stop()
    made.show()
    made.activateWindow()
    settle(qtbot, made.page)
    yield made
    made.close()
    assert not made.beating
    made.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_a_window_without_a_station(qtbot, alone, settings):
    assert alone.page.grid.count == 6
    qtbot.waitUntil(lambda: (alone.tick(), bool(alone._titles))[1], timeout=10_000)
    assert alone._title_of("flange") == "Machined flange" and alone._title_of("x") == "x"
    qtbot.keyClick(alone.page.grid.view, K.Key_L)
    assert alone.sheet is not None
    alone.sheet.close_with("zh_CN")
    assert settings.language == "zh_CN"
    alone.appearance.set_language("en")
    alone.appearance.switch_theme()
    assert settings.theme == "light" and theme.active().name == "light"
    qtbot.keyClick(alone.page.grid.view, K.Key_G)
    qtbot.keyClick(alone.sheet, K.Key_Escape)
    assert alone.sheet is None


def test_the_window_ends_when_it_is_told(app, settings, folder):
    QTimer.singleShot(20_000, app.quit)  # a bound, should it not
    assert run_review_window("", settings, data_folder=folder, stop=lambda: True) == 0
