"""A line of text in a sheet."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QLabel, QWidget

from uniad_desktop.ui.widgets.sheet import Sheet
from uniad_desktop.ui.widgets.touch_button import TOUCH

K = Qt.Key
MakeSheet = Callable[[str | None], tuple[Sheet, list[object]]]


@pytest.fixture
def make_sheet(app, qtbot) -> Iterator[MakeSheet]:
    parent = QWidget()
    parent.resize(1280, 720)
    parent.show()
    parent.activateWindow()

    def make(
        entry: str | None, *, emptiable: bool = False, title: str = "New title"
    ) -> tuple[Sheet, list[object]]:
        sheet = Sheet(
            parent,
            title,
            words="What the operator reads.",
            choices=[("rename", "Rename")],
            current=None,
            cancel="Cancel (Esc)",
            entry=entry,
            emptiable=emptiable,
        )
        told: list[object] = []
        sheet.done.connect(told.append)
        app.processEvents()
        return sheet, told

    yield make
    parent.close()
    parent.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.mark.parametrize("how", ["enter", "button"])
def test_what_was_typed_is_reported(qtbot, make_sheet, how):
    sheet, told = make_sheet("Cap")
    assert sheet.field is not None and sheet.field.hasFocus() and sheet.field.height() >= TOUCH
    assert sheet.field.selectedText() == "Cap"
    qtbot.keyClicks(sheet.field, " 1 Lid ")
    if how == "enter":
        qtbot.keyClick(sheet.field, K.Key_Return)
    else:
        sheet.buttons["rename"].click()
    assert told == ["1 Lid"]


def test_nothing_typed_is_nothing_to_choose(qtbot, make_sheet):
    sheet, told = make_sheet("")
    assert not sheet.buttons["rename"].isEnabled()
    qtbot.keyClicks(sheet.field, "  ")
    qtbot.keyClick(sheet.field, K.Key_Return)
    assert not told
    qtbot.keyClicks(sheet.field, "x")
    assert sheet.buttons["rename"].isEnabled()
    sheet.cancel.click()
    assert told == [None]


def test_what_stands_there_can_be_taken_away_where_that_means_something(qtbot, make_sheet):
    sheet, told = make_sheet("A former note", emptiable=True)
    qtbot.keyClick(sheet.field, K.Key_Delete)
    assert sheet.field.text() == "" and sheet.buttons["rename"].isEnabled()
    qtbot.keyClick(sheet.field, K.Key_Return)
    assert told == [""]


def test_without_a_line_enter_chooses(qtbot, make_sheet):
    sheet, told = make_sheet(None)
    assert sheet.field is None
    qtbot.keyClick(sheet, K.Key_Return)
    assert told == ["rename"]


@pytest.mark.parametrize("entry", [None, "Cap"])
def test_a_tap_elsewhere_does_not_take_the_keys_away(qtbot, app, make_sheet, entry):
    sheet, told = make_sheet(entry)
    window = sheet.window()
    window.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    window.setFocus(Qt.FocusReason.MouseFocusReason)
    app.processEvents()
    focused = app.focusWidget()
    assert focused is (sheet if sheet.field is None else sheet.field)
    qtbot.keyClick(focused, K.Key_Return)
    assert told == [entry or "rename"]
    window.setFocus()  # nothing holds it any more
    app.processEvents()
    assert app.focusWidget() is window


def test_a_long_title_is_shown_whole(app, make_sheet):
    for title, lines in (("Change it?", 1), ("Change to Maker of long names " * 6, 2)):
        sheet, _ = make_sheet(None, title=title)
        heading = sheet.findChildren(QLabel)[0]
        app.processEvents()
        needed = heading.fontMetrics().boundingRect(
            heading.contentsRect(), Qt.TextFlag.TextWordWrap, title
        )
        assert heading.height() >= needed.height() and heading.width() >= needed.width()
        assert round(needed.height() / heading.fontMetrics().lineSpacing()) >= lines
        sheet.close_with(None)
