import numpy as np
import pytest
import torch

from tests.helpers import make_tiny_package, tiny_config
from uniad_desktop.engine.detector import Detector, DetectorError
from uniad_desktop.engine.expectation import FrameExpectation
from uniad_desktop.engine.layout import Box, Layout, RegionOfInterest
from uniad_desktop.engine.package import open_package
from uniad_desktop.engine.prediction import ModelIdentity, Prediction
from uniad_desktop.training.calibration import CalibrationError
from uniad_desktop.training.evaluate import GOOD, TestPart, evaluate_product, mask_at, table
from uniad_desktop.training.package_build import (
    PackageNaming,
    ProductData,
    build_package,
    calibrate,
)
from uniad_desktop.training.seen_frames import SeenFrames
from uniad_desktop.uniad.config import VisualisationConfig
from uniad_desktop.uniad.model import UniAD
from uniad_desktop.uniad.visualisation import VisualisationDecoder


def bright_square(kind, value, size=8):
    """A part whose 'anomaly' is its own brightness, as `predict_brightness` sees it."""
    image = np.full((64, 64), 20, np.uint8)
    mask = np.zeros((64, 64), np.uint8)
    if kind != GOOD:
        image[8 : 8 + size, 8 : 8 + size] = value
        mask[8 : 8 + size, 8 : 8 + size] = 1
    return TestPart(image, mask, kind)


def predict_brightness(images):
    model = ModelIdentity("fake", "0.0.0", "0" * 64)
    return [Prediction(i.astype(np.float32), float(i.max()), model, "fake") for i in images]


def test_figures_of_a_detector_that_sees_brightness_only():
    parts = [bright_square(GOOD, 0) for _ in range(5)]
    parts += [bright_square("spot", 200) for _ in range(3)]
    parts += [bright_square("shade", 5), bright_square("glow", 30)]
    figures = evaluate_product(predict_brightness, iter(parts), reject=100.0, batch=4)
    assert (figures.good, figures.bad) == (5, 5)
    assert figures.kinds["spot"].caught == 1.0
    assert figures.kinds["spot"].image_auroc == 1.0
    assert figures.kinds["glow"].caught == 0.0
    assert figures.kinds["glow"].image_auroc == 1.0
    assert figures.kinds["shade"].image_auroc == 0.5  # its maximum is that of a good part
    assert figures.caught == pytest.approx(0.6)
    assert figures.false_rejects == 0.0
    assert figures.image_auroc == pytest.approx(0.9)
    assert 0.75 < figures.pixel_auroc < 0.85
    assert figures.as_json()["kinds"]["spot"] == {"parts": 3, "image_auroc": 1.0, "caught": 1.0}
    text = table({"board": figures})
    assert "spot" in text and "60.0%" in text


def test_figures_need_both_kinds_of_parts():
    with pytest.raises(ValueError, match="missing"):
        evaluate_product(predict_brightness, [bright_square(GOOD, 0)], reject=1.0)


def test_masks_shrink_by_majority():
    mask = np.zeros((40, 40), np.uint8)
    mask[:10, :10] = 255
    mask[20:22, 20:22] = 255
    small = mask_at(mask, (8, 8))
    assert small.dtype == bool
    assert int(small.sum()) == 4
    assert small[:2, :2].all()


@pytest.fixture(scope="module")
def detector(tmp_path_factory):
    return Detector(open_package(make_tiny_package(tmp_path_factory.mktemp("m"))), device="cpu")


def test_calibration_takes_the_scores_of_the_detector_itself(detector):
    rng = np.random.default_rng(0)
    frames = [rng.integers(60, 200, (48, 64, 3)).astype(np.uint8) for _ in range(9)]
    entry = calibrate(detector, {"en": "Part"}, iter(frames), 0.25)
    scores = sorted(prediction.image_score for prediction in detector.predict_batch(frames))
    assert entry.reject == pytest.approx(scores[7], rel=1e-4)  # ceil(10 * 0.75) = 8th
    assert entry.accept == entry.reject
    assert entry.map_range == (0.0, 2.0 * entry.reject)
    assert entry.calibration.parts == 9
    assert entry.calibration.note == ""
    few = calibrate(detector, {"en": "Part"}, iter(frames), 0.01)
    assert "90 more are needed" in few.calibration.note


def test_a_note_of_the_caller_stands_before_that_of_the_limit(detector):
    frames = [np.full((48, 64, 3), 90, np.uint8)]
    entry = calibrate(detector, {"en": "Part"}, iter(frames), 0.01, "Too low.")
    assert entry.calibration.note.startswith("Too low. 1 normal part is too few")


