"""Files too large for memory, written so that there is the whole file or none."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from uniad_desktop.files import flush_folder


@contextmanager
def durable_file(target: Path) -> Iterator[BinaryIO]:
    """A file under a temporary name beside `target`, renamed at the end.

    If anything is raised, it is removed and `target` is as it was.

    Raises:
        OSError: the disk is full, the folder is missing or not writable, and so on.
    """
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    flush_folder(target.parent)


@dataclass(frozen=True, slots=True)
class FileFacts:
    """Name, SHA-256 (hex) and size in bytes of a file."""

    name: str
    sha256: str
    size: int

    def values(self) -> dict[str, str | int]:
        """As plain values."""
        return {"name": self.name, "sha256": self.sha256, "bytes": self.size}


class HashedFile:
    """Counts and hashes what is written to a file.

    Args:
        file: open for writing.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self._size = 0

    def write(self, data: bytes) -> None:
        """Adds bytes. Raises OSError."""
        self._file.write(data)
        self._hash.update(data)
        self._size += len(data)

    def facts(self, name: str) -> FileFacts:
        """What was written so far, under this name."""
        return FileFacts(name, self._hash.hexdigest(), self._size)
