"""Another model takes over between two frames, and no frame is lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.inspection.fakes import MODEL, PRODUCTS, FakeDetector, FakeSource, wait_for
from uniad_desktop.inspection.station import Station, StationError
from uniad_desktop.inspection.types import InspectedFrame, Limits, StationState, Verdict

NEW_MODEL = replace(MODEL, version="2")
NEW_PRODUCTS = (replace(PRODUCTS[0], limits=Limits(3.0, 3.0)),)


class NewDetector(FakeDetector):
    """The model that takes over."""

    model = NEW_MODEL
    runtime = "new"
    closed = False

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def source() -> FakeSource:
    return FakeSource()


@pytest.fixture
def decisions() -> list[InspectedFrame]:
    return []


@pytest.fixture
def former() -> NewDetector:
    detector = NewDetector()
    detector.model, detector.runtime = MODEL, "former"
    return detector


@pytest.fixture
def station(
    source: FakeSource, decisions: list[InspectedFrame], former: NewDetector
) -> Iterator[Station]:
    made = Station(
        open_source=lambda: source,
        load_detector=lambda: former,
        products=PRODUCTS,
        product="flange",
        model=MODEL,
        sinks=[decisions.append],
    )
    made.start()
    wait_for(lambda: made.state is StationState.RUNNING)
    yield made
    assert made.close(5.0)


def test_every_frame_is_decided_while_a_model_is_loaded_and_takes_over(
    station: Station, source: FakeSource, decisions: list[InspectedFrame], former: NewDetector
) -> None:
    loading, go_on = threading.Event(), threading.Event()

    def load() -> NewDetector:
        loading.set()
        assert go_on.wait(5.0)
        return NewDetector()

    done = station.change_model(load, NEW_PRODUCTS)
    assert loading.wait(5.0)
    for _ in range(20):
        source.push(20)
    wait_for(lambda: len(decisions) == 20)
    go_on.set()
    done.result(5.0)
    for _ in range(20):
        source.push(20)
    wait_for(lambda: len(decisions) == 40)
    assert [one.inspection.frame_id for one in decisions] == list(range(1, 41))
    assert {one.inspection.model for one in decisions[:20]} == {MODEL}
    assert {one.inspection.model for one in decisions[20:]} == {NEW_MODEL}
    assert {one.inspection.verdict for one in decisions[:20]} == {Verdict.FAIL}
    assert {one.inspection.verdict for one in decisions[20:]} == {Verdict.PASS}
    assert decisions[-1].inspection.limits == Limits(3.0, 3.0)
    assert station.counters().passed_over == 0 and source.started == 1
    assert station.model == NEW_MODEL and station.runtime == station.runtime_state.label == "new"
    assert [info.key for info in station.products] == ["flange"]
    assert former.closed


def test_a_model_that_cannot_be_loaded_changes_nothing(
    station: Station, source: FakeSource, decisions: list[InspectedFrame], former: NewDetector
) -> None:
    def load() -> NewDetector:
        raise OSError("The package is damaged.")

    with pytest.raises(OSError, match="damaged"):
        station.change_model(load, NEW_PRODUCTS).result(5.0)
    source.push(5)
    wait_for(lambda: len(decisions) == 1)
    assert decisions[0].inspection.model == MODEL and not former.closed
    assert station.change_model(NewDetector, NEW_PRODUCTS).result(5.0) is None


def test_a_model_that_does_not_know_the_product_is_refused(station: Station) -> None:
    with pytest.raises(StationError, match="does not know the product “flange”"):
        station.change_model(NewDetector, PRODUCTS[1:])


def test_a_product_chosen_meanwhile_is_never_judged_by_another_one_s_limits(
    station: Station,
) -> None:
    go_on = threading.Event()
    fresh = NewDetector()

    def load() -> NewDetector:
        assert go_on.wait(5.0)
        return fresh

    done = station.change_model(load, NEW_PRODUCTS)
    station.select_product("label")
    wait_for(lambda: station.product.key == "label")
    go_on.set()
    with pytest.raises(StationError, match="the former model goes on"):
        done.result(5.0)
    assert station.model == MODEL and fresh.closed


def test_one_model_is_loaded_at_a_time_and_closing_waits_for_it(station: Station) -> None:
    go_on = threading.Event()

    def load() -> NewDetector:
        assert go_on.wait(5.0)
        time.sleep(0.05)
        return NewDetector()

    first = station.change_model(load, NEW_PRODUCTS)
    with pytest.raises(RuntimeError, match="being loaded"):
        station.change_model(NewDetector, NEW_PRODUCTS).result(5.0)
    go_on.set()
    assert station.close(5.0)
    assert first.done()
