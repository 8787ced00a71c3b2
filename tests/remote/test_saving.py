"""`uniad-desktop record --running`: the running station saves what it has in memory."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.inspection.fakes import MODEL, PRODUCTS, FakeDetector, FakeSource, wait_for
from uniad_desktop.cameras.recordings.ring import RecordingState, Saving
from uniad_desktop.cameras.source import CameraError
from uniad_desktop.commands.dispatch import run_command
from uniad_desktop.inspection.station import Station
from uniad_desktop.inspection.types import StationState
from uniad_desktop.interrupt import Interrupt
from uniad_desktop.remote import protocol, saving
from uniad_desktop.remote.client import RefusedError, TriggerClient
from uniad_desktop.remote.port import TriggerPort
from uniad_desktop.remote.protocol import (
    ProtocolError,
    SaveRequest,
    TriggerRequest,
    read_answer,
    read_request,
    write_answer,
    write_request,
)


class Camera(FakeSource):
    """Keeps 50 frames of 9.8 s; a saving is done, or has failed, once `may_go` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[Path, float]] = []
        self.refuses = self.fails = ""
        self.may_go = threading.Event()
        self.may_go.set()

    def save_recording(self, folder: Path, seconds: float) -> None:
        if self.refuses:
            raise CameraError(self.refuses)
        self.asked.append((folder, seconds))

    def recording_state(self) -> RecordingState:
        if not self.asked or not self.may_go.is_set():
            saving = Saving.WRITING if self.asked else Saving.IDLE
            return RecordingState(50, 9.8, saving)
        if self.fails:
            return RecordingState(50, 9.8, Saving.FAILED, 50, 9.8, self.fails)
        return RecordingState(50, 9.8, Saving.DONE, 50, 9.8, str(self.asked[-1][0]))


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Callable[..., Station]]:
    stations: list[Station] = []
    ports: list[TriggerPort] = []

    def make(*sources: FakeSource, start: bool = True) -> Station:
        for source in sources:
            station = Station(
                open_source=lambda source=source: source,
                load_detector=FakeDetector,
                products=PRODUCTS,
                product="flange",
                model=MODEL,
            )
            stations.append(station)
            if start:
                station.start()
                wait_for(lambda station=station: station.state is StationState.RUNNING)
        ports.append(TriggerPort(tmp_path, stations))
        return stations[0]

    yield make
    for port in ports:
        assert port.close()
    for station in stations:
        assert station.close(5.0)
    left = [one.name for one in threading.enumerate() if one.name.startswith("trigger-")]
    assert left == []


def command(folder: Path, *arguments: str, interrupt: Interrupt | None = None) -> int:
    given = ["--running", "--data-dir", str(folder), *arguments]
    return run_command("record", given, interrupt or Interrupt())


def test_the_station_names_the_recording(build, tmp_path, capsys):
    camera = Camera()
    station = build(camera)
    assert station.recorder is camera
    assert command(tmp_path) == 0
    ((folder, seconds),) = camera.asked
    assert folder.parent == tmp_path / "recordings" and folder.name.endswith("_F1")
    assert seconds == 10.0
    told = capsys.readouterr().out
    assert told == (
        f"50 frames of 9.8 s are saved in {folder}; play them with --camera replay:{folder}\n"
    )


def test_folder_seconds_and_camera_can_be_said(build, tmp_path, capsys, monkeypatch):
    first, second = Camera(), Camera()
    build(first, second)
    monkeypatch.chdir(tmp_path)
    given = ("--camera", "2", "--seconds", "2.5", "odd \u4e2d")
    assert command(tmp_path, *given) == 0
    assert first.asked == [] and second.asked == [(tmp_path / "odd \u4e2d", 2.5)]
    assert command(tmp_path, "--seconds", "1e9") == 0
    assert first.asked[0][1] == protocol.MOST_SECONDS


def test_a_stopped_station_saves_what_is_still_in_memory(build, tmp_path):
    camera = Camera()
    station = build(camera)
    station.stop()
    wait_for(lambda: station.state is StationState.STOPPED)
    assert command(tmp_path) == 0 and camera.asked


@pytest.mark.parametrize("when", ["refuses", "fails"])
def test_what_went_wrong_is_told(build, tmp_path, capsys, when):
    camera = Camera()
    setattr(camera, when, "The disk is full; free space.")
    build(camera)
    assert command(tmp_path) == 8
    assert capsys.readouterr().err == "uniad-desktop record: The disk is full; free space.\n"


def test_files_and_cameras_that_are_not_open_keep_nothing(build, tmp_path, capsys):
    station = build(FakeSource())
    assert station.recorder is None
    assert command(tmp_path) == 8
    assert "Fake is no GenICam camera" in capsys.readouterr().err


def test_before_the_camera_is_open_nothing_is_in_memory(build, tmp_path, capsys):
    build(Camera(), start=False)
    assert command(tmp_path) == 8
    assert "Camera 1 is not open" in capsys.readouterr().err
    assert command(tmp_path, "--camera", "2") == 8
    assert "no camera 2; it has one camera" in capsys.readouterr().err


def test_no_station_is_a_code_of_its_own(tmp_path, capsys):
    assert command(tmp_path) == 7
    assert "No station runs" in capsys.readouterr().err


