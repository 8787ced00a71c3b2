"""Inspections as CSV and as JSON lines, however many, in constant memory."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from uniad_desktop.files import write_durably
from uniad_desktop.records.database import Records
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.records.query import count
from uniad_desktop.records.record import Record
from uniad_desktop.reports.chosen import pages, pinned
from uniad_desktop.reports.durable import HashedFile, durable_file
from uniad_desktop.reports.errors import writing_to
from uniad_desktop.reports.fields import COLUMNS, csv_lines, json_line, values_of
from uniad_desktop.reports.provenance import Summary, Tally, Tell, provenance, tell_nobody

_MARK = "\ufeff".encode()  # without it Excel on Windows reads UTF-8 as the local code page


def export_csv(
    records: Records,
    wanted: RecordFilter,
    target: Path,
    *,
    who: str,
    excel: bool = False,
    tell: Tell = tell_nobody,
) -> Summary:
    """Writes inspections as CSV, and ``TARGET.provenance.json`` beside it.

    Args:
        records: the database.
        wanted: which.
        target: the file; one that is there is replaced at the end.
        who: who makes it.
        excel: begins with a byte-order mark.
        tell: told of progress.

    Raises:
        RecordsError: the database cannot be read.
        ReportError: the file cannot be written.
    """
    head = (_MARK if excel else b"") + csv_lines([COLUMNS])

    def as_csv(found: list[Record]) -> bytes:
        return csv_lines(values_of(one).values() for one in found)

    return _export(
        records, wanted, target, kind="csv", who=who, head=head, encode=as_csv, tell=tell
    )


def export_json_lines(
    records: Records,
    wanted: RecordFilter,
    target: Path,
    *,
    who: str,
    tell: Tell = tell_nobody,
) -> Summary:
    """Writes an object per inspection, and ``TARGET.provenance.json`` beside it.

    Arguments and errors as of `export_csv`.
    """

    def as_lines(found: list[Record]) -> bytes:
        return b"".join(json_line(values_of(one)) for one in found)

    return _export(
        records, wanted, target, kind="jsonl", who=who, head=b"", encode=as_lines, tell=tell
    )


def provenance_file(target: Path) -> Path:
    """Where the provenance of a CSV or JSON lines file lies."""
    return target.with_name(f"{target.name}.provenance.json")


def _export(
    records: Records,
    wanted: RecordFilter,
    target: Path,
    *,
    kind: str,
    who: str,
    head: bytes,
    encode: Callable[[list[Record]], bytes],
    tell: Tell,
) -> Summary:
    wanted = pinned(wanted)
    total, tally = count(records, wanted), Tally()
    tell(0, total)
    with writing_to(target), durable_file(target) as plain:
        file = HashedFile(plain)
        file.write(head)
        for found in pages(records, wanted):
            file.write(encode(found))
            tally.add_all(found)
            tell(tally.records, max(total, tally.records))
        facts = file.facts(target.name)
        said = provenance(records, wanted, tally, kind=kind, who=who, files=[facts])
        text = json.dumps(said, ensure_ascii=False, indent=2) + "\n"
        # First this one: a file without its provenance is never there.
        write_durably(provenance_file(target), text.encode("utf-8", "backslashreplace"))
    return tally.summary(target)
