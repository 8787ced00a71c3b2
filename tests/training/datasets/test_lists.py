import json
import sys
from pathlib import Path

import pytest

from tests.training.datasets.trees import mvtec, opened, put, put_mask, shown
from uniad_desktop.training.datasets import DataError

AUTHORS = [
    {"filename": "cap/train/good/000.png", "label": 0, "label_name": "good", "clsname": "cap"},
    {"filename": "cap/train/good/001.png", "label": 0, "label_name": "good", "clsname": "cap"},
]
AUTHORS_TEST = [
    {"filename": "cap/test/good/000.png", "label": 0, "label_name": "good", "clsname": "cap"},
    {
        "filename": "cap/test/scratch/000.png",
        "label": 1,
        "label_name": "defective",
        "maskname": "cap/ground_truth/scratch/000_mask.png",
        "clsname": "cap",
    },
]


def lines(path: Path, rows: list) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def table(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("images", "lists", "at"),
    [
        ("MVTec-AD/mvtec_anomaly_detection", "MVTec-AD", ""),
        ("data", "data", ""),
        ("data", "data/lists", ""),
        ("mvtec_anomaly_detection", "lists", ""),
        ("elsewhere", "lists", "@elsewhere"),
        ("else@where", "li@sts", "@else@where"),
    ],
)
def test_the_authors_lists_and_where_their_images_lie(tmp_path, images, lists, at):
    mvtec(tmp_path / images / "cap")
    train = lines(tmp_path / lists / "train.json", AUTHORS)
    test = lines(tmp_path / lists / "test.json", AUTHORS_TEST)
    root = at and f"@{tmp_path / images}"
    data = opened(tmp_path, f"{train}{root}", f"{test}{root}")
    assert data.layout == "JSON-lines list"
    assert data.products == ("cap",)
    assert shown(data.samples, tmp_path / images) == [
        ("cap/train/good/000.png", "train", "", ""),
        ("cap/train/good/001.png", "train", "", ""),
        ("cap/test/good/000.png", "test", "", ""),
        (
            "cap/test/scratch/000.png",
            "test",
            "scratch",
            "cap/ground_truth/scratch/000_mask.png",
        ),
    ]
    assert data.notes == ()


def test_images_that_lie_nowhere_name_the_way_out(tmp_path):
    train = lines(tmp_path / "lists" / "train.json", AUTHORS)
    with pytest.raises(DataError, match=r"cap/train/good/000.png\) are neither in .*json@FOLDER"):
        opened(tmp_path, train)
    with pytest.raises(DataError, match=r"root of the list .* is no folder"):
        opened(tmp_path, f"{train}@{tmp_path / 'gone'}")


def test_csv_with_everything_in_it(tmp_path):
    for name in ("1.png", "2.png", "3.png", "a b.png"):
        put(tmp_path / "img" / name)
    put_mask(tmp_path / "img" / "m.png")
    path = table(
        tmp_path / "all.csv",
        "\ufeffImage;Label;Kind;Split;Product;Mask;operator\r\n"
        "img/1.png;0;;train;瓶盖;;Li\r\n"
        "\r\n"
        "img/2.png;good;;TEST;瓶盖;nan;Li\r\n"
        "img/3.png;1;scratch;test;瓶盖;img/m.png;Li\r\n"
        '"img/a b.png";defect;;test;瓶盖;;"Li; Wang"\r\n',
    )
    data = opened(tmp_path, path)
    assert data.layout == "CSV list"
    assert data.products == ("瓶盖",)
    assert shown(data.samples, tmp_path) == [
        ("img/1.png", "train", "", ""),
        ("img/2.png", "test", "", ""),
        ("img/3.png", "test", "scratch", "img/m.png"),
        ("img/a b.png", "test", "defect", ""),
    ]
    assert data.notes[0].endswith("all.csv: the columns operator are not used.")


