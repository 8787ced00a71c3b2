"""`uniad-desktop features` and `uniad-desktop products camera`."""

from __future__ import annotations

import json

import pytest

from uniad_desktop.cameras.feature_set import load
from uniad_desktop.commands.dispatch import run_command
from uniad_desktop.interrupt import Interrupt
from uniad_desktop.teaching.products import ProductStore

pytest.importorskip("genicam", reason="GenICam is not available on this system")


def features(*arguments):
    return run_command("features", ["--camera", "sim", *map(str, arguments)], Interrupt())


def products(*arguments):
    return run_command("products", [str(one) for one in arguments], Interrupt())


def test_features_are_listed_for_whom_they_are_meant(capsys):
    assert features() == 0
    text = capsys.readouterr().out
    assert "Acquisition Control\n" in text and "10 to 1000000" in text
    assert "TriggerSoftware" in text and "(command)" in text
    assert features("--list", "--json", "--visibility", "guru") == 0
    listed = json.loads(capsys.readouterr().out)["features"]
    exposure = next(one for one in listed if one["name"] == "ExposureTime")
    assert (exposure["kind"], exposure["unit"], exposure["value"]) == ("float", "us", 2000.0)
    assert exposure["category"] == ["Acquisition Control"]


def test_values_are_written_read_kept_and_brought_back(tmp_path, capsys):
    path = tmp_path / "line.pfs"
    changes = ("--set", "ExposureTime=4000", "--set", "TimestampLatch=true")
    assert features(*changes, "--get", "ExposureTime", "--get", "Gain", "--save", path) == 0
    out = capsys.readouterr().out
    assert "ExposureTime = 4000\nGain = 0\n" in out and "values of SimCam are kept in" in out
    # The simulated camera forgets everything when it is closed.
    assert features("--compare", path) == 1
    assert capsys.readouterr().out == (
        "ExposureTime is 4000.0 in line.pfs and 2000.0 in the camera.\n"
    )
    assert features("--load", path, "--compare", path, "--get", "ExposureTime") == 0
    out = capsys.readouterr().out
    assert "1 written, " in out and ", 0 not taken." in out
    assert "4000\n" in out and "The camera is set as in line.pfs." in out


def test_what_is_not_taken_is_told_one_by_one(tmp_path, capsys):
    path = tmp_path / "line.pfs"
    assert features("--save", path) == 0
    text = path.read_text().replace("2000.0", "3").replace("SimCam", "Other")
    path.write_text(f"{text}Iris\t4\n")
    capsys.readouterr()
    assert features("--load", path) == 3
    told = capsys.readouterr()
    assert "was made with the model Other, this camera is of the model SimCam." in told.err
    assert "ExposureTime cannot be 3; the camera accepts 10 to" in told.err
    assert "no feature called Iris" in told.err and "2 not taken" in told.out


def test_what_cannot_be_done_is_a_sentence(tmp_path, capsys):
    assert features("--get", "Nope") == 3
    assert "no feature called Nope" in capsys.readouterr().err
    assert features("--set", "Width") == 1
    assert "is not NAME=VALUE" in capsys.readouterr().err
    assert features("--load", tmp_path / "none.pfs") == 3
    assert "none.pfs cannot be read" in capsys.readouterr().err
    assert run_command("features", ["--camera", f"folder:{tmp_path}"], Interrupt()) == 3


def test_a_product_carries_a_set(_own_data_folder, tmp_path, capsys):
    path, out = tmp_path / "line.pfs", tmp_path / "out.pfs"
    assert features("--save", path) == 0
    ProductStore(_own_data_folder).create("cap", {"en": "Cap"})
    capsys.readouterr()
    assert products("camera", "cap") == 0
    assert "has no camera settings" in capsys.readouterr().out
    assert products("camera", "cap", "--save", out) == 6
    assert products("camera", "cap", "--load", path) == 0
    assert products("camera", "cap", "--save", out) == 0
    assert load(out) == load(path)
    capsys.readouterr()
    assert products("camera", "cap", "--show") == 0
    text = capsys.readouterr().out
    assert "SimCam SIM0001" in text and "ExposureTime = 2000.0" in text
    assert "TriggerMode (TriggerSelector = FrameStart) = Off" in text
    assert products("camera", "cap", "--clear") == 0
    assert products("camera", "cap", "--clear") == 0
    assert "were taken away" in capsys.readouterr().out
    path.write_text("nonsense")
    assert products("camera", "cap", "--load", path) == 6
