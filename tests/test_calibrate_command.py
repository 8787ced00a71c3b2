from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.helpers import make_tiny_package
from tests.teaching.collected import collect_parts
from tests.training.evaluation.helpers import add_part, package_with_decoder
from tests.training.images import write_product
from uniad_desktop.commands.dispatch import run_command
from uniad_desktop.engine.detector import Detector
from uniad_desktop.engine.layout import Box, Layout, RegionOfInterest
from uniad_desktop.engine.package import open_package
from uniad_desktop.interrupt import Interrupt
from uniad_desktop.teaching.activation import active_version, history


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


def test_the_review_band_is_set_by_hand_and_taken_away(place):
    first = opened(place, "0.0.1").manifest.products["flange"]
    low = 0.8 * first.reject
    assert calibrate("tiny", "flange", "--accept-limit", low, "--why", "trial", "--who", "Ada") == 0
    entry = opened(place, "0.0.2").manifest.products["flange"]
    assert (entry.accept, entry.reject, entry.map_range) == (low, first.reject, first.map_range)
    assert entry.calibration.note.startswith(first.calibration.note)
    change = opened(place, "0.0.2").manifest.training["changes"][-1]
    assert change["old"] == {"accept": first.accept, "reject": first.reject}
    assert change["new"] == {"accept": low, "reject": first.reject}
    assert (change["who"], change["why"], change["method"]) == ("Ada", "trial", "by hand")
    # Once more: the note does not grow.
    assert calibrate("tiny@0.0.2", "flange", "--accept-limit", 0.7 * first.reject) == 0
    again = opened(place, "0.0.3").manifest.products["flange"]
    assert again.calibration.note.count("accept limit") == 1
    assert calibrate("tiny@0.0.3", "flange", "--no-review-band") == 0
    entry = opened(place, "0.0.4").manifest.products["flange"]
    assert entry.accept == entry.reject == first.reject
    assert entry.calibration == first.calibration
    both = ("--limit", 2.0, "--accept-limit", 1.5)
    assert calibrate("tiny@0.0.4", "flange", *both) == 0
    entry = opened(place, "0.0.5").manifest.products["flange"]
    assert (entry.accept, entry.reject) == (1.5, 2.0)


def test_with_data_the_accept_limit_alone_is_by_hand(place):
    words = ("--accept-limit", 0.01, "--false-reject-rate", 0.2)
    assert calibrate("tiny", "flange", place / "flange", *words) == 0
    new = opened(place, "0.0.2")
    entry = new.manifest.products["flange"]
    assert entry.accept == 0.01 and "by hand to 0.01" in entry.calibration.note
    method = new.manifest.training["changes"][-1]["method"]
    assert method == "split conformal, accept limit by hand"
    assert calibrate("tiny@0.0.2", "flange", place / "flange", "--accept-limit", 1e9) == 6


def test_activated_at_once_and_on_record(place, capsys):
    words = ("--limit", 9.5, "--activate", "--why", "agreed", "--who", "Ada")
    assert calibrate("tiny", "flange", *words) == 0
    assert "0.0.2 is active" in capsys.readouterr().err
    data = place / "uniad-data"
    active = active_version(data, "tiny")
    assert (active.version, active.why, active.who) == ("0.0.2", "agreed", "Ada")
    assert active.former[0].version == "0.0.1" and len(history(data, "tiny")) == 2


def test_without_data_the_collected_parts_are_taken(place, capsys):
    good, bad = collect_parts(place / "uniad-data", "flange", good=30, bad=3)
    assert calibrate("tiny", "flange", "--events", "--false-reject-rate", 0.2, "--dry-run") == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert events[0] == {"event": "progress", "done": 0, "parts": good + bad}
    assert events[-2]["done"] == good + bad
    result = events[-1]
    assert result["event"] == "result" and result["package"] is None and not result["active"]
    assert [one["kind"] for one in result["parts"]].count("") == good
    assert result["outcome"]["bad"] == bad and result["parts_key"] and result["network_key"]
    assert versions(place) == ["0.0.1"]
    assert calibrate("tiny", "flange", "--false-reject-rate", 0.2, "--review-rate", 0.5) == 0
    change = opened(place, "0.0.2").manifest.training["changes"][-1]
    assert change["sources"] == ["collected parts", "challenge images"]
    assert (change["parts"], change["defects"]["parts"]) == (good, bad)
    assert calibrate("tiny", "label") == 6
    assert "products collect label FOLDER" in capsys.readouterr().err


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
        (("tiny", "flange", "--accept-limit", 99), 6, "above the reject limit"),
        (("tiny", "flange", "--accept-limit", 1, "--no-review-band"), 1, "--no-review-band"),
        (("tiny", "flange", "DATA", "--accept-limit", 1, "--review-rate", 0.1), 1, "both say T1"),
        (("tiny", "flange", "--limit", 3, "--activate"), 2, "--why"),
        (("tiny", "flange", "--limit", 3, "--activate", "--why", "x", "--dry-run"), 2, "--dry-run"),
        (("tiny", "flange", "--limit", 3, "--events", "--json", "-"), 1, "--events and --json"),
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
