"""The way onto the GPU: streams, and frames that travel through pinned memory.

Without a GPU the same calls work on the processor, one after another; that is for tests.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

_BAND = 1 << 20
"""Bytes that are copied to pinned memory before their upload starts; the next follow meanwhile."""


class Mark:
    """A place in the work of a stream.

    Args:
        stream: whose work so far it stands behind; None on the processor, where all is done.
    """

    def __init__(self, stream: torch.cuda.Stream | None) -> None:
        self._time = time.perf_counter()
        self._event: Any = None
        if stream is not None:
            make: Any = torch.cuda.Event  # without types in some versions
            self._event = make(enable_timing=True)
            self._event.record(stream)

    def wait(self) -> None:
        """Blocks until the work before it is done.

        Raises:
            RuntimeError: some of that work failed.
        """
        if self._event is not None:
            self._event.synchronize()

    def hold(self, stream: torch.cuda.Stream | None) -> None:
        """Lets what comes next on another stream wait for it."""
        if self._event is not None and stream is not None:
            stream.wait_event(self._event)

    def ms_until(self, later: Mark) -> float:
        """Milliseconds from here to a later mark; both have been reached."""
        if self._event is None or later._event is None:
            return (later._time - self._time) * 1e3
        return float(self._event.elapsed_time(later._event))


# Matrix libraries keep a work space for every stream that they ever saw, 32 MB on some GPUs. So
# streams are used again: a station that changes its model all day long needs no more memory.
_IDLE: dict[torch.device, list[torch.cuda.Stream]] = {}
_LENDING = threading.Lock()


def _borrow(device: torch.device) -> torch.cuda.Stream:
    with _LENDING:
        idle = _IDLE.get(device)
        if idle:
            return idle.pop()
    make: Any = torch.cuda.Stream  # without types in some versions
    stream: torch.cuda.Stream = make(device)
    return stream


class Lane:
    """One stream that computes and one that copies frames beside it.

    Args:
        device: a GPU, or the CPU.
    """

    def __init__(self, device: torch.device) -> None:
        self.device = device
        on_gpu = device.type == "cuda"
        self.compute: torch.cuda.Stream | None = _borrow(device) if on_gpu else None
        self.copy: torch.cuda.Stream | None = _borrow(device) if on_gpu else None

    def on_compute(self) -> AbstractContextManager[object]:
        """What is put on the GPU inside goes to the stream that computes."""
        return nullcontext() if self.compute is None else torch.cuda.stream(self.compute)

    def on_copy(self) -> AbstractContextManager[object]:
        """What is put on the GPU inside goes to the stream that copies."""
        return nullcontext() if self.copy is None else torch.cuda.stream(self.copy)

    def mark(self) -> Mark:
        """Behind what was put on the computing stream so far."""
        return Mark(self.compute)

    def host(self, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
        """Memory of the host that the GPU copies to and from without a detour."""
        return torch.empty(shape, dtype=dtype, pin_memory=self.device.type == "cuda")

    def give_back(self) -> None:
        """Lets another lane have the streams, once nothing is on them and nobody uses this one."""
        with _LENDING:
            # The computing one is asked for first, so that it goes to those that compute again.
            for stream in (self.copy, self.compute):
                if stream is not None:
                    _IDLE.setdefault(self.device, []).append(stream)
        self.compute = self.copy = None

    def synchronise(self) -> None:
        """Waits for both streams.

        Raises:
            RuntimeError: some of their work failed.
        """
        for stream in (self.copy, self.compute):
            if stream is not None:
                stream.synchronize()


class _Slot:
    """Room for one frame on the host and on the device."""

    def __init__(self) -> None:
        self.host = self.device = torch.empty(0, dtype=torch.uint8)
        self.uploaded: Mark | None = None
        self.used: Mark | None = None


class Uploads:
    """Brings frames to the device; two at a time, so that one is read while the next travels.

    Args:
        lane: the streams.
        before_growing: called before room is replaced by larger room, so that nothing keeps it.
    """

    def __init__(self, lane: Lane, before_growing: Callable[[], None]) -> None:
        self._lane = lane
        self._before_growing = before_growing
        self._slots = (_Slot(), _Slot())
        self._next = 0

    def restart(self) -> None:
        """Begins with the first slot again, so that a single frame always finds the same place."""
        self._next = 0

    def put(self, pixels: NDArray[np.uint8]) -> Tensor:
        """Uploads a frame; the computing stream goes on when it is there.

        Args:
            pixels: (H, W) or (H, W, 3) uint8, strided at will; read before this returns.

        Returns:
            The same shape on the device, valid until the second call of `put` from here.
            `done_with` has to be called before the next call.

        Raises:
            RuntimeError: of any kind that torch raises.
        """
        slot = self._slots[self._next]
        self._reserve(slot, pixels.nbytes)
        if slot.uploaded is not None:
            slot.uploaded.wait()  # the host's part is written again
        if slot.used is not None:
            slot.used.hold(self._lane.copy)  # the device's part is
        host = slot.host[: pixels.nbytes].view(pixels.shape)
        device = slot.device[: pixels.nbytes].view(pixels.shape)
        writable = host.numpy()
        rows = max(1, _BAND // (pixels.nbytes // pixels.shape[0]))
        with self._lane.on_copy():
            for start in range(0, pixels.shape[0], rows):
                band = slice(start, start + rows)
                np.copyto(writable[band], pixels[band])
                device[band].copy_(host[band], non_blocking=True)
        slot.uploaded = Mark(self._lane.copy)
        slot.uploaded.hold(self._lane.compute)
        return device

    def done_with(self) -> None:
        """Says that all work which reads the last frame is on the computing stream."""
        self._slots[self._next].used = self._lane.mark()
        self._next = 1 - self._next

    def clear(self) -> None:
        """Gives the room back. The lane has to be idle."""
        self._slots = (_Slot(), _Slot())
        self._next = 0

    def _reserve(self, slot: _Slot, size: int) -> None:
        if slot.device.numel() >= size:
            return
        self._lane.synchronise()
        self._before_growing()
        slot.host = slot.device = torch.empty(0, dtype=torch.uint8)  # gone before more is asked for
        slot.uploaded = slot.used = None
        host = self._lane.host((size,), torch.uint8)
        slot.device = torch.empty(size, dtype=torch.uint8, device=self._lane.device)
        slot.host = host
