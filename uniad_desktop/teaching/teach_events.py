"""What a teaching tells while it runs, as JSON lines; nothing here loads torch."""

from __future__ import annotations

import json
import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TextIO

EVERY_S: Final = 0.25
_WINDOW_S: Final = 20.0  # what the pace is taken from


class Stage(StrEnum):
    """The stages of a teaching, in their order."""

    FEATURES = "features"
    TRAINING = "training"
    LIMITS = "limits"
    CHECKS = "checks"


@dataclass(frozen=True, slots=True)
class LossPoint:
    """How well the network rebuilds held-out parts after a number of steps.

    Attributes:
        step: steps done.
        new: mean squared difference on parts of the product that is taught.
        former: on what is remembered of the former products; None where there is nothing.
    """

    step: int
    new: float
    former: float | None


class EventWriter:
    """Writes events, a JSON object a line, each at once.

    Where nobody reads any more it goes on in silence: the teaching has to keep its checkpoint.

    Args:
        stream: where they go.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream: TextIO | None = stream
        self._last: dict[str, float] = {}

    def emit(self, event: str, **fields: Any) -> None:  # noqa: ANN401 - JSON values
        """Writes an event; what is no finite number is told as null."""
        if self._stream is None:
            return
        line = json.dumps({"event": event, **_finite(fields)}, ensure_ascii=False)
        try:
            self._stream.write(line + "\n")
            self._stream.flush()
        except (OSError, ValueError):  # a broken pipe, or a closed stream
            self._stream = None

    def emit_seldom(self, event: str, last: bool, **fields: Any) -> None:  # noqa: ANN401
        """Writes an event unless one of its kind was written just before; always the `last`."""
        now = time.monotonic()
        if last or now - self._last.get(event, -math.inf) >= EVERY_S:
            self._last[event] = now
            self.emit(event, **fields)


class Pace:
    """How fast work goes on lately, and how long the rest will take.

    Args:
        work: in all.
        clock: seconds.
    """

    def __init__(self, work: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._work, self._clock = work, clock
        self._seen: deque[tuple[float, float]] = deque()

    def take(self, done: float) -> tuple[float | None, float | None]:
        """Takes note of the work done.

        Returns:
            Work per second and seconds left; None where that cannot be told yet.
        """
        now = self._clock()
        self._seen.append((now, done))
        while len(self._seen) > 2 and now - self._seen[1][0] >= _WINDOW_S:
            self._seen.popleft()
        since, before = self._seen[0]
        if now <= since or done <= before:
            return None, None
        rate = (done - before) / (now - since)
        return rate, max(0.0, self._work - done) / rate


def _finite(value: Any) -> Any:  # noqa: ANN401 - JSON values
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
