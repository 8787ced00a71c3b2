import csv
import os
import signal
import subprocess
import sys
import time

import cv2
import numpy as np
import pytest
import torch

from tests.helpers import make_tiny_package
from tests.training.images import write_product
from uniad_desktop.cli import main
from uniad_desktop.engine.detector import Detector
from uniad_desktop.engine.expectation import FrameExpectation
from uniad_desktop.engine.layout import Box, Layout, RegionOfInterest
from uniad_desktop.engine.package import open_package
from uniad_desktop.training.checkpoints import load_checkpoint
from uniad_desktop.training.train_config import make_config
from uniad_desktop.training.train_plan import keys_of
from uniad_desktop.uniad.config import Attention

SMALL = ["--input", "64", "--neighbour", "1", "--hidden", "16", "--heads", "2", "--layers", "1"]
SMALL += ["--offline", "--device", "cpu"]


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_product(tmp_path / "data" / "Cap", 6, seed=1)
    write_product(tmp_path / "data" / "box", 4, seed=2)
    return tmp_path


def train(*arguments, steps=4, data="data"):
    return main(["train", data, *SMALL, "--steps", str(steps), *arguments])


def package(place, name="data", version="1.0.0"):
    return open_package(place / "uniad-data" / "models" / name / version)


def rows(place, run="data"):
    with (place / "runs" / run / "training.csv").open() as file:
        return list(csv.reader(file))


def test_from_pictures_to_a_package_that_inspects(place, capsys):
    assert train() == 0
    out = capsys.readouterr().out
    assert "1.0.0 is ready" in out and "uniad-desktop evaluate" in out
    one = package(place)
    manifest = one.manifest
    assert {key: entry.titles["en"] for key, entry in manifest.products.items()} == {
        "cap": "Cap",
        "box": "box",
    }
    assert manifest.training["data"]["train"] == {"Cap": 5, "box": 3}
    assert manifest.training["data"]["held_out"] == {"Cap": 1, "box": 1}
    assert manifest.training["recipe"] == "fast"
    assert manifest.training["changed"] == {"steps": 4}
    assert "more are needed" in manifest.products["cap"].calibration.note
    assert manifest.architecture.standardised
    assert one.preview("cap") is not None
    assert "distilled" in manifest.backbone.source
    image = cv2.imread(str(place / "data" / "Cap" / "train" / "good" / "000.png"))
    assert Detector(one, "cpu").predict(image).image_score > 0.0
    assert [row[0] for row in rows(place)] == ["step", "1", "2", "3", "4"]

    # The same command again: nothing is trained, the weights are the same, the version is new.
    assert train() == 0
    again = package(place, version="1.1.0")
    weights = one.weights()
    assert all(torch.equal(value, weights[name]) for name, value in again.weights().items())
    assert [row[0] for row in rows(place)] == ["step", "1", "2", "3", "4"]
    assert train("--fresh", "--seed", "1", "--version", "7.0.0") == 0
    other = package(place, version="7.0.0").weights()["network.input_proj.weight"]
    assert not torch.equal(other, weights["network.input_proj.weight"])


def test_without_a_cache_the_package_is_nearly_the_same(place):
    assert train("--precision", "f32") == 0
    assert train("--precision", "f32", "--no-cache", "--name", "live") == 0
    assert not (place / "runs" / "live" / "cache").exists()
    one, other = package(place).weights(), package(place, "live").weights()
    for name, value in one.items():
        torch.testing.assert_close(value, other[name], rtol=2e-3, atol=2e-3)


def test_all_extras_at_once(place):
    extras = ["--decoder", "--decoder-steps", "2", "--spread", "--tensorboard"]
    pytest.importorskip("tensorboard")
    assert train(*extras) == 0
    one = package(place)
    assert one.manifest.visualisation is not None and one.visualisation_weights()
    assert one.manifest.architecture.spread
    assert any((place / "runs" / "data" / "tensorboard").iterdir())


