"""Where the camera settings and regions of products come from: the data folder. No Qt."""

from __future__ import annotations

from pathlib import Path

from uniad_desktop.cameras.feature_set import FeatureSet, load, save
from uniad_desktop.engine.layout import Layout
from uniad_desktop.teaching.image_folder import StoreError
from uniad_desktop.teaching.products import PRODUCTS, ProductStore
from uniad_desktop.ui.setup.context import ProductCamera

FILE = "camera.pfs"


def product_camera(data_folder: Path) -> ProductCamera:
    """The settings that belong to the products of a data folder."""
    store = ProductStore(data_folder)

    def place(key: str) -> Path:
        return data_folder / PRODUCTS / key / FILE

    def set_of(key: str) -> FeatureSet | None:
        path = place(key)
        return load(path) if path.is_file() else None

    def keep(key: str, wanted: FeatureSet) -> None:
        store.get(key)  # only a product that this station knows has a folder
        save(place(key), wanted)

    def layout_of(key: str) -> Layout | None:
        try:
            return store.get(key).layout
        except StoreError:  # the model knows it, and this station never taught it
            return None

    return ProductCamera(set_of, keep, layout_of)
