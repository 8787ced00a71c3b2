from __future__ import annotations

import json
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.helpers import make_tiny_package
from tests.records.make import entry
from tests.scoring.helpers import write_image
from uniad_desktop.commands.dispatch import run_command
from uniad_desktop.commands.outcome import EXIT_DATA
from uniad_desktop.commands.review_options import moment
from uniad_desktop.inspection.types import Verdict
from uniad_desktop.interrupt import Interrupt
from uniad_desktop.records.database import open_records
from uniad_desktop.records.writer import InspectionWriter
from uniad_desktop.teaching.activation import active_version


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    make_tiny_package(folder / "models", name="unified", version="9.0.0")
    return folder


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    for number, value in enumerate((128, 127, 20)):
        write_image(folder / "flange" / f"{number}.png", value, (80, 64))
    return folder


def review(data: Path, *arguments: object, interrupt: Interrupt | None = None) -> int:
    words = [*map(str, arguments), "--data-dir", str(data), "--who", "Eva"]
    return run_command("review", words, interrupt or Interrupt())


def lines_of(capsys) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


FAST = ("--runtime", "torch", "--device", "cpu", "--workers", "1")


def test_a_folder_is_judged_and_listed(data, pictures, capsys):
    assert review(data, pictures, "--list", "--json", *FAST) == 0
    found = {one["image"]: one for one in lines_of(capsys)}
    assert {name: one["verdict"] for name, one in found.items()} == {
        "flange/0.png": "PASS",
        "flange/1.png": "PASS",
        "flange/2.png": "FAIL",
    }
    assert found["flange/0.png"]["model"] == "unified@9.0.0"
    assert review(data, pictures, "--list", "--verdict", "fail") == 0
    told = capsys.readouterr().out
    assert "flange/2.png" in told and "flange/0.png" not in told
    assert f"1 of 1 inspections of {pictures}" in told
    assert review(data, pictures, "--counts", "--json") == 0
    (counts,) = lines_of(capsys)
    assert (counts["inspections"], counts["verdicts"]["PASS"]) == (3, 2)
    assert review(data, pictures, "--list", "--json", "--least-score", "60", "--most", "5") == 0
    assert [one["image"] for one in lines_of(capsys)] == ["flange/2.png"]


def test_events_are_lines_of_json(data, pictures, capsys):
    assert review(data, pictures, "--inspect", "--events", *FAST) == 0
    told = lines_of(capsys)
    assert [one["event"] for one in told][:2] == ["found", "opened"]
    assert told[-1]["event"] == "done" and (told[-1]["done"], told[-1]["images"]) == (3, 3)


def test_from_label_to_teaching_and_limit(data, pictures, capsys):
    review(data, pictures, "--inspect", *FAST)
    assert review(data, pictures, "--set-label", "good", "--verdict", "pass") == 0
    assert "2 labelled" in capsys.readouterr().out
    assert review(data, pictures, "--set-label", "defect", "--verdict", "fail", "--note", "x") == 0
    assert review(data, pictures, "--send", "--kind", "spot") == 0
    assert "2 good parts sent to the collections, 1 defects" in capsys.readouterr().out
    what = ("--what-if", "500", "--product", "flange")
    assert review(data, pictures, *what, "--json") == 0
    (told,) = lines_of(capsys)
    assert (told["inspections"], told["good"], told["escapes"]) == (3, [2, 2], [0, 1])
    assert review(data, pictures, *what, "--apply") == EXIT_DATA
    assert active_version(data, "unified") is None
    assert review(data, pictures, *what, "--apply", "--why", "test") == 0
    assert active_version(data, "unified").version == "9.0.1"
    assert run_command("audit", ["list", "--data-dir", str(data)], Interrupt()) == 0
    assert "limits" in capsys.readouterr().out


def test_judging_again_says_what_changed(data, pictures, capsys):
    review(data, pictures, "--inspect", *FAST)
    capsys.readouterr()
    assert review(data, pictures, "--rescore", "unified@9.0.0", "--json", *FAST) == 0
    (told,) = lines_of(capsys)
    assert told["images"] == 3 and told["flips"] == []
    assert told["counts"] == {"FAIL -> FAIL": 1, "PASS -> PASS": 2}
    assert review(data, pictures, "--rescore", "unified@9.9.9", *FAST) == 1
    assert "9.9.9" in capsys.readouterr().err


