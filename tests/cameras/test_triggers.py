from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip("genicam", reason="GenICam is not available on this system")

from tests.cameras.trigger_nodes import ACTIVATION, BURST_COUNT, DELAY, trigger_nodes
from uniad_desktop.cameras.folder import FolderSource
from uniad_desktop.cameras.frame import on_host_clock
from uniad_desktop.cameras.genicam import clock, triggers
from uniad_desktop.cameras.source import CameraError, TriggerMode, TriggerSettings

LINES = ("Software", "Off", "Counter0Start", "Line0", "Line1")
WHO = "The camera T1"


def hardware(**settings: Any) -> TriggerSettings:
    return TriggerSettings(TriggerMode.HARDWARE, **settings)


def switched_on(nodes: Any, selectors: Sequence[str]) -> list[str]:
    return [name for name in selectors if nodes.get_node(f"Mode{name}").value == 1]


@pytest.mark.parametrize("mode", [TriggerMode.FREE_RUNNING, TriggerMode.SOFTWARE])
def test_only_the_wanted_trigger_is_left_on(mode):
    selectors = ("AcquisitionStart", "FrameStart", "FrameBurstStart")
    nodes = trigger_nodes(selectors=selectors)
    assert switched_on(nodes, selectors) == list(selectors)
    assert triggers.set_up(nodes, TriggerSettings(mode), WHO) == "FrameStart"
    expected = ["FrameStart"] if mode is TriggerMode.SOFTWARE else []
    assert switched_on(nodes, selectors) == expected
    assert nodes.TriggerSelector.value == "FrameStart"


def test_a_hardware_trigger_takes_line_edge_and_delay():
    nodes = trigger_nodes(trigger_sources=LINES, more=ACTIVATION + DELAY)
    wanted = hardware(source="Line1", activation="FallingEdge", delay_us=250.0)
    triggers.set_up(nodes, wanted, WHO)
    assert (nodes.TriggerMode.value, nodes.TriggerSource.value) == ("On", "Line1")
    assert (nodes.TriggerActivation.value, nodes.TriggerDelay.value) == ("FallingEdge", 250.0)


def test_what_is_not_asked_for_stays_as_the_camera_is_set():
    nodes = trigger_nodes(trigger_sources=LINES, more=ACTIVATION + DELAY)
    nodes.TriggerSource.value, nodes.TriggerActivation.value = "Line1", "FallingEdge"
    triggers.set_up(nodes, hardware(), WHO)
    assert nodes.TriggerSource.value == "Line1"
    assert (nodes.TriggerActivation.value, nodes.TriggerDelay.value) == ("FallingEdge", 7.0)


def test_without_a_line_in_force_the_first_one_is_taken():
    nodes = trigger_nodes(trigger_sources=LINES)
    assert triggers.sources(nodes) == ("Line0", "Line1", "Counter0Start")
    triggers.set_up(nodes, hardware(), WHO)
    assert nodes.TriggerSource.value == "Line0"


def test_an_unknown_line_is_answered_with_those_that_there_are():
    nodes = trigger_nodes(trigger_sources=LINES)
    for wrong in ("Line7", "Software"):
        with pytest.raises(CameraError, match=f"T1 has no trigger source {wrong}; it has Line0, L"):
            triggers.set_up(nodes, hardware(source=wrong), WHO)
        assert nodes.TriggerMode.value == "Off"


def test_a_camera_without_lines_says_so():
    nodes = trigger_nodes()
    assert triggers.sources(nodes) == ()
    with pytest.raises(CameraError, match="T1 has no line for a hardware trigger; use the softw"):
        triggers.set_up(nodes, hardware(), WHO)


def test_features_that_the_camera_lacks_are_named():
    nodes = trigger_nodes(trigger_sources=LINES)
    with pytest.raises(CameraError, match="no TriggerActivation; leave out RisingEdge"):
        triggers.set_up(nodes, hardware(activation="RisingEdge"), WHO)
    with pytest.raises(CameraError, match="no TriggerDelay; leave out the delay of 20 us"):
        triggers.set_up(nodes, hardware(delay_us=20.0), WHO)
    triggers.set_up(nodes, hardware(delay_us=0.0), WHO)
    assert nodes.TriggerMode.value == "On"


def test_values_out_of_range_are_answered_with_the_range():
    nodes = trigger_nodes(trigger_sources=LINES, more=ACTIVATION + DELAY)
    with pytest.raises(CameraError, match=r"TriggerDelay cannot be 9000.* 0 to 5000"):
        triggers.set_up(nodes, hardware(delay_us=9000.0), WHO)
    with pytest.raises(CameraError, match="accepts: RisingEdge, FallingEdge"):
        triggers.set_up(nodes, hardware(activation="Sideways"), WHO)


