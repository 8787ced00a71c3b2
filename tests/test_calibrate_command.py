from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.helpers import make_tiny_package
from tests.training.evaluation.helpers import add_part, package_with_decoder
from tests.training.images import write_product
from uniad_desktop.commands.dispatch import run_command
from uniad_desktop.engine.detector import Detector
from uniad_desktop.engine.layout import Box, Layout, RegionOfInterest
from uniad_desktop.engine.package import open_package
from uniad_desktop.interrupt import Interrupt


@pytest.fixture
def place(tmp_path: Path) -> Path:
    make_tiny_package(tmp_path / "uniad-data" / "models")
    write_product(tmp_path / "flange", 8, seed=1, test=4)
    for number, value in enumerate((120, 250)):
        add_part(tmp_path / "flange", number, "spot", value, masked=False)
    return tmp_path


def calibrate(*arguments: object, interrupt: Interrupt | None = None) -> int:
    words = [str(one) for one in arguments]
    return run_command("calibrate", [*words, "--device", "cpu"], interrupt or Interrupt())


def versions(place: Path, name: str = "tiny") -> list[str]:
    return sorted(
        one.name for one in (place / "uniad-data" / "models" / name).iterdir() if one.is_dir()
    )


def opened(place: Path, version: str, name: str = "tiny"):
    return open_package(place / "uniad-data" / "models" / name / version)


def test_the_next_version_has_the_new_limit_and_says_why(place, capsys):
    out = place / "figures.json"
    words = ("--why", "new lamp", "--who", "Ada", "--json", out, "--false-reject-rate", 0.1)
    assert calibrate("tiny", "flange", place / "flange", *words) == 0
    told, said = capsys.readouterr()
    assert "reject limit T2" in told and "of 2 escape" in told and "0.0.2 is ready" in said
    new = opened(place, "0.0.2")
    entry = new.manifest.products["flange"]
    change = new.manifest.training["changes"][-1]
    assert (change["who"], change["why"], change["parts"]) == ("Ada", "new lamp", 12)
    values = json.loads(out.read_text("utf-8"))
    assert values["after"]["reject"] == entry.reject == change["new"]["reject"]
    assert [one["kind"] for one in values["parts"]].count("spot") == 2
    # The limit is one of the scores that the line will give.
    detector = Detector(new, "cpu")
    assert entry.reject in [pytest.approx(one["score"]) for one in values["parts"]]
    assert detector.products["flange"].calibration.parts == 12
    # A score on the former scale, without parts.
    assert calibrate("tiny@0.0.2", "Machined flange", "--score-limit", 60) == 0
    by_hand = opened(place, "0.0.3").manifest.products["flange"]
    assert by_hand.reject == pytest.approx(1.2 * entry.reject)
    assert "set by hand" in by_hand.calibration.note
    assert len(opened(place, "0.0.3").manifest.training["changes"]) == 2
    assert calibrate("tiny", "flange", place / "flange", "--parts", "test") == 0
    assert opened(place, "0.0.4").manifest.products["flange"].calibration.parts == 4


def test_dry_run_writes_nothing(place, capsys):
    assert calibrate("tiny", "flange", place / "flange", "--dry-run", "--json", "-") == 0
    told, said = capsys.readouterr()
    assert json.loads(told)["package"] is None and "Nothing was written" in said
    assert versions(place) == ["0.0.1"]
    out = place / "x.json"
    assert calibrate("tiny", "flange", place / "flange", "--dry-run", "--json", out) == 1
    assert "--json -" in capsys.readouterr().err and not out.exists()


def test_an_imported_package_gets_its_first_product_with_tiles(place, capsys):
    package_with_decoder(place / "more")
    package = place / "more" / "tiny" / "0.0.1"
    data = place / "flange"
    assert calibrate(package, "M6 cap", data) == 6
    assert "--title" in capsys.readouterr().err
    cut = ("--tiles", "2x1", "--region", "0,0,30,32", "--mm-per-pixel", 0.1, "--least-area", 4)
    assert calibrate(package, "M6 cap", data, "--title", "Cap", "--out", place / "out", *cut) == 0
    entry = open_package(place / "out" / "tiny" / "0.0.2").manifest.products["m6-cap"]
    region = RegionOfInterest(box=Box(0, 0, 30, 32), rows=2, columns=1, overlap=0.1)
    assert entry.layout == Layout((region,), 0.1) and entry.least_area == 4.0
    # Once more without regions: they stay; then the scale alone; then the whole picture.
    new = place / "out" / "tiny" / "0.0.2"
    assert calibrate(new, "m6-cap", data, "--out", place / "out", "--mm-per-pixel", 0.2) == 0
    entry = open_package(place / "out" / "tiny" / "0.0.3").manifest.products["m6-cap"]
    assert entry.layout == Layout((region,), 0.2) and entry.titles == {"en": "Cap"}
    new = place / "out" / "tiny" / "0.0.3"
    assert calibrate(new, "Cap", data, "--out", place / "out", "--tiles", "1x1") == 0
    entry = open_package(place / "out" / "tiny" / "0.0.4").manifest.products["m6-cap"]
    assert entry.layout == Layout((), 0.2) and entry.least_area == 4.0
    capsys.readouterr()
    assert calibrate(new, "m6-cap", data, "--region", "0,0,4000,10") == 4
    assert ".png" in capsys.readouterr().err


