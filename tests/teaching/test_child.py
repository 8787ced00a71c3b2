"""A command in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from uniad_desktop.interrupt import PARENT_WATCHED
from uniad_desktop.teaching.child import CommandRun

LONGEST_S = 60.0


def until(so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONGEST_S
    while not so():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.02)


def test_output_code_and_words_come_through(tmp_path: Path) -> None:
    run = CommandRun(["products", "list", "--data-dir", str(tmp_path), "--json"])
    until(lambda: not run.running)
    lines = run.lines()
    assert run.code == 0, run.last_words
    assert "".join(lines).lstrip().startswith(("[", "{"))
    assert run.lines() == []
    assert run.close()


def test_a_failure_keeps_its_last_words_and_its_log(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "run.log"
    run = CommandRun(["products", "show", "nothing", "--data-dir", str(tmp_path)], log)
    until(lambda: not run.running)
    assert run.code not in (0, None)
    assert "nothing" in run.last_words
    assert "nothing" in log.read_text(encoding="utf-8")
    assert run.close()


def camera_less(tmp_path: Path) -> list[str]:
    """A command that goes on until it is ended: a station without window."""
    return [
        "--camera",
        "sim",
        "--headless",
        "--trigger",
        "software",
        "--trigger-every",
        "1000",
        "--data-dir",
        str(tmp_path),
    ]


def test_stop_ends_it_in_order_and_it_runs_at_low_priority(tmp_path: Path) -> None:
    run = CommandRun(camera_less(tmp_path))
    time.sleep(0.2)
    assert run.running
    if sys.platform != "win32":
        assert psutil.Process(run._process.pid).nice() == 10
    run.stop()
    until(lambda: not run.running)
    assert run.stopped
    assert run.code == 130, run.last_words
    assert run.close()


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is of POSIX")
def test_it_ends_when_the_program_that_started_it_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time; from uniad_desktop.teaching.child import CommandRun;"
        "run = CommandRun(sys.argv[1:]); print(run._process.pid, flush=True); time.sleep(600)"
    )
    command = [sys.executable, "-c", code, *camera_less(tmp_path)]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait(LONGEST_S)
    parent.stdout.close()
    until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


def test_the_watch_is_not_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    from uniad_desktop.interrupt import Interrupt

    monkeypatch.delenv(PARENT_WATCHED, raising=False)
    interrupt = Interrupt()
    interrupt.watch_parent()
    assert not interrupt.is_asked()
    monkeypatch.setenv(PARENT_WATCHED, "0")
    interrupt.watch_parent()
    assert PARENT_WATCHED not in os.environ


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("uniad-desktop: There is no model.", "There is no model."),
        ("uniad-desktop products: There is no product.", "There is no product."),
        ("a\nuniad-desktop teach: The disk is full: free some.", "The disk is full: free some."),
        ("Traceback …\nRuntimeError: odd", "RuntimeError: odd"),
        ("10 %\r90 %", "90 %"),
        ("", "the program ended with code 3"),
        ("  \n", "the program ended with code 3"),
    ],
)
def test_why_it_ended_as_a_sentence(monkeypatch, said: str, sentence: str) -> None:
    code = f"import sys; sys.stderr.write({said!r}); sys.exit(3)"
    real = subprocess.Popen

    def start(command: list[str], **more: object) -> subprocess.Popen[str]:
        return real([sys.executable, "-S", "-c", code], **more)

    monkeypatch.setattr("uniad_desktop.teaching.child.subprocess.Popen", start)
    run = CommandRun(["teach"])
    until(lambda: not run.running)
    assert run.code == 3 and run.sentence == sentence
    assert run.close()