@pytest.mark.parametrize(
    "given",
    [
        ("--camera", "sim"),
        ("--megabytes", "5"),
        ("--frame-rate", "5"),
        ("--trigger", "software"),
        ("--burst", "2"),
    ],
)
def test_what_the_station_decides_cannot_be_said(tmp_path, capsys, given):
    assert command(tmp_path, *given) == 2
    told = capsys.readouterr().err
    assert given[0] in told and "--running" in told


def test_a_folder_that_is_there_is_never_written_to(build, tmp_path, capsys):
    camera = Camera()
    build(camera)
    (tmp_path / "rec").mkdir()
    assert command(tmp_path, str(tmp_path / "rec")) == 1
    assert "is there already" in capsys.readouterr().err and camera.asked == []


def test_a_disk_that_never_ends_is_given_up(build, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(saving, "WRITE_LIMIT_S", 0.2)
    camera = Camera()
    camera.may_go.clear()
    build(camera)
    assert command(tmp_path) == 8
    assert "has not taken the recording" in capsys.readouterr().err


def test_ctrl_c_ends_the_waiting_and_not_the_saving(build, tmp_path):
    camera = Camera()
    camera.may_go.clear()
    build(camera)
    interrupt = Interrupt()
    threading.Timer(0.3, interrupt._asked.set).start()
    assert command(tmp_path, interrupt=interrupt) == 130
    assert len(camera.asked) == 1
    camera.may_go.set()
    assert command(tmp_path) == 0


def test_closing_the_station_ends_the_waiting(tmp_path):
    camera = Camera()
    camera.may_go.clear()
    station = Station(
        open_source=lambda: camera,
        load_detector=FakeDetector,
        products=PRODUCTS,
        product="flange",
        model=MODEL,
    )
    station.start()
    wait_for(lambda: station.state is StationState.RUNNING)
    port = TriggerPort(tmp_path, [station])
    try:
        with TriggerClient(tmp_path) as client:
            closer = threading.Timer(0.3, port.close)
            closer.start()
            with pytest.raises(RefusedError, match="closed"):
                client.save(SaveRequest())
            closer.join(10)
    finally:
        assert port.close()
        assert station.close(5.0)


def test_requests_and_answers_come_as_they_were_sent(tmp_path):
    odd = str(tmp_path / "\udcff\u4e2d")  # a name that is no UTF-8
    for request in (SaveRequest(2, 2.5, odd), SaveRequest(), TriggerRequest(3, True)):
        assert read_request(write_request(request)) == request
    saved = {"folder": odd, "frames": 3, "seconds": 1.5}
    assert read_answer(write_answer(saved=saved))["saved"] == saved
    for nonsense in ({}, {"folder": odd, "frames": True, "seconds": 1.5}, [saved]):
        with pytest.raises(ProtocolError, match="not understood"):
            read_answer(write_answer(saved=nonsense))


@pytest.mark.parametrize(
    "wrong",
    [
        {"camera": True},
        {"camera": 1.0},
        {"seconds": 0},
        {"seconds": -1},
        {"seconds": True},
        {"seconds": "1"},
        {"seconds": float("nan")},
        {"seconds": float("inf")},
        {"seconds": 10**400},
        {"folder": "here"},
        {"folder": "/a\0b"},
        {"folder": "/" + "a" * 5000},
        {"folder": None},
        {"do": "format"},
        {"version": 2},
    ],
)
def test_nonsense_is_no_request(wrong):
    right = {"version": 1, "do": "save", "camera": 1, "seconds": 1, "folder": ""}
    assert read_request(json.dumps(right).encode()) == SaveRequest(1, 1.0)
    with pytest.raises(ProtocolError, match="another version"):
        read_request(json.dumps({**right, **wrong}).encode())


def test_an_answer_to_something_else_is_none(tmp_path, monkeypatch):
    port = TriggerPort(tmp_path, [])
    monkeypatch.setattr(port, "_answer", lambda request: write_answer(decisions=[]))
    try:
        with (
            TriggerClient(tmp_path) as client,
            pytest.raises(RefusedError, match="something else"),
        ):
            client.save(SaveRequest())
    finally:
        assert port.close()


def test_frames_of_the_simulated_camera_are_saved_while_it_inspects(tmp_path, capsys):
    pytest.importorskip("genicam", reason="GenICam is not available on this system")
    from uniad_desktop.camera_opener import CameraOpener
    from uniad_desktop.cameras.recordings.reader import Recording
    from uniad_desktop.cameras.recordings.ring import RecordingOptions
    from uniad_desktop.station_options import StationOptions

    options = StationOptions("sim", tmp_path, frame_rate=20.0, recording=RecordingOptions(10.0, 64))
    opener = CameraOpener(options, product="flange")
    station = Station(
        open_source=opener.open,
        load_detector=FakeDetector,
        products=PRODUCTS,
        product="flange",
        model=MODEL,
    )
    port = TriggerPort(tmp_path, [station])
    try:
        station.start()
        wait_for(lambda: station.counters().inspected > 5, 30.0)
        assert command(tmp_path) == 0
        station.stop()
        wait_for(lambda: station.state is StationState.STOPPED)
        assert command(tmp_path, str(tmp_path / "stopped")) == 0
    finally:
        assert port.close()
        assert station.close()
        opener.close()
    (folder,) = (tmp_path / "recordings").iterdir()
    assert folder.name.endswith("_SIM0001") and str(folder) in capsys.readouterr().out
    for place in (folder, tmp_path / "stopped"):
        recording = Recording(place)
        assert recording.camera.kind == "SIMULATED" and len(recording.frames) > 1
        recording.close()
