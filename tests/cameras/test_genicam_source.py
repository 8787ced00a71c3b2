"""A real GenICam stack end to end: producer, camera process, shared memory, parent."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator

import numpy as np
import psutil
import pytest

from tests.cameras.conftest import first_frame, until
from uniad_desktop.cameras.discovery import Access, list_devices
from uniad_desktop.cameras.feature_set import FeatureEntry
from uniad_desktop.cameras.frame import SourceKind
from uniad_desktop.cameras.giving_up import give_up_when
from uniad_desktop.cameras.producers import SimulatorProducer
from uniad_desktop.cameras.recordings.ring import RecordingOptions, Saving
from uniad_desktop.cameras.source import (
    CameraError,
    CameraLostError,
    CameraNotFoundError,
    TriggerMode,
)

pytest.importorskip("genicam", reason="GenICam is not available on this system")

from uniad_desktop.cameras.genicam import process
from uniad_desktop.cameras.genicam import source as source_module
from uniad_desktop.cameras.genicam.messages import OpenRequest
from uniad_desktop.cameras.genicam.source import GenicamSource
from uniad_desktop.cameras.open import open_source
from uniad_desktop.simulator.camera import SimulatedCamera

LIMIT_S = 10.0


@pytest.fixture(scope="module")
def line() -> Iterator[SimulatedCamera]:
    """A simulated camera and its line of parts."""
    with SimulatedCamera(seed=1, frame_rate=20.0) as camera:
        yield camera


@pytest.fixture
def source(line, no_child_left) -> Iterator[GenicamSource]:
    """The simulated camera, open, not started."""
    opened = open_source(
        "sim", simulator=SimulatorProducer(line.producer, line.environment), environ={}
    )
    assert isinstance(opened, GenicamSource)
    yield opened
    opened.close()


def child_of(source: GenicamSource) -> psutil.Process:
    for child in psutil.Process().children():
        if "uniad_desktop.cameras.genicam.child" in child.cmdline():
            return child
    raise AssertionError("there is no camera process")


def expect_loss(source: GenicamSource) -> str:
    with pytest.raises(CameraLostError) as caught:
        for _ in range(50):
            source.next_frame(LIMIT_S)
    return str(caught.value)


def test_free_running_frames_are_owned_labelled_pictures(source, line):
    assert (source.info.width, source.info.height) == (960, 720)
    assert source.info.kind is SourceKind.SIMULATED
    source.start(TriggerMode.FREE_RUNNING)
    frame = first_frame(source)
    kept = frame.image.copy()
    later = [first_frame(source) for _ in range(5)]
    np.testing.assert_array_equal(frame.image, kept)
    assert frame.image.shape == (720, 960, 3)
    assert frame.image.std() > 5
    ids = [frame.id, *(one.id for one in later)]
    assert ids == sorted(set(ids))
    assert (frame.source, frame.kind) == (line.serials[0], SourceKind.SIMULATED)
    assert frame.pixel_format == "RGB8"
    counters = source.counters()
    assert counters.acquired >= 6
    assert counters.incomplete == 0


def test_frames_not_taken_are_counted_as_passed_over(source):
    source.start(TriggerMode.FREE_RUNNING)
    first = first_frame(source)
    until(lambda: source.counters().passed_over >= 3)
    newest = first_frame(source)
    counters = source.counters()
    assert newest.id - first.id >= 4
    # Every frame number is accounted for.
    assert counters.acquired + counters.missed >= newest.id - first.id + 1


def test_each_software_trigger_gives_one_frame_in_order(source):
    source.start(TriggerMode.SOFTWARE)
    assert source.trigger_mode is TriggerMode.SOFTWARE
    assert source.next_frame(0.2) is None
    ids = []
    for _ in range(4):
        source.trigger()
        ids.append(first_frame(source).id)
    assert ids == list(range(ids[0], ids[0] + 4))
    # Triggers while nobody takes frames: none is lost, none is passed over.
    for count in range(5, 9):
        source.trigger()
        until(lambda count=count: source.counters().acquired >= count)
    ids += [first_frame(source).id for _ in range(4)]
    assert ids == list(range(ids[0], ids[0] + 8))
    assert source.next_frame(0.2) is None
    assert source.counters().passed_over == 0


def test_a_trigger_from_another_thread_wakes_the_waiting_one(source):
    source.start(TriggerMode.SOFTWARE)
    timer = threading.Timer(0.2, source.trigger)
    timer.start()
    assert source.next_frame(LIMIT_S) is not None
    timer.join(5)


def test_a_trigger_outside_its_mode_is_refused(source):
    with pytest.raises(CameraError, match="not waiting for software triggers"):
        source.trigger()
    source.start(TriggerMode.FREE_RUNNING)
    with pytest.raises(CameraError, match="not waiting for software triggers"):
        source.trigger()
    source.stop()
    with pytest.raises(CameraError, match="is not started"):
        source.next_frame(0.1)


def test_wrong_features_and_values_name_the_way_out(source):
    for name, value, message in (
        ("ExposureTyme", 10.0, "no feature called ExposureTyme"),
        ("ExposureTime", -1, r"accepts 10 to 1e\+06 us"),
        ("ExposureTime", float("nan"), "cannot be nan"),
        ("Width", 101, "accepts 16 to 960 in steps of 4"),
        ("Width", "wide", "takes a whole number, not wide"),
        ("SimProduct", "Banana", "accepts: Flange, Label, Fabric, Board"),
        ("AcquisitionFrameRateEnable", "perhaps", "write true or false"),
        ("DeviceModelName", "X", "read-only"),
        ("TimestampLatch", 3, "is a command"),
        ("ImageFormatControl", 1, "cannot be"),
    ):
        with pytest.raises(CameraError, match=message):
            source.write_feature(name, value)
    with pytest.raises(CameraError, match="no feature called Nope"):
        source.read_feature("Nope")
    # Nothing of this closed the camera or changed it.
    assert source.read_feature("Width") == 960


def test_features_are_written_read_and_seen_in_the_picture(source):
    source.write_feature("PixelFormat", "Mono8")
    source.write_feature("Width", "480")
    source.write_feature("ExposureTime", 4000)
    assert source.read_feature("ExposureTime") == 4000.0
    assert (source.info.width, source.info.pixel_format) == (480, "Mono8")
    source.start(TriggerMode.FREE_RUNNING)
    assert first_frame(source).image.shape == (720, 480)
    with pytest.raises(CameraError, match="locked while the camera acquires"):
        source.write_feature("Width", 960)


def test_damaged_and_dropped_frames_are_counted_apart(source):
    source.write_feature("AcquisitionFrameRate", 100.0)
    source.write_feature("SimIncompletePermille", 300)
    source.start(TriggerMode.FREE_RUNNING)
    until(lambda: source.counters().incomplete >= 3)
    source.stop()
    source.write_feature("SimIncompletePermille", 0)
    source.write_feature("SimDropPermille", 300)
    source.start(TriggerMode.FREE_RUNNING)
    until(lambda: source.counters().missed >= 3)


def test_an_open_camera_is_in_use_for_others(source, line):
    simulator = SimulatorProducer(line.producer, line.environment)
    device = list_devices(simulator, environ={}).devices[0]
    assert device.access is Access.IN_USE
    assert "in use by this station" in device.why_not
    with pytest.raises(CameraError, match=r"could not be opened\. It is in use by this station"):
        open_source(line.serials[0], simulator=simulator, environ={})


def test_unplugged_and_plugged_in_again(source, line):
    serial = line.serials[0]
    source.write_feature("ExposureTime", 3000.0)
    source.write_feature("TimestampLatch", True)  # a command: not repeated by reopen
    source.start(TriggerMode.FREE_RUNNING)
    before = first_frame(source)
    line.unplug(serial)
    try:
        assert f"{serial} no longer answers; check its cable" in expect_loss(source)
        with pytest.raises(CameraLostError):
            source.read_feature("Width")
        source.stop()  # never raises for a lost camera
        assert source.counters().acquired >= 1
        with pytest.raises(CameraNotFoundError, match="is not connected"):
            source.reopen()
    finally:
        line.plug_in(serial)
    source.reopen()
    assert source.info.serial == serial
    assert source.read_feature("ExposureTime") == 3000.0
    counted = source.counters().acquired
    source.start(TriggerMode.FREE_RUNNING)
    assert first_frame(source).source == before.source
    assert source.counters().acquired > counted


def test_a_loss_while_stopped_is_noticed_too(source, line):
    line.unplug(line.serials[0])
    try:
        with pytest.raises(CameraLostError, match="no longer answers"):
            until(lambda: source.read_feature("ExposureTime") == "never")
    finally:
        line.plug_in(line.serials[0])


def test_closing_wakes_the_thread_that_waits_for_a_frame(source):
    source.start(TriggerMode.SOFTWARE)
    timer = threading.Timer(0.3, source.close)
    timer.start()
    with pytest.raises(CameraError, match=r"is closed\."):
        source.next_frame(LIMIT_S)
    timer.join(5)


def noticed_elsewhere(source: GenicamSource) -> None:
    """What a thread does that reads features or fires triggers and finds the camera gone."""
    source._lost("its cable is out")


def test_a_loss_that_another_thread_notices_while_a_frame_arrives_is_a_loss(source):
    source.start(TriggerMode.FREE_RUNNING)
    process = source._process
    take = process.take

    def take_and_lose(timeout_s):
        notice = take(timeout_s)
        if notice is not None:
            noticed_elsewhere(source)
        return notice

    process.take = take_and_lose
    assert "its cable is out" in expect_loss(source)


@pytest.mark.parametrize("call", ["next_frame", "trigger"])
def test_a_loss_noticed_by_another_thread_just_before_is_a_loss(source, monkeypatch, call):
    source.start(TriggerMode.SOFTWARE)
    alive, asked = source._alive, []

    def alive_for_the_last_time():
        process = alive()
        if not asked:
            asked.append(1)
            noticed_elsewhere(source)
        return process

    monkeypatch.setattr(source, "_alive", alive_for_the_last_time)
    with pytest.raises(CameraLostError, match="its cable is out"):
        getattr(source, call)(*([LIMIT_S] if call == "next_frame" else []))


def test_a_loss_that_another_thread_notices_while_it_starts_is_a_loss(source, monkeypatch):
    look = source._look

    def look_and_lose(command, *arguments):
        answer = look(command, *arguments)
        noticed_elsewhere(source)
        return answer

    monkeypatch.setattr(source, "_look", look_and_lose)
    with pytest.raises(CameraLostError, match="its cable is out"):
        source.start(TriggerMode.FREE_RUNNING)


def test_settings_that_are_refused_after_a_loss_keep_the_camera_closed(source):
    source.write_feature("SimProduct", "Label")
    # As if the camera came back with other firmware.
    source._in_force.write(FeatureEntry("SimProduct", "Banana"))
    with pytest.raises(CameraError, match="is back but does not take its settings: SimProduct"):
        source.reopen()
    with pytest.raises(CameraError, match="does not take its settings"):
        source.start(TriggerMode.FREE_RUNNING)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="POSIX signals")
def test_a_killed_or_hanging_camera_process_is_a_loss_and_can_be_reopened(source):
    source.start(TriggerMode.FREE_RUNNING)
    first_frame(source)
    child_of(source).send_signal(signal.SIGKILL)
    assert "was lost: its process was ended by SIGKILL" in expect_loss(source)
    source.reopen()
    source.start(TriggerMode.SOFTWARE)
    child = child_of(source)
    child.send_signal(signal.SIGSTOP)  # a driver that hangs
    assert "was lost: its driver hangs" in expect_loss(source)
    until(lambda: not child.is_running())
    source.reopen()
    child_of(source).send_signal(signal.SIGKILL)
    with pytest.raises(CameraLostError, match="SIGKILL"):
        source.start(TriggerMode.FREE_RUNNING)


@pytest.mark.parametrize("given_up", [True, False], ids=["given up", "limit"])
def test_a_producer_that_does_not_return_from_opening_is_left(
    line, no_child_left, monkeypatch, given_up
):
    spawn = process.spawn
    monkeypatch.setattr(
        process, "spawn", lambda module, *more: spawn("tests.cameras.hanging_child", *more)
    )
    monkeypatch.setattr(source_module, "_OPEN_LIMIT_S", 60.0 if given_up else 2.5)
    told = []

    def work() -> None:
        if given_up:
            give_up_when(lambda: True)
        simulator = SimulatorProducer(line.producer, line.environment)
        try:
            open_source("sim", simulator=simulator, environ={})
        except CameraError as error:
            told.append(str(error))

    opening = threading.Thread(target=work)
    opening.start()
    opening.join(30.0)
    assert not opening.is_alive()
    why = "its driver hangs" if given_up else "it gave no answer within 2.5 s"
    assert told and f"could not be opened: {why}." in told[0]


def test_seconds_without_a_sign_of_life_are_told(source):
    source.start(TriggerMode.FREE_RUNNING)
    first_frame(source)
    assert source.seconds_silent() < 5.0
    writer = threading.Thread(target=source.write_feature, args=("SimHang", 1.5))
    writer.start()
    until(lambda: source.seconds_silent() > 1.0)
    writer.join(30.0)
    until(lambda: source.seconds_silent() < 1.0)
    source.close()
    assert source.seconds_silent() == 0.0


def test_open_and_close_leave_nothing_behind(viky, no_child_left):
    process = psutil.Process()

    def once() -> None:
        source = GenicamSource(OpenRequest(str(viky)))
        source.start(TriggerMode.FREE_RUNNING)
        first_frame(source)
        source.close()
        source.close()
        with pytest.raises(CameraError, match="is closed"):
            source.next_frame(0.1)

    once()
    before = process.num_fds() if hasattr(process, "num_fds") else process.num_handles()
    for _ in range(2):
        once()
    after = process.num_fds() if hasattr(process, "num_fds") else process.num_handles()
    assert after <= before


def test_a_camera_without_trigger_says_so_and_still_runs_free(viky, no_child_left):
    source = GenicamSource(OpenRequest(str(viky), serial="1"))
    try:
        # A producer that is known to invent its pictures is never labelled LIVE.
        assert source.info.kind is SourceKind.SIMULATED
        with pytest.raises(CameraError, match="no software trigger; run it free-running"):
            source.start(TriggerMode.SOFTWARE)
        source.start(TriggerMode.FREE_RUNNING)
        assert first_frame(source).image.shape == (400, 400, 3)
    finally:
        source.close()


def test_a_device_that_is_not_there_is_a_sentence(viky, no_child_left):
    with pytest.raises(CameraNotFoundError, match="camera 99 is not connected"):
        GenicamSource(OpenRequest(str(viky), serial="99"))
    with pytest.raises(CameraNotFoundError, match="not connected"):
        GenicamSource(OpenRequest(str(viky.with_name("none.cti"))))


def test_the_settings_of_the_picture_are_told_at_the_start_and_after_writing(source, line):
    assert source.info.settings["DeviceSerialNumber"] == line.serials[0]
    assert "ExposureTime" not in source.info.settings
    source.start(TriggerMode.FREE_RUNNING)
    settings = source.info.settings
    assert settings["DeviceModelName"] and settings["PixelFormat"] == "RGB8"
    assert settings["ExposureTime"] == 2000.0 and settings["Gain"] == 0.0
    assert settings["TriggerMode"] == "Off" and settings["Width"] == 960
    assert "SimPartsShown" not in settings and "DeviceTemperature" not in settings
    source.write_feature("ExposureTime", 2500.0)
    source.write_feature("SimDefectRate", 0.0)
    assert source.info.settings["ExposureTime"] == 2500.0
    assert source.info.settings["SimDefectRate"] == 0.0
    source.write_feature("ExposureTime", 2000.0)
    source.write_feature("SimDefectRate", 5.0)


def test_the_last_frames_are_saved_as_the_camera_sent_them(line, no_child_left, tmp_path):
    simulator = SimulatorProducer(line.producer, line.environment)
    options = RecordingOptions(seconds=5.0, megabytes=64)
    source = open_source("sim", simulator=simulator, environ={}, recording=options)
    assert isinstance(source, GenicamSource)
    source.start(TriggerMode.SOFTWARE)
    seen = []
    for _ in range(4):
        source.trigger()
        seen.append(first_frame(source))
    assert source.recording_state().frames == 4
    source.save_recording(tmp_path / "rec", seconds=60.0)
    until(lambda: source.recording_state().saving is not Saving.WRITING)
    state = source.recording_state()
    assert (state.saving, state.saved_frames) == (Saving.DONE, 4), state.detail
    source.save_recording(tmp_path / "rec", seconds=60.0)
    until(lambda: source.recording_state().saving is not Saving.WRITING)
    assert "is there already" in source.recording_state().detail
    source.close()

    replay = open_source(f"replay:{tmp_path / 'rec'}", loop=False)
    replay.start(TriggerMode.FREE_RUNNING)
    for frame in seen:
        again = first_frame(replay)
        np.testing.assert_array_equal(again.image, frame.image)
        assert (again.id, again.timestamp_ns) == (frame.id, frame.timestamp_ns)
        assert again.kind is SourceKind.FILE
    replay.close()
