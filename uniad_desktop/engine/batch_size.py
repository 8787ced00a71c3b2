"""How many frames that wait at the same time are judged in one run: found by measuring."""

from __future__ import annotations

import time
from collections.abc import Callable

RUNS = 5
CLEARLY = 0.9
"""A wait has to be shorter than this share of another to count as shorter."""


def best_batch(
    run: Callable[[int], object], most: int, clock: Callable[[], float] = time.perf_counter
) -> int:
    """The batch size with which `most` frames that wait at the same time wait least on average.

    Frames of a batch all wait until its end, whereas one by one the first is done early. So a
    batch has to be much faster than its frames alone: it is on a GPU, hardly on a processor.
    A size that would judge fewer frames per second than one by one is never chosen, nor one whose
    gain is so small that a busy machine may have made it up.

    Args:
        run: judges so many frames at once.
        most: how many frames can wait at the same time.
        clock: seconds.

    Returns:
        1 where batches are not worth it, else 2 to `most`.
    """
    sizes = [1]
    while sizes[-1] < most:
        sizes.append(min(most, sizes[-1] * 2))
    least = _least_times(run, sizes, clock)
    best, least_wait = 1, float("inf")
    for size in sizes:
        took = least[size]
        # The last batch is run with what is left, but is counted as a whole one.
        wait = sum(took * (frame // size + 1) for frame in range(most)) / most
        passes = -(-most // size)
        if wait < CLEARLY * least_wait and took * passes <= least[1] * most:
            best, least_wait = size, wait
    return best


def _least_times(
    run: Callable[[int], object], sizes: list[int], clock: Callable[[], float]
) -> dict[int, float]:
    """Seconds of the fastest of some runs of each size, in turn; the first is not timed."""
    for size in sizes:
        run(size)  # may prepare something
    least = dict.fromkeys(sizes, float("inf"))
    for _ in range(RUNS):
        for size in sizes:
            began = clock()
            run(size)
            least[size] = min(least[size], clock() - began)
    return least
