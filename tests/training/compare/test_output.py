import csv
import io
import json

import cv2
import numpy as np
import pytest

from tests.training.compare.small import material, suite, variant
from uniad_desktop.training.compare.curves import Curve, Point
from uniad_desktop.training.compare.measure import Figures
from uniad_desktop.training.compare.output import Compared, write_all, write_suite
from uniad_desktop.training.compare.tables import Row, summary
from uniad_desktop.training.datasets import DataSet

NAMES = ("plain | transformer", "UniAD")


def curve(images, seed=0):
    points = []
    for number, one in enumerate(images, 1):
        products = {"bolt": Figures(one, 0.9), "cap": Figures(one - 0.1, None)}
        points.append(Point(100 * number, 1.0 / number, products))
    return Curve(seed=seed, parameters=12345, seconds=0.02, points=tuple(points))


@pytest.fixture
def rows():
    return (
        Row(variant(NAMES[0]), (curve([0.7, 0.95, 0.85]), curve([0.7, 0.95, 0.89], 1))),
        Row(variant(NAMES[1]), (curve([0.6, 0.9, 0.97]), curve([0.6, 0.9, 0.97], 1))),
    )


@pytest.fixture
def compared(rows):
    whole = suite(*(one.variant for one in rows), seeds=(0, 1))
    data = DataSet(samples=(), layout="made up", sources=("made up",))
    return Compared(whole, data, material(), rows)


def test_peak_and_fall(rows):
    falling, rising = (summary(one) for one in rows)
    assert falling.best_image == pytest.approx(0.9) and falling.best_step == 200
    assert falling.image == pytest.approx(0.82) and falling.fall == pytest.approx(0.08)
    assert falling.deviation == pytest.approx(np.std([0.8, 0.84], ddof=1))
    assert (rising.best_step, rising.fall, rising.deviation) == (300, 0.0, 0.0)
    assert falling.pixel == falling.best_pixel == pytest.approx(0.9)
    assert falling.loss == pytest.approx(1 / 3)


def test_without_image_figures_there_is_nothing_to_fall():
    points = (Point(5, 1.0, {"cap": Figures(None, 0.8)}),)
    found = summary(Row(variant("one"), (Curve(0, 10, None, points),)))
    assert found.image is found.best_image is found.best_step is found.fall is None
    assert found.pixel == 0.8 and found.seconds is None


def test_the_folder_holds_tables_figures_and_numbers(tmp_path, compared):
    text = write_suite(compared, tmp_path)
    write_all([compared], tmp_path)
    place = tmp_path / "small"
    assert sorted(one.name for one in place.iterdir()) == [
        "curves.png",
        "curves.svg",
        "table.csv",
        "table.md",
        "variants.png",
        "variants.svg",
    ]
    assert (place / "table.md").read_text() == text
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert len({len(line) for line in table[:4]}) == 1
    assert "82.0 ± 2.8" in table[2] and "90.0" in table[2] and "8.0" in table[2]
    assert "plain \\| transformer" in table[2] and "12,345" in table[3]
    assert "87.0 / 90.0" in table[6] and "77.0 / –" in table[6]

    lines = list(csv.DictReader(io.StringIO((place / "table.csv").read_text())))
    assert [one["variant"] for one in lines] == list(NAMES)
    assert float(lines[0]["fall"]) == pytest.approx(0.08)
    assert float(lines[1]["image:cap"]) == pytest.approx(0.87)
    curves = list(csv.DictReader(io.StringIO((tmp_path / "curves.csv").read_text())))
    assert len(curves) == 2 * 2 * 3 * 3
    assert {one["product"] for one in curves} == {"mean", "product bolt", "product cap"}

    values = json.loads((tmp_path / "comparison.json").read_text())
    (whole,) = values["suites"]
    assert [one["name"] for one in whole["variants"]] == list(NAMES)
    assert whole["data"]["training_pictures"] == 8
    assert whole["variants"][1]["summary"]["image"] == pytest.approx(0.92)
    assert len(whole["variants"][1]["curves"][0]["points"]) == 3


def test_the_figures_show_every_variant(tmp_path, compared):
    write_suite(compared, tmp_path)
    for name in ("curves", "variants"):
        image = cv2.imread(str(tmp_path / "small" / f"{name}.png"))
        assert image is not None and min(image.shape[:2]) > 200
        svg = (tmp_path / "small" / f"{name}.svg").read_text()
        for one in NAMES:
            assert f"<!-- {one} -->" in svg
    # Okabe and Ito's blue and vermilion, in the order of OpenCV.
    drawn = cv2.imread(str(tmp_path / "small" / "curves.png")).reshape(-1, 3)
    for colour in ((0xB2, 0x72, 0x00), (0x00, 0x5E, 0xD5)):
        assert (drawn == colour).all(axis=1).sum() > 200


def test_the_same_comparison_gives_the_same_figure(tmp_path, compared):
    write_suite(compared, tmp_path / "one")
    write_suite(compared, tmp_path / "two")
    for name in ("curves.svg", "variants.png", "table.csv"):
        one, two = (tmp_path / each / "small" / name for each in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()


def test_many_variants_and_other_scripts_can_be_drawn(tmp_path, compared):
    many = tuple(Row(variant(f"variant {one}"), (curve([0.5, 0.6]),)) for one in range(20))
    whole = suite(*(one.variant for one in many))
    write_suite(Compared(whole, compared.data, compared.material, many), tmp_path)
    assert cv2.imread(str(tmp_path / "small" / "variants.png")).shape[0] > 900
