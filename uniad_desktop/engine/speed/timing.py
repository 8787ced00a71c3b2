"""Times of runtimes that take turns, so that a busy machine slows all of them alike."""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.engine.prediction import Prediction
from uniad_desktop.engine.speed.memory import resident_mb
from uniad_desktop.engine.speed.runners import Runner

Frames = Sequence[NDArray[np.uint8]]

BURST = 4
"""Timed predictions of a runtime before the next one has its turn; one more before is not timed,
since it finds the caches full of the former's weights."""

_LEAST_ROUNDS = 2


@dataclass(frozen=True, slots=True)
class Budget:
    """How long may be measured: so many seconds, or exactly so many rounds of every kind."""

    seconds: float = 30.0
    rounds: int | None = None

    def turns(self, share: float) -> Iterator[int]:
        """Numbers of the rounds; the seconds are used up to this share, two rounds at least."""
        end = time.perf_counter() + share * self.seconds
        number = 0
        while (
            number < self.rounds
            if self.rounds is not None
            else number < _LEAST_ROUNDS or time.perf_counter() < end
        ):
            yield number
            number += 1


@dataclass(slots=True)
class Timed:
    """What one runtime's turns gave.

    Attributes:
        latencies: milliseconds from a frame in memory to its decision, one by one.
        parts: milliseconds of the parts of each of these, as `Prediction.timings_ms`.
        images: images per batch size that went through.
        seconds: how long they took.
        growth_mb: how much resident memory grew while it was this runtime's turn.
    """

    latencies: list[float] = field(default_factory=list)
    parts: list[dict[str, float]] = field(default_factory=list)
    images: dict[int, int] = field(default_factory=dict)
    seconds: dict[int, float] = field(default_factory=dict)
    growth_mb: float = 0.0

    def throughput(self) -> dict[int, float]:
        """Images per second by batch size."""
        return {batch: self.images[batch] / self.seconds[batch] for batch in sorted(self.images)}

    def part(self, name: str) -> float:
        """Median milliseconds of a part."""
        return float(np.median([parts[name] for parts in self.parts]))


@dataclass(frozen=True, slots=True)
class Latency:
    """Percentiles and mean of some times, in their unit."""

    p50: float
    p95: float
    p99: float
    mean: float


def latency_of(times: Sequence[float]) -> Latency:
    """Percentiles of times, interpolated linearly; at least one is needed."""
    p50, p95, p99 = (float(one) for one in np.percentile(times, [50, 95, 99]))
    return Latency(p50, p95, p99, float(np.mean(times)))


@contextmanager
def no_collection() -> Iterator[None]:
    """Keeps Python from collecting garbage in between; what is there is left alone."""
    was_on = gc.isenabled()
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.unfreeze()
        if was_on:
            gc.enable()


def passes(prediction: Prediction, limit: float) -> bool:
    """What the line decides from a prediction; a value that is no number never passes."""
    score = prediction.image_score
    finite = math.isfinite(score) and bool(np.isfinite(prediction.anomaly_map).all())
    return finite and score <= limit


def batch_of(frames: Frames, size: int) -> list[NDArray[np.uint8]]:
    """As many frames as asked for, taken again from the first where there are fewer."""
    return [frames[number % len(frames)] for number in range(size)]


def warm_up(runner: Runner, frames: Frames, batches: Sequence[int]) -> None:
    """Runs every batch size, so that no timed run pays for set-up.

    Raises:
        DetectorError: the runtime fails.
    """
    for batch in sorted({1, *batches}):
        for _ in range(2):
            runner.detector.predict_batch(batch_of(frames, batch))


def time_in_turns(
    runners: Sequence[Runner],
    frames: Frames,
    batches: Sequence[int],
    budget: Budget,
    *,
    limit: float,
    check: Callable[[], None],
) -> dict[str, Timed]:
    """Latency at batch 1, then throughput of all batch sizes, runtime after runtime in rounds.

    Args:
        runners: warmed up.
        frames: each (H, W) or (H, W, 3) uint8, used in turn.
        batches: sizes for the throughput.
        budget: three fifths of its seconds are for the latency.
        limit: raw score above which a part would be rejected.
        check: called between two turns; may raise to end.

    Returns:
        What was timed, by the name of the runner.

    Raises:
        DetectorError: a runtime fails.
    """
    timed = {runner.name: Timed() for runner in runners}
    with no_collection():
        for number in budget.turns(0.6):
            for runner in _rotated(runners, number):
                check()
                before = resident_mb()
                _time_frames(runner, frames, limit, timed[runner.name])
                timed[runner.name].growth_mb += resident_mb() - before
        for number in budget.turns(0.4):
            for runner in _rotated(runners, number):
                check()
                before = resident_mb()
                _time_batches(runner, frames, batches, timed[runner.name])
                timed[runner.name].growth_mb += resident_mb() - before
    return timed


def _rotated(runners: Sequence[Runner], number: int) -> list[Runner]:
    start = number % len(runners)
    return [*runners[start:], *runners[:start]]


def _time_frames(runner: Runner, frames: Frames, limit: float, timed: Timed) -> None:
    passes(runner.detector.predict(frames[-1]), limit)
    for _ in range(BURST):
        frame = frames[len(timed.latencies) % len(frames)]
        started = time.perf_counter()
        prediction = runner.detector.predict(frame)
        passes(prediction, limit)
        timed.latencies.append((time.perf_counter() - started) * 1e3)
        timed.parts.append(prediction.timings_ms)


def _time_batches(runner: Runner, frames: Frames, batches: Sequence[int], timed: Timed) -> None:
    runner.detector.predict(frames[-1])
    for batch in batches:
        images = batch_of(frames, batch)
        started = time.perf_counter()
        runner.detector.predict_batch(images)
        seconds = time.perf_counter() - started
        timed.images[batch] = timed.images.get(batch, 0) + batch
        timed.seconds[batch] = timed.seconds.get(batch, 0.0) + seconds
