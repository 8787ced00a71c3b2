"""Looking into folders: only what a person put there, in the order a person expects."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from uniad_desktop.cameras.image_files import SUFFIXES, natural_key
from uniad_desktop.training.datasets.sample import DataError, printable

_NOT_OURS = frozenset({"thumbs.db", "desktop.ini", "__macosx"})


@dataclass(frozen=True, slots=True)
class _Entry:
    path: Path
    is_folder: bool
    is_file: bool


def folders_in(folder: Path) -> list[Path]:
    """The visible subfolders, links to folders too. Raises DataError if it cannot be read."""
    return [entry.path for entry in _entries(folder) if entry.is_folder]


def images_directly_in(folder: Path) -> list[Path]:
    """The image files of a folder, without its subfolders.

    A link that leads nowhere is among them, so that it is named when it cannot be read.

    Raises:
        DataError: the folder cannot be read.
    """
    return [e.path for e in _entries(folder) if e.is_file and _is_image(e.path)]


def images_in(folder: Path) -> list[Path]:
    """The image files of a folder and of all its subfolders; a loop of links is walked once.

    Raises:
        DataError: a folder cannot be read.
    """
    return list(_walk(folder, set()))


def any_image_in(folder: Path) -> bool:
    """Whether there is an image in a folder or its subfolders. Raises DataError as `images_in`."""
    return next(_walk(folder, set()), None) is not None


def other_suffixes_in(folder: Path) -> list[str]:
    """Suffixes of the visible files that are no images to us, for a message."""
    others = {e.path.suffix for e in _entries(folder) if e.is_file and not _is_image(e.path)}
    return sorted(others - {""})


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES


def _walk(folder: Path, seen: set[str]) -> Iterator[Path]:
    place = os.path.realpath(folder)
    if place in seen:
        return
    seen.add(place)
    entries = _entries(folder)
    yield from (entry.path for entry in entries if entry.is_file and _is_image(entry.path))
    for entry in entries:
        if entry.is_folder:
            yield from _walk(entry.path, seen)


def _entries(folder: Path) -> list[_Entry]:
    try:
        with os.scandir(folder) as found:
            entries = [
                _entry(entry)
                for entry in found
                if not entry.name.startswith(".") and entry.name.lower() not in _NOT_OURS
            ]
    except OSError as error:
        raise DataError(
            f"The folder {printable(folder)} cannot be read ({error.strerror or error}); check "
            "its rights or choose another one."
        ) from error
    return sorted(entries, key=lambda entry: (natural_key(entry.path), entry.path.name))


def _entry(entry: os.DirEntry[str]) -> _Entry:
    path = Path(entry.path)
    if entry.is_symlink():
        try:
            path.stat()
        except OSError:  # it leads nowhere, in a circle, or where we may not look
            return _Entry(path, is_folder=False, is_file=True)
    return _Entry(path, entry.is_dir(), entry.is_file())
