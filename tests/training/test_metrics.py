import numpy as np
import pytest

from uniad_desktop.training.metrics import auroc, pixel_auroc


def brute_force(labels, scores):
    good, bad = scores[~labels], scores[labels]
    wins = (bad[:, None] > good[None]).sum() + 0.5 * (bad[:, None] == good[None]).sum()
    return wins / (len(good) * len(bad))


@pytest.mark.parametrize("levels", [2, 5, 1000])
def test_auroc_equals_counting_every_pair(levels):
    rng = np.random.default_rng(levels)
    labels = rng.random(200) < 0.3
    scores = rng.integers(0, levels, 200) + labels * levels // 4
    assert auroc(labels, scores) == pytest.approx(brute_force(labels, scores), abs=1e-12)


def test_auroc_of_clear_cases():
    assert auroc([0, 0, 1, 1], [1, 2, 3, 4]) == 1.0
    assert auroc([1, 1, 0, 0], [1, 2, 3, 4]) == 0.0
    assert auroc([0, 1, 0, 1], [7, 7, 7, 7]) == 0.5


@pytest.mark.parametrize(
    ("labels", "scores", "words"),
    [
        ([0, 0], [1, 2], "missing"),
        ([1, 1], [1, 2], "missing"),
        ([0, 1, 1], [1, 2], "do not fit"),
        ([0, 1], [1, float("nan")], "NaN"),
    ],
)
def test_auroc_refuses_what_means_nothing(labels, scores, words):
    with pytest.raises(ValueError, match=words):
        auroc(labels, scores)


def test_pixel_auroc_is_close_to_the_exact_one():
    rng = np.random.default_rng(0)
    masks = [rng.random((40, 30)) < 0.1 for _ in range(6)]
    maps = [(rng.gamma(2.0, 3.0, m.shape) + 4.0 * m).astype(np.float32) for m in masks]
    exact = auroc(np.stack(masks), np.stack(maps))
    assert pixel_auroc(zip(masks, maps, strict=True)) == pytest.approx(exact, abs=2e-3)
    fine = pixel_auroc(zip(masks, maps, strict=True), bins=1 << 22)
    assert fine == pytest.approx(exact, abs=1e-4)


def test_pixel_auroc_refuses_bad_maps():
    mask = np.eye(4, dtype=bool)
    with pytest.raises(ValueError, match="shape"):
        pixel_auroc([(mask, np.zeros((4, 5), np.float32))])
    with pytest.raises(ValueError, match="NaN"):
        pixel_auroc([(mask, np.full((4, 4), np.nan, np.float32))])
    with pytest.raises(ValueError, match="missing"):
        pixel_auroc([(~mask & mask, np.ones((4, 4), np.float32))])
