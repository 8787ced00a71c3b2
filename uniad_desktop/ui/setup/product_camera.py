"""Where the camera settings and regions of products come from: the data folder. No Qt."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from uniad_desktop.cameras.feature_set import FeatureSet
from uniad_desktop.engine.layout import Layout
from uniad_desktop.teaching.camera_sets import keep_for_product, set_of_product
from uniad_desktop.teaching.image_folder import StoreError
from uniad_desktop.teaching.products import ProductStore
from uniad_desktop.ui import language
from uniad_desktop.ui.setup.context import ProductCamera
from uniad_desktop.ui.teach.product_choice import ensure


def product_camera(data_folder: Path, model: str) -> ProductCamera:
    """The settings that belong to the products of a data folder.

    Args:
        data_folder: of the station.
        model: name of its model, some of whose products may have no folder here yet.
    """
    store = ProductStore(data_folder)

    def keep(key: str, wanted: FeatureSet) -> None:
        ensure(data_folder, model, key, language.current())
        keep_for_product(data_folder, key, wanted)

    def layout_of(key: str) -> Layout | None:
        try:
            return store.get(key).layout
        except StoreError:  # the model knows it, and this station never taught it
            return None

    return ProductCamera(partial(set_of_product, data_folder), keep, layout_of)
