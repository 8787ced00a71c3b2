"""``uniad-desktop teach`` as a user calls it, on the tiny package."""

import json

import pytest

from tests.teaching.test_teach import package, parts, picture  # noqa: F401 - the fixture
from uniad_desktop.cameras.frame import SourceKind
from uniad_desktop.cli import main
from uniad_desktop.teaching.activation import active_version, history
from uniad_desktop.teaching.checks import Findings
from uniad_desktop.teaching.collection import Origin, PartCollection
from uniad_desktop.teaching.former_products import ProductCheck
from uniad_desktop.teaching.products import ProductStore


@pytest.fixture
def place(tmp_path, package, monkeypatch):  # noqa: F811
    """A data folder that holds the package, and a folder of 24 good parts."""
    data = tmp_path / "data"
    data.mkdir()
    (tmp_path / "models").rename(data / "models")
    parts(tmp_path / "good", 24)
    monkeypatch.chdir(tmp_path)
    return data


def teach(place, *more):
    return main(["teach", "tiny", "bolt", *more, "--steps", "4", "--data-dir", str(place)])


def test_a_folder_of_parts_becomes_a_version_that_is_not_active_unasked(place, capsys):
    assert teach(place, "good", "--title", "Bolt") == 0
    out = capsys.readouterr().out
    assert "1.0.1 is ready, not active." in out and "bolt" in out and "new" in out
    assert "bolt: limit" in out and "are too few for a false-reject rate" in out
    assert not list((place / "runs").rglob("checkpoint.pt*"))
    assert active_version(place, "tiny").version == "1.0.0"
    assert [one.why for one in history(place, "tiny")] == ["in use before 'bolt' was taught"]
    assert (place / "models" / "tiny" / "1.0.1" / "manifest.json").is_file()


def test_it_is_activated_on_record_and_can_be_taken_back(place, capsys):
    assert teach(place, "good", "--activate", "--why", "first batch", "--who", "eve") == 0
    assert "is ready and active." in capsys.readouterr().out
    active = active_version(place, "tiny")
    assert (active.version, active.who, active.why) == ("1.0.1", "eve", "first batch")
    rollback = ["versions", "rollback", "tiny", "--why", "too strict", "--data-dir", str(place)]
    assert main(rollback) == 0
    assert active_version(place, "tiny").version == "1.0.0"


def test_a_product_that_got_worse_blocks_unless_overridden(place, capsys, monkeypatch):
    monkeypatch.setattr(ProductCheck, "worse", property(lambda check: f"{check.key} got worse."))
    assert teach(place, "good", "--activate", "--why", "hurry") == 1
    told = capsys.readouterr()
    assert "was not activated: old got worse." in told.err and "--override" in told.err
    assert active_version(place, "tiny").version == "1.0.0"
    words = ["versions", "activate", "tiny", "1.0.1", "--why", "hurry", "--data-dir", str(place)]
    assert main(words) == 1
    assert "old got worse." in capsys.readouterr().err
    assert active_version(place, "tiny").version == "1.0.0"
    assert main(["versions", "list", "--data-dir", str(place)]) == 0
    assert "got WORSE" in capsys.readouterr().out
    assert main([*words, "--override"]) == 0 and active_version(place, "tiny").override is True
    assert teach(place, "good", "--activate", "--why", "hurry", "--override", "--seed", "1") == 0
    assert active_version(place, "tiny").override is True


def test_collected_parts_are_taught_with_the_product_s_title_and_regions(place, capsys):
    store = ProductStore(place)
    store.create("bolt", {"en": "Hex bolt"}, least_area=12.0)
    collection = PartCollection(place, "bolt")
    for number in range(24):
        collection.add(
            picture(number), Origin(source="SIM1", kind=SourceKind.SIMULATED), {}, Findings()
        )
    assert teach(place, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    manifest = json.loads((place / "models/tiny/1.0.1/manifest.json").read_text())
    assert manifest["products"]["bolt"]["titles"]["en"] == "Hex bolt"
    assert manifest["products"]["bolt"]["least_area"] == 12.0
    assert told["active"] is False and [one["key"] for one in told["checks"]] == ["old", "bolt"]


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["good", "--activate"], 2, "say why with --why"),
        (["nowhere"], 6, "nowhere"),
        ([], 6, "bolt"),
        (["good", "--device", "cuda:99"], 4, "cuda:99"),
    ],
)
def test_what_cannot_be_done_is_said(place, capsys, words, code, sentence):
    assert teach(place, *words) == code
    assert sentence in capsys.readouterr().err


def test_a_dry_run_says_what_would_be_done_and_writes_nothing(place, capsys):
    assert teach(place, "good", "--dry-run") == 0
    assert "from 19 parts, 5 held back" in capsys.readouterr().out
    assert not (place / "models" / "tiny" / "1.0.1").exists()
    assert active_version(place, "tiny") is None
