"""A product's feature set: the camera settings that it is inspected with.

It lies as ``products/KEY/camera.pfs`` in the data folder, a file that viewers of camera makers read
as well. Values of the product itself (`Product.camera`) go before those of the file.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from uniad_desktop.cameras import feature_set
from uniad_desktop.cameras.feature_set import FeatureEntry, FeatureSet, FeatureSetError
from uniad_desktop.files import former_of
from uniad_desktop.teaching.image_folder import StoreError, locked
from uniad_desktop.teaching.products import (
    CAMERA,
    FILE,
    PRODUCTS,
    Feature,
    Product,
    ProductError,
    ProductStore,
)


def keep_for_product(data_folder: Path, key: str, wanted: FeatureSet) -> Product:
    """Keeps a set for a product; a former one stays as ``camera.previous.pfs``.

    Values of the product itself that are in the set once become those of the set, so that both
    agree.

    Returns:
        The product as it is now.

    Raises:
        ProductError: there is no such product, or the disk refuses.
    """
    store = ProductStore(data_folder)
    product = store.get(key)
    path = _path(data_folder, key)
    try:
        with locked(path.parent):
            feature_set.save(path, wanted)
    except (FeatureSetError, StoreError) as error:
        raise ProductError(str(error)) from error
    values = dict(product.camera)
    for name, former in product.camera.items():
        found = [entry for entry in wanted.entries if entry.name == name]
        if len(found) == 1:
            values[name] = like(former, found[0].value)
    return product if values == product.camera else store.save(product.changed(camera=values))


def clear_for_product(data_folder: Path, key: str) -> bool:
    """Takes the set away, whether there was one; it stays as ``camera.previous.pfs``.

    Raises:
        ProductError: there is no such product, or the disk refuses.
    """
    ProductStore(data_folder).get(key)
    path = _path(data_folder, key)
    try:
        with locked(path.parent):
            if not path.exists():
                return False
            path.replace(former_of(path))
    except OSError as error:
        raise ProductError(
            f"{path} could not be taken away: {error.strerror or error}; check the access rights."
        ) from error
    except StoreError as error:
        raise ProductError(str(error)) from error
    return True


def kept_set(data_folder: Path, key: str) -> FeatureSet | None:
    """The set in the product's file; None where it has none. Raises FeatureSetError."""
    path = _path(data_folder, key)
    return feature_set.load(path) if path.exists() else None


def set_of_product(data_folder: Path, key: str) -> FeatureSet | None:
    """What the camera is to be set to for a product; None where no set was kept for it.

    Values of the product itself come last, so that they win.

    Raises:
        FeatureSetError: the set or the product cannot be read.
    """
    kept = kept_set(data_folder, key)
    if kept is None:
        return None
    if not _path(data_folder, key).with_name(FILE).exists():
        return kept
    try:
        product = ProductStore(data_folder).get(key)
    except StoreError as error:
        raise FeatureSetError(str(error)) from error
    own = tuple(
        FeatureEntry(name, _text(value))
        for name, value in product.camera.items()
        if not name.startswith("Device")  # who the camera is, which is only compared
    )
    return replace(kept, entries=(*kept.entries, *own))


def _path(data_folder: Path, key: str) -> Path:
    return data_folder / PRODUCTS / key / CAMERA


def _text(value: Feature) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def like(former: Feature, text: str) -> Feature:
    """A text of a set as a value of the kind that another value is; a text where it is none."""
    try:
        if isinstance(former, bool):
            return {"1": True, "true": True, "0": False, "false": False}[text.strip().lower()]
        if isinstance(former, int):
            return int(text, 0)
        return float(text) if isinstance(former, float) else text
    except (ValueError, KeyError):
        return text
