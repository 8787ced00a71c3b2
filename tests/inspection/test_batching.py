"""One model behind several cameras: the same answers, everybody's turn, errors, change, close."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from tests.inspection.fakes import MODEL, PRODUCTS, FakeDetector, FakeSource, wait_for
from uniad_desktop.engine.prediction import Prediction
from uniad_desktop.inspection.batching import SharedModel
from uniad_desktop.inspection.station import Station, StationError
from uniad_desktop.inspection.types import InspectedFrame, Limits, StationState, Verdict

NEW_MODEL = replace(MODEL, version="2")
LENIENT = tuple(replace(one, limits=Limits(9.0, 9.0)) for one in PRODUCTS)


class Batching(FakeDetector):
    """Judges up to `best` frames at once; `gate` holds every run until it is open."""

    def __init__(self, best: int = 4) -> None:
        super().__init__()
        self.best = best
        self.batches: list[list[int]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()
        self.batch_fails = False
        self.closed = False

    def frames_at_once(self, most: int) -> int:
        return min(self.best, most)

    def predict(self, image: np.ndarray, product: str | None = None) -> Prediction:
        self._enter([image])
        return super().predict(image, product)

    def predict_mixed(
        self, images: Sequence[np.ndarray], products: Sequence[str | None]
    ) -> list[Prediction]:
        self._enter(images)
        if self.batch_fails:
            raise RuntimeError("no memory for a batch")
        return [
            FakeDetector.predict(self, image, product)
            for image, product in zip(images, products, strict=True)
        ]

    def _enter(self, images: Sequence[np.ndarray]) -> None:
        self.batches.append([int(image.flat[0]) for image in images])
        self.entered.set()
        assert self.gate.wait(10.0)
        assert not self.closed, "a model judges after another took over"

    def close(self) -> None:
        self.closed = True


class NewBatching(Batching):
    model = NEW_MODEL
    runtime = "new"


def picture(value: int) -> np.ndarray:
    return np.full((6, 8), value, np.uint8)


Share = Callable[..., SharedModel]


@pytest.fixture
def share() -> Iterator[Share]:
    made: list[tuple[SharedModel, Batching]] = []

    def make(detector: Batching, cameras: int = 4) -> SharedModel:
        made.append((SharedModel(lambda: detector, cameras), detector))
        return made[-1][0]

    yield make
    for shared, detector in made:
        detector.gate.set()
        assert shared.close(5.0)
        assert detector.closed or shared._detector is not detector


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as executor:
        yield executor


def hold(detector: Batching, ask: Callable[[], Future[Prediction]]) -> Future[Prediction]:
    """Has one frame be under way until the gate is opened."""
    detector.gate.clear()
    detector.entered.clear()
    first = ask()
    assert detector.entered.wait(5.0)
    return first


def waiting(shared: SharedModel, count: int) -> None:
    wait_for(lambda: len(shared._waiting) == count)


def test_frames_that_wait_together_are_judged_together_each_with_its_own_answer(
    share: Share, pool: ThreadPoolExecutor
) -> None:
    detector = Batching()
    shared = share(detector)
    one = shared.attach()
    first = hold(detector, lambda: pool.submit(one.predict, picture(1), "flange"))
    others = []
    for value in (2, 3, 4, 5, 6):
        others.append(pool.submit(one.predict, picture(value), "label"))
        waiting(shared, len(others))
    detector.gate.set()
    assert [answer.result(5.0).image_score for answer in (first, *others)] == [
        pytest.approx(value / 10) for value in (1, 2, 3, 4, 5, 6)
    ]
    assert detector.batches == [[1], [2, 3, 4, 5], [6]]  # never more than was measured


def test_where_batches_are_not_worth_it_frames_are_judged_one_by_one_in_turn(
    share: Share, pool: ThreadPoolExecutor
) -> None:
    detector = Batching(best=1)
    shared = share(detector)
    clients = [shared.attach() for _ in range(4)]
    assert shared.largest_batch == 1
    first = hold(detector, lambda: pool.submit(clients[0].predict, picture(0), None))
    answers = []
    for value in (1, 2, 3):
        answers.append(pool.submit(clients[value].predict, picture(value), None))
        waiting(shared, value)
    detector.gate.set()
    for answer in (first, *answers):
        answer.result(5.0)
    assert detector.batches == [[0], [1], [2], [3]]


@pytest.mark.parametrize("best", [1, 2, 4])
def test_no_camera_starves_beside_one_that_asks_all_the_time(share: Share, best: int) -> None:
    detector = Batching(best)
    detector.delay_s = 0.001
    shared = share(detector)
    greedy, rare = shared.attach(), shared.attach()
    ended = threading.Event()
    threads = [
        threading.Thread(
            target=lambda: [greedy.predict(picture(1)) for _ in iter(ended.is_set, True)]
        )
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    try:
        wait_for(lambda: len(detector.batches) > 20)
        for _ in range(10):
            before = len(detector.batches)
            rare.predict(picture(9))
            place = next(i for i, batch in enumerate(detector.batches[before:]) if 9 in batch)
            # The run under way, and at most one turn of each of the three others.
            assert place <= 5
    finally:
        ended.set()
        for thread in threads:
            thread.join(5.0)


def test_an_error_belongs_to_the_frame_that_caused_it(
    share: Share, pool: ThreadPoolExecutor
) -> None:
    detector = Batching()
    shared = share(detector)
    client = shared.attach()
    first = hold(detector, lambda: pool.submit(client.predict, picture(1)))
    good = pool.submit(client.predict, picture(2))
    waiting(shared, 1)
    bad = pool.submit(client.predict, picture(254))
    waiting(shared, 2)
    detector.gate.set()
    assert first.result(5.0).image_score == pytest.approx(0.1)
    assert good.result(5.0).image_score == pytest.approx(0.2)
    with pytest.raises(RuntimeError, match="out of memory"):
        bad.result(5.0)
    assert detector.batches[1:] == [[2, 254], [2], [254]]
    assert shared.largest_batch == 4, "one bad frame is no reason to judge one by one for ever"


def test_a_batch_that_fails_as_such_is_judged_one_by_one_from_then_on(
    share: Share, pool: ThreadPoolExecutor
) -> None:
    detector = Batching()
    detector.batch_fails = True
    shared = share(detector)
    client = shared.attach()
    first = hold(detector, lambda: pool.submit(client.predict, picture(1)))
    others = [pool.submit(client.predict, picture(value)) for value in (2, 3)]
    waiting(shared, 2)
    detector.gate.set()
    assert [one.result(5.0).image_score for one in (first, *others)] == [
        pytest.approx(value / 10) for value in (1, 2, 3)
    ]
    wait_for(lambda: shared.largest_batch == 1)


def test_closing_answers_whoever_waits_and_is_bounded(pool: ThreadPoolExecutor) -> None:
    detector = Batching(best=1)
    shared = SharedModel(lambda: detector, 2)
    client = shared.attach()
    first = hold(detector, lambda: pool.submit(client.predict, picture(1)))
    second = pool.submit(client.predict, picture(2))
    waiting(shared, 1)
    assert not shared.close(0.05), "a run is under way"
    with pytest.raises(StationError, match="closed"):
        second.result(5.0)
    with pytest.raises(StationError, match="closed"):
        client.predict(picture(3))
    with pytest.raises(StationError, match="closed"):
        shared.attach()
    detector.gate.set()
    assert first.result(5.0).image_score == pytest.approx(0.1)
    assert shared.close(5.0) and detector.closed


def test_all_stations_hear_of_a_model_that_cannot_be_loaded_and_it_is_tried_once(
    pool: ThreadPoolExecutor,
) -> None:
    tried, go_on = [], threading.Event()

    def load() -> Batching:
        tried.append(1)
        assert go_on.wait(5.0)
        raise OSError("The package is damaged.")

    shared = SharedModel(load, 2)
    one = pool.submit(shared.attach)
    wait_for(lambda: bool(tried))
    shared_with = pool.submit(shared.attach)
    go_on.set()
    with pytest.raises(OSError, match="damaged"):
        one.result(5.0)
    with pytest.raises(OSError, match="damaged"):
        shared_with.result(5.0)
    assert shared.close(5.0)


def test_a_station_that_waits_for_the_model_can_be_closed(pool: ThreadPoolExecutor) -> None:
    loading, go_on = threading.Event(), threading.Event()

    def load() -> Batching:
        loading.set()
        assert go_on.wait(10.0)
        return Batching()

    shared = SharedModel(load, 2)
    one = pool.submit(shared.attach)
    assert loading.wait(5.0)
    shared.stop_waiting()
    with pytest.raises(StationError, match="closed"):
        one.result(5.0)
    go_on.set()
    assert shared.close(5.0)


# --- with stations


class Line:
    """Two stations on one model."""

    def __init__(self, detector: Batching) -> None:
        self.shared = SharedModel(lambda: detector, 2)
        self.sources = [FakeSource(), FakeSource()]
        self.decisions: list[list[InspectedFrame]] = [[], []]
        self.stations = [
            Station(
                open_source=lambda source=source: source,  # type: ignore[misc]
                load_detector=self.shared.attach,
                products=PRODUCTS,
                product=product,
                model=MODEL,
                sinks=[taken.append],
            )
            for source, product, taken in zip(
                self.sources, ("flange", "label"), self.decisions, strict=True
            )
        ]
        for station in self.stations:
            self.shared.follow(station)
            station.start()
        wait_for(lambda: all(one.state is StationState.RUNNING for one in self.stations))

    def close(self) -> None:
        for station in self.stations:
            assert station.close(5.0)
        assert self.shared.close(5.0)


@pytest.fixture
def make_line() -> Iterator[Callable[[Batching], Line]]:
    made: list[Line] = []

    def make(detector: Batching) -> Line:
        made.append(Line(detector))
        return made[-1]

    yield make
    for line in made:
        line.close()


def test_under_load_a_model_takes_over_for_all_cameras_at_once_and_nothing_is_lost(
    make_line: Callable[[Batching], Line],
) -> None:
    former = Batching()
    former.delay_s = 0.001
    line = make_line(former)
    new = NewBatching()

    def feed(source: FakeSource) -> None:
        for _ in range(150):
            source.push(50)
            time.sleep(0.001)

    feeding = [threading.Thread(target=feed, args=(source,)) for source in line.sources]
    for thread in feeding:
        thread.start()
    wait_for(lambda: all(len(one) > 20 for one in line.decisions))
    line.shared.change_model(lambda: new, LENIENT).result(5.0)
    for thread in feeding:
        thread.join(10.0)
    wait_for(lambda: all(len(one) == 150 for one in line.decisions))
    for decisions in line.decisions:
        inspections = [one.inspection for one in decisions]
        assert [one.frame_id for one in inspections] == list(range(1, 151))
        versions = [one.model.version for one in inspections]
        assert versions == sorted(versions) and set(versions) == {"1", "2"}
        for one in inspections:
            # 5.0 is beyond every former limit and within every new one: never mixed.
            judged_by_new = one.model == NEW_MODEL
            assert one.verdict is (Verdict.PASS if judged_by_new else Verdict.FAIL)
            assert (one.limits == Limits(9.0, 9.0)) is judged_by_new
    assert former.closed and not new.closed
    assert all(station.model == NEW_MODEL for station in line.stations)


def test_a_frame_that_waits_while_the_model_changes_is_decided_by_the_new_limits(
    make_line: Callable[[Batching], Line],
) -> None:
    former = Batching(best=1)
    line = make_line(former)
    former.gate.clear()
    former.entered.clear()
    line.sources[0].push(50)
    assert former.entered.wait(5.0)
    line.sources[1].push(50)
    waiting(line.shared, 1)
    done = line.shared.change_model(NewBatching, LENIENT)
    wait_for(lambda: bool(line.shared._jobs))
    former.gate.set()
    done.result(5.0)
    wait_for(lambda: all(len(one) == 1 for one in line.decisions))
    first, second = (taken[0].inspection for taken in line.decisions)
    assert (first.model, first.verdict) == (MODEL, Verdict.FAIL)
    assert (second.model, second.verdict) == (NEW_MODEL, Verdict.PASS)
    assert second.limits == Limits(9.0, 9.0)


def test_a_model_that_lacks_the_product_of_any_camera_is_refused_for_all(
    make_line: Callable[[Batching], Line],
) -> None:
    line = make_line(Batching())
    new = NewBatching()
    with pytest.raises(StationError, match="“label”"):
        line.shared.change_model(lambda: new, LENIENT[:1]).result(5.0)
    assert new.closed
    for source in line.sources:
        source.push(5)
    wait_for(lambda: all(len(one) == 1 for one in line.decisions))
    assert {one[0].inspection.model for one in line.decisions} == {MODEL}


def test_a_product_chosen_at_the_moment_of_the_change_is_never_judged_without_limits(
    make_line: Callable[[Batching], Line],
) -> None:
    line = make_line(Batching())
    station = line.stations[0]
    only_label = [one for one in LENIENT if one.key == "label"]
    station.follow_model(NEW_MODEL, only_label)  # as if "flange" were chosen just after the check
    wait_for(lambda: station.state is StationState.FAILED)
    assert "does not know the product “flange”" in station.problem
    station.start()
    wait_for(lambda: station.state is StationState.FAILED)
    station.select_product("label")
    station.start()
    wait_for(lambda: station.state is StationState.RUNNING)


def test_a_lost_camera_does_not_slow_the_other(make_line: Callable[[Batching], Line]) -> None:
    from uniad_desktop.cameras.source import CameraLostError

    line = make_line(Batching())
    lost, other = line.sources
    lost.reopen_failures = 1000
    lost.frames.put(CameraLostError("Unplugged."))
    wait_for(lambda: line.stations[0].state is StationState.CAMERA_LOST)
    for _ in range(20):
        other.push(5)
    wait_for(lambda: len(line.decisions[1]) == 20)
    assert {one.inspection.verdict for one in line.decisions[1]} == {Verdict.PASS}
    assert line.stations[0].state is StationState.CAMERA_LOST
