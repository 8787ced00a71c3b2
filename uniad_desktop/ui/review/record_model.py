"""The inspections of the grid: their ids at once, themselves only where they are in sight."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QWidget

from uniad_desktop.records.record import Record
from uniad_desktop.ui import text
from uniad_desktop.ui.review.words import label_word

MOST_KEPT = 5_000

Index = QModelIndex | QPersistentModelIndex


class RecordModel(QAbstractListModel):
    """Holds ids in their order and the records that were fetched last."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ids: list[int] = []
        self._rows: dict[int, int] = {}
        self._kept: OrderedDict[int, Record] = OrderedDict()
        self._gone: set[int] = set()
        self._outdated: set[int] = set()

    def replace(self, ids: Sequence[int]) -> None:
        """Shows other inspections."""
        self.beginResetModel()
        self._ids = list(ids)
        self._rows = {one: row for row, one in enumerate(self._ids)}
        self._kept.clear()
        self._gone.clear()
        self._outdated.clear()
        self.endResetModel()

    @property
    def ids(self) -> list[int]:
        """In their order; not to be changed."""
        return self._ids

    def row(self, record_id: int) -> int | None:
        """Where an inspection is, None where it is not."""
        return self._rows.get(record_id)

    def record(self, row: int) -> Record | None:
        """The inspection of a row, None before it was fetched."""
        return self._kept.get(self._ids[row])

    def is_gone(self, row: int) -> bool:
        """Whether the row was removed from the records since the ids were asked for."""
        return self._ids[row] in self._gone

    def missing(self, rows: Iterable[int]) -> list[int]:
        """Ids of these rows that have to be fetched."""
        ids = (self._ids[row] for row in rows)
        return [
            one
            for one in ids
            if (one not in self._kept and one not in self._gone) or one in self._outdated
        ]

    def take(self, asked: Sequence[int], records: Sequence[Record]) -> None:
        """Keeps what was fetched; what was asked for and is not there is gone.

        No `dataChanged`: a list view would lay out everything anew; the grid paints what is seen.
        """
        for record in records:
            self._kept[record.id] = record
            self._kept.move_to_end(record.id)
        self._outdated.difference_update(asked)
        found = {record.id for record in records}
        self._gone.update(one for one in asked if one not in found)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)

    def outdate(self, ids: Iterable[int]) -> None:
        """Has these fetched again when they are in sight; until then they stay as they are."""
        self._outdated.update(one for one in ids if one in self._kept)

    def rowCount(self, parent: Index | None = None) -> int:
        """How many inspections there are."""
        return 0 if parent is not None and parent.isValid() else len(self._ids)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The record for the delegate (None before it is there), words for everybody else."""
        if not index.isValid():
            return None
        record = self.record(index.row())
        if role == Qt.ItemDataRole.UserRole:
            return record
        if record is None or role not in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.AccessibleTextRole,
        ):
            return None
        words = f"{text.score(record.score)} {text.verdict_word(record.verdict)}"
        return f"{words} {label_word(record.label)}"
