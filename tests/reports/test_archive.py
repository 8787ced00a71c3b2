from __future__ import annotations

import errno
import hashlib
import json
import zipfile
from pathlib import Path

import pytest

from tests.reports.test_tables import ALL, StoppedError, _stop
from uniad_desktop.records.database import Records
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.records.query import Order, page
from uniad_desktop.reports import archive
from uniad_desktop.reports.archive import export_zip
from uniad_desktop.reports.errors import ReportError
from uniad_desktop.reports.names import archive_stem, ending


def read(target: Path) -> tuple[dict, list[dict], dict[str, bytes]]:
    with zipfile.ZipFile(target) as file:
        assert file.testzip() is None
        assert len(set(file.namelist())) == len(file.namelist())
        files = {name: file.read(name) for name in file.namelist()}
    lines = [json.loads(line) for line in files["manifest.jsonl"].decode().splitlines()]
    return json.loads(files["provenance.json"]), lines, files


def test_images_manifest_and_hashes(stored: Records, tmp_path: Path) -> None:
    target = tmp_path / "out.zip"
    done = export_zip(stored, ALL, target, who="Eva")
    said, lines, files = read(target)
    assert (done.records, done.images, done.problems) == (6, 4, ())
    assert [one["archive_state"] for one in lines] == [
        *("none", "included", "included", "none", "included", "included")
    ]
    for line in lines:
        if line["archive_image"]:
            data = files[line["archive_image"]]
            assert data == (stored.folder / line["image"]).read_bytes()
            assert hashlib.sha256(data).hexdigest() == line["archive_image_sha256"]
            assert line["archive_image_sha256"] == line["image_sha256"]
    fail = lines[1]
    assert fail["archive_image"].startswith("images/0000002_")
    assert files[fail["archive_heatmap"]] == (stored.folder / fail["heatmap"]).read_bytes()
    assert lines[2]["archive_heatmap"] == ""  # an ERROR has none
    assert said["images"] == {"included": 4, "none": 2} and said["problems"] == []
    sums = dict(reversed(line.split("  ", 1)) for line in files["SHA256SUMS"].decode().splitlines())
    assert set(sums) == set(files) - {"SHA256SUMS", "provenance.json"}
    assert all(hashlib.sha256(files[name]).hexdigest() == value for name, value in sums.items())
    for one in said["files"]:
        assert hashlib.sha256(files[one["name"]]).hexdigest() == one["sha256"]


def test_without_heatmaps(stored: Records, tmp_path: Path) -> None:
    export_zip(stored, ALL, tmp_path / "out.zip", who="Eva", heatmaps=False)
    assert not [name for name in read(tmp_path / "out.zip")[2] if name.startswith("heatmaps")]


def test_missing_and_damaged_images_are_named(stored: Records, tmp_path: Path) -> None:
    found = page(stored, ALL, Order.OLDEST)
    (stored.folder / found[1].image).unlink()
    (stored.folder / found[2].image).write_bytes(b"other bytes")
    (stored.folder / found[4].heatmap).unlink()
    image = stored.folder / found[5].image
    image.unlink()
    image.mkdir()
    done = export_zip(stored, ALL, tmp_path / "out.zip", who="Eva")
    said, lines, files = read(tmp_path / "out.zip")
    assert [one["archive_state"] for one in lines[1:]] == [
        *("missing", "damaged", "none", "included", "unreadable")
    ]
    assert "not there any more" in lines[1]["archive_problem"]
    assert "hash is another one" in lines[2]["archive_problem"]
    assert "heatmap" in lines[4]["archive_problem"] and lines[4]["archive_image"]
    assert said["problem_count"] == done.problem_count == 4
    assert said["problems"] == list(done.problems)
    assert f"inspection {found[1].id} " in said["problems"][0]
    assert b"other bytes" not in files.values()


def test_a_zip_on_a_full_disk_is_a_sentence(
    stored: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(archive.shutil, "copyfileobj", full)
    with pytest.raises(ReportError, match="No space left"):
        export_zip(stored, ALL, folder / "out.zip", who="Eva")
    assert not list(folder.iterdir())


def test_a_cancelled_zip_leaves_nothing(stored: Records, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    with pytest.raises(StoppedError):
        export_zip(stored, ALL, folder / "out.zip", who="Eva", tell=_stop)
    assert not list(folder.iterdir())


def test_nothing_selected_is_a_zip_without_images(stored: Records, tmp_path: Path) -> None:
    export_zip(stored, RecordFilter(ids=()), tmp_path / "out.zip", who="Eva")
    said, lines, _ = read(tmp_path / "out.zip")
    assert said["records"] == 0 and said["first_utc"] is None and not lines


@pytest.mark.parametrize(
    ("path", "stem"),
    [
        ("records/images/2026-11-26/a_FAIL.png", "0000007_a_FAIL"),
        ("法兰 缺陷.png", "0000007_法兰_缺陷"),
        ("CON.png", "0000007_CON"),
        ('a:b*c?"<>|.png', "0000007_a_b_c"),
        ("..\\..\\evil.png", "0000007_evil"),
        ("x. .png", "0000007_x"),
        ("\u202egnp.exe.png", "0000007_gnp.exe"),
        ("u\u0308.png", "0000007_ü"),
        (f"{'长' * 300}.png", f"0000007_{'长' * 80}"),
        ("", "0000007"),
    ],
)
def test_names_suit_every_system(path: str, stem: str) -> None:
    assert archive_stem(7, path) == stem


def test_endings() -> None:
    assert (ending("a.PNG"), ending("a"), ending("a.b/c")) == (".png", ".bin", ".bin")
