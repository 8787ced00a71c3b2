"""Which files of a folder are on record, so that opening it again takes only what is new.

A table of its own beside those of the records, in the databases of folders and zips only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    MetaData,
    Table,
    Text,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.dialects import sqlite

from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records.database import Records
from uniad_desktop.records.schema import (
    VERDICT_CODES,
    ImageState,
    InspectionRow,
    LabelRow,
    RegionRow,
)

_METADATA: Final = MetaData()
_FILES: Final = Table(
    "review_files",
    _METADATA,
    Column("path", Text, primary_key=True),
    Column("bytes", BigInteger, nullable=False),
    Column("modified_ns", BigInteger, nullable=False),
    Column("inspection_id", Integer, nullable=False),
)
_CHUNK: Final = 500
_GONE: Final = -1


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file that is on record.

    Attributes:
        path: from the folder on, with ``/``.
        size, modified_ns: of the file when it was looked at; a size of -1: it was missing.
        inspection: id.
        sha256: of the image, hex; empty where it could not be read.
        error: whether the inspection is an ERROR.
    """

    path: str
    size: int
    modified_ns: int
    inspection: int
    sha256: str
    error: bool

    @property
    def missing(self) -> bool:
        """Whether it was gone when it was looked for last."""
        return self.size == _GONE


@dataclass(frozen=True, slots=True)
class FileMark:
    """What is remembered of a file."""

    path: str
    size: int
    modified_ns: int


def make_table(records: Records) -> None:
    """Makes the table where there is none; takes up what was committed just before a crash."""
    with records.writing() as connection:
        _METADATA.create_all(connection)
        last = connection.scalar(select(func.max(_FILES.c.inspection_id))) or 0
        row = InspectionRow
        lost = connection.execute(
            select(row.id, row.image, row.source).where(row.id > last).order_by(row.id)
        )
        # Without size and time it is hashed when it is met again.
        marks = [
            (FileMark(one.image or one.source, 0, 0), int(one.id))
            for one in lost
            if one.image or one.source
        ]
        if marks:
            _remember(connection, marks)


def known_files(records: Records) -> dict[str, KnownFile]:
    """All files on record, by path. Raises RecordsError."""
    row = InspectionRow
    query = select(_FILES, row.image_sha256, row.verdict).join(
        row.__table__, row.id == _FILES.c.inspection_id
    )
    with records.reading() as connection:
        return {
            one.path: KnownFile(
                one.path,
                one.bytes,
                one.modified_ns,
                one.inspection_id,
                one.image_sha256.hex() if one.image_sha256 else "",
                one.verdict == VERDICT_CODES[Verdict.ERROR],
            )
            for one in connection.execute(query)
        }


def remember(records: Records, marks: Sequence[tuple[FileMark, int]]) -> None:
    """Remembers files with their inspections. Raises RecordsError.

    An inspection that another one replaces here stays, without image as its file is another one
    now; an ERROR that nobody labelled goes.
    """
    with records.writing() as connection:
        former = _former(connection, [mark.path for mark, _ in marks])
        _remember(connection, marks)
        replaced = {former[mark.path] for mark, now in marks if former.get(mark.path, now) != now}
        if replaced:
            _let_go(connection, replaced)


def set_missing(records: Records, files: Iterable[KnownFile]) -> None:
    """Says of files that they are gone: their inspections have no image now."""
    with records.writing() as connection:
        for part in _chunks([(one.path, one.inspection) for one in files]):
            paths = [path for path, _ in part]
            connection.execute(update(_FILES).where(_FILES.c.path.in_(paths)).values(bytes=_GONE))
            _set_image(connection, [one for _, one in part], ImageState.REMOVED, ImageState.KEPT)


def set_there(records: Records, found: Mapping[int, FileMark]) -> None:
    """Says of files, by inspection, that they are there as they were. Raises RecordsError."""
    with records.writing() as connection:
        _remember(connection, [(mark, number) for number, mark in found.items()])
        for part in _chunks(list(found)):
            _set_image(connection, part, ImageState.KEPT, ImageState.REMOVED)


def _remember(connection: Connection, marks: Sequence[tuple[FileMark, int]]) -> None:
    if not marks:
        return
    made = sqlite.insert(_FILES)
    others = {name: made.excluded[name] for name in ("bytes", "modified_ns", "inspection_id")}
    connection.execute(
        made.on_conflict_do_update(index_elements=["path"], set_=others),
        [
            {
                "path": mark.path,
                "bytes": mark.size,
                "modified_ns": mark.modified_ns,
                "inspection_id": number,
            }
            for mark, number in marks
        ],
    )


def _former(connection: Connection, paths: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in _chunks(paths):
        query = select(_FILES.c.path, _FILES.c.inspection_id).where(_FILES.c.path.in_(part))
        found.update({path: int(number) for path, number in connection.execute(query)})
    return found


def _let_go(connection: Connection, ids: set[int]) -> None:
    for part in _chunks(sorted(ids)):
        _set_image(connection, part, ImageState.REMOVED, ImageState.KEPT)
        of_nobody = InspectionRow.id.not_in(select(LabelRow.inspection_id))
        failed = select(InspectionRow.id).where(
            InspectionRow.id.in_(part),
            InspectionRow.verdict == VERDICT_CODES[Verdict.ERROR],
            of_nobody,
        )
        gone = list(connection.scalars(failed))
        connection.execute(delete(RegionRow).where(RegionRow.inspection_id.in_(gone)))
        connection.execute(delete(InspectionRow).where(InspectionRow.id.in_(gone)))


def _set_image(
    connection: Connection, ids: Sequence[int], state: ImageState, before: ImageState
) -> None:
    connection.execute(
        update(InspectionRow)
        .where(InspectionRow.id.in_(ids), InspectionRow.image_state == int(before))
        .values(image_state=int(state))
    )


def _chunks(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    for begin in range(0, len(values), _CHUNK):
        yield values[begin : begin + _CHUNK]
