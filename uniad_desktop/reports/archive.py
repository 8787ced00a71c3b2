"""Inspections with their images as one zip; docs/reports.md has its layout."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final, cast

from uniad_desktop.records.database import Records
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.records.query import count
from uniad_desktop.records.record import Record
from uniad_desktop.reports.archive_image import find_image
from uniad_desktop.reports.chosen import pages, pinned
from uniad_desktop.reports.durable import FileFacts, HashedFile, durable_file
from uniad_desktop.reports.errors import writing_to
from uniad_desktop.reports.fields import json_line, values_of
from uniad_desktop.reports.names import archive_stem, ending
from uniad_desktop.reports.provenance import Summary, Tally, Tell, provenance, tell_nobody

PROVENANCE: Final = "provenance.json"
MANIFEST: Final = "manifest.jsonl"
SUMS: Final = "SHA256SUMS"
IMAGES: Final = "images"
HEATMAPS: Final = "heatmaps"

_PAGE: Final = 200
_FIRST_YEAR: Final = 1980  # of the dates that a zip can hold
_LAST_YEAR: Final = 2107


def export_zip(
    records: Records,
    wanted: RecordFilter,
    target: Path,
    *,
    who: str,
    heatmaps: bool = True,
    tell: Tell = tell_nobody,
) -> Summary:
    """Writes inspections with their images; what is missing or damaged is named.

    Args:
        records: the database.
        wanted: which.
        target: the zip; one that is there is replaced at the end.
        who: who makes it.
        heatmaps: whether heatmaps go along.
        tell: told of progress.

    Raises:
        RecordsError: the database cannot be read.
        ReportError: the file cannot be written.
    """
    wanted = pinned(wanted)
    total, tally = count(records, wanted), Tally()
    tell(0, total)
    with (
        writing_to(target),
        durable_file(target) as file,
        # Beside the target, which has room for the whole: the system's own folder may be small.
        tempfile.TemporaryFile(dir=target.parent) as lines,
        tempfile.TemporaryFile(dir=target.parent) as sums,
        _zip(file) as archive,
    ):
        writer = _Writer(archive, cast(BinaryIO, lines), cast(BinaryIO, sums))
        for found in pages(records, wanted, _PAGE):
            for record in found:
                tally.add(record)
                writer.add(records, record, tally, heatmaps=heatmaps)
                tell(tally.records, max(total, tally.records))
        files = writer.finish()
        said = provenance(records, wanted, tally, kind="zip", who=who, files=files)
        text = json.dumps(said, ensure_ascii=False, indent=2) + "\n"
        info = _info(PROVENANCE, time.time(), zipfile.ZIP_DEFLATED)
        archive.writestr(info, text.encode("utf-8", "backslashreplace"))
    return tally.summary(target)


@contextmanager
def _zip(file: BinaryIO) -> Iterator[zipfile.ZipFile]:
    """As ZipFile itself, but what went wrong inside is what is raised."""
    archive = zipfile.ZipFile(file, "w", allowZip64=True)
    try:
        yield archive
    except BaseException:
        with suppress(OSError, ValueError):  # on a full disk its table of contents fails, too
            archive.close()
        raise
    archive.close()


class _Writer:
    """Adds inspections to a zip; manifest and hashes wait in files of their own until the end."""

    def __init__(self, archive: zipfile.ZipFile, lines: BinaryIO, sums: BinaryIO) -> None:
        self._archive = archive
        self._lines_file, self._sums_file = lines, sums
        self._lines, self._sums = HashedFile(lines), HashedFile(sums)
        self._number = 0

    def add(self, records: Records, record: Record, tally: Tally, *, heatmaps: bool) -> None:
        self._number += 1
        found = find_image(records, record, heatmaps=heatmaps)
        stem = archive_stem(self._number, record.image)
        image = f"{IMAGES}/{stem}{ending(record.image)}"
        at = record.decided_at
        image, image_hash = self._put(image, found.image, at)
        heatmap, heatmap_hash = self._put(f"{HEATMAPS}/{stem}.heatmap.png", found.heatmap, at)
        tally.add_image(found.state, found.problem)
        values = values_of(record) | {
            "archive_image": image,
            "archive_image_sha256": image_hash,
            "archive_heatmap": heatmap,
            "archive_heatmap_sha256": heatmap_hash,
            "archive_state": found.state,
            "archive_problem": found.problem,
        }
        self._lines.write(json_line(values))

    def finish(self) -> list[FileFacts]:
        """Puts manifest and hashes into the zip."""
        manifest = self._lines.facts(MANIFEST)
        self._note(manifest.sha256, MANIFEST)
        self._copy(MANIFEST, self._lines_file)
        self._copy(SUMS, self._sums_file)
        return [manifest, self._sums.facts(SUMS)]

    def _put(self, name: str, data: bytes | None, at: float) -> tuple[str, str]:
        if data is None:
            return "", ""
        self._archive.writestr(_info(name, at, zipfile.ZIP_STORED), data)
        found = hashlib.sha256(data).hexdigest()
        self._note(found, name)
        return name, found

    def _note(self, sha256: str, name: str) -> None:
        self._sums.write(f"{sha256}  {name}\n".encode())

    def _copy(self, name: str, source: BinaryIO) -> None:
        source.seek(0)
        info = _info(name, time.time(), zipfile.ZIP_DEFLATED)
        with self._archive.open(info, "w", force_zip64=True) as inside:
            shutil.copyfileobj(source, inside, 1 << 20)


def _info(name: str, at: float, method: int) -> zipfile.ZipInfo:
    when = time.localtime(at)
    year = min(_LAST_YEAR, max(_FIRST_YEAR, when.tm_year))
    info = zipfile.ZipInfo(name, (year, *when[1:6]))
    info.compress_type = method
    info.external_attr = 0o644 << 16
    return info
