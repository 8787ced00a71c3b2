"""A key that was held back is pressed after all: for a shortcut, else for the widget in focus."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut, QShortcutEvent
from PySide6.QtWidgets import QApplication, QWidget


@dataclass(frozen=True, slots=True)
class Key:
    """What was pressed."""

    key: int
    modifiers: Qt.KeyboardModifier
    text: str

    @classmethod
    def of(cls, event: QKeyEvent) -> Key:
        """That of an event."""
        return cls(event.key(), event.modifiers(), event.text())

    def event(self, kind: QEvent.Type) -> QKeyEvent:
        """An event of this key."""
        return QKeyEvent(kind, self.key, self.modifiers, self.text)


def replay(key: Key, *, released: bool) -> None:
    """Presses a key now, as Qt does: widgets may claim it, then shortcuts, then the focus.

    Qt's own map of shortcuts is not open to us, so those of the active window are asked in turn.

    Args:
        key: what was pressed.
        released: whether it was let go of, too.
    """
    target = QApplication.focusWidget() or QApplication.activeWindow()
    if target is None or not target.isEnabled():
        return
    claim = key.event(QEvent.Type.ShortcutOverride)
    claim.ignore()
    QCoreApplication.sendEvent(target, claim)
    if not claim.isAccepted() and _press_shortcut(key, target):
        return
    QCoreApplication.sendEvent(target, key.event(QEvent.Type.KeyPress))
    if released:
        QCoreApplication.sendEvent(target, key.event(QEvent.Type.KeyRelease))


def _press_shortcut(key: Key, target: QWidget) -> bool:
    """Activates the shortcut of a key; whether there is one."""
    window = target.window()
    found = [
        shortcut
        for shortcut in window.findChildren(QShortcut)
        if shortcut.isEnabled() and _reaches(shortcut, target) and _means(shortcut, key)
    ]
    for shortcut in found:
        # As Qt: of two for the same key, each is told that it is not the only one.
        event = QShortcutEvent(shortcut.key(), shortcut, len(found) > 1)
        QCoreApplication.sendEvent(shortcut, event)
    return bool(found)


def _means(shortcut: QShortcut, key: Key) -> bool:
    """Whether a key is one of a shortcut's; with Shift, the character counts as well."""
    pressed = [Qt.Key(key.key)] if not _shifted(key) else []
    wanted = [QKeySequence(one) for one in pressed]
    if _shifted(key):
        wanted.append(QKeySequence(f"Shift+{QKeySequence(Qt.Key(key.key)).toString()}"))
        if not key.text.isalpha():
            wanted.append(QKeySequence(key.text))
    meant: list[QKeySequence] = shortcut.keys()
    return any(sequence in wanted for sequence in meant)


def _shifted(key: Key) -> bool:
    return bool(key.modifiers & Qt.KeyboardModifier.ShiftModifier)


def _reaches(shortcut: QShortcut, target: QWidget) -> bool:
    """Whether a shortcut counts while a widget of its window has the focus."""
    owner: QObject | None = shortcut.parent()
    if not isinstance(owner, QWidget) or not owner.isEnabled() or not owner.isVisible():
        return False
    context = shortcut.context()
    if context is Qt.ShortcutContext.WidgetShortcut:
        return owner is target
    if context is Qt.ShortcutContext.WidgetWithChildrenShortcut:
        return owner is target or owner.isAncestorOf(target)
    return True
