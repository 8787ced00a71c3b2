"""The child's ends of the pipes that it inherited."""

from __future__ import annotations

import selectors
import sys
from multiprocessing import connection


def connection_from(handle: int) -> connection.Connection:
    """A connection on an inherited descriptor (POSIX) or pipe handle (Windows)."""
    if sys.platform == "win32":
        return connection.PipeConnection(handle)
    return connection.Connection(handle)


class Inbox:
    """Waits on several pipes, a thousand times a second if need be.

    ``multiprocessing.connection.wait`` would set up a selector each time, which costs a third of
    the processor time of an idle camera process. On Windows, where pipes need it, it does not.
    """

    def __init__(self, *pipes: connection.Connection) -> None:
        self._pipes = pipes
        self._selector: selectors.BaseSelector | None = None
        if sys.platform != "win32":
            self._selector = selectors.DefaultSelector()
            for pipe in pipes:
                self._selector.register(pipe, selectors.EVENT_READ, pipe)

    def wait(self, timeout_s: float) -> list[connection.Connection]:
        """The pipes with a message, or whose other end is closed; empty after `timeout_s`."""
        if self._selector is None:
            return [pipe for pipe in connection.wait(self._pipes, timeout_s) if pipe in self._pipes]
        return [key.data for key, _ in self._selector.select(timeout_s)]

    def close(self) -> None:
        """Frees the selector, not the pipes."""
        if self._selector is not None:
            self._selector.close()
