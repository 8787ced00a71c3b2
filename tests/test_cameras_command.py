from __future__ import annotations

import importlib.util
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.helpers import make_tiny_package
from uniad_desktop.camera_opener import CameraOpener, means_simulator
from uniad_desktop.cameras import discovery
from uniad_desktop.cameras.discovery import Access, DeviceDescription, DeviceList
from uniad_desktop.cameras.genicam.messages import ProducerDetails
from uniad_desktop.cameras.open import parse_camera
from uniad_desktop.cameras.remembered import CameraChangedError, CameraIdentity
from uniad_desktop.cli import main
from uniad_desktop.commands.cameras import watch
from uniad_desktop.commands.cameras_table import as_object, as_text
from uniad_desktop.doctor import report
from uniad_desktop.settings import load_settings
from uniad_desktop.station_cameras import SettingsMemory, add_producer
from uniad_desktop.station_options import StationOptions

pytest.importorskip("genicam", reason="GenICam is not available on this system")

CAMERA = DeviceDescription(
    index=0, vendor="Maker", model="X1", serial="4711", user_id="left", device_id="id-1",
    producer=Path("/opt/maker.cti"), simulated=False, access=Access.IN_USE,
    interface="GEV: Card 1", address="192.168.1.20", why_not="It is in use by another program.",
    made_by="Maker GenTL 2.1",
)  # fmt: skip
LISTED = DeviceList(
    (CAMERA,),
    ("text.cti is no usable GenTL producer.",),
    (Path("/opt/maker.cti"), Path("/opt/text.cti")),
    {Path("/opt/maker.cti"): ProducerDetails("Maker", "GenTL", "2.1", "1.5")},
)


@pytest.fixture
def viky() -> Path:
    spec = importlib.util.find_spec("genicam")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent / "viky.cti"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_package(tmp_path_factory.mktemp("models"))


def test_the_table_has_everything_and_the_reasons_below() -> None:
    lines = as_text(LISTED).splitlines()
    assert lines[0].split() == [
        "INDEX", "VENDOR", "MODEL", "SERIAL", "NAME", "INTERFACE", "ADDRESS", "ACCESS", "KIND",
        "PRODUCER",
    ]  # fmt: skip
    for part in ("4711", "left", "GEV: Card 1", "192.168.1.20", "in use", "real", "maker.cti"):
        assert part in lines[1]
    assert "✕ 0: Maker X1 'left', serial 4711 (in use): It is in use by another program." in lines
    assert "✕ text.cti is no usable GenTL producer." in lines
    assert any("/opt/maker.cti (Maker GenTL 2.1, GenTL 1.5)" in line for line in lines)
    assert any("/opt/text.cti (does not work)" in line for line in lines)
    assert as_text(DeviceList(remedy="Install one.")).splitlines()[:2] == [
        "No camera.",
        "→ Install one.",
    ]


def test_the_object_for_programs_has_every_key() -> None:
    told = json.loads(json.dumps(as_object(LISTED)))
    assert told["usable"] is False
    (camera,) = told["cameras"]
    assert camera == {
        "index": 0, "vendor": "Maker", "model": "X1", "serial": "4711", "user_id": "left",
        "device_id": "id-1", "interface": "GEV: Card 1", "address": "192.168.1.20",
        "access": "in use", "simulated": False, "why_not": "It is in use by another program.",
        "producer": "/opt/maker.cti",
    }  # fmt: skip
    assert [one["loaded"] for one in told["producers"]] == [True, False]
    usable = replace(LISTED, devices=(replace(CAMERA, why_not=""),))
    assert as_object(usable)["usable"] is True


