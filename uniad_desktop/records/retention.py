"""Takes old images away: by age, by count and by free space; oldest passes first.

Images of labelled inspections always stay. A row is marked, then the files are removed, then the
row says so: whatever happens between, no row counts as having an image that is not there, and the
next run finishes what this one began.
"""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    delete,
    exists,
    func,
    select,
    text,
    update,
)

from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records.database import Records, RecordsError
from uniad_desktop.records.options import RecordsOptions
from uniad_desktop.records.pictures import heatmap_name, inside
from uniad_desktop.records.schema import (
    VERDICT_CODES,
    VERDICTS,
    ImageState,
    InspectionRow,
    LabelRow,
)

log = logging.getLogger(__name__)

EVERY_S = 60.0
CHUNK: Final = 50
PAUSE_S = 0.05
DAY_S: Final = 86_400.0
SAFE_DAYS: Final = 1.0
"""Rejects, reviews and errors of the last day are never removed for want of space."""

_PASS: Final = VERDICT_CODES[Verdict.PASS]
_OTHERS: Final = tuple(code for code in VERDICTS if code != _PASS)
_HAS_IMAGE: Final = text("image_state in (1, 2)")
"""Spelt as in the partial index, which serves only then."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What a run removed: images, rows, and the bytes that the images had."""

    images: int = 0
    rows: int = 0
    freed_bytes: int = 0

    def __add__(self, other: Swept) -> Swept:
        return Swept(
            self.images + other.images,
            self.rows + other.rows,
            self.freed_bytes + other.freed_bytes,
        )


class Retention:
    """A thread that sweeps once a minute, slowly, so that recording goes on.

    Args:
        ready: the open database and the station's id, or None while there is none.
        options: how long and how much is kept.
    """

    def __init__(
        self, ready: Callable[[], tuple[Records, int] | None], options: RecordsOptions
    ) -> None:
        self._ready = ready
        self._options = options
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="retention", daemon=True)
        self._thread.start()

    def close(self, timeout_s: float = 10.0) -> bool:
        """Ends it after the chunk in hand; whether that was done in time."""
        self._closing.set()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        wait = 1.0
        while not self._closing.wait(wait):
            found = self._ready()
            if found is None:
                continue
            wait = EVERY_S
            try:
                swept = sweep(*found, self._options, stop=self._closing)
            except (OSError, ValueError, RecordsError) as error:
                log.warning("Old images were not removed: %s", error)
            else:
                if swept.images or swept.rows:
                    log.info("Retention removed %d images, %d rows", swept.images, swept.rows)


def sweep(
    records: Records,
    station_id: int,
    options: RecordsOptions,
    *,
    stop: threading.Event | None = None,
    now: float | None = None,
    free_bytes: Callable[[Path], int] | None = None,
) -> Swept:
    """Removes what is to be removed now.

    Args:
        records: the database; its folder holds the images.
        station_id: only of this station.
        options: the bounds.
        stop: set to end early, between two chunks.
        now: seconds since the epoch; None: the clock.
        free_bytes: free space of a folder's disk; None: the real one.

    Raises:
        OSError: a file cannot be removed.
        ValueError: a row names a file outside the data folder.
        RecordsError: the database cannot be written.
    """
    stop = stop or threading.Event()
    now = time.time() if now is None else now
    run = _Run(records, station_id, stop)
    swept = run.finish()
    for verdicts, days in (
        ((_PASS,), options.keep_pass_days),
        (_OTHERS, options.keep_reject_days),
    ):
        if days:
            before = _us(now - days * DAY_S)
            swept += run.remove_while(verdicts, before, lambda: True)
    if options.most_images:
        swept += run.passes_first(now, lambda: run.images() > options.most_images)
    if options.least_free_gb:
        free = free_bytes or (lambda folder: shutil.disk_usage(folder).free)
        least = options.least_free_gb * 1e9
        safe = now - SAFE_DAYS * DAY_S
        swept += run.passes_first(safe, lambda: free(records.folder) < least)
    if options.keep_record_days:
        swept += run.remove_rows(_us(now - options.keep_record_days * DAY_S))
    return swept


