"""Filters, grid, keyboard triage, undo, sources."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from tests.ui.review.conftest import fill, read, settle
from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records.database import database_file
from uniad_desktop.records.labels import set_label
from uniad_desktop.records.query import Order, fetch
from uniad_desktop.records.schema import Label
from uniad_desktop.ui import theme
from uniad_desktop.ui.pages.review import View

K = Qt.Key


def label_of(folder, number):
    with closing(read(folder)) as records:
        return fetch(records, [number])[0].label


def test_everything_is_shown_newest_first(page):
    assert page.heading.text() == "12 INSPECTIONS"
    assert page.grid.current().number == 11
    assert page.filters.verdicts[Verdict.FAIL].text() == "✕ FAIL\n6"
    assert page.filters.labels[Label.NONE].text() == "unlabelled\n12"
    assert page.source.value() == "This station"
    assert page.viewer.card.headline.text() == "PASS · 31 (limit 50)"


def test_filters_and_order(qtbot, page):
    page.filters.verdicts[Verdict.FAIL].click()
    settle(qtbot, page)
    assert page.grid.count == 6 and page.heading.text() == "6 INSPECTIONS"
    page.filters.put(replace(page.filters.wish, order=Order.HIGHEST))
    settle(qtbot, page)
    assert page.grid.model.record(0).score == 70.0
    page.filters.histogram.chosen.emit(60.0, 64.0)
    settle(qtbot, page)
    assert [page.grid.model.record(row).score for row in range(page.grid.count)] == [64, 62, 60]
    page.filters.clear.click()
    settle(qtbot, page)
    assert page.grid.count == 12 and not page.filters.clear.isEnabled()


def test_choices_are_offered_with_counts(qtbot, page, asked):
    page.key_actions()["B"]()
    assert [(one.title, one.aside) for one in asked.rows] == [
        ("All products", "12"),
        ("Flange", "12"),
    ]
    asked.answer("flange")
    assert page.filters.wish.product == "flange"
    page.key_actions()["O"]()
    asked.answer(asked.rows[1].key)
    settle(qtbot, page)
    assert page.filters.wish.model.name == "test" and page.grid.count == 12
    page.key_actions()["Y"]()
    asked.answer("real")
    settle(qtbot, page)
    assert page.grid.count == 0 and page.heading.text() == "0 INSPECTIONS"
    page.key_actions()["Q"]()
    page.key_actions()["I"]()
    assert [one.key for one in asked.rows][:5] == [
        "all",
        "this shift",
        "today",
        "yesterday",
        "week",
    ]
    asked.answer("yesterday")
    page.key_actions()["F"]()
    assert asked.entry == ""
    asked.answer("SIM0001")
    settle(qtbot, page)
    assert page.filters.wish.text == "SIM0001"
    page.key_actions()["F"]()  # once more takes it away
    assert page.filters.wish.text == ""


def test_answers_to_a_former_filter_are_dropped(qtbot, page):
    page.filters.verdicts[Verdict.FAIL].click()
    page.filters.verdicts[Verdict.FAIL].click()
    page.filters.verdicts[Verdict.PASS].click()
    settle(qtbot, page)
    assert page.grid.count == 6 and page.grid.current().verdict is Verdict.PASS


def test_triage_by_keyboard(qtbot, page, folder):
    keys = page.key_actions()
    first, second = page.grid.model.ids[:2]
    keys["D"]()
    keys["N"]()
    settle(qtbot, page)
    assert page.grid.current_id() == page.grid.model.ids[2]  # advanced twice
    assert (label_of(folder, first), label_of(folder, second)) == (Label.DEFECT, Label.GOOD)
    assert page.grid.model.record(0).label is Label.DEFECT
    assert page.filters.labels[Label.DEFECT].text() == "defect\n1"
    assert page.filters.disagrees.text().endswith("\n2")  # a PASS that is a defect, and a FAIL
    assert page.bar.buttons["Ctrl+Z"].isEnabled()
    keys["Ctrl+Z"]()
    keys["Ctrl+Z"]()  # before the first is written
    settle(qtbot, page)
    assert label_of(folder, first) is label_of(folder, second) is Label.NONE
    assert not page.bar.buttons["Ctrl+Z"].isEnabled()
    keys["Ctrl+Z"]()
    settle(qtbot, page)
    assert page.state.text() == "1 taken back"


def test_all_of_a_filter_at_once(qtbot, page, folder):
    page.filters.verdicts[Verdict.FAIL].click()
    settle(qtbot, page)
    page.key_actions()["Ctrl+A"]()
    assert page.heading.text() == "6 INSPECTIONS · 6 CHOSEN"
    assert page.bar.buttons["D"].text() == "Real defect\n(D) ×6"
    page.key_actions()["D"]()
    settle(qtbot, page)
    assert page.state.text() == "6 labelled as defect"
    assert page.filters.labels[Label.DEFECT].text() == "defect\n6"
    page.escape()
    assert page.grid.selected() == 1
    page.key_actions()["Ctrl+Z"]()
    settle(qtbot, page)
    assert label_of(folder, page.grid.model.ids[3]) is Label.NONE


def test_a_note_keeps_the_label(qtbot, page, asked, folder):
    page.key_actions()["U"]()
    settle(qtbot, page)
    page.step(-1)
    page.key_actions()["W"]()
    assert asked.entry == ""
    asked.answer("dust")
    settle(qtbot, page)
    assert page.grid.current().note == "dust" and page.grid.current().label is Label.UNSURE
    assert page.viewer.card.label.text() == "Label: unsure · dust"
    page.key_actions()["N"]()
    settle(qtbot, page)
    page.step(-1)
    page.key_actions()["H"]()
    settle(qtbot, page)
    assert asked.title == "Labels of this part" and asked.words.count("\n") == 2
    assert "unsure · dust" in asked.words and asked.words.endswith("good · dust")


def test_taps_choose_several(qtbot, page):
    page.key_actions()["X"]()
    assert page.several.isChecked()
    view = page.grid.view
    for row in (1, 3):
        place = view.visualRect(page.grid.model.index(row)).center()
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert page.grid.selection() == [page.grid.model.ids[row] for row in (0, 1, 3)]
    page.step(-1)
    assert page.grid.current_row() == 1  # through those that are chosen
    page.key_actions()["X"]()
    assert page.grid.selected() == 1


def test_arrows_move_and_letters_do_not(qtbot, page):
    view = page.grid.view
    view.setFocus()
    qtbot.keyClick(view, K.Key_Right)
    qtbot.keyClick(view, K.Key_Down)
    columns = view.viewport().width() // page.grid.column
    assert page.grid.current_row() == 1 + columns
    qtbot.keyClick(view, K.Key_D)
    assert page.grid.current_row() == 1 + columns


def test_the_same_product_goes_on_beyond_the_filter(qtbot, page, folder):
    page.filters.verdicts[Verdict.FAIL].click()
    settle(qtbot, page)
    number = page.grid.current().number
    page.key_actions()["J"]()
    settle(qtbot, page)
    assert page.viewer._record.number == number + 1  # a PASS, which the filter leaves out
    assert "leaves it out" in page.state.text()
    page.key_actions()["D"]()  # is for what is looked at, not for what the grid is at
    settle(qtbot, page)
    assert page.viewer.card.label.text() == "Label: defect"
    assert label_of(folder, page.viewer._record.id) is Label.DEFECT
    assert label_of(folder, page.grid.current_id()) is Label.NONE
    page.key_actions()["J"]()
    settle(qtbot, page)
    assert "no further part" in page.state.text()
    page.escape()
    assert page.viewer._record.id == page.grid.current_id()


def test_sending_to_teaching_says_what_became_of_it(qtbot, page, said, folder):
    page.key_actions()["T"]()
    settle(qtbot, page)
    assert "1 not sent" in page.state.text() and "label it first" in said[-1]


def test_another_source_begins_anew(qtbot, page, tmp_path, asked, said):
    other = tmp_path / "other station"
    other.mkdir()
    fill(other, [Verdict.FAIL], product="label")
    page.filters.verdicts[Verdict.PASS].click()
    page.key_actions()["D"]()
    settle(qtbot, page)
    page.open(str(other))
    settle(qtbot, page)
    assert page.grid.count == 1 and page.filters.only_product == "label"
    assert not page.bar.buttons["Ctrl+Z"].isEnabled()
    assert page.source.value().endswith("other station")
    page.open(str(tmp_path / "no such folder"))
    settle(qtbot, page)
    assert "does not exist" in said[-1] and page.grid.count == 1
    page.key_actions()["G"]()
    assert [key for key, _ in asked.choices] == ["station", "folder", "archive"]
    asked.answer("station")
    settle(qtbot, page)
    assert page.grid.count == 12


def test_a_database_of_a_newer_version_is_a_sentence(make_page, folder, said):
    with closing(sqlite3.connect(database_file(folder))) as plain, plain:
        plain.execute("UPDATE alembic_version SET version_num = '9999'")
    page = make_page(folder)
    assert page.records is None and "newer" in said[-1]
    for action in page.key_actions().values():
        action()


def test_what_was_removed_meanwhile_leaves_no_hole(qtbot, page, folder):
    with closing(sqlite3.connect(database_file(folder))) as plain, plain:
        plain.execute("DELETE FROM regions")
        plain.execute("DELETE FROM inspections WHERE id > 6")
    page.grid._generation += 1
    page.grid.model._kept.clear()
    qtbot.waitUntil(
        lambda: (page.beat(), page.grid.model.is_gone(0))[1],
        timeout=20_000,
    )
    page.refresh()
    settle(qtbot, page)
    assert page.grid.count == 6


def test_new_inspections_come_with_refresh(qtbot, page, folder):
    with closing(read(folder)) as records:
        set_label(records, [page.grid.model.ids[0]], Label.GOOD, who="another program")
    fill(folder, [Verdict.ERROR], product="label")
    current = page.grid.current_id()
    page.key_actions()["F5"]()
    settle(qtbot, page)
    assert page.grid.count == 13 and page.grid.current_id() == current
    assert page.grid.current().label is Label.GOOD


@pytest.mark.parametrize("view", list(View))
def test_views_and_keys(page, view):
    page.key_actions()[str(list(View).index(view) + 1)]()
    assert page.shown is view and page.tabs[view].isChecked()
    assert set(page.key_actions()) <= set(page.keys)


def test_both_themes_paint(app, page):
    for name in ("light", "dark"):
        theme.apply(app, name)
        for widget in (page.grid, page.viewer.image, page.filters.histogram, page.what_if.chart):
            widget.theme_changed()
        assert not page.grab().isNull()
