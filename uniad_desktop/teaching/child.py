"""A command of this program in a process of its own, beside a station that inspects."""

from __future__ import annotations

import contextlib
import os
import queue
import re
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Final

import psutil

from uniad_desktop.interrupt import PARENT_WATCHED, PAUSE, RESUME

_NAME = re.compile(r"^uniad-desktop(?: \w+)?: ")
_TAIL = 12  # lines of standard error that are kept
_END_S: Final = 20.0
_NICE = 10


class CommandRun:
    """``uniad-desktop ARGUMENTS`` at low priority; what it prints is read line by line.

    The process ends by itself, as on Ctrl-C, when it is told to `stop` or when this program is
    gone, even killed: it watches its standard input, which is ours. All methods return at once
    but `close`.

    Args:
        arguments: of the command, its name first.
        log: file that its standard error is added to; None: only the last lines are kept.

    Raises:
        OSError: no process can be started.
    """

    def __init__(self, arguments: Sequence[str], log: Path | None = None) -> None:
        command = [sys.executable, "-m", "uniad_desktop", *arguments]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, PARENT_WATCHED: "1", "PYTHONUNBUFFERED": "1"},
            encoding="utf-8",
            errors="replace",
            # Ctrl-C in a terminal is for the station, which then ends this one in its own time.
            start_new_session=sys.platform != "win32",
        )
        with contextlib.suppress(psutil.Error):  # it may have ended already
            low = psutil.BELOW_NORMAL_PRIORITY_CLASS if sys.platform == "win32" else _NICE
            psutil.Process(self._process.pid).nice(low)
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._tail: deque[str] = deque(maxlen=_TAIL)
        self._log = log
        self._stopped = False
        self._readers = [
            threading.Thread(target=self._read_output, name="child-output", daemon=True),
            threading.Thread(target=self._read_errors, name="child-errors", daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    @property
    def running(self) -> bool:
        """Whether the process lives or some of its output is still to come."""
        return self._process.poll() is None or any(one.is_alive() for one in self._readers)

    @property
    def code(self) -> int | None:
        """The exit code; None while it is running."""
        return None if self.running else self._process.returncode

    @property
    def stopped(self) -> bool:
        """Whether it was told to stop."""
        return self._stopped

    @property
    def last_words(self) -> str:
        """The last lines of standard error: why it ended, where it failed."""
        return "\n".join(self._tail)

    @property
    def sentence(self) -> str:
        """Why it ended, for the user: the last line of standard error without the program's name.

        Of a traceback that is its last line, and the log has the rest.
        """
        last = self._tail[-1] if self._tail else f"the program ended with code {self.code}"
        return _NAME.sub("", last)

    def lines(self) -> list[str]:
        """What was printed on standard output since the last call, without line ends."""
        found = []
        with contextlib.suppress(queue.Empty):
            while True:
                found.append(self._lines.get_nowait())
        return found

    def pause(self) -> None:
        """Asks it to wait at its next safe moment; a command that cannot goes on."""
        self._say(PAUSE)

    def resume(self) -> None:
        """Asks it to go on."""
        self._say(RESUME)

    def stop(self) -> None:
        """Asks it to end at its next safe moment."""
        self._stopped = True
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()

    def close(self, timeout_s: float = _END_S) -> bool:
        """Stops it and waits; kills it after `timeout_s`. Whether it ended by itself."""
        self.stop()
        in_time = True
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            in_time = False
            self._process.kill()
            self._process.wait(timeout_s)
        for reader in self._readers:
            reader.join(timeout_s)
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()
        return in_time

    def _say(self, word: str) -> None:
        if self._process.stdin is not None and not self._process.stdin.closed:
            with contextlib.suppress(OSError):  # it has ended already
                self._process.stdin.write(f"{word}\n")
                self._process.stdin.flush()

    def _read_output(self) -> None:
        for line in _lines_of(self._process.stdout):
            self._lines.put(line)

    def _read_errors(self) -> None:
        with contextlib.ExitStack() as stack:
            kept = None
            if self._log is not None:
                with contextlib.suppress(OSError):  # the words are still in `last_words`
                    self._log.parent.mkdir(parents=True, exist_ok=True)
                    kept = stack.enter_context(self._log.open("a", encoding="utf-8"))
            for line in _lines_of(self._process.stderr):
                # A progress bar writes over its own line; its last state is what counts.
                shown = line.rsplit("\r", 1)[-1]
                if shown.strip():
                    self._tail.append(shown)
                if kept is not None:
                    try:
                        kept.write(shown + "\n")
                        kept.flush()
                    except OSError:  # a full disk
                        kept = None


def _lines_of(stream: IO[str] | None) -> list[str] | map[str]:
    return [] if stream is None else map(lambda line: line.rstrip("\r\n"), stream)
