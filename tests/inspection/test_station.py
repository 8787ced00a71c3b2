from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tests.inspection.fakes import MODEL, PRODUCTS, FakeDetector, FakeSource, wait_for
from uniad_desktop.cameras.source import (
    CameraLostError,
    CameraNotFoundError,
    EndOfFrames,
    TriggerMode,
)
from uniad_desktop.inspection import acquisition, inspector, trigger_service
from uniad_desktop.inspection.station import Station, StationError
from uniad_desktop.inspection.types import InspectedFrame, Reason, StationState, Verdict

Make = Callable[..., Station]


@pytest.fixture
def source() -> FakeSource:
    return FakeSource()


@pytest.fixture
def decisions() -> list[InspectedFrame]:
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
        assert station.close(5.0)


def running(station: Station) -> Station:
    station.start()
    wait_for(lambda: station.state is StationState.RUNNING)
    return station


def triggered(make: Make, **changes: object) -> Station:
    return running(make(trigger_mode=TriggerMode.SOFTWARE, **changes))


def verdicts(decisions: list[InspectedFrame]) -> list[Verdict]:
    return [shown.inspection.verdict for shown in decisions]


def test_free_running_judges_each_frame(
    make: Make, source: FakeSource, decisions: list[InspectedFrame]
) -> None:
    station = running(make())
    source.push(5)
    source.push(20)
    wait_for(lambda: len(decisions) == 2)
    assert verdicts(decisions) == [Verdict.PASS, Verdict.FAIL]
    first, second = (shown.inspection for shown in decisions)
    assert (first.score, second.score) == (25.0, 100.0)
    assert first.simulated and first.number == 1 and second.frame_id == 2
    assert second.regions[0].x == 2 and second.regions[0].width == 2
    counters = station.counters()
    assert (counters.inspected, counters.passed, counters.failed) == (2, 1, 1)
    assert counters.yield_share == 0.5
    assert station.newest() is decisions[-1]
    assert [point.number for point in station.trend(after=1)] == [2]
    assert len(station.rejects()) == 1
    assert station.source_info is source.info and station.runtime == "fake"


def test_a_score_that_is_no_number_is_never_a_pass(
    make: Make, source: FakeSource, decisions: list[InspectedFrame]
) -> None:
    station = running(make())
    source.push(255)
    wait_for(lambda: len(decisions) == 1)
    inspection = decisions[0].inspection
    assert inspection.verdict is Verdict.ERROR and inspection.reason is Reason.MODEL_FAILED
    assert math.isnan(inspection.score) and station.counters().error == 1


def test_where_records_are_mandatory_what_cannot_be_stored_is_an_error(
    make: Make, source: FakeSource, decisions: list[InspectedFrame]
) -> None:
    sentences = ["", "The disk of /data is full; free space there.", ""]
    running(make(cannot_store=lambda: sentences.pop(0)))
    for _ in range(3):
        source.push(5)
    wait_for(lambda: len(decisions) == 3)
    assert verdicts(decisions) == [Verdict.PASS, Verdict.ERROR, Verdict.PASS]
    refused = decisions[1].inspection
    assert refused.reason is Reason.NOT_STORED and "/data is full" in refused.detail
    assert decisions[1].frame is not None and refused.score == 25.0


def test_a_shift_is_put_on_record_and_the_camera_told(
    make: Make, source: FakeSource, decisions: list[InspectedFrame]
) -> None:
    began: list[float] = []
    station = running(make(on_shift=began.append))
    station.reset_shift()
    assert began == [station.counters().since]
    source.push(5)
    wait_for(lambda: len(decisions) == 1)
    assert decisions[0].camera == source.info


def test_a_feature_written_meanwhile_is_told(make: Make, source: FakeSource) -> None:
    station = running(make())
    source.info = replace(source.info, settings={"ExposureTime": 1.0})
    wait_for(lambda: station.source_info is not None and bool(station.source_info.settings))


def test_a_failing_model_rejects_and_inspection_goes_on(
    make: Make, source: FakeSource, decisions: list[InspectedFrame]
) -> None:
    station = running(make())
    source.push(254)
    source.push(1)
    wait_for(lambda: len(decisions) == 2)
    assert verdicts(decisions) == [Verdict.ERROR, Verdict.PASS]
    assert "out of memory" in decisions[0].inspection.detail
    assert decisions[0].frame is not None
    wait_for(lambda: station.problem == "")