def test_the_stations_records_need_no_model(data, capsys):
    with closing(open_records(data)) as records:
        InspectionWriter(records, "line 1").store(
            [entry(Verdict.FAIL, 1, at=1000.0), entry(Verdict.PASS, 2), entry(Verdict.FAIL, 3)]
        )
    assert review(data, "--list", "--json", "--since", "1h", "--verdict", "fail") == 0
    assert [one["source"] for one in lines_of(capsys)] == ["SIM0001"]
    assert review(data, "--list", "--json", "--ids", "2,1") == 0
    assert [one["id"] for one in lines_of(capsys)] == [2, 1]
    with closing(open_records(data)) as records:
        InspectionWriter(records, "line 1").store([entry(Verdict.PASS, 4, source="SIM0002")])
    assert review(data, "--list", "--json", "--camera", "SIM0002") == 0
    assert [one["id"] for one in lines_of(capsys)] == [4]
    assert review(data, "--list", "--json", "--camera", "SIM0002", "--camera", "SIM0001") == 0
    assert len(lines_of(capsys)) == 4
    assert review(data, "--list", "--ids", "77") == EXIT_DATA
    assert "No inspection 77" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere", "--list"), "does not exist"),
        (("--events",), "--inspect"),
        (("--inspect",), "folder or zip"),
        (("--apply",), "--what-if"),
        (("--what-if", "3"), "--product"),
        (("--set-label", "good"), "--ids"),
    ],
)
def test_what_does_not_fit_is_said(data, capsys, arguments, said):
    assert review(data, *arguments) == EXIT_DATA
    assert said in capsys.readouterr().err


def test_ctrl_c_ends_it_at_the_next_image(data, pictures):
    class Asked(Interrupt):
        def is_asked(self) -> bool:
            return True

        def raise_if_asked(self) -> None:
            raise KeyboardInterrupt

    assert review(data, pictures, "--inspect", interrupt=Asked()) == 130


def test_moments():
    now = datetime.now().astimezone()
    assert moment("2026-11-25") == datetime(2026, 11, 25).astimezone().timestamp()
    assert moment("2h") == pytest.approx((now - timedelta(hours=2)).timestamp(), abs=60)
    assert moment("today") <= now.timestamp()
    assert moment("yesterday") < moment("today")


def test_without_an_action_the_window_is_shown_where_there_is_a_display(data, monkeypatch, capsys):
    seen = []

    def window(options, wanted):
        seen.append((options.source, wanted.verdicts))
        return 0

    def command(*arguments):
        words = [*arguments, "--data-dir", str(data)]
        return run_command("review", words, Interrupt(), window)

    monkeypatch.setattr("uniad_desktop.doctor.display.why_no_window", lambda: "")
    assert command("x.zip", "--verdict", "fail") == 0
    assert seen == [("x.zip", (Verdict.FAIL,))]
    assert command("--list") == 0 and command("--counts") == 0 and command("--json") == 0
    assert len(seen) == 1
    monkeypatch.setattr("uniad_desktop.doctor.display.why_no_window", lambda: "no display")
    assert command() == 0
    assert len(seen) == 1
    assert "0 of 0 inspections" in capsys.readouterr().out


def test_the_window_judges_as_it_was_asked_to(data, pictures, monkeypatch):
    from uniad_desktop import cli, window
    from uniad_desktop.review.source import open_source

    told, begun = [], []
    monkeypatch.setattr("uniad_desktop.doctor.display.why_no_window", lambda: "")
    monkeypatch.setattr(window, "create_application", lambda arguments, settings: None)
    monkeypatch.setattr(window, "run_review_window", lambda *one, **more: told.append(more) or 0)
    monkeypatch.setattr(
        window, "FolderInspection", lambda source, folder, **more: begun.append(more)
    )
    words = ["review", str(pictures), "--data-dir", str(data), "--verdict", "fail"]
    assert cli.main([*words, "--product", "label", "--model", "unified@9.0.0"]) == 0
    (shown,) = told
    assert (shown["model"], shown["data_folder"]) == ("unified", data)
    assert shown["wish"].verdicts == {Verdict.FAIL}
    for place in (pictures, pictures / "flange"):
        with closing(open_source(str(place), data)) as source:
            shown["judge"](source)
    # The product is that of the folder that was named, not of others that are opened later.
    assert begun == [
        {"model": "unified@9.0.0", "product": "label"},
        {"model": "unified@9.0.0", "product": ""},
    ]
