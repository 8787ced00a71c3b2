"""`uniad-desktop versions`."""

import getpass
import json
import shutil

import pytest

from tests.helpers import make_tiny_package
from uniad_desktop.app import open_model
from uniad_desktop.commands.dispatch import run_command
from uniad_desktop.engine.package import open_package
from uniad_desktop.engine.package_copy import write_next
from uniad_desktop.interrupt import Interrupt
from uniad_desktop.station_options import StationOptions


def versions(*arguments):
    return run_command("versions", [str(one) for one in arguments], Interrupt())


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    models = tmp_path_factory.mktemp("made") / "models"
    package = open_package(make_tiny_package(models))
    write_next(package, models, note={"what": "the limit of flange was moved"})
    return models


@pytest.fixture
def data(made, _own_data_folder, tmp_path, monkeypatch):
    shutil.copytree(made, _own_data_folder / "models")
    (tmp_path / "shipped").mkdir()
    monkeypatch.setattr("uniad_desktop.engine.shipped.shipped_models", lambda: tmp_path / "shipped")
    monkeypatch.setattr(getpass, "getuser", lambda: "ann")
    return _own_data_folder


def opened(data):
    options = StationOptions(camera="", data_folder=data, model="tiny")
    return open_model(options).identity.version


def test_list_shows_every_version_and_which_is_active(data, capsys):
    assert versions("list") == 0
    out = capsys.readouterr().out
    for words in ("0.0.2", "flange, label", "flange was moved (from tiny 0.0.1)", "newest, 0.0.2,"):
        assert words in out
    assert versions("activate", "tiny", "0.0.1", "--why", "steadier") == 0
    capsys.readouterr()
    assert versions("list", "tiny", "--json") == 0
    listed = json.loads(capsys.readouterr().out)
    assert [(one["version"], one["active"]) for one in listed] == [
        ("0.0.2", False),
        ("0.0.1", True),
    ]
    assert listed[1]["sha256"] == open_package(data / "models" / "tiny" / "0.0.1").identity.sha256
    assert versions("list", "tiny") == 0
    rows = capsys.readouterr().out.splitlines()
    assert [row.startswith("*") for row in rows if row.split()[:1] != ["Active:"]][1:] == [
        False,
        True,
    ]


def test_the_same_package_is_listed_once_and_a_shipped_one_as_well(data, tmp_path, capsys):
    shutil.copytree(data / "models" / "tiny" / "0.0.1", tmp_path / "shipped" / "tiny" / "0.0.1")
    make_tiny_package(tmp_path / "shipped", version="0.0.0")
    assert versions("list", "--json") == 0
    listed = json.loads(capsys.readouterr().out)
    assert [one["version"] for one in listed] == ["0.0.2", "0.0.1", "0.0.0"]


def test_activate_and_roll_back_say_what_is_active(data, capsys):
    assert versions("activate", "tiny", "0.0.1", "--why", "steadier", "--who", "Bob") == 0
    out = capsys.readouterr().out
    assert "Active: tiny 0.0.1 (" in out and "by Bob: steadier" in out
    assert opened(data) == "0.0.1"
    assert versions("rollback", "tiny", "--why", "no, it is not") == 0
    assert "Active: tiny 0.0.2 (" in capsys.readouterr().out
    assert opened(data) == "0.0.2"
    assert versions("history", "tiny") == 0
    out = capsys.readouterr().out
    for words in ("activate", "roll-back", "Bob", "ann", "no, it is not", "written: 2 lines."):
        assert words in out
    assert versions("history", "tiny", "--json") == 0
    values = json.loads(capsys.readouterr().out)
    assert values["first_changed"] is None and len(values["entries"]) == 2


def test_a_changed_log_is_told(data, capsys):
    assert versions("activate", "tiny", "0.0.1", "--why", "steadier") == 0
    path = data / "models" / "tiny" / "activations.jsonl"
    path.write_bytes(path.read_bytes().replace(b"steadier", b"stronger"))
    capsys.readouterr()
    assert versions("history", "tiny") == 4
    assert "line 1 is the first" in capsys.readouterr().err


def test_a_damaged_active_version_is_told_with_the_way_out(data, capsys):
    assert versions("activate", "tiny", "0.0.1", "--why", "x") == 0
    assert versions("activate", "tiny", "0.0.2", "--why", "x") == 0
    weights = data / "models" / "tiny" / "0.0.2" / "weights.safetensors"
    weights.write_bytes(b"?")
    capsys.readouterr()
    assert versions("list") == 4
    shown = capsys.readouterr()
    assert "damaged" in shown.out and "versions rollback tiny" in shown.err
    assert versions("rollback", "tiny", "--why", "damaged") == 0
    assert opened(data) == "0.0.1"
    shutil.rmtree(data / "models" / "tiny" / "0.0.1")
    shutil.rmtree(data / "models" / "tiny" / "0.0.2")
    assert versions("list", "tiny") == 4
    assert "'tiny' is 0.0.1, which cannot be used" in capsys.readouterr().err


def test_a_version_travels_as_a_file(data, tmp_path, capsys):
    file, there = tmp_path / "tiny.uniad", tmp_path / "station 2"
    assert versions("export", "tiny@0.0.1", file) == 0
    assert "Exported tiny 0.0.1" in capsys.readouterr().out
    assert versions("import", file, "--activate", "--data-dir", there) == 1
    assert "say why with --why" in capsys.readouterr().err
    assert not there.exists()
    assert versions("import", file, "--data-dir", there) == 0
    assert "ever activated; the newest, 0.0.1, is used" in capsys.readouterr().out
    assert versions("import", file, "--activate", "--why", "line 2", "--data-dir", there) == 0
    shown = capsys.readouterr()
    assert "Active: tiny 0.0.1 (" in shown.out and "by ann: line 2" in shown.out
    assert "the very same" in shown.err
    assert opened(there) == "0.0.1"
    assert versions("export", "tiny", tmp_path / "active.uniad", "--data-dir", there) == 0
    assert (tmp_path / "active.uniad").read_bytes() == file.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["activate", "tiny", "0.0.9", "--why", "x"], 4, "no version '0.0.9'"),
        (["activate", "tiny", "0.0.1", "--why", " "], 4, "say why"),
        (["rollback", "tiny", "--why", "x"], 4, "ever activated"),
        (["list", "nope"], 4, "no model named 'nope'"),
        (["history", "../x"], 4, "no model named '../x'"),
        (["export", "tiny@0.0.1", "tiny.zip"], 4, "must end in .uniad"),
        (["export", "nope", "x.uniad"], 4, "no model named 'nope'"),
        (["import", "none.uniad"], 4, "There is no file none.uniad"),
    ],
)
def test_failures_are_a_sentence_and_a_code(data, arguments, code, words, capsys):
    assert versions(*arguments) == code
    assert words in capsys.readouterr().err


def test_a_reason_is_asked_for(data, capsys):
    with pytest.raises(SystemExit) as ended:
        versions("activate", "tiny", "0.0.1")
    assert ended.value.code == 2 and "--why" in capsys.readouterr().err


def test_a_user_without_a_name_says_who(data, capsys, monkeypatch):
    def nobody():
        raise KeyError("getpwuid(): uid not found: 1000")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert versions("activate", "tiny", "0.0.1", "--why", "x") == 1
    assert "--who" in capsys.readouterr().err
    assert versions("activate", "tiny", "0.0.1", "--why", "x", "--who", "Ann") == 0
