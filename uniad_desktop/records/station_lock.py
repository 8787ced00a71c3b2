"""One station per data folder; programs that only read may come along."""

from __future__ import annotations

from pathlib import Path

import filelock

from uniad_desktop.records.database import RecordsError


class StationLock:
    """Held by the station that writes to a data folder; the system frees it if the station dies.

    Args:
        folder: the data folder.

    Raises:
        RecordsError: another station holds it, or the folder cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        path = folder / ".station.lock"
        # Not bound to a thread: it may be freed by another one than took it.
        self._lock = filelock.FileLock(path, thread_local=False)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
        except filelock.Timeout as error:
            raise RecordsError(
                f"Another station already writes to the data folder {folder}; close it, or give "
                "this one a folder of its own with --data-dir."
            ) from error
        except OSError as error:
            raise RecordsError(
                f"The data folder {folder} cannot be written: {error.strerror or error}; check "
                "the access rights, or choose another one with --data-dir."
            ) from error

    def release(self) -> None:
        """Lets another station have the folder; safe to call twice."""
        self._lock.release()
