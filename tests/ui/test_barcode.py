"""Barcode readers that type."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from uniad_desktop.ui.barcode import END_MS, NEXT_MS, WedgeReader

K, M = Qt.Key, Qt.KeyboardModifier
NONE = M.NoModifier


class Bench(QWidget):
    """A window with single-key shortcuts, a button and a field; notes what reached it."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []
        self.now = 0.0
        self.button, self.field = QPushButton("go", self), QLineEdit(self)
        self.button.setAutoDefault(True)
        self.button.clicked.connect(lambda: self.heard.append("button"))
        layout = QVBoxLayout(self)
        layout.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self.resize(400, 300)
        layout.addWidget(self.button)
        layout.addWidget(self.field)
        for key in ("Space", "T", "H", "4", "Esc", "F11", "Ctrl+T", "Shift+S"):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setAutoRepeat(False)
            shortcut.activated.connect(lambda key=key: self.heard.append(key))
        self.reader = WedgeReader(self, clock=lambda _: self.now)
        self.reader.scanned.connect(lambda text: self.heard.append(f"scan {text}"))
        self.reader.install()

    def keyPressEvent(self, event):  # noqa: N802
        if event.text():
            self.heard.append(f"key {event.text()}")

    def keyReleaseEvent(self, event):  # noqa: N802
        if event.text() in ("z", "ä"):
            self.heard.append(f"up {event.text()}")

    def type(self, text: str, apart: float = 0.01) -> None:
        for letter in text:
            QTest.keyClick(self.focusWidget() or self, letter)
            self.now += apart

    def press(self, key, modifier=NONE) -> None:
        QTest.keyClick(self.focusWidget() or self, key, modifier)


@pytest.fixture
def bench(app, qtbot) -> Iterator[Bench]:
    made = Bench()
    made.show()
    made.activateWindow()
    made.setFocus()
    qtbot.waitUntil(lambda: made.isActiveWindow() and made.hasFocus(), timeout=20_000)
    yield made
    made.reader.remove()
    made.close()
    made.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def settle(qtbot, bench) -> None:
    qtbot.waitUntil(lambda: not bench.reader._timer.isActive(), timeout=20_000)


@pytest.mark.parametrize("end", [K.Key_Return, K.Key_Enter, K.Key_Tab])
def test_a_scan_is_one_text_and_no_key(qtbot, bench, end):
    bench.type("4Th T4")
    bench.press(end)
    settle(qtbot, bench)
    assert bench.heard == ["scan 4Th T4"]
    assert bench.hasFocus()  # Tab did not go on to the button


@pytest.mark.parametrize(
    ("key", "heard"),
    [
        (K.Key_T, ["T"]),
        (K.Key_Space, ["Space"]),
        (K.Key_4, ["4"]),
        (K.Key_Z, ["key z", "up z"]),
        ("ä", ["key ä", "up ä"]),
    ],
)
def test_a_key_alone_is_that_key(qtbot, bench, key, heard):
    if key == "ä":
        QTest.sendKeyEvent(QTest.KeyAction.Click, bench, K.Key_Adiaeresis, "ä", NONE)
    else:
        bench.press(key)
    assert not bench.heard
    settle(qtbot, bench)
    assert bench.heard == heard


def test_keys_by_hand_come_in_their_order(qtbot, bench):
    bench.type("th", apart=(NEXT_MS + 1) / 1000)
    settle(qtbot, bench)
    assert bench.heard == ["T", "H"]
    bench.heard.clear()
    bench.type("t")
    bench.press(K.Key_F11)
    bench.press(K.Key_Escape)
    assert bench.heard == ["T", "F11", "Esc"]


def test_modified_keys_are_not_held_back(qtbot, bench):
    bench.press(K.Key_T, M.ControlModifier)
    assert bench.heard == ["Ctrl+T"]
    bench.heard.clear()
    bench.press(K.Key_S, M.ShiftModifier)
    settle(qtbot, bench)
    assert bench.heard == ["Shift+S"]


def test_a_capital_letter_is_no_small_one(qtbot, bench):
    QTest.keyClick(bench, K.Key_T, M.ShiftModifier)
    settle(qtbot, bench)
    assert "T" not in bench.heard and bench.heard[0].lower() == "key t"


def test_a_scan_without_end_is_dropped(qtbot, bench):
    bench.type("th4")
    settle(qtbot, bench)
    bench.now += 1
    bench.press(K.Key_Return)
    settle(qtbot, bench)
    assert not [one for one in bench.heard if one.startswith(("scan", "T", "H", "4"))]


def test_an_end_key_that_is_too_late_is_a_key(qtbot, bench):
    bench.button.setFocus()
    bench.type("th4")
    bench.now += (END_MS + 1) / 1000
    bench.press(K.Key_Return)
    settle(qtbot, bench)
    assert bench.heard == ["button"]


def test_two_characters_are_no_scan(qtbot, bench):
    bench.type("th")
    bench.press(K.Key_Return)
    settle(qtbot, bench)
    assert not bench.heard


def test_enter_alone_presses_the_button_in_focus(qtbot, bench):
    bench.button.setFocus()
    bench.press(K.Key_Return)
    assert bench.heard == ["button"]
    bench.heard.clear()
    bench.type("4711")
    bench.press(K.Key_Return)
    assert bench.heard == ["scan 4711"]


def test_a_key_and_then_enter_are_both_heard(qtbot, bench):
    bench.button.setFocus()
    bench.type("t")
    bench.press(K.Key_Return)
    settle(qtbot, bench)
    assert bench.heard == ["T", "button"]


def test_a_text_field_gets_its_keys_at_once(qtbot, bench):
    bench.field.setFocus()
    bench.type("th 4711")
    bench.press(K.Key_Return)
    assert bench.field.text() == "th 4711"
    assert not [one for one in bench.heard if one.startswith("scan")]
    bench.heard.clear()
    bench.field.setReadOnly(True)
    bench.type("4711")
    bench.press(K.Key_Return)
    assert bench.heard == ["scan 4711"]


def test_a_key_held_down_is_pressed_once_and_its_release_comes_later(qtbot, bench):
    QTest.keyPress(bench, K.Key_Z)
    settle(qtbot, bench)
    assert bench.heard == ["key z"]
    QTest.keyRelease(bench, K.Key_Z)
    assert bench.heard == ["key z", "up z"]


def test_keys_of_the_real_window_path(qtbot, bench):
    handle = bench.windowHandle()
    QTest.keyClick(handle, K.Key_T)
    settle(qtbot, bench)
    assert bench.heard == ["T"]
    bench.heard.clear()
    for letter in "4711t":
        QTest.keyClick(handle, letter)
        bench.now += 0.01
    QTest.keyClick(handle, K.Key_Return)
    settle(qtbot, bench)
    assert bench.heard == ["scan 4711t"]


def test_a_switched_off_shortcut_stays_off(qtbot, bench):
    for shortcut in bench.findChildren(QShortcut):
        shortcut.setEnabled(False)
    bench.type("t")
    settle(qtbot, bench)
    assert bench.heard == ["key t"]


def test_removed_it_watches_no_more(qtbot, bench):
    bench.type("t")
    bench.reader.remove()
    assert not bench.reader._timer.isActive()
    bench.press(K.Key_H)
    assert bench.heard == ["H"]
