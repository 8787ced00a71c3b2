"""A child process with pipes to it: start, ask with a time limit, end."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any, TypeAlias

import uniad_desktop
from uniad_desktop.cameras.genicam.loading import why_genicam_does_not_load
from uniad_desktop.cameras.genicam.messages import Command, Failure, FailureKind, Request
from uniad_desktop.cameras.genicam.shared import SharedArea, Word
from uniad_desktop.cameras.giving_up import GIVE_UP_S, given_up
from uniad_desktop.cameras.source import CameraError, CameraLostError, CameraNotFoundError

Answer: TypeAlias = Any  # whatever the camera process sends; see messages.py

logger = logging.getLogger(__name__)

# A camera process stamps its heartbeat every 0.2 s at the latest, so this is a process that hangs.
HANG_LIMIT_S = 1.5
# A register access may take as long as the camera likes; the child says when one is under way.
NODE_LIMIT_S = 10.0
_CLOSE_LIMIT_S = 2.0
# How often whoever waits looks whether the process still lives.
_LOOK_S = 0.25
_EXCEPTIONS: dict[FailureKind, type[CameraError]] = {
    FailureKind.ERROR: CameraError,
    FailureKind.NOT_FOUND: CameraNotFoundError,
    FailureKind.LOST: CameraLostError,
}
# What was started here, as long as anybody looks after it.
_started: weakref.WeakSet[subprocess.Popen[bytes]] = weakref.WeakSet()


class ChildGoneError(Exception):
    """The process ended or hangs; the message says which, as the end of a sentence."""


def spawn(
    module: str,
    arguments: list[str],
    pipes: list[Connection],
    environment: Mapping[str, str],
    descriptors: tuple[int, ...] = (),
) -> subprocess.Popen[bytes]:
    """Starts ``python -m module HANDLE... ARGUMENT...`` with the ends of `pipes` it shall have.

    A fresh interpreter rather than multiprocessing, which would import the parent's main module
    (torch, Qt) again. The child is in a process group of its own, so that Ctrl-C in a terminal
    reaches the parent alone, which ends the child in its own time.
    """
    handles = [pipe.fileno() for pipe in pipes]
    command = [sys.executable, "-m", module, *map(str, handles), *arguments]
    options: dict[str, Any] = {}
    if sys.platform == "win32":
        for handle in handles:
            os.set_handle_inheritable(handle, True)
        options["startupinfo"] = subprocess.STARTUPINFO(lpAttributeList={"handle_list": handles})
        options["creationflags"] = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
    else:
        options["pass_fds"] = (*handles, *descriptors)
        options["start_new_session"] = True
    try:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=None if _shows_everything() else subprocess.DEVNULL,
            env=_child_environment(environment),
            **options,
        )
        _started.add(child)
        return child
    finally:
        # The child has its copies; ours must go, or its death would not close the pipe.
        for pipe in pipes:
            pipe.close()


def _shows_everything() -> bool:
    """Whether the user asked for all that happens (--verbose); the log file always has it."""
    handlers = logging.getLogger("uniad_desktop").handlers
    shown = any(
        type(one) is logging.StreamHandler and one.level <= logging.DEBUG for one in handlers
    )
    return shown and logger.isEnabledFor(logging.DEBUG)


def _child_environment(extra: Mapping[str, str]) -> dict[str, str]:
    environment = {**os.environ, **extra}
    root = str(Path(uniad_desktop.__file__).resolve().parents[1])
    former = environment.get("PYTHONPATH")
    environment["PYTHONPATH"] = f"{root}{os.pathsep}{former}" if former else root
    environment["PYTHONSAFEPATH"] = "1"
    environment.pop("PYTHONWARNINGS", None)
    # The camera process does no arithmetic worth a thread pool.
    environment["OPENBLAS_NUM_THREADS"] = "1"
    return environment


def describe_end(child: subprocess.Popen[bytes]) -> str:
    """Says how a process ended, for example ``its process was ended by SIGSEGV``."""
    with suppress(subprocess.TimeoutExpired):
        child.wait(1.0)
    code = child.returncode
    if code is None:
        return "its process closed the connection"
    if code < 0:
        with suppress(ValueError):
            return f"its process was ended by {signal.Signals(-code).name}"
    return f"its process ended with code {code}"


def describe_camera_end(child: subprocess.Popen[bytes]) -> str:
    """The same of a process that talks to a producer, with the way out where GenICam is missing."""
    told = describe_end(child)
    return why_genicam_does_not_load() or told if child.returncode == 1 else told


def end(child: subprocess.Popen[bytes], grace_s: float) -> None:
    """Waits `grace_s` seconds for the process to end by itself, then kills it."""
    try:
        child.wait(grace_s)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait(5.0)


def kill_all() -> None:
    """Kills every process that `spawn` started and that still runs: this one is about to end.

    A driver that hangs keeps its process from seeing that the parent is gone. May be called from a
    signal handler.
    """
    for child in tuple(_started):
        with suppress(OSError):
            child.kill()


class CameraProcess:
    """One camera process: a control pipe, a frame pipe, and shared memory.

    The control pipe may be used from any thread, the frame pipe from one at a time.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Starts the process; it has opened nothing yet."""
        self.area = SharedArea()
        self._control, control_end = Pipe()
        self._frames, frames_end = Pipe()
        self._control_lock = threading.Lock()
        self._frames_lock = threading.Lock()
        try:
            self._child = spawn(
                "uniad_desktop.cameras.genicam.child",
                [self.area.token],
                [control_end, frames_end],
                environment,
                self.area.descriptors,
            )
        except OSError as error:
            self._control.close()
            self._frames.close()
            self.area.close()
            raise CameraError(f"The camera process could not be started: {error}.") from error

    @property
    def pid(self) -> int:
        """Process id of the child."""
        return self._child.pid

    def ask(
        self,
        command: Command,
        *arguments: object,
        limit_s: float,
        longest_s: float | None = None,
    ) -> Answer:
        """Sends a request and gives its answer.

        Args:
            command: what to do.
            arguments: of the command.
            limit_s: for an answer; where `longest_s` is given, for each register access of it.
            longest_s: for the answer, however often the camera shows in between that it is there.

        Raises:
            ChildGoneError: the process ended, or gave no answer in time.
            CameraError: (and its kinds) what the process answered instead; or it was busy with
                another request for `limit_s`.
        """
        self._take_control(limit_s)
        try:
            self._control.send(Request(command, arguments))
            self._await_answer(limit_s, limit_s if longest_s is None else longest_s)
            answer = self._control.recv()
        except (EOFError, OSError) as error:
            raise ChildGoneError(describe_camera_end(self._child)) from error
        finally:
            self._control_lock.release()
        return _unwrap(answer)

    def _take_control(self, limit_s: float) -> None:
        """Waits for the turn on the control pipe."""
        asked = time.monotonic()
        while not self._control_lock.acquire(timeout=min(limit_s, _LOOK_S)):
            if self._is_given_up(asked):
                raise ChildGoneError("its driver hangs")
            if time.monotonic() - asked >= limit_s:
                raise CameraError(
                    f"The camera is busy with another request and did not take this one within "
                    f"{limit_s:g} s; try again."
                )

    def _is_given_up(self, asked: float) -> bool:
        """Whether nobody wants it any more and it shows no sign of life since `asked`, either."""
        if not given_up():
            return False
        try:
            words = self.area.words
        except ValueError:  # closed meanwhile
            return True
        stamped = max(int(words[Word.NODE_ACCESS_NS]), int(words[Word.HEARTBEAT_NS])) / 1e9
        return time.monotonic() - max(asked, stamped) > GIVE_UP_S

    def _await_answer(self, limit_s: float, longest_s: float) -> None:
        asked = last = time.monotonic()
        while True:
            end = min(last + limit_s, asked + longest_s)
            if self._control.poll(max(0.0, min(end - time.monotonic(), _LOOK_S))):
                return
            if self._is_given_up(asked):
                raise ChildGoneError("its driver hangs")
            last = max(last, int(self.area.words[Word.NODE_ACCESS_NS]) / 1e9)
            if time.monotonic() >= min(last + limit_s, asked + longest_s):
                raise ChildGoneError(f"it gave no answer within {limit_s:g} s")

    def take(self, timeout_s: float) -> Answer:
        """Asks for the next frame: a FrameNotice, or None after `timeout_s`.

        Waits in the operating system on the frame pipe; four times a second it looks whether the
        process still stamps its heartbeat or, while a register access is under way, whether that
        has taken longer than `NODE_LIMIT_S`.

        Raises:
            ChildGoneError: the process ended or hangs.
            CameraError: (and its kinds) what the process answered instead.
        """
        with self._frames_lock:
            try:
                self._frames.send(timeout_s)
                asked = time.monotonic_ns()
                while not self._frames.poll(_LOOK_S):
                    if self._silent_ns(asked) > 0 or self._is_given_up(asked / 1e9):
                        raise ChildGoneError("its driver hangs")
                answer = self._frames.recv()
            except (EOFError, OSError) as error:
                raise ChildGoneError(describe_camera_end(self._child)) from error
        return _unwrap(answer)

    def _silent_ns(self, asked: int) -> int:
        """By how much the process has been silent for too long; 0 or less: it has not."""
        words = self.area.words
        # In this order: the child stamps its heartbeat before it takes the access back.
        access = int(words[Word.NODE_ACCESS_NS])
        since, limit_s = access, NODE_LIMIT_S
        if not access:
            since, limit_s = max(int(words[Word.HEARTBEAT_NS]), asked), HANG_LIMIT_S
        return time.monotonic_ns() - since - int(limit_s * 1e9)

    def close(self, *, grace_s: float = _CLOSE_LIMIT_S) -> None:
        """Asks the process to give the camera back, ends it, frees everything. Call it once.

        Args:
            grace_s: for the answer; a process that gives none is killed at once.
        """
        with suppress(ChildGoneError, CameraError):
            if grace_s > 0:
                self.ask(Command.CLOSE, limit_s=grace_s)
                end(self._child, grace_s)
        end(self._child, 0.0)
        # The process is gone: whoever still waits on the frame pipe wakes up and lets go.
        with self._frames_lock, self._control_lock:
            self._control.close()
            self._frames.close()
            self.area.close()


def _unwrap(answer: Answer) -> Answer:
    if isinstance(answer, Failure):
        raise _EXCEPTIONS[answer.kind](answer.message)
    return answer
