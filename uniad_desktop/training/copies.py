"""Test images that are copies of training images: they make the figures of a test too good."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from uniad_desktop.training.datasets.reader import image_hash
from uniad_desktop.training.datasets.sample import DataError, Sample, counted, listed, printable


def check_copies(train: Sequence[Sample], hashes: Sequence[bytes], test: Sequence[Sample]) -> str:
    """Looks for training images among the test images of the same product, by what files hold.

    Only test files that are as large as a training file are read. Links to one file are told when
    the data are opened.

    Args:
        train: good images that are trained on.
        hashes: SHA-256 of each.
        test: good and defective images.

    Returns:
        A sentence for the user, or empty.

    Raises:
        DataError: a good training image is a defective one in the test.
    """
    known = {(one.product, key): one for one, key in zip(train, hashes, strict=True)}
    places = {os.path.realpath(one.path) for one in train}
    sizes = {_size(one.path) for one in train} - {-1}
    found: list[Path] = []
    for sample in test:
        if _size(sample.path) not in sizes or os.path.realpath(sample.path) in places:
            continue
        same = known.get((sample.product, bytes.fromhex(image_hash(sample.path))))
        if same is None:
            continue
        if not sample.good:
            raise DataError(
                f"{printable(same.path)} is a good image to train on, and {printable(sample.path)} "
                "holds the very same as a defective one; remove the one that is wrong."
            )
        found.append(sample.path)
    if not found:
        return ""
    copies = "is a copy of a training image" if len(found) == 1 else "are copies of training images"
    return (
        f"{counted(len(found), 'test image')} {copies}, which makes the figures of a test too "
        f"good: {listed(found, 3)}."
    )


def _size(path: Path) -> int:
    """In bytes; -1 where there is no such file, which is named when it is to be measured."""
    try:
        return path.stat().st_size
    except OSError:
        return -1
