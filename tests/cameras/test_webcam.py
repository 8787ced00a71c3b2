"""A webcam as a source; none is needed, the tests bring what OpenCV would open."""

from __future__ import annotations

import queue
import threading
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.cameras.conftest import until
from uniad_desktop.cameras.frame import SourceKind
from uniad_desktop.cameras.source import (
    CameraError,
    CameraLostError,
    CameraNotFoundError,
    TriggerMode,
    TriggerSettings,
)
from uniad_desktop.cameras.video_devices import VideoDevice, video_devices, why_no_webcam
from uniad_desktop.cameras.webcam import WebcamSource
from uniad_desktop.cameras.webcam_reader import WebcamReader

LIMIT_S = 10.0
DEVICE = VideoDevice(0, "Integrated Camera", Path("/dev/video0"), True)


class FakeWebcam:
    """Sends frame after frame, each with its number, until it is unplugged or hangs."""

    def __init__(self, opened=True, size=(8, 6), period_s=0.005):
        self.opened, self.size, self.period_s = opened, size, period_s
        self.number = 0
        self.unplugged = threading.Event()
        self.hanging = threading.Event()
        self.released = threading.Event()
        self.damaged: queue.SimpleQueue[bool] = queue.SimpleQueue()

    def isOpened(self):  # noqa: N802
        return self.opened

    def grab(self):
        while self.hanging.is_set() and not self.unplugged.is_set():
            time.sleep(0.01)
        time.sleep(self.period_s)
        self.number += 1
        return not self.unplugged.is_set()

    def retrieve(self):
        if not self.damaged.empty():
            self.damaged.get()
            return False, None
        width, height = self.size
        high, low = divmod(self.number, 256)
        return True, np.full((height, width, 3), (low, high, 0), np.uint8)

    def get(self, prop):
        return {
            cv2.CAP_PROP_FRAME_WIDTH: self.size[0],
            cv2.CAP_PROP_FRAME_HEIGHT: self.size[1],
        }.get(prop, 0.0)

    def set(self, prop, value):
        return True

    def release(self):
        self.released.set()


def number_of(frame):
    """Which frame of the webcam it is; its channels are RGB."""
    return int(frame.image[0, 0, 1]) * 256 + int(frame.image[0, 0, 2])


@pytest.fixture
def webcam():
    fake = FakeWebcam()
    yield fake
    fake.unplugged.set()
    assert fake.released.wait(LIMIT_S)


@pytest.fixture
def source(webcam):
    opened = WebcamSource(0, open_capture=lambda number: webcam, devices=lambda: [DEVICE])
    yield opened
    opened.close()


def test_a_webcam_says_what_it_is(source):
    info = source.info
    assert (info.name, info.serial, info.kind) == (
        "Integrated Camera", "webcam:0", SourceKind.LIVE
    )  # fmt: skip
    assert (info.width, info.height, info.pixel_format) == (8, 6, "RGB8")
    with pytest.raises(CameraError, match="no feature Gain"):
        source.read_feature("Gain")
    with pytest.raises(CameraError, match="no feature Gain"):
        source.write_feature("Gain", 1)


@pytest.mark.parametrize("name", ["OBS Virtual Camera", "Dummy video device (0x0000)"])
def test_a_webcam_that_invents_its_pictures_counts_as_simulated(webcam, name):
    device = VideoDevice(0, name, Path("/dev/video0"), True)
    source = WebcamSource(0, open_capture=lambda number: webcam, devices=lambda: [device])
    source.start(TriggerMode.FREE_RUNNING)
    assert source.next_frame(LIMIT_S).kind is SourceKind.SIMULATED
    source.close()


def test_free_running_gives_the_newest_and_counts_the_others(source, webcam):
    source.start(TriggerMode.FREE_RUNNING)
    first = source.next_frame(LIMIT_S)
    until(lambda: source.counters().passed_over >= 5)
    shown = webcam.number
    second = source.next_frame(LIMIT_S)
    assert second.id == first.id + 1
    assert number_of(second) >= shown - 1
    assert source.counters().acquired >= number_of(second)


def test_a_trigger_gets_a_frame_that_was_exposed_after_it(source, webcam):
    source.start(TriggerMode.SOFTWARE)
    until(lambda: webcam.number > 20)  # frames before the trigger, which nobody asked for
    assert source.next_frame(0.0) is None
    for _ in range(3):
        at, seen = time.monotonic_ns(), webcam.number
        source.trigger()
        frame = source.next_frame(LIMIT_S)
        assert frame.timestamp_ns > at and frame.received_ns > at
        assert number_of(frame) > seen
        assert source.next_frame(0.02) is None
    assert source.counters().passed_over == 0


def test_every_trigger_gets_a_frame_of_its_own_in_order(source):
    source.start(TriggerMode.SOFTWARE)
    for _ in range(3):
        source.trigger()
    frames = [source.next_frame(LIMIT_S) for _ in range(3)]
    assert [frame.id for frame in frames] == [1, 2, 3]
    numbers = [number_of(frame) for frame in frames]
    assert numbers == sorted(set(numbers))
    with pytest.raises(CameraError, match="faster than it sends frames"):
        for _ in range(1000):
            source.trigger()


