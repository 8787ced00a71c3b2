"""Faults that the simulated camera has on purpose."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator

import pytest

from tests.simulator.conftest import SERIAL
from tests.simulator.host import CameraHost, HostError
from uniad_desktop.simulator.camera import producer_path

pytestmark = pytest.mark.skipif(
    sys.platform == "darwin", reason="genicam has no current wheels for macOS"
)

WAIT_S = 20.0
QUIET_S = 0.3
NO_ACCESS, OPEN = 3, 5


@pytest.fixture
def lonely() -> Iterator[CameraHost]:
    """A camera without a line in a process of its own, which the test may ruin."""
    host = CameraHost(str(producer_path()), {"UNIAD_SIMCAM_FOLDER": ""})
    host.discover()
    host.open(SERIAL)
    yield host
    host.close()


def test_skipped_ids_leave_one_gap(camera):
    camera.write(TestPattern="FrameCounter", AcquisitionFrameRate=50.0, SimSkipIds=3)
    camera.start()
    try:
        assert camera.ids(2, WAIT_S) == [4, 5]
        camera.write(SimSkipIds=10)
        ids = camera.ids(8, WAIT_S)
    finally:
        camera.stop()
    gaps = [after - before for before, after in zip([5, *ids], ids, strict=False)]
    assert sorted(gaps) == [1] * 7 + [11]
    assert camera.get("SimSkipIds") == 0


def test_incomplete_frames_say_so(camera):
    camera.write(TestPattern="White", SimIncompletePermille=1000)
    camera.start()
    try:
        assert camera.fetch_raw(QUIET_S) is None
    finally:
        camera.stop()
        camera.write(SimIncompletePermille=0)
    assert camera.incomplete() > 0


def test_a_camera_that_stops_answering_stays_listed(camera):
    camera.write(TestPattern="White", AcquisitionFrameRate=50.0)
    camera.start()
    assert camera.fetch_raw(WAIT_S)
    camera.write(SimStopAnswering=2.0)
    begun = time.monotonic()
    with pytest.raises(HostError, match=r"TimeoutException.*SIM0001 does not answer"):
        camera.get("Width")
    while camera.fetch_raw(0.2):  # those that were on their way
        pass
    assert camera.access() == OPEN
    if time.monotonic() - begun < 1.0:
        assert camera.fetch_raw(QUIET_S) is None
    time.sleep(max(0.0, 2.2 - (time.monotonic() - begun)))
    assert camera.get("Width") == 960
    assert camera.fetch_raw(WAIT_S)
    camera.stop()


def test_a_camera_that_vanishes_comes_back_by_itself(camera, one_line):
    other = CameraHost(str(one_line.producer), one_line.environment)
    try:
        assert len(other.discover()) == 1
        camera.write(SimVanish=1.5)
        begun = time.monotonic()
        assert camera.access() == NO_ACCESS
        with pytest.raises(HostError, match=r"IoException.*unplugged"):
            camera.get("Width")
        listed = other.discover()
        if time.monotonic() - begun < 1.5:
            assert listed == []
        time.sleep(max(0.0, 1.7 - (time.monotonic() - begun)))
        assert len(other.discover()) == 1
        assert camera.access() == NO_ACCESS, "what was open stays lost until it is opened anew"
    finally:
        other.close()


def test_slow_nodes_take_their_time_and_hinder_no_frames(camera):
    camera.write(TestPattern="White", AcquisitionFrameRate=100.0, SimNodeDelay=400)
    begun = time.monotonic()
    camera.get("DeviceTemperature")
    assert time.monotonic() - begun >= 0.4
    camera.start()
    try:
        assert camera.ids(30, WAIT_S)[-1] >= 30
    finally:
        camera.write(SimNodeDelay=0)
        camera.stop()


def test_a_hang_ends_by_itself(lonely):
    begun = time.monotonic()
    lonely.set(SERIAL, "SimHang", 0.7)
    assert time.monotonic() - begun >= 0.7
    assert lonely.get(SERIAL, "Width") == 960


def test_a_hang_for_ever_can_only_be_killed(lonely):
    failed: list[Exception] = []

    def hang() -> None:
        try:
            lonely.set(SERIAL, "SimHang", -1.0)
        except HostError as error:
            failed.append(error)

    thread = threading.Thread(target=hang)
    thread.start()
    thread.join(1.0)
    assert thread.is_alive()
    lonely._process.kill()
    thread.join(WAIT_S)
    assert "crashed in set" in str(failed[0])


def test_a_crash_takes_the_process_with_it(lonely):
    with pytest.raises(HostError, match="crashed in execute"):
        lonely.execute(SERIAL, "SimCrash")
