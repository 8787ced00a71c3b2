"""Products without a split: a folder of good parts, and perhaps folders of defects beside it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from uniad_desktop.training.datasets.holdout import held_out
from uniad_desktop.training.datasets.masks import MaskFolders
from uniad_desktop.training.datasets.sample import (
    Reading,
    Sample,
    Split,
    counted,
    printable,
)
from uniad_desktop.training.datasets.split_folders import kind_samples
from uniad_desktop.training.datasets.walk import folders_in, images_directly_in
from uniad_desktop.training.datasets.words import means_good, means_masks

PLAIN = "plain folders"
FLAT = "flat folder"


def read_plain_folder(folder: Path, product: str) -> Reading | None:
    """Reads ``good/`` and the folders of defects beside it, named by their kind.

    Defects are for testing. Where there are any, `held_out` takes its share of the good ones out
    of the training set, so that there is something to test against. Masks may lie in ``masks/`` or
    ``ground_truth/``, with or without a folder per kind.

    Returns:
        None if there is no folder for good parts.
    """
    children = folders_in(folder)
    if not any(means_good(child.name) for child in children):
        return None
    masks = MaskFolders(child for child in children if means_masks(child.name))
    good: list[Sample] = []
    bad: list[Sample] = []
    for child in children:
        if means_good(child.name):
            good += kind_samples(child, Split.TRAIN, product, masks)
        elif not means_masks(child.name):
            bad += kind_samples(child, Split.TEST, product, masks)
    notes = []
    loose = images_directly_in(folder)
    if loose:
        notes.append(
            f"{counted(len(loose), 'image')} directly in {printable(folder)} are not used, as it "
            "has a folder for good parts; move them there."
        )
    if bad:
        good = with_test_share(good, [s.path.relative_to(folder).as_posix() for s in good])
    return Reading((*good, *bad), PLAIN, tuple(notes))


def read_flat_folder(folder: Path, product: str) -> Reading | None:
    """Reads a folder that holds images and no folders of images: all are good, for training.

    Returns:
        None if there are no images directly in the folder.
    """
    images = images_directly_in(folder)
    if not images:
        return None
    return Reading(tuple(Sample(path, product, Split.TRAIN) for path in images), FLAT)


def with_test_share(good: list[Sample], names: list[str]) -> list[Sample]:
    """The same good samples of one product, those that `held_out` picks as test samples.

    Args:
        good: samples.
        names: the name of each by which it is picked.
    """
    picked = held_out(names)
    return [
        replace(sample, split=Split.TEST if name in picked else Split.TRAIN)
        for sample, name in zip(good, names, strict=True)
    ]
