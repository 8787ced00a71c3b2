"""Checkpoints of the authors, and all that only looks like one."""

import argparse
import io
import os
import pickle
import sys
import zipfile

import numpy as np
import pytest
import torch
from PIL import Image

from tests.authors import authors_arch, authors_config, authors_state, easydict_module, save_authors
from tests.uniad.reference import reference_maps
from uniad_desktop.engine import checkpoint_file
from uniad_desktop.engine.checkpoint_file import CheckpointError, read_checkpoint
from uniad_desktop.engine.detector import Detector, load_model
from uniad_desktop.engine.import_checkpoint import import_checkpoint, package_name
from uniad_desktop.engine.package import PackageError
from uniad_desktop.uniad.config import Attention


@pytest.fixture
def bring(tmp_path):
    def bring(path, **options):
        return import_checkpoint(path, tmp_path / "models", cache=tmp_path / "cache", **options)

    return bring


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A small checkpoint whose settings are the published ones, as far as a small grid allows."""
    config = authors_config(
        input_height=144, input_width=144, neighbour_height=7, neighbour_width=7
    )
    return save_authors(tmp_path_factory.mktemp("plain") / "ckpt.pth.tar", authors_state(config))


def close(actual, expected, tolerance):
    assert actual.shape == expected.shape
    assert float((actual - expected).abs().max()) <= tolerance * float(expected.abs().max())


@pytest.mark.parametrize(
    ("kind", "changes", "masks"),
    [
        ("b2", {"input_width": 96, "neighbour_width": 4}, (True, False, True)),
        ("b0", {"heads": 4}, (True, True, True)),
    ],
)
def test_maps_of_an_imported_checkpoint_are_those_of_the_reference(
    kind, changes, masks, bring, tmp_path, monkeypatch
):
    """b2 is made for 260 pixels: two of its convolutions pad otherwise than 64 pixels ask for."""
    places = (Attention.ENCODER, Attention.DECODER_ENCODED, Attention.DECODER_PREVIOUS)
    masked = frozenset(place for place, on in zip(places, masks, strict=True) if on)
    config = authors_config(kind, masked=masked, **changes)
    state = authors_state(config, wrapped=False)
    easydict = easydict_module()
    arch = authors_arch(config, kind, easydict.EasyDict)
    monkeypatch.setitem(sys.modules, "easydict", easydict)
    path = save_authors(tmp_path / "ckpt_best.pth.tar", state, arch=arch)
    package = bring(path)
    assert package.manifest.architecture == config
    assert package.manifest.name == "ckpt_best" and not package.manifest.products
    generator = torch.Generator().manual_seed(1)
    images = torch.rand(2, 3, config.input_height, config.input_width, generator=generator)
    with torch.inference_mode():
        maps, _ = load_model(package)(images)
    expected = reference_maps(
        state,
        images,
        kind=kind,
        heads=config.heads,
        neighbour=(config.neighbour_height, config.neighbour_width),
        masks=masks,
    )
    close(maps, expected, 1e-4)
    # What runs at the line, with its batch norms folded, is the same network.
    pixels = (images[0].permute(1, 2, 0) * 255).round().to(torch.uint8)
    shown = pixels.permute(2, 0, 1)[None].float() / 255
    expected = reference_maps(
        state,
        shown,
        kind=kind,
        heads=config.heads,
        neighbour=(config.neighbour_height, config.neighbour_width),
        masks=masks,
    )
    seen = Detector(package, "cpu").predict(pixels.numpy()).anomaly_map
    close(torch.from_numpy(seen), expected[0], 1e-3)


def test_quirk_and_provenance_are_noted(plain, bring):
    manifest = bring(plain, title="Ours", name="published", version="2.1.0").manifest
    assert (manifest.name, manifest.version, manifest.title) == ("published", "2.1.0", "Ours")
    assert manifest.architecture.backbone.padded_for == 224
    assert manifest.architecture.masked == frozenset(Attention)
    assert manifest.architecture.heads == 8
    noted = manifest.training
    assert noted["imported_from"] == "ckpt.pth.tar" and noted["epochs"] == 7
    assert len(noted["sha256"]) == 64 and "224 pixels" in noted["padding"]
    assert not noted["settings_in_file"]
    assert "ckpt.pth.tar" in manifest.backbone.source
    assert manifest.backbone.licence == "Apache-2.0"


def test_a_version_is_never_overwritten(plain, bring):
    bring(plain)
    with pytest.raises(PackageError, match="never overwritten"):
        bring(plain)


@pytest.mark.parametrize("new", [True, False], ids=["zip", "before torch 1.6"])
def test_both_formats_of_torch_with_all_that_scripts_store(new, tmp_path, monkeypatch):
    easydict = easydict_module()
    monkeypatch.setitem(sys.modules, "easydict", easydict)
    content = {
        "epoch": 3,
        "arch": [easydict.EasyDict(name="neck", kwargs=easydict.EasyDict(outstrides=[16]))],
        "args": argparse.Namespace(config="config.yaml", local_rank=None),
        "state_dict": {"module.a": torch.ones(2)},
        "best_metric": np.float64(0.5),
        "history": np.arange(3.0),
    }
    path = tmp_path / "ckpt.pth.tar"
    torch.save(content, path, _use_new_zipfile_serialization=new)
    monkeypatch.delitem(sys.modules, "easydict")
    allowed = set(torch.serialization.get_safe_globals())
    found = read_checkpoint(path)
    assert set(torch.serialization.get_safe_globals()) == allowed
    assert found.epoch == 3 and torch.equal(found.state["module.a"], torch.ones(2))
    assert found.arch == [{"name": "neck", "kwargs": {"outstrides": [16]}}]


def test_a_bare_state_dict_will_do(tmp_path):
    torch.save({"a": torch.ones(2)}, tmp_path / "bare.pth")
    assert read_checkpoint(tmp_path / "bare.pth").state.keys() == {"a"}


class Evil:
    def __init__(self, marker):
        self.marker = str(marker)

    def __reduce__(self):
        return os.mkdir, (self.marker,)


@pytest.mark.parametrize("protocol", [2, 4])
@pytest.mark.parametrize("kind", ["zip", "old", "pickle"])
def test_a_file_that_would_run_code_is_not_run(kind, protocol, tmp_path):
    marker, path = tmp_path / "it ran", tmp_path / "ckpt.pth.tar"
    content = {"state_dict": {"a": torch.ones(2)}, "arch": Evil(marker)}
    if kind == "pickle":
        path.write_bytes(pickle.dumps({"arch": Evil(marker)}, protocol=protocol))
    else:
        torch.save(
            content, path, _use_new_zipfile_serialization=kind == "zip", pickle_protocol=protocol
        )
    with pytest.raises(CheckpointError, match=r"tries to run code.*mkdir.*nothing of it was run"):
        read_checkpoint(path)
    assert not marker.exists()


def test_a_stand_in_is_no_way_around(tmp_path):
    """What may be created may not be called with a state that runs something."""

    class Namespace:
        def __reduce__(self):
            return argparse.Namespace, (), Evil(tmp_path / "it ran")

    torch.save({"state_dict": {"a": torch.ones(2)}, "args": Namespace()}, tmp_path / "ckpt")
    with pytest.raises(CheckpointError, match="tries to run code"):
        read_checkpoint(tmp_path / "ckpt")
    assert not (tmp_path / "it ran").exists()


def _picture():
    png = io.BytesIO()
    Image.new("RGB", (8, 8)).save(png, "PNG")
    return png.getvalue()


def _zip():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("readme.txt", "hello")
    return packed.getvalue()


def _program():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("net/data.pkl", b"")
        archive.writestr("net/code/__torch__.py", b"")
    return packed.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"epoch,loss\n1,0.5\n" * 50, "something else"),
        (_picture(), "something else"),
        (_zip(), "zip archive but not a torch checkpoint"),
        (_program(), "TorchScript"),
        (pickle.dumps({"epoch": 3}), "something else"),
        (pickle.dumps([1, 2], protocol=0), "something else"),
    ],
)
def test_other_files_are_told_apart(data, words, tmp_path):
    path = tmp_path / "file.pth.tar"
    path.write_bytes(data)
    with pytest.raises(CheckpointError, match=words) as raised:
        read_checkpoint(path)
    assert str(path) in str(raised.value)


@pytest.mark.parametrize("content", [[torch.ones(2)], {"epoch": 3}, {"state_dict": {"a": 3}}, {}])
def test_torch_files_without_named_weights_are_refused(content, tmp_path):
    torch.save(content, tmp_path / "file.pth")
    with pytest.raises(CheckpointError, match=r"holds no (named weights|'state_dict')"):
        read_checkpoint(tmp_path / "file.pth")


@pytest.mark.parametrize("new", [True, False], ids=["zip", "before torch 1.6"])
@pytest.mark.parametrize("share", [0.001, 0.5, 0.9, 0.9999])
def test_truncated_files_are_damaged(share, new, tmp_path):
    path = tmp_path / "ckpt.pth.tar"
    state = {f"reconstruction.{n}": torch.randn(40, 40) for n in range(20)}
    save_authors(path, state, _use_new_zipfile_serialization=new)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(CheckpointError, match=r"damaged|something else"):
        read_checkpoint(path)


def test_size_and_place_are_checked(tmp_path, plain, monkeypatch):
    with pytest.raises(CheckpointError, match="is no file but a folder"):
        read_checkpoint(tmp_path)
    with pytest.raises(CheckpointError, match="cannot be read: No such file"):
        read_checkpoint(tmp_path / "none.pth")
    monkeypatch.setattr(checkpoint_file, "LARGEST_FILE", 5000)
    with pytest.raises(CheckpointError, match="Choose another file"):
        read_checkpoint(plain)
    packed = tmp_path / "bomb.pth"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", b"0" * 100_000)
    with pytest.raises(CheckpointError, match="unpacks to more"):
        read_checkpoint(packed)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: s.update({"module.reconstruction.gate": torch.ones(1)}), "reconstruction.gate"),
        (lambda s: s.pop("module.reconstruction.output_proj.bias"), "output_proj.bias' is missing"),
        (lambda s: s["module.reconstruction.input_proj.bias"].fill_(float("nan")), "not numbers"),
        (lambda s: s.clear() or s.update({"pts_bbox_head.a": torch.ones(1)}), "driving model"),
        (lambda s: s.clear() or s.update({"layer1.0.conv1.weight": torch.ones(1)}), "another"),
        (lambda s: s.update({"module.backbone.layer1.weight": torch.ones(1)}), "b0 to b7"),
    ],
)
def test_other_weights_are_refused_and_nothing_is_written(change, words, tmp_path, bring):
    config = authors_config()
    state = authors_state(config)
    change(state)
    path = save_authors(tmp_path / "ckpt.pth.tar", state, arch=authors_arch(config))
    with pytest.raises(CheckpointError, match=words) as raised:
        bring(path)
    assert str(path) in str(raised.value) and str(raised.value).endswith(".")
    assert not (tmp_path / "models").exists()


def test_a_mask_that_leaves_nothing_is_refused(tmp_path, bring):
    path = save_authors(tmp_path / "ckpt.pth.tar", authors_state(authors_config()))
    with pytest.raises(CheckpointError, match=r"7 x 7 covers the whole 4 x 4 .*square\.$"):
        bring(path)


def test_a_backbone_from_elsewhere(tmp_path, bring, monkeypatch):
    config = authors_config("b4", neighbour_height=3)
    state = authors_state(config, wrapped=False)
    network = {name: one for name, one in state.items() if name.startswith("reconstruction.")}
    weights = {name.removeprefix("backbone."): one for name, one in state.items() - network.items()}
    whole = save_authors(tmp_path / "whole.pth.tar", state, arch=authors_arch(config, "b4"))
    parts = save_authors(tmp_path / "parts.pth.tar", network, arch=authors_arch(config, "b4"))
    torch.save(weights, tmp_path / "efficientnet-b4.pth")
    one = bring(whole)
    other = bring(parts, backbone_file=tmp_path / "efficientnet-b4.pth")
    assert other.manifest.architecture == one.manifest.architecture
    assert other.manifest.backbone.sha256 == one.manifest.backbone.sha256
    assert "efficientnet-b4.pth" in other.manifest.backbone.source
    assert other.manifest.backbone.licence == "not stated"


def test_backbone_weights_under_the_names_of_timm(tmp_path, bring):
    config = authors_config("b4", neighbour_height=3)
    state = authors_state(config, wrapped=False)
    whole = bring(save_authors(tmp_path / "whole.pth.tar", state, arch=authors_arch(config, "b4")))
    prefix = "pyramid.backbone."
    weights = {k.removeprefix(prefix): v for k, v in whole.weights().items() if prefix in k}
    torch.save(weights, tmp_path / "timm.pth")
    network = {name: one for name, one in state.items() if name.startswith("reconstruction.")}
    parts = save_authors(tmp_path / "parts.pth.tar", network, arch=authors_arch(config, "b4"))
    package = bring(parts, backbone_file=tmp_path / "timm.pth", offline=True)
    assert package.manifest.backbone.sha256 == whole.manifest.backbone.sha256


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("ckpt_best.pth.tar", "ckpt_best"),
        ("UniAD MVTec (8 GPU).pth", "uniad-mvtec-8-gpu"),
        ("权重.pt", "imported"),
    ],
)
def test_package_names_come_from_the_file(file, name, tmp_path):
    assert package_name(tmp_path / file) == name
