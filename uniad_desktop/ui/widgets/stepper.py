"""A value between − and +, for fingers."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from uniad_desktop.ui.widgets.figure import Figure
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.touch_button import TouchButton


class Stepper(Panel):
    """Shows a value; what a step means is up to whoever listens.

    Args:
        parent: the parent widget.

    Signals:
        stepped: - or + was pressed; carries -1 or 1.
    """

    stepped = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.less, self.more = TouchButton(parent=self), TouchButton(parent=self)
        self.less.setText("−")
        self.more.setText("+")
        middle = Qt.AlignmentFlag.AlignHCenter
        self.caption = Figure("caption", alignment=middle, parent=self)
        self.value = Figure("value", alignment=middle, parent=self)
        self.less.clicked.connect(lambda: self.stepped.emit(-1))
        self.more.clicked.connect(lambda: self.stepped.emit(1))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.less)
        lines = QVBoxLayout()
        lines.setSpacing(2)
        lines.addStretch()
        lines.addWidget(self.caption)
        lines.addWidget(self.value)
        lines.addStretch()
        row.addLayout(lines, 1)
        row.addWidget(self.more)

    def show_caption(self, words: str) -> None:
        """Says what the value is."""
        self.caption.show_text(words)
        self.less.setAccessibleName(f"{words} −")
        self.more.setAccessibleName(f"{words} +")

    def show_value(self, value: str, *, less: bool, more: bool) -> None:
        """Shows a value, and whether there is a smaller and a larger one."""
        self.value.show_text(value)
        self.less.setEnabled(less)
        self.more.setEnabled(more)
