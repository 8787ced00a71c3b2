"""Dragging the limits by finger and by key."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtWidgets import QApplication

from uniad_desktop.ui import language, theme
from uniad_desktop.ui.widgets.limit_chart import LimitChart, Line
from uniad_desktop.ui.widgets.touch_button import TOUCH

K = Qt.Key
LEFT = Qt.MouseButton.LeftButton
PRESENT = 20.0  # raw
GOOD = np.linspace(8.0, 19.0, 400)
BAD = np.array([18.0, 30.0, 90.0])


@pytest.fixture
def chart(app: QApplication) -> Iterator[LimitChart]:
    made = LimitChart()
    made.setMinimumSize(900, 400)  # a window without one warns on the offscreen platform
    made.show()
    app.processEvents()
    made.show_scores(GOOD, BAD, PRESENT)
    made.show_limits(PRESENT, PRESENT, band=False)
    app.processEvents()
    yield made
    made.close()
    made.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def told(chart: LimitChart) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    chart.moved.connect(lambda accept, reject: found.append((accept, reject)))
    return found


def drag(qtbot, chart: LimitChart, start: QPoint, by: int) -> None:
    spot = chart.plot.viewport()
    qtbot.mousePress(spot, LEFT, pos=start)
    for step in (by // 2, by):
        qtbot.mouseMove(spot, start + QPoint(step, 0))
        QApplication.processEvents()
    qtbot.mouseRelease(spot, LEFT, pos=start + QPoint(by, 0))


def scale(chart: LimitChart) -> float:
    """Raw score per pixel."""
    one, other = (chart.place_of(Line.REJECT) for _ in range(2))
    assert one == other
    rect = chart._plot.box.sceneBoundingRect()
    return chart._top * PRESENT / 50.0 / rect.width()


def test_every_part_stands_in_a_column_also_beyond_the_end(chart):
    good, bad = chart.drawn()
    assert sum(good) == 400 and sum(bad) == 3 and bad[-1] == 1


def test_a_line_is_dragged_and_tells_at_once(chart, told, qtbot):
    before = scale(chart)
    drag(qtbot, chart, chart.place_of(Line.REJECT), -100)
    assert len(told) >= 2
    accept, reject = told[-1]
    assert accept == reject == pytest.approx(PRESENT - 100 * before, abs=2 * before)
    assert chart.limits() == (accept, reject)


def test_it_is_grabbed_at_the_handle_and_within_reach_only(chart, told, qtbot):
    handle = chart.handles[Line.REJECT]
    assert handle.width() >= TOUCH and handle.height() >= TOUCH
    drag(qtbot, chart, handle.geometry().topLeft() + QPoint(4, 4), 30)
    assert told
    told.clear()
    drag(qtbot, chart, chart.place_of(Line.REJECT) + QPoint(TOUCH // 2 - 2, 60), 20)
    assert told
    told.clear()
    drag(qtbot, chart, chart.place_of(Line.REJECT) + QPoint(TOUCH, 60), 20)
    assert not told


def test_t1_is_never_above_t2(chart, told, qtbot):
    chart.show_limits(14.0, 20.0, band=True)
    drag(qtbot, chart, chart.place_of(Line.ACCEPT), 600)
    assert chart.limits() == (20.0, 20.0)
    # At one place, the side that is touched says which.
    drag(qtbot, chart, chart.place_of(Line.REJECT) - QPoint(4, 0), -150)
    accept, reject = chart.limits()
    assert accept < reject == 20.0
    drag(qtbot, chart, chart.place_of(Line.REJECT) + QPoint(4, 0), -700)
    assert chart.limits() == (accept, accept)
    assert all(low <= high for low, high in told)


def test_one_line_without_a_band(chart):
    assert chart.handles[Line.ACCEPT].isHidden() and not chart.handles[Line.REJECT].isHidden()
    assert "50" in chart.handles[Line.REJECT].text()
    chart.show_limits(16.0, 20.0, band=True)
    assert "T2 reject 50" in chart.handles[Line.REJECT].text()
    assert "T1 accept 40" in chart.handles[Line.ACCEPT].text()
    one, other = (chart.handles[line].geometry() for line in Line)
    assert not one.intersects(other)


def test_a_limit_stays_above_nothing_and_a_finger_within_sight(chart, qtbot):
    drag(qtbot, chart, chart.place_of(Line.REJECT), -3000)
    assert chart.limits()[1] == pytest.approx(0.5 * PRESENT / 50)
    drag(qtbot, chart, chart.place_of(Line.REJECT), 3000)
    assert chart.limits()[1] == pytest.approx(100 * PRESENT / 50)


def test_keys_move_the_chosen_line(chart, told, qtbot):
    point = PRESENT / 50
    qtbot.keyClick(chart, K.Key_Right)
    assert told[-1][1] == pytest.approx(PRESENT + 0.5 * point)
    qtbot.keyClick(chart, K.Key_PageDown)
    assert told[-1][1] == pytest.approx(PRESENT - 4.5 * point)
    qtbot.keyClick(chart, K.Key_Down)
    assert chart.chosen is Line.REJECT  # there is but one
    chart.show_limits(10.0, 20.0, band=True)
    qtbot.keyClick(chart, K.Key_Down)
    assert chart.chosen is Line.ACCEPT
    qtbot.keyClick(chart, K.Key_PageUp)
    assert told[-1] == (pytest.approx(10.0 + 5 * point), 20.0)
    qtbot.keyClick(chart, K.Key_Up)
    for _ in range(40):
        qtbot.keyClick(chart, K.Key_PageUp)
    assert chart.limits()[1] == pytest.approx(20.0 + 200 * point)
    assert chart.place_of(Line.REJECT).x() < chart.plot.width()  # the scale went along


def test_nothing_known_but_what_the_package_says(chart):
    chart.show_scores([], [], PRESENT, (9.0, 70.0))
    chart.show_limits(PRESENT, PRESENT, band=False)
    assert sum(chart.drawn()[0]) == 0
    assert chart._top >= 70.0 / PRESENT * 50


def test_the_lines_keep_their_raw_values(chart, told, qtbot):
    accept = 20.0 / 3.0
    chart.show_limits(accept, 20.0, band=True)
    qtbot.keyClick(chart, K.Key_Left)
    assert told[-1][0] == accept  # the other line did not move, not by the last bit either


def test_theme_and_language_are_taken_over(chart, app):
    theme.apply(app, "light")
    chart.theme_changed()
    chart.retranslate()
    language.apply(app, "en")
    assert chart.handles[Line.REJECT].text()
