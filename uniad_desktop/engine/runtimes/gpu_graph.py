"""Steps that are recorded as CUDA graphs: what takes hundreds of launches becomes one."""

from __future__ import annotations

import logging
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

import torch

_log = logging.getLogger(__name__)

Value = TypeVar("Value")

_WARM_UPS = 3  # before a recording, so that libraries have set themselves up, as torch asks for
_RECORDING = threading.Lock()  # two detectors that open at once record one after the other


def is_out_of_memory(error: BaseException | None) -> bool:
    """Whether memory of the GPU, or pinned memory of the host, ran out.

    What ends a recording may hide why it failed, so what came before is looked at too.
    """
    while error is not None:
        if isinstance(error, torch.OutOfMemoryError):
            return True
        text = str(error)
        if isinstance(error, RuntimeError) and (
            "CUDA error: out of memory" in text or "STATUS_ALLOC_FAILED" in text
        ):
            return True
        error = error.__cause__ or error.__context__
    return False


def reason_of(error: BaseException) -> str:
    """The first line of an error's text; its kind where it has none."""
    return next(iter(str(error).splitlines()), "") or type(error).__name__


class Recorder:
    """Records steps on one stream.

    All recordings share one pool of memory. That is right because they are replayed one after
    another on that stream, and a step leaves its results in tensors made outside of it: nothing
    in the pool is read after the step that wrote it.

    Args:
        stream: on which steps run; None on the processor, where nothing is recorded.
    """

    def __init__(self, stream: torch.cuda.Stream | None) -> None:
        self._stream = stream
        self._refusal = ""
        self._graphs: weakref.WeakSet[torch.cuda.CUDAGraph] = weakref.WeakSet()
        self._pool: Any = None

    @property
    def records(self) -> bool:
        """Whether steps are recorded at all."""
        return self._stream is not None and not self._refusal

    @property
    def refusal(self) -> str:
        """Why nothing is recorded any more, in the words of the driver; empty where it is."""
        return self._refusal

    def refuse(self, reason: str) -> None:
        """From now on steps run launch by launch."""
        if not self._refusal:
            self._refusal = reason
            _log.warning("CUDA graphs are not used: %s", reason)

    def record(self, work: Callable[[], None]) -> torch.cuda.CUDAGraph | None:
        """Records a step that ran before, without running it; None where that is refused.

        Raises:
            torch.OutOfMemoryError or another RuntimeError for which `is_out_of_memory` is true.
        """
        graph = torch.cuda.CUDAGraph()
        if not self._graphs:  # a pool that nothing uses any more may be gone
            self._pool = torch.cuda.graph_pool_handle()
        try:
            # Other threads may go on using the GPU meanwhile: the line runs while a model loads.
            with (
                _RECORDING,
                torch.cuda.graph(
                    graph,
                    pool=self._pool,
                    stream=self._stream,
                    capture_error_mode="thread_local",
                ),
            ):
                work()
        except RuntimeError as error:
            if is_out_of_memory(error):
                raise
            self.refuse(reason_of(error))
            return None
        self._graphs.add(graph)
        return graph


class Step:
    """Work that is done again and again on the same tensors.

    The first time it simply runs, since many a shape comes only once; the second time it is
    recorded.

    Args:
        recorder: of the stream that it runs on.
        work: reads and writes tensors that live as long as it does; makes none on the host.
    """

    def __init__(self, recorder: Recorder, work: Callable[[], None]) -> None:
        self._recorder = recorder
        self._work = work
        self._graph: torch.cuda.CUDAGraph | None = None
        self._ran = False

    @property
    def recorded(self) -> bool:
        """Whether it is one launch by now."""
        return self._graph is not None

    def run(self) -> None:
        """Does the work, or puts it on the stream.

        Raises:
            RuntimeError: of any kind that torch raises.
        """
        if self._graph is not None:
            self._graph.replay()
            return
        recording = self._ran and self._recorder.records
        for _ in range(_WARM_UPS if recording else 1):
            self._work()
        self._ran = True
        if recording:
            self._graph = self._recorder.record(self._work)


class Kept(Generic[Value]):
    """The values that were used last.

    Args:
        most: how many are kept.
        before_dropping: called before one is let go, to wait for what still uses it.
    """

    def __init__(self, most: int, before_dropping: Callable[[], None]) -> None:
        self._most = most
        self._before_dropping = before_dropping
        self._values: OrderedDict[Hashable, Value] = OrderedDict()

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value of a key, made where it is not there."""
        found = self._values.get(key)
        if found is not None:
            self._values.move_to_end(key)
            return found
        if len(self._values) >= self._most:
            self._before_dropping()
            self._values.popitem(last=False)
        made = make()
        self._values[key] = made
        return made

    def clear(self) -> None:
        """Lets all go."""
        if self._values:
            self._before_dropping()
            self._values.clear()
