"""Writing files so that a power cut leaves the old one or the new one, never half of one."""

from __future__ import annotations

import os
from pathlib import Path


def write_durably(path: Path, data: bytes) -> None:
    """Writes `data` under a temporary name, flushes it to the disk and renames it to `path`.

    Raises:
        OSError: the disk is full, the folder is not writable, and so on; `path` is untouched.
    """
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
    _flush_folder(path.parent)


def _flush_folder(folder: Path) -> None:
    """Makes the rename itself durable; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def check_writable(folder: Path) -> str:
    """Makes `folder` and tries a file in it; a sentence for the user, empty if all is well."""
    probe = folder / f".probe.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"uniad-desktop")
        probe.unlink()
    except OSError as error:
        return (
            f"The data folder {folder} cannot be written ({error.strerror or error}). "
            "Choose another one with --data-dir, or give this user the right to write there."
        )
    return ""