def test_review_lies_between_the_limits(
    make: Make, source: FakeSource, decisions: list[InspectedFrame]
) -> None:
    running(make(product="label"))
    for value in (20, 30, 41):
        source.push(value)
    wait_for(lambda: len(decisions) == 3)
    assert verdicts(decisions) == [Verdict.PASS, Verdict.REVIEW, Verdict.FAIL]


def test_product_change_restarts_acquisition_and_moves_the_limits(
    make: Make, decisions: list[InspectedFrame]
) -> None:
    source = FakeSource(frozenset({"SimProduct"}))
    station = running(make(open_source=lambda: source))
    source.push(20)
    wait_for(lambda: len(decisions) == 1)
    station.select_product("label")
    wait_for(lambda: station.product.key == "label" and source.started == 2)
    source.push(20)
    wait_for(lambda: len(decisions) == 2)
    assert verdicts(decisions) == [Verdict.FAIL, Verdict.PASS]
    assert source.written == [("SimProduct", "Flange"), ("SimProduct", "Label")]
    assert [point.number for point in station.trend()] == [2]


def test_unknown_product_is_refused_by_name(make: Make) -> None:
    with pytest.raises(StationError, match=r"“bolt”.*flange, label"):
        make(product="bolt")
    with pytest.raises(StationError, match="“bolt”"):
        make().select_product("bolt")


def test_lost_camera_is_an_error_and_comes_back(
    make: Make, source: FakeSource, decisions: list[InspectedFrame]
) -> None:
    source.reopen_failures = 2
    station = running(make())
    source.frames.put(CameraLostError("Camera F1 was unplugged."))
    wait_for(lambda: station.state is StationState.CAMERA_LOST)
    assert "unplugged" in station.problem
    wait_for(lambda: source.reopened == 3 and station.state is StationState.RUNNING)
    source.push(1)
    wait_for(lambda: len(decisions) == 2)
    assert verdicts(decisions) == [Verdict.ERROR, Verdict.PASS]
    assert decisions[0].inspection.reason is Reason.CAMERA_LOST
    assert decisions[0].frame is None and decisions[0].inspection.simulated
    assert station.problem == ""


def test_stop_while_the_camera_is_lost_ends_the_attempts(make: Make, source: FakeSource) -> None:
    source.reopen_failures = 1000
    station = running(make())
    source.frames.put(CameraLostError("gone"))
    wait_for(lambda: source.reopened > 1)
    station.stop()
    wait_for(lambda: station.state is StationState.STOPPED)
    attempts = source.reopened
    time.sleep(0.2)
    assert source.reopened == attempts


def test_missing_camera_is_said_and_start_tries_again(make: Make, source: FakeSource) -> None:
    answers: list[object] = [CameraNotFoundError("No camera 3: there is 1."), source]

    def open_source() -> FakeSource:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, FakeSource)
        return answer

    station = make(open_source=open_source)
    station.start()
    wait_for(lambda: station.state is StationState.FAILED)
    assert station.problem == "No camera 3: there is 1."
    running(station)


def test_model_that_cannot_be_loaded_is_said(make: Make) -> None:
    def load() -> FakeDetector:
        raise ValueError("weights.safetensors is damaged")

    station = make(load_detector=load)
    station.start()
    wait_for(lambda: station.state is StationState.FAILED)
    assert "weights.safetensors is damaged" in station.problem


def test_end_of_a_folder_finishes(
    make: Make, source: FakeSource, decisions: list[InspectedFrame]
) -> None:
    station = running(make())
    source.push(1)
    source.frames.put(EndOfFrames())
    wait_for(lambda: station.state is StationState.FINISHED)
    assert verdicts(decisions) == [Verdict.PASS]


def test_each_trigger_gets_one_decision_in_order(
    make: Make, source: FakeSource, decisions: list[InspectedFrame]
) -> None:
    station = triggered(make)
    values = iter([1, 20, 2, 30, 3])
    source.on_trigger = lambda camera: camera.push(next(values))
    for _ in range(5):
        station.trigger()
    wait_for(lambda: len(decisions) == 5)
    p, f = Verdict.PASS, Verdict.FAIL
    assert verdicts(decisions) == [p, f, p, f, p]
    assert station.counters().triggered == 5
    assert all(shown.inspection.latency_ms > 0 for shown in decisions)


def test_lost_frame_costs_its_own_trigger_only(
    make: Make, source: FakeSource, decisions: list[InspectedFrame]
) -> None:
    station = triggered(make)
    pushes = iter([(1, 0), None, (20, 1)])

    def on_trigger(camera: FakeSource) -> None:
        step = next(pushes)
        if step is not None:
            camera.push(*step)

    source.on_trigger = on_trigger
    station.trigger()
    wait_for(lambda: len(decisions) == 1)
    station.trigger()
    station.trigger()
    wait_for(lambda: len(decisions) == 3)
    assert verdicts(decisions) == [Verdict.PASS, Verdict.ERROR, Verdict.FAIL]
    assert decisions[1].inspection.reason is Reason.FRAME_LOST


