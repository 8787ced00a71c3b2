"""Asks the running station of a data folder for triggers, or for its last raw frames."""

from __future__ import annotations

import time
from collections.abc import Callable
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from uniad_desktop.remote.protocol import (
    ANSWER_LIMIT_S,
    KEY_FILE,
    MOST_ANSWER_BYTES,
    ProtocolError,
    SaveRequest,
    TriggerRequest,
    address_of,
    limit_silence,
    prove,
    read_answer,
    write_request,
)

WAIT_LIMIT_S = 40.0
"""Longer than the station itself waits for a decision."""

SAVE_LIMIT_S = 640.0
"""Longer than the station itself waits for a disk."""

_LOOK_S = 0.1


class NoStationError(Exception):
    """No station listens there; the message is a sentence for the user."""


class RefusedError(Exception):
    """The station does not do it; the message is a sentence for the user."""


class TriggerClient:
    """A connection to the station of a data folder.

    Args:
        folder: the data folder.

    Raises:
        NoStationError: no station runs there, or it is another user's.
        RefusedError: it is busy with other programs, or does not answer.
    """

    def __init__(self, folder: Path) -> None:
        nobody = f"No station runs with the data folder {folder}; start one, or name its folder."
        try:
            key = (folder / KEY_FILE).read_bytes()
            self._connection: Connection = Client(address_of(folder))
        except (FileNotFoundError, ConnectionRefusedError) as error:
            raise NoStationError(f"{nobody}") from error
        except OSError as error:
            raise NoStationError(
                f"The station of {folder} cannot be asked: {error.strerror or error}; run this as "
                "the user who runs the station."
            ) from error
        try:
            limit_silence(self._connection, ANSWER_LIMIT_S)
            prove(self._connection, key, first=False)
        except (AuthenticationError, ProtocolError) as error:
            self.close()
            raise NoStationError(
                f"What listens for {folder} is not the station that wrote its key; try again."
            ) from error
        except (EOFError, OSError) as error:
            self.close()
            raise RefusedError(
                "The station is busy with other programs or hangs; try again in a moment."
            ) from error

    def trigger(self, request: TriggerRequest) -> list[dict[str, Any]]:
        """Has the station trigger once.

        Returns:
            For each decision its ``line`` for people and its ``decision`` as in the records; none
            where the request does not wait.

        Raises:
            RefusedError: it does not trigger now, or was closed meanwhile.
        """
        decisions: list[dict[str, Any]] = self._ask(request, WAIT_LIMIT_S, "decisions")
        return decisions

    def save(
        self, request: SaveRequest, keep_waiting: Callable[[], None] = lambda: None
    ) -> dict[str, Any]:
        """Has the station save its last raw frames; returns when they are on the disk.

        Args:
            request: of which camera, how many seconds, where to.
            keep_waiting: called ten times a second meanwhile; what it raises ends the waiting, not
                the saving.

        Returns:
            The ``folder`` of the recording, its ``frames`` and ``seconds``.

        Raises:
            RefusedError: they could not be saved, or the station was closed meanwhile.
        """
        saved: dict[str, Any] = self._ask(request, SAVE_LIMIT_S, "saved", keep_waiting)
        return saved

    def _ask(
        self,
        request: TriggerRequest | SaveRequest,
        limit_s: float,
        wanted: str,
        keep_waiting: Callable[[], None] = lambda: None,
    ) -> Any:  # noqa: ANN401 - what was checked by read_answer
        end = time.monotonic() + limit_s
        try:
            self._connection.send_bytes(write_request(request))
            while not self._connection.poll(_LOOK_S):
                keep_waiting()
                if time.monotonic() > end:
                    raise RefusedError(f"The station did not answer within {limit_s:g} s.")
            answer = read_answer(self._connection.recv_bytes(MOST_ANSWER_BYTES))
        except (EOFError, OSError) as error:
            raise RefusedError("The station was closed before it had answered.") from error
        except ProtocolError as error:
            raise RefusedError(str(error)) from error
        if "refused" in answer:
            raise RefusedError(answer["refused"])
        if wanted not in answer:
            raise RefusedError("The station gave an answer to something else; try again.")
        return answer[wanted]

    def close(self) -> None:
        """Ends the connection."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
