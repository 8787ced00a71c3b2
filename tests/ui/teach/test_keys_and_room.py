"""Keys do what is printed on the buttons, and everything can be read and touched."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QPushButton, QWidget

from tests.teaching.test_teach import picture
from tests.ui.teach.conftest import Bench, collect, taught
from tests.ui.teach.fits import misfits
from tests.ui.teach.test_teaching import unfinished
from uniad_desktop.teaching.challenge import ChallengeSet, Label
from uniad_desktop.teaching.collection import State
from uniad_desktop.teaching.teach_job import Stage, StageState, TeachState
from uniad_desktop.teaching.teach_record import write_result
from uniad_desktop.ui import theme
from uniad_desktop.ui.main_window import MainWindow
from uniad_desktop.ui.pages.teach import View
from uniad_desktop.ui.widgets.top_bar import Page

K = Qt.Key
WORSE = (
    "Typical scores of old are 0.75 times what they were, so the model rebuilds its normal parts "
    "otherwise than before; its limit went along, but small defects may no longer stand out."
)
LONG = (
    "The folder /media/line-3/pictures/2026-11 cannot be read: Permission denied; check the access "
    "rights, or choose another one. What was taken in before is kept."
)


def printed(widget: QWidget, *, visible: bool) -> set[str]:
    """The keys on the buttons of a widget."""
    found = set()
    for button in widget.findChildren(QPushButton):
        if button.isVisible() or not visible:
            words = f"{button.text()} {button.accessibleName()}"
            found |= set(re.findall(r"\(([A-Z0-9][A-Za-z0-9+]*)\)", words))
    return {"Delete" if key == "Del" else key for key in found}


def full(bench: Bench) -> list[str]:
    """A product that everything is there of; the ids of its parts."""
    parts = collect(bench.data, "bolt", good=24, doubtful=3).parts()
    kept = ChallengeSet(bench.data, "bolt")
    for number in range(30):
        kept.add(picture(200 + number), Label.GOOD if number % 2 else Label.DEFECT)
    bench.show("bolt")
    return [part.id for part in parts]


@pytest.mark.parametrize("view", list(View))
def test_every_key_is_printed_and_every_printed_key_works(bench: Bench, view):
    full(bench)
    bench.page.show_view(view)
    bench.settle()
    shown = bench.page._views[view]
    own = set(shown.key_actions())
    assert isinstance(shown, QWidget)
    assert own <= printed(shown, visible=False), "a key that no button tells of"
    works = {*bench.page.key_actions(), *bench.window._actions(), "Esc"}
    assert printed(bench.page, visible=True) <= works
    assert printed(bench.window.top, visible=True) <= works | {"F11"}
    assert own.isdisjoint(bench.window._actions()), "a key that the window means otherwise"
    assert set(bench.page.keys) >= own


def test_keys_of_this_page_do_nothing_on_the_other(bench: Bench, monkeypatch):
    ids = full(bench)
    taught(bench.data)
    bench.teaching.read()
    bench.settle()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", _no_dialog)
    bench.train.parts.grid.choose(ids[:1])
    bench.window.show_page(Page.INSPECT)
    common = {*bench.window._actions(), *bench.window._inspect_actions()}
    for view in View:
        bench.page.show_view(view)
        for key in set(bench.page.keys) - common:
            bench.window.act(key)
            assert bench.window.sheet is None, key
        assert bench.page.shown is view
    bench.settle()
    assert bench.station.asked == [] and bench.notice == ""
    assert bench.counts == (24, 3, 0) and bench.teaching.result is not None
    bench.window.show_page(Page.TEACH)
    bench.page.show_view(View.TRAIN)
    heatmap = bench.window.page.heatmap.toggle.isChecked()
    for key in bench.window._inspect_actions():
        bench.window.act(key)
    assert bench.window.sheet is None
    assert bench.window.page.heatmap.toggle.isChecked() == heatmap


def _no_dialog(*_: object) -> str:
    raise AssertionError("nothing is to be asked")


def test_keys_as_they_are_pressed(bench: Bench):
    """Through the shortcuts of the window, past whoever watches for a barcode reader."""
    bench.window.setFocus()
    for key, view in ((K.Key_2, View.LIMITS), (K.Key_4, View.PRODUCT), (K.Key_1, View.TRAIN)):
        QTest.keyClick(bench.window, key)
        bench.until(lambda view=view: bench.page.shown is view)
        assert [one for one, tab in bench.page.tabs.items() if tab.isChecked()] == [view]
    QTest.keyClick(bench.window, K.Key_F1)
    assert bench.window.shown is Page.INSPECT
    assert bench.window.top.pages[Page.INSPECT].isChecked()
    QTest.keyClick(bench.window, K.Key_F2)
    assert bench.window.shown is Page.TEACH
    QTest.keyClick(bench.window, K.Key_G)
    bench.until(lambda: bench.window.sheet)
    QTest.keyClick(bench.window.sheet, K.Key_1)  # the first row: a new product
    bench.until(lambda: bench.window.sheet and bench.window.sheet.field)
    field = bench.window.sheet.field
    QTest.keyClicks(field, "Bolt 12 sxk")  # these are letters, not keys
    QTest.keyClick(field, K.Key_Return)
    bench.until(lambda: bench.page.product.value() == "Bolt 12 sxk")
    assert bench.window.sheet is None and bench.page._product == "bolt-12-sxk"


def test_escape_goes_back_one_thing_at_a_time(bench: Bench):
    ids = full(bench)
    bench.train.parts.grid.choose(ids[:1])
    bench.page.notice.say("Something.")
    bench.window.codes.problem = "Something else."
    bench.window.refresh_bars()
    bench.page.choose_product()
    bench.until(lambda: bench.window.sheet)
    QTest.keyClick(bench.window.sheet, K.Key_Escape)
    assert bench.window.sheet is None and bench.page.station_notice.sentence()
    bench.window.escape()
    assert not bench.page.station_notice.sentence() and bench.notice
    bench.window.escape()
    assert bench.notice == "" and bench.train.preview.isVisible()
    bench.window.escape()
    bench.settle()
    assert bench.train.training.isVisible()


def test_a_station_without_data_folder_teaches_nothing(make_window, station):
    window: MainWindow = make_window(station)
    assert window.teach is None and set(window.top.pages) == {Page.INSPECT, Page.SETUP}
    for key in ("F1", "F2", "G", "1"):
        window.act(key)
    window.show_page(Page.TEACH)
    assert window.shown is Page.INSPECT and window.sheet is None


def test_changing_the_page_takes_back_a_question(bench: Bench):
    bench.page.choose_product()
    bench.until(lambda: bench.window.sheet)
    bench.window.top.pages[Page.INSPECT].click()
    assert bench.window.sheet is None and bench.window.shown is Page.INSPECT


@pytest.mark.parametrize("name", ["dark", "light"])
def test_everything_fits_the_smallest_window(bench: Bench, app, name):
    theme.apply(app, name)
    bench.window.appearance.take_theme()
    assert (bench.window.width(), bench.window.height()) == (1280, 720)

    def check(what: str) -> None:
        bench.settle()
        app.processEvents()
        found = misfits(bench.window)
        assert not found, f"{what}: {found}"

    check("at first")
    bench.page.choose_product()
    bench.until(lambda: bench.window.sheet)
    check("products")
    bench.window.escape()
    full(bench)
    check("collected")
    bench.page.notice.say(LONG)
    check("collected, with a sentence")
    bench.window.act("B")
    check("a part, with a sentence")
    bench.window.escape()
    check("a part")
    bench.train.parts.show_state(State.ACCEPTED)
    bench.train.parts.grid.choose_all()
    check("many parts")
    bench.window.escape()
    bench.window.act("S")
    check("how to teach")
    bench.window.escape()
    taught(bench.data, worse=WORSE)
    bench.teaching.read()
    check("a result")
    bench.page.notice.say(LONG)
    check("a result, with a sentence")
    bench.window.escape()
    stages = tuple(
        StageState(stage, 0.37 if stage is Stage.CHECKS else 1.0, 4271.0) for stage in Stage
    )
    running = TeachState("bolt", "tiny", stage=Stage.CHECKS, stages=stages)
    bench.teaching.state = running
    check("the last stage")
    stages = tuple(StageState(stage, 0.37, 4271.0) for stage in Stage)
    bench.teaching.state = replace(running, stage=Stage.TRAINING, stages=stages, eta_s=4271.0)
    check("training")
    bench.teaching.state = None
    unfinished(bench)
    check("an interrupted teaching")
    bench.window.act("A")
    check("activate")
    bench.window.escape()
    bench.window.act("C")
    check("which frames")
    bench.answer("hand")
    check("collecting")
    bench.collect.stop()
    for view in (View.LIMITS, View.CHALLENGE, View.PRODUCT):
        bench.page.show_view(view)
        check(view)
    bench.show("old")
    bench.page.show_view(View.LIMITS)
    check("limits of a product that is known")
    bench.show("bolt")
    bench.page.show_view(View.CHALLENGE)
    bench.page.challenge.grid.choose_all()
    check("challenge images")
    bench.window.resize(1600, 900)
    bench.page.show_view(View.TRAIN)
    check("a larger window")


def test_many_products_that_got_worse(bench: Bench, app):
    full(bench)
    result = taught(bench.data, worse=WORSE)
    old, new = result.checks
    others = [
        old.model_copy(update={"key": f"p{number}", "worse": f"P{number}: {WORSE}"})
        for number in range(6)
    ]
    write_result(bench.data, result.model_copy(update={"checks": (old, *others, new)}))
    bench.teaching.read()
    bench.settle()
    app.processEvents()
    table = bench.train.training.table
    assert [row.worse != "" for row in table.rows] == [False, *[True] * 7]
    assert "5 more got worse, too" in bench.train.training.words.text()
    assert table.height() > 80 and misfits(bench.window) == []
    bench.window.act("A")
    app.processEvents()
    sheet = bench.window.sheet
    assert sheet.rect().contains(sheet._box.geometry()) and misfits(sheet) == []
    bench.window.escape()


def test_nothing_of_qt_is_left(bench: Bench):
    """Views are children of the page, so that they go with the window."""
    assert all(isinstance(view, QObject) for view in bench.page._views.values())
    assert {view.window() for view in bench.page._views.values()} == {bench.window}
