"""A few lines of figures in columns: what is in force beside what is being tried."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from uniad_desktop.ui.widgets.figure import Figure
from uniad_desktop.ui.widgets.panel import Panel

_RIGHT = Qt.AlignmentFlag.AlignRight


class FigureTable(Panel):
    """Names at the left, two columns of figures; a line without figures takes no room.

    Args:
        rows: how many lines.
        parent: the parent widget.
    """

    def __init__(self, rows: int, parent: QWidget | None = None) -> None:
        super().__init__(parent, card=True)
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 8, 12, 8)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(4)
        self._cells: list[tuple[Figure, Figure, Figure]] = []
        for number in range(rows + 1):
            role = "value" if number else "caption"
            cells = (
                Figure("caption" if number else "heading", parent=self),
                Figure(role, "", _RIGHT, shrink=True, parent=self),
                Figure(role, "", _RIGHT, shrink=True, parent=self),
            )
            for column, cell in enumerate(cells):
                grid.addWidget(cell, number, column)
            self._cells.append(cells)
        for column, stretch in enumerate((1, 1, 1)):
            grid.setColumnStretch(column, stretch)

    def show_head(self, title: str, former: str, now: str) -> None:
        """The words above the columns."""
        self._show(0, (title, former, now))

    def show_rows(self, rows: Sequence[tuple[str, str, str, str]]) -> None:
        """Lines of name, figure in force, figure tried, and the colour of that or empty."""
        for number, cells in enumerate(self._cells[1:]):
            for cell in cells:
                cell.setVisible(number < len(rows))
            if number < len(rows):
                *words, token = rows[number]
                self._show(number + 1, (words[0], words[1], words[2]), token)

    def row(self, number: int) -> tuple[str, str, str]:
        """What a line shows; 0 is the one above the figures."""
        first, second, third = self._cells[number]
        return first.text(), second.text(), third.text()

    def _show(self, number: int, words: tuple[str, str, str], token: str = "") -> None:
        for cell, word in zip(self._cells[number], words, strict=True):
            cell.show_text(word, token if cell is self._cells[number][2] else "")
