"""A live view: frames are looked at, and nothing is decided, recorded or counted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.inspection.fakes import MODEL, PRODUCTS, FakeDetector, FakeSource, wait_for
from uniad_desktop.cameras.feature_tree import Feature, HasFeatures
from uniad_desktop.cameras.frame import Frame
from uniad_desktop.cameras.source import CameraLostError, EndOfFrames, SourceCounters, TriggerMode
from uniad_desktop.inspection import inspector
from uniad_desktop.inspection.station import Station
from uniad_desktop.inspection.types import InspectedFrame, StationState


class SourceWithFeatures(FakeSource):
    """A camera that tells its features."""

    def features(self) -> tuple[Feature, ...]:
        return ()

    def refresh(self, names: object) -> tuple[Feature, ...]:
        return ()


@pytest.fixture
def source() -> FakeSource:
    return FakeSource()


@pytest.fixture
def decisions() -> list[InspectedFrame]:
    return []


@pytest.fixture
def loaded() -> list[bool]:
    return []


@pytest.fixture
def station(
    source: FakeSource,
    decisions: list[InspectedFrame],
    loaded: list[bool],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Station]:
    monkeypatch.setattr(inspector, "BACK_OFF_S", (0.05,))

    def load() -> FakeDetector:
        loaded.append(True)
        return FakeDetector()

    made = Station(
        open_source=lambda: source,
        load_detector=load,
        products=PRODUCTS,
        product="flange",
        model=MODEL,
        sinks=[decisions.append],
    )
    yield made
    assert made.close()


def running(station: Station, state: StationState) -> None:
    wait_for(lambda: station.state is state)


def test_frames_are_shown_and_nothing_else_happens(
    station: Station, source: FakeSource, decisions: list[InspectedFrame], loaded: list[bool]
) -> None:
    frames: list[Frame] = []
    station.begin_preview(frames.append)
    running(station, StationState.PREVIEW)
    source.push(7)
    source.push(8)
    wait_for(lambda: len(frames) == 2)
    assert station.collecting == "" and not loaded and not decisions
    counters = station.counters()
    assert (counters.inspected, counters.collected, counters.passed_over) == (0, 0, 0)
    station.end_preview()
    running(station, StationState.STOPPED)
    assert not source.running


def test_starting_ends_the_live_view_and_no_frame_of_it_is_judged(
    station: Station, source: FakeSource, decisions: list[InspectedFrame]
) -> None:
    frames: list[Frame] = []
    station.begin_preview(frames.append)
    running(station, StationState.PREVIEW)
    source.push(7)
    wait_for(lambda: len(frames) == 1)
    station.start()
    running(station, StationState.RUNNING)
    source.push(5)
    wait_for(lambda: len(decisions) == 1)
    assert decisions[0].inspection.frame_id == 2
    assert len(frames) == 1


def test_it_never_takes_the_place_of_inspection(
    station: Station, source: FakeSource, decisions: list[InspectedFrame]
) -> None:
    frames: list[Frame] = []
    station.start()
    running(station, StationState.RUNNING)
    station.begin_preview(frames.append)
    station.end_preview()
    source.push(5)
    wait_for(lambda: len(decisions) == 1)
    assert station.state is StationState.RUNNING and not frames


def test_parts_can_be_collected_from_a_live_view(station: Station, source: FakeSource) -> None:
    frames: list[Frame] = []
    parts: list[Frame] = []
    station.begin_preview(frames.append)
    running(station, StationState.PREVIEW)
    station.begin_collecting("Cap", parts.append)
    running(station, StationState.COLLECTING)
    source.push(1)
    wait_for(lambda: len(parts) == 1)
    station.end_collecting()
    running(station, StationState.STOPPED)
    assert not frames


def test_triggers_of_a_live_view_are_no_parts(
    station: Station, source: FakeSource, decisions: list[InspectedFrame]
) -> None:
    frames: list[Frame] = []
    station.set_trigger_mode(TriggerMode.SOFTWARE)
    station.begin_preview(frames.append)
    running(station, StationState.PREVIEW)
    station.trigger()
    wait_for(lambda: len(frames) == 1)
    assert station.counters().triggered == 0 and not decisions
    source.push()  # as after TriggerSoftware was executed among the features
    wait_for(lambda: len(frames) == 2)
    station.start()
    running(station, StationState.RUNNING)
    source.push()
    station.trigger()
    wait_for(lambda: len(decisions) == 1)
    assert len(frames) == 2


def test_a_lost_camera_comes_back_by_itself(
    station: Station, source: FakeSource, decisions: list[InspectedFrame]
) -> None:
    frames: list[Frame] = []
    station.begin_preview(frames.append)
    running(station, StationState.PREVIEW)
    source.frames.put(CameraLostError("F1 was unplugged."))
    wait_for(lambda: source.reopened == 1)
    running(station, StationState.PREVIEW)
    source.push(3)
    wait_for(lambda: len(frames) == 1)
    assert not decisions


def test_the_end_of_a_folder_ends_it(station: Station, source: FakeSource) -> None:
    station.begin_preview(lambda _: None)
    running(station, StationState.PREVIEW)
    source.frames.put(EndOfFrames())
    running(station, StationState.FINISHED)


def test_features_are_those_of_the_open_camera(source: FakeSource) -> None:
    for one in (source, SourceWithFeatures()):
        station = Station(
            open_source=lambda: one,  # noqa: B023
            load_detector=FakeDetector,
            products=PRODUCTS,
            product="flange",
            model=MODEL,
        )
        assert station.camera_features is None
        assert station.camera_counters() == SourceCounters()
        station.begin_preview(lambda _: None)
        running(station, StationState.PREVIEW)
        assert (station.camera_features is one) == isinstance(one, HasFeatures)
        one.push()
        wait_for(lambda: station.camera_counters().acquired == 1)  # noqa: B023
        assert station.close()
