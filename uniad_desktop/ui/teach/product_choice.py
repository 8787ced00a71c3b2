"""Which products can be taught: those of this station and those that the model knows. No Qt."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from uniad_desktop.app import open_model
from uniad_desktop.inspection.types import ProductInfo
from uniad_desktop.station_options import StationOptions
from uniad_desktop.teaching.known_product import ensure_product
from uniad_desktop.teaching.products import ProductError, ProductStore

NEW = "+new"
"""No key of a product: a new one is wished for."""

_FALLBACK = "product"


@dataclass(frozen=True, slots=True)
class Choice:
    """A product that can be taught.

    Attributes:
        key: of the product.
        title: in the language of the screen.
        known: whether the model knows it already.
    """

    key: str
    title: str
    known: bool


def choices_of(
    data_folder: Path, known: Sequence[ProductInfo], language: str
) -> tuple[Choice, ...]:
    """Products in use at this station, then those that only the model knows."""
    listed = ProductStore(data_folder).listing(archived=True).products
    keys = {one.key for one in known}
    there = {one.key for one in listed}
    own = [
        Choice(one.key, one.title(language), one.key in keys) for one in listed if not one.archived
    ]
    others = [Choice(one.key, one.title(language), True) for one in known if one.key not in there]
    return (*own, *others)


def ensure(data_folder: Path, model: str, key: str, language: str) -> Choice:
    """A product of this station; one that only the model knows is made one, with its regions.

    Args:
        data_folder: of the station.
        model: name of its model.
        key: of the product.
        language: code of the title's language.

    Raises:
        ProductError: there is no such product, or the disk refuses.
        PackageError: the model cannot be read.
    """
    package = open_model(StationOptions(camera="", data_folder=data_folder, model=model))
    entry = package.manifest.products.get(key)
    product = ensure_product(data_folder, key, entry)
    return Choice(key, product.title(language), entry is not None)


def create(data_folder: Path, title: str, language: str) -> Choice:
    """A new product; its key is made from the title.

    Raises:
        ProductError: the disk refuses.
    """
    store = ProductStore(data_folder)
    stem = key_of(title)
    for number in range(1, 1000):
        key = stem if number == 1 else f"{stem}-{number}"
        titles = {"en": title} if language == "en" else {"en": title, language: title}
        if any(one.key == key for one in store.listing(archived=True).products):
            continue
        return Choice(store.create(key, titles).key, title, known=False)
    raise ProductError(f"There are too many products called '{title}'; choose another name.")


def key_of(title: str) -> str:
    """A key from a title: what is Latin in it, else ``product``."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:48].strip("-") or _FALLBACK
