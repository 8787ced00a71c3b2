"""A verdict waits for its picture, for a moment."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest

from tests.records.make import shown
from uniad_desktop.inspection.types import Verdict
from uniad_desktop.ui import composer, in_step
from uniad_desktop.ui.in_step import InStep


@pytest.fixture
def waits_for_pictures() -> float:
    return 0.25


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(in_step.time, "monotonic", lambda: now[0])
    return now


def test_the_former_verdict_stays_with_its_picture_until_the_next_is_drawn(clock):
    steps, one, two = InStep(), shown(Verdict.FAIL, 1), shown(Verdict.PASS, 2)
    assert steps.of(one, None) is one  # there is no picture that it could contradict
    assert steps.of(one, one) is one
    clock[0] += 60.0  # a slow line
    assert steps.of(one, one) is one
    assert steps.of(two, one) is one
    assert steps.of(two, two) is two


def test_a_picture_that_does_not_come_holds_no_verdict_up(clock):
    steps, one = InStep(), shown(Verdict.PASS, 1)
    assert steps.of(one, one) is one
    for number in range(2, 9):
        clock[0] += 0.1
        newest = shown(Verdict.FAIL, number)
        assert steps.of(newest, one) is (one if number < 4 else newest)


def test_errors_without_a_picture_and_other_products_do_not_wait(clock):
    steps, one = InStep(), shown(Verdict.PASS, 1)
    assert steps.of(one, one) is one
    error = replace(shown(Verdict.ERROR, 2), frame=None)
    assert steps.of(error, one) is error
    other = shown(Verdict.PASS, 3, product="label")
    assert steps.of(other, one) is other
    assert steps.of(None, one) is None


def test_after_a_frozen_display_nothing_old_is_shown_as_new(clock):
    steps, old, newest = InStep(), shown(Verdict.FAIL, 1), shown(Verdict.PASS, 9)
    steps.leave(old)
    assert steps.of(newest, old) is newest
    assert steps.of(newest, newest) is newest


def test_the_window_shows_verdict_and_picture_of_one_part(monkeypatch, qtbot, make_window, station):
    gate = threading.Event()
    real = composer.compose

    def slow(order: composer.Order) -> np.ndarray:
        if order.shown.inspection.number > 1:
            gate.wait(5)
        return real(order)

    monkeypatch.setattr(composer, "compose", slow)
    monkeypatch.setattr(in_step, "LONGEST_S", 60.0)
    window = make_window(station)

    def headings_agree(number: int, heading: str) -> bool:
        window.tick()
        composed = window.page.image.composed
        drawn = composed is not None and composed.order.shown.inspection.number == number
        return drawn and window.page.verdict.heading() == heading

    try:
        station.push(Verdict.PASS, 20.0)
        qtbot.waitUntil(lambda: headings_agree(1, "PASS"), timeout=20_000)
        station.push(Verdict.FAIL, 80.0)
        for _ in range(3):
            assert headings_agree(1, "PASS")
    finally:
        gate.set()
    qtbot.waitUntil(lambda: headings_agree(2, "FAIL"), timeout=20_000)
