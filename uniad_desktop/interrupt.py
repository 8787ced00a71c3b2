"""Ctrl-C and termination signals: asked once, obeyed at the next safe moment; twice, at once.

A program that started this one may also ask it, through standard input, to pause and to go on.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType

PARENT_WATCHED = "UNIAD_PARENT_WATCHED"
"""Set in the environment of a process that ends when its standard input does."""

PAUSE, RESUME = "pause", "resume"
"""Lines on that standard input; a command that cannot pause goes on."""

_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


class Interrupt:
    """Remembers that the user wants to end, whatever the program is just doing."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._paused = threading.Event()
        self._at_once: list[Callable[[], None]] = []

    def when_ended_at_once(self, act: Callable[[], None]) -> None:
        """Has `act` called before the program ends because it was asked twice; it must be quick."""
        self._at_once.append(act)

    def is_asked(self) -> bool:
        """Whether the program has been asked to end."""
        return self._asked.is_set()

    def raise_if_asked(self) -> None:
        """Raises KeyboardInterrupt if the program has been asked to end."""
        if self._asked.is_set():
            raise KeyboardInterrupt

    def is_paused(self) -> bool:
        """Whether the program has been asked to pause and not yet to go on."""
        return self._paused.is_set()

    @contextlib.contextmanager
    def handled(self) -> Iterator[None]:
        """Takes over SIGINT, SIGTERM and SIGHUP; gives the former handlers back at the end."""
        former = {number: signal.signal(number, self._handle) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)

    def watch_parent(self) -> None:
        """Asks to end when standard input ends, where whoever started this wants that.

        It ends when it is closed and also when the other process is killed.
        """
        if os.environ.pop(PARENT_WATCHED, "") != "1":
            return
        threading.Thread(target=self._wait_for_end, name="parent-watch", daemon=True).start()

    def _wait_for_end(self) -> None:
        # The descriptor itself: Python's own stream must not be held at the end of the process.
        descriptor = sys.__stdin__.fileno() if sys.__stdin__ else 0
        rest = b""
        with contextlib.suppress(OSError):
            while read := os.read(descriptor, 4096):
                *lines, rest = (rest + read).split(b"\n")
                for line in lines:
                    self.obey(line.decode("ascii", "replace").strip())
                rest = rest[-16:]  # a line that long is none of ours
        self._asked.set()

    def obey(self, line: str) -> None:
        """Pauses or goes on, as `PAUSE` and `RESUME` ask; any other line is no matter."""
        if line == PAUSE:
            self._paused.set()
        elif line == RESUME:
            self._paused.clear()

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self._asked.is_set():
            # Asked twice: the simulator's process ends by itself when we are gone.
            for act in self._at_once:
                act()
            os._exit(130)
        self._asked.set()
        with contextlib.suppress(OSError):
            os.write(2, b"uniad-desktop: ending; press Ctrl-C again to end at once.\n")
