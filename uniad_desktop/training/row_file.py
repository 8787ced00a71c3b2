"""Rows of numbers on disk by key, only ever appended to: what was written whole is never lost."""

from __future__ import annotations

import hashlib
import json
import logging
import math
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import DTypeLike, NDArray

from uniad_desktop.files import write_durably
from uniad_desktop.training.errors import TrainingStopped

_log = logging.getLogger(__name__)

KEY_BYTES = 32
_NOTE = "content.json"


def fingerprint(what: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of JSON values that decide a cache's content."""
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()


class RowFile:
    """A folder with rows of one shape and their keys.

    ``rows.bin`` holds the rows, raw; ``keys.bin`` their keys, 32 bytes each; ``content.json`` says
    what they are. Rows reach the disk before their keys do, and a row counts once its key is
    whole, so a process or a machine may die at any moment. Another content is another folder.

    Args:
        root: folder of all caches.
        kind: first part of the folder's name, for people.
        content: all that decides the rows of a key, JSON values.
        shape: of a row.
        dtype: of its numbers.
    """

    def __init__(
        self,
        root: Path,
        kind: str,
        content: Mapping[str, Any],
        shape: tuple[int, ...],
        dtype: DTypeLike = np.float32,
    ) -> None:
        self._dtype = np.dtype(dtype)
        self._shape = shape
        self._content = {**content, "shape": list(shape), "dtype": self._dtype.str}
        self.folder = root / f"{kind}-{fingerprint(self._content)[:16]}"
        self.row_bytes = math.prod(shape) * self._dtype.itemsize
        self._rows, self._keys = self.folder / "rows.bin", self.folder / "keys.bin"

    def index(self) -> dict[bytes, int]:
        """The row of every key that is whole; empty where the folder is missing or damaged."""
        try:
            note = json.loads((self.folder / _NOTE).read_text(encoding="utf-8"))
            keys = self._keys.read_bytes()
            size = self._rows.stat().st_size
        except (OSError, ValueError):
            return {}
        count = len(keys) // KEY_BYTES
        if note != self._content or size < count * self.row_bytes:
            return {}
        return {keys[row * KEY_BYTES : (row + 1) * KEY_BYTES]: row for row in range(count)}

    def rows(self, count: int) -> NDArray[Any]:
        """The first `count` rows, memory-mapped, read-only."""
        if count == 0:
            return np.empty((0, *self._shape), self._dtype)
        return np.memmap(self._rows, self._dtype, mode="r", shape=(count, *self._shape))

    def mark_used(self) -> None:
        """Keeps the folder from being taken for an unused one."""
        with suppress(OSError):  # a cache may be read-only
            os.utime(self._keys)

    @contextmanager
    def locked(self, stop: Callable[[], bool]) -> Iterator[None]:
        """Keeps every other process from writing; waits for one that does.

        Raises:
            TrainingStopped: `stop` said so while waiting.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.folder.with_name(self.folder.name + ".lock"))
        said = False
        while True:
            try:
                lock.acquire(timeout=0.5)
                break
            except Timeout:
                if not said:
                    _log.info("Another process writes to %s; waiting for it.", self.folder)
                    said = True
                if stop():
                    raise TrainingStopped("Stopped while waiting for the cache.") from None
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def appending(self) -> Iterator[Callable[[Sequence[bytes], NDArray[Any]], None]]:
        """Opens for writing, under the lock; gives a function that takes keys and their rows.

        A folder that is damaged is begun anew, and half a row at its end is cut off.

        Raises:
            OSError: the disk is full or refuses; what was whole before stays.
        """
        whole = len(self.index())
        if not whole:
            self._begin()
        # Unbuffered: what a full disk refused must not be tried again on closing.
        with self._rows.open("r+b", 0) as rows, self._keys.open("r+b", 0) as keys:
            _cut(rows, whole * self.row_bytes)
            _cut(keys, whole * KEY_BYTES)

            def append(new: Sequence[bytes], values: NDArray[Any]) -> None:
                nonlocal whole
                if values.shape != (len(new), *self._shape):
                    raise ValueError(f"{len(new)} keys do not fit rows {values.shape}.")
                _write(rows, np.ascontiguousarray(values, self._dtype).tobytes())
                _write(keys, b"".join(new))
                whole += len(new)

            try:
                yield append
            finally:
                # After a failed write the half row would only take up room on a full disk.
                _cut(rows, whole * self.row_bytes)
                _cut(keys, whole * KEY_BYTES)

    def _begin(self) -> None:
        if self._keys.exists() and self._keys.stat().st_size:
            _log.info("The cache %s is damaged or of other content; it is built anew.", self.folder)
        # Removed, not emptied: another process may still read what it has mapped.
        shutil.rmtree(self.folder)
        self.folder.mkdir(parents=True)
        self._rows.touch()
        self._keys.touch()
        write_durably(self.folder / _NOTE, json.dumps(self._content, indent=1).encode())


def _write(file: FileIO, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]
    os.fsync(file.fileno())


def _cut(file: FileIO, size: int) -> None:
    file.seek(size)
    file.truncate()
