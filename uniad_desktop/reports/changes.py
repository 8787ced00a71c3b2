"""What was changed in a period and affects decisions: from the audit trail."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import func, or_, select

from uniad_desktop.records.database import Records
from uniad_desktop.records.schema import AuditRow

MOST_CHANGES: Final = 30
LATE_S: Final = 60.0
"""An entry may be made so long after the part that it speaks of, while a disk was slow."""

# Labels say something of single parts and are counted elsewhere; shifts decide nothing.
_NOT_TOLD: Final = ("label", "shift")
_LONGEST: Final = 60


@dataclass(frozen=True, slots=True)
class Change:
    """An entry of the audit trail.

    Attributes:
        number: of the entry.
        at: seconds since the epoch, UTC.
        station, who, action, subject, why: as entered.
        values: (name, before, after) of what changed; before is empty where there was none.
    """

    number: int
    at: float
    station: str
    who: str
    action: str
    subject: str
    why: str
    values: tuple[tuple[str, str, str], ...]


def changes_between(
    records: Records, begin: float | None, end: float | None, stations: Sequence[str]
) -> tuple[tuple[Change, ...], int]:
    """Entries of a period, oldest first.

    Args:
        records: the database.
        begin: seconds since the epoch; None: there is no period, so there are none.
        end: likewise.
        stations: only of these.

    Returns:
        The first entries, and how many more there are.

    Raises:
        RecordsError: the database cannot be read.
    """
    if begin is None or end is None:
        return (), 0
    chosen = (
        AuditRow.at >= _text(begin),
        AuditRow.at <= _text(end + LATE_S),
        AuditRow.action.not_in(_NOT_TOLD),
        AuditRow.station.in_(stations),
        # What a station begins with is no change.
        or_(AuditRow.action != "records-options", AuditRow.old != "{}"),
    )
    query = select(AuditRow).where(*chosen).order_by(AuditRow.number).limit(MOST_CHANGES)
    with records.reading() as connection:
        rows = connection.execute(query).all()
        total = connection.scalar(select(func.count()).select_from(AuditRow).where(*chosen)) or 0
    found = tuple(
        Change(
            row.number,
            datetime.fromisoformat(row.at).timestamp(),
            row.station,
            row.who,
            row.action,
            row.subject,
            row.why,
            _values(row.old, row.new),
        )
        for row in rows
    )
    return found, total - len(found)


def _text(seconds: float) -> str:
    """As the audit trail writes times, so that texts compare like times."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def _values(old_text: str, new_text: str) -> tuple[tuple[str, str, str], ...]:
    old, new = _read(old_text), _read(new_text)
    return tuple(
        (name, _short(old.get(name)), _short(new.get(name)))
        for name in dict.fromkeys((*old, *new))
        if name not in old or old[name] != new.get(name)
    )


def _read(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {"unreadable": text}
    return found if isinstance(found, dict) else {"unreadable": text}


def _short(value: Any) -> str:  # noqa: ANN401 - JSON values
    if value is None:
        return ""
    text = (
        f"{value:.6g}"
        if isinstance(value, float)
        else (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    )
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
