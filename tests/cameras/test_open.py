"""What a person may write after --camera, and what answers to it."""

from __future__ import annotations

import os

import cv2
import numpy as np
import pytest

from uniad_desktop.cameras import open as open_module
from uniad_desktop.cameras.folder import FolderSource
from uniad_desktop.cameras.frame import SourceKind
from uniad_desktop.cameras.open import CameraKind, CameraSpec, open_source, parse_camera
from uniad_desktop.cameras.producers import PATH_VARIABLE, SimulatorProducer
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
        ("sim", CameraKind.SIMULATED, ""),
        ("folder:/a/b c", CameraKind.FOLDER, "/a/b c"),
        (r"folder:C:\parts", CameraKind.FOLDER, r"C:\parts"),
    ],
)
def test_accepted_forms(text, kind, value):
    spec = parse_camera(text)
    assert spec == CameraSpec(kind, value)
    assert parse_camera(str(spec)) == spec


@pytest.mark.parametrize("text", ["", "video:a.mp4", "webcam:0", "folder:", "/a/b", "-1:", "a:b"])
def test_anything_else_lists_the_accepted_forms(text):
    with pytest.raises(CameraError, match=r"names no camera; write an index .*folder:PATH"):
        parse_camera(text)


def test_a_folder_opens_without_any_driver(tmp_path, monkeypatch):
    monkeypatch.setattr(open_module, "genicam_installed", lambda: False)
    assert cv2.imwrite(str(tmp_path / "a.png"), np.zeros((4, 4), np.uint8))
    source = open_source(f"folder:{tmp_path}", environ={})
    assert isinstance(source, FolderSource)
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
    with pytest.raises(CameraNotFoundError, match="no camera with serial number X1; there is"):
        open_source("X1", environ={PATH_VARIABLE: str(viky.parent)})


def test_without_any_producer_the_way_out_is_named(viky):
    with pytest.raises(CameraNotFoundError, match=f"{PATH_VARIABLE} is not set.*Install"):
        open_source("0", environ={})
    with pytest.raises(CameraNotFoundError, match="simulated camera is not available"):
        open_source("sim", environ={})
