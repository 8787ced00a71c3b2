"""`uniad-desktop models`, and the station in front of a package without products."""

import pytest

from tests.authors import authors_arch, authors_config, authors_state, save_authors
from tests.helpers import make_tiny_package
from uniad_desktop.app import build_station, open_model
from uniad_desktop.cli import main
from uniad_desktop.commands.dispatch import run_command
from uniad_desktop.engine.package import open_package
from uniad_desktop.engine.shipped import shipped_models
from uniad_desktop.inspection.station import StationError
from uniad_desktop.interrupt import Interrupt
from uniad_desktop.station_options import StationOptions
from uniad_desktop.uniad.config import Attention, ScoreKind


def models(*arguments):
    return run_command("models", [str(one) for one in arguments], Interrupt())


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    config = authors_config()
    folder = tmp_path_factory.mktemp("checkpoints")
    return save_authors(folder / "ckpt_best.pth.tar", authors_state(config), arch=None)


def test_import_goes_into_the_data_folder_and_says_what_is_next(
    checkpoint, capsys, _own_data_folder
):
    assert models("import", checkpoint, "--neighbour", "3", "--title", "From the paper") == 0
    folder = _own_data_folder / "models" / "ckpt_best" / "1.0.0"
    config = open_package(folder).manifest.architecture
    assert config == authors_config()
    out = capsys.readouterr().out
    for words in (
        f"ckpt_best 1.0.0 into {folder}",
        "tf_efficientnet_b0.aa_in1k, padded as for 224 pixels",
        "neighbour mask 3 x 3 in: decoder-encoded, decoder-previous, encoder",
        "published values or yours",
        f"uniad-desktop evaluate {folder} DATA",
        "limits",
    ):
        assert words in out


def test_options_change_what_no_weight_shows(checkpoint, tmp_path):
    arguments = ["--heads", "4", "--neighbour", "2x3", "--mask", "encoder", "decoder-previous"]
    arguments += ["--score", "mean", "--name", "other", "--version", "0.2.0", "--out", tmp_path]
    assert models("import", checkpoint, *arguments) == 0
    config = open_package(tmp_path / "other" / "0.2.0").manifest.architecture
    assert (config.heads, config.neighbour_height, config.neighbour_width) == (4, 2, 3)
    assert config.masked == {Attention.ENCODER, Attention.DECODER_PREVIOUS}
    assert config.score is ScoreKind.MEAN
    assert models("import", checkpoint, "--mask", "none", "--out", tmp_path, "--name", "bare") == 0
    assert not open_package(tmp_path / "bare" / "1.0.0").manifest.architecture.masked


def test_settings_in_the_file_are_taken(tmp_path, capsys):
    config = authors_config(heads=4, masked=frozenset({Attention.ENCODER}))
    path = save_authors(tmp_path / "c.pth", authors_state(config), arch=authors_arch(config))
    assert models("import", path, "--out", tmp_path) == 0
    assert open_package(tmp_path / "c" / "1.0.0").manifest.architecture == config
    assert "published values" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["import", "none.pth"], 4, "none.pth cannot be read"),
        (["import", "CHECKPOINT"], 4, "7 x 7 covers the whole 4 x 4"),
        (["import", "CHECKPOINT", "--heads", "5"], 4, "multiple of 5 heads"),
        (["import", "CHECKPOINT", "--neighbour", "3", "--name", "A B"], 4, "cannot be saved: name"),
        (["import", "CHECKPOINT", "--mask", "none", "encoder"], 1, "stands alone"),
    ],
)
def test_failures_are_a_sentence_and_a_code(arguments, code, words, checkpoint, capsys):
    given = [str(checkpoint) if one == "CHECKPOINT" else one for one in arguments]
    assert models(*given) == code
    assert words in capsys.readouterr().err


def test_a_checkpoint_without_a_backbone_and_none_at_hand(tmp_path, capsys):
    config = authors_config("b4")
    state = authors_state(config, backbone=False)
    path = save_authors(tmp_path / "c.pth", state, arch=authors_arch(config, "b4"))
    assert models("import", path, "--offline", "--out", tmp_path) == 4
    assert "random ones are never used" in capsys.readouterr().err
    missing = tmp_path / "none.pth"
    assert models("import", path, "--backbone-weights", missing, "--out", tmp_path) == 4
    assert str(missing) in capsys.readouterr().err
    assert not (tmp_path / "c").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["teach"],
        ["import"],
        ["import", "c", "--heads", "0"],
        ["import", "c", "--neighbour", "x"],
    ],
)
def test_wrong_arguments_are_usage_errors(arguments, capsys):
    with pytest.raises(SystemExit) as raised:
        models(*arguments)
    assert raised.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_list_shows_both_folders(tmp_path, capsys, _own_data_folder):
    folder = make_tiny_package(_own_data_folder / "models")
    assert models("list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["MODEL", "VERSION", "PRODUCTS", "HASH", "CREATED", "FOLDER"]
    package = open_package(folder)
    tiny = next(line for line in lines if line.startswith("tiny"))
    for words in (
        "0.0.1",
        "flange, label, fabric, board",
        package.identity.sha256[:12],
        str(folder),
    ):
        assert words in tiny
    if shipped_models() is not None:
        assert any(line.startswith("unified") for line in lines)


def test_list_names_what_is_damaged_and_goes_on(capsys, _own_data_folder):
    make_tiny_package(_own_data_folder / "models")
    broken = make_tiny_package(_own_data_folder / "models", version="0.0.2")
    (broken / "weights.safetensors").write_bytes(b"")
    assert models("list") == 4
    shown = capsys.readouterr()
    assert "0.0.1" in shown.out and "0.0.2" not in shown.out
    assert str(broken / "weights.safetensors") in shown.err


def test_an_empty_list_says_where_it_looked(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr("uniad_desktop.engine.shipped.shipped_models", lambda: None)
    assert models("list", "--data-dir", tmp_path) == 0
    assert f"no model in {tmp_path / 'models'}" in capsys.readouterr().out


def test_the_station_refuses_a_package_without_products(checkpoint, tmp_path, capsys):
    assert models("import", checkpoint, "--neighbour", "3", "--out", tmp_path) == 0
    folder = tmp_path / "ckpt_best" / "1.0.0"
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    (pictures / "a.png").write_bytes(b"")
    for product in ([], ["--product", "flange"]):
        arguments = ["--camera", f"folder:{pictures}", "--headless", "--model", str(folder)]
        assert main([*arguments, *product]) == 4
        shown = capsys.readouterr().err
        assert "ckpt_best 1.0.0 has no product with limits yet" in shown
        assert "Traceback" not in shown and "IndexError" not in shown
    options = StationOptions(camera="sim", data_folder=tmp_path, model=str(folder))
    with pytest.raises(StationError, match="no product with limits yet"):
        build_station(options, open_model(options))
