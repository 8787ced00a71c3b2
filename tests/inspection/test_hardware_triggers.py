"""Triggers from a line, bursts, frames that were lost or came too late for their decision."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tests.inspection.fakes import MODEL, PRODUCTS, FakeDetector, FakeSource, wait_for
from uniad_desktop.cameras.frame import Frame
from uniad_desktop.cameras.source import (
    CameraError,
    CameraLostError,
    TriggerMode,
    TriggerSettings,
)
from uniad_desktop.inspection import acquisition, inspector, trigger_service
from uniad_desktop.inspection.station import Station
from uniad_desktop.inspection.types import (
    InspectedFrame,
    LatencyStart,
    Reason,
    StationState,
    Verdict,
)

LINE = TriggerSettings(TriggerMode.HARDWARE, source="Line1")
Make = Callable[..., Station]


class LineSource(FakeSource):
    """Counts frames when they arrive, not when they are taken, as a camera process does."""

    start_failure: CameraError | None = None

    def start(self, trigger: TriggerMode | TriggerSettings) -> None:
        if self.start_failure is not None:
            raise self.start_failure
        super().start(trigger)

    def push(self, value: int = 0, skip: int = 0) -> None:
        self._counters = replace(
            self._counters,
            acquired=self._counters.acquired + 1,
            missed=self._counters.missed + skip,
        )
        super().push(value, skip)

    def next_frame(self, timeout_s: float) -> Frame | None:
        item = None if self.frames.empty() else self.frames.get()
        if item is None:
            time.sleep(min(timeout_s, 0.01))
            return None
        if isinstance(item, Frame):
            return item
        assert isinstance(item, CameraError)
        raise item

    def damage(self) -> None:
        """A frame came damaged; its block id is used up."""
        self.next_id += 1
        self.lose_frame()  # both the id and the frame tell; it is one loss


@pytest.fixture
def source() -> LineSource:
    return LineSource()


@pytest.fixture
def decisions() -> list[InspectedFrame]:
    return []


@pytest.fixture
def detector() -> FakeDetector:
    return FakeDetector()


@pytest.fixture
def make(
    source: LineSource,
    detector: FakeDetector,
    decisions: list[InspectedFrame],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Make]:
    monkeypatch.setattr(inspector, "BACK_OFF_S", (0.05,))
    made: list[Station] = []

    def build(trigger: TriggerSettings = LINE) -> Station:
        station = Station(
            open_source=lambda: source,
            load_detector=lambda: detector,
            products=PRODUCTS,
            product="flange",
            model=MODEL,
            trigger_mode=trigger,
            sinks=[decisions.append],
        )
        made.append(station)
        station.start()
        wait_for(lambda: station.state is StationState.RUNNING)
        return station

    yield build
    for station in made:
        assert station.close(5.0)


def reasons(decisions: list[InspectedFrame]) -> list[Reason]:
    return [shown.inspection.reason for shown in decisions]


NORMAL, ABOVE, LOST = Reason.NORMAL, Reason.ABOVE_LIMIT, Reason.FRAME_LOST


def test_each_frame_of_a_line_gets_one_decision_in_order(make, source, detector, decisions):
    detector.delay_s = 0.01
    station = make()
    assert source.settings == LINE and station.trigger_settings == LINE
    for value in (1, 20, 2, 30, 3):
        source.push(value)
    wait_for(lambda: len(decisions) == 5)
    assert reasons(decisions) == [NORMAL, ABOVE, NORMAL, ABOVE, NORMAL]
    assert [shown.inspection.frame_id for shown in decisions] == [1, 2, 3, 4, 5]
    assert station.counters().triggered == 5 and station.counters().passed_over == 0


def test_a_gap_is_a_part_without_a_picture_in_its_place(make, source, decisions):
    station = make()
    source.push(1)
    source.push(20, skip=2)
    wait_for(lambda: len(decisions) == 4)
    assert reasons(decisions) == [NORMAL, LOST, LOST, ABOVE]
    assert station.counters().triggered == 4 and station.counters().error == 2
    assert decisions[1].frame is None and "was lost" in decisions[1].inspection.detail


def test_a_damaged_frame_that_nothing_follows_is_decided_and_told_once(make, source, decisions):
    make()
    source.push(1)
    source.damage()
    wait_for(lambda: len(decisions) == 2)
    assert reasons(decisions) == [NORMAL, LOST]
    source.push(20)  # its block id shows the gap again
    wait_for(lambda: len(decisions) == 3)
    source.push(1)
    wait_for(lambda: len(decisions) == 4)
    assert reasons(decisions) == [NORMAL, LOST, ABOVE, NORMAL]


def test_a_damaged_first_frame_is_decided(make, source, decisions):
    make()
    source.damage()
    wait_for(lambda: len(decisions) == 1)
    source.push(1)
    wait_for(lambda: len(decisions) == 2)
    assert reasons(decisions) == [LOST, NORMAL]


def test_a_camera_that_numbers_wildly_costs_one_decision(make, source, decisions):
    make()
    source.push(1)
    source.push(1, skip=10_000)
    wait_for(lambda: len(decisions) == 3)
    assert reasons(decisions) == [NORMAL, LOST, NORMAL]
    assert "10000 frames" in decisions[1].inspection.detail


def test_silence_is_no_fault(make, source, monkeypatch):
    monkeypatch.setattr(acquisition, "SILENCE_LIMIT_S", 0.05)
    monkeypatch.setattr(trigger_service, "DECISION_LIMIT_S", 0.05)
    station = make()
    time.sleep(0.3)
    assert station.problem == "" and station.state is StationState.RUNNING
    assert source.started == 1 and station.counters().error == 0


def test_a_decision_that_comes_too_late_is_an_error_with_its_picture(
    make, source, detector, decisions, monkeypatch
):
    monkeypatch.setattr(trigger_service, "DECISION_LIMIT_S", 0.25)
    detector.delay_s = 0.1
    make()
    for _ in range(6):
        source.push(1)
    wait_for(lambda: len(decisions) == 6)
    assert decisions[0].inspection.reason is NORMAL
    last = decisions[-1]
    assert last.inspection.reason is Reason.TOO_LATE
    assert last.inspection.verdict is Verdict.ERROR and last.frame is not None
    assert "faster than the model judges" in last.inspection.detail


def test_a_model_that_takes_too_long_never_passes_a_part(
    make, source, detector, decisions, monkeypatch
):
    monkeypatch.setattr(trigger_service, "DECISION_LIMIT_S", 0.05)
    detector.delay_s = 0.2
    make()
    source.push(1)
    wait_for(lambda: len(decisions) == 1)
    assert reasons(decisions) == [Reason.TOO_LATE]


def test_frames_that_wait_when_inspection_stops_are_errors(make, source, detector, decisions):
    detector.delay_s = 0.3
    station = make()
    for _ in range(4):
        source.push(1)
    time.sleep(0.1)  # the first one is with the model
    station.stop()
    wait_for(lambda: station.state is StationState.STOPPED)
    assert reasons(decisions) == [NORMAL] + [Reason.STOPPED] * 3
    assert station.counters().triggered == 4


def test_a_lost_camera_costs_each_frame_that_waited(make, source, decisions):
    station = make()
    source.push(1)
    wait_for(lambda: len(decisions) == 1)
    source.frames.put(CameraLostError("gone"))
    wait_for(lambda: len(decisions) == 2)
    assert decisions[1].inspection.reason is Reason.CAMERA_LOST
    wait_for(lambda: station.state is StationState.RUNNING)
    source.push(1)
    wait_for(lambda: len(decisions) == 3)
    assert decisions[2].inspection.verdict is Verdict.PASS


def test_latency_begins_with_the_timestamp_of_the_camera_where_it_has_one(
    make, source, detector, decisions
):
    station = make()
    source.push(1)
    wait_for(lambda: len(decisions) == 1)
    assert station.latency().since is LatencyStart.RECEPTION
    source.push(1)
    now = time.monotonic_ns()
    source.next_id += 1
    source._counters = replace(source._counters, acquired=source._counters.acquired + 1)
    wait_for(lambda: len(decisions) == 2)
    frame = decisions[1].frame
    assert frame is not None
    source.frames.put(
        replace(frame, id=source.next_id, received_ns=now, stamped_ns=now - 500_000_000)
    )
    wait_for(lambda: len(decisions) == 3)
    assert decisions[2].inspection.latency_from is LatencyStart.CAMERA
    assert decisions[2].inspection.latency_ms >= 500
    latency = station.latency()
    assert latency.since is LatencyStart.CAMERA and latency.p50 is not None
    assert latency.p50 >= 500  # the figures from reception are gone


def test_a_software_trigger_is_refused_while_the_line_decides(make, source, decisions):
    station = make()
    station.trigger()
    wait_for(lambda: len(decisions) == 1)
    inspection = decisions[0].inspection
    assert inspection.verdict is Verdict.ERROR and "waits for its line" in inspection.detail


def test_a_mode_alone_keeps_line_and_burst(make, source):
    station = make(replace(LINE, burst=3))
    station.set_trigger_mode(TriggerMode.SOFTWARE)
    wait_for(lambda: source.settings.mode is TriggerMode.SOFTWARE)
    assert source.settings.burst == 3
    station.set_trigger_mode(TriggerMode.HARDWARE)
    wait_for(lambda: source.settings == replace(LINE, burst=3))


def test_a_burst_of_a_line_counts_as_one_trigger(make, source, decisions):
    station = make(replace(LINE, burst=3))
    for value in (1, 20, 2, 3):
        source.push(value)
    wait_for(lambda: len(decisions) == 4)
    assert reasons(decisions) == [NORMAL, ABOVE, NORMAL, NORMAL]
    assert station.counters().triggered == 2


def test_a_software_burst_gives_each_frame_a_decision_and_tells_who_asked(make, source, decisions):
    station = make(TriggerSettings(TriggerMode.SOFTWARE, burst=3))

    def burst(camera: FakeSource) -> None:
        for value, skip in ((1, 0), (20, 1)):  # the second frame is lost
            camera.push(value, skip)

    source.on_trigger = burst
    told: list[InspectedFrame] = []
    station.trigger()
    wait_for(lambda: len(decisions) == 3)
    station.trigger(told.append)
    wait_for(lambda: len(told) == 3)
    assert reasons(decisions) == [NORMAL, LOST, ABOVE] * 2
    assert told == decisions[3:]
    assert station.counters().triggered == 2


def test_a_burst_that_comes_slowly_does_not_time_out(make, source, decisions, monkeypatch):
    monkeypatch.setattr(trigger_service, "DECISION_LIMIT_S", 0.4)
    station = make(TriggerSettings(TriggerMode.SOFTWARE, burst=4))
    source.on_trigger = FakeSource.push
    station.trigger()
    for number in range(1, 4):
        wait_for(lambda: len(decisions) == number)  # noqa: B023
        time.sleep(0.2)
        source.push(1)
    wait_for(lambda: len(decisions) == 4)
    assert reasons(decisions) == [NORMAL] * 4
    station.trigger()  # one frame only
    wait_for(lambda: len(decisions) == 8)
    assert reasons(decisions)[4:] == [NORMAL] + [Reason.CAMERA_TIMEOUT] * 3


def test_a_damaged_frame_settles_its_software_trigger_at_once(make, source, decisions):
    station = make(TriggerSettings(TriggerMode.SOFTWARE))
    source.on_trigger = FakeSource.push
    station.trigger()
    wait_for(lambda: len(decisions) == 1)
    source.on_trigger = LineSource.damage
    station.trigger()
    wait_for(lambda: len(decisions) == 2, 1.5)
    source.on_trigger = FakeSource.push
    station.trigger()
    wait_for(lambda: len(decisions) == 3)
    assert reasons(decisions) == [NORMAL, LOST, NORMAL]
    assert source.started == 1


def test_frames_of_a_line_are_collected_and_lost_ones_are_said(make, source, decisions):
    station = make()
    taken: list[Frame] = []
    station.begin_collecting("Bolt", taken.append)
    wait_for(lambda: station.state is StationState.COLLECTING)
    source.push(1)
    wait_for(lambda: len(taken) == 1)
    source.damage()
    wait_for(lambda: "not collected" in station.problem)
    assert decisions == [] and station.counters().triggered == 0


def test_a_camera_without_that_line_says_so(make, source):
    station = make()
    source.start_failure = CameraError("The camera F1 has no trigger source Line9; it has Line1.")
    station.set_trigger_mode(replace(LINE, source="Line9"))
    wait_for(lambda: station.state is StationState.FAILED)
    assert "it has Line1" in station.problem