class _Run:
    def __init__(self, records: Records, station_id: int, stop: threading.Event) -> None:
        self._records = records
        self._station_id = station_id
        self._stop = stop

    def finish(self) -> Swept:
        """What a run that was cut off had marked."""
        swept = Swept()
        query = self._query(ImageState.LEAVING, tuple(VERDICTS))
        while not self._stop.is_set():
            with self._records.reading() as connection:
                rows = connection.execute(query.limit(CHUNK)).all()
            if not rows:
                break
            swept += self._remove_files(rows)
        return swept

    def passes_first(self, others_before: float, needed: Callable[[], bool]) -> Swept:
        swept = self.remove_while((_PASS,), None, needed)
        return swept + self.remove_while(_OTHERS, _us(others_before), needed)

    def remove_while(
        self, verdicts: tuple[int, ...], before_us: int | None, needed: Callable[[], bool]
    ) -> Swept:
        """Removes the oldest, chunk by chunk, while `needed` says so."""
        swept = Swept()
        query = self._query(ImageState.KEPT, verdicts).where(~_ever_labelled())
        if before_us is not None:
            query = query.where(InspectionRow.at_us < before_us)
        while not self._stop.is_set() and needed():
            with self._records.writing() as connection:
                rows = connection.execute(query.limit(CHUNK)).all()
                self._set(connection, rows, image_state=int(ImageState.LEAVING))
            if not rows:
                break
            swept += self._remove_files(rows)
            self._stop.wait(PAUSE_S)
        return swept

    def images(self) -> int:
        with self._records.reading() as connection:
            return int(
                connection.scalar(
                    select(func.count()).where(
                        InspectionRow.station_id == self._station_id,
                        _HAS_IMAGE,
                        InspectionRow.image_state == int(ImageState.KEPT),
                    )
                )
                or 0
            )

    def remove_rows(self, before_us: int) -> Swept:
        removed = 0
        old = (
            select(InspectionRow.id)
            .where(
                InspectionRow.station_id == self._station_id,
                InspectionRow.at_us < before_us,
                InspectionRow.image_state.not_in((int(ImageState.KEPT), int(ImageState.LEAVING))),
                ~_ever_labelled(),
            )
            .limit(10 * CHUNK)
        )
        while not self._stop.is_set():
            with self._records.writing() as connection:
                ids = connection.scalars(old).all()
                connection.execute(delete(InspectionRow).where(InspectionRow.id.in_(ids)))
            if not ids:
                break
            removed += len(ids)
            self._stop.wait(PAUSE_S)
        return Swept(rows=removed)

    def _query(self, state: ImageState, verdicts: tuple[int, ...]) -> Select[*tuple[Any, ...]]:
        return (
            select(
                InspectionRow.id,
                InspectionRow.image,
                InspectionRow.image_bytes,
                InspectionRow.heatmap,
            )
            .where(
                InspectionRow.station_id == self._station_id,
                _HAS_IMAGE,
                InspectionRow.image_state == int(state),
                InspectionRow.verdict.in_(verdicts),
            )
            .order_by(InspectionRow.at_us, InspectionRow.id)
        )

    def _remove_files(self, rows: Sequence[Row[*tuple[Any, ...]]]) -> Swept:
        freed = 0
        folders: set[Path] = set()
        for row in rows:
            path = inside(self._records.folder, row.image)
            path.unlink(missing_ok=True)
            if row.heatmap:
                inside(self._records.folder, heatmap_name(row.image)).unlink(missing_ok=True)
            freed += row.image_bytes or 0
            folders.add(path.parent)
        with self._records.writing() as connection:
            self._set(connection, rows, image_state=int(ImageState.REMOVED), image=None, heatmap=0)
        today = f"{time.strftime('%Y-%m-%d')}"
        for folder in folders:
            if folder.is_dir() and folder.name < today and not any(folder.iterdir()):
                folder.rmdir()
        return Swept(len(rows), 0, freed)

    @staticmethod
    def _set(
        connection: Connection, rows: Sequence[Row[*tuple[Any, ...]]], **values: str | int | None
    ) -> None:
        ids = [row.id for row in rows]
        connection.execute(update(InspectionRow).where(InspectionRow.id.in_(ids)).values(**values))


def _ever_labelled() -> ColumnElement[bool]:
    """A label that was taken back leaves its history, which needs the row."""
    return exists().where(LabelRow.inspection_id == InspectionRow.id)


def _us(seconds: float) -> int:
    return round(seconds * 1e6)
