"""Puts every decision on record. Never blocks the inspector.

Of a batch the images come first: temporary name, flush, rename, flush of the folder. Then its
rows are committed. So a row never points to a missing image, and what `state` counts as stored
survives a power cut.
"""

from __future__ import annotations

import getpass
import logging
import math
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from uniad_desktop.files import write_flushed
from uniad_desktop.inspection.image_quality import measure
from uniad_desktop.inspection.types import InspectedFrame, RecordsState, Verdict
from uniad_desktop.records.database import (
    FOLDER,
    Records,
    RecordsError,
    UnstorableError,
    default_station,
    open_records,
)
from uniad_desktop.records.entry import Entry
from uniad_desktop.records.images import ImageKeeper, tidy_up
from uniad_desktop.records.options import RecordsOptions
from uniad_desktop.records.sampling import Sampling
from uniad_desktop.records.schema import ImageState
from uniad_desktop.records.writer import InspectionWriter

log = logging.getLogger(__name__)

MOST_PICTURES: Final = 32
"""Pictures that wait at most; passes take half of the places, so that rejects find one."""

MOST_ROWS: Final = 5000
BATCH_PICTURES: Final = 8
BATCH_ROWS: Final = 200
RETRY_S = 2.0
LAG_S = 5.0
FREE_SPACE_EVERY_S: Final = 5.0
LEAST_FREE_BYTES: Final = 100_000_000


