"""Sentences on several lines, of which none is ever cut."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget


class Words(QLabel):
    """A label that breaks its lines and keeps the height that they need.

    A layout without room squeezes an ordinary one, and its first and last lines are lost; here what
    can be scrolled gives way.

    Args:
        role: the role in the style sheet; empty: that of the page.
        parent: the parent widget.
    """

    def __init__(self, role: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        if role:
            self.setProperty("role", role)

    def setText(self, text: str) -> None:
        """Shows other words."""
        super().setText(text)
        self._claim()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width breaks lines at other places."""
        super().resizeEvent(event)
        self._claim()

    def _claim(self) -> None:
        self.setMinimumHeight(self.heightForWidth(self.width()) if self.text() else 0)
