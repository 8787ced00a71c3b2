"""What a data set consists of: samples, their split, and what is odd about them."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

DEFECT = "defect"
"""Kind of a defect of which nobody said more."""

_LONGEST_KEY = 64


class DataError(Exception):
    """A data set cannot be used; the message is a sentence for the user."""


class Split(StrEnum):
    """What a picture is for."""

    TRAIN = "train"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Sample:
    """One picture of a part.

    Attributes:
        path: the image file.
        product: name of the product, as folder or list has it.
        split: whether it is for training or for testing.
        kind: kind of the defect, `DEFECT` where it is not known; empty for a good part.
        mask: image of the same size that is not 0 where the defect is; None where there is none.
    """

    path: Path
    product: str
    split: Split
    kind: str = ""
    mask: Path | None = None

    @property
    def good(self) -> bool:
        """Whether the part has no defect."""
        return not self.kind


@dataclass(frozen=True, slots=True)
class DataSet:
    """All samples of the sources.

    Attributes:
        samples: source after source, in natural order of the names or as the list has them.
        layout: how the sources were laid out, for example ``MVTec AD``.
        sources: what was asked for.
        notes: sentences on what is odd but no reason to stop.
    """

    samples: tuple[Sample, ...]
    layout: str
    sources: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def products(self) -> tuple[str, ...]:
        """Names of the products, sorted."""
        return tuple(sorted({sample.product for sample in self.samples}))

    def train(self, product: str | None = None) -> tuple[Sample, ...]:
        """The normal training samples, of one product or of all."""
        return tuple(s for s in self._of(product) if s.split is Split.TRAIN and s.good)

    def test(self, product: str | None = None) -> tuple[Sample, ...]:
        """The test samples, good and defective, of one product or of all."""
        return tuple(s for s in self._of(product) if s.split is Split.TEST)

    def require_training(self) -> None:
        """Raises DataError if a product has no good training image."""
        empty = [name for name in self.products if not self.train(name)]
        if empty:
            raise DataError(
                f"There are no good training images of {listed(empty)}; add some (train/good in "
                "MVTec AD layout, good/ in plain folders) or leave the product out."
            )

    def require_test(self) -> None:
        """Raises DataError if there is no test image at all."""
        if not self.test():
            raise DataError(
                f"There are no test images in {listed(self.sources)}; add good and defective ones "
                "(test/good and test/KIND in MVTec AD layout, folders of defects beside good/ in "
                "plain folders)."
            )

    def _of(self, product: str | None) -> Iterable[Sample]:
        return (s for s in self.samples if product is None or s.product == product)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one source gave.

    Attributes:
        samples: its samples.
        layout: how it is laid out.
        notes: what is odd about it.
        is_list: whether a list named the products; lists may describe the same product.
    """

    samples: tuple[Sample, ...]
    layout: str
    notes: tuple[str, ...] = ()
    is_list: bool = False


def product_key(name: str) -> str:
    """Key of a product for the manifest of a model package.

    Accents are dropped and anything else but ``a-z``, ``0-9`` and ``_`` becomes ``-``. Where
    letters are lost, a part of the name's hash keeps two such names apart.

    Returns:
        At most 64 characters of ``[a-z0-9_-]``, beginning with a letter or digit. Two names may
        still have the same key (``Cap`` and ``cap``).
    """
    folded = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(c for c in folded if not unicodedata.combining(c))
    key = re.sub(r"[^a-z0-9_]+", "-", plain).strip("-_")
    if key and len(key) <= _LONGEST_KEY and not any(c.isalnum() and c > "\x7f" for c in plain):
        return key
    digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return f"{(key or 'product')[: _LONGEST_KEY - 9].rstrip('-_')}-{digest}"


def printable(name: object) -> str:
    """A file name as text that any terminal or file takes, whatever bytes it is made of."""
    return str(name).encode("utf-8", "backslashreplace").decode()


def listed(names: Iterable[object], most: int = 5) -> str:
    """``a, b, c and 4 more``, for a sentence."""
    shown = [printable(name) for name in names]
    rest = len(shown) - most
    return ", ".join(shown[:most]) + (f" and {rest} more" if rest > 0 else "")


def counted(count: int, one: str, many: str = "") -> str:
    """``1 image``, ``3 images``."""
    return f"{count} {one if count == 1 else many or one + 's'}"
