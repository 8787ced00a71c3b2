from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.helpers import make_tiny_package
from tests.inspection.fakes import wait_for
from tests.scoring.helpers import write_image
from tests.scoring.test_header import huge_png
from uniad_desktop.commands.dispatch import run_command
from uniad_desktop.engine.detector import Detector
from uniad_desktop.engine.package import open_package
from uniad_desktop.inspection.types import Verdict
from uniad_desktop.interrupt import Interrupt
from uniad_desktop.scoring.job import ScoredImage
from uniad_desktop.scoring.result_file import read_results
from uniad_desktop.teaching.child import CommandRun

LIMIT_S = 60.0


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    return make_tiny_package(tmp_path_factory.mktemp("models"))


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    rng = np.random.default_rng(0)
    for product in ("flange", "label"):
        for number in range(6):
            path = folder / product / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            grey = 128 if number < 3 else 20 * (number - 3)  # these are like what it was made for
            noise = rng.normal(grey, 8, (60, 80, 3)).clip(0, 255)
            cv2.imwrite(str(path), noise.astype(np.uint8))
    return folder


def score(*arguments: object, interrupt: Interrupt | None = None) -> int:
    words = [str(one) for one in arguments]
    return run_command("score", words, interrupt or Interrupt())


def settings(model: Path, out: Path) -> tuple[object, ...]:
    return ("--model", model, "--out", out, "--runtime", "torch", "--device", "cpu")


def verdict_of(raw: float, one: ScoredImage) -> str:
    if raw > one.reject:
        return "FAIL"
    return "PASS" if raw <= one.accept else "REVIEW"


def test_every_image_gets_what_the_line_would_say(model, pictures, tmp_path, capsys):
    out = tmp_path / "r.csv"
    more = ("--product-from", "folder", "--workers", 2, "--batch", 3)
    assert score(pictures, *settings(model, out), *more) == 0
    lines = read_results(out)
    paths = [
        pictures / name / f"{number}.png" for name in ("flange", "label") for number in range(6)
    ]
    assert [one.path for one in lines] == [str(path) for path in paths]
    detector = Detector(open_package(model), "cpu")
    for path, one in zip(paths, lines, strict=True):
        image = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
        raw = detector.predict(image, path.parent.name).image_score
        assert one.raw_score == pytest.approx(raw, rel=1e-4)
        assert (one.product, one.width, one.height) == (path.parent.name, 80, 60)
        assert one.verdict == verdict_of(one.raw_score, one) and one.error == ""
        assert one.score == pytest.approx(min(100.0, 50 * raw / one.reject), rel=1e-4)
        assert (one.model, one.runtime) == ("tiny@0.0.1", detector.runtime)
        assert one.model_sha256 == detector.model.sha256
    detector.close()
    assert {one.verdict.value for one in lines} >= {"PASS", "FAIL"}
    assert "12 images: " in capsys.readouterr().err


def test_bad_images_are_errors_with_a_sentence(model, tmp_path):
    folder = tmp_path / "零件 ñ"
    write_image(folder / "1.png", 128, (80, 60))
    (folder / "2 huge.png").write_bytes(huge_png())
    write_image(folder / "3 dot.png", size=(1, 1))
    jpeg = write_image(folder / "4 cut.jpg", size=(80, 60))
    jpeg.write_bytes(jpeg.read_bytes()[:-30])
    out = tmp_path / "new folder" / "r.jsonl"
    assert score(folder, *settings(model, out), "--product", "flange") == 0
    lines = read_results(out)
    assert [one.verdict.value for one in lines] == ["PASS", "ERROR", "ERROR", "ERROR"]
    for one, words in zip(lines[1:], ("30000 x 30000", "1 x 1", "cut off"), strict=True):
        assert words in one.error and one.score is None and one.sha256


def test_what_cannot_be_done_is_said_before(model, pictures, tmp_path, capsys):
    out = tmp_path / "r.csv"
    given = settings(model, out)

    def refused(code: int, words: str, *arguments: object) -> None:
        assert score(*arguments) == code
        told = capsys.readouterr().err
        assert words in told and "Traceback" not in told
        assert not out.exists()

    refused(1, "which images", *given)
    refused(1, "--out results.csv", pictures)
    refused(6, "--product", pictures, *given)
    refused(6, "does not know bolt", pictures, *given, "--product", "bolt")
    refused(6, "does not exist", tmp_path / "none", *given, "--product", "flange")
    refused(6, "neither a .csv", pictures, *settings(model, tmp_path / "r.txt"))
    refused(4, "There is no model", pictures, *settings(tmp_path / "m" / "1", out))
    refused(1, "--actors belongs", pictures, *given, "--actors", 2)
    refused(1, "--heatmaps cannot", pictures, *given, "--ray", "--heatmaps", tmp_path / "h")
    refused(1, "--workers has no", pictures, *given, "--ray", "--workers", 2)
    refused(1, "--json belongs", pictures, *given, "--json", tmp_path / "j")
    refused(1, "nothing else", "--compare", "a.csv", "b.csv", "--out", out)
    out.write_text("mine")
    assert score(pictures, *given, "--product", "flange") == 1
    assert "--resume" in capsys.readouterr().err
    assert score(pictures, *given, "--product", "flange", "--resume") == 6
    assert out.read_text() == "mine"
    assert score(pictures, *given, "--product", "flange", "--overwrite") == 0


