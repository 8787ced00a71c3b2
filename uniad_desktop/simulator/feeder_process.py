"""The process that draws parts for the simulated cameras, kept alive from here."""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

_WATCH_S = 0.25
_STOP_S = 3.0
_STEADY_S = 10.0  # a feeder that lived so long had no lasting trouble
_MOST_FAILURES = 5

logger = logging.getLogger(__name__)


class FeederProcess:
    """The feeder process and the thread that starts it again if it dies."""

    def __init__(self, folder: Path, serials: tuple[str, ...], images: Path | None) -> None:
        """Says what is wanted; nothing runs before `start`.

        Args:
            folder: where the rings lie.
            serials: the cameras whose rings are to be filled.
            images: folder of images to show instead of drawn parts.
        """
        self._command = [
            *(sys.executable, "-P", "-m", "uniad_desktop.simulator.feeder"),
            *(() if images is None else ("--images", str(images))),
            *(str(folder), *serials),
        ]
        self._log = folder / "feeder.log"
        self._closing = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._watch = threading.Thread(target=self._run, name="simulated-line", daemon=True)

    def start(self) -> None:
        """Starts the process and the thread that watches it."""
        self._process = self._spawn()
        self._watch.start()

    def close(self) -> None:
        """Ends both; the process is killed if it does not end by itself."""
        self._closing.set()
        self._watch.join()
        process = self._process
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._listener.join(_STOP_S)

    def _spawn(self) -> subprocess.Popen[bytes]:
        # The feeder ends when this pipe does: also if this process is killed.
        flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
        flags |= getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0)
        environment = dict(os.environ, OMP_NUM_THREADS="1")
        # The package may be importable only through this process's path.
        root = str(Path(__file__).parents[2])
        environment["PYTHONPATH"] = os.pathsep.join(
            filter(None, [root, os.environ.get("PYTHONPATH", "")])
        )
        environment["PYTHONIOENCODING"] = "utf-8:surrogateescape"
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                creationflags=flags,
                env=environment,
            )
        self._listener = threading.Thread(
            target=_log_lines, args=(process,), name="simulated-line-log", daemon=True
        )
        self._listener.start()
        return process

    def _run(self) -> None:
        failures, started = 0, time.monotonic()
        while not self._closing.wait(_WATCH_S):
            assert self._process is not None
            if self._process.poll() is None:
                continue
            failures = 1 if time.monotonic() - started > _STEADY_S else failures + 1
            said = self._last_words()
            if failures > _MOST_FAILURES:
                logger.error("The simulated line stopped and does not start again: %s", said)
                return
            logger.warning("The simulated line stopped and is started again: %s", said)
            if self._closing.wait(_WATCH_S * 2**failures):
                return
            started = time.monotonic()
            if self._process.stdin is not None:
                self._process.stdin.close()
            self._process = self._spawn()

    def _last_words(self) -> str:
        assert self._process is not None
        with contextlib.suppress(OSError):
            lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
            if lines:
                return lines[-1]
        return f"exit status {self._process.returncode}"


def _log_lines(process: subprocess.Popen[bytes]) -> None:
    """Logs what the feeder says until it ends."""
    assert process.stdout is not None
    with process.stdout as said:
        for line in said:
            logger.warning("%s", line.decode("utf-8", errors="replace").rstrip())
