"""What people say of inspected parts, with history and undo. Nothing is ever overwritten."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, func, insert, select, update

from uniad_desktop.records import audit
from uniad_desktop.records.database import Records
from uniad_desktop.records.schema import InspectionRow, Label, LabelChangeRow, LabelRow

_CHUNK: Final = 500
_T = TypeVar("_T")
LONGEST_NOTE: Final = 2000


@dataclass(frozen=True, slots=True)
class LabelChange:
    """One action of a person.

    Attributes:
        id: for `undo`.
        changed: how many inspections have another label or note now.
        skipped: how many were left: gone from the records, or (undo) labelled anew meanwhile.
    """

    id: int
    changed: int
    skipped: int


@dataclass(frozen=True, slots=True)
class LabelStep:
    """A step in the history of one inspection.

    Attributes:
        change: id of the change.
        at: seconds since the epoch, UTC.
        who: who did it.
        label: what it was afterwards; `former` and `former_note` before.
        undoes: id of the change that this one took back, or None.
    """

    change: int
    at: float
    who: str
    label: Label
    note: str
    former: Label
    former_note: str
    undoes: int | None


def set_label(
    records: Records,
    ids: Sequence[int],
    label: Label | None,
    *,
    who: str,
    note: str | None = "",
    station: str = "",
) -> LabelChange:
    """Labels inspections, in one transaction.

    Args:
        records: the database.
        ids: of the inspections.
        label: ``Label.NONE`` takes a label away; None: each keeps its own.
        who: who says so.
        note: kept beside it; None: each keeps its own.
        station: where it was said, for the audit trail.

    Raises:
        RecordsError: the database cannot be written; nothing is changed then.
    """
    note = None if note is None else note.strip()[:LONGEST_NOTE]
    with records.writing() as connection:
        change = _new_change(connection, who, None)
        changed = 0
        for chunk in _chunks(list(dict.fromkeys(ids))):
            before = _current(connection, chunk)
            rows = [
                _step(
                    change,
                    number,
                    former,
                    (former[0] if label is None else label, former[1] if note is None else note),
                )
                for number, former in before.items()
            ]
            changed += _apply(connection, rows)
        said = "note" if label is None else label.name.lower()
        _note(connection, station, who, change, {"label": said, "parts": changed})
    return LabelChange(change, changed, len(dict.fromkeys(ids)) - changed)


def undo(records: Records, change: int, *, who: str, station: str = "") -> LabelChange:
    """Takes a change back: every inspection gets the label and note that it had before.

    One that was labelled anew meanwhile keeps its newer label. Undo of an undo is redo.

    Raises:
        RecordsError: the database cannot be written; nothing is changed then.
    """
    with records.writing() as connection:
        taken_back = connection.execute(
            select(LabelRow).where(LabelRow.change_id == change).order_by(LabelRow.id)
        ).all()
        fresh = _new_change(connection, who, change if taken_back else None)
        changed = 0
        for chunk in _chunks(taken_back):
            newest = _newest_changes(connection, [row.inspection_id for row in chunk])
            rows = [
                _step(
                    fresh,
                    row.inspection_id,
                    (Label(row.label), row.note),
                    (Label(row.former), row.former_note),
                )
                for row in chunk
                if newest.get(row.inspection_id) == change
            ]
            changed += _apply(connection, rows)
        _note(connection, station, who, fresh, {"undoes": change, "parts": changed})
    return LabelChange(fresh, changed, len(taken_back) - changed)


def history(records: Records, inspection: int) -> list[LabelStep]:
    """What was said of an inspection, oldest first. Raises RecordsError."""
    query = (
        select(LabelRow, LabelChangeRow.at_us, LabelChangeRow.who, LabelChangeRow.undoes)
        .join(LabelChangeRow, LabelChangeRow.id == LabelRow.change_id)
        .where(LabelRow.inspection_id == inspection)
        .order_by(LabelRow.id)
    )
    with records.reading() as connection:
        return [
            LabelStep(
                row.change_id,
                row.at_us / 1e6,
                row.who,
                Label(row.label),
                row.note,
                Label(row.former),
                row.former_note,
                row.undoes,
            )
            for row in connection.execute(query)
        ]


def notes_of(connection: Connection, ids: Iterable[int]) -> dict[int, str]:
    """The current notes of inspections that have a label or had one."""
    newest = (
        select(func.max(LabelRow.id))
        .where(LabelRow.inspection_id.in_(tuple(ids)))
        .group_by(LabelRow.inspection_id)
    )
    query = select(LabelRow.inspection_id, LabelRow.note).where(LabelRow.id.in_(newest))
    return {number: note for number, note in connection.execute(query)}


def _new_change(connection: Connection, who: str, undoes: int | None) -> int:
    made = insert(LabelChangeRow).values(at_us=round(time.time() * 1e6), who=who, undoes=undoes)
    return int(connection.execute(made.returning(LabelChangeRow.id)).scalar_one())


def _current(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[Label, str]]:
    query = select(InspectionRow.id, InspectionRow.label).where(InspectionRow.id.in_(ids))
    if connection.dialect.name == "postgresql":
        query = query.with_for_update()
    found = connection.execute(query).all()
    notes = notes_of(connection, ids)
    return {row.id: (Label(row.label), notes.get(row.id, "")) for row in found}


def _newest_changes(connection: Connection, ids: Sequence[int]) -> dict[int, int]:
    newest = (
        select(func.max(LabelRow.id))
        .where(LabelRow.inspection_id.in_(ids))
        .group_by(LabelRow.inspection_id)
    )
    query = select(LabelRow.inspection_id, LabelRow.change_id).where(LabelRow.id.in_(newest))
    return {number: change for number, change in connection.execute(query)}


def _step(
    change: int, inspection: int, former: tuple[Label, str], after: tuple[Label, str]
) -> dict[str, Any]:
    return {
        "change_id": change,
        "inspection_id": inspection,
        "former": int(former[0]),
        "former_note": former[1],
        "label": int(after[0]),
        "note": after[1],
    }


def _apply(connection: Connection, rows: list[dict[str, Any]]) -> int:
    rows = [r for r in rows if (r["former"], r["former_note"]) != (r["label"], r["note"])]
    if not rows:
        return 0
    connection.execute(insert(LabelRow), rows)
    by_label: dict[int, list[int]] = {}
    for row in rows:
        by_label.setdefault(row["label"], []).append(row["inspection_id"])
    for label, ids in by_label.items():
        connection.execute(
            update(InspectionRow).where(InspectionRow.id.in_(ids)).values(label=label)
        )
    return len(rows)


def _note(connection: Connection, station: str, who: str, change: int, new: dict[str, Any]) -> None:
    audit.append(
        connection, station=station, who=who, action="label", subject=f"change {change}", new=new
    )


def _chunks(values: Sequence[_T]) -> Iterator[Sequence[_T]]:
    for begin in range(0, len(values), _CHUNK):
        yield values[begin : begin + _CHUNK]
