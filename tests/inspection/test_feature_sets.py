"""The camera settings of a product are in force before anything is inspected, or nothing is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.inspection.fakes import MODEL, PRODUCTS, FakeDetector, FakeSource, wait_for
from uniad_desktop.cameras.feature_set import (
    ApplyReport,
    EntryProblem,
    FeatureEntry,
    FeatureSet,
    FeatureSetError,
)
from uniad_desktop.cameras.source import CameraLostError
from uniad_desktop.inspection import inspector
from uniad_desktop.inspection.station import Station
from uniad_desktop.inspection.types import StationState, Verdict


def set_with(exposure, model="M1"):
    return FeatureSet((FeatureEntry("ExposureTime", exposure),), model=model)


class SettableSource(FakeSource):
    """Keeps sets; refuses and loses what a test says."""

    def __init__(self) -> None:
        super().__init__()
        self.info = replace(self.info, settings={"DeviceModelName": "M1"})
        self.set_in_force: FeatureSet | None = None
        self.now = set_with("100")
        self.applied: list[str] = []
        self.refused = ""
        self.losses = 0

    def read_set(self) -> FeatureSet:
        assert not self.running
        return self.now

    def apply_set(self, wanted: FeatureSet) -> ApplyReport:
        assert not self.running, "sets are applied while nothing is acquired"
        if self.losses:
            self.losses -= 1
            raise CameraLostError("F1 is away.")
        value = wanted.entries[0].value
        self.applied.append(value)
        if value == self.refused:
            sentence = "ExposureTime cannot be 7; the camera accepts 10 to 20."
            return ApplyReport(0, 0, (EntryProblem(wanted.entries[0], "100", sentence),))
        self.set_in_force = self.now = wanted
        return ApplyReport(1, 0)


@pytest.fixture
def source():
    return SettableSource()


@pytest.fixture
def sets():
    return {"flange": set_with("500"), "label": None}


@pytest.fixture
def decisions():
    return []


@pytest.fixture
def station(source, sets, decisions, monkeypatch):
    monkeypatch.setattr(inspector, "BACK_OFF_S", (0.05,))
    made = Station(
        open_source=lambda: source,
        load_detector=FakeDetector,
        products=PRODUCTS,
        product="flange",
        model=MODEL,
        sinks=[decisions.append],
        features_for=lambda key: sets[key],
    )
    yield made
    assert made.close(5.0)


def run(station, source):
    started = source.started
    station.start()
    wait_for(lambda: station.state is StationState.RUNNING and source.started > started)


def choose(station, source, key):
    started = source.started
    station.select_product(key)
    wait_for(lambda: source.started > started)


def test_a_set_is_in_force_before_the_first_frame(station, source, decisions):
    run(station, source)
    assert source.applied == ["500"]
    source.push(5)
    wait_for(lambda: len(decisions) == 1)
    assert decisions[0].inspection.verdict is Verdict.PASS


def test_a_product_without_a_set_gets_back_what_was_there_before(station, source, sets):
    run(station, source)
    choose(station, source, "label")
    choose(station, source, "label")
    choose(station, source, "flange")
    assert source.applied == ["500", "100", "500"]


def test_the_same_set_is_not_applied_again(station, source, sets):
    sets["label"] = set_with("500")
    run(station, source)
    choose(station, source, "label")
    station.stop()
    wait_for(lambda: station.state is StationState.STOPPED)
    source.set_in_force = None  # an engineer tries something else, which stands for now
    run(station, source)
    assert source.applied == ["500"]
    choose(station, source, "flange")
    assert source.applied == ["500", "500"]


def test_a_set_that_was_changed_is_applied_at_the_next_start(station, source, sets):
    run(station, source)
    sets["flange"] = set_with("600")
    station.stop()
    wait_for(lambda: station.state is StationState.STOPPED)
    run(station, source)
    assert source.applied == ["500", "600"]


def test_nothing_is_inspected_with_other_settings(station, source, sets, decisions):
    sets["label"] = set_with("7")
    source.refused = "7"
    run(station, source)
    station.select_product("label")
    source.push(5)
    wait_for(lambda: station.state is StationState.FAILED)
    assert "does not take the settings of the product label: ExposureTime cannot be 7" in (
        station.problem
    )
    assert "keep them for the product again" in station.problem
    started = source.started
    station.start()
    wait_for(lambda: source.applied.count("7") == 2)
    wait_for(lambda: station.state is StationState.FAILED)
    assert source.started == started and source.applied == ["500", "7", "7"]
    assert all(shown.inspection.product == "flange" for shown in decisions)


def test_settings_of_another_model_are_not_tried(station, source, sets):
    sets["flange"] = set_with("500", model="M2")
    station.start()
    wait_for(lambda: station.state is StationState.FAILED)
    assert "were made with the model M2, but this camera is of the model M1" in station.problem
    assert source.applied == [] and source.started == 0


def test_a_set_that_cannot_be_read_stops_the_station_with_its_sentence(source):
    def broken(key: str) -> FeatureSet:
        raise FeatureSetError(f"{key}.pfs, line 3: this is no value.")

    station = Station(
        open_source=lambda: source,
        load_detector=FakeDetector,
        products=PRODUCTS,
        product="flange",
        model=MODEL,
        features_for=broken,
    )
    try:
        station.start()
        wait_for(lambda: station.state is StationState.FAILED)
        assert "flange.pfs, line 3" in station.problem and source.started == 0
    finally:
        assert station.close(5.0)


def test_a_loss_while_a_set_is_applied_is_a_loss_and_the_set_comes_afterwards(station, source):
    source.losses = 1
    run(station, source)
    assert source.reopened == 1 and source.applied == ["500"]


def test_while_parts_of_something_new_are_collected_the_camera_stays_as_it_is(station, source):
    station.begin_collecting("New", lambda frame: None)
    wait_for(lambda: station.state is StationState.COLLECTING)
    assert source.applied == []
