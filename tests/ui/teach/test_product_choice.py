"""Which products can be taught."""

from __future__ import annotations

import pytest

from tests.helpers import make_tiny_package
from tests.ui.fake_station import LIMITS
from uniad_desktop.engine.package import PackageError
from uniad_desktop.inspection.types import ProductInfo
from uniad_desktop.teaching.products import ProductError, ProductStore
from uniad_desktop.ui.teach.product_choice import (
    NEW,
    Choice,
    choices_of,
    create,
    ensure,
    key_of,
)


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("Bolt M8", "bolt-m8"),
        ("  Flanş — Ø 12 ", "flans-12"),
        ("轴承盖", "product"),
        ("轴承盖 22", "22"),
        ("---", "product"),
        ("x" * 100, "x" * 48),
        ("CON", "con"),
    ],
)
def test_a_key_from_a_title(title, key):
    assert key_of(title) == key
    assert NEW not in (key, key_of(NEW))


def test_titles_may_be_alike(tmp_path):
    made = [create(tmp_path, title, "en").key for title in ("Bolt", "bolt", "Bolt!")]
    assert made == ["bolt", "bolt-2", "bolt-3"]
    assert create(tmp_path, "轴承盖", "zh_CN") == Choice("product", "轴承盖", known=False)
    product = ProductStore(tmp_path).get("product")
    assert (product.title("zh_CN"), product.title("en")) == ("轴承盖", "轴承盖")


@pytest.mark.parametrize("title", ["y" * 5000, "CON", "\u0000"])
def test_an_odd_title_is_a_product_or_a_sentence(tmp_path, title):
    try:
        made = create(tmp_path, title, "en")
    except ProductError as error:
        assert str(error).endswith((".", "key."))
    else:
        assert ProductStore(tmp_path).get(made.key).key == made.key


def test_own_products_come_first_and_archived_ones_not_at_all(tmp_path):
    store = ProductStore(tmp_path)
    store.create("bolt", {"en": "Bolt"})
    store.create("label", {"en": "Our label"})
    store.create("gone", {"en": "Gone"})
    store.archive("gone")
    known = [ProductInfo(key, {"en": key.title()}, LIMITS) for key in ("flange", "label", "gone")]
    assert choices_of(tmp_path, known, "en") == (
        Choice("bolt", "Bolt", known=False),
        Choice("label", "Our label", known=True),
        Choice("flange", "Flange", known=True),
    )


def test_what_only_the_model_knows_is_made_a_product_here(tmp_path):
    make_tiny_package(tmp_path / "models")
    made = ensure(tmp_path, "tiny", "flange", "zh_CN")
    assert made == Choice("flange", "机加工法兰", known=True)
    assert ProductStore(tmp_path).get("flange").title("en") == "Machined flange"
    assert ensure(tmp_path, "tiny", "flange", "en").title == "Machined flange"
    ProductStore(tmp_path).create("bolt", {"en": "Bolt"})
    assert ensure(tmp_path, "tiny", "bolt", "en") == Choice("bolt", "Bolt", known=False)
    with pytest.raises(ProductError, match="nothing"):
        ensure(tmp_path, "tiny", "nothing", "en")
    with pytest.raises(PackageError):
        ensure(tmp_path, "no-model", "bolt", "en")
