import os
import sys
from pathlib import Path

import pytest

from tests.training.datasets.trees import mvtec, opened, put
from uniad_desktop.training.datasets import DataError, open_data


def test_several_sources_make_one_data_set(tmp_path):
    mvtec(tmp_path / "cap")
    put(tmp_path / "nut" / "1.png")
    data = open_data([tmp_path / "cap", str(tmp_path / "nut")], work=tmp_path)
    assert data.products == ("cap", "nut")
    assert data.layout == "MVTec AD + flat folder"
    assert data.sources == (str(tmp_path / "cap"), str(tmp_path / "nut"))


def test_two_folders_with_a_product_of_one_name_are_refused(tmp_path):
    mvtec(tmp_path / "a" / "cap")
    mvtec(tmp_path / "b" / "cap")
    with pytest.raises(DataError, match=r"Both .*a and .*b have a product cap.*Rename one"):
        opened(tmp_path, tmp_path / "a", tmp_path / "b")


def test_a_list_adds_to_a_folder_and_says_nothing_twice(tmp_path):
    root = mvtec(tmp_path / "cap")
    more = tmp_path / "more.csv"
    put(tmp_path / "new.png")
    more.write_text(
        "image,product,label,split\nnew.png,cap,0,train\ncap/train/good/000.png,cap,0,train\n"
        "cap/train/good/001.png,cap,0,test\n"
    )
    data = opened(tmp_path, root, more)
    assert len(data.train("cap")) == 4
    assert len(data.test("cap")) == 6
    assert any("1 image named more than once" in note for note in data.notes)
    assert any("1 image in both training and test" in note for note in data.notes)


def test_an_image_both_good_and_defective_is_refused(tmp_path):
    root = mvtec(tmp_path / "cap")
    (tmp_path / "more.csv").write_text(
        "image,product,label,split\ncap/train/good/000.png,cap,1,test\n"
    )
    with pytest.raises(DataError, match=r"000.png is good in one place .* correct the list"):
        opened(tmp_path, root, tmp_path / "more.csv")


def test_one_image_may_be_good_for_one_product_and_a_defect_of_another(tmp_path):
    put(tmp_path / "1.png")
    (tmp_path / "l.csv").write_text("image,product,label\n1.png,cat,0\n1.png,dog,1\n")
    assert opened(tmp_path, tmp_path / "l.csv").products == ("cat", "dog")


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_a_link_from_test_to_training_is_noticed(tmp_path):
    root = mvtec(tmp_path / "cap")
    (root / "test" / "good" / "9.png").symlink_to(root / "train" / "good" / "000.png")
    data = opened(tmp_path, root)
    assert any("1 image in both training and test" in note for note in data.notes)


def test_products_are_picked_by_name_in_any_case(tmp_path):
    for name in ("Cap", "cap", "caf\u00e9", "nut"):
        mvtec(tmp_path / "all" / name)
    root = tmp_path / "all"
    assert opened(tmp_path, root, products=("cap",)).products == ("cap",)
    assert opened(tmp_path, root, products=("NUT", "cafe\u0301")).products == ("caf\u00e9", "nut")
    with pytest.raises(DataError, match=r"no product bolt in the data; there are Cap, .*nut"):
        opened(tmp_path, root, products=("nut", "bolt"))


def test_sources_that_are_nothing(tmp_path):
    with pytest.raises(DataError, match="No data were named"):
        open_data([], work=tmp_path)
    with pytest.raises(DataError, match="No data were named"):
        opened(tmp_path, "")
    for odd in ("~no-such-user/data", "a\0b", "x" * 5000):
        with pytest.raises(DataError, match=r"does not exist|cannot be read"):
            opened(tmp_path, odd)
    with pytest.raises(DataError, match=r"gone does not exist; give a folder, a list"):
        opened(tmp_path, tmp_path / "gone")
    with pytest.raises(DataError, match="does not exist"):
        opened(tmp_path, f"{tmp_path / 'gone.json'}@{tmp_path}")
    with pytest.raises(DataError, match=r"is no list in UTF-8.*give the folder"):
        opened(tmp_path, put(tmp_path / "1.png"))


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes in the file system on Windows")
def test_a_pipe_is_no_source(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match="neither a folder nor a file"):
        opened(tmp_path, tmp_path / "pipe")


@pytest.mark.skipif(
    sys.platform == "win32" or (hasattr(os, "geteuid") and os.geteuid() == 0),
    reason="rights do not hold this user back",
)
def test_a_folder_without_rights_is_named(tmp_path):
    root = mvtec(tmp_path / "cap")
    (root / "train").chmod(0)
    try:
        with pytest.raises(DataError, match="train cannot be read"):
            opened(tmp_path, root)
    finally:
        (root / "train").chmod(0o755)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux takes any bytes as a name")
def test_names_that_are_no_text_stay_usable(tmp_path):
    name = os.fsdecode(b"\xc6\xbf")
    put(tmp_path / "all" / name / "good" / "1.png")
    put(tmp_path / "all" / name / os.fsdecode(b"\xbb\xae") / "1.png")
    data = opened(tmp_path, tmp_path / "all")
    for text in (*data.products, *data.notes, *(s.kind for s in data.samples)):
        text.encode()  # would raise
    assert all(Path(s.path).is_file() for s in data.samples)
