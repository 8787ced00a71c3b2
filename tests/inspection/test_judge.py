from __future__ import annotations

import numpy as np
import pytest

from tests.inspection.fakes import MODEL
from uniad_desktop.engine.prediction import Prediction
from uniad_desktop.inspection.judge import MOST_REGIONS, find_regions, judge
from uniad_desktop.inspection.types import Limits, Reason, Verdict


def prediction(anomaly: np.ndarray, score: float) -> Prediction:
    return Prediction(anomaly.astype(np.float32), score, MODEL, "test")


@pytest.mark.parametrize(
    ("raw", "verdict", "score"),
    [
        (0.0, Verdict.PASS, 0.0),
        (1.0, Verdict.PASS, 25.0),
        (1.01, Verdict.REVIEW, 25.25),
        (2.0, Verdict.REVIEW, 50.0),
        (2.01, Verdict.FAIL, 50.25),
        (9.0, Verdict.FAIL, 100.0),
    ],
)
def test_limits_are_inclusive_below(raw: float, verdict: Verdict, score: float) -> None:
    judged = judge(prediction(np.zeros((4, 4)), raw), Limits(1.0, 2.0), (8, 8))
    assert judged.verdict is verdict
    assert judged.score == pytest.approx(score)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_no_number_is_an_error(bad: float) -> None:
    anomaly = np.zeros((4, 4))
    assert judge(prediction(anomaly, bad), Limits(1, 1), (8, 8)).verdict is Verdict.ERROR
    anomaly[0, 0] = bad
    judged = judge(prediction(anomaly, 0.1), Limits(1, 1), (8, 8))
    assert judged.verdict is Verdict.ERROR and judged.reason is Reason.MODEL_FAILED


def test_regions_are_in_frame_pixels_strongest_first() -> None:
    anomaly = np.zeros((10, 20))
    anomaly[1:3, 2:6] = 1.5
    anomaly[6:9, 10:12] = 1.8
    weak, strong = reversed(find_regions(prediction(anomaly, 1.8), Limits(1, 1), (200, 50)))
    assert (strong.x, strong.y, strong.width, strong.height) == (100, 30, 20, 15)
    assert strong.area == 3 * 2 * 10 * 5 and strong.peak == pytest.approx(90.0)
    assert (weak.x, weak.y, weak.width, weak.height) == (20, 5, 40, 10)


def test_touching_corners_are_one_region_and_the_number_is_bounded() -> None:
    corners = np.eye(6) * 2
    assert len(find_regions(prediction(corners, 2.0), Limits(1, 1), (6, 6))) == 1
    dots = np.zeros((40, 40))
    dots[::4, ::4] = 2
    assert len(find_regions(prediction(dots, 2.0), Limits(1, 1), (40, 40))) == MOST_REGIONS


def test_the_pixel_limit_and_the_least_area_only_choose_what_is_reported() -> None:
    anomaly = np.zeros((10, 10))
    anomaly[0, 0] = 3.0
    anomaly[5:8, 5:8] = 1.2
    limits = Limits(1.0, 2.0)
    plain = judge(prediction(anomaly, 2.5), limits, (10, 10))
    assert [region.area for region in plain.regions] == [1]
    lower = judge(prediction(anomaly, 2.5), limits, (10, 10), pixel_limit=1.0)
    assert [region.area for region in lower.regions] == [1, 9]
    assert [region.peak for region in lower.regions] == pytest.approx([75.0, 30.0])
    filtered = judge(prediction(anomaly, 2.5), limits, (10, 10), pixel_limit=1.0, least_area=2)
    assert [region.area for region in filtered.regions] == [9]
    nothing = judge(prediction(anomaly, 2.5), limits, (10, 10), least_area=1e6)
    assert nothing.regions == ()
    assert plain.verdict is lower.verdict is filtered.verdict is nothing.verdict is Verdict.FAIL
    assert judge(prediction(anomaly, 1.5), limits, (10, 10), least_area=1e6).verdict is (
        Verdict.REVIEW
    )


def test_regions_have_millimetres_only_with_a_scale() -> None:
    anomaly = np.zeros((10, 20))
    anomaly[2:4, 5:9] = 3.0
    (plain,) = judge(prediction(anomaly, 3.0), Limits(1, 1), (200, 100)).regions
    assert plain.mm_per_pixel is None
    assert (plain.x_mm, plain.y_mm, plain.width_mm, plain.height_mm) == (None,) * 4
    assert plain.area_mm2 is None
    (scaled,) = judge(prediction(anomaly, 3.0), Limits(1, 1), (200, 100), mm_per_pixel=0.05).regions
    assert (scaled.x_mm, scaled.y_mm) == pytest.approx((2.5, 1.0))
    assert (scaled.width_mm, scaled.height_mm) == pytest.approx((2.0, 1.0))
    assert scaled.area_mm2 == pytest.approx(2.0)
