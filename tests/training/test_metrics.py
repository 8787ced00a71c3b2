import numpy as np
import pytest

from uniad_desktop.training.metrics import auroc, image_figures, pixel_auroc


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
    assert image_figures(labels, scores).auroc == auroc(labels, scores)


def test_auroc_of_clear_cases():
    assert auroc([0, 0, 1, 1], [1, 2, 3, 4]) == 1.0
    assert auroc([1, 1, 0, 0], [1, 2, 3, 4]) == 0.0
    assert auroc([0, 1, 0, 1], [7, 7, 7, 7]) == 0.5


@pytest.mark.parametrize("levels", [3, 1000])
def test_precision_and_f1_equal_trying_every_limit(levels):
    rng = np.random.default_rng(levels)
    labels = rng.random(80) < 0.4
    scores = rng.integers(0, levels, 80) + labels * levels // 3
    ap, f1, former = 0.0, [], 0.0
    for limit in np.unique(scores)[::-1]:
        hits, found = int((labels & (scores >= limit)).sum()), int((scores >= limit).sum())
        recall, precision = hits / labels.sum(), hits / found
        ap += (recall - former) * precision
        former = recall
        f1.append(2 * hits / (found + labels.sum()))
    figures = image_figures(labels, scores)
    assert figures.ap == pytest.approx(ap, abs=1e-12)
    assert figures.f1_max == pytest.approx(max(f1), abs=1e-12)


def test_image_figures_of_clear_cases():
    best = image_figures([0, 0, 1, 1], [1, 2, 3, 4])
    assert (best.auroc, best.ap, best.f1_max) == (1.0, 1.0, 1.0)
    # One limit only: everything is a defect.
    same = image_figures([0, 1, 0, 1], [7, 7, 7, 7])
    assert (same.auroc, same.ap) == (0.5, 0.5)
    assert same.f1_max == pytest.approx(2 / 3)


@pytest.mark.parametrize("figures", [auroc, image_figures])
@pytest.mark.parametrize(
    ("labels", "scores", "words"),
    [
        ([0, 0], [1, 2], "missing"),
        ([1, 1], [1, 2], "missing"),
        ([], [], "missing"),
        ([0, 1, 1], [1, 2], "do not fit"),
        ([0, 1], [1, float("nan")], "NaN"),
        ([0, 1], [1, float("inf")], "NaN"),
    ],
)
def test_what_means_nothing_is_refused(figures, labels, scores, words):
    with pytest.raises(ValueError, match=words):
        figures(labels, scores)


def test_pixel_auroc_is_close_to_the_exact_one():
    rng = np.random.default_rng(0)
    masks = [rng.random((40, 30)) < 0.1 for _ in range(6)]
    maps = [(rng.gamma(2.0, 3.0, m.shape) + 4.0 * m).astype(np.float32) for m in masks]
    exact = auroc(np.stack(masks), np.stack(maps))
    assert pixel_auroc(zip(masks, maps, strict=True), bins=1 << 16) == pytest.approx(
        exact, abs=2e-3
    )
    assert pixel_auroc(zip(masks, maps, strict=True)) == pytest.approx(exact, abs=1e-4)


def test_pixel_auroc_refuses_bad_maps():
    mask = np.eye(4, dtype=bool)
    with pytest.raises(ValueError, match="shape"):
        pixel_auroc([(mask, np.zeros((4, 5), np.float32))])
    with pytest.raises(ValueError, match="NaN"):
        pixel_auroc([(mask, np.full((4, 4), np.nan, np.float32))])
    with pytest.raises(ValueError, match="missing"):
        pixel_auroc([(~mask & mask, np.ones((4, 4), np.float32))])
