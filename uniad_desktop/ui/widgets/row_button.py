"""One row of a list of choices: what it is called, figures at the right, a line below."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from uniad_desktop.ui.widgets.figure import Figure
from uniad_desktop.ui.widgets.touch_button import TOUCH, TouchButton


@dataclass(frozen=True, slots=True)
class Row:
    """A choice of a sheet that needs more than a label.

    Attributes:
        key: what is reported when it is chosen.
        title: its name, never cut.
        aside: short figures at the right, never cut.
        detail: a line below; its end is cut where there is no room.
    """

    key: str
    title: str
    aside: str
    detail: str


class RowButton(TouchButton):
    """A `Row` as a button.

    Args:
        row: what it shows.
        printed: the key printed on it, or empty.
        parent: the parent widget.
    """

    def __init__(self, row: Row, printed: str, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.title = QLabel(f"{row.title} ({printed})" if printed else row.title, self)
        self.title.setProperty("role", "count")
        self.aside = QLabel(row.aside, self)
        self.aside.setProperty("role", "limit")
        self.detail = Figure("heading", parent=self)
        self.detail.show_text(row.detail)
        for label in (self.title, self.aside, self.detail):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        head = QHBoxLayout()
        head.addWidget(self.title)
        head.addStretch()
        head.addWidget(self.aside)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(16, 8, 16, 8)
        lines.setSpacing(2)
        lines.addLayout(head)
        lines.addWidget(self.detail)
        self.setAccessibleName(" ".join((self.title.text(), row.aside, row.detail)))

    def sizeHint(self) -> QSize:
        """Room for title and figures."""
        layout = self.layout()
        return layout.sizeHint().expandedTo(QSize(TOUCH, TOUCH)) if layout else super().sizeHint()

    def minimumSizeHint(self) -> QSize:
        """Never less than title and figures."""
        return self.sizeHint()
