"""Which images are meant: by folders with all that is below, by files, or by a list."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from uniad_desktop.cameras.image_files import SUFFIXES, natural_key
from uniad_desktop.scoring.job import ScoringError
from uniad_desktop.training.datasets.sample import printable

SCORED: Final = SUFFIXES | {".webp"}
"""Endings of image files; stations may keep their images as WebP."""


@dataclass(frozen=True, slots=True)
class Found:
    """An image file.

    Attributes:
        path: absolute.
        root: the folder that was given, or the file's own where a file was.
        product: as a list names it, else empty.
        label: likewise.
    """

    path: Path
    root: Path
    product: str = ""
    label: str = ""

    @property
    def folder_name(self) -> str:
        """Name of the folder right below the root that it lies in; the root's own at its top."""
        inside = self.path.relative_to(self.root).parts
        return inside[0] if len(inside) > 1 else self.root.name


@dataclass(slots=True)
class FoundImages:
    """The images, in order, and sentences on what could not be looked into."""

    images: list[Found] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def find_images(places: Sequence[Path], check: Callable[[], None] = lambda: None) -> FoundImages:
    """The image files of folders and of all folders below, in natural order of their names.

    Links are followed, each folder is looked into once, so a link to a folder above is no loop. A
    file that is given is taken whatever its name ends in.

    Args:
        places: folders and files.
        check: called for every folder; may raise to end the search.

    Raises:
        ScoringError: a place is missing or cannot be read, or there is no image.
    """
    found = FoundImages()
    seen: set[tuple[int, int]] = set()
    for given in places:
        place = given.expanduser().absolute()
        if place.is_file():
            found.images.append(Found(place, place.parent))
            continue
        if not place.exists():
            raise ScoringError(f"{printable(place)} does not exist; give a folder of images.")
        for path in _below(place, seen, found.notes, check):
            found.images.append(Found(path, place))
    if not found.images:
        shown = ", ".join(printable(place) for place in places)
        why = f" {' '.join(found.notes)}" if found.notes else ""
        raise ScoringError(
            f"There are no images (PNG, JPEG, BMP, TIFF or WebP) in {shown}, nor in the folders "
            f"below.{why}"
        )
    return found


def read_list(file: Path) -> FoundImages:
    """The images of a list: one JSON object a line with ``path`` and, if known, more.

    ``product`` is the key of the product, ``label`` what a person said of it. Relative paths begin
    at the list's folder.

    Raises:
        ScoringError: the list cannot be read or understood, or is empty.
    """
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ScoringError(f"The list {printable(file)} cannot be read: {reason}.") from error
    found = FoundImages()
    base = file.absolute().parent
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
            path = base / values["path"]
            product, label = str(values.get("product") or ""), str(values.get("label") or "")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ScoringError(
                f"Line {number} of {printable(file)} is no JSON object with a path, like "
                '{"path": "part.png", "product": "flange"}; correct it.'
            ) from error
        found.images.append(Found(path, path.parent, product, label))
    if not found.images:
        raise ScoringError(f"The list {printable(file)} names no image.")
    return found


def _below(
    folder: Path, seen: set[tuple[int, int]], notes: list[str], check: Callable[[], None]
) -> Iterator[Path]:
    """Files first, then folders; without recursion, as folders may be nested deeply."""
    waiting = [folder]
    while waiting:
        check()
        here = waiting.pop()
        files: list[Path] = []
        folders: list[Path] = []
        try:
            identity = here.stat()
            if (identity.st_dev, identity.st_ino) in seen:
                continue
            seen.add((identity.st_dev, identity.st_ino))
            with os.scandir(here) as entries:
                for entry in entries:
                    (folders if _is_folder(entry) else files).append(here / entry.name)
        except OSError as error:
            sentence = (
                f"The folder {printable(here)} cannot be read: {error.strerror or error}; check "
                "the access rights."
            )
            if here == folder:
                raise ScoringError(sentence) from error
            notes.append(sentence)
            continue
        yield from sorted((one for one in files if one.suffix.lower() in SCORED), key=natural_key)
        waiting += sorted(folders, key=natural_key, reverse=True)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself
        return False