class Recorder:
    """A thread that stores decisions as they come.

    While disk or database refuse, the oldest are tried again every two seconds and later ones
    wait; what finds no place to wait in is counted as not written, and `state` says so.

    Args:
        folder: the data folder; images go to ``records/images/YYYY-MM-DD``.
        options: what is kept.
        operator: who is at the station; empty: the login name.
        write: how an image is written; tests put a full disk here.
    """

    def __init__(
        self,
        folder: Path,
        options: RecordsOptions | None = None,
        *,
        operator: str = "",
        write: Callable[[Path, bytes], None] = write_flushed,
    ) -> None:
        self._folder = folder
        self._options = options or RecordsOptions()
        self.operator = operator or login_name()
        self.station = self._options.station or default_station()
        self._keeper = ImageKeeper(folder, self._options, write)
        self._sampling = Sampling(self._options.pass_share)
        self._changed = threading.Condition()
        self._waiting: deque[Entry] = deque()
        self._in_hand: list[Entry] = []
        self._shifts: deque[tuple[float, str]] = deque()
        self._state = RecordsState(folder=str(folder / FOLDER))
        self._closing = threading.Event()
        self._space_read_at = -math.inf
        self._records: Records | None = None
        self._writer: InspectionWriter | None = None
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self.begin_shift(time.time())
        self._thread.start()

    # --- any thread

    def take(self, shown: InspectedFrame) -> None:
        """Queues a decision; returns within a millisecond."""
        inspection, frame = shown.inspection, shown.frame
        entry = Entry(inspection, time.monotonic(), self.operator, shown.camera)
        if frame is not None:
            entry.size = (frame.image.shape[1], frame.image.shape[0])
            entry.quality = entry.inspection.quality or measure(frame.image)
        with self._changed:
            passed = inspection.verdict is Verdict.PASS
            wanted = frame is not None and (not passed or self._sampling.wants(inspection.product))
            if len(self._waiting) >= MOST_ROWS:
                self._lose(entry, "no place to wait was left")
                return
            if wanted and frame is not None:
                places = MOST_PICTURES // (2 if inspection.verdict is Verdict.PASS else 1)
                if self._pictures() < places:
                    entry.image, entry.prediction = frame.image, shown.prediction
                elif inspection.verdict is not Verdict.PASS:
                    entry.state = ImageState.LOST
                    self._lose(entry, "no place for its picture to wait was left")
            self._waiting.append(entry)
            self._changed.notify()

    def begin_shift(self, at: float) -> None:
        """Puts on record that a shift begins; returns at once."""
        with self._changed:
            self._shifts.append((at, self.operator))
            self._changed.notify()

    def cannot_store(self) -> str:
        """Why the next decision cannot be put on record, as a sentence; empty: it can."""
        with self._changed:
            state, pictures, rows = self._state, self._pictures(), len(self._waiting)
            opened = self._writer is not None
        if state.problem:
            return state.problem
        if not opened:
            return "The records are still being opened."
        if pictures >= MOST_PICTURES or rows >= MOST_ROWS:
            return f"The records cannot keep up: {pictures} pictures and {rows} rows wait."
        if state.free_bytes is not None and state.free_bytes < LEAST_FREE_BYTES:
            return f"The disk of {state.folder} is full; free space there."
        return ""

    def state(self) -> RecordsState:
        """What was stored, what waits, and what is wrong."""
        with self._changed:
            oldest = next(iter((*self._in_hand[:1], *list(self._waiting)[:1])), None)
            lag = 0.0 if oldest is None else time.monotonic() - oldest.since
            waiting = len(self._waiting) + len(self._in_hand)
            problem = self._state.problem
            if not problem and lag > LAG_S:
                problem = (
                    f"The records are {lag:.0f} s behind, {waiting} wait; the disk or the "
                    "database server is too slow."
                )
            return replace(self._state, waiting=waiting, lag_s=lag, problem=problem)

    def records(self) -> Records | None:
        """The open database; None until it could be opened."""
        return self._records

    @property
    def station_id(self) -> int | None:
        """The station's id in the database; None until it could be opened."""
        return None if self._writer is None else self._writer.station_id

    def close(self, timeout_s: float = 10.0) -> int:
        """Stores what waits and ends; returns how many could not be stored at all."""
        self._closing.set()
        with self._changed:
            self._changed.notify()
        self._thread.join(timeout_s)
        with self._changed:
            left = [*self._in_hand, *self._waiting]
            self._in_hand = []
            self._waiting.clear()
            for entry in left:
                self._lose(entry, "the program ended")
        return self.state().not_written

    # --- the recorder's thread

    def _run(self) -> None:
        try:
            while self._step():
                pass
        except Exception as error:
            # The last line of defence: a recorder that died must look dead, not quiet.
            log.exception("The recorder ended")
            self._show_problem(f"Nothing is recorded any more, because of a fault: {error}.")
        finally:
            if self._records is not None:
                self._records.close()

    def _step(self) -> bool:
        """One batch; False at the end."""
        self._read_free_space()
        with self._changed:
            if not self._waiting and not self._shifts:
                if self._closing.is_set():
                    return False
                self._changed.wait(0.2)
            self._in_hand = self._take_batch()
            due = bool(self._in_hand or self._shifts)
        if due:
            self._keep_trying(self._in_hand)
            with self._changed:
                self._in_hand = []
        return True

    def _take_batch(self) -> list[Entry]:
        batch: list[Entry] = []
        pictures = 0
        while self._waiting and len(batch) < BATCH_ROWS and pictures < BATCH_PICTURES:
            batch.append(self._waiting.popleft())
            pictures += batch[-1].image is not None
        return batch

    def _keep_trying(self, batch: list[Entry]) -> None:
        """Stores a batch however long it takes, or until the station is closed."""
        while True:
            try:
                self._store(batch)
            except UnstorableError as error:
                self._store_singly(batch, error)
                return
            except (OSError, RecordsError) as error:
                self._show_problem(_sentence(error, self._folder))
                if self._closing.is_set() or self._closing.wait(RETRY_S):
                    with self._changed:
                        for entry in batch:
                            self._lose(entry, "the program ended")
                        self._shifts.clear()
                    return
            else:
                return

    def _store(self, batch: list[Entry]) -> None:
        writer = self._open()
        while self._shifts:
            writer.begin_shift(*self._shifts[0])
            self._shifts.popleft()
        if not batch:
            return
        unkept = self._keeper.keep(batch)
        writer.store(batch)
        with self._changed:
            for entry in unkept:
                self._lose(entry, "its picture could not be encoded")
            images = sum(entry.stored is not None for entry in batch)
            self._state = replace(
                self._state,
                written=self._state.written + images,
                recorded=self._state.recorded + len(batch),
                problem="",
            )
            self._in_hand = []

    def _store_singly(self, batch: list[Entry], error: UnstorableError) -> None:
        """Finds the one that the database refuses for good, so that it does not stop the rest."""
        if len(batch) == 1:
            with self._changed:
                self._lose(batch[0], str(error))
            return
        for entry in batch:
            self._keep_trying([entry])

    def _open(self) -> InspectionWriter:
        if self._writer is None:
            if self._records is None:
                self._records = open_records(self._folder, self._options.database)
            writer = InspectionWriter(self._records, self.station)
            tidy_up(self._records, writer.station_id)
            options = self._options.model_dump() | {"database": self._records.place}
            writer.note_options(options, self.operator)
            self._writer = writer
            self._show_problem("")
        return self._writer

    def _show_problem(self, problem: str) -> None:
        with self._changed:
            if problem and problem != self._state.problem:
                log.error("%s", problem)
            self._state = replace(self._state, problem=problem)

    def _pictures(self) -> int:
        return sum(e.image is not None for e in (*self._in_hand, *self._waiting))

    def _lose(self, entry: Entry, why: str) -> None:
        log.warning("Inspection %d is not stored in full: %s", entry.inspection.number, why)
        if not entry.counted:
            entry.counted = True
            self._state = replace(self._state, not_written=self._state.not_written + 1)

    def _read_free_space(self) -> None:
        now = time.monotonic()
        if now - self._space_read_at < FREE_SPACE_EVERY_S:
            return
        self._space_read_at = now
        existing = next((p for p in (self._folder, *self._folder.parents) if p.exists()), None)
        free = shutil.disk_usage(existing).free if existing else None
        with self._changed:
            self._state = replace(self._state, free_bytes=free)


def login_name() -> str:
    """Who is logged in on this computer."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"


def _sentence(error: OSError | RecordsError, folder: Path) -> str:
    if isinstance(error, RecordsError):
        return str(error)
    place = error.filename or folder / FOLDER
    return f"Records cannot be written to {place}: {error.strerror or error}."
