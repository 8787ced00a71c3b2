"""The simulated camera through harvesters and genicam, as the station uses it."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from tests.simulator.host import CameraHost, HostError
from uniad_desktop.simulator.camera import SimulatedCamera, producer_path
from uniad_desktop.simulator.feeder import part_seed
from uniad_desktop.simulator.native.features import CAMERA
from uniad_desktop.simulator.parts import render_random_part

pytestmark = pytest.mark.skipif(
    sys.platform == "darwin", reason="genicam has no current wheels for macOS"
)

ONE, TWO = "SIM0001", "SIM0002"
FRAME_S = 20.0  # bounds the waits; a frame takes milliseconds on a machine that is not busy
QUIET_S = 0.3
NO_ACCESS, BUSY = 3, 4


@pytest.fixture(scope="module")
def line() -> Iterator[SimulatedCamera]:
    with SimulatedCamera(devices=2, seed=11, frame_rate=60.0) as simulated:
        yield simulated


@pytest.fixture(scope="module")
def shared_host(line: SimulatedCamera) -> Iterator[CameraHost]:
    host = CameraHost(str(line.producer), line.environment)
    yield host
    host.close()


@pytest.fixture
def host(shared_host: CameraHost) -> Iterator[CameraHost]:
    """The first camera, open, with the settings that a test may change put back."""
    shared_host.discover()
    shared_host.open(ONE)
    usual = {
        "PixelFormat": "RGB8",
        "OffsetX": 0,
        "OffsetY": 0,
        "Width": 960,
        "Height": 720,
        "AcquisitionMode": "Continuous",
        "AcquisitionFrameRate": 60.0,
        "ExposureTime": 2000.0,
        "Gain": 0.0,
        "TriggerMode": "Off",
        "SimProduct": "Flange",
        "SimDefectRate": 5.0,
        "SimDropPermille": 0,
        "SimIncompletePermille": 0,
    }
    for name, value in usual.items():
        shared_host.set(ONE, name, value)
    shared_host.set_stream(ONE, "StreamBufferHandlingMode", "OldestFirst")
    yield shared_host
    shared_host.close_camera(ONE)


def one_frame(host: CameraHost, serial: str = ONE) -> dict:
    """A frame; the camera runs only for it."""
    host.start(serial)
    try:
        frame = host.fetch(serial, FRAME_S)
    finally:
        host.stop(serial)
    assert frame is not None
    return frame


def truth_of(line: SimulatedCamera, frame: dict, serial: str = ONE):
    """The part that a frame shows."""
    return next(s.part for s in line.shown(serial) if s.time_ns == frame["time_ns"])


def drawn(part, defect_rate: float = 0.05) -> np.ndarray:
    return render_random_part(part.product, part.seed, defect_rate=defect_rate).image


def test_both_cameras_are_discovered_and_say_that_they_are_simulated(shared_host):
    found = shared_host.discover()
    assert [d["serial_number"] for d in found] == [ONE, TWO]
    for device in found:
        assert device["vendor"] == "UniAD (simulated)"
        assert device["model"] == "SimCam"
        assert "simulated" in device["display_name"]


def test_identity_and_defaults(host):
    names = ("DeviceVendorName", "DeviceModelName", "DeviceSerialNumber", "TriggerSource")
    assert [host.get(ONE, n) for n in names] == ["UniAD", "SimCam", ONE, "Software"]
    assert host.get(ONE, "PayloadSize") == 960 * 720 * 3
    assert 35 < host.get(ONE, "DeviceTemperature") < 45
    assert host.entries(ONE, "SimProduct") == ("Flange", "Label", "Fabric", "Board")
    assert {"Mono8", "Mono12p", "BayerRG12p", "RGB8"} < set(host.entries(ONE, "PixelFormat"))
    assert host.limits(ONE, "AcquisitionFrameRate") == (0.1, 200.0, "Hz")
    assert host.limits(ONE, "ExposureTime") == (10.0, 1e6, "us")
    assert host.limits(ONE, "SimDefectRate") == (0.0, 100.0, "%")


def test_every_feature_of_the_table_is_in_the_camera(host):
    table = {feature.name for features in CAMERA.values() for feature in features}
    assert table <= set(host.features(ONE))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ExposureTime", 1234.5),
        ("AcquisitionFrameRate", 33.0),
        ("Gain", 6.0),
        ("Width", 640),
        ("PixelFormat", "Mono8"),
        ("SimProduct", "Label"),
        ("SimDefectRate", 12.5),
        ("DeviceUserID", "line 3, top"),
        ("AcquisitionFrameRateEnable", True),
    ],
)
def test_features_keep_what_is_written(host, name, value):
    host.set(ONE, name, value)
    assert host.get(ONE, name) == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Width", 641),
        ("Width", 9600),
        ("AcquisitionFrameRate", 0.0),
        ("SimDefectRate", 101.0),
        ("SimProduct", "Bottle"),
        ("DeviceSerialNumber", "SIM9999"),
        ("OffsetX", 4),
        ("TriggerSource", "Line7"),
    ],
)
def test_bad_values_are_refused_and_change_nothing(host, name, value):
    before = host.get(ONE, name)
    with pytest.raises(HostError):
        host.set(ONE, name, value)
    assert host.get(ONE, name) == before


def test_size_and_format_are_locked_while_streaming(host):
    host.start(ONE)
    try:
        for name, value in (("Width", 640), ("PixelFormat", "Mono8")):
            with pytest.raises(HostError, match="AccessException"):
                host.set(ONE, name, value)
    finally:
        host.stop(ONE)
    host.set(ONE, "Width", 640)


def test_frames_show_exactly_the_parts_that_were_drawn(host, line):
    host.start(ONE)
    frames = [host.fetch(ONE, FRAME_S) for _ in range(3)]
    host.stop(ONE)
    assert [f["id"] for f in frames] == [1, 2, 3]
    numbers = []
    for frame in frames:
        assert frame["format"] == "RGB8"
        assert frame["image"].shape == (720, 960, 3)
        part = truth_of(line, frame)
        assert part.product == "flange"
        np.testing.assert_array_equal(frame["image"], drawn(part))
        numbers.append(part.number)
    assert numbers == list(range(numbers[0], numbers[0] + 3))


def test_no_part_is_shown_twice_however_fast_the_frame_rate(host, line):
    host.set(ONE, "AcquisitionFrameRate", 200.0)
    host.start(ONE)
    frames = [host.fetch(ONE, FRAME_S) for _ in range(10)]
    host.stop(ONE)
    assert [f["id"] for f in frames] == list(range(1, 11))
    assert len({f["image"].tobytes() for f in frames}) == 10
    numbers = [truth_of(line, f).number for f in frames]
    assert numbers == list(range(numbers[0], numbers[0] + 10))


def test_mono8_is_the_luma_of_the_part(host, line):
    host.set(ONE, "PixelFormat", "Mono8")
    frame = one_frame(host)
    assert (frame["format"], frame["image"].shape) == ("Mono8", (720, 960))
    wanted = cv2.cvtColor(drawn(truth_of(line, frame)), cv2.COLOR_RGB2GRAY)
    assert np.abs(frame["image"].astype(int) - wanted).max() <= 1


def test_region_of_interest_is_cut_out(host, line):
    for name, value in (("Width", 320), ("Height", 200), ("OffsetX", 44), ("OffsetY", 60)):
        host.set(ONE, name, value)
    assert host.get(ONE, "PayloadSize") == 320 * 200 * 3
    frame = one_frame(host)
    part = drawn(truth_of(line, frame))
    np.testing.assert_array_equal(frame["image"], part[60:260, 44:364])


def test_brightness_follows_exposure_and_gain(host, line):
    host.set(ONE, "ExposureTime", 1000.0)
    host.set(ONE, "Gain", -6.0)
    frame = one_frame(host)
    part = drawn(truth_of(line, frame)).astype(float)
    wanted = np.floor(part * 0.5 * 10 ** (-6 / 20) + 0.5)
    np.testing.assert_array_equal(frame["image"], wanted)
    host.set(ONE, "ExposureTime", 20000.0)
    host.set(ONE, "Gain", 24.0)
    bright = one_frame(host)
    lit = drawn(truth_of(line, bright)) > 1
    assert (bright["image"][lit] == 255).all()


def test_a_software_trigger_gives_exactly_one_frame(host):
    host.set(ONE, "TriggerMode", "On")
    host.start(ONE)
    try:
        assert host.fetch(ONE, QUIET_S) is None
        for number in (1, 2, 3):
            host.execute(ONE, "TriggerSoftware")
            assert host.fetch(ONE, FRAME_S)["id"] == number
            assert host.awaiting(ONE) == 0
        host.execute(ONE, "TriggerSoftware")
        host.execute(ONE, "TriggerSoftware")
        assert [host.fetch(ONE, FRAME_S)["id"] for _ in range(2)] == [4, 5]
        assert host.fetch(ONE, QUIET_S) is None
    finally:
        host.stop(ONE)


def test_a_trigger_without_trigger_mode_is_refused(host):
    with pytest.raises(HostError, match="TriggerMode On"):
        host.execute(ONE, "TriggerSoftware")


@pytest.mark.parametrize(("mode", "frames"), [("SingleFrame", 1), ("MultiFrame", 3)])
def test_acquisition_mode_bounds_the_frames(host, mode, frames):
    host.set(ONE, "AcquisitionMode", mode)
    host.set(ONE, "AcquisitionFrameCount", 3)
    host.start(ONE)
    try:
        assert all(host.fetch(ONE, FRAME_S) for _ in range(frames))
        assert host.fetch(ONE, QUIET_S) is None
    finally:
        host.stop(ONE)


@pytest.mark.parametrize("product", ["Label", "Fabric", "Board"])
def test_a_new_product_is_on_the_very_next_frame(host, line, product):
    host.start(ONE)
    try:
        assert host.fetch(ONE, FRAME_S)
        host.set(ONE, "TriggerMode", "On")
        while host.awaiting(ONE):
            host.fetch(ONE, FRAME_S)
        before = host.get(ONE, "SimPartsShown")
        host.set(ONE, "SimProduct", product)
        host.execute(ONE, "TriggerSoftware")
        frame = host.fetch(ONE, FRAME_S)
    finally:
        host.stop(ONE)
    part = truth_of(line, frame)
    assert part.product == product.lower() == host.get(ONE, "SimPartProduct")
    assert part.number == before
    np.testing.assert_array_equal(frame["image"], drawn(part))


@pytest.mark.parametrize(("rate", "defective"), [(100.0, True), (0.0, False)])
def test_defect_rate_decides_about_the_parts(host, line, rate, defective):
    host.set(ONE, "SimDefectRate", rate)
    host.start(ONE)
    frames = [host.fetch(ONE, FRAME_S) for _ in range(4)]
    host.stop(ONE)
    parts = [truth_of(line, frame) for frame in frames]
    assert [bool(part.defect) for part in parts] == [defective] * 4
    np.testing.assert_array_equal(frames[-1]["image"], drawn(parts[-1], rate / 100))
    assert bool(host.get(ONE, "SimPartDefect")) is defective


def test_writing_the_seed_starts_the_same_parts_again(host, line):
    shown = []
    for _ in range(2):
        host.set(ONE, "SimSeed", 1234)
        frame = one_frame(host)
        part = truth_of(line, frame)
        assert (part.number, part.seed) == (0, part_seed(1234, 0))
        shown.append(frame["image"])
    np.testing.assert_array_equal(shown[0], shown[1])


def test_lost_and_damaged_frames_are_seen_as_such(host):
    host.set(ONE, "SimDropPermille", 1000)
    host.start(ONE)
    try:
        assert host.fetch(ONE, QUIET_S) is None
        host.set(ONE, "SimDropPermille", 0)
        frame = host.fetch(ONE, FRAME_S)
        assert frame["id"] > 1
        assert host.incomplete(ONE) == 0
        host.set(ONE, "SimIncompletePermille", 1000)
        while host.fetch(ONE, FRAME_S):  # complete ones that were on their way
            pass
        assert host.incomplete(ONE) > 0
    finally:
        host.stop(ONE)


@pytest.mark.parametrize(("mode", "wanted"), [("NewestOnly", 3), ("OldestFirst", 1)])
def test_stream_buffer_handling_mode(host, line, mode, wanted):
    host.set_stream(ONE, "StreamBufferHandlingMode", mode)
    host.set(ONE, "TriggerMode", "On")
    passed = host.get(ONE, "SimPartsShown") + 3
    host.start(ONE)
    try:
        for _ in range(3):
            host.execute(ONE, "TriggerSoftware")
        end = time.monotonic() + FRAME_S
        while host.get(ONE, "SimPartsShown") < passed and time.monotonic() < end:
            time.sleep(0.01)
        assert host.awaiting(ONE) == (1 if mode == "NewestOnly" else 3)
        assert host.fetch(ONE, FRAME_S)["id"] == wanted
    finally:
        host.stop(ONE)


def test_timestamp_latch_reads_the_clock_of_the_frames(host):
    host.execute(ONE, "TimestampLatch")
    first = host.get(ONE, "TimestampLatchValue")
    frame = one_frame(host)
    host.execute(ONE, "TimestampLatch")
    assert 0 < first < frame["time_ns"] < host.get(ONE, "TimestampLatchValue")


def test_twenty_starts_and_stops(host):
    for _ in range(20):
        frame = one_frame(host)
        assert frame["id"] == 1


def test_two_cameras_at_once_show_different_parts(host, line):
    host.open(TWO)
    try:
        host.start(ONE)
        host.start(TWO)
        frames = {s: host.fetch(s, FRAME_S) for s in (ONE, TWO)}
        host.stop(ONE)
        host.stop(TWO)
    finally:
        host.close_camera(TWO)
    for serial, frame in frames.items():
        np.testing.assert_array_equal(frame["image"], drawn(truth_of(line, frame, serial)))
    assert (frames[ONE]["image"] != frames[TWO]["image"]).any()


def test_unplugged_camera_is_lost_and_comes_back(shared_host, line):
    shared_host.discover()
    shared_host.open(TWO)
    shared_host.start(TWO)
    assert shared_host.fetch(TWO, FRAME_S)
    line.unplug(TWO)
    try:
        assert shared_host.await_access(TWO, NO_ACCESS, FRAME_S)
        with pytest.raises(HostError, match=r"IoException.*SIM0002 was unplugged"):
            shared_host.get(TWO, "ExposureTime")
        with pytest.raises(HostError, match="IoException"):
            shared_host.stop(TWO)
        shared_host.close_camera(TWO)
        assert [d["serial_number"] for d in shared_host.discover()] == [ONE]
    finally:
        line.plug_in(TWO)
    assert [d["serial_number"] for d in shared_host.discover()] == [ONE, TWO]
    shared_host.open(TWO)
    assert one_frame(shared_host, TWO)["id"] == 1
    shared_host.close_camera(TWO)


def test_disconnect_command_pulls_the_cable_until_the_next_discovery(shared_host):
    shared_host.discover()
    shared_host.open(TWO)
    shared_host.execute(TWO, "SimDisconnect")
    assert shared_host.access(TWO) == NO_ACCESS
    shared_host.close_camera(TWO)
    assert len(shared_host.discover()) == 2


def test_a_camera_that_is_open_elsewhere_is_busy(host, line):
    other = CameraHost(str(line.producer), line.environment)
    try:
        status = {d["serial_number"]: d["access_status"] for d in other.discover()}
        assert status[ONE] == BUSY
        with pytest.raises(HostError, match="open in another process"):
            other.open(ONE)
    finally:
        other.close()


def test_camera_is_lost_when_the_simulation_ends():
    with SimulatedCamera(seed=1) as simulated:
        host = CameraHost(str(simulated.producer), simulated.environment)
        host.discover()
        host.open(ONE)
        host.start(ONE)
        assert host.fetch(ONE, FRAME_S)
    try:
        assert host.await_access(ONE, NO_ACCESS, FRAME_S)
    finally:
        host.close()


def test_without_a_line_there_is_a_moving_test_picture():
    host = CameraHost(str(producer_path()), {"UNIAD_SIMCAM_FOLDER": ""})
    try:
        assert len(host.discover()) == 1
        host.open(ONE)
        host.start(ONE)
        first, second = host.fetch(ONE, FRAME_S), host.fetch(ONE, FRAME_S)
        host.stop(ONE)
    finally:
        host.close()
    top, bottom = first["image"][:480], first["image"][480:]
    colours = {tuple(c) for c in top.reshape(-1, 3)}
    assert len(colours) == 8
    assert (top == top[0]).all(), "colour bars are upright"
    assert (bottom.astype(int)[:, 1:] - bottom[:, :-1] == 1).mean() > 0.95, "a diagonal ramp"
    np.testing.assert_array_equal(second["image"][:480, :-4], top[:, 4:])
