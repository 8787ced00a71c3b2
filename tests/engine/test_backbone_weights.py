from __future__ import annotations

import hashlib
import pickle
import socket
import threading
from pathlib import Path

import pytest
import safetensors.torch
import timm
import torch
from huggingface_hub import constants
from timm.layers import resample_abs_pos_embed

from tests.engine.fake_hub import COMMIT, FakeHub, save_model
from tests.helpers import make_tiny_package, tiny_config
from uniad_desktop.engine import download as downloading
from uniad_desktop.engine import weights_cache, weights_hub
from uniad_desktop.engine.backbone_weights import (
    WeightsError,
    find_backbone_weights,
    load_pyramid_weights,
)
from uniad_desktop.engine.package import open_newest, open_package
from uniad_desktop.engine.shipped import shipped_models
from uniad_desktop.uniad.backbones import backbone_config
from uniad_desktop.uniad.config import UniADConfig
from uniad_desktop.uniad.features import FeaturePyramid

NAME = "test_resnet.r160_in1k"
RESNET = UniADConfig(backbone=backbone_config(NAME, stages=(0, 1)), input_height=64, input_width=64)


def config_of(name: str, size: tuple[int, int] = (64, 80)) -> UniADConfig:
    return UniADConfig(
        backbone=backbone_config(name, input_size=size), input_height=size[0], input_width=size[1]
    )


