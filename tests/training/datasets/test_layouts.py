import os
import sys

import pytest

from tests.training.datasets.trees import mvtec, opened, put, put_mask, shown
from uniad_desktop.training.datasets import DataError, Split


def test_mvtec_of_one_product(tmp_path):
    root = mvtec(tmp_path / "cap")
    data = opened(tmp_path, root)
    assert data.layout == "MVTec AD"
    assert data.products == ("cap",)
    assert len(data.train()) == 3
    assert shown(data.test(), root) == [
        ("test/dent/000.png", "test", "dent", ""),
        ("test/good/000.png", "test", "", ""),
        ("test/good/001.png", "test", "", ""),
        ("test/scratch/000.png", "test", "scratch", "ground_truth/scratch/000_mask.png"),
        ("test/scratch/001.png", "test", "scratch", "ground_truth/scratch/001_mask.png"),
    ]
    assert data.notes == ("cap: 1 of 3 defective test images without a mask.",)


def test_mvtec_of_several_products_with_readme_and_rubbish(tmp_path):
    for name in ("bottle", "metal nut", "瓶盖"):
        mvtec(tmp_path / "set" / name)
    for rubbish in ("readme.txt", "Thumbs.db", "bottle/train/good/.DS_Store"):
        (tmp_path / "set" / rubbish).write_bytes(b"x")
    put(tmp_path / "set" / "bottle" / "train" / "good" / "._000.png")
    put(tmp_path / "set" / ".hidden" / "train" / "good" / "000.png")
    put(tmp_path / "set" / "__MACOSX" / "train" / "good" / "000.png")
    data = opened(tmp_path, tmp_path / "set")
    assert data.layout == "MVTec AD"
    assert data.products == ("bottle", "metal nut", "瓶盖")
    assert len(data.samples) == 3 * 8


def test_suffixes_in_any_case_and_in_natural_order(tmp_path):
    good = tmp_path / "cap" / "train" / "good"
    for name in ("10.JPG", "2.Tiff", "1.BMP", "notes.txt", "4.webp", "03.png", "5.jpeg", "6.tif"):
        put(good / "x.png").rename(good / name)
    data = opened(tmp_path, tmp_path / "cap")
    names = [s.path.name for s in data.train()]
    assert names == ["1.BMP", "2.Tiff", "03.png", "5.jpeg", "6.tif", "10.JPG"]


def test_folders_in_any_case(tmp_path):
    put(tmp_path / "cap" / "Train" / "Good" / "1.png")
    put(tmp_path / "cap" / "TEST" / "Scratch" / "1.png")
    put_mask(tmp_path / "cap" / "Ground_Truth" / "scratch" / "1_MASK.png")
    data = opened(tmp_path, tmp_path / "cap")
    assert len(data.train()) == 1
    (bad,) = data.test()
    assert bad.kind == "Scratch"
    assert bad.mask is not None


def test_visa_in_its_one_class_form(tmp_path):
    root = tmp_path / "1cls" / "candle"
    put(root / "train" / "good" / "0000.JPG")
    put(root / "test" / "good" / "0001.JPG")
    put(root / "test" / "bad" / "000.JPG")
    put_mask(root / "ground_truth" / "bad" / "000.png")
    data = opened(tmp_path, tmp_path / "1cls")
    assert shown(data.test(), root) == [
        ("test/bad/000.JPG", "test", "bad", "ground_truth/bad/000.png"),
        ("test/good/0001.JPG", "test", "", ""),
    ]


def test_btad(tmp_path):
    for name, suffix in (("01", "png"), ("03", "bmp")):
        root = tmp_path / "btad" / name
        put(root / "train" / "ok" / "0000.bmp")
        put(root / "test" / "ok" / "0000.bmp")
        put(root / "test" / "ko" / "0000.bmp")
        put_mask(root / "ground_truth" / "ko" / f"0000.{suffix}")
    data = opened(tmp_path, tmp_path / "btad")
    assert data.layout == "BTAD"
    assert data.products == ("01", "03")
    assert [s.kind for s in data.test("03")] == ["ko", ""]
    assert [s.mask.name for s in data.test() if s.mask] == ["0000.png", "0000.bmp"]
    assert opened(tmp_path, tmp_path / "btad" / "01").layout == "BTAD"


def visa(tmp_path, names=("candle", "pcb1")):
    rows = ["object,split,label,image,mask"]
    for name in names:
        images, masks = tmp_path / "VisA" / name / "Data" / "Images", f"{name}/Data/Masks/Anomaly"
        for number, split in enumerate(["train"] * 3 + ["test"] * 2):
            put(images / "Normal" / f"{number:04d}.JPG")
            rows.append(f"{name},{split},normal,{name}/Data/Images/Normal/{number:04d}.JPG,")
        put(images / "Anomaly" / "000.JPG")
        put_mask(tmp_path / "VisA" / masks / "000.png")
        rows.append(f"{name},test,anomaly,{name}/Data/Images/Anomaly/000.JPG,{masks}/000.png")
    table = tmp_path / "VisA" / "split_csv" / "1cls.csv"
    table.parent.mkdir()
    table.write_text("\n".join(rows) + "\n")
    return tmp_path / "VisA"


