"""Features and feature sets through the camera process, slow registers and hanging ones."""

from __future__ import annotations

import signal
import threading
from dataclasses import replace

import psutil
import pytest

from tests.cameras.conftest import first_frame
from uniad_desktop.cameras.feature_set import FeatureEntry, compare, load, save
from uniad_desktop.cameras.feature_tree import FeatureAccess, FeatureKind
from uniad_desktop.cameras.producers import SimulatorProducer
from uniad_desktop.cameras.source import CameraError, CameraLostError, TriggerMode

pytest.importorskip("genicam", reason="GenICam is not available on this system")

from tests.cameras import slow_child
from uniad_desktop.cameras.genicam import process
from uniad_desktop.cameras.genicam import source as source_module
from uniad_desktop.cameras.open import open_source
from uniad_desktop.simulator.camera import SimulatedCamera


@pytest.fixture(scope="module")
def line():
    with SimulatedCamera(seed=1, frame_rate=20.0) as camera:
        yield camera


def opened(line):
    return open_source(
        "sim", simulator=SimulatorProducer(line.producer, line.environment), environ={}
    )


@pytest.fixture
def source(line, no_child_left):
    camera = opened(line)
    yield camera
    camera.close()


@pytest.fixture
def slow_source(line, no_child_left, monkeypatch):
    spawn = process.spawn

    def spawn_slow(module, *arguments):
        assert module == "uniad_desktop.cameras.genicam.child"
        return spawn("tests.cameras.slow_child", *arguments)

    monkeypatch.setattr(process, "spawn", spawn_slow)
    camera = opened(line)
    yield camera
    camera.close()


def with_values(found, **values):
    entries = tuple(replace(one, value=values.get(one.name, one.value)) for one in found.entries)
    return replace(found, entries=entries)


def test_every_feature_is_told_and_what_acquisition_locks(source):
    told = {one.name: one for one in source.features()}
    assert len(told) >= 30
    exposure = told["ExposureTime"]
    assert (exposure.kind, exposure.value, exposure.unit) == (FeatureKind.FLOAT, 2000.0, "us")
    assert exposure.category == ("Acquisition Control",)
    assert not any(one.locked or one.trouble for one in told.values())
    source.start(TriggerMode.FREE_RUNNING)
    first_frame(source)
    width, model, none = "Width", "DeviceModelName", "Nope"
    locked, named = source.refresh((width, model, none))
    assert (locked.locked, locked.access) == (True, FeatureAccess.READ_ONLY)
    assert (named.locked, named.access) == (False, FeatureAccess.READ_ONLY)
    for _ in range(5):
        source.features()
        first_frame(source)
    assert source.counters().missed == 0


def test_sets_are_read_kept_and_applied(source, tmp_path):
    before = source.read_set()
    assert (before.model, before.left_out) == (source.info.settings["DeviceModelName"], ())
    assert not [one for one in before.entries if one.name.startswith("Sim")]
    save(tmp_path / "a.pfs", with_values(before, ExposureTime="3500.0", Width="480"))
    report = source.apply_set(load(tmp_path / "a.pfs"))
    assert (report.complete, report.written) == (True, 2)
    assert (source.info.width, source.info.settings["ExposureTime"]) == (480, 3500.0)
    assert source.set_in_force == load(tmp_path / "a.pfs")
    source.start(TriggerMode.FREE_RUNNING)
    for act in (source.read_set, lambda: source.apply_set(before)):
        with pytest.raises(CameraError, match="only while the camera does not acquire"):
            act()
    source.stop()
    source.write_feature("ExposureTime", 3600.0)
    assert source.set_in_force is None
    assert source.apply_set(before).complete
    assert compare(source.read_set(), before) == ()


def test_a_set_that_the_camera_does_not_take_is_not_in_force(source):
    found = source.read_set()
    report = source.apply_set(
        replace(found, entries=(*found.entries, FeatureEntry("Iris", "5"))),
    )
    assert [one.entry.name for one in report.problems] == ["Iris"]
    assert report.sentence() == "The camera has no feature called Iris."
    assert source.set_in_force is None
    ignored = source.apply_set(replace(found, entries=(FeatureEntry("SimSeed", "99"),)))
    assert ignored.complete and source.read_feature("SimSeed") == 1


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="POSIX signals")
def test_after_a_loss_the_set_in_force_and_later_writes_are_there_again(source, line):
    before = source.read_set()
    source.write_feature("Gain", 1.0)
    source.apply_set(with_values(before, ExposureTime="3500.0", Gain="2.0"))
    source.write_feature("AcquisitionFrameRate", 25.0)
    source.write_feature("DeviceUserID", "left")
    for child in psutil.Process().children():
        if "uniad_desktop.cameras.genicam.child" in child.cmdline():
            child.send_signal(signal.SIGKILL)
    with pytest.raises(CameraLostError):
        for _ in range(50):
            source.read_feature("Width")
    other = opened(line)  # somebody else changes it meanwhile
    other.apply_set(before)
    other.write_feature("DeviceUserID", "")
    other.close()
    source.reopen()
    wanted = {"ExposureTime": 3500.0, "Gain": 2.0, "AcquisitionFrameRate": 25.0}
    assert {name: source.read_feature(name) for name in wanted} == wanted
    assert source.read_feature("DeviceUserID") == "left"
    source.apply_set(before)
    source.write_feature("DeviceUserID", "")


