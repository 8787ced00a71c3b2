"""The whole slice: simulated camera, camera process, detector, verdicts."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
from numpy.typing import NDArray

from tests.helpers import make_tiny_package
from tests.inspection.fakes import wait_for
from uniad_desktop.app import RunningStation, build_station, open_model
from uniad_desktop.camera_opener import means_simulator
from uniad_desktop.cameras.feature_set import FeatureEntry, HasFeatureSets
from uniad_desktop.cameras.frame import SourceKind
from uniad_desktop.cameras.open import parse_camera
from uniad_desktop.cameras.source import TriggerMode
from uniad_desktop.engine.package import open_package
from uniad_desktop.inspection import trigger_service
from uniad_desktop.inspection.types import InspectedFrame, Reason, StationState, Verdict
from uniad_desktop.records.database import open_records
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.records.query import Order, page
from uniad_desktop.station_options import StationOptions
from uniad_desktop.teaching.camera_features import differences
from uniad_desktop.teaching.camera_sets import keep_for_product
from uniad_desktop.teaching.collect_state import ON_TRIGGER, Every
from uniad_desktop.teaching.collection import PartCollection, State
from uniad_desktop.teaching.live_collector import LiveCollector
from uniad_desktop.teaching.products import ProductStore

pytest.importorskip("genicam", reason="GenICam is not available on this system")

SECONDS = 60.0  # for a machine that does much else; nothing here takes more than a few


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_package(tmp_path_factory.mktemp("models"))


Build = Callable[..., tuple[RunningStation, list[InspectedFrame]]]


@pytest.fixture
def build(model: Path, tmp_path: Path) -> Iterator[Build]:
    # Cameras that other tests share for the whole session are none of ours.
    before = psutil.Process().children(recursive=True)
    running: list[RunningStation] = []

    def make(**changes: object) -> tuple[RunningStation, list[InspectedFrame]]:
        options = StationOptions(
            **({"camera": "sim", "data_folder": tmp_path, "model": str(model), "seed": 3} | changes)
        )  # type: ignore[arg-type]
        decisions: list[InspectedFrame] = []
        running.append(build_station(options, open_model(options), [decisions.append]))
        running[-1].station.start()
        return running[-1], decisions

    yield make
    for one in running:
        assert one.close()
    left = [child for child in psutil.Process().children(recursive=True) if child not in before]
    assert [child.cmdline() for child in left] == []


def test_a_product_brings_the_camera_to_its_settings(build: Build, tmp_path: Path) -> None:
    running, decisions = build()
    station = running.station
    wait_for(lambda: len(decisions) >= 1, SECONDS)
    camera = station._inspector._acquisition.ready_source()
    assert isinstance(camera, HasFeatureSets)
    station.stop()
    wait_for(lambda: station.state is StationState.STOPPED, SECONDS)
    found = camera.read_set()
    key = station.product.key
    store = ProductStore(tmp_path)
    store.create(key, {"en": "Part"})
    bright = replace(found, entries=(*found.entries, FeatureEntry("ExposureTime", "4000")))
    keep_for_product(tmp_path, key, bright)
    store.save(store.get(key).changed(camera={"Gain": 1.5}))
    station.start()
    wait_for(lambda: _settings(running) == (4000.0, 1.5), SECONDS)
    wait_for(lambda: station.state is StationState.RUNNING, SECONDS)
    bad = replace(found, entries=(FeatureEntry("Iris", "8"),))
    keep_for_product(tmp_path, key, bad)
    station.select_product(key)
    wait_for(lambda: station.state is StationState.FAILED, SECONDS)
    assert f"settings of the product {key}: The camera has no feature called Iris." in (
        station.problem
    )


def _settings(running: RunningStation) -> tuple[object, object]:
    info = running.station.source_info
    settings = info.settings if info is not None else {}
    return settings.get("ExposureTime"), settings.get("Gain")


def test_free_running_frames_are_labelled_simulated(build: Build, tmp_path: Path) -> None:
    running, decisions = build(camera="0", frame_rate=20.0)
    wait_for(lambda: len(decisions) >= 3, SECONDS)
    shown = decisions[0]
    assert shown.inspection.simulated and shown.inspection.source == "SIM0001"
    assert shown.frame is not None and shown.frame.image.shape == (720, 960, 3)
    info = running.station.source_info
    assert info is not None and "SimProduct" in info.features
    # At the latest when it is closed all of it is on record, with what the camera was set to.
    assert running.close()
    with closing(open_records(tmp_path)) as records:
        found = page(records, RecordFilter(), Order.OLDEST)
    assert [one.number for one in found] == [one.inspection.number for one in decisions]
    first = found[0]
    assert first.simulated and first.source == "SIM0001" and first.setup.width == 960
    assert first.setup.features["ExposureTime"] > 0


def test_product_choice_reaches_the_simulated_line(build: Build) -> None:
    running, decisions = build(frame_rate=20.0, product="flange")
    wait_for(lambda: len(decisions) >= 1, SECONDS)
    running.station.select_product("board")
    wait_for(lambda: decisions[-1].inspection.product == "board", SECONDS)
    first = next(one for one in decisions if one.inspection.product == "board")
    assert first.frame is not None
    red, green, _ = first.frame.image.reshape(-1, 3).mean(axis=0)
    assert green > red * 1.3, "the first frame judged as a board is no picture of a board"


def test_each_software_trigger_gets_one_decision(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The line has just begun to render parts, and the machine may be busy.
    monkeypatch.setattr(trigger_service, "DECISION_LIMIT_S", SECONDS)
    running, decisions = build(trigger_mode=TriggerMode.SOFTWARE)
    wait_for(lambda: running.station.state is StationState.RUNNING, SECONDS)
    for expected in range(1, 6):
        running.station.trigger()
        wait_for(lambda: len(decisions) >= expected, SECONDS)  # noqa: B023
    assert [one.inspection.number for one in decisions] == [1, 2, 3, 4, 5]
    assert all(one.inspection.reason is not Reason.CAMERA_TIMEOUT for one in decisions)
    assert running.station.counters().triggered == 5


def is_a_board(image: NDArray[np.uint8]) -> bool:
    red, green, _ = image.reshape(-1, 3).mean(axis=0)
    return bool(green > red * 1.3)


def test_parts_of_another_product_are_collected_and_never_judged(
    build: Build, model: Path, tmp_path: Path
) -> None:
    running, decisions = build(frame_rate=20.0, product="flange")
    station = running.station
    wait_for(lambda: len(decisions) >= 1, SECONDS)
    product = ProductStore(tmp_path).create("board", {"en": "Board"})
    parts = PartCollection(tmp_path, "board")
    collector = LiveCollector(product, parts, lambda: open_package(model), station)
    try:
        assert not collector.attach("Circuit board")
        wait_for(lambda: station.state is StationState.COLLECTING, SECONDS)
        decided = len(decisions)
        collector.start(Every(2))
        wait_for(lambda: len(parts.parts()) >= 4, SECONDS)
        assert collector.snapshot().problem == ""
        assert station.counters().collected >= 4 and len(decisions) == decided
    finally:
        assert collector.close(SECONDS)
    wait_for(lambda: len(decisions) >= decided + 3, SECONDS)
    flanges = [shown.frame for shown in decisions if shown.frame is not None]
    assert not any(is_a_board(frame.image) for frame in flanges)
    for part in parts.parts():
        assert part.origin.kind is SourceKind.SIMULATED and part.origin.source == "SIM0001"
        assert is_a_board(parts.image(part))
        assert part.camera["ExposureTime"] == 2000.0 and part.camera["Gain"] == 0.0
    parts.accept([part.id for part in parts.parts() if part.state is not State.ACCEPTED])
    info = station.source_info
    assert info is not None and differences(tmp_path, "board", info.settings) == ()
    brighter = {**info.settings, "ExposureTime": 3000.0}
    assert [one.name for one in differences(tmp_path, "board", brighter)] == ["ExposureTime"]


def test_parts_are_collected_beside_their_inspection_by_trigger(
    build: Build, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trigger_service, "DECISION_LIMIT_S", SECONDS)
    running, decisions = build(trigger_mode=TriggerMode.SOFTWARE, product="flange")
    station = running.station
    wait_for(lambda: station.state is StationState.RUNNING, SECONDS)
    product = ProductStore(tmp_path).create("flange", {"en": "Flange"})
    parts = PartCollection(tmp_path, "flange")
    collector = LiveCollector(product, parts, lambda: open_package(model), station)
    try:
        assert collector.attach("Flange")
        collector.start(ON_TRIGGER)
        for expected in (1, 2, 3):
            station.trigger()
            wait_for(lambda: len(decisions) == expected, SECONDS)  # noqa: B023
        wait_for(lambda: len(parts.parts()) == 3, SECONDS)
    finally:
        assert collector.close(SECONDS)
    scores = [shown.inspection.raw_score for shown in decisions]
    assert [part.figures["score"] for part in parts.parts()] == scores
    counters = station.counters()
    assert (counters.triggered, counters.inspected, counters.collected) == (3, 3, 0)


def test_killed_camera_process_is_an_error_and_comes_back(build: Build) -> None:
    running, decisions = build(frame_rate=20.0)
    wait_for(lambda: len(decisions) >= 1, SECONDS)
    (camera,) = [
        child
        for child in psutil.Process().children()
        if "uniad_desktop.cameras.genicam.child" in child.cmdline()
    ]
    camera.kill()
    wait_for(lambda: any(one.inspection.reason is Reason.CAMERA_LOST for one in decisions), SECONDS)
    wait_for(
        lambda: (
            running.station.state is StationState.RUNNING
            and decisions[-1].inspection.verdict is not Verdict.ERROR
        ),
        SECONDS,
    )


def test_the_simulator_never_answers_to_an_index_beside_a_real_producer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert means_simulator(parse_camera("0"))
    (tmp_path / "maker.cti").write_bytes(b"not a library")
    monkeypatch.setenv("GENICAM_GENTL64_PATH", str(tmp_path))
    assert not means_simulator(parse_camera("0"))
    assert means_simulator(parse_camera("sim"))


def test_a_producer_that_is_none_is_named(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "maker.cti").write_bytes(b"not a library")
    monkeypatch.setenv("GENICAM_GENTL64_PATH", str(tmp_path))
    options = StationOptions(camera="0", data_folder=tmp_path / "data", model=str(model))
    running = build_station(options, open_model(options))
    try:
        running.station.start()
        wait_for(lambda: running.station.state is StationState.FAILED, SECONDS)
        assert "maker.cti" in running.station.problem and "sim" in running.station.problem
    finally:
        assert running.close()


def test_no_folder_of_the_simulator_is_left(build: Build) -> None:
    running, decisions = build(frame_rate=20.0)
    wait_for(lambda: len(decisions) >= 1, SECONDS)
    assert running.close()
    left = subprocess.run(
        ["ls", "/dev/shm", "/tmp"], capture_output=True, text=True, check=False
    ).stdout
    assert f"uniad-simcam-{psutil.Process().pid}-" not in left
