"""A station that changes to another camera while it runs."""

from __future__ import annotations

from tests.inspection.fakes import MODEL, PRODUCTS, FakeDetector, FakeSource, wait_for
from uniad_desktop.cameras.source import CameraError
from uniad_desktop.inspection.station import Station
from uniad_desktop.inspection.types import InspectedFrame, StationState


def make(source: FakeSource, decisions: list[InspectedFrame]) -> Station:
    return Station(
        open_source=lambda: source,
        load_detector=FakeDetector,
        products=PRODUCTS,
        product="flange",
        model=MODEL,
        sinks=[decisions.append],
    )


def test_the_former_camera_is_given_back_and_the_next_start_opens_the_other() -> None:
    former, other, decisions = FakeSource(), FakeSource(), list[InspectedFrame]()
    station = make(former, decisions)
    station.start()
    wait_for(lambda: station.state is StationState.RUNNING)
    station.change_camera(lambda: other)
    wait_for(lambda: former.closed)
    wait_for(lambda: station.state is StationState.STOPPED)
    assert station.source_info is None and station.camera_features is None
    station.start()
    wait_for(lambda: station.state is StationState.RUNNING)
    former.push(1)
    other.push(2)
    wait_for(lambda: len(decisions) == 1)
    assert decisions[0].inspection.raw_score == 0.2
    assert station.close() and other.closed


def test_a_camera_that_cannot_be_opened_is_told_and_the_former_can_be_used_again() -> None:
    former, decisions = FakeSource(), list[InspectedFrame]()

    def fail() -> FakeSource:
        raise CameraError("The camera 4711 is in use.")

    station = make(former, decisions)
    station.change_camera(fail)
    station.start()
    wait_for(lambda: station.state is StationState.FAILED)
    assert station.problem == "The camera 4711 is in use."
    station.change_camera(lambda: former)
    station.start()
    wait_for(lambda: station.state is StationState.RUNNING)
    assert station.close()
