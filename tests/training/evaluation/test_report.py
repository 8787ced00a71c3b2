import csv
import io
import json
import os
import unicodedata
from html.parser import HTMLParser

import pytest

from tests.training.evaluation.helpers import BrightDetector, make_class, opened
from uniad_desktop.training.datasets import ImageReader
from uniad_desktop.training.evaluation.figures import COLUMNS
from uniad_desktop.training.evaluation.folder import prepare_folder, write_figures, write_page
from uniad_desktop.training.evaluation.page import page
from uniad_desktop.training.evaluation.report import (
    as_json,
    figures_csv,
    json_text,
    scores_csv,
    table,
)
from uniad_desktop.training.evaluation.run import evaluate_data

NAMES = ("cap", "法兰盘 ✓", "a-very-long-name-of-a-product-nobody-reads", "b<i>&")


@pytest.fixture
def evaluation(tmp_path):
    data = tmp_path / "data"
    for name in NAMES[:3]:
        make_class(data / name)
    make_class(data / NAMES[3], bad=())
    return evaluate_data(BrightDetector(cap=50.0), opened(data), ImageReader())


def columns(text):
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def test_the_table_is_aligned_and_fits_the_terminal(evaluation):
    lines = table(evaluation).splitlines()
    figures = lines[:7]  # two of titles, four classes, the mean
    assert len({columns(line) for line in figures}) == 1
    assert max(columns(line) for line in lines) <= 100
    assert figures[-1].split()[:3] == ["mean", "16", "9"]
    by_name = {line.split()[0]: line.split() for line in figures[2:]}
    assert by_name["cap"][1:4] == ["4", "3", "91.7"]
    assert by_name["cap"][-2:] == ["25.0", "66.7"]
    assert by_name["法兰盘"][-2:] == ["–", "–"]
    assert by_name["b<i>&"][3:] == ["–"] * 9
    assert any("no defective test images" in line for line in lines[7:])


def test_json_and_csv_say_the_same(evaluation):
    values = json.loads(json_text(as_json(evaluation)))
    assert values["model"]["name"] == "bright"
    assert values["pixels_at"] == "image"
    by_name = {one["product"]: one for one in values["classes"]}
    assert set(by_name) == set(NAMES)
    assert by_name["cap"]["image_auroc"] == pytest.approx(11 / 12, abs=1e-6)
    assert by_name["cap"]["reject"] == 50.0
    assert by_name["b<i>&"]["au_pro"] is None
    assert values["classes_in_mean"]["image_auroc"] == 3
    rows = list(csv.DictReader(io.StringIO(figures_csv(evaluation))))
    assert [row["product"] for row in rows] == [*sorted(NAMES), "mean"]
    for row in rows:
        told = by_name.get(row["product"], values["mean"])
        for name in COLUMNS:
            assert (float(row[name]) if row[name] else None) == told[name]
    scores = list(csv.DictReader(io.StringIO(scores_csv(evaluation))))
    assert len(scores) == 25
    assert {row["good"] for row in scores if row["kind"] == ""} == {"1"}
    assert {row["good"] for row in scores if row["kind"] == "spot"} == {"0"}
    assert [float(row["score"]) for row in scores] == [one.score for one in evaluation.scores]


def test_the_page_escapes_names(evaluation):
    text = page(evaluation, [])
    assert "b&lt;i&gt;&amp;" in text and "<i>" not in text
    parser = HTMLParser()
    parser.feed(text)
    parser.close()
    assert text.count("<tr") == 7


def test_a_folder_of_other_things_is_left_alone(tmp_path, evaluation):
    fresh = tmp_path / "deep" / "out"
    assert prepare_folder(fresh) == ""
    assert not fresh.exists()
    write_figures(evaluation, fresh)
    write_page(evaluation, [], fresh)
    names = {path.name for path in fresh.iterdir()}
    assert names == {"evaluation.json", "evaluation.csv", "scores.csv", "index.html"}
    assert prepare_folder(fresh) == ""
    (fresh / "pictures").mkdir()
    (fresh / "own.txt").write_text("mine")
    write_figures(evaluation, fresh)
    # What belonged to the former evaluation is gone; what did not is still there.
    assert not (fresh / "index.html").exists() and not (fresh / "pictures").exists()
    assert (fresh / "own.txt").read_text() == "mine"
    other = tmp_path / "other"
    other.mkdir()
    (other / "pictures").mkdir()
    assert "other files" in prepare_folder(other)
    assert (other / "pictures").is_dir()
    blocker = tmp_path / "file"
    blocker.write_text("x")
    assert "--out" in prepare_folder(blocker / "out")
    assert "--out" in prepare_folder(blocker)


@pytest.mark.skipif(os.name == "nt", reason="file names of Windows are always text")
def test_names_that_are_no_text_are_written_all_the_same(tmp_path):
    name = os.fsdecode(b"cap\xff")
    make_class(tmp_path / "data" / name)
    evaluation = evaluate_data(BrightDetector(), opened(tmp_path / "data"), ImageReader())
    out = tmp_path / "out"
    write_figures(evaluation, out)
    write_page(evaluation, [], out)
    assert json.loads((out / "evaluation.json").read_text("utf-8"))["classes"][0]["good"] == 4
    assert "cap" in (out / "scores.csv").read_text("utf-8")