def test_visa_as_downloaded(tmp_path):
    root = visa(tmp_path)
    data = opened(tmp_path, root)
    assert data.layout == "VisA"
    assert data.products == ("candle", "pcb1")
    assert len(data.train("candle")) == 3
    assert shown(data.test("pcb1"), root)[2] == (
        "pcb1/Data/Images/Anomaly/000.JPG",
        "test",
        "defect",
        "pcb1/Data/Masks/Anomaly/000.png",
    )
    assert data.notes == ()


def test_one_class_of_visa_uses_the_split_beside_it(tmp_path):
    root = visa(tmp_path)
    data = opened(tmp_path, root / "pcb1")
    assert data.layout == "VisA"
    assert data.products == ("pcb1",)
    assert (len(data.train()), len(data.test())) == (3, 3)


def test_classes_of_visa_that_are_gone_are_left_out_and_new_ones_are_split(tmp_path):
    root = visa(tmp_path)
    (root / "pcb1").rename(root / "pcb9")
    data = opened(tmp_path, root)
    assert data.products == ("candle", "pcb9")
    good = [s for s in data.test("pcb9") if s.good]
    assert len(good) + len(data.train("pcb9")) == 5
    assert good
    (bad,) = (s for s in data.test("pcb9") if not s.good)
    assert bad.mask is not None
    assert "no split of pcb9" in data.notes[0]


def test_plain_folders_of_one_product(tmp_path):
    root = tmp_path / "widget"
    for number in range(20):
        put(root / "good" / f"{number}.png")
    put(root / "scratch" / "a.png")
    put(root / "弯曲" / "b.png")
    put_mask(root / "masks" / "scratch" / "a.png")
    data = opened(tmp_path, root)
    assert data.layout == "plain folders"
    assert data.products == ("widget",)
    tested = [s for s in data.test() if s.good]
    assert 0 < len(tested) < 10
    assert len(data.train()) + len(tested) == 20
    assert not {s.path for s in data.train()} & {s.path for s in data.test()}
    assert [(s.kind, bool(s.mask)) for s in data.test() if not s.good] == [
        ("scratch", True),
        ("弯曲", False),
    ]
    # The place of the folder does not matter, only the names in it.
    root.rename(tmp_path / "moved")
    again = opened(tmp_path, tmp_path / "moved")
    assert [s.path.name for s in again.train()] == [s.path.name for s in data.train()]


def test_plain_folders_without_defects_are_all_for_training(tmp_path):
    for number in range(20):
        put(tmp_path / "widget" / "OK" / f"{number}.png")
    data = opened(tmp_path, tmp_path / "widget")
    assert len(data.train()) == 20
    assert data.test() == ()


def test_plain_folders_of_several_products_and_subfolders(tmp_path):
    put(tmp_path / "all" / "bolt" / "正常" / "monday" / "1.png")
    put(tmp_path / "all" / "bolt" / "正常" / "tuesday" / "1.png")
    put(tmp_path / "all" / "bolt" / "NG" / "rust" / "1.png")
    put(tmp_path / "all" / "nut" / "normal" / "1.png")
    put(tmp_path / "all" / "old" / "1.png")
    data = opened(tmp_path, tmp_path / "all")
    assert data.layout == "plain folders"
    assert data.products == ("bolt", "nut")
    assert len(data.train("bolt")) == 1  # the other one of two is for testing
    assert [s.kind for s in data.test("bolt")] == ["", "rust"]
    assert any("old are not used" in note for note in data.notes)
    assert "nut: only one good training image." in data.notes


def test_a_flat_folder_is_all_good(tmp_path):
    for number in range(3):
        put(tmp_path / "parts" / f"{number}.png")
    data = opened(tmp_path, tmp_path / "parts")
    assert data.layout == "flat folder"
    assert data.products == ("parts",)
    assert len(data.train()) == 3
    assert data.test() == ()


def test_layouts_side_by_side(tmp_path):
    mvtec(tmp_path / "all" / "cap")
    put(tmp_path / "all" / "nut" / "good" / "1.png")
    assert opened(tmp_path, tmp_path / "all").layout == "MVTec AD + plain folders"


def test_the_name_of_a_product_is_never_train_or_good(tmp_path):
    mvtec(tmp_path / "cap")
    assert opened(tmp_path, tmp_path / "cap" / "train" / "good").products == ("cap",)


def test_one_split_of_a_product_given_by_itself(tmp_path):
    whole = opened(tmp_path, mvtec(tmp_path / "cap"))
    assert opened(tmp_path, tmp_path / "cap" / "train").samples == whole.train()
    assert opened(tmp_path, tmp_path / "cap" / "test").samples == whole.test()
    mvtec(tmp_path / "test" / "nut")  # a folder of products that happens to be called test
    data = opened(tmp_path, tmp_path / "test")
    assert (data.products, len(data.samples)) == (("nut",), 8)


