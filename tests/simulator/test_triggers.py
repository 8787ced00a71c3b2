"""Triggers and digital lines of the simulated camera."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable

import pytest

from tests.simulator.conftest import SERIAL
from tests.simulator.host import HostError
from uniad_desktop.simulator.camera import SimulatorError
from uniad_desktop.simulator.ring import LINE_EVENTS

pytestmark = pytest.mark.skipif(
    sys.platform == "darwin", reason="genicam has no current wheels for macOS"
)

WAIT_S = 20.0
QUIET_S = 0.3


@pytest.fixture
def waiting(camera):
    """Streams a test pattern and waits for triggers on Line1."""
    camera.write(TestPattern="FrameCounter", Width=256, Height=16, PixelFormat="Mono8")
    camera.write(TriggerSelector="FrameStart", TriggerSource="Line1", TriggerMode="On")
    camera.write(ExposureTime=100.0)
    camera.set_buffers(256)  # so that a machine that is busy loses none
    camera.start()
    yield camera
    camera.write(SimLine1PulseRate=0.0)
    camera.stop()


def eventually(condition: Callable[[], object]) -> bool:
    end = time.monotonic() + WAIT_S
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True


def edge(camera, *levels: bool, line: int = 1) -> None:
    for level in levels:
        camera.set(f"SimLine{line}", level)


def test_without_a_pulse_there_is_no_frame(waiting):
    assert waiting.fetch_raw(QUIET_S) is None


def test_each_pulse_from_another_process_is_exactly_one_frame(waiting):
    for _ in range(100):
        waiting.line.pulse(SERIAL, 1)
    assert waiting.ids(100, WAIT_S) == list(range(1, 101))
    assert waiting.fetch_raw(QUIET_S) is None
    assert waiting.get("SimMissedTriggers") == 0


def test_a_periodic_light_barrier_misses_no_part(waiting):
    waiting.write(SimLine1PulseRate=200.0)
    ids = waiting.ids(60, WAIT_S)
    assert ids == list(range(1, 61))
    assert waiting.get("SimMissedTriggers") == 0


@pytest.mark.parametrize(
    ("activation", "levels", "frames"),
    [
        ("RisingEdge", (True, False, True), 2),
        ("FallingEdge", (True, False, True), 1),
        ("AnyEdge", (True, False, True), 3),
        ("RisingEdge", (True, True, True), 1),
    ],
)
def test_activation_says_which_edges_count(waiting, activation, levels, frames):
    waiting.write(TriggerActivation=activation)
    edge(waiting, *levels)
    assert waiting.ids(frames, WAIT_S) == list(range(1, frames + 1))
    assert waiting.fetch_raw(QUIET_S) is None
    edge(waiting, False)


def test_a_level_triggers_as_long_as_it_lasts(waiting):
    waiting.write(TriggerActivation="LevelHigh", ExposureTime=5000.0)
    edge(waiting, True)
    assert waiting.ids(5, WAIT_S) == [1, 2, 3, 4, 5]
    edge(waiting, False)
    while waiting.fetch_raw(QUIET_S):
        pass
    assert waiting.fetch_raw(QUIET_S) is None


def test_an_inverted_line_counts_the_other_way(waiting):
    edge(waiting, True)
    assert waiting.ids(1, WAIT_S) == [1]
    waiting.write(LineSelector="Line1", LineInverter=True)
    assert waiting.get("LineStatus") is False
    edge(waiting, False)
    assert waiting.get("LineStatus") is True
    assert waiting.ids(1, WAIT_S) == [2]
    waiting.write(LineInverter=False)


def test_another_line_is_no_trigger(waiting):
    edge(waiting, True, False, line=0)
    waiting.line.pulse(SERIAL, 0)
    assert waiting.fetch_raw(QUIET_S) is None
    with pytest.raises(HostError, match="TriggerSource Software"):
        waiting.execute("TriggerSoftware")


def test_lines_are_moved_and_read_from_outside(waiting):
    line = waiting.line
    line.set_line(SERIAL, 0, True)
    assert eventually(lambda: line.line_status(SERIAL) & 3 == 1)
    assert waiting.get("LineStatusAll") & 3 == 1
    assert waiting.get("SimLine0") is True
    waiting.write(LineSelector="Line2", LineSource="UserOutput0")
    waiting.write(UserOutputSelector="UserOutput0", UserOutputValue=True)
    assert waiting.get("LineStatus") is True
    assert eventually(lambda: line.line_status(SERIAL) == 5)
    line.set_line(SERIAL, 0, False)
    waiting.write(UserOutputValue=False)
    assert eventually(lambda: line.line_status(SERIAL) == 0)
    for serial, number in (("SIM0009", 0), (SERIAL, 2)):
        with pytest.raises(SimulatorError, match=r"SIM0001|Line0 and Line1"):
            line.pulse(serial, number)


def test_pulses_while_nothing_is_acquired_are_no_triggers(waiting):
    waiting.stop()
    waiting.line.pulse(SERIAL, 1)
    edge(waiting, True, False)
    waiting.start()
    assert waiting.fetch_raw(QUIET_S) is None
    waiting.line.pulse(SERIAL, 1)
    assert waiting.ids(1, WAIT_S) == [1]


def test_pulses_that_nobody_could_see_in_time_count_as_missed(waiting):
    hang = threading.Thread(target=lambda: waiting.write(SimHang=2.0))
    hang.start()
    time.sleep(0.5)  # until nothing in the producer goes on
    for _ in range(1000):  # more than the file keeps
        waiting.line.pulse(SERIAL, 1)
    hang.join()
    frames = 0
    while waiting.fetch_raw(QUIET_S):
        frames += 1
    assert LINE_EVENTS // 2 <= frames < 1000
    assert frames + waiting.get("SimMissedTriggers") == 1000


@pytest.mark.parametrize(
    ("overlap", "frames", "missed"), [("Off", 1, 4), ("ReadOut", 1, 4), ("PreviousFrame", 5, 0)]
)
def test_triggers_that_come_too_early(waiting, overlap, frames, missed):
    waiting.write(TriggerOverlap=overlap, ExposureTime=200_000.0)
    for _ in range(5):
        edge(waiting, True, False)
    assert waiting.ids(frames, WAIT_S) == list(range(1, frames + 1))
    assert waiting.fetch_raw(QUIET_S) is None
    assert waiting.get("SimMissedTriggers") == missed


def test_a_delay_comes_before_the_exposure(waiting):
    waiting.write(TriggerDelay=300_000.0)
    waiting.execute("TimestampLatch")
    edge(waiting, True, False)
    frame = waiting.fetch_raw(WAIT_S)
    assert frame["time_ns"] - waiting.get("TimestampLatchValue") > 300_000_000


def test_a_burst_is_so_many_frames_for_one_trigger(waiting):
    waiting.write(TriggerMode="Off")
    waiting.write(TriggerSelector="FrameBurstStart", TriggerSource="Line1", TriggerMode="On")
    waiting.write(AcquisitionBurstFrameCount=3)
    waiting.line.pulse(SERIAL, 1)
    assert waiting.ids(3, WAIT_S) == [1, 2, 3]
    assert waiting.fetch_raw(QUIET_S) is None
    waiting.line.pulse(SERIAL, 1)
    waiting.line.pulse(SERIAL, 1)
    assert waiting.ids(6, WAIT_S) == [4, 5, 6, 7, 8, 9]
    assert waiting.fetch_raw(QUIET_S) is None
    waiting.write(TriggerMode="Off")


def test_a_frame_trigger_without_a_burst_is_missed(waiting):
    waiting.write(TriggerSelector="FrameBurstStart", TriggerSource="Software", TriggerMode="On")
    waiting.write(AcquisitionBurstFrameCount=2)
    waiting.line.pulse(SERIAL, 1)
    assert eventually(lambda: waiting.get("SimMissedTriggers") == 1)
    waiting.execute("TriggerSoftware")
    for _ in range(3):
        edge(waiting, True, False)
    assert waiting.ids(2, WAIT_S) == [1, 2]
    assert waiting.fetch_raw(QUIET_S) is None
    assert waiting.get("SimMissedTriggers") == 2
    waiting.write(TriggerMode="Off")


def test_each_selector_keeps_its_own_values(camera):
    camera.write(TriggerSelector="FrameBurstStart", TriggerSource="Line0", TriggerDelay=5.0)
    camera.write(TriggerSelector="FrameStart")
    assert (camera.get("TriggerSource"), camera.get("TriggerDelay")) == ("Software", 0.0)
    camera.write(TriggerSelector="FrameBurstStart")
    assert (camera.get("TriggerSource"), camera.get("TriggerDelay")) == ("Line0", 5.0)
    modes = []
    for line in ("Line0", "Line1", "Line2"):
        camera.write(LineSelector=line)
        modes.append(camera.get("LineMode"))
    assert modes == ["Input", "Input", "Output"]


def test_the_output_shows_the_exposure(waiting):
    waiting.write(LineSelector="Line2", LineSource="ExposureActive", ExposureTime=1e6)
    assert waiting.get("LineStatus") is False
    waiting.line.pulse(SERIAL, 1)
    assert eventually(lambda: waiting.get("LineStatus"))
    assert waiting.ids(1, WAIT_S) == [1]
    assert waiting.get("LineStatus") is False
