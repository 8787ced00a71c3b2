import cv2
import numpy as np
import pytest

from uniad_desktop.engine.regions import MOST_REGIONS, find_regions


def blank(rows, columns):
    return np.zeros((rows, columns), dtype=np.float32)


def test_boxes_and_areas_are_in_frame_pixels_strongest_first():
    anomaly = blank(10, 20)
    anomaly[1:3, 2:6] = 1.5
    anomaly[6:9, 10:12] = 1.8
    anomaly[7, 10] = 7.0
    strong, weak = find_regions(anomaly, 1.0, (200, 50))
    assert (strong.x, strong.y, strong.width, strong.height) == (100, 30, 20, 15)
    assert strong.area == 3 * 2 * 10 * 5 and strong.peak == pytest.approx(7.0)
    assert (weak.x, weak.y, weak.width, weak.height) == (20, 5, 40, 10)
    assert weak.peak == pytest.approx(1.5)


def test_only_what_is_above_the_limit_and_nothing_for_a_quiet_map():
    anomaly = blank(4, 4)
    anomaly[1, 1] = 1.0
    assert find_regions(anomaly, 1.0, (4, 4)) == ()
    assert len(find_regions(anomaly, 0.99, (4, 4))) == 1
    whole = find_regions(np.ones((4, 4), dtype=np.float32), 0.5, (8, 8))
    assert [(one.width, one.height, one.area) for one in whole] == [(8, 8, 64.0)]


def test_touching_corners_are_one_region_and_the_number_is_bounded():
    assert len(find_regions(np.eye(6, dtype=np.float32), 0.5, (6, 6))) == 1
    dots = blank(40, 40)
    dots[::4, ::4] = 2
    assert len(find_regions(dots, 1.0, (40, 40))) == MOST_REGIONS
    assert len(find_regions(dots, 1.0, (40, 40), most=3)) == 3


def test_small_regions_are_left_out_before_the_number_is_cut():
    anomaly = blank(40, 40)
    anomaly[::4, ::4] = 2
    anomaly[20:23, 20:23] = 1.5  # around a dot: nine pixels with a peak of 2
    (left,) = find_regions(anomaly, 1.0, (80, 80), least_area=30.0)
    assert left.area == 36.0
    assert find_regions(anomaly, 1.0, (80, 80), least_area=36.1) == ()


def test_of_equal_peaks_the_larger_comes_first():
    anomaly = blank(10, 10)
    anomaly[0, 0] = anomaly[5:7, 5:7] = 2
    assert [one.area for one in find_regions(anomaly, 1.0, (10, 10))] == [4.0, 1.0]


def test_a_map_finer_than_the_frame_keeps_boxes_inside():
    anomaly = blank(64, 64)
    anomaly[63, 63] = 2
    (only,) = find_regions(anomaly, 1.0, (8, 8))
    assert (only.x, only.y, only.width, only.height) == (7, 7, 1, 1)


def test_peaks_are_those_of_each_region_alone():
    anomaly = np.random.default_rng(0).random((50, 60)).astype(np.float32)
    count, labels = cv2.connectedComponents((anomaly > 0.8).astype(np.uint8), connectivity=8)
    expected = sorted(
        (float(anomaly[labels == one].max()) for one in range(1, count)), reverse=True
    )
    found = find_regions(anomaly, 0.8, (60, 50), most=count)
    assert [one.peak for one in found] == pytest.approx(expected)
