import os
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.helpers import TINY_TITLES, make_tiny_package
from tests.training.evaluation.helpers import (
    BrightDetector,
    entry_of,
    make_class,
    opened,
    package_with_decoder,
)
from uniad_desktop.engine.layout import Box, Layout, RegionOfInterest
from uniad_desktop.engine.package import PackageError, open_package
from uniad_desktop.training.datasets import ImageReader, Sample, Split
from uniad_desktop.training.evaluation.appearance import expected_appearance
from uniad_desktop.training.evaluation.cases import choose_cases
from uniad_desktop.training.evaluation.drawing import CasePicture, draw_case, heat_index
from uniad_desktop.training.evaluation.figures import ClassFigures, ImageScore, LimitFigures
from uniad_desktop.training.evaluation.page import page
from uniad_desktop.training.evaluation.pictures import cases_of, draw_pictures
from uniad_desktop.training.evaluation.run import evaluate_data
from uniad_desktop.training.evaluation.text import fitted, font_for


def results(good, bad):
    return [
        ImageScore(Sample(Path(f"{kind or 'good'}{score}.png"), "cap", Split.TEST, kind), score)
        for kind, scores in (("", good), ("spot", bad))
        for score in scores
    ]


def figures_with(reject):
    limit = None if reject is None else LimitFigures(reject, 0.0, 0.0)
    return ClassFigures("cap", 0, 0, 0, None, None, limit, (0.0, 1.0), ())


def test_worst_and_best_cases_in_turn():
    scores = results(good=(1.0, 2.0, 3.0, 7.0), bad=(4.0, 6.0, 8.0, 9.0))
    chosen = choose_cases(figures_with(5.0), scores, 6)
    assert [(case.name, case.result.score, case.verdict) for case in chosen] == [
        ("1-missed-defect-01", 4.0, "missed"),
        ("1-weakest-defect-02", 6.0, "caught"),
        ("2-false-alarm-01", 7.0, "false alarm"),
        ("2-highest-good-02", 3.0, "passed"),
        ("3-clearest-defect-01", 9.0, "caught"),
        ("4-clearest-good-01", 1.0, "passed"),
    ]
    names = [case.name for case in chosen]
    assert names == sorted(names)


@pytest.mark.parametrize("number", [0, 1, 5, 8, 100])
@pytest.mark.parametrize(("good", "bad"), [((1.0, 1.0, 1.0), (2.0,)), ((), (1.0, 2.0)), ((), ())])
def test_no_case_comes_twice(number, good, bad):
    scores = results(good, bad)
    chosen = choose_cases(figures_with(None), scores, number)
    assert len({id(case.result) for case in chosen}) == len(chosen) == min(number, len(scores))
    assert len({case.name for case in chosen}) == len(chosen)
    assert all(case.verdict == "" for case in chosen)
    assert not any("missed" in case.name or "alarm" in case.name for case in chosen)


def picture(**changes):
    mask = np.zeros((60, 80), dtype=bool)
    mask[20:40, 30:50] = True
    values = {
        "image": np.full((60, 80), 128, np.uint8),
        "mask": mask,
        "good": False,
        "anomaly_map": np.zeros((16, 16), np.float32),
        "colours": (0.0, 10.0),
        "reject": 5.0,
        "expected": None,
        "caption": ("cap · spot · 000.png", "missed: score 1, limit 5"),
    }
    return CasePicture(**{**values, **changes})


