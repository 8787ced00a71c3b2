from __future__ import annotations

import pytest
import safetensors.torch
import timm
import torch
from huggingface_hub import constants

from tests.engine.fake_hub import FakeHub
from uniad_desktop.cli import main
from uniad_desktop.engine import weights_hub
from uniad_desktop.engine.backbone_weights import find_backbone_weights
from uniad_desktop.engine.weights_file import read_state
from uniad_desktop.uniad.backbones import backbone_config
from uniad_desktop.uniad.config import UniADConfig

NAME = "test_resnet.r160_in1k"


@pytest.fixture(autouse=True)
def data_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("UNIAD_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def hub(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    fake = FakeHub()
    monkeypatch.setattr(weights_hub, "ENDPOINT", fake.url)
    yield fake
    fake.close()


def test_weights_travel_from_one_station_to_another(tmp_path, hub, data_folder, capsys):
    state = hub.put_model(NAME)
    assert main(["weights", "fetch", "test_resnet"]) == 0
    shown = capsys.readouterr().out
    assert str(data_folder / "weights" / f"{NAME}.safetensors") in shown
    assert "apache-2.0" in shown
    assert main(["weights", "fetch", NAME]) == 0
    assert len(hub.gets()) == 1
    assert main(["weights", "fetch", NAME, "--again"]) == 0
    assert len(hub.gets()) == 2

    carried = tmp_path / "stick" / "net.safetensors"
    assert main(["weights", "export", NAME, str(carried)]) == 0
    there = tmp_path / "there"
    assert main(["weights", "import", str(carried), "--cache", str(there)]) == 0
    capsys.readouterr()
    assert main(["weights", "list", "--cache", str(there)]) == 0
    assert NAME in capsys.readouterr().out

    config = UniADConfig(backbone=backbone_config(NAME), input_height=64, input_width=64)
    for where in ({"cache": there}, {"cache": tmp_path / "none", "file": carried}):
        found = find_backbone_weights(config, offline=True, **where)
        assert all(torch.equal(tensor, state[key]) for key, tensor in found.state.items())
        assert found.licence == "apache-2.0"
        assert NAME in found.source


def test_another_data_folder(tmp_path, hub, capsys):
    hub.put_model(NAME)
    there = tmp_path / "there"
    assert main(["weights", "fetch", NAME, "--data-dir", str(there)]) == 0
    assert (there / "weights" / f"{NAME}.safetensors").exists()
    assert main(["weights", "list", "--data-dir", str(there)]) == 0
    assert NAME in capsys.readouterr().out


def test_export_fetches_what_is_not_there(tmp_path, hub):
    hub.put_model(NAME)
    file = tmp_path / "net.safetensors"
    assert main(["weights", "export", NAME, str(file)]) == 0
    tensors, metadata = read_state(file)
    assert metadata["name"] == NAME
    assert metadata["tag"] == "r160_in1k"
    assert metadata["licence"] == "apache-2.0"
    assert {"source", "sha256", "config"} <= metadata.keys()
    assert tensors.keys() == timm.create_model("test_resnet").state_dict().keys()


def test_a_name_that_timm_does_not_know(capsys):
    assert main(["weights", "fetch", "test_resnett"]) == 4
    assert "Close ones are test_resnet" in capsys.readouterr().err


def test_no_network(monkeypatch, capsys):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert main(["weights", "fetch", NAME]) == 4
    said = capsys.readouterr().err
    assert f"weights export {NAME} FILE" in said
    assert "weights import FILE" in said


def test_an_empty_cache(capsys, data_folder):
    assert main(["weights", "list"]) == 0
    assert str(data_folder / "weights") in capsys.readouterr().out


@pytest.fixture
def exported(tmp_path, hub):
    hub.put_model(NAME)
    file = tmp_path / "net.safetensors"
    assert main(["weights", "export", NAME, str(file), "--cache", str(tmp_path / "one")]) == 0
    return file


def _rewrite(file, change_state=lambda s: s, **changes):
    state, metadata = read_state(file)
    safetensors.torch.save_file(change_state(state), file, {**metadata, **changes})


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda f: f.write_bytes(f.read_bytes()[:-100]), "damaged or cut short"),
        (lambda f: _rewrite(f, lambda s: {**s, "bn1.bias": s["bn1.bias"] + 1}), "SHA-256 differs"),
        (lambda f: _rewrite(f, name="test_convnext.r160_in1k"), "does not"),
        (lambda f: _rewrite(f, name="../../escaped.r160_in1k"), "no backbone named"),
        (lambda f: _rewrite(f, format="something else"), "weights export"),
        (lambda f: safetensors.torch.save_file(read_state(f)[0], f), "weights export"),
        (lambda f: f.unlink(), "no weights file"),
    ],
)
def test_a_file_that_is_not_what_was_exported_is_refused(exported, tmp_path, capsys, spoil, said):
    spoil(exported)
    cache = tmp_path / "two"
    assert main(["weights", "import", str(exported), "--cache", str(cache)]) == 4
    assert said in capsys.readouterr().err
    assert not cache.exists()


def test_export_into_a_folder_is_refused(exported, tmp_path, capsys):
    cache = str(tmp_path / "one")
    assert main(["weights", "export", NAME, str(tmp_path), "--cache", cache]) == 1
    assert "is a folder" in capsys.readouterr().err