def test_tensorboard_that_is_not_there_is_said_before_the_training(place, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    assert train("--tensorboard") == 1
    assert "pip install uniad-desktop[tensorboard]" in capsys.readouterr().err


def test_the_published_recipe_trains_on_all_and_says_that_limits_are_too_low(place):
    assert train("--recipe", "paper") == 0
    manifest = package(place).manifest
    assert manifest.training["data"]["train"] == {"Cap": 6, "box": 4}
    assert manifest.training["data"]["held_out"] == {}
    assert manifest.training["settings"]["clip"] == 0.1
    assert not manifest.architecture.standardised
    for entry in manifest.products.values():
        assert "too low" in entry.calibration.note


def test_dry_run_shows_the_plan_and_writes_no_model(place, capsys):
    assert main(["train", "data", *SMALL, "--epochs", "2", "--steps", "3"]) == 1
    assert "not both" in capsys.readouterr().err
    assert main(["train", "data", *SMALL, "--epochs", "2", "--dry-run", "--recipe", "paper"]) == 0
    out = capsys.readouterr().out
    assert "4 steps, 2 epochs of 2" in out
    assert "10 pictures x 16 x 168 x 4 bytes" in out
    assert not (place / "uniad-data" / "models").exists()


def test_one_picture_is_enough(place):
    write_product(place / "single" / "one", 1)
    assert train(data="single") == 0
    entry = package(place, "single").manifest.products["one"]
    assert "too low" in entry.calibration.note and entry.calibration.parts == 1


def test_duplicates_are_not_on_both_sides(place):
    good = place / "twins" / "cap" / "train" / "good"
    write_product(place / "twins" / "cap", 4)
    for one in sorted(good.iterdir()):
        one.with_name(f"copy-{one.name}").write_bytes(one.read_bytes())
    assert train("--hold-out", "0.5", data="twins") == 0
    data = package(place, "twins").manifest.training["data"]
    assert (data["train"], data["held_out"]) == ({"cap": 4}, {"cap": 2})


def test_bad_data_is_a_sentence(place, capsys):
    assert main(["train", "nowhere", *SMALL]) == 6
    assert "nowhere" in capsys.readouterr().err
    bad = place / "bad" / "cap" / "test" / "dent"
    bad.mkdir(parents=True)
    cv2.imwrite(str(bad / "0.png"), np.zeros((40, 50, 3), np.uint8))
    assert main(["train", "bad", *SMALL]) == 6
    assert "no good training images" in capsys.readouterr().err
    for one in (place / "data" / "box" / "train" / "good").iterdir():
        one.write_bytes(b"")
    assert train() == 6
    assert "No training picture of box can be read" in capsys.readouterr().err
    assert train("--strict") == 6
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--backbone", "no_such_model"], "no_such_model"),
        (["--stages", "0,9"], "stages"),
        (["--hidden", "15"], "even and a multiple"),
        (["--neighbour", "9"], "covers the whole"),
        (["--config", "missing.toml"], "missing.toml"),
        (["--backbone-weights", "missing.pth"], "missing.pth"),
        (["--from", "tiny"], "add --decoder"),
        (["--resume"], "no checkpoint"),
        (["--cache-limit", "0.00000001"], "--no-cache"),
        (["--device", "teapot"], "teapot"),
        (["--rate", "1e38"], "makes no sense"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(place, capsys, arguments, words):
    assert train(*arguments) in (1, 4)
    err = capsys.readouterr().err
    assert words in err and "Traceback" not in err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--name", "No Name"],
        ["--rate", "-1"],
        ["--steps", "0"],
        ["--seed", "-1"],
        ["--input", "big"],
        ["--version", "1"],
        ["--hold-out", "1"],
        ["--tiles", "2"],
        ["--tiles", "0x3"],
        ["--region", "1,2,3"],
        ["--region", "0,0,0,9"],
        ["--mm-per-pixel", "0"],
    ],
)
def test_arguments_that_make_no_sense_end_at_once(place, arguments):
    with pytest.raises(SystemExit) as ended:
        train(*arguments)
    assert ended.value.code == 2


def test_changed_data_begin_a_new_training_and_say_so(place, capsys):
    assert train() == 0
    write_product(place / "data" / "new", 2, seed=5)
    assert train() == 0
    assert "belongs to another training" in capsys.readouterr().err
    assert set(package(place, version="1.1.0").manifest.products) == {"box", "cap", "new"}
    assert [row[0] for row in rows(place)] == ["step", "1", "2", "3", "4"]
    assert (place / "runs" / "data" / "network.checkpoint.other").exists()


def test_copies_of_training_images_in_the_test_are_said(place, capsys):
    good = place / "data" / "Cap" / "train" / "good"
    copy = place / "data" / "Cap" / "test" / "good" / "copy.png"
    copy.parent.mkdir(parents=True)
    copy.write_bytes((good / "000.png").read_bytes())
    assert train() == 0
    assert "1 test image is a copy of a training image" in capsys.readouterr().err
    bad = place / "data" / "Cap" / "test" / "dent"
    copy.parent.rename(bad)
    for more in ([], ["--no-cache"]):
        assert train(*more) == 6
        assert f"{bad / 'copy.png'} holds the very same as a defective one" in (
            capsys.readouterr().err
        )


def test_resume_insists_on_a_checkpoint_of_this_training(place, capsys):
    assert train() == 0
    assert train("--resume", "--rate", "5e-4") == 1
    err = capsys.readouterr().err
    assert "leave out --resume to start anew" in err
    checkpoint = place / "runs" / "data" / "network.checkpoint"
    assert load_checkpoint(checkpoint)["step"] == 4
    assert not checkpoint.with_name("network.checkpoint.other").exists()
    assert train("--resume") == 0


