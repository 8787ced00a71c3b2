"""Barcode readers that type: their characters become one text, and are no keys of the window."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
)

from uniad_desktop.ui.replayed_keys import Key, replay

NEXT_MS = 35
"""Longest time to the second character of a scan; one key alone is held back for so long."""

END_MS = 100
"""Longest time to the next character or the end key once it is a scan."""

SHORTEST = 3

_KEY_EVENTS = (QEvent.Type.KeyPress, QEvent.Type.KeyRelease, QEvent.Type.ShortcutOverride)
_ENDS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)
# These go with printable characters as well.
_HARMLESS = (
    Qt.KeyboardModifier.ShiftModifier
    | Qt.KeyboardModifier.KeypadModifier
    | Qt.KeyboardModifier.GroupSwitchModifier
)


def time_of(event: QKeyEvent) -> float:
    """When a key was pressed, in seconds.

    The system's own time where it gives one: keys that waited for a busy window were not typed at
    the same moment.
    """
    return event.timestamp() / 1000.0 or time.monotonic()


@dataclass(frozen=True, slots=True)
class _Held:
    key: Key
    at: float


class WedgeReader(QObject):
    """Watches the keys of the whole application.

    A printable key without Ctrl, Alt or Meta is held back for `NEXT_MS`. Where a second one follows
    in that time, a reader is typing: its characters up to Enter or Tab are a scan, and nobody else
    sees them. Otherwise the key is handed on, to shortcuts and widgets, as if it had been pressed
    now. While a text field has the focus nothing is held back.

    Args:
        parent: the parent object.
        clock: when a key was pressed, in seconds.

    Signals:
        scanned: a code was read; carries its text.
    """

    scanned = Signal(str)

    def __init__(
        self, parent: QObject | None = None, clock: Callable[[QKeyEvent], float] = time_of
    ) -> None:
        super().__init__(parent)
        self._clock = clock
        self._held: list[_Held] = []
        self._down: set[int] = set()
        self._replaying = False
        self._second_look = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._time_is_up)

    def install(self) -> None:
        """Begins to watch."""
        app = QCoreApplication.instance()
        if app is not None:
            app.installEventFilter(self)

    def remove(self) -> None:
        """Ends watching; a key that is held back is dropped."""
        app = QCoreApplication.instance()
        if app is not None:
            app.removeEventFilter(self)
        self._drop()
        self._down.clear()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Sees every event of the application; only keys matter."""
        kind = event.type()
        if kind not in _KEY_EVENTS or self._replaying or not isinstance(event, QKeyEvent):
            return False
        if kind is QEvent.Type.KeyRelease:
            return self._released(event)
        if event.isAutoRepeat():
            return False
        if self._is_end(event):
            return self._end(event, kind)
        if not _is_character(event) or _typing():
            if event.key() != Qt.Key.Key_Shift:  # a reader presses it for capital letters
                self._hand_on()
            return False
        if kind is QEvent.Type.ShortcutOverride:
            event.accept()  # then it comes as a key press instead of a shortcut
            return True
        self._take(event)
        return True

    def _take(self, event: QKeyEvent) -> None:
        now = self._clock(event)
        if self._held:
            longest = (NEXT_MS if len(self._held) == 1 else END_MS) / 1000.0
            if not 0.0 <= now - self._held[-1].at <= longest:
                self._hand_on()
        self._held.append(_Held(Key.of(event), now))
        self._down.add(event.key())
        self._wait(NEXT_MS if len(self._held) == 1 else END_MS)

    def _is_end(self, event: QKeyEvent) -> bool:
        return (
            len(self._held) > 1
            and event.key() in _ENDS
            and not event.modifiers() & ~_HARMLESS
            and not _typing()
        )

    def _end(self, event: QKeyEvent, kind: QEvent.Type) -> bool:
        """The end key of a scan is nobody else's; one that comes too late is an ordinary key."""
        if self._clock(event) - self._held[-1].at > END_MS / 1000.0:
            self._drop()
            return False
        if kind is QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        text = "".join(held.key.text for held in self._held).strip()
        self._down.add(event.key())
        self._drop()
        if len(text) >= SHORTEST:
            self.scanned.emit(text)
        return True

    def _released(self, event: QKeyEvent) -> bool:
        """The release of a key that nobody saw being pressed."""
        if event.isAutoRepeat() or event.key() not in self._down:
            return False
        self._down.discard(event.key())
        return True

    def _wait(self, milliseconds: int) -> None:
        self._second_look = False
        self._timer.start(milliseconds)

    def _time_is_up(self) -> None:
        """No further character came."""
        if not self._second_look:
            # Where the window was busy, the next character may wait right behind this timer.
            self._second_look = True
            self._timer.start(0)
            return
        self._hand_on()

    def _hand_on(self) -> None:
        """One key alone was pressed by a hand; of several, which no end key followed, none counts.

        To play those would press a button for each.
        """
        held = self._held
        self._drop()
        if len(held) != 1:
            return
        key = held[0].key
        still_down = key.key in self._down
        self._down.discard(key.key)
        self._replaying = True
        try:
            replay(key, released=not still_down)
        finally:
            self._replaying = False

    def _drop(self) -> None:
        self._timer.stop()
        self._held = []


def _is_character(event: QKeyEvent) -> bool:
    text = event.text()
    return len(text) == 1 and text.isprintable() and not event.modifiers() & ~_HARMLESS


def _typing() -> bool:
    """Whether keys are text for a field, or for a menu that is open."""
    if QApplication.activePopupWidget() is not None:
        return True
    widget = QApplication.focusWidget()
    if isinstance(widget, QComboBox):
        return widget.isEditable()
    fields = (QLineEdit, QTextEdit, QPlainTextEdit, QAbstractSpinBox)
    return isinstance(widget, fields) and not widget.isReadOnly()
