"""Lines and bursts of the simulated camera, through the camera process, to decisions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.helpers import make_tiny_package
from tests.inspection.fakes import wait_for
from uniad_desktop.app import RunningStation, build_station, open_model
from uniad_desktop.cameras.source import FrameSource, TriggerMode, TriggerSettings
from uniad_desktop.commands.dispatch import run_command
from uniad_desktop.inspection import trigger_service
from uniad_desktop.inspection.types import InspectedFrame, LatencyStart, Reason, StationState
from uniad_desktop.interrupt import Interrupt
from uniad_desktop.station_options import StationOptions

pytest.importorskip("genicam", reason="GenICam is not available on this system")

SECONDS = 60.0  # for a machine that does much else
LINE = TriggerSettings(TriggerMode.HARDWARE, "Line1", "RisingEdge", delay_us=50.0)
Build = Callable[[TriggerSettings], tuple[RunningStation, list[InspectedFrame]]]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_package(tmp_path_factory.mktemp("models"))


@pytest.fixture
def build(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Build]:
    # The line has just begun to render parts, and the machine may be busy.
    monkeypatch.setattr(trigger_service, "DECISION_LIMIT_S", SECONDS)
    running: list[RunningStation] = []

    def make(trigger: TriggerSettings) -> tuple[RunningStation, list[InspectedFrame]]:
        options = StationOptions("sim", tmp_path, model=str(model), seed=3, trigger_mode=trigger)
        decisions: list[InspectedFrame] = []
        one = build_station(options, open_model(options), [decisions.append])
        running.append(one)
        one.station.start()
        wait_for(lambda: one.station.state is StationState.RUNNING, SECONDS)
        return one, decisions

    yield make
    for one in running:
        assert one.close()


def pulse(running: RunningStation) -> None:
    simulator = running._camera._simulator
    assert simulator is not None
    simulator.pulse("SIM0001", 1)


def camera(running: RunningStation) -> FrameSource:
    source = running.station._inspector._acquisition.source
    assert source is not None
    return source


def test_each_pulse_of_the_line_gets_one_decision(build: Build) -> None:
    running, decisions = build(LINE)
    info = running.station.source_info
    assert info is not None and "Line1" in info.trigger_sources
    assert info.settings["TriggerSource"] == "Line1"
    for expected in range(1, 6):
        pulse(running)
        wait_for(lambda: len(decisions) >= expected, SECONDS)  # noqa: B023
    assert [one.inspection.number for one in decisions] == [1, 2, 3, 4, 5]
    assert all(one.inspection.simulated for one in decisions)
    assert {one.inspection.latency_from for one in decisions} == {LatencyStart.CAMERA}
    assert running.station.counters().triggered == 5 and running.station.problem == ""


def test_frames_that_are_lost_or_damaged_are_parts_too(build: Build) -> None:
    running, decisions = build(LINE)
    pulse(running)
    wait_for(lambda: len(decisions) == 1, SECONDS)
    camera(running).write_feature("SimIncompletePermille", 1000)
    pulse(running)
    wait_for(lambda: len(decisions) == 2, SECONDS)  # though nothing follows it
    camera(running).write_feature("SimIncompletePermille", 0)
    camera(running).write_feature("SimDropPermille", 1000)
    shown = camera(running).read_feature("SimPartsShown")
    pulse(running)
    wait_for(lambda: camera(running).read_feature("SimPartsShown") != shown, SECONDS)
    camera(running).write_feature("SimDropPermille", 0)
    pulse(running)
    wait_for(lambda: len(decisions) == 4, SECONDS)
    lost = [one.inspection.reason is Reason.FRAME_LOST for one in decisions]
    assert lost == [False, True, True, False]


def test_a_line_that_the_camera_does_not_have_fails_with_those_it_has(build: Build) -> None:
    running, _ = build(LINE)
    station = running.station
    station.set_trigger_mode(TriggerSettings(TriggerMode.HARDWARE, "Line9"))
    wait_for(lambda: station.state is StationState.FAILED, SECONDS)
    assert "has no trigger source Line9; it has Line0, Line1" in station.problem


def test_the_command_prints_each_part_of_a_burst(
    build: Build, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    running, decisions = build(TriggerSettings(TriggerMode.SOFTWARE, burst=3))
    arguments = ["--data-dir", str(tmp_path), "--count", "2", "--wait", "--json"]
    assert run_command("trigger", arguments, Interrupt()) == 0
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["number"] for one in printed] == [1, 2, 3, 4, 5, 6]
    assert [one["frame_id"] for one in printed] == [one.inspection.frame_id for one in decisions]
    assert running.station.counters().triggered == 2
