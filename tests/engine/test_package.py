import json
from pathlib import Path

import pytest
import torch

from tests.helpers import make_tiny_package, tiny_config
from uniad_desktop.engine import package as package_module
from uniad_desktop.engine.manifest import Manifest
from uniad_desktop.engine.package import (
    PackageError,
    find_packages,
    open_newest,
    open_package,
    write_package,
)


@pytest.fixture
def folder(tmp_path):
    return make_tiny_package(tmp_path / "models")


def rewritten(folder, change):
    manifest = json.loads((folder / "manifest.json").read_text())
    change(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_what_was_written_is_what_is_opened(folder):
    package = open_package(folder)
    assert package.identity.name == "tiny"
    assert package.identity.version == "0.0.1"
    assert len(package.identity.sha256) == 64
    assert package.manifest.architecture == tiny_config()
    assert set(package.manifest.products) == {"flange", "label", "fabric", "board"}
    assert package.manifest.products["board"].titles["zh_CN"] == "电路板"
    assert package.preview("flange").is_file()
    assert package.preview("board") is None
    assert package.memory() == {}
    assert package.manifest.backbone.sha256 == package_module.backbone_hash(package.weights())


def test_memory_comes_back(folder, tmp_path):
    former = open_package(folder)
    written = write_package(
        tmp_path / "other",
        name="tiny",
        version="0.0.2",
        architecture=former.manifest.architecture,
        weights=former.weights(),
        products=former.manifest.products,
        backbone_source="test",
        backbone_licence="test",
        memory={"board": torch.arange(6.0).view(2, 3)},
    )
    assert torch.equal(written.memory()["board"], torch.arange(6.0).view(2, 3))


@pytest.mark.parametrize("name", ["weights.safetensors", "preview-flange.png"])
def test_a_changed_byte_is_noticed(folder, name):
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(data)
    with pytest.raises(PackageError, match=rf"{name} is not the file"):
        open_package(folder)


def test_a_change_after_opening_is_noticed(folder):
    package = open_package(folder)
    path = folder / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(PackageError, match=r"weights\.safetensors"):
        package.weights()


@pytest.mark.parametrize("name", ["weights.safetensors", "preview-flange.png"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(PackageError, match=rf"{name} is missing; copy or import"):
        open_package(folder)


def test_other_ways_to_be_no_package(tmp_path, folder):
    with pytest.raises(PackageError, match="no model package at"):
        open_package(tmp_path / "nowhere")
    with pytest.raises(PackageError, match=r"holds no manifest\.json"):
        open_package(tmp_path)
    (folder / "manifest.json").write_text("{ half")
    with pytest.raises(PackageError, match="damaged"):
        open_package(folder)
    (folder / "manifest.json").write_text("[1]")
    with pytest.raises(PackageError, match="not a valid manifest"):
        open_package(folder)


def test_a_newer_layout_asks_for_an_update(folder):
    rewritten(folder, lambda m: m.update(schema_version=99, something_new=True))
    with pytest.raises(PackageError, match=r"newer application.*update the application"):
        open_package(folder)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda m: m["products"]["board"].update(reject=0.0), "accept limit"),
        (lambda m: m["products"]["board"].update(accept=1e9), "accept limit"),
        (lambda m: m["products"]["board"].update(map_range=[1.0, 1.0]), "range must rise"),
        (lambda m: m["architecture"].update(input_width=81), "multiple of the backbone"),
        (lambda m: m["files"].update({"../x.png": {"sha256": "0" * 64, "size": 1}}), "files"),
        (lambda m: m["files"].pop("weights.safetensors"), "not among the files"),
        (lambda m: m.update(products={"No Key": m["products"]["board"]}), "products"),
        (lambda m: m.pop("backbone"), "backbone"),
    ],
)
def test_a_manifest_that_makes_no_sense_is_refused(folder, change, words):
    rewritten(folder, change)
    with pytest.raises(PackageError, match=words):
        open_package(folder)


def test_a_file_that_is_no_safetensors_is_refused(folder, monkeypatch):
    package = open_package(folder)
    monkeypatch.setattr(package_module, "_checked_bytes", lambda *_: b"no tensors in here")
    with pytest.raises(PackageError, match="not a valid safetensors"):
        package.weights()


def test_newest_version_by_number_not_by_text(tmp_path):
    for version in ("0.9.0", "0.10.0", "0.2.0"):
        make_tiny_package(tmp_path, version=version)
    (tmp_path / "tiny" / "old").mkdir()
    (tmp_path / "tiny" / "old" / "manifest.json").write_text("{}")
    versions = [version for _, version, _ in find_packages([tmp_path, tmp_path / "absent"])]
    assert versions == ["0.10.0", "0.9.0", "0.2.0"]
    assert open_newest("tiny", [tmp_path]).identity.version == "0.10.0"
    with pytest.raises(PackageError, match=r"no model named 'big'.*models there: tiny"):
        open_newest("big", [tmp_path])


def test_a_version_is_never_overwritten_unasked(folder, tmp_path):
    before = open_package(folder).identity
    with pytest.raises(PackageError, match="exists already"):
        make_tiny_package(tmp_path / "models")
    assert open_package(folder).identity == before


def write_again(folder, **changes):
    former = open_package(folder)
    values = {
        "name": "tiny",
        "version": "0.0.1",
        "architecture": former.manifest.architecture,
        "weights": former.weights(),
        "products": former.manifest.products,
        "backbone_source": "test",
        "backbone_licence": "test",
        "replace": True,
    }
    return write_package(folder.parents[1], **{**values, **changes})


def test_replacing_leaves_nothing_behind(folder):
    written = write_again(folder, title="second")
    assert written.manifest.title == "second"
    assert sorted(path.name for path in folder.parent.iterdir()) == ["0.0.1"]


def test_a_disk_that_refuses_leaves_the_former_package(folder, monkeypatch):
    before = open_package(folder).identity

    def refuse(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(package_module.os, "fsync", refuse)
    with pytest.raises(PackageError, match="No space left on device; free space"):
        write_again(folder)
    assert open_package(folder).identity == before
    assert sorted(path.name for path in folder.parent.iterdir()) == ["0.0.1"]


def test_a_rename_that_fails_brings_the_former_package_back(folder, monkeypatch):
    before = open_package(folder).identity
    rename = Path.rename

    def refuse(self, target):
        if self.name.startswith(".writing-"):
            raise OSError(13, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(PackageError, match="Permission denied"):
        write_again(folder)
    assert open_package(folder).identity == before


@pytest.mark.parametrize("changes", [{"version": "1.0"}, {"name": "../up"}])
def test_bad_names_are_refused_before_anything_is_written(folder, changes):
    with pytest.raises(PackageError, match="cannot be saved"):
        write_again(folder, **changes)
    assert sorted(path.name for path in folder.parents[1].iterdir()) == ["tiny"]


def test_manifest_survives_a_round_trip(folder):
    manifest = open_package(folder).manifest
    assert Manifest.model_validate_json(manifest.model_dump_json()) == manifest
