"""A version as one file: what goes out comes back, and nothing else is let in."""

import hashlib
import json
import logging
import os
import random
import shutil
import stat
import time
import zipfile

import pytest

from tests.helpers import make_tiny_package
from uniad_desktop.engine.package import PackageError, open_package
from uniad_desktop.engine.package_copy import write_next
from uniad_desktop.teaching import archive
from uniad_desktop.teaching.archive import export_archive, import_archive


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    return open_package(make_tiny_package(tmp_path_factory.mktemp("made")))


@pytest.fixture(scope="module")
def exported(package, tmp_path_factory):
    path = tmp_path_factory.mktemp("exported") / "tiny.uniad"
    export_archive(package, path)
    return path


@pytest.fixture
def models(tmp_path):
    return tmp_path / "models"


def contents(package):
    files = [package.folder / name for name in ("manifest.json", *package.manifest.files)]
    return {file.name: file.read_bytes() for file in files}


def zipped(path, files, **changes):
    """An archive of whatever names and bytes."""
    with zipfile.ZipFile(path, "w") as made:
        for name, data in files:
            info = zipfile.ZipInfo(name)
            for key, value in changes.get(name, {}).items():
                setattr(info, key, value)
            made.writestr(info, data)
    return path


def refused(path, models, words):
    with pytest.raises(PackageError, match=words) as raised:
        import_archive(path, models)
    assert str(path) in str(raised.value)
    left = list(models.rglob("*")) if models.exists() else []
    assert left == []


def test_what_goes_out_comes_back(package, exported, models):
    back = import_archive(exported, models)
    assert back.folder == models / "tiny" / "0.0.1" and back.identity == package.identity
    assert contents(back) == contents(package)
    assert [one.name for one in (models / "tiny").iterdir()] == ["0.0.1"]
    assert [one.name for one in exported.parent.iterdir()] == ["tiny.uniad"]


def test_the_same_package_gives_the_same_file(package, exported, tmp_path):
    export_archive(package, tmp_path / "new" / "again.uniad")
    assert (tmp_path / "new" / "again.uniad").read_bytes() == exported.read_bytes()


