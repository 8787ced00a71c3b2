"""Samples from CSV and JSON-lines lists, the UniAD authors' ``train.json`` among them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from uniad_desktop.training.datasets.list_paths import (
    PathFacts,
    expanded,
    facts_of,
    find_root,
    locate,
)
from uniad_desktop.training.datasets.list_rows import Row, read_rows
from uniad_desktop.training.datasets.plain_folders import with_test_share
from uniad_desktop.training.datasets.sample import (
    DEFECT,
    DataError,
    Reading,
    Sample,
    Split,
    counted,
    listed,
    printable,
)
from uniad_desktop.training.datasets.words import (
    means_defect,
    means_good,
    means_validation,
    split_in_name,
    split_of,
)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A sample whose split may still be open, and its image as the list has it."""

    sample: Sample
    open: bool
    text: str


def read_list(path: Path, root: Path | None = None) -> Reading:
    """Reads a list.

    What a row does not say is taken from elsewhere: the split from the list's own name (train,
    test), then from a path as MVTec AD has it, else defects are for testing with a fixed share of
    the good images (`held_out`); the product from such a path, else from the root's name; whether
    the part is good from such a path only. Rows of a validation split are left out.

    Args:
        path: the list.
        root: folder that its paths are relative to; None to look for it (`find_root`). A column
            ``root`` goes before it, relative to the list's folder.

    Raises:
        DataError: the list cannot be read, or a line in it cannot be used, which is named.
    """
    table = read_rows(path)
    if root is None:
        root = find_root(path, [r.text("image") for r in table.rows if not r.text("root")])
    named_split = split_in_name(path.stem)
    entries: list[_Entry] = []
    validation = 0
    for row in table.rows:
        if means_validation(row.text("split")):
            validation += 1
            continue
        try:
            entries.append(_entry(row, path, root, named_split))
        except DataError as error:
            raise DataError(f"{printable(path)}, line {row.line}: {error}") from error
    notes = []
    if validation:
        notes.append(f"{printable(path)}: {counted(validation, 'validation image')} left out.")
    if table.unknown:
        notes.append(f"{printable(path)}: the columns {listed(table.unknown)} are not used.")
    return Reading(tuple(_with_splits(entries)), table.layout, tuple(notes), is_list=True)


def _entry(row: Row, path: Path, root: Path, named_split: Split | None) -> _Entry:
    text = row.text("image")
    if not text:
        raise DataError("there is no image in it.")
    if row.text("root"):
        root = path.parent / expanded(row.text("root"))
    facts = facts_of(text)
    kind = _kind(row, facts)
    split = _split(row) or named_split or facts.split
    mask = row.text("mask")
    sample = Sample(
        path=locate(text, root),
        product=printable(row.text("product") or facts.product or root.absolute().name),
        split=split or (Split.TEST if kind else Split.TRAIN),
        kind=printable(kind),
        mask=locate(mask, root) if mask and kind else None,
    )
    return _Entry(sample, split is None, text)


def _split(row: Row) -> Split | None:
    text = row.text("split")
    split = split_of(text)
    if text and split is None:
        raise DataError(f"the split is {printable(text)}; it must be train or test.")
    return split


def _kind(row: Row, facts: PathFacts) -> str:
    """Kind of the defect; empty for a good part."""
    good, word = _goodness(row.values.get("label"))
    named = row.text("kind")
    if good is None and not named and facts.kind:
        named = facts.kind
    if good is None and not named:
        raise DataError("it says neither label (0 or 1) nor kind (good, or that of the defect).")
    if named and good is not None and means_good(named) != good:
        raise DataError(
            f"label {printable(row.values['label'])} and kind {printable(named)} contradict."
        )
    if good or (named and means_good(named)):
        return ""
    path_kind = "" if means_good(facts.kind) else facts.kind
    for candidate in (named, word, path_kind):
        if candidate and not means_defect(candidate):
            return candidate
    return DEFECT


def _goodness(label: Any) -> tuple[bool | None, str]:  # noqa: ANN401 (whatever JSON holds)
    """Whether a label says good (None: it says nothing), and the kind if it names one."""
    if label is None:
        return None, ""
    if isinstance(label, str):
        text = label.strip()
        if means_good(text):
            return True, ""
        try:
            label = float({"false": "0", "true": "1"}.get(text.lower(), text))
        except ValueError:
            return False, text
    if not isinstance(label, int | float) or label not in (0, 1):
        raise DataError(
            f"the label is {printable(label)}; it must be 0 or good, 1 or defect, or the kind of "
            "the defect."
        )
    return label == 0, ""


def _with_splits(entries: Iterable[_Entry]) -> list[Sample]:
    """Closes what is open: of products with defects, a share of such good images is for testing."""
    entries = list(entries)
    samples = [entry.sample for entry in entries]
    for product in {sample.product for sample in samples}:
        own = [i for i, sample in enumerate(samples) if sample.product == product]
        free = [i for i in own if entries[i].open and samples[i].good]
        tested = any(samples[i].split is Split.TEST and samples[i].good for i in own)
        if not free or tested or all(samples[i].good for i in own):
            continue
        shared = with_test_share([samples[i] for i in free], [entries[i].text for i in free])
        for index, sample in zip(free, shared, strict=True):
            samples[index] = sample
    return samples
