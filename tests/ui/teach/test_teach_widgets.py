"""Widgets and words of the Teach page by themselves."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tests.teaching.parts import DOUBT, FIT, ORIGIN, part_image
from tests.ui.teach.fits import misfits
from uniad_desktop.cameras.frame import Frame, SourceKind
from uniad_desktop.inspection.types import StationState
from uniad_desktop.teaching.checks import Reason
from uniad_desktop.teaching.collect_state import CollectState
from uniad_desktop.teaching.collection import PartCollection, State
from uniad_desktop.teaching.coverage import Coverage, Lack, coverage_of
from uniad_desktop.teaching.products import ProductStore
from uniad_desktop.teaching.teach_job import LossPoint
from uniad_desktop.ui import theme
from uniad_desktop.ui.pictures import scaled_picture
from uniad_desktop.ui.teach.collect_words import last_words
from uniad_desktop.ui.teach.coverage_words import coverage_words
from uniad_desktop.ui.teach.live_panel import LivePanel
from uniad_desktop.ui.teach.part_list import read_parts
from uniad_desktop.ui.teach.part_preview import local_time
from uniad_desktop.ui.teach.parts_panel import reason_word
from uniad_desktop.ui.teach.training_panel import Face, TrainingPanel
from uniad_desktop.ui.widgets.check_table import CheckRow, CheckTable
from uniad_desktop.ui.widgets.loss_chart import LossChart
from uniad_desktop.ui.widgets.picture import Picture
from uniad_desktop.ui.widgets.words import Words


@pytest.fixture
def host(app):
    """A window for one widget; give it one and it is shown."""
    made: list[QWidget] = []

    def show(widget: QWidget, size: tuple[int, int] = (800, 400)) -> QWidget:
        window = QWidget()
        layout = QVBoxLayout(window)
        layout.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(widget)
        window.resize(*size)
        window.show()
        app.processEvents()
        made.append(window)
        return widget

    yield show
    for window in made:
        window.close()
        window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


# pictures


@pytest.mark.parametrize(
    ("shape", "room", "size"),
    [
        ((100, 200), (100, 100), (100, 50)),
        ((100, 200, 3), (100, 100), (100, 50)),
        ((10, 20, 3), (200, 200), (200, 100)),
        ((3, 4000), (40, 40), (40, 1)),
        ((10, 20), (0, 0), (1, 1)),
    ],
)
def test_a_frame_is_fitted(app, shape, room, size):
    image = np.full(shape, 77, np.uint8)
    made = scaled_picture(image, *room)
    assert (made.width(), made.height()) == size
    image[:] = 0  # the picture owns its pixels
    assert made.pixelColor(0, 0).red() == 77


def test_colours_are_red_green_blue(app):
    image = np.zeros((4, 4, 3), np.uint8)
    image[..., 0] = 200
    colour = scaled_picture(image, 4, 4).pixelColor(1, 1)
    assert (colour.red(), colour.green(), colour.blue()) == (200, 0, 0)


def test_a_picture_or_a_sentence(host):
    shown = host(Picture())
    assert shown.empty and shown.message == ""
    shown.show_message("Reading…")
    shown.grab()
    red = QImage(40, 30, QImage.Format.Format_RGB888)
    red.fill(Qt.GlobalColor.red)
    shown.show_image(red)
    shown.show_chips(("SIMULATED CAMERA", "warn_text"), ("", ""), ("x" * 500, ""))
    grabbed = shown.grab().toImage()
    assert grabbed.pixelColor(400, 200) == Qt.GlobalColor.red
    assert not shown.empty and shown.message == ""
    shown.show_message("Gone.")
    assert shown.empty and shown.message == "Gone."
    assert shown.grab().toImage().pixelColor(5, 5) == theme.active().colour("image_ground")


def frame(number: int, kind: SourceKind) -> Frame:
    return Frame(part_image(number), number, 0, 0, "F1", kind, "RGB8")


def test_the_live_picture_is_marked_where_it_is_not_live(host, qtbot):
    panel = host(LivePanel())

    def taken(one: Frame) -> None:
        panel.show_frame(one)
        qtbot.waitUntil(lambda: (panel.beat(), not panel._background.busy)[1], timeout=10_000)

    taken(frame(1, SourceKind.SIMULATED))
    assert panel.picture._chips[0] == ("SIMULATED CAMERA", "warn_text")
    taken(frame(2, SourceKind.LIVE))
    assert panel.picture._chips[0][0] == ""
    panel.show_frame(frame(3, SourceKind.LIVE))
    panel.show_frame(None)  # collecting ended while it was being scaled
    qtbot.waitUntil(lambda: (panel.beat(), not panel._background.busy)[1], timeout=10_000)
    assert panel.picture.empty and panel.picture.message == "No image yet"
    panel.close_down()


# curves and table


def test_curves_with_gaps(host, app):
    chart = host(LossChart())
    chart.show_losses([LossPoint(0, 0.8, None), LossPoint(10, None, float("nan"))], 40)
    chart.show_losses([LossPoint(0, 0.8, 3.0), LossPoint(10, 0.5, 2.0)], 40)
    assert [one.new for one in chart.points] == [0.8, 0.5]
    assert chart._new_words.text().endswith("0.500")
    assert chart._former_words.text().endswith("2.000")
    low, high = chart._plot.box.viewRange()[1]
    assert low < 0.5 and high > 3.0
    chart.show_losses([LossPoint(0, 0.7, 3.0), LossPoint(10, 0.4, 2.0)], 40)
    assert chart._new_words.text().endswith("0.400"), "as many points, but of another teaching"
    theme.apply(app, "light")
    chart.theme_changed()
    chart.show_losses((), 0)
    assert chart._new_words.text().endswith("product ")
    chart.grab()


def test_a_plot_is_not_handled(host):
    chart = host(LossChart())
    chart.show_losses([LossPoint(0, 0.8, 3.0), LossPoint(10, 0.5, 2.0)], 40)
    before = chart._plot.box.viewRange()
    viewport, middle = chart._plot.viewport(), QPoint(200, 60)
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseMove(viewport, middle + QPoint(80, 20))
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=middle + QPoint(80, 20))
    QTest.mouseClick(viewport, Qt.MouseButton.RightButton, pos=middle)
    assert chart._plot.box.viewRange() == before


def test_a_row_for_every_product(host, app):
    table = host(CheckTable())
    worse = CheckRow("Label", 1234, (0.01, 0.2), (0.981, 0.92), (0, 2), new=False, worse="It is.")
    rows = [
        CheckRow("Bolt", 6, (None, 0.0), (None, None), None, new=True, worse=""),
        CheckRow("Old", 0, (None, None), (0.9, 0.9), (1, 1), new=False, worse=""),
        worse,
    ]
    table.show_rows(rows)
    assert table.cells(0) == ["Bolt · new", "6", "– → 0.0%", "–", "–", ""]
    assert table.cells(1) == ["Old", "0", "–", "90.0 → 90.0", "1 → 1", "✓"]
    assert table.cells(2) == [
        "Label", "1\u00a0234", "1.0% → 20.0%", "98.1 → 92.0", "0 → 2", "✕ worse",
    ]  # fmt: skip
    alarm = theme.active().colour("alarm_text")
    assert table.table.item(2, 0).foreground().color() == alarm
    assert table.table.item(1, 0).foreground().color() != alarm
    assert table.rows[2] is worse
    assert table.table.focusPolicy() is Qt.FocusPolicy.NoFocus
    table.show_rows(())
    assert table.table.rowCount() == 0


def test_words_keep_their_lines(host):
    column = QWidget()
    layout = QVBoxLayout(column)
    words = Words("sheetText", column)
    layout.addWidget(words)
    greedy = QWidget(column)
    greedy.setMinimumHeight(10)
    layout.addWidget(greedy, 1)
    host(column, (300, 120))
    words.setText("A sentence which is long enough to be broken into some lines. " * 2)
    QCoreApplication.processEvents()
    assert not misfits(column)
    words.setText("")
    assert words.minimumHeight() == 0


def test_the_panel_without_any_teaching(host):
    panel = host(TrainingPanel(), (804, 520))
    assert panel.start.isEnabled() and not panel.cancel.isEnabled()
    assert not panel.keep.isEnabled() and not panel.activate.isEnabled()
    panel.show_face(Face(blocked=True, hint="20 good parts are the least."))
    assert not panel.start.isEnabled() and panel.words.text().startswith("20 good parts")
    panel.show_face(Face(interrupted=True))
    assert panel.start.text().startswith("Continue") and panel.cancel.text().startswith("Discard")
    assert misfits(panel) == []


# words


def test_what_became_of_the_last_part(app, tmp_path):
    running = StationState.RUNNING
    assert last_words(CollectState(), running) == ""
    assert "no frames now: stopped" in last_words(CollectState(), StationState.STOPPED)
    told = last_words(CollectState(preparing=True, duplicates=3, busy_dropped=1234), running)
    assert "Preparing" in told and "3 were there already" in told and "1\u00a0234" in told
    ProductStore(tmp_path).create("cap", {"en": "Cap"})
    collection = PartCollection(tmp_path, "cap")
    good = collection.add(part_image(0), ORIGIN, {}, FIT).part
    odd = collection.add(part_image(1), ORIGIN, {}, DOUBT).part
    assert last_words(CollectState(last=good), running) == f"✓ Taken in: part {good.id[:8]}."
    assert last_words(CollectState(last=odd), running) == "△ Set aside for a look: Blurred."


def test_every_lack_and_every_reason_has_words(app):
    for lack in Lack:
        (sentence,) = coverage_words(Coverage(30, (0.5,), None, (lack,)))
        assert sentence.endswith(".") and "{" not in sentence
    assert coverage_words(Coverage(60, (0.5,), None, ())) == []
    assert "13 parts" in coverage_words(coverage_of(None, parts=13))[0]
    assert len({reason_word(reason) for reason in Reason}) == len(Reason)


def test_the_list_of_parts(tmp_path):
    ProductStore(tmp_path).create("cap", {"en": "Cap"})
    assert read_parts(tmp_path, "cap").parts == ()
    collection = PartCollection(tmp_path, "cap")
    ids = [collection.add(part_image(n), ORIGIN, {}, FIT).part.id for n in range(10)]
    odd = collection.add(part_image(10), ORIGIN, {}, DOUBT).part
    collection.delete(ids[:1])
    found = read_parts(tmp_path, "cap")
    counts = found.counts
    assert (counts.accepted, counts.doubtful, counts.rejected) == (9, 1, 1)
    assert counts.held_out == len(found.held) > 0
    assert found.reasons == {Reason.FOCUS: 1}
    assert [part.id for part in found.of(State.ACCEPTED)] == ids[:0:-1], "the newest first"
    assert found.path(odd).is_file()


def test_a_time_that_is_none():
    assert local_time("yesterday") == "yesterday"
    assert len(local_time("2026-11-26T03:43:08+00:00")) == 19
