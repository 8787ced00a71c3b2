"""Pictures side by side: zoom, score under the cursor, what is missing."""

from __future__ import annotations

import math
from contextlib import closing

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QWheelEvent
from PySide6.QtWidgets import QApplication

from tests.ui.review.conftest import read, settle
from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records.query import fetch, heatmap_path, image_path
from uniad_desktop.ui.review.layers import ScoreMap, heat_over, heat_picture
from uniad_desktop.ui.review.linked_view import MOST_ZOOM, ViewPort, boxes_of

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def fail(qtbot, page):
    """The page at a FAIL, with its pictures."""
    page.filters.verdicts[Verdict.FAIL].click()
    settle(qtbot, page)
    return page


def wheel(pane, at: QPoint, notches: int) -> None:
    event = QWheelEvent(
        QPointF(at),
        QPointF(pane.mapToGlobal(at)),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(pane, event)


def test_panes_zoom_together_at_the_mouse(fail):
    viewer = fail.viewer
    at = viewer.image.frame_rect().center().toPoint() + QPoint(30, 20)
    place = viewer.image.place_of(QPointF(at))
    wheel(viewer.image, at, 3)
    assert viewer.port.zoom == pytest.approx(1.25**3)
    for pane in (viewer.image, viewer.heat):
        moved = pane.place_of(QPointF(at) if pane is viewer.image else _pixel(pane, place))
        assert (moved.x(), moved.y()) == pytest.approx((place.x(), place.y()), abs=1e-6)
    fail.key_actions()["Z"]()
    assert viewer.port.zoom == 1.0


def _pixel(pane, place) -> QPointF:
    frame = pane.frame_rect()
    return QPointF(frame.x() + place.x() * frame.width(), frame.y() + place.y() * frame.height())


def test_a_drag_moves_and_a_double_tap_shows_all(qtbot, fail):
    viewer = fail.viewer
    for _ in range(4):
        fail.key_actions()["+"]()
    before = QPointF(viewer.port.centre)
    middle = viewer.heat.rect().center()
    qtbot.mousePress(viewer.heat, LEFT, pos=middle)
    qtbot.mouseMove(viewer.heat, middle + QPoint(20, 0))
    qtbot.mouseMove(viewer.heat, middle + QPoint(40, 0))
    qtbot.mouseRelease(viewer.heat, LEFT, pos=middle + QPoint(40, 0))
    assert viewer.port.centre.x() < before.x()
    assert viewer.port.centre.y() == pytest.approx(before.y())
    qtbot.mouseDClick(viewer.image, LEFT, pos=middle)
    assert viewer.port.zoom == 1.0


def test_the_frame_stays_in_sight():
    port = ViewPort()
    port.zoom_by(1e9)
    assert port.zoom == MOST_ZOOM
    port.move_by(QPointF(-9.0, 9.0))
    assert port.centre.x() == pytest.approx(0.5 / MOST_ZOOM)
    port.zoom_by(1e-9)
    assert (port.zoom, port.centre) == (1.0, QPointF(0.5, 0.5))


def test_the_score_under_the_cursor(qtbot, fail):
    viewer = fail.viewer
    found = viewer._loaded.map
    pane = viewer.image
    place = QPointF(0.99, 0.99)  # the map rises to 2, where the limit is 1
    qtbot.mouseClick(pane, LEFT, pos=_pixel(pane, place).toPoint())
    expected = found.score(0.99, 0.99)
    assert expected == pytest.approx(100.0, abs=1.0)
    assert f"{math.ceil(expected)} at the cursor" in [words for words, _ in viewer.heat.chips]
    assert viewer.heat._mark is not None and viewer.image._mark is None


def test_scores_of_a_map():
    raw = np.array([[0.5, 1.0], [2.0, 9.0]], np.float32)
    seen = np.array([[True, True], [True, False]])
    found = ScoreMap(raw, seen, 2.0)
    assert [found.score(x, y) for x, y in ((0.1, 0.1), (0.9, 0.1), (0.1, 0.9))] == [12.5, 25, 50]
    assert found.score(0.9, 0.9) is None  # not inspected
    assert found.score(1.0, 0.5) is None and found.score(-0.1, 0.5) is None
    over = heat_over(found, (2, 2))
    assert over.pixelColor(1, 1).alpha() == 0 and over.pixelColor(0, 1).alpha() > 0
    assert heat_picture(found, (2, 2)).pixelColor(1, 1).value() == 0


def test_space_switches_the_heatmap_large_and_small(qtbot, fail):
    viewer = fail.viewer
    assert viewer.image.shows_over
    with_heat = fail.grid.thumbnails.get(fail.grid.path_of(fail.grid.current())).copy()
    fail.key_actions()["Space"]()
    settle(qtbot, fail)
    assert not viewer.image.shows_over
    assert viewer.buttons["Space"].text() == "Image\n(Space)"
    without = fail.grid.thumbnails.get(fail.grid.path_of(fail.grid.current()))
    assert without != with_heat
    fail.step(1)
    settle(qtbot, fail)
    assert not viewer.image.shows_over  # it stays as it was chosen


def test_regions_lead_to_their_place(fail):
    viewer = fail.viewer
    viewer.look_at_region(0)
    assert viewer.port.zoom > 1.0 and viewer.image._boxes[0].strong
    viewer.look_at_region(0)
    assert viewer.port.zoom == 1.0 and not viewer.image._boxes[0].strong
    viewer.look_at_region(7)  # there is none
    assert boxes_of((), (16, 12), 0) == () == boxes_of(fail.grid.current().regions, (0, 0), 0)


def test_a_normal_part_is_called_one(fail):
    """The shipped model has no decoder, and knows the flange."""
    words = [one for one, _ in fail.viewer.normal.chips]
    assert words[0].startswith("A normal part, as the model brings it")
    assert words[1] == "The model that decided is not here to paint it."
    assert fail.viewer.normal.shows_picture


def test_simulated_pictures_say_so(fail):
    assert "▲ SIMULATED CAMERA" in [words for words, _ in fail.viewer.image.chips]
    assert fail.viewer.card.flag.text() == "▲ SIMULATED CAMERA"


def test_an_image_that_is_gone_is_a_sentence(qtbot, fail, folder):
    with closing(read(folder)) as records:
        later = fetch(records, fail.grid.model.ids[1:4])
        image_path(records, later[0]).unlink()
        image_path(records, later[1]).write_bytes(b"no image")
        heatmap_path(records, later[2]).write_bytes(b"no heatmap")
    fail.step(1)
    settle(qtbot, fail)
    assert "cannot be read" in fail.viewer.image.message or "No such" in fail.viewer.image.message
    assert fail.viewer.heat.shows_picture  # that one is still there
    fail.step(1)
    settle(qtbot, fail)
    assert "no readable image" in fail.viewer.image.message
    fail.step(1)
    settle(qtbot, fail)
    assert fail.viewer.image.shows_picture
    assert "may be damaged" in fail.viewer.heat.message


def test_another_file_under_the_same_name_is_told(qtbot, fail, folder):
    with closing(read(folder)) as records:
        first, second = fetch(records, fail.grid.model.ids[:2])
        image_path(records, second).write_bytes(image_path(records, first).read_bytes())
    fail.step(1)
    settle(qtbot, fail)
    assert any("SHA-256 differs" in words for words, _ in fail.viewer.image.chips)
    assert "(the file differs)" in fail.viewer.card.rows.text()


def test_facts_can_be_copied(fail):
    fail.key_actions()["C"]()
    copied = QGuiApplication.clipboard().text()
    record = fail.grid.current()
    assert record.image_sha256 in copied and "FAIL · " in copied
    assert "ExposureTime: 8000.0" in copied and "Operator: Eva" in copied
