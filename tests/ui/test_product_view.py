"""Products on the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from tests.ui.fake_station import FakeStation
from uniad_desktop.engine.layout import Box, Layout, RegionOfInterest
from uniad_desktop.teaching.checks import Findings
from uniad_desktop.teaching.collection import Origin, PartCollection
from uniad_desktop.teaching.products import ProductError, ProductStore
from uniad_desktop.ui import language, theme
from uniad_desktop.ui.teach import product_draft
from uniad_desktop.ui.teach.context import TeachContext
from uniad_desktop.ui.teach.product_draft import Standing
from uniad_desktop.ui.teach.product_view import ProductView
from uniad_desktop.ui.widgets.touch_button import TOUCH

LAYOUT = Layout((RegionOfInterest("ring", Box(180, 60, 600, 600), 2, 2),), 0.05)


@dataclass
class Question:
    title: str
    choices: list[tuple[str, str]]
    entry: str | None
    answer: Callable[[str], None]


class Bench:
    """A view over a real store, with whoever answers and listens."""

    def __init__(self, folder: Path, qtbot) -> None:
        self.folder, self.store, self.station = folder, ProductStore(folder), FakeStation()
        self.questions: list[Question] = []
        self.said: list[str] = []
        self.chosen: list[str] = []
        self._qtbot = qtbot
        self.window = QWidget()
        self.window.resize(1256, 508)
        context = TeachContext(self.station, folder, "unified", self._ask, self.said.append)
        self.view = ProductView(context, self.window)
        self.view.resize(self.window.size())
        self.view.product_changed.connect(self.chosen.append)

    def _ask(self, title, words, choices, *, current, on_choice, **more):
        self.questions.append(Question(title, choices, more.get("entry"), on_choice))

    def settle(self) -> None:
        """Beats until the worker has nothing to do."""
        self._qtbot.waitUntil(
            lambda: (self.view.beat(), not self.view._background.busy)[1], timeout=20_000
        )

    def show(self, key: str) -> ProductView:
        self.view.show_product(key)
        self.settle()
        return self.view


@pytest.fixture
def bench(app, qtbot, tmp_path) -> Iterator[Bench]:
    store = ProductStore(tmp_path)
    store.create("flange", {"en": "Flange"}, codes=["4711"], layout=LAYOUT, camera={"Gain": 2.0})
    store.create("cap", {"en": "Cap"})
    made = Bench(tmp_path, qtbot)
    made.window.show()
    app.processEvents()
    yield made
    made.view.close_down()
    made.window.close()
    made.window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_all_products_are_listed(bench):
    bench.store.archive("cap")
    view = bench.show("flange")
    standing = {row.key: row.standing for row in view.list.rows}
    assert standing["flange"] is Standing.IN_MODEL and standing["cap"] is Standing.ARCHIVED
    assert standing["board"] is Standing.IN_MODEL  # only the model knows it
    assert view.list.buttons["flange"].isChecked()
    view.list.buttons["board"].click()
    assert bench.chosen == ["board"] and view.list.buttons["flange"].isChecked()


def test_what_was_typed_is_saved(qtbot, bench):
    view = bench.show("flange")
    assert not view.dirty and not view.form.save.isEnabled()
    view.form.title_en.setText("Machined flange")
    view.form.title_zh.setText("法兰")
    qtbot.keyClicks(view.form.codes.field, "4006381333931")
    qtbot.keyClick(view.form.codes.field, Qt.Key.Key_Return)
    view.form.codes.rows["4711"].click()
    view.form.scale.setText("0,1")
    view.form.area.setText("60")
    view.form.notes.setPlainText("line 3")
    assert view.dirty
    view.form.save.click()
    bench.settle()
    saved = bench.store.get("flange")
    assert saved.titles == {"en": "Machined flange", "zh_CN": "法兰"}
    assert saved.codes == ("4006381333931",) and saved.notes == "line 3"
    assert (saved.layout.mm_per_pixel, saved.least_area) == (0.1, 60.0)
    assert saved.layout.regions == LAYOUT.regions and saved.camera == {"Gain": 2.0}
    assert not view.dirty and bench.chosen == ["flange"] and not bench.said


def test_a_code_that_was_typed_only_is_saved_too(qtbot, bench):
    view = bench.show("cap")
    qtbot.keyClicks(view.form.codes.field, "4712")
    view.save()
    bench.settle()
    assert bench.store.get("cap").codes == ("4712",)


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("scale", "wide", "no number"),
        ("scale", "-1", "positive"),
        ("area", "-3", "least_area"),
        ("title_en", " ", "title"),
    ],
)
def test_nonsense_is_said_and_not_saved(bench, field, typed, words):
    view = bench.show("flange")
    getattr(view.form, field).setText(typed)
    view.save()
    bench.settle()
    assert words in bench.said[-1] and view.dirty
    assert bench.store.get("flange").layout == LAYOUT
    view.form.discard.click()
    bench.settle()
    assert not view.dirty


def test_a_code_of_another_product_is_said(bench):
    view = bench.show("cap")
    view.form.codes.field.setText("4711")
    view.save()
    bench.settle()
    assert "'4711' means the product 'flange' already" in bench.said[-1]
    assert view.dirty and view.form.isEnabled()


def test_other_regions_are_saved_with_a_word(bench):
    bench.station.push()
    view = bench.show("flange")
    view.regions.rows.more.click()
    assert "after the product is taught or calibrated again" in view.hint.text()
    view.save()
    bench.settle()
    assert bench.store.get("flange").layout.regions[0].rows == 3
    assert "taught or calibrated again" in bench.said[-1]
    view = bench.show("cap")
    view.regions.add.click()
    assert not view.hint.text()  # the model does not know it yet
    view.regions.columns.more.click()
    view.regions.name.click()
    bench.questions[-1].answer("lid")
    view.save()
    bench.settle()
    assert bench.store.get("cap").layout.regions == (
        RegionOfInterest("lid", Box(240, 180, 480, 360), 1, 2),
    )


def test_the_newest_good_part_is_drawn_on(bench):
    view = bench.show("cap")
    assert "no image of this product" in view.regions.editor._message
    assert not view.regions.add.isEnabled()
    bench.station.push()
    view.beat()
    assert view.regions.editor.frame_size == (960, 720)
    parts = PartCollection(bench.folder, "cap")
    parts.add(np.full((48, 64, 3), 90, np.uint8), Origin(), {}, Findings({}, ()))
    view.discard()
    bench.settle()
    assert view.regions.editor.frame_size == (64, 48)


def test_what_the_camera_says_is_taken_over(bench):
    view = bench.show("flange")
    info = bench.station.source_info
    assert info is not None
    settings = {"ExposureTime": 5000.0, "Width": 960, "DeviceSerialNumber": "SIM-0001"}
    bench.station.source_info = replace(info, settings=settings)
    view.form.take_over.click()
    assert "ExposureTime  5000" in view.form.features.text()
    view.save()
    bench.settle()
    camera = {"Gain": 2.0, "ExposureTime": 5000.0, "Width": 960}
    assert bench.store.get("flange").camera == camera
    for source in (replace(info, settings={}), None):
        bench.station.source_info = source
        bench.said.clear()
        view.form.take_over.click()
        assert "No camera tells its features" in bench.said[-1]


def test_new_copy_rename_archive_restore(bench):
    view = bench.show("flange")
    view.key_actions()["N"]()
    assert bench.questions[-1].entry == ""
    bench.questions[-1].answer("Bearing cap 22")
    bench.settle()
    assert bench.chosen[-1] == "bearing-cap-22" and view.product.key == "bearing-cap-22"
    bench.show("flange")
    view.key_actions()["C"]()
    assert bench.questions[-1].entry == "Flange"
    bench.questions[-1].answer("Flange B")
    bench.settle()
    copied = bench.store.get("flange-b")
    assert (copied.layout, copied.codes, copied.title()) == (LAYOUT, (), "Flange B")
    view.key_actions()["E"]()
    bench.questions[-1].answer("Flange C")
    bench.settle()
    assert bench.store.get("flange-b").title() == "Flange C"
    assert view.form.title_en.text() == "Flange C"
    view.list.archive.click()
    bench.questions[-1].answer("archive")
    bench.settle()
    assert bench.store.get("flange-b").archived and view.list.archive.text() == "Restore"
    view.list.archive.click()
    bench.settle()
    assert not bench.store.get("flange-b").archived


@pytest.mark.parametrize("choice", ["save", "discard", None])
def test_leaving_with_changes_asks(bench, choice):
    view = bench.show("flange")
    view.form.notes.setPlainText("line 3")
    view.show_product("cap")
    assert bench.chosen == ["flange"] and "Save the changes of Flange" in bench.questions[-1].title
    view.show_product("flange")  # the page goes back; what was typed stays
    bench.settle()
    assert view.form.notes.toPlainText() == "line 3"
    if choice is not None:
        bench.questions[-1].answer(choice)
        bench.settle()
    saved = bench.store.get("flange").notes
    assert saved == ("line 3" if choice == "save" else "")
    assert view.product.key == ("flange" if choice is None else "cap")
    assert bench.chosen[-1] == view.product.key
    assert view.close_down() is (choice is not None)


def test_what_somebody_else_changed_stays(bench):
    view = bench.show("flange")
    view.form.notes.setPlainText("line 3")
    there = bench.store.get("flange")
    bench.store.save(there.changed(codes=("4711", "4712"), pixel_limit=3.0))
    view.save()
    bench.settle()
    saved = bench.store.get("flange")
    assert (saved.notes, saved.codes, saved.pixel_limit) == ("line 3", ("4711", "4712"), 3.0)
    assert view.form.codes.codes == ("4711", "4712")
    base = saved
    bench.store.save(saved.changed(notes="line 4"))
    with pytest.raises(ProductError, match="changed elsewhere"):
        product_draft.save(bench.store, base, base.changed(notes="line 5"))


def test_a_product_that_cannot_be_read_is_said(bench):
    (bench.store.folder / "cap" / "product.json").write_text("{")
    view = bench.show("cap")
    assert any("product.broken.json" in sentence for sentence in bench.said)
    assert view.product is None and not view.form.save.isEnabled()
    assert not view.form.title_en.isEnabled()
    bench.show("flange")
    assert view.product is not None and view.form.title_en.isEnabled()


@pytest.mark.parametrize("code", ["en", "zh_CN"])
@pytest.mark.parametrize("name", ["dark", "light"])
def test_it_fits_the_smallest_window(app, bench, code, name):
    theme.apply(app, name)
    language.apply(app, code)
    bench.station.push()
    view = bench.show("flange")
    view.regions.rows.more.click()
    for widget in view.findChildren(QWidget):
        take = getattr(widget, "theme_changed", None)
        if take is not None:
            take()
    app.processEvents()
    size = view.minimumSizeHint()
    assert size.width() <= 1256 and size.height() <= 508
    for button in view.findChildren(QPushButton):
        if button.isVisible():
            assert min(button.width(), button.height()) >= TOUCH
            lines = button.text().split("\n")
            widest = max(button.fontMetrics().horizontalAdvance(line) for line in lines)
            assert widest <= button.width(), button.text()
    captions = [one for one in view.form.findChildren(QLabel) if one in view.form._captions]
    assert captions and all(one.text() for one in captions)
    view.grab()
