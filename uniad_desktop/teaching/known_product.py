"""A product of this station where so far only the model knows it."""

from __future__ import annotations

from pathlib import Path

from uniad_desktop.engine.manifest import ProductEntry
from uniad_desktop.teaching.products import Product, ProductStore


def ensure_product(data_folder: Path, key: str, entry: ProductEntry | None) -> Product:
    """A product of this station; one that only the model knows is made one, with its regions.

    Args:
        data_folder: of the station.
        key: of the product.
        entry: what the model knows of it; None: nothing.

    Raises:
        ProductError: neither station nor model knows it, or the disk refuses.
    """
    store = ProductStore(data_folder)
    there = {one.key for one in store.listing(archived=True).products}
    if entry is None or key in there:
        return store.get(key)
    return store.create(key, dict(entry.titles), layout=entry.layout, least_area=entry.least_area)
