"""What a person may write after --camera, and what answers to it."""

from __future__ import annotations

import os
from dataclasses import replace

import cv2
import numpy as np
import pytest

from uniad_desktop.cameras import discovery
from uniad_desktop.cameras import open as open_module
from uniad_desktop.cameras.discovery import Access, DeviceDescription, DeviceList
from uniad_desktop.cameras.folder import FolderSource
from uniad_desktop.cameras.frame import SourceKind
from uniad_desktop.cameras.open import CameraKind, CameraSpec, open_source, parse_camera
from uniad_desktop.cameras.producers import PATH_VARIABLE, SimulatorProducer
from uniad_desktop.cameras.remembered import CameraChangedError, CameraIdentity
from uniad_desktop.cameras.source import CameraError, CameraNotFoundError

pytestmark = pytest.mark.usefixtures("no_child_left")


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("0", CameraKind.INDEX, "0"),
        (" 07 ", CameraKind.INDEX, "7"),
        ("22345678", CameraKind.SERIAL, "22345678"),
        ("DA-1.2_3", CameraKind.SERIAL, "DA-1.2_3"),
        ("serial:5", CameraKind.SERIAL, "5"),
        ("serial:line 1: left", CameraKind.SERIAL, "line 1: left"),
        ("sim", CameraKind.SIMULATED, ""),
        ("sim:/parts/a b", CameraKind.SIMULATED, "/parts/a b"),
        ("video:/a/b.mp4", CameraKind.VIDEO, "/a/b.mp4"),
        ("webcam:02", CameraKind.WEBCAM, "2"),
        ("folder:/a/b c", CameraKind.FOLDER, "/a/b c"),
        (r"folder:C:\parts", CameraKind.FOLDER, r"C:\parts"),
    ],
)
def test_accepted_forms(text, kind, value):
    spec = parse_camera(text)
    assert spec == CameraSpec(kind, value)
    assert parse_camera(str(spec)) == spec


@pytest.mark.parametrize(
    "text", ["", "video:", "webcam:x", "sim:", "folder:", "/a/b", "-1:", "a:b"]
)
def test_anything_else_lists_the_accepted_forms(text):
    with pytest.raises(
        CameraError, match=r"names no camera; write an index .*folder:PATH.*webcam:N"
    ):
        parse_camera(text)


def test_a_folder_opens_without_any_driver(tmp_path, monkeypatch):
    monkeypatch.setattr(open_module, "genicam_installed", lambda: False)
    assert cv2.imwrite(str(tmp_path / "a.png"), np.zeros((4, 4), np.uint8))
    source = open_source(f"folder:{tmp_path}", environ={})
    assert isinstance(source, FolderSource)
    with pytest.raises(CameraNotFoundError, match=r"video .*a\.mp4 does not exist"):
        open_source(f"video:{tmp_path / 'a.mp4'}", environ={})
    with pytest.raises(CameraError, match="harvesters and genicam are not installed"):
        open_source("0", environ={})


def test_the_simulator_answers_to_an_index_where_there_is_no_producer(viky):
    source = open_source("0", simulator=SimulatorProducer(viky), environ={})
    assert source.info.kind is SourceKind.SIMULATED
    source.close()


def test_the_simulator_never_stands_in_for_a_missing_camera(viky, tmp_path):
    (tmp_path / "maker.cti").write_bytes(b"not a library")
    environ = {PATH_VARIABLE: str(tmp_path)}
    simulator = SimulatorProducer(viky)
    with pytest.raises(CameraNotFoundError, match=r"maker\.cti.*use --camera sim"):
        open_source("0", simulator=simulator, environ=environ)
    source = open_source("sim", simulator=simulator, environ=environ)
    assert source.info.kind is SourceKind.SIMULATED
    source.close()


def test_an_index_out_of_range_names_what_there_is(viky):
    environ = {PATH_VARIABLE: f"{os.pathsep}{viky.parent}"}
    with pytest.raises(CameraNotFoundError, match=r"no camera 9; there is camera 0: .*Viky"):
        open_source("9", environ=environ)


def test_a_serial_number_is_found_whatever_its_index(viky):
    source = open_source("serial:2", environ={PATH_VARIABLE: str(viky.parent)})
    assert source.info.serial == "2"
    source.close()
    with pytest.raises(CameraNotFoundError, match="serial number or name X1; there is"):
        open_source("X1", environ={PATH_VARIABLE: str(viky.parent)})


def test_without_any_producer_the_way_out_is_named(viky):
    with pytest.raises(CameraNotFoundError, match=f"{PATH_VARIABLE} names none.*Install"):
        open_source("0", environ={})
    with pytest.raises(CameraNotFoundError, match="simulated camera is not available"):
        open_source("sim", environ={})


class Memory:
    """Which camera an index meant, kept in memory."""

    def __init__(self, **known):
        self.known = {int(place.removeprefix("at")): one for place, one in known.items()}

    def recall(self, index):
        return self.known.get(index)

    def keep(self, index, camera):
        self.known[index] = camera


@pytest.fixture
def real(viky, monkeypatch):
    """The cameras of viky.cti, taken for real ones."""
    monkeypatch.setattr(discovery, "looks_simulated", lambda *names: False)
    return {PATH_VARIABLE: str(viky.parent)}


