import cv2
import numpy as np
import pytest
import torch

from tests.helpers import make_tiny_package
from tests.teaching.parts import ORIGIN, part_image
from uniad_desktop.engine.detector import Detector
from uniad_desktop.engine.layout import Box, Layout, RegionOfInterest
from uniad_desktop.engine.package import open_package
from uniad_desktop.teaching.checks import (
    CheckContext,
    Findings,
    Reason,
    check_brightness,
    check_duplicate,
    check_exposure,
    check_focus,
    check_outlier,
    check_score,
    check_size,
    examine,
    expectation_of,
    neighbour_distances,
)
from uniad_desktop.teaching.collection import PartCollection, State
from uniad_desktop.teaching.examiner import FrameExaminer
from uniad_desktop.teaching.feature_probe import FeatureProbe, PooledFeatures, ProbeError
from uniad_desktop.teaching.products import ProductStore

LEFT = Layout((RegionOfInterest("left", Box(0, 0, 40, 60), 2, 1),))


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    return open_package(make_tiny_package(tmp_path_factory.mktemp("models")))


@pytest.fixture(scope="module")
def probe(package):
    return FeatureProbe(package, threads=1)


def grey(image):
    return cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)


def reasons(finding):
    return None if finding is None else finding.reason


def test_a_blurred_frame_is_told_whatever_the_light():
    accepted = [check_focus(grey(part_image(seed)), ())[0] for seed in range(8)]
    for seed in range(8, 14):
        for light in (0.6, 1.0, 1.2):
            assert check_focus(grey(part_image(seed, light)), accepted)[1] is None
        blurred = cv2.GaussianBlur(part_image(seed), (0, 0), 2.0)
        figure, finding = check_focus(grey(blurred), accepted)
        assert figure < min(accepted) and finding.reason is Reason.FOCUS
        assert "less sharp" in finding.sentence
    sharper = grey(part_image(3)).copy()
    sharper[::2] = 0
    assert "more sharp" in check_focus(sharper, accepted)[1].sentence
    assert check_focus(grey(blurred), accepted[:4])[1] is None  # too few to compare with


def test_a_flat_frame_shows_nothing():
    assert check_focus(np.full((60, 80), 90, np.uint8), ())[1].reason is Reason.FOCUS


def test_exposure():
    image = part_image(1)
    assert check_exposure(image, ()) == (0.0, None)
    bright = image.copy()
    bright[:40] = 255
    share, finding = check_exposure(bright, ())
    assert share == pytest.approx(2 / 3) and finding.reason is Reason.EXPOSURE
    assert check_exposure(bright, [0.65] * 5)[1] is None  # a lit background is usual here
    bright[40:44] = 255
    assert check_exposure(bright, [0.65] * 5)[1].reason is Reason.EXPOSURE
    one_channel = image.copy()
    one_channel[..., 1] = 255
    assert check_exposure(one_channel, ())[0] == 1.0
    assert check_exposure(np.full((60, 80), 255, np.uint8), ())[0] == 1.0


def test_brightness():
    accepted = [100.0, 101.0, 99.0, 100.0, 102.0]
    for level, word in ((100, None), (108, None), (85, "darker"), (120, "brighter")):
        _, finding = check_brightness(np.full((9, 9), level, np.uint8), accepted)
        assert (finding is None) == (word is None)
        assert word is None or word in finding.sentence
    varied = [80.0, 90.0, 100.0, 110.0, 120.0]  # the line's own light varies: more is allowed
    assert check_brightness(np.full((9, 9), 120, np.uint8), varied)[1] is None
    assert check_brightness(np.zeros((9, 9), np.uint8), ())[1].reason is Reason.EXPOSURE


def test_size_and_colour():
    frame = expectation_of(part_image(1))
    assert check_size(part_image(2), frame) is None
    assert "grey" in check_size(part_image(2)[..., 0], frame).sentence
    small = check_size(part_image(2)[:50], frame)
    assert small.reason is Reason.MISMATCH and "80 x 50" in small.sentence


