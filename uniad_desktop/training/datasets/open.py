"""From what the user names to one data set."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from uniad_desktop.simulator.parts import PRODUCTS
from uniad_desktop.training.datasets.layouts import read_folder
from uniad_desktop.training.datasets.list_paths import listed_source
from uniad_desktop.training.datasets.lists import read_list
from uniad_desktop.training.datasets.sample import (
    DataError,
    DataSet,
    Reading,
    Sample,
    Split,
    counted,
    listed,
    printable,
)
from uniad_desktop.training.datasets.simulated_source import is_simulated, read_simulated
from uniad_desktop.training.datasets.words import folded


def open_data(
    sources: Sequence[str | Path],
    *,
    products: Sequence[str] = (),
    work: Path,
    report: Callable[[int, int], None] | None = None,
) -> DataSet:
    """Opens folders, lists and simulated parts as one data set; no image is read yet.

    Two folders may not have a product of the same name: whether it is the same product is for the
    user to say, by another name or by a list. A list may speak of a product that another source
    has too, as a list for training and one for testing do.

    Args:
        sources: each a folder, a CSV or JSON-lines list (``LIST@ROOT`` with the folder that its
            paths are relative to), or ``simulated``, ``simulated:N``, ``simulated:N:M``.
        products: names of the products to keep, case does not count; all if empty.
        work: folder for what is rendered.
        report: called with (done, all) while parts are rendered; may raise to end the work.

    Raises:
        DataError: a source, a line in a list or a product's name cannot be used.
        OSError: simulated parts cannot be written.
    """
    if not sources or not all(str(source).strip() for source in sources):
        raise DataError("No data were named; give a folder, a list or the word simulated.")
    names = tuple(printable(source) for source in sources)
    readings = [_read(source, products, work, report) for source in sources]
    _check_names(names, readings)
    samples, notes = _distinct(sample for reading in readings for sample in reading.samples)
    chosen = _chosen(samples, products)
    return DataSet(
        samples=chosen,
        layout=" + ".join(dict.fromkeys(reading.layout for reading in readings)),
        sources=names,
        notes=(*(note for reading in readings for note in reading.notes), *notes, *_odd(chosen)),
    )


def _read(
    source: str | Path,
    products: Sequence[str],
    work: Path,
    report: Callable[[int, int], None] | None,
) -> Reading:
    if isinstance(source, str) and is_simulated(source):
        wanted = {folded(name) for name in products}
        # What is not wanted is not rendered.
        few = [name for name in PRODUCTS if name in wanted or not wanted]
        return read_simulated(source, work, few, report)
    path, root = listed_source(str(source))
    try:
        path = path.resolve() if ".." in path.parts else path.absolute()
        if path.is_dir():
            return read_folder(path)
        if path.is_file():
            return read_list(path, root.absolute() if root else None)
        there = path.exists()
    except OSError as error:
        raise DataError(f"{printable(path)} cannot be read: {error.strerror or error}.") from error
    raise DataError(
        f"{printable(path)} is neither a folder nor a file."
        if there
        else f"{printable(path)} does not exist; give a folder, a list (CSV or JSON lines) or the "
        "word simulated."
    )


def _check_names(sources: Sequence[str], readings: Sequence[Reading]) -> None:
    owner: dict[str, str] = {}
    for source, reading in zip(sources, readings, strict=True):
        if reading.is_list:
            continue
        for product in {sample.product for sample in reading.samples}:
            if product in owner:
                raise DataError(
                    f"Both {owner[product]} and {source} have a product {product}. Rename one of "
                    "the folders, or write a list (CSV) with the images of both if they show the "
                    "same product."
                )
            owner[product] = source


def _distinct(samples: Iterable[Sample]) -> tuple[tuple[Sample, ...], list[str]]:
    """The samples without those that say the same twice, and notes on what was found."""
    known: dict[tuple[str, str, Split], Sample] = {}
    seen: dict[tuple[str, str], Sample] = {}
    twice: list[Path] = []
    both: list[Path] = []
    for sample in samples:
        # A link counts as the file that it leads to.
        same = (os.path.realpath(sample.path), sample.product)
        first = seen.setdefault(same, sample)
        if first.good != sample.good:
            raise DataError(
                f"{printable(sample.path)} is good in one place of the data and defective in "
                "another; correct the list."
            )
        if first.split is not sample.split:
            both.append(sample.path)
        key = (*same, sample.split)
        if key in known:
            twice.append(sample.path)
        known.setdefault(key, sample)
    notes = []
    if twice:
        notes.append(
            f"{counted(len(twice), 'image')} named more than once and used once: "
            f"{listed(twice, 3)}."
        )
    if both:
        notes.append(
            f"{counted(len(both), 'image')} in both training and test, which makes the figures "
            f"of a test too good: {listed(both, 3)}."
        )
    return tuple(known.values()), notes


def _chosen(samples: tuple[Sample, ...], products: Sequence[str]) -> tuple[Sample, ...]:
    if not products:
        return samples
    # Nothing is there if all is rendered and none of it wanted.
    there = sorted({sample.product for sample in samples}) or list(PRODUCTS)
    wanted: set[str] = set()
    for name in products:
        exact = [product for product in there if product == name]
        alike = exact or [product for product in there if folded(product) == folded(name)]
        if not alike:
            raise DataError(
                f"There is no product {printable(name)} in the data; there are {listed(there, 50)}."
            )
        wanted.update(alike)
    return tuple(sample for sample in samples if sample.product in wanted)


def _odd(samples: Sequence[Sample]) -> list[str]:
    """What a person should know of the products before training or testing with them."""
    training = Counter(s.product for s in samples if s.split is Split.TRAIN and s.good)
    spoiled = Counter(s.product for s in samples if s.split is Split.TRAIN and not s.good)
    defects = Counter(s.product for s in samples if s.split is Split.TEST and not s.good)
    unmasked = Counter(
        s.product for s in samples if s.split is Split.TEST and not s.good and s.mask is None
    )
    notes = []
    for product in sorted({sample.product for sample in samples}):
        if training[product] == 0:
            notes.append(f"{product}: no good training images.")
        if training[product] == 1:
            notes.append(f"{product}: only one good training image.")
        if spoiled[product]:
            notes.append(
                f"{product}: {counted(spoiled[product], 'defective image')} in the training set "
                "not used."
            )
        if unmasked[product]:
            notes.append(
                f"{product}: {unmasked[product]} of {defects[product]} defective test images "
                "without a mask."
            )
    return notes
