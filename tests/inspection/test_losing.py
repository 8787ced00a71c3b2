"""How a lost camera is opened again: waits, attempts, and what is given up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from tests.inspection.fakes import MODEL, PRODUCTS, FakeDetector, FakeSource, wait_for
from uniad_desktop.cameras.giving_up import given_up
from uniad_desktop.cameras.source import (
    CameraError,
    CameraLostError,
    CameraNotFoundError,
    TriggerMode,
    TriggerSettings,
)
from uniad_desktop.inspection import inspector
from uniad_desktop.inspection.inspector import BACK_OFF_S, Inspector
from uniad_desktop.inspection.station import Station
from uniad_desktop.inspection.types import InspectedFrame, Reason, StationState

Make = Callable[..., Station]


class ShakySource(FakeSource):
    """Comes back and cannot be started, so many times."""

    start_failures = 0
    away = False

    def start(self, trigger: TriggerMode | TriggerSettings) -> None:
        if self.reopened and self.start_failures:
            self.start_failures -= 1
            raise CameraError("F1 could not start: I/O error.")
        super().start(trigger)

    def reopen(self) -> None:
        self.reopened += 1
        if self.reopened <= self.reopen_failures:
            raise CameraNotFoundError("The camera F1 is not connected; check its cable and power.")


@pytest.fixture
def source() -> ShakySource:
    return ShakySource()


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the station wanted to wait before each attempt; nobody does."""
    asked: list[float] = []
    waited = Inspector._wait_lost

    def wait(self: Inspector, seconds: float) -> None:
        asked.append(seconds)
        waited(self, 0.01)

    monkeypatch.setattr(Inspector, "_wait_lost", wait)
    return asked


@pytest.fixture
def decisions() -> list[InspectedFrame]:
    return []


@pytest.fixture
def make(
    source: ShakySource, waits: list[float], decisions: list[InspectedFrame]
) -> Iterator[Make]:
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
        made[-1].start()
        return made[-1]

    yield build
    for station in made:
        assert station.close(5.0)


def test_the_waits_grow_and_begin_anew_once_a_frame_came(make, source, waits, decisions):
    source.reopen_failures = 7
    station = make()
    wait_for(lambda: station.state is StationState.RUNNING)
    source.frames.put(CameraLostError("gone"))
    wait_for(lambda: source.reopened == 8 and station.state is StationState.RUNNING)
    assert BACK_OFF_S == (0.5, 1.0, 2.0, 4.0, 8.0)
    assert waits == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0, 8.0]
    source.push(1)
    wait_for(lambda: len(decisions) == 2)
    source.frames.put(CameraLostError("gone"))
    wait_for(lambda: source.reopened == 9)
    assert waits[8:] == [0.5]


def test_a_camera_that_is_lost_again_at_once_is_opened_less_and_less_often(
    make, source, waits, monkeypatch
):
    station = make()
    for number in (1, 2, 3):
        wait_for(lambda: station.state is StationState.RUNNING)
        source.frames.put(CameraLostError("gone"))
        wait_for(lambda: source.reopened == number)  # noqa: B023
    assert waits == [0.5, 1.0, 2.0]
    monkeypatch.setattr(inspector, "STEADY_S", 0.0)  # no frame came, and yet it was there for long
    wait_for(lambda: station.state is StationState.RUNNING)
    source.frames.put(CameraLostError("gone"))
    wait_for(lambda: source.reopened == 4)
    assert waits[3:] == [0.5]


def test_a_camera_that_came_back_and_does_not_start_is_opened_again(make, source, waits, decisions):
    source.start_failures = 2
    station = make()
    wait_for(lambda: station.state is StationState.RUNNING)
    source.frames.put(CameraLostError("gone"))
    wait_for(lambda: source.reopened == 3 and station.state is StationState.RUNNING)
    assert waits == [0.5, 1.0, 2.0] and station.problem == ""
    # It is one loss.
    assert [one.inspection.reason for one in decisions] == [Reason.CAMERA_LOST]


def test_the_sentence_tells_when_the_next_attempt_begins(make, source, monkeypatch):
    monkeypatch.undo()
    source.reopen_failures = 10**6
    station = make()
    wait_for(lambda: station.state is StationState.RUNNING)
    source.frames.put(CameraLostError("The camera F1 no longer answers; check its cable."))
    wait_for(lambda: "Attempt 2" in station.problem)
    assert station.problem == (
        "The camera F1 no longer answers; check its cable. Attempt 2 to open it begins in 1 s."
    )


def test_closing_gives_up_what_is_opened(make, waits):
    seen = threading.Event()

    def hangs() -> FakeSource:
        seen.set()
        end = time.monotonic() + 60.0
        while not given_up():
            assert time.monotonic() < end
            time.sleep(0.01)
        raise CameraError("It was given up.")

    station = make(open_source=hangs)
    assert seen.wait(5.0) and not given_up()  # this thread has given up nothing
    assert station.close(5.0)
