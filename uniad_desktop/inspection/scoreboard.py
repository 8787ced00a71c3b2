"""Counts, rates, latency and the score trend of a station; written by one thread, read by any."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from uniad_desktop.cameras.source import SourceCounters
from uniad_desktop.inspection.lately import Lately
from uniad_desktop.inspection.types import (
    CycleTime,
    InspectedFrame,
    Latency,
    LatencyStart,
    Rates,
    Reject,
    ShiftCounters,
    TrendPoint,
    Verdict,
)

TREND_LENGTH = 500
REJECTS_KEPT = 12
RATE_WINDOW_S = 3.0
LEAST_IDLE_S = 0.5
THUMBNAIL_WIDTH = 160

_COUNTER_OF = {
    Verdict.PASS: "passed",
    Verdict.REVIEW: "review",
    Verdict.FAIL: "failed",
    Verdict.ERROR: "error",
}


class Scoreboard:
    """Everything that the screen shows beside the picture. All methods return at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shift = ShiftCounters(since=time.time())
        self._newest: InspectedFrame | None = None
        self._decided_at: float | None = None
        self._decision_times: deque[float] = deque(maxlen=TREND_LENGTH)
        self._latencies: deque[float] = deque(maxlen=TREND_LENGTH)
        self._since = LatencyStart.RECEPTION
        self._trend: deque[TrendPoint] = deque(maxlen=TREND_LENGTH)
        self._rejects: deque[Reject] = deque(maxlen=REJECTS_KEPT)
        self._source_seen = SourceCounters()
        self._lost = Lately()
        self._totals = [0, 0, 0]
        self._samples: deque[tuple[float, tuple[int, int, int]]] = deque()

    def add_decision(self, shown: InspectedFrame) -> None:
        """Takes one decision into all figures."""
        inspection = shown.inspection
        thumbnail = _thumbnail(shown) if inspection.verdict is not Verdict.PASS else None
        now = time.monotonic()
        judged = inspection.verdict is not Verdict.ERROR
        with self._lock:
            field = _COUNTER_OF[inspection.verdict]
            self._shift = replace(
                self._shift,
                inspected=self._shift.inspected + judged,
                **{field: getattr(self._shift, field) + 1},
            )
            self._newest = shown
            self._decided_at = now
            self._decision_times.append(now)
            if judged:
                if inspection.latency_from is not self._since:
                    self._latencies.clear()
                    self._since = inspection.latency_from
                self._latencies.append(inspection.latency_ms)
                self._totals[1] += 1
            self._trend.append(TrendPoint(inspection.number, inspection.score, inspection.verdict))
            if thumbnail is not None:
                self._rejects.appendleft(Reject(shown, thumbnail))

    def add_trigger(self) -> None:
        """Counts one trigger that was asked for."""
        with self._lock:
            self._shift = replace(self._shift, triggered=self._shift.triggered + 1)

    def add_passed_over(self, count: int = 1) -> None:
        """Counts frames that reached the station and were not inspected."""
        with self._lock:
            self._pass_over(count)

    def add_collected(self) -> None:
        """Counts one frame that was collected instead of being inspected."""
        with self._lock:
            self._shift = replace(self._shift, collected=self._shift.collected + 1)

    def add_source_counters(self, counters: SourceCounters, *, collecting: bool = False) -> None:
        """Takes the source's own counts; they may start anew at zero after a camera came back.

        Frames that the source passes over while parts are collected were never to be inspected.
        """
        with self._lock:
            seen = self._source_seen
            self._totals[0] += _increase(seen.acquired, counters.acquired)
            if not collecting:
                self._pass_over(_increase(seen.passed_over, counters.passed_over))
            self._lost.add(
                _increase(seen.incomplete, counters.incomplete)
                + _increase(seen.missed, counters.missed)
            )
            self._source_seen = counters
            now = time.monotonic()
            self._samples.append((now, (self._totals[0], self._totals[1], self._totals[2])))
            while len(self._samples) > 2 and now - self._samples[0][0] > RATE_WINDOW_S:
                self._samples.popleft()

    def forget_rates(self) -> None:
        """The next rates start from zero: after a stop the old ones would be a lie."""
        with self._lock:
            self._samples.clear()

    def forget_age(self) -> None:
        """The newest decision is none on what is in front of the camera, however young it is."""
        with self._lock:
            self._decided_at = None

    def reset_shift(self) -> None:
        """Starts the shift counters anew; trend, rejects and latency stay."""
        with self._lock:
            self._shift = ShiftCounters(since=time.time())

    def forget_product(self) -> None:
        """Clears what only makes sense within one product: trend and cycle time."""
        with self._lock:
            self._trend.clear()
            self._decision_times.clear()

    def newest(self) -> InspectedFrame | None:
        """The latest decision with its picture."""
        with self._lock:
            return self._newest

    def counters(self) -> ShiftCounters:
        """Counts of this shift."""
        with self._lock:
            return self._shift

    def trend(self, after: int = 0) -> list[TrendPoint]:
        """The last 500 scores at most, those with a number above `after`, oldest first."""
        with self._lock:
            return [point for point in self._trend if point.number > after]

    def rejects(self) -> list[Reject]:
        """The last 12 decisions at most that were no pass, newest first."""
        with self._lock:
            return list(self._rejects)

    def seconds_since_decision(self) -> float | None:
        """Age of the latest decision in seconds, None before the first."""
        with self._lock:
            return None if self._decided_at is None else time.monotonic() - self._decided_at

    def rates(self) -> Rates:
        """Measured over the last three seconds, per second; 0 where nobody has counted since."""
        with self._lock:
            lost = self._lost.total()
            if len(self._samples) < 2:
                return Rates(lost_lately=lost)
            (start, first), (end, last) = self._samples[0], self._samples[-1]
        idle = time.monotonic() - end
        span = end - start
        if span <= 0 or idle > RATE_WINDOW_S:
            return Rates(lost_lately=lost)
        if idle > LEAST_IDLE_S:  # the camera is waited for: what came then is long ago
            span += idle
        acquired, inspected, passed = ((b - a) / span for a, b in zip(first, last, strict=True))
        return Rates(acquired, inspected, passed, lost)

    def latency(self) -> Latency:
        """Percentiles over the last 500 decisions of the model, in ms."""
        with self._lock:
            values, since = list(self._latencies), self._since
        if not values:
            return Latency(since=since)
        p50, p95, p99 = np.percentile(values, (50, 95, 99))
        return Latency(float(p50), float(p95), float(p99), since)

    def cycle_time(self) -> CycleTime | None:
        """Seconds between decisions, None before the second."""
        with self._lock:
            times = list(self._decision_times)
        if len(times) < 2:
            return None
        gaps = [later - earlier for earlier, later in pairwise(times)]
        return CycleTime(min(gaps), sum(gaps) / len(gaps), max(gaps))

    def _pass_over(self, count: int) -> None:
        self._totals[2] += count
        self._shift = replace(self._shift, passed_over=self._shift.passed_over + count)


def _increase(before: int, after: int) -> int:
    return after - before if after >= before else after


def _thumbnail(shown: InspectedFrame) -> NDArray[np.uint8] | None:
    """(h, w, 3) uint8 RGB, at most 160 pixels wide; None where there is no picture."""
    if shown.frame is None:
        return None
    image = shown.frame.image
    height, width = image.shape[:2]
    scale = min(1.0, THUMBNAIL_WIDTH / width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    if small.ndim == 2:
        small = cv2.cvtColor(small, cv2.COLOR_GRAY2RGB)
    return np.asarray(small, np.uint8)
