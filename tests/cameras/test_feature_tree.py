"""Features as a camera's description tells them, from a camera made of memory."""

from __future__ import annotations

import pytest

from uniad_desktop.cameras.feature_tree import (
    FeatureAccess,
    FeatureKind,
    Representation,
    Visibility,
)
from uniad_desktop.cameras.source import CameraError

pytest.importorskip("genicam", reason="GenICam is not available on this system")

from tests.cameras.fake_nodes import ADDRESSES, fake_camera
from uniad_desktop.cameras.genicam import features
from uniad_desktop.cameras.genicam.tree import FeatureTree


def test_features_come_in_the_order_of_the_description_with_their_categories():
    nodes, _ = fake_camera()
    tree = FeatureTree(nodes)
    assert tree.names[:4] == ("Width", "OffsetX", "Table", "Name")
    assert "Hidden" not in tree.names  # invisible
    table = tree.describe("Table", streaming=False)
    assert table is not None and table.category == ("Image Format", "Inner")
    assert tree.describe("Nope", streaming=False) is None


def test_everything_that_the_description_says_of_a_feature_is_told():
    nodes, memory = fake_camera()
    memory.data[ADDRESSES["Table"] : ADDRESSES["Table"] + 6] = bytes.fromhex("00ff10203040")
    tree = FeatureTree(nodes)
    told = {name: tree.describe(name, streaming=False) for name in tree.names}
    width = told["Width"]
    assert (width.value, width.minimum, width.maximum, width.increment) == (64, 16, 128, 8)
    assert (width.tooltip, width.description) == ("Columns.", "Columns of the image.")
    assert (width.visibility, width.streamable) == (Visibility.EXPERT, True)
    exposure = told["ExposureTime"]
    assert (exposure.kind, exposure.unit, exposure.precision) == (FeatureKind.FLOAT, "us", 1)
    assert (exposure.representation, exposure.increment) == (Representation.LOGARITHMIC, None)
    assert told["Address"].representation is Representation.IPV4_ADDRESS
    assert (told["Table"].kind, told["Table"].value) == (FeatureKind.REGISTER, "00ff10203040")
    assert told["Table"].length == 6 and told["Name"].length == 32
    assert told["Reset"].kind is FeatureKind.COMMAND and told["Reset"].value is None
    assert told["Gain"].selected_by == ("BoardSelector", "GainSelector")
    assert [entry.name for entry in told["GainSelector"].entries] == ["All", "Red", "Blue"]
    assert all(one.trouble == "" for one in told.values())


def test_what_is_locked_while_the_camera_acquires_is_told_from_what_is_read_only():
    nodes, _ = fake_camera()
    tree = FeatureTree(nodes)
    assert not tree.describe("Width", streaming=False).locked
    features.write(nodes, "TLParamsLocked", 1)
    width = FeatureTree(nodes).describe("Width", streaming=True)
    assert (width.locked, width.access) == (True, FeatureAccess.READ_ONLY)
    level = tree.describe("Level", streaming=True)
    assert (level.locked, level.writable) == (False, True)


def test_a_node_that_raises_is_listed_with_its_trouble_and_breaks_nothing():
    nodes, memory = fake_camera()
    memory.failing.add(ADDRESSES["Broken"])
    tree = FeatureTree(nodes)
    told = [tree.describe(name, streaming=False) for name in tree.names]
    broken = next(one for one in told if one.name == "Broken")
    assert "could not be read: the register is broken" in broken.trouble
    assert broken.value is None
    assert [one.name for one in told if one.trouble] == ["Broken"]


def test_the_camera_is_asked_anew_each_time():
    nodes, memory = fake_camera()
    tree = FeatureTree(nodes)
    assert tree.describe("Broken", streaming=False).value == 0
    memory.set_integer("Broken", 7)  # the camera changes it by itself
    assert tree.describe("Broken", streaming=False).value == 7


def test_registers_take_hexadecimal_of_their_length():
    nodes, _ = fake_camera()
    assert features.write(nodes, "Table", "0x0102 0304 0506")
    assert FeatureTree(nodes).describe("Table", streaming=False).value == "010203040506"
    for value in ("01", "xyz", "01020304050607"):
        with pytest.raises(CameraError, match="Table takes 6 bytes in hexadecimal"):
            features.write(nodes, "Table", value)


def test_addresses_are_accepted_as_people_write_them():
    nodes, _ = fake_camera()
    features.write(nodes, "Address", "192.168.0.12")
    assert features.read(nodes, "Address") == 0xC0A8000C
    features.write(nodes, "Address", 0x0A000001)
    assert features.text(nodes.Address) == "10.0.0.1"


def test_what_the_camera_sets_by_itself_is_refused_with_the_way_out():
    nodes, _ = fake_camera()
    for state in ("Continuous", "Once"):
        features.write(nodes, "ExposureAuto", state)
        with pytest.raises(CameraError, match=f"ExposureAuto is {state}.*write Off to Exp"):
            features.write(nodes, "ExposureTime", 500.0)
    features.write(nodes, "ExposureAuto", "Off")
    features.write(nodes, "ExposureTime", 500.0)
    assert features.read(nodes, "ExposureTime") == 500.0
