"""The detector with regions, tiles and what a product expects of its frames."""

import numpy as np
import pytest

from tests.helpers import make_tiny_package
from uniad_desktop.engine import Detector
from uniad_desktop.engine.agreement import MAP_TOLERANCE, SCORE_TOLERANCE
from uniad_desktop.engine.detector import DetectorError
from uniad_desktop.engine.expectation import FrameExpectation
from uniad_desktop.engine.layout import Box, Layout, RegionOfInterest, tiles_of
from uniad_desktop.engine.map_making import score_inside
from uniad_desktop.engine.package import open_package, write_package
from uniad_desktop.engine.runtimes.base import RuntimeFailedError

HEIGHT, WIDTH = 64, 80


def detector_with(tmp_path, **changes):
    """A detector whose product ``flange`` has other values."""
    tiny = open_package(make_tiny_package(tmp_path / "base"))
    manifest = tiny.manifest
    products = dict(manifest.products)
    products["flange"] = products["flange"].model_copy(update=changes)
    package = write_package(
        tmp_path / "models",
        name="laid",
        version="0.0.1",
        architecture=manifest.architecture,
        weights=tiny.weights(),
        products=products,
        backbone_source="test",
        backbone_licence="test",
    )
    return Detector(open_package(package.folder), "cpu")


def frame(height=200, width=300, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (height, width, 3)).astype(np.uint8)


