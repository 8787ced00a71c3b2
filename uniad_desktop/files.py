"""Writing files so that a power cut leaves the old one or the new one, never half of one."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def write_durably(path: Path, data: bytes) -> None:
    """Writes `data` under a temporary name, flushes it to the disk and renames it to `path`.

    Raises:
        OSError: the disk is full, the folder is not writable, and so on; `path` is untouched.
    """
    write_flushed(path, data)
    flush_folder(path.parent)


def write_flushed(path: Path, data: bytes) -> None:
    """As `write_durably`, but the name is on the disk only after `flush_folder` of its folder.

    Raises:
        OSError: as `write_durably`.
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


def flush_folder(folder: Path) -> None:
    """Makes renames in a folder durable; Windows has no such call and needs none.

    Raises:
        OSError: the folder is gone, or the disk refuses.
    """
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path, root: Path) -> None:
    """Makes `folder` beneath `root` so that a power cut does not take it away again.

    Raises:
        OSError: it cannot be made.
    """
    if folder.is_dir():
        return
    folder.mkdir(parents=True, exist_ok=True)
    while folder not in (root, folder.parent):
        folder = folder.parent
        flush_folder(folder)


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


def write_keeping_former(path: Path, data: bytes) -> None:
    """As `write_durably`, with a former file of another content kept as ``NAME.previous.EXT``.

    Raises:
        OSError: the disk is full or refuses; `path` is untouched.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        former = path.read_bytes()
        if former == data:
            return
        write_flushed(former_of(path), former)
    write_durably(path, data)


def former_of(path: Path) -> Path:
    """Where `write_keeping_former` keeps what was there before."""
    return path.with_name(f"{path.stem}.previous{path.suffix}")
