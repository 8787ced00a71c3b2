"""What a folder of images holds now, compared with what is on record of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from uniad_desktop.records.pictures import HEATMAP_ENDING, inside
from uniad_desktop.review.errors import ReviewError
from uniad_desktop.review.files_table import FileMark, KnownFile
from uniad_desktop.scoring.image_list import find_images
from uniad_desktop.scoring.job import ScoringError
from uniad_desktop.training.datasets.sample import printable

NO_FILE: Final = "//"
"""How the names of inspections without image begin; no path from a folder on does."""


@dataclass(frozen=True, slots=True)
class ImageFile:
    """An image file: where it is and what is remembered of it."""

    path: Path
    mark: FileMark


@dataclass(slots=True)
class FolderChanges:
    """What is to be done.

    Attributes:
        total: image files that are there.
        new: never seen, or not the image any more that they were, or not readable before.
        changed: how many of `new` were another image before.
        same: on record, by inspection; their size or time is written anew.
        missing: on record and gone.
        notes: sentences on what cannot be looked at.
    """

    total: int = 0
    new: list[ImageFile] = field(default_factory=list)
    changed: int = 0
    same: dict[int, FileMark] = field(default_factory=dict)
    missing: list[KnownFile] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def changes_of(
    folder: Path,
    known: Mapping[str, KnownFile],
    *,
    more: Iterable[str] = (),
    again: bool = False,
    check: Callable[[], None] = lambda: None,
) -> FolderChanges:
    """Looks through a folder with all that is below.

    Args:
        folder: of images.
        known: what is on record.
        more: paths of further images from the folder on, whatever their names end in.
        again: whether what could not be judged before is tried once more.
        check: called often; may raise to end it.

    Raises:
        ReviewError: the folder is gone or cannot be read, or never had an image in it.
    """
    changes = FolderChanges()
    also = [path for name in more if (path := inside(folder, name)).is_file()]
    try:
        found = find_images([folder], check)
        changes.notes += found.notes
        paths = [one.path for one in found.images]
    except ScoringError as error:
        if not also:
            raise ReviewError(str(error)) from error
        paths = []
    seen: set[str] = set()
    for path in (*_images(folder, paths), *also):
        check()
        name = path.relative_to(folder).as_posix()
        try:
            name.encode()
        except UnicodeEncodeError:
            changes.notes.append(
                f"The name of {printable(path)} is no text, so it is left out; rename it."
            )
            continue
        if name not in seen:
            changes.total += 1
            seen.add(name)
            _sort_in(changes, path, name, known.get(name), again)
    changes.missing = [
        one
        for name, one in known.items()
        if name not in seen
        and not one.missing
        and not name.startswith(NO_FILE)
        and _is_gone(folder / name)
    ]
    return changes


def hash_of(path: Path) -> str:
    """SHA-256 of a file, hex. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sort_in(
    changes: FolderChanges, path: Path, name: str, known: KnownFile | None, again: bool
) -> None:
    try:
        about = path.stat()
        mark = FileMark(name, about.st_size, about.st_mtime_ns)
        if known is not None and known.sha256 and not (again and known.error):
            if (known.size, known.modified_ns) == (mark.size, mark.modified_ns):
                return
            if hash_of(path) == known.sha256:
                changes.same[known.inspection] = mark
                return
            changes.changed += 1
        elif known is not None and not known.sha256:
            with path.open("rb"):  # it could not be read before
                pass
    except OSError as error:
        if known is None:  # judged all the same: on record as an ERROR with the reason
            changes.new.append(ImageFile(path, FileMark(name, 0, 0)))
            return
        changes.notes.append(f"{printable(path)} cannot be read: {error.strerror or error}.")
        return
    changes.new.append(ImageFile(path, mark))


def _images(folder: Path, paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        hidden = path.name.startswith(".") or "__MACOSX" in path.relative_to(folder).parts
        if not hidden and not path.name.endswith(HEATMAP_ENDING):
            yield path


def _is_gone(path: Path) -> bool:
    """Whether a file is not there; one that cannot be asked for is not gone."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False
