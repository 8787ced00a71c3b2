"""Fills a cache with what it has not yet: room is looked at first, and a stop loses nothing."""

from __future__ import annotations

import errno
import logging
import shutil
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from uniad_desktop.training.errors import TrainingError, TrainingStopped
from uniad_desktop.training.row_file import RowFile

_log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
"""Called with pictures done and pictures in all."""

_Input = TypeVar("_Input")
_SPARE_BYTES = 256 << 20  # a disk filled to the last byte helps nobody
_FULL = (errno.ENOSPC, errno.EDQUOT) if hasattr(errno, "EDQUOT") else (errno.ENOSPC,)


def fill_rows(
    store: RowFile,
    keys: Sequence[bytes],
    inputs: Callable[[Sequence[bytes]], Generator[tuple[bytes, _Input]]],
    compute: Callable[[Sequence[_Input]], NDArray[np.generic]],
    *,
    limit_bytes: int,
    stop: Callable[[], bool],
    progress: Progress,
    batch: int = 8,
) -> None:
    """Computes the rows of all keys that the cache has not yet.

    Args:
        store: the cache.
        keys: all that are wanted.
        inputs: what the rows of some keys are computed from; may leave some out.
        compute: one row per input.
        limit_bytes: the most that all caches of the same root may take.
        stop: asked between two batches.
        progress: told of every batch.
        batch: inputs per call of `compute`.

    Raises:
        TrainingError: the cache would be too large, or the disk is full or refuses.
        TrainingStopped: `stop` said so; what was computed is kept.
    """
    index = store.index()
    if all(key in index for key in keys):
        store.mark_used()
        return
    try:
        with store.locked(stop):
            index = store.index()
            missing = [key for key in dict.fromkeys(keys) if key not in index]
            _make_room(store, len(index) + len(missing), len(missing), limit_bytes)
            done = 0
            with store.appending() as append, closing(inputs(missing)) as source:
                while pairs := list(islice(source, batch)):
                    append([key for key, _ in pairs], compute([one for _, one in pairs]))
                    done += len(pairs)
                    progress(done, len(missing))
                    if done < len(missing) and stop():
                        raise TrainingStopped(
                            f"Stopped after {done} of {len(missing)} new rows of the cache, which "
                            "keeps them. Start the same command again to go on."
                        )
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise TrainingError(
            f"The disk of {store.folder} is full; what was computed is kept. Free space and start "
            "the same command again, choose another folder with --cache, or use --no-cache."
        ) from error


def size_text(size: float) -> str:
    """A number of bytes for people."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"


def _make_room(store: RowFile, rows: int, missing: int, limit_bytes: int) -> None:
    """Says what the cache will take, and removes the caches longest unused where it must.

    Raises:
        TrainingError: the cache alone is larger than the limit, or the disk has no room.
    """
    root = store.folder.parent
    total, more = rows * store.row_bytes, missing * store.row_bytes
    free = shutil.disk_usage(root).free
    _log.info(
        "Cache: %d rows of %s each make %s, %s of them new (limit %s, %s free) in %s",
        rows,
        size_text(store.row_bytes),
        size_text(total),
        size_text(more),
        size_text(limit_bytes),
        size_text(free),
        store.folder,
    )
    way_out = (
        "Raise the limit with --cache-limit, or use --no-cache, which computes the features anew "
        "for every step (much slower)."
    )
    if total > limit_bytes:
        raise TrainingError(
            f"The cache would take {size_text(total)} ({rows} rows of {size_text(store.row_bytes)})"
            f", more than the limit of {size_text(limit_bytes)}. {way_out}"
        )
    _remove_unused(root, store.folder, limit_bytes - total)
    free = shutil.disk_usage(root).free
    if free < more + _SPARE_BYTES:
        raise TrainingError(
            f"The cache needs {size_text(more)} more, and only {size_text(free)} are free on the "
            f"disk of {root}. Free space, choose another folder with --cache, or use --no-cache."
        )


def _remove_unused(root: Path, keep: Path, room: int) -> None:
    """Keeps the other caches within `room` bytes; those longest unused go first."""
    others = sorted(
        (one for one in root.iterdir() if (one / "keys.bin").is_file() and one != keep),
        key=lambda one: (one / "keys.bin").stat().st_mtime,
    )
    sizes = {one: sum(file.stat().st_size for file in one.glob("*.bin")) for one in others}
    excess = sum(sizes.values()) - room
    for folder in others:
        if excess <= 0:
            return
        try:
            with FileLock(folder.with_name(folder.name + ".lock")).acquire(timeout=0):
                shutil.rmtree(folder)
        except (Timeout, OSError) as error:
            _log.info("The unused cache %s could not be removed: %s", folder, error)
            continue
        _log.info("Removed the cache %s (%s), unused for long", folder, size_text(sizes[folder]))
        excess -= sizes[folder]