@pytest.mark.parametrize("suffix", ["csv", "tsv", "txt"])
def test_tabs_and_labels_that_name_the_kind(tmp_path, suffix):
    for name in "123":
        put(tmp_path / f"{name}.png")
    path = table(
        tmp_path / f"x.{suffix}",
        "path\tlabel\tsplit\n1.png\tOK\ttraining\n2.png\trust\ttesting\n3.png\tNG\ttesting\n",
    )
    data = opened(tmp_path, path)
    assert [s.kind for s in data.samples] == ["", "rust", "defect"]
    assert data.products == (tmp_path.name,)


@pytest.mark.parametrize(
    ("label", "good"),
    [
        *((value, True) for value in (0, 0.0, "0", False, "normal", "false", "OK")),
        *((value, False) for value in (1, 1.0, "1.0", True, "True", "anomaly", "rust")),
    ],
)
def test_labels(tmp_path, label, good):
    put(tmp_path / "1.png")
    path = lines(tmp_path / "l.jsonl", [{"image": "1.png", "label": label, "split": "test"}])
    (sample,) = opened(tmp_path, path).samples
    assert sample.good is good


def test_one_json_array_is_a_list_too(tmp_path):
    put(tmp_path / "1.png")
    path = table(tmp_path / "l.json", json.dumps([{"image": "1.png", "kind": "good"}], indent=2))
    assert len(opened(tmp_path, path).train()) == 1


def test_what_a_row_does_not_say_is_taken_from_its_path(tmp_path):
    mvtec(tmp_path / "cap")
    path = table(
        tmp_path / "all.csv",
        "image\ncap/train/good/000.png\ncap/test/good/000.png\ncap\\test\\dent\\000.png\n",
    )
    data = opened(tmp_path, path)
    assert shown(data.samples, tmp_path) == [
        ("cap/train/good/000.png", "train", "", ""),
        ("cap/test/good/000.png", "test", "", ""),
        ("cap/test/dent/000.png", "test", "dent", ""),
    ]
    assert data.products == ("cap",)


def test_the_name_of_a_list_goes_before_the_paths_in_it(tmp_path):
    mvtec(tmp_path / "cap")
    path = table(tmp_path / "my-test-list.csv", "image\ncap/train/good/000.png\n")
    assert len(opened(tmp_path, path).test()) == 1
    # "latest" is not a word for a test, and a name that says both says nothing.
    for name in ("latest.csv", "train_test.csv"):
        path = table(tmp_path / name, "image\ncap/train/good/000.png\n")
        assert len(opened(tmp_path, path).train()) == 1


def test_without_any_split_a_share_of_the_good_is_for_testing(tmp_path):
    rows = [{"image": f"{n}.png", "label": 0, "product": "cap"} for n in range(20)]
    rows += [{"image": f"nut{n}.png", "label": 0, "product": "nut"} for n in range(20)]
    rows += [{"image": "bad.png", "label": 1, "product": "cap"}]
    for row in rows:
        put(tmp_path / row["image"])
    data = opened(tmp_path, lines(tmp_path / "l.jsonl", rows))
    held = [s for s in data.test("cap") if s.good]
    assert 0 < len(held) < 12
    assert len(data.train("cap")) == 20 - len(held)
    assert len(data.train("nut")) == 20
    assert [s.path.name for s in data.samples] == [row["image"] for row in rows]


def test_validation_rows_are_left_out(tmp_path):
    put(tmp_path / "1.png")
    path = table(tmp_path / "l.csv", "image,label,split\n1.png,0,train\n1.png,0,val\n")
    data = opened(tmp_path, path)
    assert len(data.samples) == 1
    assert "1 validation image left out" in data.notes[0]


def test_a_column_root_and_absolute_paths(tmp_path):
    put(tmp_path / "far" / "1.png")
    put(tmp_path / "near" / "2.png")
    path = table(
        tmp_path / "lists" / "l.csv",
        f"image,label,root\n1.png,0,../far\n{tmp_path / 'near' / '2.png'},0,\n",
    )
    data = opened(tmp_path, path)
    assert all(s.path.is_file() for s in data.samples)
    assert len(data.samples) == 2


