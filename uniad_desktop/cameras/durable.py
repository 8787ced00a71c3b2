"""Files that are whole or not there, with the former one kept."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path


def write_keeping_former(path: Path, data: bytes) -> None:
    """Writes a file under a temporary name, flushes and renames it.

    A former file of another content stays beside it as ``NAME.previous.EXT``.

    Raises:
        OSError: the disk is full or refuses; `path` is untouched.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        if path.read_bytes() == data:
            return
        copy = path.with_name(f".{path.name}.{os.getpid()}.former")
        shutil.copyfile(path, copy)
        copy.replace(former_of(path))
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def former_of(path: Path) -> Path:
    """Where `write_keeping_former` keeps what was there before."""
    return path.with_name(f"{path.stem}.previous{path.suffix}")
