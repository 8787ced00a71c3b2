import re
from pathlib import Path

import pytest

from uniad_desktop.training.datasets import DataError, DataSet, Sample, Split, product_key
from uniad_desktop.training.datasets.holdout import held_out
from uniad_desktop.training.datasets.sample import counted, listed, printable


def some_data() -> DataSet:
    return DataSet(
        (
            Sample(Path("b1"), "nut", Split.TRAIN),
            Sample(Path("a1"), "bolt", Split.TRAIN),
            Sample(Path("a2"), "bolt", Split.TRAIN, "scratch"),
            Sample(Path("a3"), "bolt", Split.TEST, "scratch"),
            Sample(Path("a4"), "bolt", Split.TEST),
        ),
        "MVTec AD",
        ("here",),
    )


def test_products_are_sorted_and_samples_are_picked_by_split_and_product():
    data = some_data()
    assert data.products == ("bolt", "nut")
    assert [s.path.name for s in data.train()] == ["b1", "a1"]
    assert [s.path.name for s in data.train("bolt")] == ["a1"]
    assert [s.path.name for s in data.test()] == ["a3", "a4"]
    assert data.test("nut") == ()
    assert data.train("screw") == ()


def test_what_training_and_testing_need_is_asked_for():
    data = some_data()
    data.require_training()
    data.require_test()
    only_test = DataSet(data.test(), "MVTec AD", ("here",))
    with pytest.raises(DataError, match="no good training images of bolt"):
        only_test.require_training()
    with pytest.raises(DataError, match="no test images in here"):
        DataSet(data.train(), "MVTec AD", ("here",)).require_test()


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("metal_nut", "metal_nut"),
        ("Metal Nut 2", "metal-nut-2"),
        ("01", "01"),
        ("Größe", "grosse"),
        ("café", "cafe"),
        ("_x_", "x"),
        ("a/b\\c", "a-b-c"),
    ],
)
def test_a_products_key(name, key):
    assert product_key(name) == key


@pytest.mark.parametrize(
    "name", ["瓶盖", "瓶盖A", "螺母A", "", "---", "x" * 200, "\udc80", "é" * 90]
)
def test_keys_of_names_in_any_script_are_valid_and_differ(name):
    key = product_key(name)
    assert re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", key)
    assert key == product_key(name)
    assert key not in {product_key(other) for other in ("瓶", "母A", "x" * 201, "\udc81")}


def test_words_for_sentences():
    assert counted(1, "image") == "1 image"
    assert counted(2, "image") == "2 images"
    assert listed("abc", 2) == "a, b and 1 more"
    assert listed("ab", 2) == "a, b"
    printable("\udc80").encode()  # would raise


def test_about_a_fifth_is_held_out_whatever_else_there_is():
    names = [f"good/{number}.png" for number in range(1000)]
    picked = held_out(names)
    assert 150 < len(picked) < 250
    assert held_out(names[::-1]) == picked
    assert held_out(names[:500]) == picked & set(names[:500])


@pytest.mark.parametrize("count", range(8))
def test_few_images_leave_some_on_both_sides(count):
    for start in range(0, 200, 8):
        picked = held_out([f"{start + number}.png" for number in range(count)])
        assert (0 < len(picked) < count) if count > 1 else not picked


def test_both_ways_to_store_an_accent_are_held_out_alike():
    composed, parted = "caf\u00e9", "cafe\u0301"
    for number in range(30):
        others = [f"{n}.png" for n in range(20)]
        first = held_out([f"{composed}{number}.png", *others])
        second = held_out([f"{parted}{number}.png", *others])
        assert (f"{composed}{number}.png" in first) == (f"{parted}{number}.png" in second)