def test_near_duplicates_and_outliers():
    rng = np.random.default_rng(0)
    accepted = rng.normal(0, 1, (12, 40)).astype(np.float32)
    fresh = rng.normal(0, 1, 40).astype(np.float32)
    typical = float(np.median(neighbour_distances(accepted)))
    assert check_duplicate(fresh, accepted)[1] is None
    assert check_outlier(fresh, accepted)[1] is None
    near, finding = check_duplicate(accepted[3] + 0.05, accepted)
    assert near == pytest.approx(0.05, rel=1e-3) and near < typical / 4
    assert finding.reason is Reason.NEAR_DUPLICATE
    assert check_duplicate(accepted[0], accepted[:1])[1].reason is Reason.NEAR_DUPLICATE
    assert check_duplicate(accepted[3] + 0.05, accepted[:4])[1] is None  # typical is not known yet
    assert check_outlier(fresh + 4.0, accepted)[1].reason is Reason.UNUSUAL
    assert check_outlier(fresh + 4.0, accepted[:5])[1] is None
    assert check_outlier(fresh, accepted[:0]) == (0.0, None)


def test_distances_keep_their_digits_far_from_zero():
    accepted = np.array([[1000.0, 1000.0], [1000.1, 1000.1], [1000.3, 1000.3]], np.float32)
    assert neighbour_distances(accepted) == pytest.approx([0.1, 0.1, 0.2], rel=1e-2)


def test_the_score_of_the_current_model():
    assert check_score(2.0, 2.0)[1] is None
    assert check_score(2.1, 2.0)[1].reason is Reason.UNUSUAL


def test_a_model_that_knows_the_product_stands_in_for_the_outlier_check():
    features = np.zeros((9, 4), np.float32) + np.arange(9, dtype=np.float32)[:, None]
    far = np.full(4, 99, np.float32)
    new = examine(part_image(1), far, None, CheckContext(features=features))
    known = examine(part_image(1), far, 1.0, CheckContext(features=features, limit=2.0))
    assert new.reasons == (Reason.UNUSUAL,) and known.reasons == ()
    assert known.figures["score"] == 1.0 and known.figures["nearest"] == 91.0
    above = examine(part_image(1), far, 3.0, CheckContext(features=features, limit=2.0))
    assert above.reasons == (Reason.UNUSUAL,) and not above.fit


def test_the_context_grows_with_what_is_accepted():
    context = CheckContext()
    for seed in range(3):
        found = examine(part_image(seed), np.full(4, seed, np.float32), None, context)
        context = context.with_part(part_image(seed), found)
    assert len(context.focus) == len(context.brightness) == len(context.saturated) == 3
    assert context.features.shape == (3, 4) and context.frame == expectation_of(part_image(0))
    assert context.with_part(part_image(0), Findings()).features.shape == (3, 4)


def test_pooled_features_are_the_mean_over_tiles(probe):
    image = part_image(1)
    whole = probe.pooled(image)
    assert whole.shape == (24,) and whole.dtype == np.float32
    upper = probe.pooled(image, Layout((RegionOfInterest("", Box(0, 0, 40, 30)),)))
    lower = probe.pooled(image, Layout((RegionOfInterest("", Box(0, 30, 40, 30)),)))
    both = probe.pooled(
        image,
        Layout((RegionOfInterest("", Box(0, 0, 40, 30)), RegionOfInterest("", Box(0, 30, 40, 30)))),
    )
    assert both == pytest.approx((upper + lower) / 2, abs=1e-4)
    assert len({probe.key(LEFT), probe.key(Layout())}) == 2
    with pytest.raises(ProbeError, match="left"):
        probe.pooled(image[:, :30], LEFT)
    with pytest.raises(ProbeError, match="8-bit"):
        probe.pooled(image.astype(np.float32))


def test_torch_threads_are_given_back(package):
    before = torch.get_num_threads()
    FeatureProbe(package, threads=before + 1).pooled(part_image(1))
    assert torch.get_num_threads() == before


