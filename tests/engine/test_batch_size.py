"""A batch is used only where those who wait for it wait less."""

from __future__ import annotations

import pytest

from uniad_desktop.engine.batch_size import best_batch


class Machine:
    """Takes a time that a test says for each size; its clock stands still otherwise."""

    def __init__(self, times: dict[int, float]) -> None:
        self.times, self.now = times, 0.0

    def run(self, size: int) -> None:
        self.now += self.times[size]

    def clock(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("times", "most", "best"),
    [
        ({1: 10.0, 2: 19.0, 4: 38.0}, 4, 1),  # a processor: hardly faster, and all wait
        ({1: 10.0, 2: 11.0, 4: 13.0}, 4, 4),  # a GPU
        ({1: 10.0, 2: 11.0, 4: 45.0}, 4, 2),
        ({1: 10.0, 2: 13.0}, 2, 2),
        ({1: 10.0, 2: 14.0}, 2, 1),  # shorter, but not clearly
        ({1: 10.0, 2: 11.0, 3: 12.0}, 3, 3),
        ({1: 10.0}, 1, 1),
    ],
)
def test_the_size_with_the_shortest_wait_is_chosen(
    times: dict[int, float], most: int, best: int
) -> None:
    machine = Machine(times)
    assert best_batch(machine.run, most, machine.clock) == best