def test_a_deflated_archive_is_taken(package, tmp_path, models):
    with zipfile.ZipFile(tmp_path / "d.uniad", "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in contents(package).items():
            made.writestr(name, data)
    assert import_archive(tmp_path / "d.uniad", models).identity == package.identity


def test_export_refuses_with_a_sentence(package, tmp_path, monkeypatch):
    with pytest.raises(PackageError, match=r"must end in \.uniad"):
        export_archive(package, tmp_path / "tiny.zip")
    copy = tmp_path / "copy"
    shutil.copytree(package.folder, copy)
    opened = open_package(copy)
    (copy / "weights.safetensors").write_bytes(b"?")
    with pytest.raises(PackageError, match="SHA-256 differs"):
        export_archive(opened, tmp_path / "tiny.uniad")
    former = tmp_path / "former.uniad"
    former.write_bytes(b"former")

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(PackageError, match="No space left"):
        export_archive(package, former)
    assert former.read_bytes() == b"former"
    assert sorted(one.name for one in tmp_path.iterdir() if one.is_file()) == ["former.uniad"]


def test_the_very_same_version_is_fine_and_said(exported, models, caplog):
    first = import_archive(exported, models)
    before = (first.folder / "weights.safetensors").stat()
    with caplog.at_level(logging.INFO):
        assert import_archive(exported, models) == first
    assert "the very same; nothing was changed" in caplog.text
    assert (first.folder / "weights.safetensors").stat() == before


def test_another_package_of_the_same_version_is_refused(package, exported, models):
    there = write_next(package, models, note={"what": "else"}, version="0.0.1")
    with pytest.raises(PackageError, match="never overwritten"):
        import_archive(exported, models)
    assert open_package(there.folder).identity == there.identity


def test_a_damaged_version_is_set_aside(package, exported, models, caplog):
    folder = import_archive(exported, models).folder
    (folder / "weights.safetensors").write_bytes(b"?")
    assert import_archive(exported, models).identity == package.identity
    assert "kept as 0.0.1.damaged-1" in caplog.text
    assert (models / "tiny" / "0.0.1.damaged-1" / "weights.safetensors").read_bytes() == b"?"


def test_what_is_no_archive(exported, tmp_path, models):
    whole = exported.read_bytes()
    path = tmp_path / "x.uniad"
    with pytest.raises(PackageError, match="There is no file"):
        import_archive(path, models)
    for data, words in (
        (b"", "no model archive"),
        (b"hello" * 100, "no model archive"),
        (whole[: len(whole) // 2], "cut off"),
        (whole[:-1], "cut off"),
        (whole[1:], "damaged"),
        (whole[5000:], "damaged|not taken"),
    ):
        path.write_bytes(data)
        refused(path, models, words)
    with pytest.raises(PackageError, match="cannot be read"):
        import_archive(tmp_path, models)


@pytest.mark.parametrize(
    "name",
    [
        "../evil.png",
        "/evil.png",
        "C:\\evil.png",
        "..\\evil.png",
        "sub/evil.png",
        "sub/",
        "evil.py",
        "evil.png\n",
        ".png",
        "x" * 65 + ".png",
    ],
)
def test_other_names_are_not_taken(package, tmp_path, models, name):
    path = zipped(tmp_path / "x.uniad", [*contents(package).items(), (name, b"x")])
    refused(path, models, "a model has no file")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["x.uniad"]


def test_a_name_that_goes_on_after_a_zero_is_not_taken(package, tmp_path, models):
    path = zipped(tmp_path / "x.uniad", [*contents(package).items(), ("a.pngX.py", b"x")])
    path.write_bytes(path.read_bytes().replace(b"a.pngX.py", b"a.png\0.py"))
    refused(path, models, "a model has no file")


def test_files_that_the_manifest_does_not_know_or_lacks(package, tmp_path, models):
    files = contents(package)
    path = zipped(tmp_path / "x.uniad", [*files.items(), ("evil.png", b"x")])
    refused(path, models, r"evil\.png does not belong")
    files.pop("weights.safetensors")
    refused(zipped(path, files.items()), models, r"lacks the model's weights\.safetensors")
    files.pop("manifest.json")
    refused(zipped(path, files.items()), models, r"holds no manifest\.json")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_links_doubles_and_secrets_are_not_taken(package, tmp_path, models):
    files = list(contents(package).items())
    path = tmp_path / "x.uniad"
    link = {"external_attr": (stat.S_IFLNK | 0o777) << 16, "create_system": 3}
    zipped(path, files, **{"weights.safetensors": link})
    refused(path, models, "no plain file")
    zipped(path, [*files, files[-1]])
    refused(path, models, "in it twice")
    zipped(path, files, **{"weights.safetensors": {"compress_type": zipfile.ZIP_BZIP2}})
    refused(path, models, "packed in a way")
    zipped(path, files)
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    refused(path, models, "encrypted")


def test_bombs_are_not_unpacked(package, tmp_path, models, monkeypatch):
    path = tmp_path / "x.uniad"
    files = list(contents(package).items())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files:
            made.writestr(name, b"\0" * 50_000_000 if name == "preview-flange.png" else data)
    refused(path, models, "has not the size that it was saved with")
    monkeypatch.setattr(archive, "LARGEST_TOTAL", 10_000_000)
    refused(path, models, "larger than a model may be")
    monkeypatch.undo()
    # The directory says less than there is.
    whole = path.read_bytes()
    small = len(dict(files)["preview-flange.png"]).to_bytes(4, "little")
    path.write_bytes(whole.replace((50_000_000).to_bytes(4, "little"), small))
    refused(path, models, "damaged|larger than it says|SHA-256")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("manifest.json", b" " * (archive.LARGEST_MANIFEST + 1))
    refused(path, models, "larger than a manifest may be")
    zipped(path, ((f"x{number}.png", b"") for number in range(archive.MOST_FILES + 1)))
    refused(path, models, "more files than a model has")


def test_manifests_that_are_none_or_of_a_newer_application(package, tmp_path, models):
    files = contents(package)
    manifest = json.loads(files["manifest.json"])
    path = tmp_path / "x.uniad"
    for text, words in (
        ("{", "damaged"),
        ("[" * 100_000, "damaged"),
        ("[]", "damaged"),
        ("{}", "damaged"),
        (json.dumps({**manifest, "schema_version": 2}), "newer application.*update"),
        (json.dumps({**manifest, "name": "../x"}), "damaged"),
        (json.dumps({**manifest, "version": "../.."}), "damaged"),
        (json.dumps({**manifest, "version": "１.2.3"}), "damaged|not taken"),
    ):
        zipped(path, {**files, "manifest.json": text}.items())
        refused(path, models, words)


def test_every_hash_is_checked(package, tmp_path, models):
    path = tmp_path / "x.uniad"
    for name, data in contents(package).items():
        if name != "manifest.json":
            zipped(path, {**contents(package), name: data[:-1] + b"?"}.items())
            refused(path, models, f"{name} in .*SHA-256 differs")


def test_a_disk_that_refuses_leaves_nothing(exported, models, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(PackageError, match="cannot be written: No space left"):
        import_archive(exported, models)
    assert list(models.rglob("*")) == []
    monkeypatch.undo()
    monkeypatch.setattr(archive, "_SPARE_BYTES", 1 << 62)
    refused(exported, models, "which the disk has not")


def test_what_a_cut_off_import_left_is_swept_up(exported, models):
    old, new = (models / "tiny" / f".importing-{name}" for name in ("old", "new"))
    for folder in (old, new):
        folder.mkdir(parents=True)
    os.utime(old, (time.time() - 1e6,) * 2)
    import_archive(exported, models)
    assert new.exists() and not old.exists()


def test_damage_anywhere_is_a_sentence_or_no_damage(package, exported, tmp_path, models):
    whole = exported.read_bytes()
    dice = random.Random(5)
    headers = [at for at in range(len(whole) - 4) if whole[at : at + 2] == b"PK"]
    for number in range(300):
        data = bytearray(whole)
        near = (
            dice.choice(headers) + dice.randrange(60) if number % 3 else dice.randrange(len(data))
        )
        data[min(near, len(data) - 1)] ^= 1 << dice.randrange(8)
        path = tmp_path / "x.uniad"
        path.write_bytes(data)
        try:
            taken = import_archive(path, models)
        except PackageError:
            assert not models.exists() or list(models.rglob("*")) == []
        else:
            assert taken.identity == package.identity
            shutil.rmtree(models)
    assert hashlib.sha256(whole).digest() == hashlib.sha256(exported.read_bytes()).digest()
