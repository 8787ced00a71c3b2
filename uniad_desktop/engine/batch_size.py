"""How many frames that wait at the same time are judged in one run: found by measuring."""

from __future__ import annotations

import time
from collections.abc import Callable

RUNS = 3


def best_batch(
    run: Callable[[int], object], most: int, clock: Callable[[], float] = time.perf_counter
) -> int:
    """The batch size with which `most` frames that wait at the same time wait least on average.

    Frames of a batch all wait until its end, whereas one by one the first is done early. So a
    batch has to be much faster than its frames alone: it is on a GPU, hardly on a processor.
    A size that would judge fewer frames per second than one by one is never chosen.

    Args:
        run: judges so many frames at once.
        most: how many frames can wait at the same time.
        clock: seconds.

    Returns:
        1 where batches are not worth it, else 2 to `most`.
    """
    best, least_wait = 1, float("inf")
    alone = 0.0
    size = 1
    while size <= most:
        took = _least_time(run, size, clock)
        if size == 1:
            alone = took
        passes = -(-most // size)
        # The last batch is run with what is left, but is counted as a whole one.
        done = [took * (frame // size + 1) for frame in range(most)]
        wait = sum(done) / most
        if wait < least_wait and took * passes <= alone * most:
            best, least_wait = size, wait
        size = most if size < most < size * 2 else size * 2
    return best


def _least_time(run: Callable[[int], object], size: int, clock: Callable[[], float]) -> float:
    """Seconds of the fastest of some runs; the first one may prepare something and is not timed."""
    run(size)
    times = []
    for _ in range(RUNS):
        began = clock()
        run(size)
        times.append(clock() - began)
    return min(times)
