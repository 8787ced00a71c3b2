"""How much of something happened in the last minutes."""

from __future__ import annotations

import time
from collections import deque
from typing import Final

LATELY_S: Final = 300.0
_STEP_S: Final = 1.0


class Lately:
    """A sum over the last five minutes, to the second. Used under a lock of its owner."""

    def __init__(self) -> None:
        self._counts: deque[tuple[float, int]] = deque()

    def add(self, count: int) -> None:
        """Takes what has just happened."""
        if count <= 0:
            return
        now = time.monotonic()
        if self._counts and now - self._counts[-1][0] < _STEP_S:
            begun, before = self._counts.pop()
            self._counts.append((begun, before + count))
        else:
            self._counts.append((now, count))
        self._forget(now)

    def total(self) -> int:
        """The sum now."""
        self._forget(time.monotonic())
        return sum(count for _, count in self._counts)

    def _forget(self, now: float) -> None:
        while self._counts and now - self._counts[0][0] > LATELY_S:
            self._counts.popleft()
