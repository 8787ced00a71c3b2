"""The audit trail: every change that affects decisions, append-only, each entry tied to the former.

An entry's ``sha256`` covers all its values and the hash of the entry before it; number and hash
of the last one are kept apart. So an entry that is edited, taken out, put in or cut off at the
end shows. Whoever can compute hashes and write to the database can forge the whole trail: it
guards against accidents and edits, not against a determined forger.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select, text, update

from uniad_desktop.records.database import Records
from uniad_desktop.records.schema import AuditHeadRow, AuditRow

NO_ENTRY: Final = "0" * 64
"""What the first entry gives as the hash of the entry before it."""

_LONGEST_WHY: Final = 2000
_VALUES: Final = ("at", "station", "who", "action", "subject", "old", "new", "why", "former")


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """An entry.

    Attributes:
        number: 1 for the first.
        at: UTC, ISO 8601.
        station: where.
        who: who did it.
        action: what was done, for example ``in-force`` or ``label``.
        subject: to what, for example the key of a product.
        old, new: values before and after; empty where there are none.
        why: the reason given.
        sha256: its hash, hex.
    """

    number: int
    at: str
    station: str
    who: str
    action: str
    subject: str
    old: dict[str, Any]
    new: dict[str, Any]
    why: str
    sha256: str


@dataclass(frozen=True, slots=True)
class AuditCheck:
    """What `verify` found.

    Attributes:
        entries: how many entries there are.
        first_broken: number of the first entry that is not as it was written, or None.
        sentence: for the user.
    """

    entries: int
    first_broken: int | None
    sentence: str


def record_change(
    records: Records,
    *,
    station: str,
    who: str,
    action: str,
    subject: str = "",
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
    why: str = "",
) -> int:
    """Adds an entry in a transaction of its own and returns its number. Raises RecordsError."""
    with records.writing() as connection:
        return append(
            connection,
            station=station,
            who=who,
            action=action,
            subject=subject,
            old=old,
            new=new,
            why=why,
        )


def append(
    connection: Connection,
    *,
    station: str,
    who: str,
    action: str,
    subject: str = "",
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
    why: str = "",
) -> int:
    """Adds an entry in the caller's transaction (`Records.writing`) and returns its number.

    So the change and its entry are on the disk together or not at all.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE audit IN EXCLUSIVE MODE"))
    head = connection.execute(select(AuditHeadRow.number, AuditHeadRow.sha256)).first()
    number, former = (0, NO_ENTRY) if head is None else head
    values = {
        "number": number + 1,
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "station": station,
        "who": who,
        "action": action,
        "subject": subject,
        "old": _plain(old or {}),
        "new": _plain(new or {}),
        "why": " ".join(why.split())[:_LONGEST_WHY],
        "former": former,
    }
    seal = _seal(values)
    connection.execute(insert(AuditRow).values(**values, sha256=seal))
    last = {"number": number + 1, "sha256": seal}
    if head is None:
        connection.execute(insert(AuditHeadRow).values(id=1, **last))
    else:
        connection.execute(update(AuditHeadRow).values(**last))
    return number + 1


def verify(records: Records) -> AuditCheck:
    """Whether the trail is as it was written, and if not, from which entry on.

    Raises:
        RecordsError: the database cannot be read.
    """
    with records.reading() as connection:
        head = connection.execute(select(AuditHeadRow.number, AuditHeadRow.sha256)).first()
        last, last_hash = (0, NO_ENTRY) if head is None else head
        number, former, broken = 0, NO_ENTRY, None
        for row in connection.execute(select(AuditRow).order_by(AuditRow.number)):
            if row.number != number + 1 or row.former != former or row.sha256 != _seal_of(row):
                broken = number + 1
                break
            number, former = row.number, row.sha256
    if broken is None and (number, former) != (last, last_hash):
        # Cut off at the end, or the last entry was replaced together with its hash.
        broken = number + 1 if number < last else number
    if broken is not None:
        sentence = (
            f"The audit trail in {records.place} was changed after it was written: entry {broken} "
            "is the first that is missing or not as it was. Compare it with a backup."
        )
        return AuditCheck(number, broken, sentence)
    count = f"{number} entr{'y' if number == 1 else 'ies'}"
    return AuditCheck(number, None, f"The audit trail is as it was written: {count}.")


def entries(
    records: Records, *, before: int | None = None, most: int = 200, action: str = ""
) -> list[AuditEntry]:
    """Entries, newest first.

    Args:
        records: the database.
        before: only those with a lower number.
        most: how many at most.
        action: only those of this action.

    Raises:
        RecordsError: the database cannot be read.
    """
    query = select(AuditRow).order_by(AuditRow.number.desc()).limit(most)
    if before is not None:
        query = query.where(AuditRow.number < before)
    if action:
        query = query.where(AuditRow.action == action)
    with records.reading() as connection:
        return [_entry(row) for row in connection.execute(query)]


def newest_of(
    connection: Connection, station: str, action: str, subject: str
) -> dict[str, Any] | None:
    """What the last entry of this kind says is new; None where there is none."""
    found = connection.scalar(
        select(AuditRow.new)
        .where(AuditRow.station == station, AuditRow.action == action, AuditRow.subject == subject)
        .order_by(AuditRow.number.desc())
        .limit(1)
    )
    return None if found is None else _values(found)


def _entry(row: Row[Any]) -> AuditEntry:
    return AuditEntry(
        number=row.number,
        at=row.at,
        station=row.station,
        who=row.who,
        action=row.action,
        subject=row.subject,
        old=_values(row.old),
        new=_values(row.new),
        why=row.why,
        sha256=row.sha256,
    )


def _values(text_: str) -> dict[str, Any]:
    try:
        found = json.loads(text_)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"unreadable": text_}


def _seal_of(row: Row[Any]) -> str:
    return _seal({"number": row.number, **{name: getattr(row, name) for name in _VALUES}})


def _seal(values: Mapping[str, Any]) -> str:
    return hashlib.sha256(_plain(values).encode()).hexdigest()


def _plain(values: Mapping[str, Any]) -> str:
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