def test_a_slow_register_is_no_lost_camera(slow_source):
    slow_source.start(TriggerMode.FREE_RUNNING)
    first_frame(slow_source)
    assert slow_child.SLOW_S > process.HANG_LIMIT_S + 0.5
    read: list[object] = []
    thread = threading.Thread(target=lambda: read.append(slow_source.read_feature(slow_child.SLOW)))
    thread.start()
    while thread.is_alive():
        slow_source.next_frame(0.05)  # raises where the camera is taken for lost
    assert read and first_frame(slow_source)
    (told,) = slow_source.refresh([slow_child.SLOW])
    assert told.value == read[0] and first_frame(slow_source)


def test_a_register_that_never_answers_is_a_loss_after_its_limit(slow_source, monkeypatch):
    for module in (process, source_module):
        monkeypatch.setattr(module, "NODE_LIMIT_S", 1.0)
    slow_source.start(TriggerMode.FREE_RUNNING)
    first_frame(slow_source)
    with pytest.raises(CameraLostError, match="no answer within 1 s"):
        slow_source.refresh([slow_child.HANGING])
    with pytest.raises(CameraLostError):
        slow_source.next_frame(5.0)


def test_who_waits_for_frames_notices_a_register_that_never_answers(slow_source, monkeypatch):
    monkeypatch.setattr(process, "NODE_LIMIT_S", 1.0)
    slow_source.start(TriggerMode.FREE_RUNNING)
    first_frame(slow_source)
    caught: list[Exception] = []

    def read() -> None:
        try:
            slow_source.read_feature(slow_child.HANGING)
        except CameraError as error:
            caught.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    with pytest.raises(CameraLostError, match="its driver hangs"):
        for _ in range(100):
            slow_source.next_frame(1.0)
    thread.join(10)
    assert isinstance(caught[0], CameraLostError)


def test_a_request_does_not_wait_for_ever_behind_another(slow_source, monkeypatch):
    monkeypatch.setattr(source_module, "_TRIGGER_LIMIT_S", 0.3)
    slow_source.start(TriggerMode.SOFTWARE)
    thread = threading.Thread(target=lambda: slow_source.read_feature(slow_child.SLOW))
    thread.start()
    with pytest.raises(CameraError, match="busy with another request") as caught:
        for _ in range(100):
            slow_source.trigger()
    assert not isinstance(caught.value, CameraLostError)
    thread.join(10)
    slow_source.trigger()


def test_closing_does_not_wait_for_a_register_that_never_answers(slow_source):
    def read() -> None:
        with pytest.raises(CameraError, match="is closed"):
            slow_source.read_feature(slow_child.HANGING)

    thread = threading.Thread(target=read)
    thread.start()
    slow_source.close()
    thread.join(5)
    assert not thread.is_alive()


def test_while_every_register_is_slow_frames_go_on_and_nothing_is_lost(source):
    source.start(TriggerMode.FREE_RUNNING)
    first_frame(source)
    names = ("Gain", "ExposureTime", "Width", "PixelFormat", "AcquisitionFrameRate")
    told: list[object] = []

    def look() -> None:
        source.write_feature("SimNodeDelay", 100)  # reads dozens of registers afterwards
        told.extend(source.refresh(names))
        source.write_feature("SimNodeDelay", 0)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        frames = 0
        while thread.is_alive():
            frames += source.next_frame(0.05) is not None  # raises where it is taken for lost
    finally:
        thread.join(60)
    assert len(told) == len(names) and frames >= 3
    assert source.read_feature("SimNodeDelay") == 0


def test_a_producer_that_hangs_is_a_loss_and_the_camera_comes_back(source, monkeypatch):
    for module in (process, source_module):
        monkeypatch.setattr(module, "NODE_LIMIT_S", 1.0)
    source.start(TriggerMode.FREE_RUNNING)
    first_frame(source)
    with pytest.raises(CameraLostError, match="no answer within 1 s"):
        source.write_feature("SimHang", -1.0)
    source.reopen()
    source.start(TriggerMode.FREE_RUNNING)
    assert first_frame(source)


def test_a_camera_that_falls_silent_is_a_loss_though_the_producer_lists_it(source):
    source.start(TriggerMode.FREE_RUNNING)
    first_frame(source)
    with pytest.raises(CameraError):
        source.write_feature("SimStopAnswering", 4.0)
        source.read_feature("Width")
    with pytest.raises(CameraLostError, match="no longer answers"):
        for _ in range(50):
            source.next_frame(1.0)