def test_going_on_judges_what_is_left_and_what_changed(model, pictures, tmp_path, capsys):
    out = tmp_path / "r.csv"
    given = (pictures, *settings(model, out), "--product-from", "folder")
    assert score(*given) == 0
    whole = read_results(out)
    data = out.read_bytes()
    out.write_bytes(data[: len(data) // 2])
    (pictures / "flange" / "1.png").unlink()
    write_image(pictures / "flange" / "0.png", 200, (80, 60))
    capsys.readouterr()
    assert score(*given, "--resume", "--events") == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    judged = [Path(one["path"]).name for one in events if one["event"] == "result"]
    assert judged[0] == "0.png" and len(judged) == 11 - events[-1]["kept"] < 10
    found = read_results(out)
    assert [one.path for one in found] == [one.path for one in whole if "flange/1" not in one.path]
    assert found[0].sha256 != whole[0].sha256
    scores = [one.raw_score for one in whole[2:]]
    assert [one.raw_score for one in found[1:]] == pytest.approx(scores, rel=1e-4)
    # All is done already: no model is loaded.
    assert score(*given, "--resume", "--runtime", "onnx") == 0
    assert read_results(out) == found


def test_events_tell_the_window_everything(model, pictures, tmp_path, capsys):
    out = tmp_path / "r.jsonl"
    listed = tmp_path / "list.jsonl"
    rows = [
        {"path": "pictures/flange/0.png", "product": "flange", "label": "good"},
        {"path": "pictures/label/0.png", "product": "label", "label": "defect"},
    ]
    listed.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert score("--list", listed, *settings(model, out), "--events") == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["event"] for one in events if one["event"] != "progress"] == [
        "opened",
        "result",
        "result",
        "done",
    ]
    assert (events[0]["model"], events[0]["images"], events[0]["done"]) == ("tiny@0.0.1", 2, 0)
    results = [one for one in events if one["event"] == "result"]
    assert [(one["product"], one["label"]) for one in results] == [
        ("flange", "good"),
        ("label", "defect"),
    ]
    progress = [one for one in events if one["event"] == "progress"]
    assert progress[-1]["done"] == 2 and sum(progress[-1]["counts"].values()) == 2
    assert 0 < events[-1]["share_model"] <= 1


def test_heatmaps_of_what_does_not_pass(model, pictures, tmp_path):
    out, heatmaps = tmp_path / "r.csv", tmp_path / "heat"
    more = ("--product", "flange", "--heatmaps", heatmaps)
    assert score(pictures, *settings(model, out), *more) == 0
    failed = [Path(one.path) for one in read_results(out) if one.verdict is not Verdict.PASS]
    expected = sorted(heatmaps / f"{path.relative_to(pictures)}.png" for path in failed)
    assert failed and sorted(heatmaps.rglob("*.png")) == expected
    picture, plain = cv2.imread(str(expected[-1])), cv2.imread(str(failed[-1]))
    assert picture.shape == plain.shape and not np.array_equal(picture, plain)
    blocked = tmp_path / "file"
    blocked.touch()
    arguments = (pictures, *settings(model, tmp_path / "s.csv"), "--product", "flange")
    assert score(*arguments, "--heatmaps", blocked) == 1


def test_a_drive_that_vanishes_keeps_what_was_judged(model, tmp_path, capsys, monkeypatch):
    drive = tmp_path / "drive"
    for number in range(30):
        write_image(drive / f"{number}.png", number, (80, 60))
    out = tmp_path / "r.csv"
    from uniad_desktop.scoring import run

    real = run.Scorer.score
    calls = []

    def score_and_vanish(scorer, batch):
        calls.append(batch)
        if len(calls) == 3:
            drive.rename(tmp_path / "gone")
        return real(scorer, batch)

    monkeypatch.setattr(run.Scorer, "score", score_and_vanish)
    arguments = (drive, *settings(model, out), "--product", "flange", "--workers", 1)
    assert score(*arguments) == 6
    assert "drive is gone" in capsys.readouterr().err
    before = read_results(out)
    assert 3 <= len(before) < 30 and not any(one.error for one in before)
    (tmp_path / "gone").rename(drive)
    monkeypatch.undo()
    assert score(*arguments, "--resume") == 0
    assert [Path(one.path).name for one in read_results(out)] == [f"{n}.png" for n in range(30)]


def test_asked_to_end_it_keeps_what_was_judged(model, pictures, tmp_path, capsys, monkeypatch):
    out = tmp_path / "r.csv"
    interrupt = Interrupt()
    from uniad_desktop.scoring import run

    real = run.Scorer.score

    def score_and_ask(scorer, batch):
        if batch[0][0].number == 4:
            interrupt._asked.set()
        return real(scorer, batch)

    monkeypatch.setattr(run.Scorer, "score", score_and_ask)
    arguments = (pictures, *settings(model, out), "--product", "flange")
    assert score(*arguments, interrupt=interrupt) == 130
    assert "5 of 12 images" in capsys.readouterr().err
    assert len(read_results(out)) == 5


def test_killed_at_any_moment_it_goes_on(model, tmp_path):
    folder = tmp_path / "many"
    first = write_image(folder / "0.png", 1, (80, 60))
    for number in range(1, 400):
        shutil.copy(first, folder / f"{number}.png")
    out = tmp_path / "r.csv"
    command = [sys.executable, "-m", "uniad_desktop", "score", str(folder), "--product", "flange"]
    command += [str(one) for one in settings(model, out)]
    at = 0
    for wait_lines in (3, 120):
        process = subprocess.Popen([*command, "--resume"], stderr=subprocess.PIPE)
        try:
            wait_for(lambda: _lines(out) > at + wait_lines or process.poll() is not None, LIMIT_S)  # noqa: B023
            process.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
        finally:
            process.kill()
            process.communicate(timeout=LIMIT_S)
        assert len(read_results(out)) >= at + wait_lines
        at = len(read_results(out))
    done = subprocess.run([*command, "--resume"], capture_output=True, timeout=LIMIT_S, check=False)
    assert done.returncode == 0, done.stderr
    assert b"are judged already" in done.stderr
    assert [Path(one.path).name for one in read_results(out)] == [f"{n}.png" for n in range(400)]


def _lines(out: Path) -> int:
    return out.read_bytes().count(b"\n") if out.exists() else 0


def test_paused_resumed_and_stopped_by_the_window(model, tmp_path):
    folder = tmp_path / "many"
    first = write_image(folder / "0.png", 1, (80, 60))
    for number in range(1, 600):
        shutil.copy(first, folder / f"{number}.png")
    out = tmp_path / "r.csv"
    words = [folder, *settings(model, out), "--product", "flange", "--events"]
    run = CommandRun(["score", *map(str, words)])
    told: list[str] = []

    def heard(event: str) -> bool:
        told.extend(json.loads(line)["event"] for line in run.lines())
        return event in told

    try:
        run.pause()  # before it has begun, too
        wait_for(lambda: heard("paused") or not run.running, LIMIT_S)
        assert run.running, run.last_words
        count = _lines(out)
        time.sleep(0.3)
        assert _lines(out) == count == 1
        run.resume()
        wait_for(lambda: heard("resumed") and heard("result"), LIMIT_S)
        run.pause()
        run.stop()  # while it pauses
        wait_for(lambda: not run.running, LIMIT_S)
        assert run.code == 130, run.last_words
        assert 0 < len(read_results(out)) <= 600
    finally:
        assert run.close()
    run.pause()  # to one that has ended


def test_two_runs_are_compared(model, pictures, tmp_path, capsys):
    first, second = tmp_path / "a.csv", tmp_path / "b.jsonl"
    assert score(pictures, *settings(model, first), "--product", "flange") == 0
    entry = open_package(model).manifest.products["flange"]
    raw = [one.raw_score for one in read_results(first)]
    limit = sorted(raw)[-3]
    laxer = make_tiny_package(tmp_path / "other")
    manifest = json.loads((laxer / "manifest.json").read_text())
    manifest["products"]["flange"]["accept"] = manifest["products"]["flange"]["reject"] = limit
    (laxer / "manifest.json").write_text(json.dumps(manifest))
    assert entry.reject != limit
    assert score(pictures, *settings(laxer, second), "--product", "flange") == 0
    report = tmp_path / "report.json"
    capsys.readouterr()
    assert score("--compare", first, second, "--json", report) == 0
    told = capsys.readouterr().out
    values = json.loads(report.read_text("utf-8"))
    flipped = sum((score > entry.reject) != (score > limit) for score in raw)
    assert values["images"] == 12 and len(values["flips"]) == flipped > 0
    assert f"12 images in both, {flipped} flipped." in told and "FAIL -> PASS" in told
    assert score("--compare", first, tmp_path / "none.csv") == 6
