"""Images side by side, as many as there are: only those in sight are decoded and painted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from pathlib import Path

from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QScroller, QVBoxLayout, QWidget

from uniad_desktop.ui.thumbnails import Thumbnails
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.thumb_delegate import ThumbDelegate, cell_size

SIDE = 132
_AHEAD = 1.0  # screens above and below that are decoded before they are seen

ItemRole = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex


class Mark(StrEnum):
    """What is special about an image."""

    NONE = "none"
    DOUBTFUL = "doubtful"
    HELD_OUT = "held out"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Thumb:
    """One image of the grid.

    Attributes:
        id: what is reported when it is chosen; no two have the same.
        path: of the image file.
        caption: a line below; cut where there is no room.
        mark: drawn as sign and border.
    """

    id: str
    path: Path
    caption: str = ""
    mark: Mark = Mark.NONE


class ThumbModel(QAbstractListModel):
    """The images of the grid in their order."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: list[Thumb] = []
        self._rows: dict[str, int] = {}

    def replace(self, items: Sequence[Thumb]) -> None:
        """Shows other images."""
        self.beginResetModel()
        self._items = list(items)
        self._rows = {item.id: row for row, item in enumerate(self._items)}
        self.endResetModel()

    def refresh(self, items: Sequence[Thumb]) -> None:
        """The same images with other captions or marks."""
        former, self._items = self._items, list(items)
        for row, (old, new) in enumerate(zip(former, self._items, strict=True)):
            if old != new:
                self.dataChanged.emit(self.index(row), self.index(row))

    @property
    def items(self) -> list[Thumb]:
        """The images; not to be changed."""
        return self._items

    def row(self, item_id: str) -> int | None:
        """Where an image is, None where it is not."""
        return self._rows.get(item_id)

    def rowCount(self, parent: Index | None = None) -> int:
        """How many images there are."""
        return 0 if parent is not None and parent.isValid() else len(self._items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The image for the delegate, its caption for everybody else."""
        if not index.isValid():
            return None
        item = self._items[index.row()]
        if role == ItemRole:
            return item
        if role == Qt.ItemDataRole.DisplayRole:
            return item.caption
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{item.caption} {'' if item.mark is Mark.NONE else item.mark.value}".strip()
        return None


class ThumbView(QListView):
    """Rows of cells that wrap. Taps and keys; Enter and a double tap are reported.

    Args:
        cell: size of a cell.
        parent: the parent widget.
    """

    wished = Signal(QModelIndex)

    def __init__(self, cell: QSize, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cell = cell
        # Rows that wrap: unlike the icon mode it keeps no geometry of each item.
        self.setViewMode(QListView.ViewMode.ListMode)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setGridSize(cell)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        QScroller.grabGesture(self.viewport(), QScroller.ScrollerGestureType.TouchGesture)

    def in_sight(self) -> tuple[int, int]:
        """Rows of the model in sight: the first, and the one behind the last."""
        columns = max(1, self.viewport().width() // self._cell.width())
        top, high = self.verticalScrollBar().value(), self._cell.height()
        first = top // high * columns
        last = (-(-(top + self.viewport().height()) // high)) * columns
        count = self.model().rowCount()
        return min(first, count), min(last, count)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """A finger that slides over images chooses none of them."""
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The first tap chose or let go; both together report, and leave it as it was."""
        self.mousePressEvent(event)
        index = self.indexAt(event.position().toPoint())
        if index.isValid():
            self.wished.emit(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter reports, Space chooses, arrows go; letters are keys of the window."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.currentIndex().isValid():
                self.wished.emit(self.currentIndex())
        elif event.text().strip():
            event.ignore()  # the view would search captions
        else:
            super().keyPressEvent(event)


class ThumbGrid(Panel):
    """Thumbnails to look through and choose from.

    A tap chooses, with `multiple` another one lets go again; arrows and Space do the same.

    Args:
        multiple: whether several may be chosen.
        side: of a thumbnail in pixels.
        thumbnails: who decodes; None: one of its own.
        parent: the parent widget.

    Signals:
        selection_changed: other images are chosen; ask `selection`.
        activated: Enter or a double tap on an image; carries its id.
    """

    selection_changed = Signal()
    activated = Signal(str)

    def __init__(
        self,
        *,
        multiple: bool = True,
        side: int = SIDE,
        thumbnails: Thumbnails | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.thumbnails = thumbnails or Thumbnails(round(side * self.devicePixelRatioF()))
        self._cell = cell_size(side)
        self._seen: tuple[int, int, int] = (-1, -1, -1)
        self._generation = 0
        self.model = ThumbModel(self)
        view = self.view = ThumbView(self._cell, self)
        view.setSelectionMode(
            QAbstractItemView.SelectionMode.MultiSelection
            if multiple
            else QAbstractItemView.SelectionMode.SingleSelection
        )
        view.setItemDelegate(ThumbDelegate(self.thumbnails, side, self))
        view.setModel(self.model)
        view.selectionModel().selectionChanged.connect(lambda *_: self.selection_changed.emit())
        view.wished.connect(lambda index: self.activated.emit(self.model.items[index.row()].id))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(view)
        self.setFocusProxy(view)
        self.theme_changed()

    def show_items(self, items: Sequence[Thumb]) -> None:
        """Shows images; what was chosen stays chosen where it is still there."""
        if items == self.model.items:
            return
        self.thumbnails.forget_broken()
        self._generation += 1
        if [one.id for one in items] == [one.id for one in self.model.items]:
            self.model.refresh(items)
            return
        chosen, top = self.selection(), self.view.verticalScrollBar().value()
        current = self.current()
        self.view.selectionModel().blockSignals(True)
        try:
            self.model.replace(items)
            self._choose(chosen)
            row = self.model.row(current) if current is not None else None
            if row is not None:
                self._make_current(row)
        finally:
            self.view.selectionModel().blockSignals(False)
        self.view.verticalScrollBar().setValue(top)
        if self.selection() != chosen:
            self.selection_changed.emit()

    def selection(self) -> tuple[str, ...]:
        """Ids of the chosen images in their order."""
        rows = sorted(index.row() for index in self.view.selectionModel().selectedIndexes())
        return tuple(self.model.items[row].id for row in rows)

    def choose(self, ids: Iterable[str]) -> None:
        """Chooses these images and no others."""
        self._choose(ids)

    def choose_all(self) -> None:
        """Chooses every image, where several may be chosen."""
        self.view.selectAll()

    def clear_selection(self) -> None:
        """Chooses nothing."""
        self.view.clearSelection()

    def current(self) -> str | None:
        """Id of the image that the keys are at."""
        index = self.view.currentIndex()
        return self.model.items[index.row()].id if index.isValid() else None

    def go_to(self, item_id: str) -> None:
        """Scrolls to an image and puts the keys there; nothing where it is not shown."""
        row = self.model.row(item_id)
        if row is not None:
            self._make_current(row)
            self.view.scrollTo(self.model.index(row))

    def beat(self) -> None:
        """Asks for what is in sight now and paints what was made; returns at once."""
        first, last = self.view.in_sight()
        made = self.thumbnails.beat()
        if made:
            self.view.viewport().update()
        seen = (first, last, self._generation)
        if seen != self._seen or (made and not self.thumbnails.waiting):
            self._seen = seen
            self.thumbnails.want([item.path for item in self._urgent(first, last)])

    def close_down(self) -> None:
        """Ends the thread that decodes."""
        self.thumbnails.close_down()

    def theme_changed(self) -> None:
        """Colours are taken while painting."""
        self.view.setStyleSheet("QListView { background: transparent; border: 0; }")
        self.view.viewport().update()

    def _choose(self, ids: Iterable[str]) -> None:
        found = (self.model.row(item_id) for item_id in ids)
        rows = sorted({row for row in found if row is not None})
        chosen = QItemSelection()
        # One range per run of neighbours: thousands of single ones would take seconds.
        for _, run in groupby(enumerate(rows), lambda pair: pair[1] - pair[0]):
            run_rows = [row for _, row in run]
            first, last = self.model.index(run_rows[0]), self.model.index(run_rows[-1])
            chosen.append(QItemSelectionRange(first, last))
        self.view.selectionModel().select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def _make_current(self, row: int) -> None:
        self.view.selectionModel().setCurrentIndex(
            self.model.index(row), QItemSelectionModel.SelectionFlag.NoUpdate
        )

    def _urgent(self, first: int, last: int) -> list[Thumb]:
        """What is in sight, then what is just below and above."""
        ahead = round((last - first) * _AHEAD)
        items = self.model.items
        return [
            *items[first:last],
            *items[last : last + ahead],
            *reversed(items[max(0, first - ahead) : first]),
        ]

    def sizeHint(self) -> QSize:
        """Four columns and three rows."""
        return QSize(4 * self._cell.width() + 16, 3 * self._cell.height())