def test_of_several_products_the_one_of_that_name_is_taken(place, capsys):
    for name in ("flange", "bolt"):
        write_product(place / "both" / name, 3, seed=len(name))
    assert calibrate("tiny", "flange", place / "both") == 0
    assert opened(place, "0.0.2").manifest.products["flange"].calibration.parts == 3
    capsys.readouterr()
    assert calibrate("tiny", "board", place / "both") == 6
    assert "--data-product" in capsys.readouterr().err
    assert calibrate("tiny", "board", place / "both", "--data-product", "bolt") == 0
    assert "'bolt' are taken for the product board" in capsys.readouterr().err


def test_simulated_parts_are_rendered_of_one_product_only(place):
    assert calibrate("tiny", "Woven fabric", "simulated:2:1") == 0
    assert opened(place, "0.0.2").manifest.products["fabric"].calibration.parts == 3
    (folder,) = (place / "uniad-data" / "work").iterdir()
    assert [one.name for one in folder.iterdir()] == ["fabric"]


def test_another_runtime_is_recorded(place):
    words = ("--runtime", "openvino-f32")
    assert calibrate("tiny", "flange", place / "flange", *words) == 0
    assert opened(place, "0.0.2").manifest.training["changes"][-1]["runtime"] != "torch cpu f32"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("tiny", "flange"), 6, "No data were named"),
        (("tiny", "lid", "DATA"), 6, "no product 'lid'"),
        (("tiny", "lid", "--limit", 3), 6, "no product 'lid'"),
        (("tiny", "lid", "DATA", "--title", "Lid", "--score-limit", 60), 6, "no scale"),
        (("nothing", "flange", "DATA"), 4, "nothing"),
        (("tiny", "flange", "nowhere"), 6, "nowhere"),
        (("tiny", "flange", "DATA", "--limit", 3, "--score-limit", 60), 1, "twice"),
        (("tiny", "flange", "--limit", 3, "--tiles", "2x2"), 6, "Without DATA"),
        (("tiny", "flange", "DATA", "--overlap", 0.2), 1, "--tiles"),
        (("tiny", "flange", "DATA", "--tiles", "90x90"), 1, "tiles"),
        (("tiny", "flange", "DATA", "--json", "no/where.json"), 1, "folder that exists"),
        (("tiny", "flange", "DATA", "--review-rate", 0.001), 6, "larger than the false-reject"),
        (("tiny", "flange", "DATA", "--device", "warp"), 4, "warp"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(place, capsys, arguments, code, words):
    given = [place / "flange" if one == "DATA" else one for one in arguments]
    given = [place / one if one == "nowhere" else one for one in given]
    if "--device" in given:
        assert run_command("calibrate", [str(one) for one in given], Interrupt()) == code
    else:
        assert calibrate(*given) == code
    assert words in capsys.readouterr().err
    assert versions(place) == ["0.0.1"]


def test_a_damaged_package_is_refused(place, capsys):
    weights = place / "uniad-data" / "models" / "tiny" / "0.0.1" / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    assert calibrate("tiny", "flange", place / "flange") == 4
    assert "import the model again" in capsys.readouterr().err


def test_a_full_disk_is_a_sentence(place, capsys, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("uniad_desktop.engine.package.write_folder", full)
    assert calibrate("tiny", "flange", place / "flange") == 4
    assert "No space left on device; free space" in capsys.readouterr().err
    assert versions(place) == ["0.0.1"]


def test_an_interrupt_writes_nothing(place):
    interrupt = Interrupt()
    interrupt._asked.set()
    assert calibrate("tiny", "flange", place / "flange", interrupt=interrupt) == 130
    assert versions(place) == ["0.0.1"]


def test_the_login_name_stands_in(place, monkeypatch):
    def nobody() -> str:
        raise OSError("No username set in the environment")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert calibrate("tiny", "flange", "--limit", 9.5) == 0
    assert opened(place, "0.0.2").manifest.training["changes"][-1]["who"] == "unknown"
