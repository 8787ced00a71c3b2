import json
import os
import signal
import subprocess
import sys
import time

import cv2
import numpy as np
import pytest

from tests.training.images import write_product
from uniad_desktop.cli import main

CONFIG = """
[base]
size = "small"
input = 64
neighbour = 3
hidden = 16
heads = 2
steps = 6
every = 2

[[variant]]
name = "MLP"
network = "mlp"

[[variant]]
name = "UniAD"
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for seed, product in enumerate(("Cap", "box")):
        folder = tmp_path / "data" / product
        write_product(folder, 4, seed=seed, test=2)
        for number in range(2):
            image = cv2.imread(str(folder / "test" / "good" / f"{number:03}.png"))
            image[25:35, 30:45] = 10
            mask = np.zeros(image.shape[:2], np.uint8)
            mask[25:35, 30:45] = 255
            for kind, name, one in (
                ("test", f"{number:03}.png", image),
                ("ground_truth", f"{number:03}_mask.png", mask),
            ):
                path = folder / kind / "dent" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                cv2.imwrite(str(path), one)
    (tmp_path / "tiny.toml").write_text(CONFIG)
    return tmp_path


def compare(*arguments, data=("data",)):
    options = ["--offline", "--device", "cpu", *arguments]
    return main(["compare", "tiny.toml", "--data", *data, *options])


def figures(folder):
    """All that is compared, without times."""
    (suite,) = json.loads((folder / "comparison.json").read_text())["suites"]
    return [
        (one["name"], [[curve["seed"], curve["points"]] for curve in one["curves"]])
        for one in suite["variants"]
    ]


def test_from_pictures_to_tables_and_figures(place, capsys):
    assert compare() == 0
    shown = capsys.readouterr()
    out = place / "comparison-tiny"
    assert "| MLP" in shown.out and "| UniAD" in shown.out
    assert "2 products, 8 training pictures, 4 good and 4 defective test pictures" in shown.out
    assert "distilled" in shown.out
    assert (out / "tiny" / "table.md").read_text() == shown.out.removesuffix("\n")
    assert (out / "tiny" / "curves.png").is_file() and (out / "curves.csv").is_file()
    found = figures(out)
    assert [name for name, _ in found] == ["MLP", "UniAD"]
    assert [one["step"] for one in found[1][1][0][1]] == [2, 4, 6]
    assert list(found[1][1][0][1][0]["products"]) == ["Cap", "box"]

    # Again: nothing is trained, and another seed is trained beside.
    assert compare("--seeds", "0,1") == 0
    assert "MLP: trained before" in capsys.readouterr().err
    more = figures(out)
    assert more[0][1][0] == found[0][1][0] and len(more[0][1]) == 2
    assert " ± " in (out / "tiny" / "table.md").read_text()


def test_one_product_other_steps_and_another_folder(place, capsys):
    assert compare("--product", "box", "--steps", "3", "--out", "elsewhere") == 0
    (_, curves), *_ = figures(place / "elsewhere")
    assert [one["step"] for one in curves[0][1]] == [2, 3]
    assert list(curves[0][1][0]["products"]) == ["box"]


@pytest.mark.skipif(os.name == "nt", reason="sends a signal as Ctrl-C does")
def test_ctrl_c_ends_between_steps_and_the_same_command_goes_on(place):
    (place / "tiny.toml").write_text(
        CONFIG.replace("steps = 6", "steps = 80").replace("every = 2", "every = 60")
    )
    assert compare("--out", "whole") == 0
    words = ["compare", "tiny.toml", "--data", "data", "--offline", "--device", "cpu"]
    process = subprocess.Popen(
        [sys.executable, "-m", "uniad_desktop", *words, "--out", "stopped"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + 100.0
        while not list((place / "stopped").rglob("steps.jsonl")):
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=100)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 130, err
    assert "to go on" in err
    assert not (place / "stopped" / "comparison.json").exists()
    assert compare("--out", "stopped") == 0
    assert figures(place / "stopped") == figures(place / "whole")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["nothing.toml"], 1, "neither a built-in comparison (shortcut, masks"),
        (["bad.toml"], 1, "bad.toml, variant 'a' has a field 'colour'"),
        (["tiny.toml", "--data", "nowhere"], 6, "nowhere does not exist"),
        (["tiny.toml", "--data", "good"], 6, "no test images"),
        (["tiny.toml", "--data", "data", "--product", "lid"], 6, "lid"),
        (["tiny.toml", "--data", "data", "--stages", "9"], 1, "'stages'"),
        (["tiny.toml", "--data", "data", "--backbone-weights", "no.pth"], 4, "no.pth"),
        (["tiny.toml", "--data", "data", "--out", "tiny.toml"], 1, "choose another folder"),
        (["tiny.toml", "--data", "data", "--device", "quantum"], 4, "quantum"),
        (["tiny.toml", "--data", "data", "--cache-limit", "0.000001"], 1, "--cache-limit"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(place, capsys, arguments, code, words):
    (place / "bad.toml").write_text('[[variant]]\nname = "a"\ncolour = "red"\n')
    write_product(place / "good" / "lid", 3)
    assert main(["compare", *arguments, "--offline"]) == code
    shown = capsys.readouterr()
    assert words in shown.err and "Traceback" not in shown.err
    assert not shown.out


def test_products_without_defects_cannot_be_compared(place, capsys):
    write_product(place / "flawless" / "lid", 3, test=2)
    assert compare(data=["flawless"]) == 6
    assert "both good and defective test pictures" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [["--steps", "0"], ["--seed", "a"], ["--input", "big"], ["--stages", "1;2"], []],
)
def test_wrong_arguments_end_with_code_2(arguments):
    words = ["compare", "shortcut", *arguments] if arguments else ["compare"]
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
