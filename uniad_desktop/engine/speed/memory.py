"""Resident memory of this process."""

from __future__ import annotations

import contextlib
import ctypes
import gc

import psutil


def resident_mb() -> float:
    """Resident memory in megabytes (10^6 bytes)."""
    return float(psutil.Process().memory_info().rss) / 1e6


def settled_mb() -> float:
    """The same after everything that was freed has gone back to the system, where that is known.

    Without it, what is loaded next would fill the gaps and seem to cost nothing.
    """
    gc.collect()
    # A call of glibc; Windows and macOS have none.
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
    return resident_mb()
