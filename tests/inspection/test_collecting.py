"""A station that collects parts instead of inspecting them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tests.inspection.fakes import MODEL, PRODUCTS, FakeDetector, FakeSource, wait_for
from uniad_desktop.cameras.frame import Frame
from uniad_desktop.cameras.source import CameraLostError, EndOfFrames, SourceCounters, TriggerMode
from uniad_desktop.inspection import inspector, trigger_service
from uniad_desktop.inspection.station import Station
from uniad_desktop.inspection.types import InspectedFrame, Reason, StationState

Make = Callable[..., Station]


@pytest.fixture
def source() -> FakeSource:
    return FakeSource(frozenset({"SimProduct"}))


@pytest.fixture
def decisions() -> list[InspectedFrame]:
    return []


@pytest.fixture
def frames() -> list[Frame]:
    return []


@pytest.fixture
def make(
    source: FakeSource, decisions: list[InspectedFrame], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Make]:
    monkeypatch.setattr(inspector, "BACK_OFF_S", (0.05,))
    made: list[Station] = []

    def build(**changes: object) -> Station:
        arguments: dict[str, object] = {
            "open_source": lambda: source,
            "load_detector": FakeDetector,
            "products": PRODUCTS,
            "product": "flange",
            "model": MODEL,
            "sinks": [decisions.append],
        }
        made.append(Station(**(arguments | changes)))  # type: ignore[arg-type]
        return made[-1]

    yield build
    for station in made:
        assert station.close()


def running(station: Station, state: StationState = StationState.RUNNING) -> None:
    wait_for(lambda: station.state is state)


def test_frames_are_handed_over_and_nothing_is_decided(
    make: Make, source: FakeSource, decisions: list[InspectedFrame], frames: list[Frame]
) -> None:
    station = make()
    station.start()
    running(station)
    source.push(5)
    wait_for(lambda: len(decisions) == 1)
    station.begin_collecting("Bottle cap", frames.append)
    running(station, StationState.COLLECTING)
    assert station.collecting == "Bottle cap"
    assert source.started == 2, "a frame of the former product could have been collected"
    for value in (1, 2, 3):
        source.push(value)
    wait_for(lambda: len(frames) == 3)
    counters = station.counters()
    assert (counters.inspected, counters.passed_over, counters.collected) == (1, 0, 3)
    assert len(decisions) == 1 and station.seconds_since_decision() is not None

    station.end_collecting()
    running(station)
    assert station.collecting == "" and source.started == 3
    assert station.seconds_since_decision() is None, "the verdict is of before"
    source.push(4)
    wait_for(lambda: len(decisions) == 2)
    assert len(frames) == 3
    assert int(decisions[-1].frame.image[0, 0]) == 4  # type: ignore[union-attr]


def test_no_frame_of_the_collected_product_is_judged_afterwards(
    make: Make, source: FakeSource, decisions: list[InspectedFrame]
) -> None:
    station = make()
    station.start()
    running(station)
    gate, entered = threading.Event(), threading.Event()

    def hold(frame: Frame) -> None:
        entered.set()
        assert gate.wait(5)

    station.begin_collecting("Cap", hold)
    running(station, StationState.COLLECTING)
    source.push(1)
    assert entered.wait(5)
    for value in (2, 3):  # they wait in the camera while the station is told to go back
        source.push(value)
    station.end_collecting()
    gate.set()
    running(station)
    source.push(7)
    wait_for(lambda: len(decisions) == 1)
    assert int(decisions[0].frame.image[0, 0]) == 7  # type: ignore[union-attr]


def test_the_model_need_not_be_loaded(make: Make, source: FakeSource, frames: list[Frame]) -> None:
    loaded: list[bool] = []

    def load() -> FakeDetector:
        loaded.append(True)
        return FakeDetector()

    station = make(load_detector=load)
    station.begin_collecting("Cap", frames.append, "cap")
    running(station, StationState.COLLECTING)
    source.push(1)
    wait_for(lambda: len(frames) == 1)
    station.end_collecting()
    running(station, StationState.STOPPED)
    assert not loaded and not source.running
    station.start()
    running(station)
    assert loaded


def test_start_while_collecting_inspects_afterwards(
    make: Make, source: FakeSource, frames: list[Frame], decisions: list[InspectedFrame]
) -> None:
    station = make()
    station.begin_collecting("Cap", frames.append)
    running(station, StationState.COLLECTING)
    station.start()
    source.push(1)
    wait_for(lambda: len(frames) == 1)
    station.end_collecting()
    running(station)
    source.push(2)
    wait_for(lambda: len(decisions) == 1)


def test_each_trigger_is_either_decided_or_collected(
    make: Make, source: FakeSource, frames: list[Frame], decisions: list[InspectedFrame]
) -> None:
    station = make(trigger_mode=TriggerMode.SOFTWARE)
    station.start()
    running(station)
    station.trigger()
    wait_for(lambda: len(decisions) == 1)
    source.on_trigger = lambda _: None  # its frame never comes
    station.trigger()
    wait_for(lambda: station.counters().triggered == 2)
    station.begin_collecting("Cap", frames.append)
    running(station, StationState.COLLECTING)
    assert [one.inspection.reason for one in decisions] == [Reason.NORMAL, Reason.STOPPED]
    source.on_trigger = FakeSource.push
    for expected in (1, 2, 3):
        station.trigger()
        wait_for(lambda: len(frames) == expected)  # noqa: B023
    fired: list[bool] = []
    source.on_trigger = lambda _: fired.append(True)
    station.trigger()
    wait_for(lambda: bool(fired))
    station.end_collecting()
    running(station)
    counters = station.counters()
    assert (counters.triggered, counters.collected, len(decisions)) == (2, 3, 2)
    source.on_trigger = FakeSource.push
    station.trigger()
    wait_for(lambda: len(decisions) == 3)
    assert station.counters().triggered == 3
    assert station.counters().passed_over == 0


def test_a_trigger_without_a_frame_is_said_and_not_decided(
    make: Make,
    source: FakeSource,
    frames: list[Frame],
    decisions: list[InspectedFrame],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(trigger_service, "DECISION_LIMIT_S", 0.2)
    station = make(trigger_mode=TriggerMode.SOFTWARE)
    station.begin_collecting("Cap", frames.append)
    running(station, StationState.COLLECTING)
    source.on_trigger = lambda _: None
    station.trigger()
    wait_for(lambda: source.started == 2)
    source.on_trigger = FakeSource.push
    station.trigger()
    wait_for(lambda: len(frames) == 1)
    assert decisions == []
    assert station.counters().triggered == 0


def test_frames_that_nobody_triggered_are_not_collected(
    make: Make, source: FakeSource, frames: list[Frame]
) -> None:
    station = make(trigger_mode=TriggerMode.SOFTWARE)
    station.begin_collecting("Cap", frames.append)
    running(station, StationState.COLLECTING)
    source.push(1)
    wait_for(source.frames.empty)
    station.trigger()
    wait_for(lambda: len(frames) == 1)
    assert station.counters().passed_over == 0


def test_what_the_source_passes_over_meanwhile_does_not_count(
    make: Make, source: FakeSource, frames: list[Frame]
) -> None:
    station = make()
    station.start()
    running(station)
    source._counters = replace(source._counters, passed_over=2)
    wait_for(lambda: station.counters().passed_over == 2)
    station.begin_collecting("Cap", frames.append)
    running(station, StationState.COLLECTING)
    source._counters = SourceCounters(acquired=10, passed_over=9)
    source.push(1)
    wait_for(lambda: len(frames) == 1)
    station.end_collecting()
    running(station)
    source._counters = SourceCounters(acquired=20, passed_over=12)
    wait_for(lambda: station.counters().passed_over == 5)


def test_a_lost_camera_comes_back_to_collecting(
    make: Make, source: FakeSource, frames: list[Frame], decisions: list[InspectedFrame]
) -> None:
    station = make()
    station.begin_collecting("Cap", frames.append, "label")
    running(station, StationState.COLLECTING)
    source.reopen_failures = 2
    source.frames.put(CameraLostError("F1 was unplugged."))
    running(station, StationState.CAMERA_LOST)
    assert "F1" in station.problem
    wait_for(lambda: source.reopened == 3)
    running(station, StationState.COLLECTING)
    assert station.problem == ""
    source.push(1)
    wait_for(lambda: len(frames) == 1)
    assert decisions == []
    assert source.written == [("SimProduct", "Label"), ("SimProduct", "Label")]


def test_ending_and_stopping_while_the_camera_is_lost(
    make: Make, source: FakeSource, frames: list[Frame], decisions: list[InspectedFrame]
) -> None:
    station = make()
    station.start()
    running(station)
    station.begin_collecting("Cap", frames.append)
    running(station, StationState.COLLECTING)
    source.reopen_failures = 10**6
    source.frames.put(CameraLostError("F1 was unplugged."))
    running(station, StationState.CAMERA_LOST)
    station.end_collecting()
    wait_for(lambda: station.collecting == "")
    assert station.state is StationState.CAMERA_LOST
    source.reopen_failures = 0
    running(station)
    station.begin_collecting("Cap", frames.append)
    running(station, StationState.COLLECTING)
    station.stop()
    running(station, StationState.STOPPED)
    assert station.collecting == ""
    station.end_collecting()  # too late, and no harm
    station.start()
    running(station)


def test_the_simulated_line_shows_what_is_collected_and_then_what_is_inspected(
    make: Make, source: FakeSource, frames: list[Frame]
) -> None:
    station = make()
    station.start()
    running(station)
    station.begin_collecting("Label", frames.append, "label")
    running(station, StationState.COLLECTING)
    station.select_product("label")
    wait_for(lambda: station.product.key == "label")
    station.select_product("flange")
    station.end_collecting()
    running(station)
    assert [value for _, value in source.written] == ["Flange", "Label", "Flange"]


def test_another_model_while_collecting(
    make: Make, source: FakeSource, frames: list[Frame], decisions: list[InspectedFrame]
) -> None:
    station = make()
    station.begin_collecting("Cap", frames.append)
    running(station, StationState.COLLECTING)
    station.change_model(FakeDetector, PRODUCTS).result(5)
    source.push(1)
    wait_for(lambda: len(frames) == 1)
    station.start()
    station.end_collecting()
    running(station)
    source.push(2)
    wait_for(lambda: len(decisions) == 1)


def test_the_end_of_a_folder_ends_collecting(
    make: Make, source: FakeSource, frames: list[Frame]
) -> None:
    station = make()
    station.begin_collecting("Cap", frames.append)
    running(station, StationState.COLLECTING)
    source.frames.put(EndOfFrames("The end."))
    running(station, StationState.FINISHED)
    assert station.collecting == ""


def test_another_collection_takes_over(make: Make, source: FakeSource, frames: list[Frame]) -> None:
    others: list[Frame] = []
    station = make()
    station.begin_collecting("Cap", frames.append)
    running(station, StationState.COLLECTING)
    station.begin_collecting("Lid", others.append)
    wait_for(lambda: station.collecting == "Lid" and source.started == 2)
    source.push(1)
    wait_for(lambda: len(others) == 1)
    assert frames == []


def test_close_while_collecting(make: Make, source: FakeSource, frames: list[Frame]) -> None:
    station = make()
    station.begin_collecting("Cap", frames.append)
    running(station, StationState.COLLECTING)
    assert station.close()
    assert source.closed


def test_sinks_come_and_go(make: Make, source: FakeSource, decisions: list[InspectedFrame]) -> None:
    later: list[InspectedFrame] = []
    station = make()
    station.start()
    running(station)
    source.push(1)
    wait_for(lambda: len(decisions) == 1)
    station.add_sink(later.append)
    source.push(2)
    wait_for(lambda: len(decisions) == 2 and len(later) == 1)
    station.remove_sink(later.append)
    source.push(3)
    wait_for(lambda: len(decisions) == 3)
    assert later == [decisions[1]]
