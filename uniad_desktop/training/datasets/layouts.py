"""Which layout a folder has, told from what lies in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from uniad_desktop.cameras.image_files import SUFFIXES
from uniad_desktop.training.datasets.plain_folders import read_flat_folder, read_plain_folder
from uniad_desktop.training.datasets.sample import DataError, Reading, listed, printable
from uniad_desktop.training.datasets.split_folders import read_split_folders
from uniad_desktop.training.datasets.visa import read_visa
from uniad_desktop.training.datasets.walk import any_image_in, folders_in, other_suffixes_in
from uniad_desktop.training.datasets.words import means_good, split_of

_LOOKED_FOR = (
    "Looked for: train/good and test/KIND (MVTec AD, MPDD), train/ok and test/ko (BTAD), "
    "Data/Images/Normal (VisA), good/ with folders of defects beside it, each for one product or "
    "in one folder per product, or images directly in the folder"
)
_READ = ", ".join(sorted(suffix[1:] for suffix in SUFFIXES))


def read_folder(folder: Path) -> Reading:
    """Reads a folder in whichever layout it has: of one product or of several.

    Args:
        folder: an existing folder.

    Raises:
        DataError: the layout is unknown, or there is no image in it.
    """
    reading = _recognised(folder)
    if reading is None:
        raise DataError(_unknown(folder))
    if not reading.samples:
        raise DataError(_no_images(folder))
    return reading


def _recognised(folder: Path) -> Reading | None:
    """What lies in a folder; None if nothing in it is laid out as we know it."""
    product = _product_of(folder)
    own = (
        _one_split(folder, product)
        or read_split_folders(folder, product)
        or read_plain_folder(folder, product)
        or read_visa(folder)
    )
    if own is not None:
        return own
    found: dict[str, Reading] = {}
    unknown: list[str] = []
    for child in folders_in(folder):
        name = printable(child.name)
        reading = read_split_folders(child, name) or read_plain_folder(child, name)
        if reading is not None:
            found[name] = reading
        elif any_image_in(child):
            unknown.append(name)
    if not found:
        # With folders of images beside them, nobody can say what the loose ones are.
        return None if unknown else read_flat_folder(folder, product)
    notes = [note for reading in found.values() for note in reading.notes]
    empty = [name for name, reading in found.items() if not reading.samples]
    if empty:
        notes.append(f"{printable(folder)}: there are no images in {listed(empty)}.")
    if unknown:
        notes.append(
            f"{printable(folder)}: the folders {listed(unknown)} are not used, as they have "
            "neither train/ and test/ nor good/."
        )
    return Reading(
        tuple(sample for reading in found.values() for sample in reading.samples),
        " + ".join(sorted({reading.layout for reading in found.values()})),
        tuple(notes),
    )


def _one_split(folder: Path, product: str) -> Reading | None:
    """A product's folder ``train`` or ``test``, given by itself: nothing else is for that split."""
    kinds = folders_in(folder)
    if not split_of(folder.name) or not any(means_good(kind.name) for kind in kinds):
        return None
    whole = read_split_folders(folder.parent, product)
    if whole is None:
        return None
    return replace(
        whole, samples=tuple(s for s in whole.samples if s.path.is_relative_to(folder)), notes=()
    )


def _product_of(folder: Path) -> str:
    """Name of the folder, or of the one above where it is only ``train`` or ``good``."""
    while folder.parent.name and (means_good(folder.name) or split_of(folder.name)):
        folder = folder.parent
    return printable(folder.name)


def _unknown(folder: Path) -> str:
    if not any_image_in(folder):
        return _no_images(folder)
    inside = [child for child in folders_in(folder) if _recognised(child) is not None]
    deeper = [child for child in inside if folders_in(child)]
    if deeper:
        return (
            f"{printable(folder)} is no data set itself, but {listed(deeper, 3)} may be; "
            "give that folder."
        )
    names = listed(child.name for child in folders_in(folder))
    return (
        f"The layout of {printable(folder)} is unknown; it holds the folders {names}. "
        f"{_LOOKED_FOR}. Call the folder of good parts good, or give a list (CSV or JSON lines)."
    )


def _no_images(folder: Path) -> str:
    others = other_suffixes_in(folder)
    hint = f"; files of the kinds {listed(others)} are not read as images" if others else ""
    return f"There are no images in {printable(folder)} ({_READ} are read{hint}). {_LOOKED_FOR}."