def test_a_version_that_is_there_already_is_said_before_the_training(place, capsys):
    assert train("--version", "1.0.0") == 0
    for more in ([], ["--dry-run"]):
        capsys.readouterr()
        assert train("--version", "1.0.0", "--fresh", *more) == 4
        assert "1.0.0 exists already" in capsys.readouterr().err
    assert (place / "runs" / "data" / "network.checkpoint").exists()


def test_limits_from_too_few_parts_are_said_where_the_user_looks(place, capsys):
    assert train() == 0
    err = capsys.readouterr().err
    assert "cap, box: 1 normal part is too few for a false-reject rate of 0.50%" in err
    assert train("--recipe", "paper", "--name", "paper") == 0
    assert "set on parts that the network was trained on" in capsys.readouterr().err


def test_a_decoder_is_added_to_a_model(place, capsys):
    make_tiny_package(place / "models")
    arguments = ["--decoder", "--decoder-steps", "2", "--from", "models/tiny/0.0.1"]
    assert train(*arguments, "--out", "models") == 0
    assert open_package(place / "models" / "tiny" / "0.0.2").visualisation_weights()


TILED = ["--region", "5,3,40,30", "--tiles", "2x2", "--overlap", "0.2"]
TILED += ["--mm-per-pixel", "0.05", "--least-area", "7"]
TILES = Layout((RegionOfInterest(box=Box(5, 3, 40, 30), rows=2, columns=2, overlap=0.2),), 0.05)


def test_tiles_from_training_to_evaluation(place, capsys):
    write_product(place / "data" / "Cap", 6, seed=1, test=2)
    assert train(*TILED, "--decoder", "--decoder-steps", "2") == 0
    one = package(place)
    training = one.manifest.training
    assert training["data"]["train"] == {"Cap": 5, "box": 3}
    assert training["data"]["train_tiles"] == {"Cap": 20, "box": 12}
    assert training["data"]["held_out"] == {"Cap": 1, "box": 1}
    detector = Detector(one, "cpu")
    for entry in one.manifest.products.values():
        assert entry.layout == TILES and entry.least_area == 7.0
        assert entry.frame == FrameExpectation(50, 40, True)
        assert entry.calibration.parts == 1
    assert {key: len(some) for key, some in one.sample().items()} == {"cap": 8, "box": 8}
    # The limit is that of the one part held out, over all of its tiles.
    pictures = [
        cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
        for path in sorted((place / "data" / "Cap" / "train" / "good").iterdir())
    ]
    scores = [detector.predict(image, "cap").image_score for image in pictures]
    assert any(one.manifest.products["cap"].reject == pytest.approx(s, rel=1e-4) for s in scores)

    # The decoder of the tiles can be added afterwards, too, and nothing else is lost.
    folder = str(one.folder)
    assert train("--decoder", "--decoder-steps", "2", "--from", folder) == 0
    again = package(place, version="1.0.1")
    assert again.manifest.products == one.manifest.products
    assert again.manifest.files["sample.safetensors"] == one.manifest.files["sample.safetensors"]

    capsys.readouterr()
    assert main(["evaluate", folder, "data", "--out", "out", "--pictures", "1"]) == 0
    out = capsys.readouterr().out
    assert "outside of its regions" in out
    assert len(list((place / "out" / "pictures").rglob("*.png"))) == 1
    good = place / "data" / "Cap" / "test" / "good" / "001.png"
    cv2.imwrite(str(good), np.zeros((41, 50, 3), np.uint8))
    assert main(["evaluate", folder, "data", "--out", "out"]) == 4
    err = capsys.readouterr().err
    assert "001.png: The frame has 50 x 41 pixels" in err


def test_tiles_without_a_cache_give_nearly_the_same(place):
    extras = ["--precision", "f32", "--tiles", "1x2"]
    assert train(*extras) == 0
    assert train(*extras, "--no-cache", "--name", "live") == 0
    one, other = package(place).weights(), package(place, "live").weights()
    for name, value in one.items():
        torch.testing.assert_close(value, other[name], rtol=2e-3, atol=2e-3)


def test_the_plan_shows_tiles_rows_and_the_smallest_defect(place, capsys):
    assert train(*TILED, "--dry-run") == 0
    out = capsys.readouterr().out
    assert "4 of every picture (2 x 2 of x 5, y 3, 40 x 30, overlap 0.2), 32 rows" in out
    assert "6 x 4 pixels (0.29 mm) is the smallest to rely on, in pictures of 50 x 40" in out
    assert "40 tiles x 16 x 168 x 4 bytes" in out
    assert "all                                    8         2" in out
    assert train("--dry-run") == 0
    out = capsys.readouterr().out
    assert "12 x 10 pixels is the smallest" in out and "of every picture" not in out


