from __future__ import annotations

import csv
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.helpers import make_tiny_package
from tests.training.evaluation.helpers import make_class, package_with_decoder, write_image
from uniad_desktop.commands.dispatch import run_command
from uniad_desktop.interrupt import Interrupt

LIMIT_S = 100


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_package(tmp_path_factory.mktemp("models"))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    make_class(tmp_path / "data" / "flange")
    make_class(tmp_path / "data" / "bolt")
    return tmp_path / "data"


def evaluate(*arguments: object, interrupt: Interrupt | None = None) -> int:
    return run_command("evaluate", [str(one) for one in arguments], interrupt or Interrupt())


def test_table_files_and_pictures(tmp_path, model, data, capsys):
    out = tmp_path / "out"
    assert evaluate(model, data, "--out", out, "--pictures", 3, "--device", "cpu") == 0
    told, said = capsys.readouterr()
    lines = told.splitlines()
    assert [line.split()[0] for line in lines[2:5]] == ["bolt", "flange", "mean"]
    assert max(len(line) for line in lines) <= 100
    assert str(out) in said
    values = json.loads((out / "evaluation.json").read_text("utf-8"))
    assert [one["product"] for one in values["classes"]] == ["bolt", "flange"]
    assert values["classes"][0]["reject"] is None and values["classes"][1]["reject"] > 0
    with (out / "scores.csv").open(encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == 14
    assert len(list((out / "pictures").rglob("*.png"))) == 6
    page = (out / "index.html").read_text("utf-8")
    assert page.count("<figure>") == 6
    # Once more with less: nothing of the former evaluation is left.
    assert evaluate(model, data, "--out", out, "--pictures", 0, "--product", "bolt") == 0
    assert not (out / "pictures").exists()
    again = json.loads((out / "evaluation.json").read_text("utf-8"))
    assert [one["product"] for one in again["classes"]] == ["bolt"]
    assert again["classes"][0]["image_auroc"] == values["classes"][0]["image_auroc"]


def test_a_package_without_products_and_with_a_decoder(tmp_path, data, capsys):
    package = package_with_decoder(tmp_path / "models").folder
    out = tmp_path / "out"
    assert evaluate(package, data / "bolt", "--out", out, "--pictures", 1) == 0
    assert "bolt" in capsys.readouterr().out
    (picture,) = (out / "pictures").rglob("*.png")
    with Image.open(picture) as drawn:
        assert drawn.width > 4 * 300  # a fourth panel
    assert json.loads((out / "evaluation.json").read_text())["mean"]["caught"] is None


def test_json_and_the_default_folder(tmp_path, model, data, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert evaluate(model, data, "--json", "--pictures", 0, "--at-input-size") == 0
    values = json.loads(capsys.readouterr().out)
    written = json.loads((tmp_path / "evaluation-tiny-0.0.1" / "evaluation.json").read_text())
    assert values.pop("created") and written.pop("created")
    assert values == written
    assert values["pixels_at"] == "network input"


def test_another_runtime_says_how_it_agrees(tmp_path, model, data, capsys, monkeypatch):
    monkeypatch.setenv("UNIAD_DATA_DIR", str(tmp_path / "station"))
    results = {}
    for runtime in ("torch", "openvino-f32"):
        out = tmp_path / runtime
        options = ("--out", out, "--pictures", 0, "--device", "cpu", "--runtime", runtime)
        assert evaluate(model, data, *options) == 0
        told = " ".join(capsys.readouterr().out.split())
        results[runtime] = json.loads((out / "evaluation.json").read_text("utf-8"))
        assert ("openvino cpu f32 agrees with the reference" in told) == (runtime != "torch")
    exported = results["openvino-f32"]
    assert exported["runtime"] == "openvino cpu f32"
    assert any("agrees with the reference" in note for note in exported["notes"])
    assert not any("agrees" in note for note in results["torch"]["notes"])
    for name, value in exported["mean"].items():
        assert value == pytest.approx(results["torch"]["mean"][name], abs=1e-3)


def test_models_are_found_by_name(tmp_path, model, data, capsys):
    station = tmp_path / "station"
    shutil.copytree(model.parent, station / "models" / "tiny")
    wanted = ("--data-dir", station, "--out", tmp_path / "out", "--pictures", 0)
    assert evaluate("tiny", data, *wanted) == 0
    assert evaluate("nothing", data, *wanted) == 4
    assert "nothing" in capsys.readouterr().err


def test_what_cannot_be_done_is_said_before_the_work(tmp_path, model, data, capsys):
    fresh = tmp_path / "fresh"
    blocker = tmp_path / "file"
    blocker.write_text("x")
    other = tmp_path / "other"
    (other / "pictures").mkdir(parents=True)
    for arguments, code, words in (
        ((tmp_path / "none" / "0.0.1", data, "--out", fresh), 4, "no model package"),
        ((model, tmp_path / "nowhere", "--out", fresh), 6, "nowhere"),
        ((model, data, "--out", fresh, "--product", "screw"), 6, "screw"),
        ((model, data, "--out", blocker / "out"), 1, "--out"),
        ((model, data, "--out", other), 1, "other files"),
        ((model, data, "--out", fresh, "--device", "warp"), 4, "warp"),
    ):
        assert evaluate(*arguments) == code, arguments
        assert words in capsys.readouterr().err
    assert not fresh.exists()
    assert (other / "pictures").is_dir()


def test_unreadable_images(tmp_path, model, data, capsys):
    broken = data / "flange" / "test" / "good" / "000.png"
    broken.write_bytes(b"\x89PNG")
    out = tmp_path / "out"
    assert evaluate(model, data, "--out", out, "--pictures", 0) == 0
    assert "1 image" in capsys.readouterr().out
    skipped = json.loads((out / "evaluation.json").read_text("utf-8"))["skipped"]
    assert [one["path"] for one in skipped] == [str(broken)]
    assert evaluate(model, data, "--out", out, "--strict") == 6
    assert str(broken) in capsys.readouterr().err
    for path in data.glob("*/test/*/*.png"):
        path.write_bytes(b"")
    assert evaluate(model, data, "--out", tmp_path / "none") == 6
    assert "None of the 14" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


def test_a_full_disk_is_said_with_the_folder(tmp_path, model, data, capsys, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    out = tmp_path / "out"
    monkeypatch.setattr("uniad_desktop.training.evaluation.folder.write_page", full)
    assert evaluate(model, data, "--out", out, "--pictures", 0) == 1
    err = capsys.readouterr().err
    assert f"{out} cannot be written: No space left on device; free space" in err


def test_an_interrupt_before_measuring_writes_nothing(tmp_path, model, data):
    interrupt = Interrupt()
    interrupt._asked.set()
    out = tmp_path / "out"
    assert evaluate(model, data, "--out", out, interrupt=interrupt) == 130
    assert not out.exists()


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C cannot be sent to one process there")
def test_ctrl_c_ends_cleanly(tmp_path, model):
    # Work for minutes.
    folder = make_class(tmp_path / "data" / "cap", good=(), bad=())
    source = np.random.default_rng(0).integers(0, 255, (900, 900), np.uint8)
    first = folder / "test" / "good" / "0000.png"
    write_image(first, source)
    for number in range(1, 3000):
        os.link(first, first.with_name(f"{number:04d}.png"))
    out = tmp_path / "out"
    with subprocess.Popen(
        [sys.executable, "-m", "uniad_desktop", "evaluate", str(model), str(tmp_path / "data"),
         "--out", str(out)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"UNIAD_DATA_DIR": str(tmp_path / "station")},
    ) as process:  # fmt: skip
        try:
            assert process.stderr is not None
            assert any("Measuring 3000 images" in line for line in process.stderr)
            process.send_signal(signal.SIGINT)
            told, errors = process.communicate(timeout=LIMIT_S)
        finally:
            process.kill()
    assert process.returncode == 130
    assert told == "" and "Traceback" not in errors
    assert not out.exists()


@pytest.mark.parametrize(
    "arguments", [["--batch", "0"], ["--pictures", "-1"], ["--batch", "x"], ["--runtime", "abacus"]]
)
def test_wrong_arguments_are_usage_errors(arguments, capsys):
    with pytest.raises(SystemExit) as raised:
        evaluate("model", "data", *arguments)
    assert raised.value.code == 2
    assert "usage" in capsys.readouterr().err