def test_paths_may_not_climb_out_of_the_root(tmp_path):
    put(tmp_path / "secret.png")
    put(tmp_path / "root" / "a" / "1.png")
    path = table(tmp_path / "root" / "l.csv", "image,label\na/../a/1.png,0\n")
    assert [s.path for s in opened(tmp_path, path).samples] == [tmp_path / "root" / "a" / "1.png"]
    for text, reason in (
        ("../secret.png", "leads out of the folder .*LIST@FOLDER"),
        ("a/../../secret.png", "leads out"),
        ("..\\secret.png", "leads out"),
        ("a/../gone.png", "does not exist under"),
        ("a\0b.png", "NUL"),
    ):
        rows = [{"image": "a/1.png", "label": 0}, {"image": text, "label": 0}]
        with pytest.raises(DataError, match=rf"l\.json, line 2: .*{reason}"):
            opened(tmp_path, lines(tmp_path / "root" / "l.json", rows))
    rows = [{"image": "a/1.png", "label": 1, "mask": "../secret.png"}]
    with pytest.raises(DataError, match=r"line 1: .*leads out"):
        opened(tmp_path, lines(tmp_path / "root" / "l.json", rows))


def test_missing_images_are_left_to_the_reader(tmp_path):
    put(tmp_path / "1.png")
    path = table(tmp_path / "l.csv", "image,label\n1.png,0\ngone.png,0\n")
    assert len(opened(tmp_path, path).samples) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="backslash always parts folders on Windows")
def test_a_name_that_holds_a_backslash(tmp_path):
    put(tmp_path / "a\\b.png")
    path = table(tmp_path / "l.csv", "image,label\na\\b.png,0\n")
    assert opened(tmp_path, path).samples[0].path.is_file()


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("l.csv", "", "lists no images"),
        ("l.csv", "image,label\n", "lists no images"),
        ("l.csv", "a,b\n1.png,0\n", "has the columns a, b, none of which names the images; call"),
        ("l.md", "# Notes\n\nOne, two, three\n", "has the columns # Notes, none of which"),
        ("l.csv", "image,label\n1.png,0\n1.png,0,x\n", "line 3: there are more fields"),
        ("l.csv", 'image,label\n1.png,0\n"1.png,0\n', "line 3: no valid CSV"),
        ("l.csv", "image,label\n,0\n", "line 2: there is no image in it"),
        ("l.csv", "image,label\n1.png,\n", "line 2: it says neither label .* nor kind"),
        ("l.csv", "image,label,split\n1.png,0,both\n", "line 2: the split is both; it must be"),
        ("l.csv", "image,label\n1.png,2\n", "line 2: the label is 2.*must be 0"),
        ("l.csv", "image,label,kind\n1.png,0,rust\n", "line 2: label 0 and kind rust contradict"),
        ("l.csv", "image,label,kind\n1.png,1,good\n", "line 2: label 1 and kind good contradict"),
        ("l.json", '{"image": "1.png", "label": 0}\n{"image"\n', "line 2: no valid JSON"),
        ("l.json", '{"image": "1.png", "label": [1]}\n', r"line 1: the label is \[1\]"),
        ("l.json", '{"image": "1.png", "label": 0}\n3\n', "line 2: there must be a JSON object"),
        ("l.json", "[1]", "entry 1: there must be a JSON object"),
        ("l.json", "[" * 100_000, "no valid JSON"),
        ("l.json", '{\n  "train": 1\n}\n', "line 1: no valid JSON.*one JSON object per line"),
        ("l.json", '{"train": {"cap": []}}\n', "has the columns train, none of which"),
    ],
)
def test_lists_that_cannot_be_used(tmp_path, name, text, sentence):
    put(tmp_path / "1.png")
    with pytest.raises(DataError, match=sentence):
        opened(tmp_path, table(tmp_path / name, text))


def test_a_list_in_another_encoding(tmp_path):
    (tmp_path / "l.csv").write_bytes("image,label\n瓶盖良品.png,0\n".encode("gbk"))
    with pytest.raises(DataError, match="no list in UTF-8"):
        opened(tmp_path, tmp_path / "l.csv")