def test_pictures_of_different_sizes(place, capsys):
    odd = place / "data" / "box" / "train" / "good" / "small.png"
    cv2.imwrite(str(odd), np.full((30, 50, 3), 90, np.uint8))
    assert train("--region", "0,0,50,40") == 6
    err = capsys.readouterr().err
    assert "small.png: Region 1" in err and "different sizes (50 x 30, 50 x 40)" in err
    assert train("--tiles", "1x2") == 0
    products = package(place).manifest.products
    assert products["box"].frame == FrameExpectation(colour=True)
    assert products["cap"].frame == FrameExpectation(50, 40, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--tiles", "20x20"], "20 x 20 tiles"),
        (["--tiles", "2x2", "--overlap", "0.9"], "overlap of 0.9"),
        (["--region", "0,0,99999,10"], "65536"),
        (["--tiles", "7x7"], "8 per side are the least"),
        (["--tiles", "2x2", "--decoder", "--from", "tiny"], "package's own regions"),
    ],
)
def test_layouts_that_cannot_be_are_said_in_a_sentence(place, capsys, arguments, words):
    assert train(*arguments) in (1, 6)
    err = capsys.readouterr().err
    assert words in err and "Traceback" not in err


def start(place, *arguments):
    command = [sys.executable, "-m", "uniad_desktop", "train", "data", *SMALL, *arguments]
    command += ["--precision", "f32", "--name", "cut"]
    child = subprocess.Popen(
        command, cwd=place, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    table, deadline = place / "runs" / "cut" / "training.csv", time.monotonic() + 60
    while not table.exists() or len(table.read_text().splitlines()) < 8:
        assert time.monotonic() < deadline and child.poll() is None
        time.sleep(0.01)
    return child


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_stopped_then_resumed_gives_the_weights_of_a_whole_training(place):
    steps = "120"
    child = start(place, "--steps", steps)
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=100)
    assert child.returncode == 130 and "Stopped after" in err
    done = load_checkpoint(place / "runs" / "cut" / "network.checkpoint")["step"]
    assert 0 < done < 120
    assert f"after {done} of 120" in err
    assert (
        main(
            [
                "train",
                "data",
                *SMALL,
                "--steps",
                steps,
                "--precision",
                "f32",
                "--name",
                "cut",
                "--resume",
            ]
        )
        == 0
    )
    assert (
        main(["train", "data", *SMALL, "--steps", steps, "--precision", "f32", "--name", "whole"])
        == 0
    )
    one, other = package(place, "cut").weights(), package(place, "whole").weights()
    assert all(torch.equal(value, other[name]) for name, value in one.items())
    numbers = [int(row[0]) for row in rows(place, "cut")[1:]]
    assert numbers == list(range(1, 121))  # no row twice, none missing


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is a thing of POSIX")
def test_killed_it_leaves_nothing_half_done(place):
    child = start(place, "--steps", "100000")
    child.kill()
    child.communicate(timeout=100)
    assert not (place / "uniad-data" / "models").exists()
    assert main(["train", "data", *SMALL, "--steps", "30", "--name", "cut"]) == 0
    assert [int(row[0]) for row in rows(place, "cut")[1:]] == list(range(1, 31))


def test_names_that_clash_get_keys_of_their_own():
    assert keys_of(["cap", "Cap", "CAP", "box"]) == {
        "CAP": "cap",
        "Cap": "cap-2",
        "cap": "cap-3",
        "box": "box",
    }
    long = ["a" * 64, "A" * 64]
    assert sorted(len(key) for key in keys_of(long).values()) == [64, 64]


def test_configuration_files(tmp_path):
    toml = tmp_path / "c.toml"
    toml.write_text(
        'backbone = "resnet18"\nhidden = 64\nheads = 4\nmasked = ["encoder"]\ndropout = 0.0\n'
    )
    config = make_config({"dropout": 0.1}, file=toml, changes={"heads": 2})
    assert config.backbone.name == "resnet18"
    assert (config.hidden, config.feed_forward, config.heads) == (64, 256, 2)
    assert config.masked == {Attention.ENCODER} and config.dropout == 0.0
    json_file = tmp_path / "c.json"
    json_file.write_text('{"backbone": {"name": "resnet18", "image_mean": [0.5, 0.5, 0.5]}}')
    assert make_config({}, file=json_file).backbone.image_mean == (0.5, 0.5, 0.5)
    from uniad_desktop.training.errors import TrainingError

    for text, words in (
        ("neighbor = 3", "field 'neighbor'"),
        ("hidden = 'wide'", "hidden"),
        ("= 3", "neither TOML nor JSON"),
        ('backbone = {name = "resnet18", colour = 1}', "no field 'colour'"),
    ):
        toml.write_text(text)
        with pytest.raises(TrainingError, match=words):
            make_config({}, file=toml)
