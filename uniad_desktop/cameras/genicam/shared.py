"""Memory shared by a camera process and its parent.

It has no name in the file system: a memory file on POSIX, handed down as a file descriptor, and a
mapping backed by the page file on Windows. The system takes it back with the last process that has
it open, so that not even a killed process leaves anything behind.
"""

from __future__ import annotations

import mmap
import os
import secrets
import sys
import tempfile
from contextlib import suppress
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

# A multiple of the allocation granularity of every platform, as mmap offsets must be.
HEADER_BYTES = 65536


class Word(IntEnum):
    """Which 64-bit word of the header holds what; the camera process writes, the parent reads."""

    HEARTBEAT_NS = 0
    ACQUIRED = 1
    PASSED_OVER = 2
    INCOMPLETE = 3
    MISSED = 4
    # When the register access under way began, by the monotonic clock; 0: there is none.
    NODE_ACCESS_NS = 5
    CLOCK_OFFSET_NS = 6
    CLOCK_KNOWN = 7


class SharedArea:
    """A header of counters and, while the camera streams, a ring of frame slots.

    `token` is what the other process needs for `attach`; on POSIX the descriptor in `descriptors`
    has to be inherited as well.
    """

    def __init__(self, token: str | None = None) -> None:
        """Creates the area, or attaches to the one that `token` names."""
        self._fd = -1
        self._name = ""
        self._ring: mmap.mmap | None = None
        if sys.platform == "win32":
            self._name = token or f"uniad-camera-{secrets.token_hex(8)}"
            self._header = mmap.mmap(-1, HEADER_BYTES, tagname=f"{self._name}-header")
        else:
            self._fd = int(token) if token else _anonymous_file()
            if not token:
                os.ftruncate(self._fd, HEADER_BYTES)
            self._header = mmap.mmap(self._fd, HEADER_BYTES)
        self._words: NDArray[np.int64] | None = np.frombuffer(self._header, np.int64)

    @property
    def token(self) -> str:
        """What `SharedArea(token)` needs in the other process."""
        return self._name or str(self._fd)

    @property
    def descriptors(self) -> tuple[int, ...]:
        """File descriptors that the other process must inherit."""
        return (self._fd,) if self._fd >= 0 else ()

    @property
    def words(self) -> NDArray[np.int64]:
        """The counters of the header, indexed by `Word`. Raises ValueError after `close`."""
        if self._words is None:
            raise ValueError("the shared memory is closed")
        return self._words

    def ring(self, size: int, generation: int) -> NDArray[np.uint8]:
        """Maps the ring of `size` bytes; both sides call it with the same arguments.

        Args:
            size: bytes of all slots together.
            generation: running number of the stream; Windows mappings cannot grow, so that each
                stream gets one of its own.

        Returns:
            (size,) uint8 shared with the other process, valid until the next call or `close`.
        """
        self._drop_ring()
        if sys.platform == "win32":
            self._ring = mmap.mmap(-1, size, tagname=f"{self._name}-{generation}")
        else:
            # It only ever grows: the other side may still have the former ring mapped.
            if os.fstat(self._fd).st_size < HEADER_BYTES + size:
                os.ftruncate(self._fd, HEADER_BYTES + size)
            self._ring = mmap.mmap(self._fd, size, offset=HEADER_BYTES)
        return np.frombuffer(self._ring, np.uint8)

    def close(self) -> None:
        """Gives this process's share back. Safe to call twice."""
        self._drop_ring()
        self._words = None
        _close(self._header)
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _drop_ring(self) -> None:
        if self._ring is not None:
            _close(self._ring)
            self._ring = None


def _close(mapping: mmap.mmap) -> None:
    # An array that still looks at the mapping keeps it alive; it goes with the array.
    with suppress(BufferError):
        mapping.close()


def _anonymous_file() -> int:
    if hasattr(os, "memfd_create"):
        return os.memfd_create("uniad-camera")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