def test_the_time_of_the_driver_decides_which_frame_is_old(webcam):
    """A frame that lay in the driver arrives after the trigger, but was exposed before it."""
    late_ms = 400.0
    webcam.get = lambda prop: (
        time.monotonic() * 1e3 - late_ms if prop == cv2.CAP_PROP_POS_MSEC else 8.0
    )
    source = WebcamSource(0, open_capture=lambda number: webcam, devices=lambda: [])
    source.start(TriggerMode.SOFTWARE)
    at = time.monotonic_ns()
    source.trigger()
    frame = source.next_frame(LIMIT_S)
    assert frame.timestamp_ns > at
    assert frame.received_ns - at > late_ms * 1e6
    source.close()


def test_triggers_outside_their_mode_and_frames_before_the_start_are_refused(source):
    with pytest.raises(CameraError, match="is not started"):
        source.next_frame(0.1)
    source.start(TriggerMode.FREE_RUNNING)
    with pytest.raises(CameraError, match="not waiting for software triggers"):
        source.trigger()
    source.stop()
    with pytest.raises(CameraError, match="is not started"):
        source.next_frame(0.1)


def test_damaged_frames_are_counted_not_given(source, webcam):
    for _ in range(3):
        webcam.damaged.put(True)
    source.start(TriggerMode.FREE_RUNNING)
    until(lambda: source.counters().incomplete == 3)
    assert source.next_frame(LIMIT_S) is not None


@pytest.mark.parametrize("how", ["unplugged", "hanging"])
def test_a_loss_is_noticed_and_the_webcam_can_come_back(how):
    webcams: list[FakeWebcam] = []

    def plug_in(number):
        webcams.append(FakeWebcam())
        return webcams[-1]

    source = WebcamSource(0, open_capture=plug_in, devices=lambda: [DEVICE])
    source.start(TriggerMode.FREE_RUNNING)
    assert source.next_frame(LIMIT_S) is not None
    acquired = source.counters().acquired
    getattr(webcams[0], how).set()
    with pytest.raises(CameraLostError, match="no longer sends frames"):
        for _ in range(200):
            source.next_frame(0.05)
    with pytest.raises(CameraLostError):
        source.next_frame(0.05)
    with pytest.raises(CameraLostError):
        source.start(TriggerMode.FREE_RUNNING)
    webcams[0].unplugged.set()
    source.reopen()
    source.start(TriggerMode.FREE_RUNNING)
    assert source.next_frame(LIMIT_S) is not None
    assert source.counters().acquired > acquired
    source.close()
    assert all(webcam.released.wait(LIMIT_S) for webcam in webcams)


def test_silence_means_loss_even_while_one_waits_longer_than_that(source, webcam):
    source.start(TriggerMode.SOFTWARE)
    webcam.hanging.set()
    with pytest.raises(CameraLostError):
        source.next_frame(60.0)


def test_a_webcam_that_is_not_there_is_named(monkeypatch):
    absent = FakeWebcam(opened=False)
    with pytest.raises(CameraNotFoundError, match=r"no webcam 3; there is webcam:0 \(Integrated"):
        WebcamSource(3, open_capture=lambda number: absent, devices=lambda: [DEVICE])
    assert absent.released.is_set()
    assert "there is none" in why_no_webcam(0, [])
    assert "sends no picture; close other programs" in why_no_webcam(0, [DEVICE])
    forbidden = VideoDevice(0, "Integrated Camera", Path("/dev/video0"), False)
    monkeypatch.setenv("LOGNAME", "operator")
    assert "(/dev/video0): run sudo usermod -aG video operator" in why_no_webcam(0, [forbidden])


def test_frames_that_are_too_large_are_refused():
    huge = FakeWebcam(size=(1 << 16, 1 << 14))
    with pytest.raises(CameraError, match="65536 x 16384 pixels"):
        WebcamSource(0, open_capture=lambda number: huge, devices=lambda: [])
    assert huge.number == 0


def test_a_failure_of_the_driver_ends_the_reader():
    def fail():
        raise cv2.error("no such device")

    reader = WebcamReader(fail, "The webcam 0")
    assert reader.first(LIMIT_S) is None and reader.ended
    assert reader.close(LIMIT_S)


def test_close_twice(webcam):
    source = WebcamSource(0, open_capture=lambda number: webcam, devices=lambda: [])
    assert source.info.name == "webcam 0"
    source.close()
    source.close()
    source.stop()
    with pytest.raises(CameraError, match="is closed"):
        source.start(TriggerMode.FREE_RUNNING)


def test_the_system_lists_one_node_per_webcam(tmp_path):
    for name, index, label in (
        ("video10", "0", "USB"),
        ("video2", "0", "Cam"),
        ("video3", "1", "Cam"),
    ):
        folder = tmp_path / "class" / name
        folder.mkdir(parents=True)
        (folder / "index").write_text(index + "\n")
        (folder / "name").write_text(label + "\n")
        (tmp_path / name).touch()
    found = video_devices(tmp_path / "class", tmp_path, lambda node: True)
    assert [str(device) for device in found] == [
        f"webcam:2 (Cam, {tmp_path / 'video2'})",
        f"webcam:10 (USB, {tmp_path / 'video10'})",
    ]
    assert video_devices(tmp_path / "nowhere") == ()


def test_without_any_webcam_opencv_says_nothing_of_its_own(capfd):
    if Path("/dev/video0").exists():
        pytest.skip("there is a webcam here")
    with pytest.raises(CameraNotFoundError, match="There is no webcam 0; there is"):
        WebcamSource(0)
    assert capfd.readouterr() == ("", "")


def test_a_webcam_has_no_lines(source):
    with pytest.raises(CameraError, match="The webcam 0 has no lines and takes no hardware"):
        source.start(TriggerSettings(TriggerMode.HARDWARE))
