"""Where a running station listens for what other programs ask."""

from __future__ import annotations

import logging
import os
import queue
import secrets
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Protocol

from uniad_desktop.cameras.source import CameraError, TriggerMode, TriggerSettings
from uniad_desktop.headless import format_line
from uniad_desktop.inspection.types import InspectedFrame, StationState
from uniad_desktop.records.describe import describe
from uniad_desktop.remote.protocol import (
    ANSWER_LIMIT_S,
    KEY_BYTES,
    KEY_FILE,
    MOST_REQUEST_BYTES,
    ProtocolError,
    SaveRequest,
    TriggerRequest,
    address_of,
    limit_silence,
    prove,
    read_request,
    write_answer,
)
from uniad_desktop.remote.saving import Recorded, save_for

log = logging.getLogger(__name__)

MOST_CLIENTS = 8
DECISION_LIMIT_S = 30.0
"""Every trigger gets a decision much sooner; this is for a station that hangs."""

_POLL_S = 0.1


class Asked(Recorded, Protocol):
    """What the port needs of a station."""

    @property
    def state(self) -> StationState:
        """What it does."""
        ...

    @property
    def problem(self) -> str:
        """A sentence while something is wrong."""
        ...

    @property
    def trigger_settings(self) -> TriggerSettings:
        """What starts exposures."""
        ...

    def trigger(self, told: Callable[[InspectedFrame], None] | None = None) -> None:
        """Asks for one software trigger; `told` is called with each of its decisions."""
        ...


class Refusal(Exception):  # noqa: N818 - an answer, not an error
    """The station does not do it; `why` is a word for programs."""

    def __init__(self, why: str, sentence: str) -> None:
        super().__init__(sentence)
        self.why = why


class TriggerPort:
    """Listens until it is closed; each program that asks has a thread of its own, eight at most.

    What a killed station left behind is replaced: the caller holds the lock of the data folder.

    Args:
        folder: the data folder.
        stations: one for each camera.

    Raises:
        OSError: the folder takes neither a key nor a socket.
    """

    def __init__(self, folder: Path, stations: Sequence[Asked]) -> None:
        self._stations = tuple(stations)
        self._folder = folder
        self._key_file = folder / KEY_FILE
        self._address = address_of(folder)
        self._closing = threading.Event()
        self._clients: list[threading.Thread] = []
        self._key = secrets.token_bytes(KEY_BYTES)
        self._forget()
        _write_private(self._key_file, self._key)
        try:
            self._listener = Listener(self._address, backlog=MOST_CLIENTS)
            if sys.platform != "win32":
                Path(self._address).chmod(0o600)
        except BaseException:
            self._forget()
            raise
        self._thread = threading.Thread(target=self._accept, name="trigger-port", daemon=True)
        self._thread.start()

    def close(self, timeout_s: float = 4.0) -> bool:
        """Ends listening and its threads and removes its files; whether that was done in time.

        Safe to call twice.
        """
        if self._closing.is_set():
            return True  # the files may be another station's by now
        deadline = time.monotonic() + timeout_s
        self._closing.set()
        # Whoever waits for a connection is woken by one.
        with suppress(OSError, EOFError):
            Client(self._address).close()
        for thread in (self._thread, *self._clients):
            thread.join(max(0.0, deadline - time.monotonic()))
        with suppress(OSError):
            self._listener.close()
        self._forget()
        return not any(thread.is_alive() for thread in (self._thread, *self._clients))

    def _forget(self) -> None:
        for path in (self._key_file, *(() if sys.platform == "win32" else (Path(self._address),))):
            with suppress(FileNotFoundError):
                path.unlink()

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection = self._listener.accept()
            except OSError as error:
                log.warning("A program could not be heard: %s", error)
                self._closing.wait(_POLL_S)
                continue
            self._clients = [one for one in self._clients if one.is_alive()]
            if self._closing.is_set() or len(self._clients) >= MOST_CLIENTS:
                connection.close()
                continue
            thread = threading.Thread(
                target=self._serve, args=(connection,), name="trigger-client", daemon=True
            )
            self._clients.append(thread)
            thread.start()

    def _serve(self, connection: Connection) -> None:
        try:
            with connection:
                limit_silence(connection, ANSWER_LIMIT_S)
                prove(connection, self._key, first=True)
                while not self._closing.is_set():
                    if connection.poll(_POLL_S):
                        request = read_request(connection.recv_bytes(MOST_REQUEST_BYTES))
                        connection.send_bytes(self._answer(request))
        except (EOFError, ConnectionError):
            pass  # it has what it wanted, or is gone
        except (AuthenticationError, ProtocolError, OSError) as error:
            log.warning("A program that asked for something was sent away: %s", error)

    def _answer(self, request: TriggerRequest | SaveRequest) -> bytes:
        try:
            if isinstance(request, SaveRequest):
                return write_answer(saved=self._save(request))
            return write_answer(decisions=self._trigger(request))
        except Refusal as refusal:
            return write_answer(refused=str(refusal), why=refusal.why)

    def _save(self, request: SaveRequest) -> dict[str, object]:
        station = self._station(request.camera)
        try:
            return save_for(station, self._folder, request, self._closing)
        except CameraError as error:
            raise Refusal("recording", str(error)) from error

    def _trigger(self, request: TriggerRequest) -> list[dict[str, object]]:
        station = self._station(request.camera)
        _check_triggers(station)
        if not request.wait:
            station.trigger()
            return []
        if station.state is StationState.COLLECTING:
            raise Refusal(
                "collecting",
                "The station collects parts, so a trigger gets no decision to wait for.",
            )
        made: queue.SimpleQueue[InspectedFrame] = queue.SimpleQueue()
        expected = station.trigger_settings.burst
        station.trigger(made.put)
        decisions: list[dict[str, object]] = []
        end = time.monotonic() + DECISION_LIMIT_S
        while len(decisions) < expected:
            try:
                inspection = made.get(timeout=_POLL_S).inspection
            except queue.Empty:
                if self._closing.is_set():
                    raise Refusal("closing", "The station is being closed.") from None
                if time.monotonic() > end:
                    raise Refusal(
                        "late", f"The station made no decision within {DECISION_LIMIT_S:g} s."
                    ) from None
                continue
            decisions.append({"line": format_line(inspection), "decision": describe(inspection)})
        return decisions

    def _station(self, camera: int) -> Asked:
        if not 1 <= camera <= len(self._stations):
            count = len(self._stations)
            have = "one camera" if count == 1 else f"{count} cameras, 1 to {count}"
            raise Refusal("camera", f"The station has no camera {camera}; it has {have}.")
        return self._stations[camera - 1]


def _check_triggers(station: Asked) -> None:
    """Raises Refusal where a software trigger would get no decision now."""
    mode = station.trigger_settings.mode
    if mode is not TriggerMode.SOFTWARE:
        now = "runs free" if mode is TriggerMode.FREE_RUNNING else "waits for its hardware line"
        raise Refusal(
            "mode",
            f"The station {now}; start it with --trigger software, or choose the software "
            "trigger in its window (key M).",
        )
    if station.state not in (StationState.RUNNING, StationState.COLLECTING):
        why = station.problem or "start inspection in its window (Space)."
        raise Refusal("state", f"The station inspects nothing ({station.state.value}): {why}")


def _write_private(path: Path, data: bytes) -> None:
    """A new file that only this user can read."""
    number = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(number, "wb") as file:
        file.write(data)
