"""Another exposure, another camera: told in plain words."""

import numpy as np
import pytest

from tests.teaching.parts import DOUBT, FIT, ORIGIN
from uniad_desktop.cameras.feature_set import FeatureEntry, FeatureSet
from uniad_desktop.teaching.camera_features import (
    Several,
    as_sentence,
    compare,
    differences,
    taught_features,
)
from uniad_desktop.teaching.camera_sets import keep_for_product
from uniad_desktop.teaching.collection import PartCollection
from uniad_desktop.teaching.image_folder import StoreError
from uniad_desktop.teaching.products import ProductStore


def sentences(taught, now):
    return [one.sentence.replace("\u00a0", " ") for one in compare(taught, now)]


@pytest.mark.parametrize(
    ("name", "taught", "now", "sentence"),
    [
        (
            "ExposureTime",
            5000.0,
            8000,
            "Exposure time was 5 000 µs at teaching and is 8 000 µs now (+60 %).",
        ),
        ("Gain", 0.0, 3.5, "Gain was 0 dB at teaching and is 3.5 dB now."),
        ("Width", 1280, 640, "Image width was 1 280 px at teaching and is 640 px now."),
        ("PixelFormat", "Mono8", "RGB8", "Pixel format was Mono8 at teaching and is RGB8 now."),
        ("ReverseX", False, True, "Mirroring left to right was off at teaching and is on now."),
        ("Gamma", 1.0, 0.96, "Gamma was 1 at teaching and is 0.96 now (-4.0 %)."),
        ("UserOutputValue", 1, 2, "UserOutputValue was 1 at teaching and is 2 now (+100 %)."),
        (
            "ExposureTime",
            Several(5000.0, (5000.0, 6000.0)),
            7000.0,
            "Exposure time was 5 000 to 6 000 µs at teaching and is 7 000 µs now.",
        ),
        (
            "PixelFormat",
            Several("Mono8", ("Mono8", "Mono12")),
            "RGB8",
            "Pixel format was Mono12 or Mono8 at teaching and is RGB8 now.",
        ),
    ],
)
def test_a_difference_is_a_plain_sentence(name, taught, now, sentence):
    assert sentences({name: taught}, {name: now}) == [sentence]


@pytest.mark.parametrize(
    ("taught", "now"),
    [
        ({"ExposureTime": 5000.0}, {"ExposureTime": 5049.0}),
        ({"ExposureTime": Several(1.0, (5000.0, 6000.0))}, {"ExposureTime": 5500.0}),
        ({"ReverseX": "True"}, {"ReverseX": True}),
        ({"DeviceTemperature": 40.0}, {"DeviceTemperature": 55.0}),
        ({"TimestampLatchValue": 1}, {"TimestampLatchValue": 2}),
        ({"StreamLostFrameCount": 1}, {"StreamLostFrameCount": 2}),
        ({"SimSeed": 1}, {"SimSeed": 2}),
        ({"Gain": 1.0}, {}),
        ({}, {"Gain": 1.0}),
        (
            {"ExposureTime": 5000.0, "ExposureAuto": "Continuous"},
            {"ExposureTime": 8000.0, "ExposureAuto": "Continuous"},
        ),
        ({"Gain": "inf"}, {"Gain": float("inf")}),
    ],
)
def test_what_is_no_difference(taught, now):
    assert compare(taught, now) == ()


def test_values_behind_different_selectors_are_not_compared():
    taught = {"BalanceRatio": 1.0, "BalanceRatioSelector": "Red"}
    now = {"BalanceRatio": 2.0, "BalanceRatioSelector": "Blue"}
    assert [one.name for one in compare(taught, now)] == ["BalanceRatioSelector"]


