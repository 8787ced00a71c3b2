"""Work beside the Qt thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from uniad_desktop.ui.background import Background

LONGEST_S = 30.0


@pytest.fixture
def background() -> Iterator[Background]:
    made = Background("test")
    yield made
    made.close_down()


@pytest.fixture
def until(qtbot, background) -> Callable[[Callable[[], bool]], None]:
    def wait(so: Callable[[], bool]) -> None:
        qtbot.waitUntil(lambda: (background.beat(), so())[1], timeout=int(LONGEST_S * 1000))

    return wait


def test_results_are_told_in_order_by_the_beat(background, until):
    told: list[object] = []
    for number in range(5):
        background.run(lambda number=number: (number, threading.current_thread().name), told.append)
    assert background.busy and told == []
    until(lambda: not background.busy)
    assert [number for number, _ in told] == list(range(5))
    assert {name for _, name in told} == {"ui-test_0"}


def test_errors_become_sentences(background, until, caplog):
    told: list[str] = []

    def expected() -> None:
        raise OSError("The disk is full.")

    def odd() -> None:
        raise ZeroDivisionError("by zero")

    background.run(expected, failed=told.append, expected=(OSError,))
    background.run(odd, failed=told.append, expected=(OSError,))
    background.run(odd)  # nobody wants to know, the log does
    until(lambda: not background.busy)
    assert told == ["The disk is full.", "Unexpected error: by zero. The log says more."]
    assert caplog.text.count("ZeroDivisionError: by zero") == 2


def test_what_follows_may_ask_for_more(background, until):
    told: list[int] = []
    background.run(lambda: 1, lambda one: background.run(lambda: one + 1, told.append))
    until(lambda: told == [2])
    assert not background.busy


def test_nothing_is_told_after_the_end(background):
    gate, told = threading.Event(), []
    background.run(lambda: gate.wait(LONGEST_S), told.append)
    background.run(lambda: 1, told.append)
    background.close_down()
    gate.set()
    background.beat()
    assert told == [] and not background.busy