def test_a_folder_given_relative_to_the_working_folder(tmp_path, monkeypatch):
    mvtec(tmp_path / "cap")
    monkeypatch.chdir(tmp_path / "cap")
    assert opened(tmp_path, ".").products == ("cap",)
    monkeypatch.chdir(tmp_path / "cap" / "train")
    assert opened(tmp_path, "..").products == ("cap",)


def test_train_without_a_folder_of_good_ones(tmp_path):
    put(tmp_path / "cap" / "train" / "1.png")
    put(tmp_path / "cap" / "test" / "good" / "1.png")
    data = opened(tmp_path, tmp_path / "cap")
    assert (len(data.train()), len(data.test())) == (1, 1)


def test_images_that_nobody_labelled_are_named(tmp_path):
    root = mvtec(tmp_path / "cap")
    put(root / "test" / "loose.png")
    put(root / "train" / "loose.png")
    put(root / "validation" / "good" / "1.png")
    data = opened(tmp_path, root)
    assert len(data.samples) == 8
    assert sum("1 image directly in" in note for note in data.notes) == 2
    assert any("validation are not used" in note for note in data.notes)
    put(tmp_path / "plain" / "good" / "1.png")
    put(tmp_path / "plain" / "loose.png")
    data = opened(tmp_path, tmp_path / "plain")
    assert len(data.samples) == 1
    assert "1 image directly in" in data.notes[0]


def test_defects_among_the_training_images_are_not_trained_on(tmp_path):
    root = mvtec(tmp_path / "cap")
    put(root / "train" / "scratch" / "1.png")
    data = opened(tmp_path, root)
    assert len(data.train()) == 3
    assert "cap: 1 defective image in the training set not used." in data.notes


def test_an_empty_class_and_one_without_good_images_are_named(tmp_path):
    mvtec(tmp_path / "all" / "cap")
    (tmp_path / "all" / "nut" / "train" / "good").mkdir(parents=True)
    put(tmp_path / "all" / "bolt" / "test" / "rust" / "1.png")
    data = opened(tmp_path, tmp_path / "all")
    assert data.products == ("bolt", "cap")
    assert any("no images in nut" in note for note in data.notes)
    assert "bolt: no good training images." in data.notes
    with pytest.raises(DataError, match="no good training images of bolt;"):
        data.require_training()


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_links_are_followed_once_and_dead_ones_are_kept(tmp_path):
    real = mvtec(tmp_path / "real")
    root = tmp_path / "cap"
    (root / "train").mkdir(parents=True)
    (root / "train" / "good").symlink_to(real / "train" / "good")
    put(root / "test" / "scratch" / "1.png")
    (root / "test" / "scratch" / "loop").symlink_to(root / "test" / "scratch")
    (root / "test" / "scratch" / "dead.png").symlink_to(tmp_path / "nowhere.png")
    (root / "test" / "scratch" / "link.png").symlink_to(real / "test" / "good" / "000.png")
    (root / "test" / "scratch" / "self.png").symlink_to(root / "test" / "scratch" / "self.png")
    os.mkfifo(root / "test" / "scratch" / "pipe.png")
    data = opened(tmp_path, root)
    assert len(data.train()) == 3
    assert {s.path.name for s in data.test()} == {"1.png", "dead.png", "link.png", "self.png"}


def test_masks_by_other_names(tmp_path):
    root = tmp_path / "widget"
    put(root / "good" / "1.png")
    for name in ("a", "b", "c", "d"):
        put(root / "bent" / "deep" / f"{name}.jpg")
    put_mask(root / "gt" / "bent" / "deep" / "a.png")
    put_mask(root / "gt" / "bent" / "b_gt.bmp")
    put_mask(root / "gt" / "c_mask.TIF")
    bad = {s.path.stem: s.mask for s in opened(tmp_path, root).test()}
    assert {name: mask.name if mask else "" for name, mask in bad.items()} == {
        "a": "a.png",
        "b": "b_gt.bmp",
        "c": "c_mask.TIF",
        "d": "",
    }


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ([], "There are no images in .*set.*png.* are read"),
        (["a.webp", "b.gif"], r"files of the kinds \.gif, \.webp are not read as images"),
        (["cap/train/good/a.gif"], "There are no images in"),
        (["scratch/1.png", "dent/1.png"], "layout of .* is unknown; it holds the folders dent, sc"),
        (["1.png", "scratch/1.png"], "is unknown; it holds the folders scratch.*train/good"),
        (["train/bad/1.png"], "unknown; it holds the folders train"),
        (["data/mvtec/cap/train/good/1.png"], "is unknown"),
        (["mvtec/cap/train/good/1.png"], "no data set itself, but .*mvtec may be; give that"),
    ],
)
def test_a_folder_that_is_no_data_set(tmp_path, files, sentence):
    (tmp_path / "set").mkdir()
    for name in files:
        path = tmp_path / "set" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    with pytest.raises(DataError, match=sentence):
        opened(tmp_path, tmp_path / "set")


def test_splits_are_enums(tmp_path):
    data = opened(tmp_path, mvtec(tmp_path / "cap"))
    assert {s.split for s in data.samples} == {Split.TRAIN, Split.TEST}