def test_panels_side_by_side():
    three = draw_case(picture())
    four = draw_case(picture(expected=np.full((16, 16, 3), 200, np.uint8)))
    assert four.height == three.height and four.width > three.width
    assert np.asarray(four)[four.height // 2, -100].tolist() == [200, 200, 200]


def test_the_colour_scale_is_fixed():
    calm, wild = np.full((4, 4), 1.0, np.float32), np.full((4, 4), 9.0, np.float32)
    assert heat_index(calm, (0.0, 10.0))[0, 0] == pytest.approx(0.1)
    assert heat_index(wild, (0.0, 10.0))[0, 0] == pytest.approx(0.9)
    assert heat_index(wild, (0.0, 3.0)).max() == 1.0
    assert heat_index(calm, (2.0, 3.0)).min() == 0.0

    def panel(level):
        drawn = np.asarray(draw_case(picture(anomaly_map=np.full((16, 16), level, np.float32))))
        return drawn[drawn.shape[0] // 2, -100].tolist()

    assert panel(0.0) == panel(2.0) == [128, 128, 128]  # low on the scale nothing is laid over
    assert panel(9.0) != panel(5.0) != panel(2.0)
    assert panel(10.0) == panel(1000.0)


def test_even_a_tiny_defect_is_outlined():
    outlined = [0, 255, 255]

    def drawn(mask, **changes):
        image = np.full((*mask.shape, 3), 90, np.uint8)
        pixels = np.asarray(draw_case(picture(image=image, mask=mask, **changes)))
        return bool((pixels == outlined).all(axis=-1).any())

    one = np.zeros((3000, 4000), dtype=bool)
    one[1500, 2000] = True
    assert drawn(one)
    assert not drawn(np.zeros((30, 40), dtype=bool), good=True)
    assert not np.any((np.asarray(draw_case(picture(mask=None))) == outlined).all(axis=-1))


@pytest.mark.parametrize(
    "name", ["法兰盘", "деталь", "قطعة", "🔩", "a\nb\x07", os.fsdecode(b"cap\xff"), "x" * 500, ""]
)
def test_names_in_any_script_are_drawn(name):
    canvas = draw_case(picture(caption=(name, name)))
    assert canvas.width < 2000
    font = font_for(name, 14)
    assert font.getlength(fitted(name, font, 200)) <= 200


def test_pictures_of_an_evaluation(tmp_path):
    data_folder = tmp_path / "data"
    make_class(data_folder / "cap")
    make_class(data_folder / "Cap", masked=False)
    data, reader, detector = opened(data_folder), ImageReader(), BrightDetector(cap=50.0)
    evaluation = evaluate_data(detector, data, reader)
    out = tmp_path / "out"
    out.mkdir()
    shown = draw_pictures(cases_of(evaluation, 3), detector, reader, None, out)
    assert len(shown) == 6
    files = sorted(path.relative_to(out).as_posix() for path in out.rglob("*.png"))
    assert files == sorted(one.file for one in shown)
    assert {file.split("/")[1] for file in files} == {"cap", "cap-2"}
    for one in shown:
        with Image.open(out / one.file) as opened_again:
            opened_again.load()
            assert opened_again.width > 3 * 300
    text = page(evaluation, shown)
    assert all(f'src="{one.file}"' in text for one in shown)
    assert text.count("<figure>") == 6


def test_all_pictures_or_none(tmp_path):
    make_class(tmp_path / "data" / "cap")
    data, reader, detector = opened(tmp_path / "data"), ImageReader(), BrightDetector()
    chosen = cases_of(evaluate_data(detector, data, reader), 4)
    out = tmp_path / "out"
    out.mkdir()
    drawn = []

    def check():
        if len(drawn) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        draw_pictures(chosen, detector, reader, None, out, check=check, done=drawn.append)
    assert list(out.iterdir()) == []


def test_the_expected_appearance_is_painted(tmp_path):
    paint = expected_appearance(package_with_decoder(tmp_path / "with"), "cpu")
    image = np.random.default_rng(0).integers(0, 256, (100, 120, 3), np.uint8)
    painted = paint(image)
    assert painted.shape == (64, 80, 3) and painted.dtype == np.uint8
    assert painted.std() > 0
    np.testing.assert_array_equal(paint(image), painted)
    plain = open_package(make_tiny_package(tmp_path / "without"))
    assert set(plain.manifest.products) == set(TINY_TITLES)
    assert expected_appearance(plain, "cpu") is None
    with pytest.raises(PackageError, match="visualisation decoder"):
        expected_appearance(package_with_decoder(tmp_path / "wrong", width=32), "cpu")


def test_the_expected_appearance_of_tiles_is_put_together(tmp_path):
    package = package_with_decoder(tmp_path / "with")
    layout = Layout((RegionOfInterest(box=Box(20, 0, 80, 100), rows=2, columns=1, overlap=0.0),))
    entry = entry_of("cap", 1.0).model_copy(update={"layout": layout})
    manifest = package.manifest.model_copy(update={"products": {"cap": entry}})
    paint = expected_appearance(replace(package, manifest=manifest), "cpu")
    image = np.random.default_rng(0).integers(0, 256, (100, 120, 3), np.uint8)
    painted = paint(image, "cap")
    assert painted.shape == (100, 120, 3) and painted.dtype == np.uint8
    assert not painted[:, :20].any() and not painted[:, 100:].any()
    # Each tile is painted from what it sees, at the place where it lies.
    for row in (0, 50):
        tile = paint(np.ascontiguousarray(image[row : row + 50, 20:100]))
        expected = cv2.resize(tile, (80, 50), interpolation=cv2.INTER_LINEAR).astype(float)
        got = painted[row : row + 50, 20:100].astype(float)
        assert np.abs(got - expected).max() < 30 and np.abs(got - expected).mean() < 2
    np.testing.assert_array_equal(paint(image, "unknown"), paint(image))
