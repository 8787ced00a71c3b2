"""Drawing, moving and resizing regions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt
from PySide6.QtTest import QTest

from uniad_desktop.engine.layout import Box, Layout, RegionOfInterest, tiles_of
from uniad_desktop.ui.region_shapes import Handle, moved, problem_of, resized, with_box
from uniad_desktop.ui.widgets.region_editor import RegionEditor

SIZE = (400, 300)
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
REGION = RegionOfInterest("lid", Box(100, 100, 100, 80), 2, 2)
POLYGON = RegionOfInterest("", Box(10, 20, 100, 50), polygon=((10, 20), (110, 20), (60, 70)))


@pytest.fixture
def editor(app) -> Iterator[RegionEditor]:
    made = RegionEditor()
    made.resize(840, 640)
    made.show_image(np.full((300, 400), 90, np.uint8))
    made.show()
    made.activateWindow()
    app.processEvents()
    made.told = []
    made.changed.connect(lambda: made.told.append("changed"))
    made.refused.connect(made.told.append)
    yield made
    made.close()
    made.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def at(editor: RegionEditor, x: float, y: float) -> QPointF:
    """Where a pixel of the frame is on the screen."""
    picture = editor.picture_rect()
    return QPointF(
        picture.x() + x / SIZE[0] * picture.width(), picture.y() + y / SIZE[1] * picture.height()
    )


def drag(editor: RegionEditor, start: tuple[float, float], end: tuple[float, float]) -> None:
    first, last = at(editor, *start).toPoint(), at(editor, *end).toPoint()
    QTest.mousePress(editor, LEFT, NONE, first)
    QTest.mouseMove(editor, (first + last) / 2)
    QTest.mouseMove(editor, last)
    QTest.mouseRelease(editor, LEFT, NONE, last)


def near(box: Box, other: tuple[int, int, int, int]) -> bool:
    pairs = zip((box.x, box.y, box.width, box.height), other, strict=True)
    return all(abs(one - two) <= 1 for one, two in pairs)


def test_a_region_is_drawn_moved_resized_and_deleted(editor):
    drag(editor, (50, 60), (200, 160))
    assert near(editor.regions[0].box, (50, 60, 150, 100))
    drag(editor, (125, 110), (145, 100))
    assert near(editor.regions[0].box, (70, 50, 150, 100))
    drag(editor, (220, 150), (260, 190))
    assert near(editor.regions[0].box, (70, 50, 190, 140))
    drag(editor, (70, 120), (40, 120))
    assert near(editor.regions[0].box, (40, 50, 220, 140))
    assert editor.told == ["changed"] * 4
    editor.delete_region()
    assert editor.regions == () and editor.selected_region == RegionOfInterest()
    for _ in range(5):
        editor.undo()
    assert editor.regions == () and not editor.can_undo


def test_nothing_leaves_the_frame(editor):
    drag(editor, (300, 200), (500, 400))
    assert near(editor.regions[0].box, (300, 200, 100, 100))
    drag(editor, (350, 250), (900, 900))
    assert editor.regions[0].box.right <= 400 and editor.regions[0].box.bottom <= 300
    drag(editor, (350, 250), (-500, -500))
    assert near(editor.regions[0].box, (0, 0, 100, 100))
    drag(editor, (0, 0), (-50, -50))
    assert near(editor.regions[0].box, (0, 0, 100, 100))


def test_a_tap_selects_and_draws_nothing(editor):
    other = RegionOfInterest("", Box(250, 100, 100, 80))
    editor.show_regions((REGION, other))
    assert editor.selected_region is None
    QTest.mouseClick(editor, LEFT, NONE, at(editor, 300, 140).toPoint())
    assert editor.selected_region == other
    QTest.mouseClick(editor, LEFT, NONE, at(editor, 150, 140).toPoint())
    assert editor.selected_region == REGION
    QTest.mouseClick(editor, LEFT, NONE, at(editor, 20, 280).toPoint())
    assert editor.selected_region is None
    assert not editor.told and editor.regions == (REGION, other)


def test_a_handle_is_got_hold_of_from_afar_and_a_small_region_can_still_be_moved(editor):
    editor.show_regions((RegionOfInterest("", Box(100, 100, 20, 20)),))
    scale = editor.picture_rect().width() / 400
    away = 28 / scale  # pixels of the screen
    drag(editor, (120 + away, 120 + away), (140 + away, 140 + away))
    assert near(editor.regions[0].box, (100, 100, 40, 40))
    drag(editor, (120, 120), (150, 120))
    assert near(editor.regions[0].box, (130, 100, 40, 40))


def test_a_region_gets_no_smaller_than_its_tiles_allow(editor):
    editor.show_regions((REGION,))
    drag(editor, (200, 140), (101, 140))
    box = editor.regions[0].box
    assert box.width >= 14
    assert tiles_of(Layout(editor.regions), *SIZE)
    editor.set_tiles(1, 200)
    assert "tiles of" in editor.told[-1] or "more than" in editor.told[-1]
    assert editor.regions[0].columns == 2


def test_tiles_of_the_whole_frame(editor):
    editor.set_tiles(2, 3)
    assert editor.regions == (RegionOfInterest(rows=2, columns=3),)
    editor.set_overlap(0.2)
    editor.set_overlap(0.9)
    assert editor.regions[0].overlap == 0.2 and "overlap" in editor.told[-1]
    editor.set_tiles(0, 3)
    assert editor.regions[0].rows == 2
    editor.set_name("plate")
    drag(editor, (400, 150), (300, 150))
    assert near(editor.regions[0].box, (0, 0, 300, 300)) and editor.regions[0].name == "plate"
    while editor.can_undo:
        editor.undo()
    assert editor.regions == ()


def test_keys_move_delete_and_take_back(qtbot, editor):
    editor.show_regions((REGION,))
    qtbot.keyClick(editor, Qt.Key.Key_Right)
    qtbot.keyClick(editor, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert editor.regions[0].box == Box(101, 90, 100, 80)
    qtbot.keyClick(editor, Qt.Key.Key_Delete)
    assert editor.regions == ()
    qtbot.keyClick(editor, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert editor.regions[0].box == Box(101, 90, 100, 80)


def test_without_an_image_nothing_can_be_drawn(app, editor):
    editor.show_image(None, "There is no image yet.")
    editor.add_region()
    QTest.mouseClick(editor, LEFT, NONE, editor.rect().center())
    app.processEvents()
    assert editor.regions == () and not editor.told


def test_everything_is_painted(app, editor):
    editor.show_regions((REGION, POLYGON))
    editor.select(0)
    editor.add_region()
    image = editor.grab().toImage()
    inside = image.pixelColor(at(editor, 120, 130).toPoint()).red()
    outside = image.pixelColor(at(editor, 380, 290).toPoint()).red()
    assert inside == 90 and outside < 60
    # Drawn for a larger frame: shown as far as it goes, and it can be made to fit.
    editor.show_regions((RegionOfInterest("", Box(300, 200, 300, 300), 2, 2),))
    editor.grab()
    drag(editor, (340, 240), (300, 200))
    editor.delete_region()
    assert editor.regions == ()


# shapes


def test_a_polygon_goes_along():
    shifted = moved(POLYGON, (5, -500), SIZE)
    assert shifted.box == Box(15, 0, 100, 50)
    assert shifted.polygon == ((15, 0), (115, 0), (65, 50))
    larger = resized(POLYGON, Handle(1, 1), (100, 50), SIZE)
    assert larger is not None and larger.box == Box(10, 20, 200, 100)
    assert larger.polygon == ((10, 20), (210, 20), (110, 120))
    assert resized(POLYGON, Handle(1, 0), (-200, 0), SIZE) is None
    thirds = with_box(POLYGON, Box(11, 7, 33, 17), SIZE)
    assert not problem_of((thirds,), (), SIZE)


def test_regions_of_another_frame_are_mended_one_by_one():
    large = RegionOfInterest("", Box(300, 200, 300, 300))
    other = RegionOfInterest("", Box(0, 0, 1000, 1000))
    assert "does not fit" in problem_of((large,), (), SIZE)
    assert not problem_of((large,), (large, other), SIZE)
    fitting = RegionOfInterest("", Box(0, 0, 100, 100))
    assert not problem_of((fitting, other), (large, other), SIZE)
    assert "regions at most" in problem_of((fitting,) * 65, (), SIZE)