def test_each_tile_gives_what_its_part_of_the_frame_alone_would(tmp_path):
    layout = Layout((RegionOfInterest(rows=2, columns=3, overlap=0.1),))
    detector = detector_with(tmp_path, layout=layout)
    image = frame()
    prediction = detector.predict(image, "flange")
    parts = []
    for tile in tiles_of(layout, 300, 200):
        box = tile.box
        parts.append(image[box.y : box.bottom, box.x : box.right])
    alone = detector.predict_batch(parts)
    assert prediction.image_score == pytest.approx(max(p.image_score for p in alone), rel=1e-5)
    assert prediction.inspected is None
    assert prediction.anomaly_map.shape[1] > WIDTH * 2
    # The middle of the first tile is seen by it alone.
    middle = prediction.anomaly_map[HEIGHT // 2, WIDTH // 2]
    assert middle == pytest.approx(alone[0].anomaly_map[HEIGHT // 2, WIDTH // 2], rel=0.1)


def test_without_a_product_or_with_another_the_whole_frame_is_one_tile(tmp_path):
    layout = Layout((RegionOfInterest(rows=2, columns=2),))
    detector = detector_with(tmp_path, layout=layout)
    for product in (None, "label", "unheard-of"):
        assert detector.predict(frame(), product).anomaly_map.shape == (HEIGHT, WIDTH)


def test_outside_the_regions_nothing_was_inspected_and_that_is_told(tmp_path):
    layout = Layout((RegionOfInterest(box=Box(100, 50, 80, 64)),))
    detector = detector_with(tmp_path, layout=layout)
    image = frame()
    prediction = detector.predict(image, "flange")
    assert prediction.inspected is not None and not prediction.inspected.all()
    assert (prediction.anomaly_map[~prediction.inspected] == 0).all()
    elsewhere = image.copy()
    elsewhere[:40] = 0
    again = detector.predict(elsewhere, "flange")
    assert again.image_score == pytest.approx(prediction.image_score, rel=1e-6)


def test_a_polygon_keeps_what_lies_outside_from_counting(tmp_path):
    whole = detector_with(tmp_path / "a", layout=Layout((RegionOfInterest(),)))
    corner = RegionOfInterest(polygon=((0, 0), (60, 0), (60, 60), (0, 60)))
    inside = detector_with(tmp_path / "b", layout=Layout((corner,)))
    image = np.full((200, 300, 3), 128, np.uint8)
    image[120:180, 200:280] = frame(60, 80)
    expected = whole.predict(image, "flange")
    actual = inside.predict(image, "flange")
    config = inside._config
    score = score_inside(expected.anomaly_map, actual.inspected, config)
    assert actual.image_score == pytest.approx(score, rel=1e-5)
    assert actual.image_score != pytest.approx(expected.image_score, rel=1e-3)
    np.testing.assert_allclose(
        actual.anomaly_map[actual.inspected], expected.anomaly_map[actual.inspected], rtol=1e-5
    )


def test_tiles_of_several_frames_are_not_mixed_up(tmp_path):
    layout = Layout((RegionOfInterest(rows=2, columns=2),))
    detector = detector_with(tmp_path, layout=layout)
    frames = [frame(seed=seed) for seed in range(3)]
    together = detector.predict_batch(frames, "flange")
    for one, expected in zip(frames, together, strict=True):
        alone = detector.predict(one, "flange")
        assert alone.image_score == pytest.approx(expected.image_score, rel=1e-4)
        np.testing.assert_allclose(alone.anomaly_map, expected.anomaly_map, rtol=1e-3, atol=1e-3)


def test_frames_that_the_product_does_not_expect_are_errors_with_a_way_out(tmp_path):
    expected = FrameExpectation(width=300, height=200, colour=True)
    detector = detector_with(tmp_path, frame=expected)
    assert detector.predict(frame(), "flange").image_score > 0
    with pytest.raises(DetectorError, match="200 x 100 pixels"):
        detector.predict(frame(100, 200), "flange")
    with pytest.raises(DetectorError, match="PixelFormat"):
        detector.predict(frame()[..., 0], "flange")


def test_a_region_that_leaves_the_frame_is_an_error(tmp_path):
    layout = Layout((RegionOfInterest(name="bore", box=Box(250, 0, 100, 100)),))
    detector = detector_with(tmp_path, layout=layout)
    with pytest.raises(DetectorError, match="bore"):
        detector.predict(frame(), "flange")


def test_warming_up_runs_every_number_of_tiles(tmp_path):
    layout = Layout((RegionOfInterest(rows=2, columns=3),))
    detector = detector_with(tmp_path, layout=layout)
    seen = []
    run = detector._runtime.run
    detector._runtime.run = lambda views: seen.append(len(views)) or run(views)
    detector.warm_up(runs=1)
    assert sorted(seen) == [1, 6]


def test_a_runtime_that_fails_gives_an_error_never_an_old_result(tmp_path):
    detector = detector_with(tmp_path)
    detector.predict(frame())

    def fail(views):
        raise RuntimeFailedError("The device is out of memory; close other programs.")

    detector._runtime.run = fail
    with pytest.raises(DetectorError, match="out of memory"):
        detector.predict(frame())


def test_frames_of_several_products_in_one_run_are_judged_as_each_alone(tmp_path):
    layout = Layout((RegionOfInterest(rows=2, columns=2, overlap=0.1),))
    detector = detector_with(tmp_path, layout=layout)
    products = ("label", "flange", None, "flange")
    frames = [frame(seed=0), frame(seed=1), frame(90, 120, seed=2), frame(260, 340, seed=3)]
    together = detector.predict_mixed(frames, products)
    spread = detector.products["flange"].calibration.deviation
    for one, product, mixed in zip(frames, products, together, strict=True):
        alone = detector.predict(one, product)
        assert alone.anomaly_map.shape == mixed.anomaly_map.shape
        assert abs(alone.image_score - mixed.image_score) <= SCORE_TOLERANCE * spread
        assert np.abs(alone.anomaly_map - mixed.anomaly_map).max() <= MAP_TOLERANCE * spread
    assert detector.predict_mixed([], []) == []
    with pytest.raises(ValueError, match="argument 2"):
        detector.predict_mixed(frames, products[:2])
    assert detector.frames_at_once(1) == 1 and detector.frames_at_once(2) in (1, 2)
