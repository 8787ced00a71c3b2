"""Which image files are meant."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from uniad_desktop.teaching.image_folder import StoreError
from uniad_desktop.teaching.image_paths import images_in


def files(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b"x")
    return folder


def test_natural_order_and_images_only(tmp_path):
    folder = files(tmp_path / "a", "10.png", "9.PNG", "1.jpeg", "notes.txt", "2.tiff", "b.bmp")
    files(folder / "below", "3.png")
    assert [path.name for path in images_in([folder])] == [
        "1.jpeg", "2.tiff", "9.PNG", "10.png", "b.bmp",
    ]  # fmt: skip


def test_folders_and_files_in_the_order_given(tmp_path):
    first, second = files(tmp_path / "a", "2.png"), files(tmp_path / "b", "1.png", "odd.name")
    assert images_in([second / "odd.name", first, second]) == [
        second / "odd.name", first / "2.png", second / "1.png",
    ]  # fmt: skip
    assert images_in([]) == []


def test_nothing_there_is_a_sentence(tmp_path):
    with pytest.raises(StoreError, match="does not exist; give a folder of images"):
        images_in([tmp_path / "nowhere"])
    with pytest.raises(StoreError, match=r"holds no images .* subfolders are not searched"):
        images_in([files(tmp_path / "a", "notes.txt")])


def test_a_folder_that_cannot_be_read_is_a_sentence(tmp_path, monkeypatch):
    folder = files(tmp_path / "a", "1.png")

    def refuse(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(StoreError, match="cannot be read: Permission denied; check the access"):
        images_in([folder])


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes")
def test_a_name_that_is_no_text_is_an_image_all_the_same(tmp_path):
    folder = files(tmp_path / "a")
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff.png")).write_bytes(b"x")
    assert len(images_in([folder])) == 1
