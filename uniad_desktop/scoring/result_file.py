"""The file of results: written as they come, read again to go on and to compare."""

from __future__ import annotations

import csv
import io
import json
import os
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from filelock import FileLock, Timeout

from uniad_desktop.files import write_durably
from uniad_desktop.scoring.job import ScoredImage, ScoringError
from uniad_desktop.scoring.result_lines import (
    COLUMNS,
    CSV_END,
    csv_header,
    csv_line,
    from_values,
    json_line,
)
from uniad_desktop.training.datasets.sample import printable

SUFFIXES: Final = (".csv", ".jsonl")
SYNC_EVERY_S: Final = 1.0
_LONGEST_FIELD: Final = 1 << 24


class ResultFile:
    """A CSV or JSON-lines file that grows line by line.

    Every line goes to the system at once, so that a killed program loses the last one at most, and
    to the disk once a second, which is what a power cut may cost. `close` it at the end.

    Args:
        path: ends in ``.csv`` or ``.jsonl``.
        kept: lines to begin with; the file becomes just these, or as it was where that fails.

    Raises:
        ScoringError: it cannot be written, or another program is writing it.
    """

    def __init__(self, path: Path, kept: Sequence[ScoredImage] = ()) -> None:
        check_name(path)
        self.path = path
        self._lock = FileLock(path.with_name(f".{path.name}.lock"))
        self._file: IO[bytes] | None = None
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise ScoringError(
                f"Another program is writing {printable(path)}; wait for it, or choose another "
                "file with --out."
            ) from error
        except OSError as error:
            raise _refused(path, error) from error
        try:
            write_durably(path, _text(path, kept).encode())
            self._file = path.open("ab", buffering=0)
        except OSError as error:
            self._let_go()
            raise _refused(path, error) from error
        self._synced_at = time.monotonic()

    def add(self, lines: Iterable[ScoredImage]) -> None:
        """Writes lines. Raises ScoringError when the disk is full or gone."""
        if self._file is None:
            raise ValueError("the file is closed")
        make = json_line if is_json(self.path) else csv_line
        try:
            rest = memoryview("".join(map(make, lines)).encode())
            while rest:  # without a buffer a call may write a part only
                rest = rest[self._file.write(rest) :]
            if time.monotonic() - self._synced_at >= SYNC_EVERY_S:
                os.fsync(self._file.fileno())
                self._synced_at = time.monotonic()
        except OSError as error:
            raise _refused(self.path, error) from error

    def put_in_order(self, order: Sequence[str]) -> None:
        """Rewrites the file with the lines of these paths, in this order, where it differs.

        Raises:
            ScoringError: the disk refuses; the lines are all there, in another order.
        """
        lines = read_results(self.path)
        place = {path: number for number, path in enumerate(order)}
        places = [place.get(line.path, -1) for line in lines]
        if places == sorted(places) and (not places or places[0] >= 0):
            return
        wanted = [line for line in lines if line.path in place]
        wanted.sort(key=lambda line: place[line.path])
        try:
            write_durably(self.path, _text(self.path, wanted).encode())
        except OSError as error:
            raise _refused(self.path, error) from error

    def close(self) -> None:
        """Brings everything to the disk; safe to call twice. Raises ScoringError if that fails."""
        file, self._file = self._file, None
        if file is None:
            return
        try:
            with file:
                os.fsync(file.fileno())
        except OSError as error:
            raise _refused(self.path, error) from error
        finally:
            self._let_go()

    def _let_go(self) -> None:
        with suppress(OSError):  # Windows keeps what is open
            Path(self._lock.lock_file).unlink()
        self._lock.release()


def check_name(path: Path) -> None:
    """Raises ScoringError for a file of another kind."""
    if path.suffix.lower() not in SUFFIXES:
        raise ScoringError(
            f"{printable(path)} is neither a .csv nor a .jsonl file; give the results one of these "
            "endings."
        )


def is_json(path: Path) -> bool:
    """Whether it has JSON lines."""
    return path.suffix.lower() == ".jsonl"


def read_results(path: Path) -> list[ScoredImage]:
    """All lines of a result file; a last one that was cut off is left out.

    Raises:
        ScoringError: it cannot be read, or is no file of results.
    """
    check_name(path)
    try:
        text = path.read_bytes().decode("utf-8", "replace")
    except OSError as error:
        raise ScoringError(
            f"{printable(path)} cannot be read: {error.strerror or error}."
        ) from error
    return _json_lines(path, text) if is_json(path) else _csv_lines(path, text)


def _json_lines(path: Path, text: str) -> list[ScoredImage]:
    *whole, _ = text.split("\n")
    lines = []
    for number, line in enumerate(whole, 1):
        try:
            lines.append(from_values(json.loads(line)))
        except (ValueError, KeyError, TypeError) as error:
            raise _no_results(path, number) from error
    return lines


def _csv_lines(path: Path, text: str) -> list[ScoredImage]:
    if not csv_header().startswith(text) and not text.startswith(csv_header()):
        raise _no_results(path, 1)
    before = csv.field_size_limit(_LONGEST_FIELD)
    try:
        records = list(csv.reader(io.StringIO(text, newline="")))
    except csv.Error as error:
        raise _no_results(path, text.count("\n")) from error
    finally:
        csv.field_size_limit(before)
    lines = []
    for number, record in enumerate(records[1:], 2):
        last = number == len(records)
        if last and (len(record) < len(COLUMNS) or not text.endswith(CSV_END)):
            break  # the program was ended while it wrote this
        try:
            lines.append(from_values(dict(zip(COLUMNS, record, strict=True))))
        except (ValueError, KeyError, TypeError) as error:
            raise _no_results(path, number) from error
    return lines


def _text(path: Path, lines: Iterable[ScoredImage]) -> str:
    if is_json(path):
        return "".join(map(json_line, lines))
    return csv_header() + "".join(map(csv_line, lines))


def _no_results(path: Path, number: int) -> ScoringError:
    return ScoringError(
        f"{printable(path)} is no file of results of this command (record {number} is not "
        "understood); choose another file."
    )


def _refused(path: Path, error: OSError) -> ScoringError:
    return ScoringError(
        f"{printable(path)} cannot be written: {error.strerror or error}. What was written stays; "
        "free space or choose another file, and go on with --resume."
    )