def test_it_lists_what_is_there(
    viky: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GENICAM_GENTL64_PATH", str(viky.parent))
    assert main(["cameras", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(one["index"], one["simulated"]) for one in told["cameras"]] == [
        (0, True), (1, True), (2, True), (None, True),
    ]  # fmt: skip


def test_nothing_usable_ends_with_the_code_of_a_camera(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text.cti").write_text("hello")
    monkeypatch.setenv("GENICAM_GENTL64_PATH", str(tmp_path))
    assert main(["cameras"]) == 3
    shown = capsys.readouterr().out
    assert "text.cti is no usable GenTL producer" in shown
    assert "→ None of the GenTL producers works here" in shown


def test_without_a_producer_the_simulated_camera_answers_and_the_way_out_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["cameras"]) == 0
    shown = capsys.readouterr().out
    assert "SIM0001" in shown and "SIMULATED" in shown
    assert "→ No GenTL producer is installed (GENICAM_GENTL64_PATH names none)" in shown


def test_a_producer_is_added_once_used_everywhere_and_removed(
    viky: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "uniad-data"
    assert main(["cameras", "--add-producer", str(viky)]) == 0
    assert "Added: Machine Vision Games Ltd. Viky 4.0" in capsys.readouterr().out
    link = tmp_path / "link.cti"
    link.symlink_to(viky)
    add_producer(folder, link)
    assert load_settings(folder)[0].producers == [str(viky)]
    assert not means_simulator(parse_camera("0"), load_settings(folder)[0].producers)
    assert main(["cameras", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["cameras"]) == 4
    found = report.check_cameras(folder)
    assert any("Viky, serial 2" in one.found for one in found)
    assert main(["cameras", "--remove-producer", str(link)]) == 0
    assert load_settings(folder)[0].producers == []
    assert viky.is_file()
    assert main(["cameras", "--remove-producer", str(viky)]) == 3
    assert "they name: none" in capsys.readouterr().err


def test_a_file_that_is_no_producer_is_not_added(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text.cti").write_text("hello")
    assert main(["cameras", "--add-producer", str(tmp_path / "text.cti")]) == 3
    assert "text.cti is no usable GenTL producer" in capsys.readouterr().err
    assert load_settings(tmp_path / "uniad-data")[0].producers == []


def test_a_remembered_camera_can_be_forgotten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    memory = SettingsMemory(tmp_path / "uniad-data")
    memory.keep(0, CameraIdentity("4711", "Maker", "X1"))
    memory.keep(1, CameraIdentity("4712", "Maker", "X1"))
    assert not means_simulator(parse_camera("0"), (), memory)
    assert main(["cameras", "--forget", "0"]) == 0
    assert "Forgotten: camera 0 was Maker X1, serial 4711" in capsys.readouterr().out
    assert memory.recall(0) is None and memory.recall(1) is not None
    assert means_simulator(parse_camera("0"), (), memory)
    assert main(["cameras", "--forget", "0"]) == 0
    assert "No camera was remembered for index 0" in capsys.readouterr().out


@pytest.mark.parametrize("as_json", [True, False])
def test_watching_shows_each_change_once(as_json: bool, capsys: pytest.CaptureFixture[str]) -> None:
    gone = replace(LISTED, devices=())
    lists = [LISTED, LISTED, gone, gone, LISTED]
    ended = watch(lambda: lists.pop(0), lambda: not lists, as_json=as_json, pause_s=0.0)
    assert ended == 130
    shown = capsys.readouterr().out
    if as_json:
        assert [len(json.loads(line)["cameras"]) for line in shown.splitlines()] == [1, 0, 1]
    else:
        assert shown.count("INDEX") == 2 and shown.count("No camera.") == 1


def test_the_doctor_says_why_a_camera_cannot_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "list_devices", lambda **more: LISTED)
    found = {one.name: one for one in report.check_cameras()}
    assert found["camera"].health is report.Health.PROBLEM
    assert found["camera"].remedy == "It is in use by another program."
    assert os.fspath(Path("/opt/maker.cti")) in str(found["GenTL"].found)


FORMER = CameraIdentity("4711", "Maker", "X1")


def test_a_station_whose_camera_has_changed_can_be_told_to_use_the_new_one(
    viky: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "looks_simulated", lambda *names: False)
    memory = SettingsMemory(tmp_path)
    memory.keep(1, FORMER)
    options = StationOptions(camera="1", data_folder=tmp_path, producers=(str(viky),))
    opener = CameraOpener(options, "flange")
    opener.prepare()
    with pytest.raises(CameraChangedError):
        opener.open()
    assert opener.changed is not None and opener.changed.found.serial == "1"
    with pytest.raises(CameraChangedError):  # merely trying again changes nothing
        opener.open()
    opener.accept()
    source = opener.open()
    assert source.info.serial == "1" and opener.changed is None
    source.close()
    opener.close()
    known = memory.recall(1)
    assert known is not None and known.serial == "1"


@pytest.mark.parametrize(("asked", "index"), [("0", 0), ("serial:0", None)])
def test_a_camera_chosen_meanwhile_is_remembered_for_the_index_that_was_asked_for(
    viky: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str, index: int | None
) -> None:
    monkeypatch.setattr(discovery, "looks_simulated", lambda *names: False)
    options = StationOptions(camera=asked, data_folder=tmp_path, producers=(str(viky),))
    opener = CameraOpener(options, "flange")
    opener.open().close()
    assert opener.index == index
    for serial in ("1", "2"):  # twice: the index is the one of the start
        source = opener.other(f"serial:{serial}").open()
        assert source.info.serial == serial
        source.close()
    opener.close()
    known = SettingsMemory(tmp_path).recall(0)
    assert (None if known is None else known.serial) == (None if index is None else "2")


@pytest.mark.parametrize(
    ("accept", "code", "told"),
    [
        ([], 3, "Camera 0 was Maker X1, serial 4711; now Machine Vision Games Ltd. Viky, serial 0"),
        (["--accept-camera"], 0, ""),
    ],
)
def test_without_a_window_another_camera_ends_the_program_unless_it_is_accepted(
    viky: Path,
    model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    accept: list[str],
    code: int,
    told: str,
) -> None:
    monkeypatch.setattr(discovery, "looks_simulated", lambda *names: False)
    monkeypatch.setenv("GENICAM_GENTL64_PATH", str(viky.parent))
    SettingsMemory(tmp_path).keep(0, FORMER)
    ended = main(
        ["--camera", "0", "--frames", "1", "--json", "--model", str(model), "--data-dir",
         str(tmp_path), *accept]
    )  # fmt: skip
    shown = capfd.readouterr()
    assert ended == code
    assert told in shown.err
    assert len(shown.out.splitlines()) == (1 if code == 0 else 0)
    known = SettingsMemory(tmp_path).recall(0)
    assert known is not None and known.serial == ("0" if accept else "4711")
