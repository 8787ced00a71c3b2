"""Where an export comes from: who, when, which filter, which database, and its hashes."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

from sqlalchemy import select

from uniad_desktop import __version__
from uniad_desktop.records.audit import NO_ENTRY
from uniad_desktop.records.database import Records
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.records.record import Record
from uniad_desktop.records.schema import AuditHeadRow
from uniad_desktop.reports.chosen import filter_values, filter_words
from uniad_desktop.reports.durable import FileFacts
from uniad_desktop.reports.fields import local, utc

FORMAT: Final = "uniad-desktop records"
SCHEMA: Final = 1
MOST_PROBLEMS: Final = 1000
APPLICATION: Final = f"uniad-desktop {__version__}"

Tell: TypeAlias = Callable[[int, int], None]
"""Told how many of how many are done; may raise to end it, and nothing is left behind then."""


def tell_nobody(done: int, total: int) -> None:
    """For those who do not want to know."""


@dataclass(frozen=True, slots=True)
class AuditHead:
    """Number and hash of the newest entry of the audit trail; 0 and zeros before the first."""

    entries: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What was written.

    Attributes:
        place: the file.
        records: how many inspections.
        images: how many of them with their image (zip only).
        problems: sentences on images that are missing, damaged or unreadable, 1000 at most.
        problem_count: how many there are.
    """

    place: Path
    records: int
    images: int = 0
    problems: tuple[str, ...] = ()
    problem_count: int = 0


@dataclass(slots=True)
class Tally:
    """Counts what is written, inspection by inspection."""

    records: int = 0
    simulated: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    images: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    problem_count: int = 0
    first: float | None = None
    last: float | None = None

    def add(self, record: Record) -> None:
        """Takes an inspection, the older ones first."""
        self.records += 1
        self.simulated += record.simulated
        self.verdicts[record.verdict.value] += 1
        self.first = record.decided_at if self.first is None else self.first
        self.last = record.decided_at

    def add_all(self, found: Iterable[Record]) -> None:
        """Takes a page."""
        for record in found:
            self.add(record)

    def add_image(self, state: str, problem: str) -> None:
        """Takes what became of an image in a zip."""
        self.images[state] += 1
        if problem:
            self.problem_count += 1
            if len(self.problems) < MOST_PROBLEMS:
                self.problems.append(problem)

    def summary(self, place: Path) -> Summary:
        """What was written to `place`."""
        included = self.images["included"]
        return Summary(place, self.records, included, tuple(self.problems), self.problem_count)


def audit_head(records: Records) -> AuditHead:
    """The newest entry of the audit trail. Raises RecordsError."""
    with records.reading() as connection:
        head = connection.execute(select(AuditHeadRow.number, AuditHeadRow.sha256)).first()
    return AuditHead(0, NO_ENTRY) if head is None else AuditHead(head.number, head.sha256)


def provenance(
    records: Records,
    wanted: RecordFilter,
    tally: Tally,
    *,
    kind: str,
    who: str,
    files: Sequence[FileFacts],
) -> dict[str, Any]:
    """What stands in ``provenance.json``; docs/reports.md says what each field means.

    Raises:
        RecordsError: the database cannot be read.
    """
    now, head = time.time(), audit_head(records)
    values: dict[str, Any] = {
        "format": FORMAT,
        "schema": SCHEMA,
        "kind": kind,
        "made_at_utc": utc(now),
        "made_at_local": local(now),
        "made_by": who,
        "application": APPLICATION,
        "database": records.place,
        "audit_entries": head.entries,
        "audit_sha256": head.sha256,
        "filter": filter_values(wanted),
        "filter_in_words": filter_words(wanted),
        "order": "oldest first",
        "records": tally.records,
        "verdicts": dict(sorted(tally.verdicts.items())),
        "simulated": tally.simulated,
        "first_utc": None if tally.first is None else utc(tally.first),
        "last_utc": None if tally.last is None else utc(tally.last),
    }
    if kind == "zip":
        values["images"] = dict(sorted(tally.images.items()))
        values["problems"] = tally.problems
        values["problem_count"] = tally.problem_count
    values["files"] = [one.values() for one in files]
    return values
