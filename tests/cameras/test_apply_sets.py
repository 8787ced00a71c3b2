"""Feature sets made from a camera of memory and applied to it."""

from __future__ import annotations

import pytest

from uniad_desktop.cameras.feature_set import FeatureEntry, FeatureSet, compare, load, save

pytest.importorskip("genicam", reason="GenICam is not available on this system")

from tests.cameras.fake_nodes import ADDRESSES, fake_camera
from uniad_desktop.cameras.genicam import features
from uniad_desktop.cameras.genicam.apply import apply_entries
from uniad_desktop.cameras.genicam.sets import read_set
from uniad_desktop.cameras.genicam.tree import FeatureTree


def set_of(nodes) -> FeatureSet:
    return read_set(nodes, FeatureTree(nodes))


def write_gains(nodes) -> None:
    """A different gain for each board and colour; afterwards B and Blue are selected."""
    number = 0
    for board in ("A", "B"):
        for colour in ("All", "Red", "Blue"):
            features.write(nodes, "BoardSelector", board)
            features.write(nodes, "GainSelector", colour)
            number += 1
            features.write(nodes, "Gain", number + 0.1)


def test_a_set_holds_every_combination_of_selectors_and_leaves_them_as_they_were():
    nodes, _ = fake_camera()
    write_gains(nodes)
    found = set_of(nodes)
    gains = {entry.selectors: entry.value for entry in found.entries if entry.name == "Gain"}
    assert len(gains) == 6
    assert gains[("BoardSelector", "B"), ("GainSelector", "Red")] == "5.1"
    assert (nodes.BoardSelector.value, nodes.GainSelector.value) == ("B", "Blue")
    names = [entry.name for entry in found.entries]
    assert names.index("BoardSelector") < names.index("Width")
    assert FeatureEntry("BoardSelector", "B") in found.entries
    assert "TLParamsLocked" not in names and "Reset" not in names and "WidthMax" not in names
    assert FeatureEntry("Table", "0x000000000000") in found.entries


def test_what_the_camera_sets_by_itself_is_no_setting_and_what_fails_is_told():
    nodes, memory = fake_camera()
    features.write(nodes, "ExposureAuto", "Continuous")
    memory.failing.add(ADDRESSES["Broken"])
    found = set_of(nodes)
    names = [entry.name for entry in found.entries]
    assert "ExposureAuto" in names and "ExposureTime" not in names and "Broken" not in names
    assert found.left_out == ("Broken could not be read: the register is broken.",)


def test_where_nothing_is_marked_everything_that_can_be_set_counts():
    nodes, _ = fake_camera(streamable=False)
    names = [entry.name for entry in set_of(nodes).entries]
    assert {"Width", "ExposureTime", "Gain"} <= set(names)
    assert "TLParamsLocked" not in names and "Table" not in names


def test_a_set_brings_another_camera_to_the_same_settings(tmp_path):
    nodes, _ = fake_camera()
    write_gains(nodes)
    for name, value in (("Width", 32), ("OffsetX", 96), ("ExposureTime", 777.5)):
        features.write(nodes, name, value)
    features.write(nodes, "Table", "010203040506")
    features.write(nodes, "Address", "10.1.2.3")
    save(tmp_path / "a.pfs", set_of(nodes))
    other, _ = fake_camera()
    report = apply_entries(other, load(tmp_path / "a.pfs").entries)
    assert report.complete, report.problems
    assert report.written >= 10
    assert compare(set_of(nodes), set_of(other)) == ()
    assert (other.BoardSelector.value, other.GainSelector.value) == ("B", "Blue")
    again = apply_entries(other, load(tmp_path / "a.pfs").entries)
    assert again.complete
    assert again.written == 0


@pytest.mark.parametrize("order", [("Width", "OffsetX"), ("OffsetX", "Width")])
def test_ranges_that_depend_on_each_other_need_no_order(order):
    nodes, _ = fake_camera()
    for first, then in (((128, 0), (32, 96)), ((32, 96), (128, 0))):
        for width, offset in (first, then):
            wanted = {"Width": str(width), "OffsetX": str(offset)}
            entries = tuple(FeatureEntry(name, wanted[name]) for name in order)
            assert apply_entries(nodes, entries).complete
            assert (nodes.Width.value, nodes.OffsetX.value) == (width, offset)


def test_automatic_modes_are_off_while_values_are_written():
    nodes, memory = fake_camera()
    features.write(nodes, "ExposureAuto", "Continuous")
    entries = (FeatureEntry("ExposureAuto", "Continuous"), FeatureEntry("ExposureTime", "321.0"))
    assert apply_entries(nodes, entries).complete
    assert (nodes.ExposureTime.value, nodes.ExposureAuto.value) == (321.0, "Continuous")
    memory.set_float("ExposureTime", 5000.0)  # which the camera does now
    assert apply_entries(nodes, entries).complete
    assert apply_entries(nodes, entries[1:]).complete
    assert nodes.ExposureAuto.value == "Off"


def test_older_files_select_by_the_line_before():
    nodes, _ = fake_camera()
    lines = [
        ("BoardSelector", "B"),
        ("GainSelector", "Red"),
        ("Gain", "2"),
        ("GainSelector", "All"),
    ]
    entries = tuple(FeatureEntry(*line) for line in (*lines, ("Gain", "3")))
    assert apply_entries(nodes, entries).complete
    gains = {
        entry.selectors: entry.value for entry in set_of(nodes).entries if entry.name == "Gain"
    }
    assert gains[("BoardSelector", "B"), ("GainSelector", "Red")] == "2.0"
    assert gains[("BoardSelector", "B"), ("GainSelector", "All")] == "3.0"
    assert gains[("BoardSelector", "A"), ("GainSelector", "Red")] == "0.0"
    assert (nodes.BoardSelector.value, nodes.GainSelector.value) == ("B", "All")


def test_what_the_camera_does_not_take_is_told_value_by_value_and_the_rest_is_applied():
    nodes, memory = fake_camera()
    memory.round_level = True
    entries = (
        FeatureEntry("Nope", "1"),
        FeatureEntry("Width", "1000"),
        FeatureEntry("Level", "3.4"),
        FeatureEntry("GainSelector", "Green"),
        FeatureEntry("Gain", "5", (("BoardSelector", "A"), ("GainSelector", "Green"))),
        FeatureEntry("Reset", "1"),
        FeatureEntry("ExposureTime", "50"),
    )
    report = apply_entries(nodes, entries)
    told = {problem.entry.title: problem.sentence for problem in report.problems}
    assert told["Nope"] == "The camera has no feature called Nope."
    assert told["Width"].startswith("Width cannot be 1000; the camera accepts 16 to 128")
    assert told["Level"] == "Level was set to 3.4, but the camera has 3.0."
    assert (
        "GainSelector cannot be Green; the camera accepts: All, Red, Blue."
        in told["Gain (BoardSelector = A, GainSelector = Green)"]
    )
    assert "Reset is a command" in told["Reset"]
    assert nodes.ExposureTime.value == 50.0 and len(report.problems) == 6
    assert not report.complete and "(2 more.)" in report.sentence()
