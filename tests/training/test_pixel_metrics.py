import numpy as np
import pytest
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score

from uniad_desktop.training import pixel_metrics
from uniad_desktop.training.pixel_metrics import Histogram, PixelCounter


def counted(masks, maps, **options):
    counter = PixelCounter(**options)
    for mask, anomaly_map in zip(masks, maps, strict=True):
        counter.add(mask, anomaly_map)
    return counter


def hand_made(step):
    """Four maps of 24 x 20 with six regions; values are multiples of `step`, or all differ."""
    rows, columns = np.mgrid[0:24, 0:20]
    masks = [np.zeros((24, 20), dtype=bool) for _ in range(4)]
    masks[1][3:9, 2:8] = masks[1][9:11, 8:10] = True  # touch at a corner: one region
    masks[2][2:4, 2:4] = masks[2][12:22, 6:18] = True
    masks[3][5, 5] = masks[3][5:20, 15] = masks[3][18:20, 3:6] = True
    maps = []
    for number, mask in enumerate(masks):
        value = (37 * rows + 101 * columns + 53 * number + rows * columns * 7) % 251
        value = value + (rows * 20 + columns + 480 * number) / 4096
        value = value + 180 * mask * (1 + columns % 3) / 3
        maps.append((np.floor(value / step) * step if step else value).astype(np.float32))
    return masks, maps


def test_au_pro_equals_a_published_implementation():
    # ADEval 1.1.0 from PyPI, auroc_aupr_aupro(maps, masks, nstrips=100_000)
    with_ties = counted(*hand_made(16.0))
    assert with_ties.regions == 6
    assert with_ties.figures().au_pro == pytest.approx(0.46454347180748545, abs=1e-8)
    assert with_ties.figures().auroc == pytest.approx(0.8217155932581761, abs=1e-12)
    # The same, and MVTec's own code for MVTec 3D-AD as ADEval carries it: calculate_au_pro(masks,
    # maps, 0.3, 2000), which reads the curve at the values of good pixels only.
    without = counted(*hand_made(0.0), bins=1 << 24).figures().au_pro
    assert without == pytest.approx(0.4666583902236768, abs=1e-5)
    assert without == pytest.approx(0.4669881242257251, abs=5e-4)
    assert counted(*hand_made(0.0)).figures().au_pro == pytest.approx(without, abs=5e-4)


def test_the_curve_is_cut_and_interpolated_at_its_limit():
    # Four good pixels and two regions of one pixel each. From the top: region, good, region and
    # good at once, two good: (0, 0) (0, 1/2) (1/4, 1/2) (1/2, 1) (1, 1).
    mask = np.array([[True, False, False, True, False, False]])
    anomaly_map = np.array([[9.0, 7.0, 5.0, 5.0, 1.0, 1.0]], np.float32)
    at_limit = 0.5 + 0.5 * (0.3 - 0.25) / 0.25
    area = 0.25 * 0.5 + 0.05 * (0.5 + at_limit) / 2
    assert counted([mask], [anomaly_map]).figures().au_pro == pytest.approx(area / 0.3)


def test_regions_weigh_the_same_whatever_their_area():
    mask = np.zeros((20, 20), dtype=bool)
    mask[0, 0] = True
    mask[10:20, 10:20] = True
    anomaly_map = np.where(mask, 0.0, 1.0).astype(np.float32)
    anomaly_map[0, 0] = 2.0
    # One pixel of 101 is found before any good one; it is half of the regions.
    assert counted([mask], [anomaly_map]).figures().au_pro == pytest.approx(0.5)


