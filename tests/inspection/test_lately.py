"""Frames lost in the last minutes, and rates of a camera that is waited for."""

from __future__ import annotations

import pytest

from uniad_desktop.cameras.source import SourceCounters
from uniad_desktop.inspection import lately, scoreboard
from uniad_desktop.inspection.lately import LATELY_S, Lately
from uniad_desktop.inspection.scoreboard import Scoreboard


class Clock:
    now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    for module in (lately, scoreboard):
        monkeypatch.setattr(module, "time", made)
    return made


def test_what_is_older_than_five_minutes_is_forgotten(clock: Clock) -> None:
    counted = Lately()
    counted.add(3)
    clock.now += 0.5
    counted.add(2)
    clock.now += 100.0
    counted.add(4)
    counted.add(0)
    assert counted.total() == 9
    clock.now += LATELY_S - 100.0
    assert counted.total() == 4
    clock.now += 100.5
    assert counted.total() == 0


def test_lost_frames_are_counted_through_a_return_and_while_parts_are_collected(
    clock: Clock,
) -> None:
    board = Scoreboard()
    board.add_source_counters(SourceCounters(acquired=5, incomplete=2, missed=1))
    assert board.rates().lost_lately == 3
    board.add_source_counters(SourceCounters(acquired=6, incomplete=2, missed=4), collecting=True)
    board.add_source_counters(SourceCounters(acquired=1))  # counts from zero, as files do
    assert board.rates().lost_lately == 6
    board.forget_rates()
    assert board.rates().lost_lately == 6
    clock.now += LATELY_S + 1.0
    assert board.rates().lost_lately == 0


def test_rates_fall_while_a_camera_is_waited_for(clock: Clock) -> None:
    board = Scoreboard()
    for number in range(21):
        board.add_source_counters(SourceCounters(acquired=number))
        clock.now += 0.1
    clock.now -= 0.1
    assert board.rates().acquired == pytest.approx(10.0)
    clock.now += 2.0
    assert board.rates().acquired == pytest.approx(5.0)
    clock.now += 2.0
    assert board.rates().acquired == 0.0
