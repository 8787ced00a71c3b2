"""The base of this window's widgets: told when language or theme change."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QFrame, QWidget


class Panel(QFrame):
    """A frame that re-reads its words on a language change.

    Args:
        parent: the parent widget.
        card: drawn as a card on the ground.
    """

    def __init__(self, parent: QWidget | None = None, *, card: bool = False) -> None:
        super().__init__(parent)
        if card:
            self.setProperty("card", True)

    def retranslate(self) -> None:
        """Writes all words anew; called on construction by the subclass and on a change."""

    def theme_changed(self) -> None:
        """Takes over the colours of the theme in force; called by the window."""

    def changeEvent(self, event: QEvent) -> None:
        """Qt's notice of a change."""
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)
