"""How a lost camera is opened again: waits, attempts, and what is given up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from tests.inspection.fakes import MODEL, PRODUCTS, FakeDetector, FakeSource, wait_for
from uniad_desktop.cameras.frame import Frame
from uniad_desktop.cameras.giving_up import given_up
from uniad_desktop.cameras.source import (
    CameraError,
    CameraLostError,
    CameraNotFoundError,
    TriggerMode,
    TriggerSettings,
)
from uniad_desktop.inspection import inspector, trigger_service
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


def test_a_trigger_that_the_camera_could_not_take_in_time_is_not_fired(
    make, source, decisions, monkeypatch
):
    monkeypatch.setattr(trigger_service, "DECISION_LIMIT_S", 0.2)
    fired = []
    source.on_trigger = fired.append
    station = make(trigger_mode=TriggerMode.SOFTWARE)
    wait_for(lambda: station.state is StationState.RUNNING)
    with station._inspector._acquisition.lock:  # the camera is busy
        station.trigger()
        time.sleep(0.4)
    wait_for(lambda: len(decisions) == 1)
    assert fired == [] and decisions[0].inspection.reason is Reason.CAMERA_TIMEOUT
    assert "took no trigger" in decisions[0].inspection.detail
    assert decisions[0].inspection.latency_ms > 300  # since it was asked for
    assert station.state is StationState.RUNNING and source.started == 1


def test_a_frame_that_comes_too_late_for_its_trigger_is_no_part_of_it(
    make, source, decisions, monkeypatch
):
    monkeypatch.setattr(trigger_service, "DECISION_LIMIT_S", 0.2)
    taken = source.next_frame
    hangs = threading.Event()

    def next_frame(timeout_s: float) -> Frame | None:
        if hangs.is_set():  # as a driver does, in which nothing goes on
            time.sleep(0.4)
            hangs.clear()
            source.push(1)
        return taken(timeout_s)

    monkeypatch.setattr(source, "next_frame", next_frame)
    source.on_trigger = lambda source: hangs.set()
    station = make(trigger_mode=TriggerMode.SOFTWARE)
    wait_for(lambda: station.state is StationState.RUNNING)
    station.trigger()
    wait_for(lambda: len(decisions) == 1)
    inspection = decisions[0].inspection
    # Which of the two it is depends on when the camera was asked for a frame; a verdict is neither.
    assert inspection.reason in (Reason.TOO_LATE, Reason.CAMERA_TIMEOUT)
