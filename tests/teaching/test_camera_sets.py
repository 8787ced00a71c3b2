"""The feature set of a product: kept, taken away, carried on, and what goes before it."""

from __future__ import annotations

import pytest

from uniad_desktop.cameras.feature_set import FeatureEntry, FeatureSet, FeatureSetError, load
from uniad_desktop.teaching.camera_sets import (
    clear_for_product,
    keep_for_product,
    kept_set,
    set_of_product,
)
from uniad_desktop.teaching.products import ProductError, ProductStore

SET = FeatureSet(
    (
        FeatureEntry("ExposureTime", "2000.0"),
        FeatureEntry("Gain", "1.0", (("GainSelector", "Red"),)),
        FeatureEntry("Gain", "2.0", (("GainSelector", "Blue"),)),
        FeatureEntry("ReverseX", "1"),
    ),
    model="M1",
)


@pytest.fixture
def store(tmp_path):
    made = ProductStore(tmp_path)
    made.create(
        "cap",
        {"en": "Cap"},
        camera={"ExposureTime": 500, "ReverseX": False, "Gain": 3.0, "DeviceModelName": "M1"},
    )
    return made


def test_a_product_without_a_set_leaves_the_camera_as_it_is(store, tmp_path):
    assert set_of_product(tmp_path, "cap") is None
    assert set_of_product(tmp_path, "unheard-of") is None
    assert clear_for_product(tmp_path, "cap") is False


def test_what_is_kept_is_the_products_and_agrees_with_its_own_values(store, tmp_path):
    product = keep_for_product(tmp_path, "cap", SET)
    assert product == store.get("cap")
    # Gain is in the set more than once, so that nothing tells which is meant.
    assert product.camera == {
        "ExposureTime": "2000.0",
        "ReverseX": True,
        "Gain": 3.0,
        "DeviceModelName": "M1",
    }
    assert kept_set(tmp_path, "cap") == SET


def test_values_of_the_product_itself_win(store, tmp_path):
    keep_for_product(tmp_path, "cap", SET)
    store.save(store.get("cap").changed(camera={"ExposureTime": 750.5, "ReverseX": False}))
    wanted = set_of_product(tmp_path, "cap")
    assert wanted is not None and wanted.entries[:4] == SET.entries
    assert wanted.entries[4:] == (
        FeatureEntry("ExposureTime", "750.5"),
        FeatureEntry("ReverseX", "0"),
    )


def test_a_set_is_taken_away_and_copied_with_its_product(store, tmp_path):
    keep_for_product(tmp_path, "cap", SET)
    store.copy("cap", "lid")
    assert kept_set(tmp_path, "lid") == SET
    assert clear_for_product(tmp_path, "cap") is True
    assert kept_set(tmp_path, "cap") is None
    assert load(tmp_path / "products" / "cap" / "camera.previous.pfs") == SET


def test_what_goes_wrong_is_a_sentence(store, tmp_path):
    with pytest.raises(ProductError, match="There is no product 'lid'"):
        keep_for_product(tmp_path, "lid", SET)
    with pytest.raises(ProductError, match="tab or a line break"):
        keep_for_product(tmp_path, "cap", FeatureSet((FeatureEntry("A", "\n"),)))
    (tmp_path / "products" / "cap" / "camera.pfs").write_text("nonsense")
    with pytest.raises(FeatureSetError, match=r"camera\.pfs, line 1"):
        set_of_product(tmp_path, "cap")
    keep_for_product(tmp_path, "cap", SET)
    (tmp_path / "products" / "cap" / "product.json").write_text("nonsense")
    with pytest.raises(FeatureSetError, match="could not be understood"):
        set_of_product(tmp_path, "cap")
