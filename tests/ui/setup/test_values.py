"""Values of features as text and back, and what a card says of a camera."""

from __future__ import annotations

import pytest

from tests.ui.setup.features import K, R, feature, usual
from uniad_desktop.cameras.frame import SourceKind
from uniad_desktop.cameras.source import SourceInfo
from uniad_desktop.ui.setup import values
from uniad_desktop.ui.setup.camera_cards import own_facts

BY_NAME = {one.name: one for one in usual()}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("ExposureTime", "1\u00a0250.0"),
        ("Gain", "3.0"),
        ("Width", "960"),
        ("GevCurrentIPAddress", "192.168.3.4"),
        ("GevMACAddress", "00:30:53:1A:2B:3C"),
        ("DeviceRegistersMask", "0x1F"),
        ("LUTValueAll", "00FF10"),
        ("ReverseX", "False"),
        ("PixelFormat", "Mono12p"),
        ("TriggerSoftware", ""),
        ("Gamma", ""),
    ],
)
def test_shown(name: str, shown: str) -> None:
    assert values.as_text(BY_NAME[name], BY_NAME[name].value) == shown


@pytest.mark.parametrize(
    "name",
    [
        "ExposureTime",
        "Width",
        "GevCurrentIPAddress",
        "GevMACAddress",
        "DeviceRegistersMask",
        "LUTValueAll",
        "DeviceUserID",
    ],
)
def test_what_stands_in_the_field_is_the_value(name: str) -> None:
    one = BY_NAME[name]
    assert values.parsed(one, values.as_typed(one, one.value)) == one.value


@pytest.mark.parametrize(
    ("value", "precision", "shown"),
    [
        (0.0, 6, "0.0"),
        (1e-7, 6, "1e-07"),
        (1234567.891, 6, "1\u00a0234\u00a0567.9"),
        (0.125, 6, "0.125"),
        (float("inf"), 6, "inf"),
        (-12.0, 6, "-12.0"),
        (7.0, 0, "7"),
    ],
)
def test_floats(value: float, precision: int, shown: str) -> None:
    one = feature("Any", K.FLOAT, value, precision=precision)
    assert values.as_text(one, value) == shown


def test_range() -> None:
    assert values.range_text(BY_NAME["Width"]) == "16 … 960 (± 4)"
    assert values.range_text(BY_NAME["Gain"]) == "-12.0 … 24.0 (± 0.1)"
    assert values.range_text(BY_NAME["ReverseX"]) == ""


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Width", "wide"),
        ("Width", "1.5"),
        ("ExposureTime", "nan"),
        ("ExposureTime", ""),
        ("GevCurrentIPAddress", "192.168.3"),
        ("GevMACAddress", "00:11"),
        ("LUTValueAll", "0g"),
    ],
)
def test_nonsense_is_a_sentence(name: str, typed: str) -> None:
    with pytest.raises(values.WrongValueError) as told:
        values.parsed(BY_NAME[name], typed)
    assert "such as" in str(told.value)


def test_decimal_comma_and_gaps() -> None:
    assert values.parsed(BY_NAME["ExposureTime"], "1 250,5") == 1250.5
    assert values.parsed(BY_NAME["Width"], "0x10") == 16


def test_steps_stay_inside_the_range() -> None:
    width, exposure, gain = BY_NAME["Width"], BY_NAME["ExposureTime"], BY_NAME["Gain"]
    assert values.stepped(width, 960, 1) is None
    assert values.stepped(width, 960, -1) == 956
    assert values.stepped(exposure, 1250.0, 1) == pytest.approx(1350.0)
    assert values.stepped(gain, 3.0, -1) == pytest.approx(2.9)
    assert values.stepped(BY_NAME["AcquisitionFrameRate"], 20.0, 1) == pytest.approx(21.0)
    assert values.stepped(BY_NAME["ReverseX"], False, 1) is None


@pytest.mark.parametrize("name", ["ExposureTime", "Gain", "Width", "AcquisitionFrameRate"])
def test_slider_ends_are_the_ends_of_the_range(name: str) -> None:
    one = BY_NAME[name]
    assert values.has_slider(one)
    assert values.slider_value(one, 0, 1000) == pytest.approx(one.minimum)
    assert values.slider_value(one, 1000, 1000) == pytest.approx(one.maximum)
    assert values.slider_place(one, one.maximum, 1000) == 1000
    assert values.slider_place(one, one.minimum, 1000) == 0


def test_sliders_follow_representation_and_step() -> None:
    exposure = BY_NAME["ExposureTime"]
    assert values.slider_value(exposure, 500, 1000) == pytest.approx(3160, rel=0.01)
    assert (values.slider_value(BY_NAME["Width"], 500, 1000) - 16) % 4 == 0
    assert not values.has_slider(BY_NAME["GevCurrentIPAddress"])
    assert not values.has_slider(
        feature("X", K.INTEGER, 1, representation=R.PURE_NUMBER, minimum=0, maximum=5)
    )


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("X1", "Maker X1"),
        ("Maker X1", "Maker X1"),
        ("2 · X1", "2 · Maker X1"),
        ("2 · Maker X1", "2 · Maker X1"),
    ],
)
def test_a_card_names_place_vendor_and_camera_in_this_order(name, title):
    info = SourceInfo(name, "Maker", "4711", SourceKind.LIVE, 64, 48, "Mono8")
    assert own_facts(info, 0.0).title == title
