"""Work that must not be done on the Qt thread: files and models. No Qt."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Task:
    future: Future[Any]
    then: Callable[[Any], None]
    failed: Callable[[str], None]
    expected: tuple[type[Exception], ...]


class Background:
    """One thread that does one thing after the other; what came of it is taken by `beat`.

    Args:
        name: of the thread.
    """

    def __init__(self, name: str) -> None:
        self._worker = ThreadPoolExecutor(1, thread_name_prefix=f"ui-{name}")
        self._tasks: list[_Task] = []

    @property
    def busy(self) -> bool:
        """Whether something is being done or waits to be taken."""
        return bool(self._tasks)

    def run(
        self,
        work: Callable[[], T],
        then: Callable[[T], None] = lambda _: None,
        failed: Callable[[str], None] = lambda _: None,
        expected: tuple[type[Exception], ...] = (),
    ) -> None:
        """Does something later; returns at once.

        Args:
            work: done on the thread.
            then: told of the result by `beat`, on its thread.
            failed: told of a sentence for the user instead.
            expected: errors whose message is such a sentence; of others the log keeps all.
        """
        self._tasks.append(_Task(self._worker.submit(work), then, failed, expected))

    def beat(self) -> None:
        """Takes what is finished; called on the Qt thread."""
        done = [task for task in self._tasks if task.future.done()]
        self._tasks = [task for task in self._tasks if task not in done]
        for task in done:
            if task.future.cancelled():
                continue
            error = task.future.exception()
            if error is None:
                task.then(task.future.result())
            elif isinstance(error, task.expected):
                task.failed(str(error))
            else:
                log.error("Unexpected error", exc_info=error)
                task.failed(f"Unexpected error: {error}. The log says more.")

    def close_down(self) -> None:
        """Ends the thread after what it is doing now; nothing is told of it any more."""
        self._tasks.clear()
        self._worker.shutdown(wait=False, cancel_futures=True)