def test_features_of_parts_are_computed_once(tmp_path, probe, monkeypatch):
    parts = PartCollection(tmp_path, "cap")
    for seed in range(3):
        parts.add(part_image(seed), ORIGIN, {}, Findings())
    pooled = PooledFeatures(parts, probe, Layout())
    rows = pooled.all_of(parts.parts())
    pooled.save()
    (file,) = (parts.folder.parent / "features").iterdir()
    monkeypatch.setattr(probe, "pooled", lambda *_: pytest.fail("computed again"))
    again = PooledFeatures(parts, probe, Layout())
    assert np.array_equal(again.all_of(parts.parts()), rows)
    again.save()
    monkeypatch.undo()
    file.write_bytes(file.read_bytes()[:50])
    assert np.array_equal(PooledFeatures(parts, probe, Layout()).all_of(parts.parts()), rows)
    assert pooled.all_of(()) is None
    parts.path(parts.parts()[0]).write_bytes(b"?")
    file.unlink()
    few = PooledFeatures(parts, probe, Layout()).all_of(parts.parts())
    assert np.array_equal(few, rows[1:])


@pytest.fixture
def product(tmp_path):
    return ProductStore(tmp_path).create("cap", {"en": "Cap"})


def test_the_examiner_sets_aside_what_is_doubtful(tmp_path, product, probe):
    parts = PartCollection(tmp_path, "cap")
    examiner = FrameExaminer(product, parts, probe)

    def take(image):
        found = examiner.examine(image)
        part = parts.add(image, ORIGIN, {}, found).part
        examiner.took(part, image, found)
        return found

    for seed in range(12):
        parts.accept(
            [parts.add(part_image(seed), ORIGIN, {}, examiner.examine(part_image(seed))).part.id]
        )
    examiner.refresh()
    assert len(examiner.context.features) == 12
    assert take(part_image(50)).reasons == ()
    blurred = cv2.GaussianBlur(part_image(51), (0, 0), 2.0)
    assert Reason.FOCUS in take(blurred).reasons
    assert Reason.BRIGHTNESS in take(part_image(52, 0.6)).reasons
    nearly = part_image(50).copy()
    nearly[0, 0] ^= 1
    assert take(nearly).reasons == (Reason.NEAR_DUPLICATE,)
    assert take(part_image(53)[:50].copy()).reasons == (Reason.MISMATCH,)
    assert Reason.UNUSUAL in take(255 - part_image(54)).reasons
    assert len(examiner.context.features) == 13
    examiner.save()
    again = FrameExaminer(product, PartCollection(tmp_path, "cap"), probe)
    assert len(again.context.focus) == parts.counts().accepted == 13
    assert parts.counts().doubtful == len(parts.parts(State.DOUBTFUL)) == 5


def test_what_cannot_be_checked_is_doubtful(tmp_path, probe):
    product = ProductStore(tmp_path).create("left", {"en": "Left"}, layout=LEFT)
    examiner = FrameExaminer(product, PartCollection(tmp_path, "left"), probe)
    found = examiner.examine(part_image(1)[:, :30].copy())
    assert found.reasons == (Reason.UNCHECKED,) and "does not fit" in found.doubts[0].sentence


def test_the_current_model_is_asked_only_with_its_own_regions(tmp_path, package, probe):
    store = ProductStore(tmp_path)
    detector = Detector(package, "cpu")
    plain = store.create("flange", {"en": "Flange"})
    examiner = FrameExaminer(plain, PartCollection(tmp_path, "flange"), probe, detector)
    found = examiner.examine(part_image(1))
    assert found.figures["score"] > 0
    limit = detector.products["flange"].reject
    assert (Reason.UNUSUAL in found.reasons) == (found.figures["score"] > limit)
    other = store.save(plain.changed(layout=LEFT))
    examiner = FrameExaminer(other, PartCollection(tmp_path, "flange"), probe, detector)
    assert "score" not in examiner.examine(part_image(1)).figures
