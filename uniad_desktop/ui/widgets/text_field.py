"""Text to type, in fields high enough for a finger."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from uniad_desktop.ui import theme
from uniad_desktop.ui.widgets.touch_button import TOUCH

_NOTES = 112


class TextField(QLineEdit):
    """A line edit 64 px high in the colours of the theme; keys typed here are no shortcuts.

    Args:
        value: what stands in it at first.
        parent: the parent widget.
    """

    def __init__(self, value: str = "", parent: QWidget | None = None) -> None:
        super().__init__(value, parent)
        self.setMinimumHeight(TOUCH)
        self.theme_changed()

    def theme_changed(self) -> None:
        """Takes over the colours of the theme in force."""
        self.setStyleSheet(_style("QLineEdit", "padding: 0 12px; min-height: 62px;"))


class TextArea(QPlainTextEdit):
    """Some lines of text; Tab goes on to the next field.

    Args:
        parent: the parent widget.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(_NOTES)
        self.setTabChangesFocus(True)
        self.theme_changed()

    def theme_changed(self) -> None:
        """Takes over the colours of the theme in force."""
        self.setStyleSheet(_style("QPlainTextEdit", "padding: 6px 8px;"))


def _style(kind: str, room: str) -> str:
    colours = theme.active().colours
    # A field is a hollow in the card: darker on dark, lighter on light.
    hollow = colours["raised" if theme.active().name == "light" else "ground"]
    return (
        f"{kind} {{ background: {hollow}; border: 1px solid {colours['border']};"
        f" border-radius: 8px; font-size: 16px; {room} }}"
        f"{kind}:focus {{ border: 2px solid {colours['accent']}; }}"
        f"{kind}:disabled {{ color: {colours['dim']}; }}"
    )
