"""What the product view reads and writes, on a worker. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.cameras.source import SourceInfo
from uniad_desktop.inspection.types import ProductInfo
from uniad_desktop.teaching.collection import PartCollection, State
from uniad_desktop.teaching.products import Feature, Product, ProductError, ProductStore
from uniad_desktop.ui.teach.product_choice import key_of

FIELDS: Final = ("titles", "codes", "layout", "least_area", "camera", "notes")
"""What the view changes."""

_MOST_COPIES = 1000


class Standing(StrEnum):
    """How a product stands to the model and to the station."""

    IN_MODEL = "in the model"
    NOT_TAUGHT = "not taught yet"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of the list of products."""

    key: str
    title: str
    standing: Standing


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A product and the newest accepted of its parts, (H, W) or (H, W, 3) uint8 RGB, or None."""

    product: Product
    example: NDArray[np.uint8] | None


def listed(
    data_folder: Path, known: Sequence[ProductInfo], language: str
) -> tuple[tuple[Listed, ...], tuple[str, ...]]:
    """All products, those in use first, and sentences on those that cannot be read."""
    found = ProductStore(data_folder).listing(archived=True)
    in_model = {one.key for one in known}
    rows = []
    for one in found.products:
        standing = Standing.IN_MODEL if one.key in in_model else Standing.NOT_TAUGHT
        if one.archived:
            standing = Standing.ARCHIVED
        rows.append(Listed(one.key, one.title(language), standing))
    there = {row.key for row in rows}
    rows += [
        Listed(one.key, one.title(language), Standing.IN_MODEL)
        for one in known
        if one.key not in there
    ]
    rows.sort(key=lambda row: (row.standing is Standing.ARCHIVED, row.title.casefold(), row.key))
    return tuple(rows), found.problems


def read(data_folder: Path, key: str) -> Shown:
    """Reads a product and an example of it. Raises StoreError."""
    product = ProductStore(data_folder).get(key)
    collection = PartCollection(data_folder, key)
    parts = collection.parts(State.ACCEPTED)
    return Shown(product, collection.image(parts[-1]) if parts else None)


def save(store: ProductStore, base: Product, wanted: Product) -> Product:
    """Writes what was changed; what somebody else changed meanwhile stays.

    Args:
        store: of the products.
        base: as it was read.
        wanted: as it should be.

    Returns:
        What was written.

    Raises:
        ProductError: the same was changed by somebody else, or the store refuses.
    """
    there = store.get(base.key)
    changes = {
        name: getattr(wanted, name)
        for name in FIELDS
        if getattr(wanted, name) != getattr(base, name)
    }
    for name, value in changes.items():
        if getattr(there, name) not in (getattr(base, name), value):
            raise ProductError(
                f"The {name.replace('_', ' ')} of '{base.key}' were changed elsewhere while you "
                "worked on them. Discard your changes to see what is there now, then change it "
                "again."
            )
    return store.save(there.changed(**changes))


def copy(store: ProductStore, key: str, title: str, language: str) -> Product:
    """A product with the settings of another; its key is made from the title. Raises ProductError.

    Args:
        store: of the products.
        key: of the product to copy.
        title: of the new one.
        language: code of the title's language.
    """
    stem = key_of(title)
    there = {one.key for one in store.listing(archived=True).products}
    free = (stem if number == 1 else f"{stem}-{number}" for number in range(1, _MOST_COPIES))
    new_key = next((one for one in free if one not in there), None)
    if new_key is None:
        raise ProductError(f"There are too many products called '{title}'; choose another name.")
    return store.copy(key, new_key, {"en": title, language: title})


def number_of(text: str, named: Callable[[str], str]) -> float | None:
    """A number that was typed, with a point or a comma; None for nothing.

    Args:
        text: what was typed.
        named: makes a sentence of what is no number.

    Raises:
        ProductError: it is no number.
    """
    plain = text.strip().replace(",", ".")
    if not plain:
        return None
    try:
        return float(plain)
    except ValueError as error:
        raise ProductError(named(text)) from error


def camera_now(info: SourceInfo | None, former: Mapping[str, Feature]) -> dict[str, Feature] | None:
    """The product's camera features with those that the camera has now; None where it tells none.

    Who the device is does not belong to a product: it should move between stations.
    """
    settings = info.settings if info is not None else {}
    now = {name: value for name, value in settings.items() if not name.startswith("Device")}
    return {**former, **now} if now else None
