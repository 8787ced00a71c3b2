"""Composing the picture: the colour scale is fixed and nothing old is handed out."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from tests.ui.fake_station import LIMITS, FakeStation, blob_map, ring_image
from uniad_desktop.inspection.types import Limits, Verdict
from uniad_desktop.ui import colour_scale, composer
from uniad_desktop.ui.composer import Composed, Composer, Order, compose

GREY = np.full((90, 120), 120, dtype=np.uint8)


def _order(anomaly_map: np.ndarray, limits: Limits = LIMITS, **kwargs) -> Order:
    shown = FakeStation().push(image=GREY, anomaly_map=anomaly_map, limits=limits)
    return Order(shown, 120, 90, kwargs.pop("strength", 1.0), **kwargs)


def _flat(value: float) -> np.ndarray:
    return np.full((56, 56), value, dtype=np.float32)


def _wait(worker: Composer) -> Composed:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        result = worker.take()
        if result is not None:
            return result
        time.sleep(0.002)
    raise AssertionError("no picture within 5 s")


def test_same_distance_same_colour_whatever_else_is_in_the_image():
    alone = _flat(0.2)
    alone[20:36, 20:36] = 2.4
    beside_a_giant = alone.copy()
    beside_a_giant[0:8, 0:8] = 40.0
    first, second = compose(_order(alone)), compose(_order(beside_a_giant))
    assert np.array_equal(first[40:52, 55:65], second[40:52, 55:65])
    assert not np.array_equal(first, second)


def test_a_normal_part_is_not_coloured_although_its_map_has_a_maximum():
    quiet = blob_map(0.9, (480, 360), ground=0.1)  # score 22 at most
    picture = compose(_order(quiet))
    assert np.array_equal(picture[:, :, :3], np.broadcast_to(120, (90, 120, 3)))


@pytest.mark.parametrize("reject", [0.5, 2.0, 17.0])
def test_the_limit_has_one_colour_for_every_product(reject):
    picture = compose(_order(_flat(reject), limits=Limits(reject, reject)))
    at_limit = colour_scale.colours()[round(255 * 0.5), 0].astype(int)
    assert np.abs(picture[45, 60, :3].astype(int) - at_limit).max() <= 2


def test_cover_is_clear_below_25_and_full_from_the_limit_on():
    cover = colour_scale.cover(0.6)
    scores = np.linspace(0, 100, 256)
    assert not cover[scores <= 25].any()
    assert set(cover[scores >= 50].tolist()) == {153}
    assert (np.diff(cover.astype(int)) >= 0).all()


def test_what_is_not_a_number_looks_anomalous():
    index = colour_scale.to_index(np.array([[np.nan, np.inf, -np.inf, 0.0]], np.float32), 2.0)
    assert index.tolist() == [[255, 255, 0, 0]]


def test_strength_zero_is_the_plain_image():
    hot = _flat(9.0)
    assert np.array_equal(compose(_order(hot, strength=0.0))[:, :, 0], GREY)
    assert not np.array_equal(compose(_order(hot))[:, :, 0], GREY)


def test_grey_has_neither_colour_nor_heatmap():
    picture = compose(_order(_flat(9.0), grey=True))
    assert np.array_equal(picture[:, :, 0], picture[:, :, 2])
    assert int(np.ptp(picture[:, :, 0])) == 0


def test_colours_keep_their_order_from_rgb_to_bgra():
    image = np.zeros((30, 40, 3), np.uint8)
    image[:, :, 0] = 200  # red
    shown = FakeStation().push(image=image, anomaly_map=_flat(0.0))
    picture = compose(Order(shown, 40, 30, 1.0))
    assert picture[10, 10].tolist() == [0, 0, 200, 255]


@pytest.mark.parametrize("room", [(100, 500), (500, 100), (1, 1), (1999, 1501)])
def test_fits_the_room_and_keeps_proportions(room):
    shown = FakeStation().push(image=ring_image())
    height, width = compose(Order(shown, *room, 0.5)).shape[:2]
    assert width <= room[0] and height <= room[1]
    assert abs(width * 720 - height * 960) <= 960


def test_the_newest_order_wins(monkeypatch):
    gate, begun = threading.Event(), threading.Event()
    made: list[int] = []

    def slow(order: Order) -> np.ndarray:
        made.append(order.shown.inspection.number)
        begun.set()
        assert gate.wait(5)
        return compose(order)

    monkeypatch.setattr(composer, "compose", slow)
    station = FakeStation()
    worker = Composer()
    try:
        worker.submit(Order(station.push(), 40, 30, 0.5))
        assert begun.wait(5)
        for _ in range(5):
            last = worker.submit(Order(station.push(), 40, 30, 0.5))
        gate.set()
        result = _wait(worker)
        while result.generation < last:
            result = _wait(worker)
        assert result.order.shown.inspection.number == 6
        assert made == [1, 6]
    finally:
        gate.set()
        assert worker.stop()


def test_a_cancelled_picture_is_never_handed_out(monkeypatch):
    gate, begun = threading.Event(), threading.Event()

    def slow(order: Order) -> np.ndarray:
        begun.set()
        assert gate.wait(5)
        return compose(order)

    monkeypatch.setattr(composer, "compose", slow)
    station = FakeStation()
    worker = Composer()
    try:
        worker.submit(Order(station.push(), 40, 30, 0.5))
        assert begun.wait(5)
        worker.cancel()
        gate.set()
        wanted = worker.submit(Order(station.push(), 40, 30, 0.5))
        assert _wait(worker).generation == wanted
    finally:
        gate.set()
        assert worker.stop()


def test_a_picture_that_cannot_be_drawn_does_not_end_the_worker(caplog):
    station = FakeStation()
    broken = station.push(image=np.zeros((0, 4), np.uint8))
    worker = Composer()
    try:
        worker.submit(Order(broken, 40, 30, 0.5))
        deadline = time.monotonic() + 5
        while not caplog.records and time.monotonic() < deadline:
            time.sleep(0.002)
        assert "part 1 cannot be drawn" in caplog.text
        worker.submit(Order(station.push(Verdict.FAIL, 80), 40, 30, 0.5))
        assert _wait(worker).order.shown.inspection.number == 2
    finally:
        assert worker.stop()
    assert worker.stop()


def test_what_was_not_inspected_is_dark_even_with_the_heatmap_off():
    inspected = np.ones((56, 56), bool)
    inspected[:, 28:] = False
    order = _order(_flat(0.0), strength=0.0)
    prediction = replace(order.shown.prediction, inspected=inspected)
    picture = compose(replace(order, shown=replace(order.shown, prediction=prediction)))
    assert (picture[:, :59, :3] == 120).all()
    assert (picture[:, 61:, :3] == round(120 * composer.NOT_INSPECTED)).all()