@pytest.mark.parametrize("mode", [TriggerMode.SOFTWARE, TriggerMode.HARDWARE])
def test_a_burst_has_a_trigger_of_its_own(mode):
    selectors = ("FrameStart", "FrameBurstStart")
    nodes = trigger_nodes(selectors=selectors, trigger_sources=LINES, more=BURST_COUNT)
    assert triggers.set_up(nodes, TriggerSettings(mode, burst=4), WHO) == "FrameBurstStart"
    assert nodes.AcquisitionBurstFrameCount.value == 4
    assert switched_on(nodes, selectors) == ["FrameBurstStart"]


def test_a_burst_that_the_camera_cannot_take_is_refused():
    wanted = TriggerSettings(TriggerMode.SOFTWARE, burst=4)
    for nodes in (
        trigger_nodes(more=BURST_COUNT),
        trigger_nodes(selectors=("FrameStart", "FrameBurstStart")),
    ):
        with pytest.raises(CameraError, match=r"T1 cannot take 4 frames for one trigger.* of 1"):
            triggers.set_up(nodes, wanted, WHO)
    nodes = trigger_nodes(selectors=("FrameBurstStart",), more=BURST_COUNT)
    with pytest.raises(CameraError, match="1 to 16"):
        triggers.set_up(nodes, TriggerSettings(TriggerMode.SOFTWARE, burst=17), WHO)


def test_a_camera_with_a_line_but_no_software_trigger():
    nodes = trigger_nodes(selectors=(), trigger_sources=("Line1",), software=False)
    with pytest.raises(CameraError, match="no software trigger; run it free-running"):
        triggers.set_up(nodes, TriggerSettings(TriggerMode.SOFTWARE), WHO)
    assert triggers.set_up(nodes, hardware(), WHO) == ""
    assert nodes.TriggerMode.value == "On"


def test_the_software_trigger_finds_its_selector_again():
    selectors = ("FrameStart", "FrameBurstStart")
    nodes = trigger_nodes(selectors=selectors, more=BURST_COUNT)
    chosen = triggers.set_up(nodes, TriggerSettings(TriggerMode.SOFTWARE), WHO)
    nodes.TriggerSelector.value = "FrameBurstStart"  # somebody looked at the other one
    triggers.fire(nodes, chosen)
    assert nodes.TriggerSelector.value == "FrameStart" and nodes.Fired.value == 1


def test_settings_that_no_camera_could_take():
    with pytest.raises(CameraError, match="at least one frame, not 0"):
        TriggerSettings(burst=0)
    for wrong in (-1.0, float("nan")):
        with pytest.raises(CameraError, match="cannot be delayed"):
            TriggerSettings(delay_us=wrong)


def test_a_folder_takes_software_triggers_only(tmp_path: Path):
    cv2.imwrite(str(tmp_path / "part.png"), np.zeros((4, 4), np.uint8))
    folder = FolderSource(tmp_path)
    with pytest.raises(CameraError, match="has no lines and takes no hardware trigger"):
        folder.start(hardware())
    with pytest.raises(CameraError, match="takes no burst"):
        folder.start(TriggerSettings(TriggerMode.SOFTWARE, burst=2))
    folder.start(TriggerSettings(TriggerMode.SOFTWARE))
    folder.trigger()
    assert folder.next_frame(5.0) is not None
    folder.close()


def latching(value: str) -> Any:
    return trigger_nodes(
        more=f'<Integer Name="Latched"><Value>0</Value></Integer><Command Name="TimestampLatch">'
        f"<pValue>Latched</pValue><CommandValue>1</CommandValue></Command>{value}"
    )


def test_the_clock_of_the_camera_is_put_on_this_machines(monkeypatch):
    monkeypatch.setattr(clock.time, "monotonic_ns", iter((5_000_000, 7_000_000)).__next__)
    nodes = latching('<Integer Name="TimestampLatchValue"><Value>1000</Value></Integer>')
    assert clock.offset_ns(nodes) == 6_000_000 - 1000
    assert nodes.Latched.value == 1


def test_a_clock_that_answers_slowly_or_not_at_all_is_not_used(monkeypatch):
    assert clock.offset_ns(trigger_nodes()) is None
    monkeypatch.setattr(clock.time, "monotonic_ns", iter((0, 30_000_000)).__next__)
    nodes = latching('<Integer Name="TimestampLatchValue"><Value>1000</Value></Integer>')
    assert clock.offset_ns(nodes) is None


def test_a_timestamp_that_cannot_be_is_none():
    second = 1_000_000_000
    assert on_host_clock(5 * second, 10 * second, 16 * second) == 15 * second
    assert (
        on_host_clock(5 * second, 10 * second, 15 * second - 1_000_000) == 15 * second - 1_000_000
    )
    assert on_host_clock(5 * second, 12 * second, 16 * second) == 0  # after the reception
    assert on_host_clock(5 * second, 10 * second, 30 * second) == 0  # another clock
