"""Several cameras at one station, without hardware and without a window."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.helpers import make_tiny_package
from tests.inspection.fakes import MODEL, PRODUCTS, FakeDetector, FakeSource, wait_for
from uniad_desktop.app import open_model
from uniad_desktop.cameras import discovery
from uniad_desktop.cameras.remembered import CameraIdentity
from uniad_desktop.cameras.source import CameraError, CameraNotFoundError, EndOfFrames, TriggerMode
from uniad_desktop.cli import main
from uniad_desktop.commands.review_options import add_arguments, filter_of
from uniad_desktop.headless import DecisionPrinter, Ending
from uniad_desktop.headless_several import run_several
from uniad_desktop.inspection import trigger_service
from uniad_desktop.inspection.station import Station
from uniad_desktop.inspection.types import CameraPlace, InspectedFrame, Reason, StationState
from uniad_desktop.records.database import open_records
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.records.query import Order, page
from uniad_desktop.reports.fields import values_of
from uniad_desktop.several import RunningStations, build_stations, products_of
from uniad_desktop.several_cameras import resolve_cameras
from uniad_desktop.station_cameras import SettingsMemory
from uniad_desktop.station_options import StationOptions

SECONDS = 60.0


@pytest.mark.parametrize(
    ("asked", "serials"),
    [
        (["sim", "sim"], ["SIM0001", "SIM0002"]),
        (["sim", "SIM0001", "sim"], ["SIM0002", "SIM0001", "SIM0003"]),
        (["1", "sim", "0"], ["SIM0002", "SIM0003", "SIM0001"]),
        (["serial:5", "folder:parts"], ["5", "parts"]),
    ],
)
def test_cameras_are_told_apart(asked: list[str], serials: list[str]) -> None:
    assert [one.value for one in resolve_cameras(asked)] == serials


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (["DA1", "serial:DA1"], "serial:DA1 is named twice"),
        (["0", "SIM0001"], "SIM0001 is named twice"),
        (["folder:a", "folder:a"], "named twice"),
        (["sim"] * 5, "1 to 4 cameras"),
        (["sim", "a:b"], "names no camera"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_sentence(asked: list[str], sentence: str) -> None:
    with pytest.raises(CameraError, match=sentence):
        resolve_cameras(asked)


def test_a_product_is_remembered_per_camera_as_long_as_the_model_knows_it() -> None:
    former = {"serial:SIM0001": "label", "serial:SIM0002": "gone"}
    known = ["flange", "label"]
    cameras = resolve_cameras(["sim", "sim"])
    assert products_of([], cameras, former, known) == ("label", "")
    assert products_of(["flange"], cameras, former, known) == ("flange", "flange")
    assert products_of(["a", "b"], cameras, former, known) == ("a", "b")


def test_an_error_before_a_camera_was_opened_names_it() -> None:
    decisions: list[InspectedFrame] = []
    printer = DecisionPrinter(as_json=True, cameras=2)
    stations = fake_stations([FakeSource(), FakeSource()], printer)
    stations[1].add_sink(decisions.append)
    stations[1].trigger()  # nothing is inspected yet
    wait_for(lambda: bool(decisions))
    inspection = decisions[0].inspection
    assert (inspection.camera, inspection.source) == (2, "F2")
    assert all(station.close() for station in stations)


def test_records_of_one_camera_can_be_asked_for_on_the_command_line() -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    given = parser.parse_args(["--camera", "SIM0001", "--camera", "SIM0002"])
    assert filter_of(given, "").cameras == ("SIM0001", "SIM0002")


def test_products_that_fit_no_cameras_are_wrong_arguments(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--camera", "sim", "--product", "flange", "--product", "label"])
    assert ended.value.code == 2
    assert "once for each in the same order" in capsys.readouterr().err


# --- without a window


def fake_stations(sources: list[FakeSource], printer: DecisionPrinter) -> list[Station]:
    return [
        Station(
            open_source=lambda source=source: source,  # type: ignore[misc]
            load_detector=FakeDetector,
            products=PRODUCTS,
            product="flange",
            model=MODEL,
            sinks=[printer.take],
            place=CameraPlace(number, len(sources), f"F{number}"),
        )
        for number, source in enumerate(sources, 1)
    ]


def test_lines_say_which_camera(capsys: pytest.CaptureFixture[str]) -> None:
    for as_json in (True, False):
        sources = [FakeSource(), FakeSource()]
        for source in sources:
            source.push(5)
            source.frames.put(EndOfFrames())
        printer = DecisionPrinter(as_json=as_json, cameras=2)
        stations = fake_stations(sources, printer)
        ending = run_several(stations, printer, stop=lambda: False, say=pytest.fail)
        assert ending == (Ending.DONE, "")
        info = stations[1].source_info
        assert info is not None and info.name == "2 · Fake"
        assert all(station.close() for station in stations)
        lines = capsys.readouterr().out.splitlines()
        if as_json:
            assert sorted(json.loads(line)["camera_number"] for line in lines) == [1, 2]
        else:
            assert sorted(line.split("  ")[0] for line in lines) == ["camera 1", "camera 2"]


def test_a_camera_that_fails_is_told_once_and_the_others_go_on() -> None:
    good = FakeSource()

    def fail() -> FakeSource:
        raise CameraNotFoundError("There is no camera F2.")

    printer = DecisionPrinter(as_json=True, cameras=2)
    stations = fake_stations([good, FakeSource()], printer)
    stations[1]._inspector._acquisition._open_source = fail
    said: list[str] = []

    def say(sentence: str) -> None:
        said.append(sentence)
        for _ in range(3):
            good.push(5)
        good.frames.put(EndOfFrames())

    ending = run_several(stations, printer, stop=lambda: False, say=say)
    assert ending == (Ending.CAMERA, "")
    assert said == ["Camera 2: There is no camera F2."]
    assert stations[0].counters().passed == 3
    assert all(station.close() for station in stations)


# --- with simulated cameras


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_package(tmp_path_factory.mktemp("models"))


@pytest.fixture
def running(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[RunningStations, list[InspectedFrame]]]:
    pytest.importorskip("genicam", reason="GenICam is not available on this system")
    # The line has just begun to render parts, and the machine may be busy.
    monkeypatch.setattr(trigger_service, "DECISION_LIMIT_S", SECONDS)
    options = StationOptions(
        camera="",
        data_folder=tmp_path,
        model=str(model),
        seed=3,
        trigger_mode=TriggerMode.SOFTWARE,
    )
    decisions: list[InspectedFrame] = []
    made = build_stations(
        options, ["sim", "sim"], ["flange", "label"], open_model(options), [decisions.append]
    )
    yield made, decisions
    assert made.close()


def test_each_trigger_of_each_camera_gets_one_decision_in_order_and_all_are_on_record(
    running: tuple[RunningStations, list[InspectedFrame]], tmp_path: Path
) -> None:
    made, decisions = running
    for station in made.stations:
        station.start()
    wait_for(lambda: all(one.state is StationState.RUNNING for one in made.stations), SECONDS)
    assert made.cameras == ("serial:SIM0001", "serial:SIM0002")
    for _ in range(6):
        for station in made.stations:
            station.trigger()
    wait_for(lambda: len(decisions) == 12, SECONDS)
    for number, product in ((1, "flange"), (2, "label")):
        own = [one.inspection for one in decisions if one.inspection.camera == number]
        assert [one.number for one in own] == [1, 2, 3, 4, 5, 6]
        assert [one.frame_id for one in own] == sorted(one.frame_id for one in own)
        assert {one.source for one in own} == {f"SIM{number:04d}"}
        assert {one.product for one in own} == {product}
        assert all(one.reason is not Reason.CAMERA_TIMEOUT for one in own)
    for station in made.stations:
        assert station.counters().triggered == 6
        station.reset_shift()
    assert made.close()
    with closing(open_records(tmp_path)) as records:
        for number in (1, 2):
            wanted = RecordFilter(cameras=(f"SIM{number:04d}",))
            found = page(records, wanted, Order.OLDEST)
            assert [one.number for one in found] == [1, 2, 3, 4, 5, 6]
            values = values_of(found[0])
            assert values["camera"] == f"SIM{number:04d}"
            assert str(values["camera_name"]).startswith(f"{number} · ")
            assert len(page(records, RecordFilter(text=f"SIM{number:04d}"), Order.OLDEST)) == 6
        assert len(page(records, RecordFilter(), Order.OLDEST)) == 12


def test_the_same_camera_under_two_names_is_opened_once(model: Path, tmp_path: Path) -> None:
    pytest.importorskip("genicam", reason="GenICam is not available on this system")
    from uniad_desktop.cameras.open import CameraKind, CameraSpec
    from uniad_desktop.several_cameras import CameraSet

    options = StationOptions(camera="", data_folder=tmp_path, model=str(model))
    specs = [
        CameraSpec(CameraKind.SERIAL, "SIM0001"),
        CameraSpec(CameraKind.SIMULATED),
    ]
    cameras = CameraSet(options, specs, "flange")
    try:
        cameras.prepare()
        source = cameras.open(0)
        try:
            with pytest.raises(CameraError):
                cameras.open(1)
        finally:
            source.close()
    finally:
        cameras.close()


@pytest.fixture
def viky(monkeypatch: pytest.MonkeyPatch) -> Path:
    """A producer of three cameras with serial numbers 0, 1 and 2, taken for real ones."""
    genicam = pytest.importorskip("genicam", reason="GenICam is not available on this system")
    monkeypatch.setattr(discovery, "looks_simulated", lambda *names: False)
    return Path(genicam.__file__).parent / "viky.cti"


def test_a_camera_takes_the_place_of_one_of_several(
    model: Path, tmp_path: Path, viky: Path
) -> None:
    options = StationOptions(
        camera="", data_folder=tmp_path, model=str(model), producers=(str(viky),)
    )
    made = build_stations(options, ["1", "serial:0"], ["flange", "label"], open_model(options))
    try:
        assert (made.camera_index(0), made.camera_index(1)) == (1, None)

        def serials() -> list[str]:
            infos = [station.source_info for station in made.stations]
            return [info.serial if info else "" for info in infos]

        for station in made.stations:
            station.start()
        wait_for(lambda: serials() == ["1", "0"], SECONDS)
        made.change_camera("2", 0)
        made.stations[0].start()
        wait_for(lambda: serials() == ["2", "0"], SECONDS)
        assert made.stations[1].state is StationState.RUNNING
        # The one that was given back is free for another place.
        made.change_camera("1", 1)
        made.stations[1].start()
        wait_for(lambda: serials() == ["2", "1"], SECONDS)
        # One that is in use here is refused, and the others go on.
        made.change_camera("2", 1)
        made.stations[1].start()
        wait_for(lambda: made.stations[1].state is StationState.FAILED, SECONDS)
        assert made.stations[0].state is StationState.RUNNING
    finally:
        assert made.close()
    known = [SettingsMemory(tmp_path).recall(index) for index in (0, 1)]
    assert [None if one is None else one.serial for one in known] == [None, "2"]


def test_a_replaced_camera_of_several_is_accepted_in_the_window(
    model: Path, tmp_path: Path, viky: Path
) -> None:
    memory = SettingsMemory(tmp_path)
    maker = ("Machine Vision Games Ltd.", "Viky", str(viky))
    memory.keep(1, CameraIdentity("4711", "Maker", "X1"))
    memory.keep(0, CameraIdentity("0", *maker))
    memory.keep(2, CameraIdentity("1", *maker))
    options = StationOptions(
        camera="", data_folder=tmp_path, model=str(model), producers=(str(viky),)
    )
    made = build_stations(options, ["0", "1", "2"], ["flange"] * 3, open_model(options))
    try:
        for station in made.stations:
            station.start()
        states = [StationState.RUNNING, StationState.FAILED, StationState.RUNNING]
        wait_for(lambda: [one.state for one in made.stations] == states, SECONDS)
        # At place 1 of the list is a camera of this station, and a new one is at place 2.
        changed = made.choices[1].changed
        assert changed is not None and changed.found.serial == "2"
        made.choices[1].accept()
        made.stations[1].start()
        wait_for(lambda: made.stations[1].state is StationState.RUNNING, SECONDS)
        infos = [station.source_info for station in made.stations]
        assert [info.serial for info in infos if info is not None] == ["0", "2", "1"]
        assert made.choices[1].changed is None
    finally:
        assert made.close()
    known = memory.recall(1)
    assert known is not None and known.serial == "2"


def test_an_index_of_a_real_camera_is_never_that_of_a_simulated_one(tmp_path: Path) -> None:
    memory = SettingsMemory(tmp_path)
    memory.keep(1, CameraIdentity("4711", "Maker", "X1"))
    specs = resolve_cameras(["0", "1"], memory=memory)
    assert [str(one) for one in specs] == ["serial:SIM0001", "1"]


def test_the_command_inspects_with_two_cameras(model: Path, tmp_path: Path) -> None:
    pytest.importorskip("genicam", reason="GenICam is not available on this system")
    arguments = ["--camera", "sim", "--camera", "sim", "--json", "--frames", "20"]
    arguments += ["--frame-rate", "20", "--model", str(model), "--data-dir", str(tmp_path)]
    arguments += ["--product", "flange", "--product", "board"]
    done = subprocess.run(
        [sys.executable, "-m", "uniad_desktop", *arguments],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(lines) == 20
    assert {(one["camera_number"], one["source"], one["product"]) for one in lines} == {
        (1, "SIM0001", "flange"),
        (2, "SIM0002", "board"),
    }
