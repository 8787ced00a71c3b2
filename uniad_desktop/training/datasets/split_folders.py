"""Products with train and test folders: MVTec AD, MPDD, VisA's one-class form, BTAD."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from uniad_desktop.training.datasets.masks import MaskFolders
from uniad_desktop.training.datasets.sample import (
    Reading,
    Sample,
    Split,
    counted,
    listed,
    printable,
)
from uniad_desktop.training.datasets.walk import (
    any_image_in,
    folders_in,
    images_directly_in,
    images_in,
)
from uniad_desktop.training.datasets.words import (
    folded,
    means_defect,
    means_good,
    means_masks,
    split_of,
)

MVTEC = "MVTec AD"
BTAD = "BTAD"


def read_split_folders(folder: Path, product: str) -> Reading | None:
    """Reads ``train/good``, ``test/KIND`` and ``ground_truth/KIND`` of one product.

    The good ones may be called as `means_good` has it (BTAD: ``ok``), may also lie directly in
    ``train``, and any of the three folders may be missing.

    Args:
        folder: the product's folder.
        product: its name.

    Returns:
        None if the folder is not laid out like that.
    """
    children = folders_in(folder)
    parts = [(split, child) for child in children if (split := split_of(child.name))]
    if not any(_is_part(split, child) for split, child in parts):
        return None
    masks = MaskFolders(child for child in children if means_masks(child.name))
    samples: list[Sample] = []
    notes: list[str] = []
    for split, part in parts:
        samples += _samples(part, split, product, masks)
        loose = [] if _is_all_good(part, split) else images_directly_in(part)
        if loose:
            notes.append(
                f"{counted(len(loose), 'image')} directly in {printable(part)} are not used: "
                "nobody says whether they are good; move them into good/ or a folder of a defect."
            )
    unused = [
        child.name
        for child in children
        if not split_of(child.name) and not means_masks(child.name) and any_image_in(child)
    ]
    if unused:
        notes.append(f"{printable(folder)}: the folders {listed(unused)} are not used.")
    names = {folded(child.name) for _, part in parts for child in folders_in(part)}
    layout = BTAD if "ok" in names and "good" not in names else MVTEC
    return Reading(tuple(samples), layout, tuple(notes))


def _is_part(split: Split, folder: Path) -> bool:
    kinds = folders_in(folder)
    if any(means_good(kind.name) for kind in kinds):
        return True
    if split is Split.TRAIN:
        return _is_all_good(folder, split)
    return any(any_image_in(kind) for kind in kinds)


def _is_all_good(folder: Path, split: Split) -> bool:
    """Whether it is a folder ``train`` with images and no kinds."""
    return split is Split.TRAIN and not folders_in(folder) and bool(images_directly_in(folder))


def _samples(part: Path, split: Split, product: str, masks: MaskFolders) -> Iterator[Sample]:
    if _is_all_good(part, split):
        for path in images_directly_in(part):
            yield Sample(path, product, split)
    for folder in folders_in(part):
        yield from kind_samples(folder, split, product, masks)


def kind_samples(folder: Path, split: Split, product: str, masks: MaskFolders) -> Iterator[Sample]:
    """The samples of one folder of good parts or of one kind of defect.

    In a folder that only says "defect" (``bad``, ``ng``), subfolders name the kinds.
    """
    good = means_good(folder.name)
    for path in images_in(folder):
        if good:
            yield Sample(path, product, split)
            continue
        relative = path.relative_to(folder)
        kind = folder.name
        if means_defect(kind) and len(relative.parts) > 1:
            kind = relative.parts[0]
        yield Sample(path, product, split, printable(kind), masks.find(folder.name, relative))