def test_a_package_needs_no_test_parts_and_keeps_the_decoder(tmp_path):
    torch.manual_seed(0)
    model = UniAD(tiny_config()).eval()
    image = np.full((48, 64), 90, np.uint8)
    config = VisualisationConfig(width=16)
    decoder = VisualisationDecoder(config, 24, model.config.grid, (64, 80))
    built = build_package(
        tmp_path,
        PackageNaming("some", "1.0.0", "Some", "random", "Apache-2.0"),
        model,
        {"cap": ProductData({"en": "Cap"}, iter([image]), image)},
        false_reject_rate=0.1,
        training={"who": "a test"},
        visualisation=(config, decoder.state_dict()),
    )
    manifest = built.package.manifest
    assert built.figures == {} and "figures" not in manifest.training
    assert manifest.training["who"] == "a test"
    assert manifest.visualisation == config
    assert set(built.package.visualisation_weights()) == set(decoder.state_dict())
    assert built.package.preview("cap") is not None


def test_calibration_without_parts_is_refused(detector):
    with pytest.raises(CalibrationError, match="there is none"):
        calibrate(detector, {"en": "Part"}, iter(()), 0.01)


def build(folder, **data):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = UniAD(tiny_config()).eval()
    return build_package(
        folder,
        PackageNaming("some", "1.0.0", "Some", "random", "Apache-2.0"),
        model,
        {"cap": ProductData(titles={"en": "Cap"}, preview=noisy(1)[0], **data)},
        false_reject_rate=0.1,
        training={},
    )


def noisy(count, height=60, width=90, seed=0):
    shape = (count, height, width, 3)
    return list(np.random.default_rng(seed).integers(0, 256, shape, np.uint8))


def test_limits_are_those_of_the_tiles_and_the_layout_is_kept(tmp_path):
    layout = Layout((RegionOfInterest(box=Box(10, 5, 60, 50), rows=1, columns=2),), 0.1)
    frames = noisy(4)
    test = [TestPart(one, np.zeros((60, 90), np.uint8), GOOD) for one in noisy(2, seed=1)]
    test[1].mask[20:40, 30:50] = 1
    test[1] = TestPart(test[1].image, test[1].mask, "spot")
    built = build(
        tmp_path,
        calibration=iter(frames),
        layout=layout,
        least_area=9.0,
        sample=iter(frames),
        test=iter(test),
    )
    entry = built.package.manifest.products["cap"]
    assert (entry.layout, entry.least_area) == (layout, 9.0)
    detector = Detector(built.package, "cpu")
    tiles = [frame[5:55, x : x + 32] for frame in frames for x in (10, 38)]
    scores = [one.image_score for one in detector.predict_batch(tiles)]
    assert entry.calibration.largest == pytest.approx(max(scores), rel=1e-4)
    assert entry.calibration.parts == 4
    assert built.figures["cap"].bad == 1
    # Tiles of the four frames, one of each first.
    kept = built.package.sample()["cap"]
    assert kept.shape == (8, 3, 64, 80)
    assert (
        build(tmp_path / "again", calibration=iter(frames), layout=layout, sample=iter(frames))
        .package.sample()["cap"]
        .equal(kept)
    )


@pytest.mark.parametrize(
    ("frames", "sizes", "expected"),
    [
        (noisy(2), (), FrameExpectation(90, 60, True)),
        ([one[..., 0] for one in noisy(2)], ((90, 60),), FrameExpectation(90, 60, False)),
        ([noisy(1)[0], noisy(1)[0][..., 0]], (), FrameExpectation(90, 60)),
        ([noisy(1)[0], noisy(1)[0][:50]], (), FrameExpectation(colour=True)),
        (noisy(2), ((90, 61),), FrameExpectation(colour=True)),
        ([noisy(1)[0], noisy(1)[0][:50, :, 0]], (), None),
        ([], (), None),
    ],
)
def test_what_frames_have_in_common_is_expected(frames, sizes, expected):
    seen = SeenFrames(sizes)
    assert [one is other for one, other in zip(seen.watch(frames), frames, strict=True)].count(
        True
    ) == len(frames)
    assert seen.expectation() == expected


def test_a_product_expects_the_frames_that_it_was_taught_with(tmp_path):
    strict = build(tmp_path, calibration=iter(noisy(3)))
    assert strict.package.sample() == {}
    detector = Detector(strict.package, "cpu")
    detector.predict(noisy(1)[0], "cap")
    with pytest.raises(DetectorError, match="90 x 60"):
        detector.predict(noisy(1)[0][:50], "cap")
    told = FrameExpectation(colour=True)
    free = build(tmp_path / "free", calibration=iter(noisy(3)), frame=told).package
    assert free.manifest.products["cap"].frame == told
    mixed = build(tmp_path / "mixed", calibration=iter(noisy(3)), sample=noisy(1, 50)).package
    assert mixed.manifest.products["cap"].frame == told