@pytest.fixture
def hub(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(downloading, "_PAUSE", 0.0)
    fake = FakeHub()
    monkeypatch.setattr(weights_hub, "ENDPOINT", fake.url)
    # No second address: nothing may leave this machine.
    known = timm.get_pretrained_cfg
    monkeypatch.setattr(timm, "get_pretrained_cfg", lambda name: _without_url(known(name)))
    yield fake
    fake.close()


def _without_url(known):
    known.url = None
    return known


@pytest.fixture
def nowhere(monkeypatch):
    """An address at which nobody listens."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(weights_hub, "ENDPOINT", f"http://127.0.0.1:{free.getsockname()[1]}")
        known = timm.get_pretrained_cfg
        monkeypatch.setattr(timm, "get_pretrained_cfg", lambda name: _without_url(known(name)))
        yield


# --- package


def test_the_package_comes_first(tmp_path):
    package = open_package(make_tiny_package(tmp_path))
    bad = tmp_path / "bad.pth"
    bad.write_bytes(b"bad")
    config = tiny_config(hidden=32, input_width=96)
    found = find_backbone_weights(config, package=package, file=bad, cache=tmp_path)
    assert found.sha256 == package.manifest.backbone.sha256
    assert (found.source, found.licence) == ("random weights", "Apache-2.0")
    pyramid = FeaturePyramid(config)
    load_pyramid_weights(pyramid, found)
    for key, tensor in pyramid.backbone.state_dict().items():
        assert torch.equal(tensor, package.weights()[f"pyramid.backbone.{key}"])


def test_a_package_with_another_backbone_is_passed_over(tmp_path):
    package = open_package(make_tiny_package(tmp_path))
    other = tiny_config(backbone=backbone_config("mobilenetv2_050", stages=(0, 1)))
    with pytest.raises(WeightsError, match=r"its backbone is mobilenetv2_050, .*padding same"):
        find_backbone_weights(other, package=package, cache=tmp_path, offline=True)


def test_the_shipped_starter_backbone_is_found(tmp_path):
    config = UniADConfig(backbone=backbone_config("mobilenetv2_100", pad_type="same"))
    found = find_backbone_weights(config, cache=tmp_path, offline=True)
    shipped = open_newest("unified", [shipped_models()])
    assert found.sha256 == shipped.manifest.backbone.sha256
    assert found.licence == "Apache-2.0"


@pytest.mark.parametrize("stages", [(1,), (1, 2), (0, 1, 2, 3)])
def test_some_stages_of_the_shipped_backbone_need_no_other_weights(tmp_path, stages):
    backbone = backbone_config("mobilenetv2_100", stages=stages, pad_type="same")
    config = UniADConfig(backbone=backbone)
    found = find_backbone_weights(config, cache=tmp_path, offline=True)
    assert found.source.startswith("distilled")
    pyramid = FeaturePyramid(config)
    load_pyramid_weights(pyramid, found)
    shipped = open_newest("unified", [shipped_models()]).weights()
    for key, tensor in pyramid.backbone.state_dict().items():
        assert torch.equal(tensor, shipped[f"pyramid.backbone.{key}"])


@pytest.mark.parametrize("other", [{"stages": (0, 4)}, {"stages": (1,), "pad_type": ""}])
def test_what_the_shipped_backbone_does_not_have_is_not_taken_from_it(tmp_path, other):
    backbone = backbone_config("mobilenetv2_100", **{"pad_type": "same", **other})
    config = UniADConfig(backbone=backbone)
    with pytest.raises(WeightsError, match="they have other backbones"):
        find_backbone_weights(config, cache=tmp_path, offline=True)


# --- file


@pytest.mark.parametrize(
    ("name", "prefix", "wrapper"),
    [
        ("test_resnet", "", ""),
        ("test_resnet", "module.", "state_dict"),
        ("mobilenetv2_050", "module.backbone.", "model"),
        ("test_convnext", "backbone.", ""),  # its extractor names stages otherwise
        ("test_vit", "module.", "state_dict"),
    ],
)
def test_a_file_of_the_whole_model_fits(tmp_path, name, prefix, wrapper):
    file = tmp_path / "weights.pth.tar"
    saved = save_model(file, name, prefix=prefix, wrapper=wrapper)
    config = config_of(name)
    found = find_backbone_weights(config, file=file, cache=tmp_path)
    assert found.licence == "not stated"
    assert "weights.pth.tar" in found.source
    pyramid = FeaturePyramid(config)
    load_pyramid_weights(pyramid, found)
    # The same features as timm gives when it loads these weights its own way.
    size = (config.input_height, config.input_width)
    theirs = timm.create_model(
        name,
        pretrained=True,
        features_only=True,
        out_indices=config.backbone.stages,
        pretrained_cfg_overlay={"state_dict": saved},
        **({"img_size": size} if name == "test_vit" else {}),
    ).eval()
    images = torch.rand(1, 3, *size)
    with torch.inference_mode():
        for got, expected in zip(pyramid.backbone(images), theirs(images), strict=True):
            torch.testing.assert_close(got, expected)


@pytest.mark.parametrize("kind", ["safetensors", "torch"])
def test_a_file_of_the_extractor_fits(tmp_path, kind):
    config = config_of("test_vit")
    state = FeaturePyramid(config).backbone.state_dict()
    file = tmp_path / "any.name"
    if kind == "safetensors":
        safetensors.torch.save_file(state, file)
    else:
        torch.save(state, file)
    found = find_backbone_weights(config, file=file, cache=tmp_path)
    assert found.state.keys() == state.keys()
    assert all(torch.equal(found.state[key], state[key]) for key in state)


def test_position_embeddings_are_resized_as_timm_does(tmp_path):
    saved = save_model(tmp_path / "vit.pth", "test_vit")
    config = config_of("test_vit", (80, 320))  # as many tokens as at 160 x 160, laid out otherwise
    found = find_backbone_weights(config, file=tmp_path / "vit.pth", cache=tmp_path)
    prefix = timm.create_model("test_vit").num_prefix_tokens
    expected = resample_abs_pos_embed(
        saved["pos_embed"], (5, 20), (10, 10), num_prefix_tokens=prefix
    )
    torch.testing.assert_close(found.state["model.pos_embed"], expected)


def test_batch_counters_and_half_precision(tmp_path):
    saved = save_model(tmp_path / "a.pth", "test_resnet")
    torch.save(
        {k: v.half() for k, v in saved.items() if not k.endswith("num_batches_tracked")},
        tmp_path / "b.pth",
    )
    found = find_backbone_weights(RESNET, file=tmp_path / "b.pth", cache=tmp_path)
    pyramid = FeaturePyramid(RESNET)
    load_pyramid_weights(pyramid, found)
    assert all(
        tensor.dtype is pyramid.backbone.state_dict()[key].dtype
        for key, tensor in found.state.items()
    )


def _without(state, key):
    return {name: tensor for name, tensor in state.items() if name != key}


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda s: _without(s, "layer1.0.conv1.weight"), "1 of .* missing.*layer1.0.conv1.weight"),
        (lambda s: {**s, "conv1.0.weight": torch.zeros(1, 2)}, r"conv1.0.weight has the shape"),
        (lambda s: {**s, "bn1.bias": s["bn1.bias"] * float("nan")}, "bn1.bias that are no numbers"),
        (lambda s: {**s, "bn1.bias": s["bn1.bias"] + float("inf")}, "no numbers"),
        (lambda s: {"lr": 0.1}, "no tensors"),
        (lambda s: [1, 2], "but a list"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(tmp_path, spoil, said):
    saved = save_model(tmp_path / "a.pth", "test_resnet")
    torch.save(spoil(saved), tmp_path / "a.pth")
    with pytest.raises(WeightsError, match=said):
        find_backbone_weights(RESNET, file=tmp_path / "a.pth", cache=tmp_path)


def test_weights_of_another_patch_size_are_not_resampled(tmp_path):
    state = timm.create_model("test_vit").state_dict()
    patches = state["patch_embed.proj.weight"]
    torch.save({**state, "patch_embed.proj.weight": patches[..., ::2, ::2]}, tmp_path / "a.pth")
    for size in (64, 80), (160, 160):
        with pytest.raises(WeightsError, match=r"patch_embed.proj.weight has the shape"):
            find_backbone_weights(
                config_of("test_vit", size), file=tmp_path / "a.pth", cache=tmp_path
            )


class _Code:
    def __reduce__(self):
        return (Path.touch, (Path("ran"),))


def test_files_that_are_no_weights(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    whole = tmp_path / "whole.pth"
    save_model(whole, "test_resnet")
    safe = safetensors.torch.save({"a": torch.zeros(1000)})
    contents = {
        "cut.pth": whole.read_bytes()[:20_000],
        "cut.safetensors": safe[:500],
        "text.pth": b"hello, I am no file of weights",
        "empty.pth": b"",
        "code.pth": pickle.dumps({"a": _Code()}, protocol=2),
    }
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
    for name in (*contents, "none.pth"):
        with pytest.raises(WeightsError, match=name):
            find_backbone_weights(RESNET, file=tmp_path / name, cache=tmp_path)
    assert not (tmp_path / "ran").exists()


def test_weights_of_another_network_are_not_loaded(tmp_path):
    save_model(tmp_path / "a.pth", "test_resnet")
    found = find_backbone_weights(RESNET, file=tmp_path / "a.pth", cache=tmp_path)
    with pytest.raises(WeightsError, match="another backbone"):
        load_pyramid_weights(FeaturePyramid(tiny_config()), found)


# --- hub and cache


def test_fetched_once_then_from_the_cache(tmp_path, hub, capsys):
    state = hub.put_model(NAME)
    found = find_backbone_weights(RESNET, cache=tmp_path / "cache")
    assert all(torch.equal(tensor, state[key]) for key, tensor in found.state.items())
    assert found.licence == timm.get_pretrained_cfg(NAME).license == "apache-2.0"
    assert COMMIT[:12] in found.source
    asked = len(hub.requests)
    again = find_backbone_weights(RESNET, cache=tmp_path / "cache", offline=True)
    assert len(hub.requests) == asked
    assert (again.sha256, again.source) == (found.sha256, found.source)
    assert [one.name for one in (tmp_path / "cache").glob("[!.]*")] == [f"{NAME}.safetensors"]
    assert not list((tmp_path / "cache").glob(".*.part"))


def test_other_file_names_of_the_hub(tmp_path, hub):
    hub.put_model(NAME, "pytorch_model.bin")
    assert find_backbone_weights(RESNET, cache=tmp_path).state


def test_a_broken_line_is_taken_up_where_it_broke(tmp_path, hub):
    hub.put_model(NAME)
    hub.break_after = 300_000
    weights_hub.fetch(NAME, tmp_path)
    assert hub.gets() == ["", "bytes=300000-"]


def test_an_interrupted_fetch_goes_on_later(tmp_path, hub):
    state = hub.put_model(NAME)
    with pytest.raises(KeyboardInterrupt):
        find_backbone_weights(RESNET, cache=tmp_path, stop=lambda: True)
    (part,) = tmp_path.glob(".*.part")
    size = part.stat().st_size
    assert 0 < size < len(safetensors.torch.save(state))
    find_backbone_weights(RESNET, cache=tmp_path)
    assert hub.gets() == ["", f"bytes={size}-"]
    assert not part.exists()


def test_a_server_without_ranges_starts_again(tmp_path, hub):
    hub.put_model(NAME)
    hub.knows_ranges = False
    hub.break_after = 300_000
    entry = weights_hub.fetch(NAME, tmp_path)
    weights_cache.read_entry(entry.path)


def test_a_part_longer_than_the_file_is_thrown_away(tmp_path, hub):
    data = bytes(range(256)) * 10
    hub.files["/file"] = data
    (tmp_path / "got.part").write_bytes(b"x" * 5000)
    downloading.download(f"{hub.url}/file", tmp_path / "got", label="file")
    assert (tmp_path / "got").read_bytes() == data


def test_wrong_bytes_are_not_taken(tmp_path, hub):
    hub.put_model(NAME)
    hub.wrong = True
    with pytest.raises(WeightsError, match="SHA-256 differs"):
        weights_hub.fetch(NAME, tmp_path)
    assert not [one for one in tmp_path.iterdir() if one.suffix != ".lock"]


def test_the_old_address_of_timm_is_tried_too(tmp_path, hub, monkeypatch):
    known = timm.get_pretrained_cfg(NAME)
    data = safetensors.torch.save(timm.create_model("test_resnet").state_dict())
    path = f"/v0.1/test-{hashlib.sha256(data).hexdigest()[:8]}.pth"
    hub.files[path] = data
    known.url = f"{hub.url}{path}"
    monkeypatch.setattr(timm, "get_pretrained_cfg", lambda _: known)
    assert known.url in weights_hub.fetch(NAME, tmp_path).source


def test_nobody_answers(tmp_path, nowhere):
    with pytest.raises(WeightsError) as raised:
        find_backbone_weights(RESNET, cache=tmp_path / "cache")
    said = str(raised.value)
    for part in (
        f"No weights of the backbone '{NAME}'",
        f"{NAME}.safetensors",
        f"{weights_hub.ENDPOINT}/timm/{NAME} (ConnectError",
        f"weights export {NAME} FILE",
        "weights import FILE",
        "--backbone-weights",
    ):
        assert part in said


def test_a_silent_server_is_not_waited_for(tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(downloading, "TIMEOUT", 0.05)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/file"
        with pytest.raises(downloading.DownloadError, match="timed out"):
            downloading.download(url, tmp_path / "file", label="file")
    assert not list(tmp_path.iterdir())


def test_only_web_addresses_are_opened(tmp_path):
    with pytest.raises(downloading.DownloadError, match="not a web address"):
        downloading.download("file:///etc/hosts", tmp_path / "file", label="file")


@pytest.mark.parametrize("online", [True, False])
def test_a_damaged_cache_is_fetched_again_or_named(tmp_path, hub, online):
    hub.put_model(NAME)
    path = weights_hub.fetch(NAME, tmp_path).path
    data = bytearray(path.read_bytes())
    data[-5] ^= 0xFF
    path.write_bytes(data)
    if online:
        assert find_backbone_weights(RESNET, cache=tmp_path).state
        weights_cache.read_entry(path)
    else:
        with pytest.raises(WeightsError, match=f"{path} does not hold what was written"):
            find_backbone_weights(RESNET, cache=tmp_path, offline=True)


def test_a_model_without_weights_at_timm(tmp_path):
    config = config_of("test_maxvit", (160, 160))
    with pytest.raises(WeightsError, match="no pretrained weights for 'test_maxvit'"):
        find_backbone_weights(config, cache=tmp_path)


def test_a_cache_that_cannot_be_written(tmp_path, hub):
    hub.put_model(NAME)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(WeightsError, match=r"cannot be kept in .*file"):
        weights_hub.fetch(NAME, tmp_path / "file")


def test_of_two_that_want_the_same_one_fetches(tmp_path, hub):
    hub.put_model(NAME)
    got = []
    with weights_hub._locked(tmp_path / f".{NAME}.lock", lambda: False):
        threads = [
            threading.Thread(target=lambda: got.append(weights_hub.fetch(NAME, tmp_path)))
            for _ in range(2)
        ]
        for thread in threads:
            thread.start()
    for thread in threads:
        thread.join(30)
    assert len(got) == 2
    assert got[0] == got[1]
    assert len(hub.gets()) == 1


def test_who_waits_for_another_can_still_end(tmp_path, hub):
    with (
        weights_hub._locked(tmp_path / f".{NAME}.lock", lambda: False),
        pytest.raises(KeyboardInterrupt),
    ):
        weights_hub.fetch(NAME, tmp_path, stop=lambda: True)


def test_offline_mode_of_the_hub_library_is_obeyed(tmp_path, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(WeightsError, match="HF_HUB_OFFLINE"):
        weights_hub.fetch(NAME, tmp_path)
