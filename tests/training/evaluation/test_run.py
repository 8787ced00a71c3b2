import threading
from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.helpers import make_tiny_package
from tests.training.evaluation.helpers import (
    BrightDetector,
    add_part,
    make_class,
    opened,
    write_image,
)
from uniad_desktop.engine.detector import Detector, DetectorError
from uniad_desktop.engine.expectation import FrameExpectation
from uniad_desktop.engine.layout import Box, Layout, RegionOfInterest
from uniad_desktop.engine.package import open_package
from uniad_desktop.training.datasets import DataError, ImageReader
from uniad_desktop.training.evaluation.count import map_at, nearest_mask
from uniad_desktop.training.evaluation.run import EvaluationSettings, evaluate_data, known_product


def test_figures_of_a_detector_that_sees_brightness_only(tmp_path):
    make_class(tmp_path / "data" / "cap")
    detector = BrightDetector(cap=50.0)
    done = []
    evaluation = evaluate_data(
        detector,
        opened(tmp_path / "data"),
        ImageReader(),
        EvaluationSettings(batch=3),
        done=done.append,
    )
    assert detector.batches == [3, 3, 1] == done
    (cap,) = evaluation.classes
    assert (cap.good, cap.bad, cap.unmasked) == (4, 3, 0)
    # The good part of 60 lies above the defect of 40: one of twelve pairs is wrong.
    assert cap.image.auroc == pytest.approx(11 / 12)
    assert cap.limit.reject == 50.0
    assert cap.limit.false_rejects == pytest.approx(1 / 4)
    assert cap.limit.caught == pytest.approx(2 / 3)
    assert cap.colours == (0.0, 100.0)
    assert 0.9 < cap.pixel.auroc <= 1.0
    assert [one.score for one in evaluation.scores] == [22, 24, 26, 60, 40, 120, 200]
    assert evaluation.model == detector.model
    assert evaluation.mean() == cap.values()
    assert evaluation.notes() == ()


def test_classes_without_limits_masks_or_one_kind_of_part(tmp_path):
    data = tmp_path / "data"
    make_class(data / "a-known", masked=False)
    make_class(data / "b-strange")
    make_class(data / "c-only-good", bad=())
    make_class(data / "d-only-bad", good=())
    evaluation = evaluate_data(BrightDetector(**{"a-known": 50.0}), opened(data), ImageReader())
    known, strange, only_good, only_bad = evaluation.classes
    assert known.pixel is None and known.unmasked == 3 and known.image is not None
    assert strange.limit is None and strange.image is not None and strange.pixel is not None
    assert 0.0 == strange.colours[0] < strange.colours[1]
    assert only_good.image is None and only_good.pixel is None
    assert only_bad.image is None and only_bad.pixel is not None
    notes = "\n".join(evaluation.notes())
    for words in (
        "a-known: 3 of 3 defective images have no mask",
        "c-only-good: no defective test images, so no figures.",
        "d-only-bad: no good test images, so no image figures.",
        "b-strange: the model has no such product, so no limit (it has a-known).",
        "The mean of the image figures is over 2 of 4 classes.",
        "The mean of the pixel figures is over 2 of 4 classes.",
        "The mean of defects caught is over 1 of 4 classes.",
    ):
        assert words in notes
    mean = evaluation.mean()
    assert mean["image_ap"] == pytest.approx((known.image.ap + strange.image.ap) / 2)
    assert mean["au_pro"] == pytest.approx((strange.pixel.au_pro + only_bad.pixel.au_pro) / 2)
    assert mean["caught"] == known.limit.caught


def test_what_cannot_be_read_is_skipped_and_named(tmp_path):
    folder = make_class(tmp_path / "data" / "cap")
    (folder / "test" / "good" / "001.png").write_bytes(b"no picture")
    write_image(folder / "test" / "spot" / "001.png", np.zeros((4, 4), np.uint8))
    data = opened(tmp_path / "data")
    evaluation = evaluate_data(BrightDetector(), data, ImageReader())
    (cap,) = evaluation.classes
    assert (cap.good, cap.bad) == (3, 2)
    assert [path.parent.name for path, _ in evaluation.skipped] == ["good", "spot"]
    assert "2 images" in evaluation.remark
    assert "4 x 4" in evaluation.skipped[1][1]
    with pytest.raises(DataError, match=r"001\.png"):
        evaluate_data(BrightDetector(), data, ImageReader(strict=True))
    (folder / "test" / "good" / "001.png").unlink()
    strict = EvaluationSettings(strict=True)
    with pytest.raises(DataError, match="4 x 4"):
        evaluate_data(BrightDetector(), opened(tmp_path / "data"), ImageReader(True), strict)


def test_nothing_to_measure_is_a_sentence(tmp_path):
    folder = make_class(tmp_path / "data" / "cap")
    for path in folder.glob("test/*/*.png"):
        path.write_bytes(b"")
    with pytest.raises(DataError, match="None of the 7 test images"):
        evaluate_data(BrightDetector(), opened(tmp_path / "data"), ImageReader())
    make_class(tmp_path / "bare" / "cap", good=(), bad=())
    with pytest.raises(DataError, match="no test images"):
        evaluate_data(BrightDetector(), opened(tmp_path / "bare"), ImageReader())


def test_an_empty_mask_says_nothing(tmp_path):
    folder = make_class(tmp_path / "data" / "cap")
    write_image(folder / "ground_truth" / "spot" / "000_mask.png", np.zeros((32, 32), np.uint8))
    evaluation = evaluate_data(BrightDetector(), opened(tmp_path / "data"), ImageReader())
    assert evaluation.classes[0].unmasked == 1


