"""Where the files lie that a list names."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from uniad_desktop.training.datasets.sample import DataError, Split, printable
from uniad_desktop.training.datasets.words import split_of

AUTHORS_FOLDER = "mvtec_anomaly_detection"
"""The folder of images beside the UniAD authors' lists."""

_PROBES = 50


@dataclass(frozen=True, slots=True)
class PathFacts:
    """What a path in MVTec AD layout says: ``PRODUCT/train/KIND/NAME``; else all empty."""

    product: str = ""
    split: Split | None = None
    kind: str = ""


def facts_of(text: str) -> PathFacts:
    """Reads product, split and kind out of a path as a list has it."""
    parts = PurePosixPath(text.replace("\\", "/")).parts
    for index in range(len(parts) - 3, -1, -1):
        split = split_of(parts[index])
        if split is not None:
            product = parts[index - 1] if index else ""
            return PathFacts("" if product in ("/", "..") else product, split, parts[index + 1])
    return PathFacts()


def find_root(list_file: Path, images: Sequence[str]) -> Path:
    """The folder that the images of a list are relative to.

    Tried are the list's own folder and the one above it, and in each of both
    ``mvtec_anomaly_detection``, where the UniAD authors have theirs. The one under which most of
    the first images exist counts.

    Raises:
        DataError: none of the images exists under any of them.
    """
    own = list_file.parent
    candidates = [
        own,
        own / AUTHORS_FOLDER,
        own.parent,
        own.parent / AUTHORS_FOLDER,
    ]
    relative = [text for text in images if not Path(text).is_absolute()]
    if not relative:
        return own
    probes = relative[:: max(1, len(relative) // _PROBES)]
    hits = [sum(_exists(_joined(root, text)) for text in probes) for root in candidates]
    if not any(hits):
        raise DataError(
            f"The images of {printable(list_file)} (for example {printable(relative[0])}) are "
            f"neither in {' nor in '.join(map(printable, candidates))}; give the folder that they "
            f"are relative to as {printable(list_file.name)}@FOLDER, or in a column root."
        )
    return candidates[hits.index(max(hits))]


def locate(text: str, root: Path) -> Path:
    """The file that a list names.

    An absolute path stays what it is. A relative one must not lead out of `root`; with ``..`` in
    it, the file must also exist.

    Raises:
        DataError: it leads out of the root, or is no path at all. The sentence is to be put after
            the place in the list.
    """
    if "\0" in text:
        raise DataError("the path holds a NUL character.")
    path = _joined(root, text)
    if Path(text).is_absolute():
        return path
    straight = Path(os.path.normpath(path))
    if not straight.is_relative_to(Path(os.path.normpath(root))):
        raise DataError(
            f"{printable(text)} leads out of the folder {printable(root)}; give a folder that "
            "holds all images as LIST@FOLDER."
        )
    if ".." not in path.parts[len(root.parts) :]:
        return path
    if not _exists(straight):
        raise DataError(f"{printable(text)} does not exist under {printable(root)}.")
    return straight


def listed_source(source: str) -> tuple[Path, Path | None]:
    """Parts ``LIST@ROOT`` into the list and its root; a path that exists as it is has no root.

    Raises:
        DataError: the root is no folder.
    """
    whole = expanded(source)
    if _exists(whole):
        return whole, None
    pieces = source.split("@")
    for count in range(1, len(pieces)):
        file = expanded("@".join(pieces[:count]))
        if not _exists(file) or not file.is_file():
            continue
        root = expanded("@".join(pieces[count:]))
        if not _exists(root) or not root.is_dir():
            raise DataError(
                f"{printable(root)}, the root of the list {printable(file)}, is no folder."
            )
        return file, root
    return whole, None


def expanded(text: str) -> Path:
    """A path with ``~`` resolved; ``~NAME`` of a user who does not exist stays what it is."""
    path = Path(text)
    try:
        return path.expanduser()
    except RuntimeError:
        return path


def _joined(root: Path, text: str) -> Path:
    """Lists made on Windows have backslashes; a file whose name really holds one goes first."""
    path = root / text
    if os.sep == "/" and "\\" in text and not _exists(path):
        return root / text.replace("\\", "/")
    return path


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False