def test_a_frame_lost_before_the_first_one_costs_its_own_trigger_only(
    make: Make, source: FakeSource, decisions: list[InspectedFrame]
) -> None:
    station = triggered(make)
    source.on_trigger = lambda camera: None
    station.trigger()
    wait_for(lambda: station.counters().triggered == 1)
    source.lose_frame()
    source.on_trigger = FakeSource.push
    station.trigger()
    wait_for(lambda: len(decisions) == 2)
    assert verdicts(decisions) == [Verdict.ERROR, Verdict.PASS]
    assert decisions[0].inspection.reason is Reason.FRAME_LOST and source.started == 1


def test_trigger_without_a_frame_times_out_and_acquisition_starts_afresh(
    make: Make,
    source: FakeSource,
    decisions: list[InspectedFrame],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(trigger_service, "DECISION_LIMIT_S", 0.2)
    station = triggered(make)
    source.on_trigger = lambda camera: None
    station.trigger()
    wait_for(lambda: len(decisions) == 1)
    assert decisions[0].inspection.reason is Reason.CAMERA_TIMEOUT
    wait_for(lambda: source.started == 2 and source.running)
    source.on_trigger = FakeSource.push
    station.trigger()
    wait_for(lambda: len(decisions) == 2)
    assert decisions[1].inspection.verdict is Verdict.PASS


def test_too_many_triggers_are_errors_not_silence(
    make: Make, source: FakeSource, decisions: list[InspectedFrame]
) -> None:
    detector = FakeDetector()
    detector.delay_s = 0.02
    station = triggered(make, load_detector=lambda: detector)
    for _ in range(40):
        station.trigger()
    wait_for(lambda: len(decisions) == 40)
    reasons = [shown.inspection.reason for shown in decisions]
    assert reasons.count(Reason.QUEUE_FULL) > 0
    assert reasons.count(Reason.NORMAL) + reasons.count(Reason.QUEUE_FULL) == 40


def test_waiting_triggers_become_errors_on_loss_and_on_stop(
    make: Make, source: FakeSource, decisions: list[InspectedFrame]
) -> None:
    station = triggered(make)
    source.on_trigger = lambda camera: None
    station.trigger()
    station.trigger()
    wait_for(lambda: station.counters().triggered == 2)
    source.frames.put(CameraLostError("gone"))
    wait_for(lambda: len(decisions) == 2)
    assert {shown.inspection.reason for shown in decisions} == {Reason.CAMERA_LOST}
    wait_for(lambda: station.state is StationState.RUNNING)
    station.trigger()
    wait_for(lambda: station.counters().triggered == 3)
    station.stop()
    wait_for(lambda: len(decisions) == 3)
    assert decisions[2].inspection.reason is Reason.STOPPED
    station.trigger()
    wait_for(lambda: len(decisions) == 4)
    assert decisions[3].inspection.verdict is Verdict.ERROR


def test_frame_without_trigger_is_passed_over(
    make: Make, source: FakeSource, decisions: list[InspectedFrame]
) -> None:
    station = triggered(make)
    source.push(1)
    wait_for(lambda: station.counters().passed_over == 1)
    assert decisions == []


def test_stop_then_start_again(
    make: Make, source: FakeSource, decisions: list[InspectedFrame]
) -> None:
    station = running(make())
    station.stop()
    wait_for(lambda: station.state is StationState.STOPPED and not source.running)
    running(station)
    source.push(1)
    wait_for(lambda: len(decisions) == 1)
    assert source.started == 2


def test_shift_reset_keeps_the_trend(
    make: Make, source: FakeSource, decisions: list[InspectedFrame]
) -> None:
    station = running(make())
    source.push(1)
    wait_for(lambda: len(decisions) == 1)
    station.reset_shift()
    assert station.counters().inspected == 0
    assert len(station.trend()) == 1


def test_silent_camera_is_mentioned(
    make: Make, source: FakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acquisition, "SILENCE_LIMIT_S", 0.1)
    station = running(make())
    wait_for(lambda: "no frame" in station.problem)
    source.push(1)
    wait_for(lambda: "no frame" not in station.problem)


def test_close_gives_the_camera_back(make: Make, source: FakeSource) -> None:
    station = running(make())
    assert station.close(5.0)
    assert source.closed