@pytest.mark.parametrize("levels", [4, 300, None])
def test_pixel_figures_equal_scikit_learn(levels):
    rng = np.random.default_rng(levels or 0)
    masks = [rng.random((31, 23)) < 0.1 for _ in range(5)]
    maps = [rng.gamma(3.0, 2.0, mask.shape) + 3.0 * mask for mask in masks]
    if levels:
        maps = [np.floor(one * levels / 10) for one in maps]
    maps = [one.astype(np.float32) for one in maps]
    figures = counted(masks, maps).figures()
    truth, values = np.stack(masks).ravel(), np.stack(maps).ravel()
    precision, recall, _ = precision_recall_curve(truth, values)
    near = 1e-12 if levels else 1e-3  # whole numbers have bins of their own
    assert figures.auroc == pytest.approx(roc_auc_score(truth, values), abs=near)
    assert figures.ap == pytest.approx(average_precision_score(truth, values), abs=near)
    best = (2 * precision * recall / np.maximum(precision + recall, 1e-12)).max()
    assert figures.f1_max == pytest.approx(best, abs=near)


def test_perfect_and_useless_maps():
    mask = np.zeros((30, 30), dtype=bool)
    mask[4:9, 7:20] = True
    best = counted([mask, ~mask & mask], [mask * 3.0, np.zeros((30, 30))]).figures()
    assert (best.auroc, best.ap, best.f1_max, best.au_pro) == pytest.approx((1, 1, 1, 1))
    same = counted([mask], [np.full((30, 30), 2.0)]).figures()
    assert same.auroc == pytest.approx(0.5)
    assert same.ap == pytest.approx(mask.mean())
    assert same.au_pro == pytest.approx(0.15)


def test_maps_in_pieces_give_the_same(monkeypatch):
    whole = counted(*hand_made(0.0)).figures()
    monkeypatch.setattr(pixel_metrics, "_AT_ONCE", 50)
    assert counted(*hand_made(0.0)).figures() == whole


def test_the_counters_do_not_grow():
    def size(counter):
        parts = (counter._good, counter._bad, counter._overlap)
        return sum(one.counts.nbytes for one in parts)

    masks, maps = hand_made(0.0)
    counter = PixelCounter()
    before = size(counter)
    for _ in range(50):
        for mask, anomaly_map in zip(masks, maps, strict=True):
            counter.add(mask, anomaly_map)
    assert size(counter) == before == 3 * 8 * (1 << 20)
    assert counter.regions == 300
    once = counted(masks, maps).figures()
    assert counter.figures().auroc == pytest.approx(once.auroc, abs=1e-12)
    assert counter.figures().au_pro == pytest.approx(once.au_pro, abs=1e-9)


@pytest.mark.parametrize("value", [-1.0, np.nan, np.inf])
def test_values_that_are_no_distance_are_refused(value):
    anomaly_map = np.ones((4, 4), np.float32)
    anomaly_map[2, 1] = value
    with pytest.raises(ValueError, match="negative, NaN or infinite"):
        PixelCounter().add(np.eye(4, dtype=bool), anomaly_map)


def test_negative_zero_is_zero():
    mask = np.array([[True, False, False, False]])
    figures = counted([mask], [np.array([[1.0, -0.0, 0.0, 0.5]])]).figures()
    assert figures.auroc == 1.0


def test_figures_need_both_kinds_of_pixel():
    counter = PixelCounter()
    counter.add(np.zeros((3, 3), dtype=bool), np.ones((3, 3)))
    assert not counter.both
    with pytest.raises(ValueError, match="missing"):
        counter.figures()
    with pytest.raises(ValueError, match="shape"):
        counter.add(np.zeros((3, 3), dtype=bool), np.ones((3, 4)))


def test_quantile_of_a_histogram():
    histogram = Histogram(1 << 16)
    assert histogram.quantile(0.5) == 0.0
    values = np.arange(1, 1001, dtype=np.float32)
    histogram.add(histogram.keys(values))
    for share in (0.01, 0.5, 0.995, 1.0):
        assert histogram.quantile(share) == pytest.approx(share * 1000, rel=0.01)


@pytest.mark.parametrize("bins", [0, 1000, 1 << 4])
def test_bins_must_be_a_power_of_two(bins):
    with pytest.raises(ValueError, match="power of two"):
        Histogram(bins)