def test_pixels_at_the_input_and_at_the_image(tmp_path):
    folder = make_class(tmp_path / "data" / "cap", good=(20,), bad=())
    add_part(folder, 0, "spot", 200)
    mask = np.zeros((32, 32), np.uint8)
    mask[8:16, 4:12] = 255
    mask[24, 24] = 1  # between the pixels of the map, and nothing to be seen in the image
    write_image(folder / "ground_truth" / "spot" / "000_mask.png", mask)
    data = opened(tmp_path / "data")
    at_input = evaluate_data(
        BrightDetector(), data, ImageReader(), EvaluationSettings(at_input_size=True)
    )
    assert at_input.classes[0].pixel.f1_max == at_input.classes[0].pixel.au_pro == 1.0
    at_image = evaluate_data(BrightDetector(), data, ImageReader())
    assert at_image.classes[0].pixel.f1_max == pytest.approx(2 * 64 / (64 + 65))
    assert 0.5 < at_image.classes[0].pixel.au_pro < 0.7  # one of two regions is found
    assert at_input.at_input_size and not at_image.at_input_size


def test_maps_are_enlarged_as_in_the_network():
    coarse = np.arange(12, dtype=np.float32).reshape(3, 4)
    fine = map_at(coarse, (9, 13))
    assert fine.shape == (9, 13)
    assert fine[0, 0] == 0 and fine[-1, -1] == 11  # corners stay where they are
    assert fine[4, 6] == pytest.approx(5.5)
    expected = torch.nn.functional.interpolate(
        torch.from_numpy(coarse)[None, None], size=(9, 13), mode="bilinear", align_corners=True
    )
    np.testing.assert_array_equal(fine, expected[0, 0].numpy())
    assert map_at(coarse, (3, 4)) is coarse
    mask = np.zeros((9, 9), dtype=bool)
    mask[4, 4] = True
    assert nearest_mask(mask, (3, 3)).sum() == 1


def test_being_asked_to_end_leaves_no_thread(tmp_path):
    make_class(tmp_path / "data" / "cap")
    before = threading.active_count()
    calls = []

    def check():
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate_data(
            BrightDetector(),
            opened(tmp_path / "data"),
            ImageReader(),
            EvaluationSettings(batch=2),
            check=check,
        )
    assert threading.active_count() == before


def test_products_are_known_by_title_or_by_name():
    products = BrightDetector(cap=1.0, **{"hex-nut": 1.0}).products
    assert known_product("cap", products) == "cap"
    assert known_product("Hex nut", products) == "hex-nut"
    assert known_product("The cap", products) == "cap"
    assert known_product("bolt", products) is None


def test_the_detector_of_the_line_is_what_is_measured(tmp_path):
    make_class(tmp_path / "data" / "flange")
    make_class(tmp_path / "data" / "bolt")
    detector = Detector(open_package(make_tiny_package(tmp_path / "models")), "cpu")
    data, reader = opened(tmp_path / "data"), ImageReader()
    evaluation = evaluate_data(detector, data, reader, EvaluationSettings(batch=4))
    assert [one.product for one in evaluation.classes] == ["bolt", "flange"]
    assert evaluation.classes[0].limit is None
    assert evaluation.classes[1].limit is not None
    for one in evaluation.scores[:3]:
        alone = detector.predict(reader.read(one.sample)).image_score
        assert one.score == pytest.approx(alone, rel=1e-4)


def with_entry(package, **changes):
    """The package with its product `flange` changed."""
    products = dict(package.manifest.products)
    products["flange"] = products["flange"].model_copy(update=changes)
    return replace(package, manifest=package.manifest.model_copy(update={"products": products}))


def test_a_product_with_tiles_is_measured_in_full_frames(tmp_path):
    make_class(tmp_path / "data" / "flange")
    layout = Layout((RegionOfInterest(box=Box(0, 4, 28, 24), rows=1, columns=2),))
    package = with_entry(open_package(make_tiny_package(tmp_path / "models")), layout=layout)
    detector = Detector(package, "cpu")
    data, reader = opened(tmp_path / "data"), ImageReader()
    sizes = []
    settings = EvaluationSettings(batch=4)
    evaluation = evaluate_data(detector, data, reader, settings, done=sizes.append)
    assert sizes == [2, 2, 2, 1]  # tiles of two images make a batch of four
    (flange,) = evaluation.classes
    assert flange.pixel is not None and flange.limit is not None
    assert any("outside of its regions" in note for note in flange.notes)
    for one in evaluation.scores[:2]:
        prediction = detector.predict(reader.read(one.sample), "flange")
        assert one.score == pytest.approx(prediction.image_score, rel=1e-4)
        assert prediction.anomaly_map.shape == (32, 32)
    at_map = EvaluationSettings(at_input_size=True)
    assert evaluate_data(detector, data, reader, at_map).classes[0].pixel is not None


def test_frames_that_a_product_was_not_taught_with_are_named(tmp_path):
    folder = make_class(tmp_path / "data" / "flange")
    write_image(folder / "test" / "good" / "001.png", np.zeros((32, 33), np.uint8))
    package = open_package(make_tiny_package(tmp_path / "models"))
    data = opened(tmp_path / "data")
    fixed = Detector(with_entry(package, frame=FrameExpectation(32, 32)), "cpu")
    with pytest.raises(DetectorError, match=r"001\.png: The frame has 33 x 32 pixels"):
        evaluate_data(fixed, data, ImageReader())
    free = Detector(with_entry(package, frame=FrameExpectation(colour=False)), "cpu")
    assert len(evaluate_data(free, data, ImageReader()).scores) == 7
