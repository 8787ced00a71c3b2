"""What the camera's clock shows, against this machine's. Runs in the camera process."""

from __future__ import annotations

import time

from uniad_desktop.cameras.genicam import features
from uniad_desktop.cameras.genicam.features import DRIVER_ERRORS, NodeMap
from uniad_desktop.cameras.source import CameraError

# (command, value, ticks per second); SFNC, and GigE Vision cameras of before SFNC 2.
_LATCHES = (
    ("TimestampLatch", "TimestampLatchValue", ""),
    ("GevTimestampControlLatch", "GevTimestampValue", "GevTimestampTickFrequency"),
)
_MOST_NS = 20_000_000  # a slower answer says too little


def offset_ns(node_map: NodeMap) -> int | None:
    """``time.monotonic_ns`` minus the camera's clock in ns, from a latched timestamp.

    The camera latches between two readings of this machine's clock; their middle is taken, which
    is wrong by half of what the command took at most.

    Returns:
        The difference, or None where the camera cannot tell, or took longer than 20 ms.
    """
    for latch, value, frequency in _LATCHES:
        command, node = features.find(node_map, latch), features.find(node_map, value)
        if not features.is_writable(command) or node is None:
            continue
        try:
            before = time.monotonic_ns()
            command.execute()
            after = time.monotonic_ns()
            ticks = int(node.value)
            per_second = int(features.read(node_map, frequency)) if frequency else 1_000_000_000
        except (*DRIVER_ERRORS, CameraError):
            return None
        if after - before > _MOST_NS or per_second <= 0:
            return None
        return (before + after) // 2 - ticks * 1_000_000_000 // per_second
    return None
