import numpy as np
import pytest
import torch

from tests.helpers import make_tiny_package
from uniad_desktop.engine.agreement import Agreement, compare, expect
from uniad_desktop.engine.detector import load_model
from uniad_desktop.engine.package import open_package, write_package
from uniad_desktop.engine.preprocess import View
from uniad_desktop.engine.runtimes.base import Output
from uniad_desktop.engine.runtimes.eager import EagerRuntime
from uniad_desktop.engine.sample import kept_sample, sample_of


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    return open_package(make_tiny_package(tmp_path_factory.mktemp("models")))


@pytest.fixture(scope="module")
def reference(package):
    return EagerRuntime(load_model(package), torch.device("cpu"))


class Shifted:
    """The reference with something added to scores and maps."""

    label = "shifted"
    remarks = ()

    def __init__(self, inner, score=0.0, at_one_pixel=0.0, only_last=False):
        self._inner, self._score, self._pixel = inner, score, at_one_pixel
        self._only_last = only_last

    def run(self, views):
        output = self._inner.run(views)
        scores, maps = output.scores.copy(), output.maps.copy()
        scores[-1 if self._only_last else slice(None)] += np.float32(self._score)
        maps[0, 3, 4] += np.float32(self._pixel)
        return Output(maps, scores, 0.0, 0.0)


SPREAD = 0.5


def products(package, median=1e6):
    """The package's products with a spread, and a median that no picture's score reaches."""
    return {
        key: entry.model_copy(
            update={
                "calibration": entry.calibration.model_copy(
                    update={"deviation": SPREAD, "median": median}
                )
            }
        )
        for key, entry in package.manifest.products.items()
    }


@pytest.mark.parametrize(
    ("share", "passes"), [(0.0, True), (0.2, True), (0.26, False), (-0.26, False), (9.0, False)]
)
def test_scores_are_held_against_the_spread_of_normal_ones(package, reference, share, passes):
    shifted = Shifted(reference, score=share * SPREAD)
    result = compare(shifted, expect(reference, sample_of(package)), products(package))
    assert result.passed is passes
    assert result.score_difference == pytest.approx(abs(share), abs=1e-3)
    assert result.map_difference == 0.0 and not result.spread_assumed
    assert ("does NOT agree" in result.sentence()) is not passes


@pytest.mark.parametrize(("share", "passes"), [(0.9, True), (1.1, False)])
def test_a_single_pixel_is_enough_to_fail(package, reference, share, passes):
    shifted = Shifted(reference, at_one_pixel=share * SPREAD)
    result = compare(shifted, expect(reference, sample_of(package)), products(package))
    assert result.passed is passes
    assert result.map_difference == pytest.approx(share, abs=0.01)


def test_of_a_score_far_above_the_normal_ones_as_much_more_is_allowed(package, reference):
    sample = sample_of(package)
    lowest = min(float(reference.run([one]).scores[0]) for one in _views(sample))
    own = products(package, median=lowest / 10)
    shifted = Shifted(reference, score=0.25 * SPREAD * 10)
    assert compare(shifted, expect(reference, sample), own).score_difference <= 0.2501


def _views(sample):
    pictures = np.concatenate((sample.normal, sample.marked))
    return [View(np.ascontiguousarray(one.transpose(1, 2, 0))) for one in pictures]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_never_passes_and_can_be_stored(package, reference, value):
    for shifted in (
        Shifted(reference, score=value, only_last=True),
        Shifted(reference, at_one_pixel=value),
    ):
        result = compare(shifted, expect(reference, sample_of(package)), package.manifest.products)
        assert not result.passed
        assert not Agreement.model_validate_json(result.model_dump_json()).passed


def test_without_a_known_spread_a_tenth_of_the_score_stands_in_and_that_is_said(package, reference):
    result = compare(Shifted(reference), expect(reference, sample_of(package)), {})
    assert result.spread_assumed and result.passed
    assert "a tenth of the median score" in result.sentence()


def test_a_package_s_own_pictures_come_first_then_previews_then_generated_ones(package, tmp_path):
    assert sample_of(package).origin == "previews of the package"
    config = package.manifest.architecture
    size = config.input_height, config.input_width
    rng = np.random.default_rng(0)
    pictures = {
        key: [View(rng.integers(0, 256, (90, 120, 3)).astype(np.uint8)) for _ in range(20)]
        for key in ("label", "board")
    }
    kept = write_package(
        tmp_path,
        name="kept",
        version="0.0.1",
        architecture=config,
        weights=package.weights(),
        products=package.manifest.products,
        backbone_source="test",
        backbone_licence="test",
        sample=kept_sample(pictures, size),
    )
    sample = sample_of(kept)
    assert sample.origin == "pictures kept in the package"
    assert sample.products == ("board",) * 8 + ("label",) * 8
    assert sample.normal.shape == sample.marked.shape == (16, 3, *size)
    assert all((a != b).any() for a, b in zip(sample.normal, sample.marked, strict=True))
    bare = write_package(
        tmp_path,
        name="bare",
        version="0.0.1",
        architecture=config,
        weights=package.weights(),
        products={},
        backbone_source="test",
        backbone_licence="test",
    )
    generated = sample_of(bare)
    assert "generated" in generated.origin and set(generated.products) == {""}
    assert np.array_equal(generated.normal, sample_of(bare).normal)
    assert len(np.unique(generated.normal.reshape(len(generated.normal), -1), axis=0)) == 8
