"""The grid of the Review page: as many inspections as there are, fetched as they come in sight."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QSize, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QAbstractItemView, QVBoxLayout, QWidget

from uniad_desktop.records.database import Records, RecordsError
from uniad_desktop.records.query import fetch, heatmap_path, image_path
from uniad_desktop.records.record import Record
from uniad_desktop.ui.background import Background
from uniad_desktop.ui.review.layers import thumbnail
from uniad_desktop.ui.review.record_delegate import RecordDelegate
from uniad_desktop.ui.review.record_model import RecordModel
from uniad_desktop.ui.thumbnails import Thumbnails
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.thumb_delegate import cell_size
from uniad_desktop.ui.widgets.thumb_grid import ThumbView

SIDE = 126
_MOST_HEATMAPS = 10_000

_Mode = QAbstractItemView.SelectionMode
_Flag = QItemSelectionModel.SelectionFlag


class RecordGrid(Panel):
    """Shows inspections by their ids; it never waits for database or disk.

    A tap shows one inspection, with Ctrl or Shift more are chosen; in `several` mode a tap
    chooses, another one lets go. What is chosen counts even where it was never in sight.

    Args:
        say: told of a sentence when the database cannot be read.
        parent: the parent widget.

    Signals:
        current_changed: the keys are at another inspection, or it was fetched now.
        selection_changed: other inspections are chosen.
    """

    current_changed = Signal()
    selection_changed = Signal()

    def __init__(self, say: Callable[[str], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._say = say
        self._records: Records | None = None
        self._background = Background("review-grid")
        self._generation = 0
        self._fetching = False
        self._heat: dict[Path, tuple[Path, float]] = {}
        self._heatmap = True
        self._seen: tuple[int, int, int] = (-1, -1, -1)
        self.thumbnails = Thumbnails(round(SIDE * self.devicePixelRatioF()), decode=self._decode)
        self.model = RecordModel(self)
        view = self.view = ThumbView(cell_size(SIDE), self)
        view.setSelectionMode(_Mode.ExtendedSelection)
        view.setItemDelegate(RecordDelegate(self.thumbnails, self.path_of, SIDE, self))
        view.setModel(self.model)
        view.selectionModel().selectionChanged.connect(lambda *_: self.selection_changed.emit())
        view.selectionModel().currentChanged.connect(lambda *_: self.current_changed.emit())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(view)
        self.setFocusProxy(view)
        self.theme_changed()

    @property
    def column(self) -> int:
        """Pixels that a column takes."""
        return cell_size(SIDE).width()

    # what is shown

    def show_ids(self, records: Records, ids: Sequence[int]) -> None:
        """Shows inspections of a database; what the keys are at stays where it is still there."""
        same = records is self._records
        current = self.current_id() if same else None
        self._records = records
        self._generation += 1
        self._fetching = False
        if not same:
            self._heat = {}
            self.thumbnails.forget_all()
        self.thumbnails.forget_broken()
        marker = self.view.selectionModel()
        marker.blockSignals(True)
        try:
            self.model.replace(ids)
            row = self.model.row(current) if current is not None else None
            self._put(0 if row is None else row)
        finally:
            marker.blockSignals(False)
        self.current_changed.emit()
        self.selection_changed.emit()

    def show_heatmap(self, on: bool) -> None:
        """Small pictures with or without heatmap."""
        if on != self._heatmap:
            self._heatmap = on
            self.thumbnails.forget_all()
            self._seen = (-1, -1, -1)
            self.view.viewport().update()

    def path_of(self, record: Record) -> Path | None:
        """File of an image, None where there is none."""
        if self._records is None:
            return None
        try:
            return image_path(self._records, record)
        except ValueError:  # the viewer says so
            return None

    def _decode(self, path: Path, side: int) -> QImage:
        return thumbnail(path, side, self._heat if self._heatmap else {})

    # what is chosen

    @property
    def count(self) -> int:
        """How many inspections there are."""
        return self.model.rowCount()

    def current_row(self) -> int | None:
        """Where the keys are."""
        index = self.view.currentIndex()
        return index.row() if index.isValid() else None

    def current_id(self) -> int | None:
        """Id of the inspection that the keys are at."""
        row = self.current_row()
        return None if row is None else self.model.ids[row]

    def current(self) -> Record | None:
        """That inspection, None before it was fetched."""
        row = self.current_row()
        return None if row is None else self.model.record(row)

    def selected(self) -> int:
        """How many are chosen."""
        return sum(end - begin for begin, end in self._ranges())

    def selection(self) -> list[int]:
        """Ids of those chosen, in their order."""
        return [one for begin, end in self._ranges() for one in self.model.ids[begin:end]]

    def _ranges(self) -> list[tuple[int, int]]:
        """Rows that are chosen, from and to: asking for each index would take seconds."""
        selection = self.view.selectionModel().selection()
        found = (selection.at(place) for place in range(selection.count()))
        return sorted((one.top(), one.bottom() + 1) for one in found)

    def go(self, row: int) -> None:
        """Goes to a row and chooses it alone; stays where there is no such row."""
        if 0 <= row < self.count:
            self._put(row)
            self.view.scrollTo(self.model.index(row))

    def go_to(self, record_id: int) -> bool:
        """Goes to an inspection; False where it is not among those shown."""
        row = self.model.row(record_id)
        if row is None:
            return False
        self.go(row)
        return True

    def step(self, by: int) -> None:
        """The next or the former one; with several chosen it goes through those."""
        row = self.current_row()
        if row is None:
            return
        if self.selected() < 2:
            self.go(row + by)
            return
        chosen = [self.model.row(one) or 0 for one in self.selection()]
        after = [one for one in chosen if (one > row if by > 0 else one < row)]
        if after:
            target = self.model.index(after[0] if by > 0 else after[-1])
            self.view.selectionModel().setCurrentIndex(target, _Flag.NoUpdate)
            self.view.scrollTo(target)

    def choose_all(self) -> None:
        """Chooses every inspection of the filter, also those never in sight."""
        if self.count:
            last = self.model.index(self.count - 1)
            self._select(QItemSelection(self.model.index(0), last))

    def choose_current(self) -> None:
        """Lets go of all but the one that the keys are at."""
        row = self.current_row()
        if row is not None:
            self._put(row)

    @property
    def several(self) -> bool:
        """Whether taps choose several."""
        return self.view.selectionMode() is _Mode.MultiSelection

    def set_several(self, on: bool) -> None:
        """Whether taps choose several, for fingers that have no Ctrl."""
        self.view.setSelectionMode(_Mode.MultiSelection if on else _Mode.ExtendedSelection)
        if not on:
            self.choose_current()

    def _put(self, row: int) -> None:
        index = self.model.index(row)
        if index.isValid():
            marker = self.view.selectionModel()
            marker.setCurrentIndex(index, _Flag.NoUpdate)
            self._select(QItemSelection(index, index))

    def _select(self, chosen: QItemSelection) -> None:
        # The view would look for the place of each one that is chosen or let go.
        self.view.setUpdatesEnabled(False)
        self.view.selectionModel().select(chosen, _Flag.ClearAndSelect)
        self.view.setUpdatesEnabled(True)

    # what the timer does

    def refetch(self, ids: Sequence[int]) -> None:
        """Reads these anew: they were labelled."""
        self.model.outdate(ids)
        # What is being read now may be from before.
        self._generation += 1
        self._fetching = False
        self._seen = (-1, -1, -1)

    def beat(self) -> None:
        """Asks for what is in sight now and paints what came; returns at once."""
        self._background.beat()
        first, last = self.view.in_sight()
        self._fetch(first, last)
        made = self.thumbnails.beat()
        if made:
            self.view.viewport().update()
        seen = (first, last, self._generation)
        if seen != self._seen or (made and not self.thumbnails.waiting):
            self._seen = seen
            self._want(first, last)

    def _fetch(self, first: int, last: int) -> None:
        """Those in sight at first, then a screen below and above."""
        records, generation = self._records, self._generation
        if records is None or self._fetching:
            return
        ahead = last - first
        wanted = self.model.missing(range(first, last))
        current = self.current_row()
        if current is not None:
            wanted += [one for one in self.model.missing([current]) if one not in wanted]
        if wanted or self._seen[:2] != (first, last):
            around = [
                *range(last, min(self.count, last + ahead)),
                *range(max(0, first - ahead), first),
            ]
            wanted += [one for one in self.model.missing(around) if one not in wanted]
        if not wanted:
            return
        self._fetching = True

        def take(found: list[Record]) -> None:
            if generation == self._generation:
                self._fetching = False
                self._take(wanted, found)

        self._background.run(
            lambda: fetch(records, wanted),
            take,
            lambda problem: self._failed(generation, problem),
            (RecordsError,),
        )

    def _failed(self, generation: int, problem: str) -> None:
        """Not tried again by itself: the sentence would come again and again."""
        if generation == self._generation:
            self._say(problem)

    def _take(self, asked: list[int], found: list[Record]) -> None:
        if len(self._heat) > _MOST_HEATMAPS:
            self._heat = {}
        for record in found:
            path = self.path_of(record)
            if path is not None and record.heatmap and self._records is not None:
                heat = heatmap_path(self._records, record)
                if heat is not None:
                    self._heat[path] = (heat, record.setup.limits.reject)
        self.model.take(asked, found)
        self.view.viewport().update()
        self._seen = (-1, -1, -1)
        current = self.current_id()
        if current is not None and current in asked:
            self.current_changed.emit()

    def _want(self, first: int, last: int) -> None:
        ahead = last - first
        rows = [
            *range(first, last),
            *range(last, min(self.count, last + ahead)),
            *range(max(0, first - ahead), first),
        ]
        records = (self.model.record(row) for row in rows)
        paths = (self.path_of(one) for one in records if one is not None)
        self.thumbnails.want([one for one in paths if one is not None])

    def close_down(self) -> None:
        """Ends the threads."""
        self._background.close_down()
        self.thumbnails.close_down()

    def theme_changed(self) -> None:
        """Colours are taken while painting."""
        self.view.setStyleSheet("QListView { background: transparent; border: 0; }")
        self.view.viewport().update()

    def sizeHint(self) -> QSize:
        """Three columns and four rows."""
        cell = cell_size(SIDE)
        return QSize(3 * cell.width() + 16, 4 * cell.height())