def viky_camera(viky, serial):
    return CameraIdentity(serial, "Machine Vision Games Ltd.", "Viky", str(viky))


def test_a_camera_chosen_by_index_is_remembered_and_found_at_another_place(viky, real, caplog):
    memory = Memory()
    open_source("1", memory=memory, environ=real).close()
    assert memory.known == {1: viky_camera(viky, "1")}
    memory = Memory(at0=viky_camera(viky, "2"))
    with caplog.at_level("INFO"):
        source = open_source("0", memory=memory, environ=real)
    assert source.info.serial == "2"
    source.close()
    assert "is now at place 2 of the list" in caplog.text
    assert memory.known == {0: viky_camera(viky, "2")}


def test_another_camera_in_its_place_is_refused_until_it_is_accepted(viky, real):
    former = CameraIdentity("4711", "Maker", "X1", "/opt/maker.cti")
    memory = Memory(at0=former)
    with pytest.raises(CameraChangedError) as refused:
        open_source("0", memory=memory, environ=real)
    assert (refused.value.index, refused.value.remembered) == (0, former)
    assert refused.value.found == viky_camera(viky, "0")
    told = str(refused.value)
    assert "Camera 0 was Maker X1, serial 4711; now" in told and "Viky, serial 0 answers" in told
    assert "--accept-camera" in told
    assert memory.known == {0: former}
    source = open_source("0", memory=memory, accept_camera=True, environ=real)
    assert source.info.serial == "0"
    source.close()
    assert memory.known == {0: viky_camera(viky, "0")}


def test_the_simulated_camera_is_not_remembered_and_replaces_no_remembered_one(viky):
    memory = Memory()
    simulator = SimulatorProducer(viky)
    open_source("0", simulator=simulator, memory=memory, environ={}).close()
    open_source("0", memory=memory, added=[str(viky)], environ={}).close()
    assert memory.known == {}
    memory = Memory(at0=CameraIdentity("4711", "Maker", "X1"))
    for more in ({"simulator": simulator}, {}, {"simulator": simulator, "accept_camera": True}):
        with pytest.raises(CameraNotFoundError, match=r"serial 4711.*--forget 0.*--camera sim"):
            open_source("0", memory=memory, environ={}, **more)


def test_a_memory_that_cannot_be_written_does_not_stop_the_camera(real, caplog):
    class Full(Memory):
        def keep(self, index, camera):
            raise OSError(28, "No space left on device")

    open_source("0", memory=Full(), environ=real).close()
    assert "camera 0 is was not remembered: No space left on device" in caplog.text


def test_a_name_that_two_cameras_have_is_refused(viky, monkeypatch):
    one = DeviceDescription(
        index=0, vendor="Maker", model="X1", serial="4711", user_id="left", device_id="a",
        producer=viky, simulated=False, access=Access.FREE,
    )  # fmt: skip
    other = replace(one, index=1, serial="4712", device_id="b")
    monkeypatch.setattr(open_module, "list_devices", lambda *a, **k: DeviceList((one, other)))
    with pytest.raises(CameraError, match=r"Several cameras are called left: camera 0: .*4712"):
        open_source("left", environ={})
    # The same camera through two producers is one camera; it is not there, as nobody plugged it in.
    monkeypatch.setattr(open_module, "list_devices", lambda *a, **k: DeviceList((one, one)))
    with pytest.raises(CameraNotFoundError, match="4711 is not connected"):
        open_source("left", environ={})


def test_what_went_wrong_beside_an_index_that_answers_is_logged(viky, tmp_path, caplog):
    (tmp_path / "text.cti").write_text("hello")
    value = f"{viky.parent}{os.pathsep}{tmp_path}"
    open_source("0", environ={PATH_VARIABLE: value}).close()
    assert "text.cti is no usable GenTL producer" in caplog.text


def test_a_camera_that_was_chosen_otherwise_is_remembered_for_an_index(viky, real):
    memory = Memory(at0=viky_camera(viky, "0"))
    open_source("serial:2", memory=memory, environ=real).close()
    assert memory.known == {0: viky_camera(viky, "0")}
    open_source("serial:2", memory=memory, environ=real, remember_as=0).close()
    assert memory.known == {0: viky_camera(viky, "2")}
    with pytest.raises(CameraNotFoundError):  # nothing is remembered before it is open
        open_source("serial:4711", memory=memory, environ=real, remember_as=0)
    assert memory.known == {0: viky_camera(viky, "2")}


def test_an_index_never_means_another_camera_of_the_station(viky, real):
    memory = Memory()
    with pytest.raises(CameraNotFoundError, match=r"Camera 1 of the list is another .*serial"):
        open_source("1", memory=memory, environ=real, taken={"1"})
    source = open_source("1", memory=memory, environ=real, taken={"1", "0"})
    assert source.info.serial == "2"
    source.close()
    assert memory.known == {1: viky_camera(viky, "2")}


def test_a_simulated_camera_that_was_chosen_is_never_remembered(viky):
    memory = Memory()
    open_source("serial:1", memory=memory, added=[str(viky)], environ={}, remember_as=0).close()
    assert memory.known == {}
