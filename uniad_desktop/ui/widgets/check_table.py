"""Every product before and after a teaching, a row each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QScroller,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from uniad_desktop.ui import text, theme
from uniad_desktop.ui.widgets.panel import Panel

ROW = 40


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A product before and after.

    Attributes:
        title: of the product.
        parts: kept normal parts that were looked at.
        rejects: share of them above the limit, before and after, 0 to 1; None where unknown.
        aurocs: of normal against marked pictures, before and after; None where there are none.
        challenge: challenge images that were judged wrongly, before and after, or None.
        new: whether it is the product that was taught.
        worse: why it got worse, a sentence; empty where it did not.
    """

    title: str
    parts: int
    rejects: tuple[float | None, float | None]
    aurocs: tuple[float | None, float | None]
    challenge: tuple[int, int] | None
    new: bool
    worse: str


class CheckTable(Panel):
    """Nothing can be changed in it; a finger scrolls it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[CheckRow, ...] = ()
        table = self.table = QTableWidget(0, 6, self)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(ROW)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        QScroller.grabGesture(table.viewport(), QScroller.ScrollerGestureType.TouchGesture)
        header = table.horizontalHeader()
        header.setSectionsClickable(False)
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        for column in range(1, 6):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(table)
        self.retranslate()

    def show_rows(self, rows: Sequence[CheckRow]) -> None:
        """Shows the products in this order."""
        if tuple(rows) != self._rows:
            self._rows = tuple(rows)
            self._write()

    @property
    def rows(self) -> tuple[CheckRow, ...]:
        """What is shown."""
        return self._rows

    def cells(self, row: int) -> list[str]:
        """The words of a row."""
        found = [self.table.item(row, column) for column in range(self.table.columnCount())]
        return [item.text() if item is not None else "" for item in found]

    def retranslate(self) -> None:
        """Writes all words anew."""
        names = (
            self.tr("product"),
            self.tr("kept parts"),
            self.tr("false rejects"),
            self.tr("AUROC"),
            self.tr("challenge wrong"),
            "",
        )
        for column, name in enumerate(names):
            item = QTableWidgetItem(name)
            side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
            item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
            self.table.setHorizontalHeaderItem(column, item)
        self._write()

    def theme_changed(self) -> None:
        """Takes over the colours of the theme in force."""
        self._write()

    def _write(self) -> None:
        self.table.setRowCount(len(self._rows))
        for number, row in enumerate(self._rows):
            title = self.tr("{product} · new").format(product=row.title) if row.new else row.title
            fine = "" if row.new else "✓"
            mark = self.tr("✕ worse") if row.worse else fine
            cells = (
                title,
                text.number(row.parts),
                _change(*map(_percent, row.rejects)),
                _change(*map(_auroc, row.aurocs)),
                text.NONE if row.challenge is None else _change(*map(str, row.challenge)),
                mark,
            )
            for column, words in enumerate(cells):
                item = QTableWidgetItem(words)
                side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
                item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
                if row.worse:
                    item.setForeground(QColor(theme.active().colour("alarm_text")))
                self.table.setItem(number, column, item)


def _change(before: str, after: str) -> str:
    return text.NONE if before == after == text.NONE else f"{before} → {after}"


def _percent(value: float | None) -> str:
    return text.NONE if value is None else f"{value:.1%}"


def _auroc(value: float | None) -> str:
    return text.NONE if value is None else f"{100 * value:.1f}"
