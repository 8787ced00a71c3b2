"""Says in shared memory that a register of the camera is being read or written just now.

A register access holds Python's lock and takes as long as the camera likes, seconds on a busy GigE
network. Without a word of it the parent would take that for a driver that hangs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.cameras.genicam.shared import Word

# A camera whose registers take this long is slow: then its presence check is announced as well,
# though a driver that hangs in one is noticed later.
SLOW_S: Final = 0.4


class NodeAccess:
    """Stamps `Word.NODE_ACCESS_NS` while nodes are read or written.

    Args:
        words: of the shared header.
        alive: called at each stamp; stamps the heartbeat.
    """

    def __init__(self, words: NDArray[np.int64], alive: Callable[[], None]) -> None:
        self._words = words
        self._alive = alive
        self._slow = False

    @property
    def slow(self) -> bool:
        """Whether this camera has shown that its registers take long, and not since that not."""
        return self._slow

    def answered(self, seconds: float) -> None:
        """How long it took to read one register that every camera has."""
        self._slow = seconds > SLOW_S

    @contextmanager
    def announced(self) -> Iterator[None]:
        """While something is read or written."""
        self._words[Word.NODE_ACCESS_NS] = time.monotonic_ns()
        try:
            yield
        finally:
            self._measure()
            self._alive()  # before the word is cleared, or the parent might see neither
            self._words[Word.NODE_ACCESS_NS] = 0

    def touch(self) -> None:
        """Between two accesses: the camera answered, so the time limit begins anew."""
        self._measure()
        if self._words[Word.NODE_ACCESS_NS]:
            self._words[Word.NODE_ACCESS_NS] = time.monotonic_ns()
        self._alive()

    def _measure(self) -> None:
        began = int(self._words[Word.NODE_ACCESS_NS])
        if began and (time.monotonic_ns() - began) / 1e9 > SLOW_S:
            self._slow = True
