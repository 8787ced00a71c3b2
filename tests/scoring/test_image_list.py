from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.scoring.helpers import write_image
from uniad_desktop.scoring.image_list import find_images, read_list
from uniad_desktop.scoring.job import ScoringError


def names(folder: Path, found) -> list[str]:
    return [str(one.path.relative_to(folder)) for one in found.images]


def test_all_below_in_natural_order_and_names_of_any_script(tmp_path):
    for name in ("part10.png", "part2.png", "b/1.JPG", "a/x/2.tif", "a/零件 ñ ж.bmp", "b/n.txt"):
        path = tmp_path / name
        if path.suffix == ".txt":
            path.write_text("no image")
        else:
            write_image(path)
    found = find_images([tmp_path])
    expected = ["part2.png", "part10.png", "a/零件 ñ ж.bmp", "a/x/2.tif", "b/1.JPG"]
    assert names(tmp_path, found) == expected
    assert [one.folder_name for one in found.images[1:]] == [tmp_path.name, "a", "a", "b"]
    assert found.notes == []


def test_a_file_is_taken_as_it_is(tmp_path):
    path = write_image(tmp_path / "one.png").rename(tmp_path / "one.dat")
    found = find_images([path])
    assert [(one.path, one.root) for one in found.images] == [(path, tmp_path)]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_links_in_circles_end(tmp_path):
    write_image(tmp_path / "a" / "1.png")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "itself").symlink_to(tmp_path / "itself")
    (tmp_path / "itself.png").symlink_to(tmp_path / "itself.png")
    found = find_images([tmp_path])
    assert names(tmp_path, found) == ["itself.png", "a/1.png"]


def test_folders_that_cannot_be_read(tmp_path, monkeypatch):
    write_image(tmp_path / "a" / "1.png")
    write_image(tmp_path / "b" / "2.png")
    real = os.scandir

    def scandir(path):
        if Path(path).name == closed:
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    closed = "a"
    found = find_images([tmp_path])
    assert names(tmp_path, found) == ["b/2.png"]
    assert len(found.notes) == 1 and "/a cannot be read: Permission denied" in found.notes[0]
    closed = tmp_path.name
    with pytest.raises(ScoringError, match="cannot be read: Permission denied"):
        find_images([tmp_path])


def test_nothing_to_judge(tmp_path):
    with pytest.raises(ScoringError, match="no images"):
        find_images([tmp_path])
    with pytest.raises(ScoringError, match="does not exist"):
        find_images([tmp_path / "none"])


def test_a_list_names_product_and_label(tmp_path):
    file = tmp_path / "list.jsonl"
    other = tmp_path / "x" / "b.png"
    file.write_text(
        '{"path": "a.png", "product": "flange", "label": "good"}\n\n'
        f'{{"path": "{other.as_posix()}"}}\n',
        "utf-8",
    )
    first, second = read_list(file).images
    assert (first.path, first.product, first.label) == (tmp_path / "a.png", "flange", "good")
    assert (second.path, second.root, second.product) == (other, other.parent, "")


@pytest.mark.parametrize("text", ["no json\n", '{"name": 1}\n', "[1]\n", "\n", '{"path": 5}\n'])
def test_lists_that_are_none(tmp_path, text):
    file = tmp_path / "list.jsonl"
    file.write_text(text)
    with pytest.raises(ScoringError, match="list"):
        read_list(file)
    with pytest.raises(ScoringError, match="cannot be read"):
        read_list(tmp_path / "none")