def test_another_camera_is_named_first():
    taught = {"DeviceModelName": "C5", "DeviceSerialNumber": "100200", "Gain": 1.0}
    now = {"DeviceModelName": "C5", "DeviceSerialNumber": "100201", "Gain": 2.0}
    first, second = sentences(taught, now)
    assert first == ("Another camera: C5 100200 at teaching, C5 100201 now; the optics may differ.")
    assert second.startswith("Gain")
    assert "C7" in sentences({"DeviceModelName": "C5"}, {"DeviceModelName": "C7"})[0]
    several = {"DeviceSerialNumber": Several("100200", ("100200", "100201"))}
    assert compare(several, now) == ()


@pytest.mark.parametrize("value", [float("inf"), float("nan"), -3, 0, "", True])
def test_odd_values_make_no_trouble(value):
    assert len(compare({"X": "other"}, {"X": value})) == 1
    assert len(compare({"X": value}, {"X": "other"})) == 1


def image(seed):
    return np.random.default_rng(seed).integers(0, 255, (20, 30), np.uint8)


def test_what_accepted_parts_were_taken_with(tmp_path):
    store = ProductStore(tmp_path)
    product = store.create("cap", {"en": "Cap"}, camera={"Gain": 6})
    parts = PartCollection(tmp_path, "cap")
    for seed, exposure in enumerate((5000.0, 5000.0, 5200.0)):
        camera = {"ExposureTime": exposure, "Gain": 2.0, "PixelFormat": "Mono8"}
        parts.add(image(seed), ORIGIN, camera, FIT)
    parts.add(image(8), ORIGIN, {"ExposureTime": 1.0}, DOUBT)
    parts.add(image(9), ORIGIN, {}, FIT)
    taught = taught_features(parts, product)
    assert taught == {
        "ExposureTime": Several(5000.0, (5000.0, 5200.0)),
        "Gain": 6,
        "PixelFormat": "Mono8",
    }
    now = {"ExposureTime": 9000.0, "Gain": 6.0, "PixelFormat": "Mono8"}
    found = differences(tmp_path, "cap", now)
    assert [one.name for one in found] == ["ExposureTime"]
    assert as_sentence(found, "Cap").startswith("The camera is not as it was when Cap was taught.")
    assert differences(tmp_path, "lid", now) == ()
    assert differences(tmp_path, "cap", {}) == ()


def test_what_was_kept_for_the_product_is_compared_too(tmp_path):
    ProductStore(tmp_path).create("cap", {"en": "Cap"}, camera={"ReverseX": True})
    entries = (
        FeatureEntry("ExposureTime", "1000.0"),
        FeatureEntry("ReverseX", "1"),
        FeatureEntry("TriggerMode", "Off"),
        FeatureEntry("Gain", "1.0", (("GainSelector", "Red"),)),
        FeatureEntry("Gain", "2.0", (("GainSelector", "Blue"),)),
        FeatureEntry("LineInverter", "0"),
    )
    keep_for_product(tmp_path, "cap", FeatureSet(entries))
    kept = {"ExposureTime": 1000.0, "ReverseX": True, "GainSelector": "Blue", "Gain": 2.0}
    assert differences(tmp_path, "cap", {**kept, "TriggerMode": "On"}) == ()
    now = {**kept, "ExposureTime": 2000.0, "ReverseX": False, "Gain": 1.0}
    found = [one.sentence.replace("\u00a0", " ") for one in differences(tmp_path, "cap", now)]
    assert found == [
        "Mirroring left to right was on at teaching and is off now.",
        "Exposure time was 1 000 µs when it was kept for the product and is 2 000 µs now (+100 %).",
        "Gain was 2 dB when it was kept for the product and is 1 dB now.",
    ]


def test_a_kept_set_that_cannot_be_read_is_told(tmp_path):
    ProductStore(tmp_path).create("cap", {"en": "Cap"})
    (tmp_path / "products" / "cap" / "camera.pfs").write_bytes(b"\xff\xfe no set")
    with pytest.raises(StoreError, match=r"camera\.pfs"):
        differences(tmp_path, "cap", {"ExposureTime": 1.0})
