"""VisA as it is downloaded: ``CLASS/Data/Images`` with the split in ``split_csv/1cls.csv``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from uniad_desktop.training.datasets.lists import read_list
from uniad_desktop.training.datasets.masks import MaskFolders
from uniad_desktop.training.datasets.plain_folders import with_test_share
from uniad_desktop.training.datasets.sample import Reading, Sample, Split, listed, printable
from uniad_desktop.training.datasets.split_folders import kind_samples
from uniad_desktop.training.datasets.walk import folders_in
from uniad_desktop.training.datasets.words import means_good

VISA = "VisA"

_SPLIT = Path("split_csv", "1cls.csv")
_IMAGES = Path("Data", "Images")
_MASKS = Path("Data", "Masks")


def read_visa(folder: Path) -> Reading | None:
    """Reads VisA's root folder or one of its classes.

    The split is that of ``split_csv/1cls.csv``, for classes that are there. Without that file, and
    for classes it does not know, defects are for testing with a fixed share of the good ones.

    Returns:
        None if the folder is not laid out like that.

    Raises:
        DataError: the table of the split cannot be used.
    """
    if (folder / _IMAGES).is_dir():
        root, classes = folder.parent, [folder]
    else:
        root = folder
        classes = [child for child in folders_in(folder) if (child / _IMAGES).is_dir()]
    if not classes:
        return None
    samples: list[Sample] = []
    notes: list[str] = []
    if (root / _SPLIT).is_file():
        names = {printable(child.name) for child in classes}
        table = read_list(root / _SPLIT, root)
        samples = [sample for sample in table.samples if sample.product in names]
        notes += table.notes
    unsplit = [c for c in classes if printable(c.name) not in {s.product for s in samples}]
    for child in unsplit:
        samples += _unsplit(child)
    if unsplit:
        notes.append(
            f"{printable(root / _SPLIT)} has no split of {listed(c.name for c in unsplit)}: a "
            "fixed fifth of the good images is for testing, the rest for training."
        )
    return Reading(tuple(samples), VISA, tuple(notes))


def _unsplit(folder: Path) -> Iterator[Sample]:
    product = printable(folder.name)
    masks = MaskFolders(path for path in [folder / _MASKS] if path.is_dir())
    good: list[Sample] = []
    bad: list[Sample] = []
    for child in folders_in(folder / _IMAGES):
        if means_good(child.name):
            good += kind_samples(child, Split.TRAIN, product, masks)
        else:
            bad += kind_samples(child, Split.TEST, product, masks)
    yield from with_test_share(good, [s.path.relative_to(folder).as_posix() for s in good])
    yield from bad
