"""Asks the running station of a data folder for triggers."""

from __future__ import annotations

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
    TriggerRequest,
    address_of,
    limit_silence,
    prove,
    read_answer,
    write_request,
)

WAIT_LIMIT_S = 40.0
"""Longer than the station itself waits for a decision."""


class NoStationError(Exception):
    """No station listens there; the message is a sentence for the user."""


class RefusedError(Exception):
    """The station does not trigger; the message is a sentence for the user."""


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
        try:
            self._connection.send_bytes(write_request(request))
            if not self._connection.poll(WAIT_LIMIT_S):
                raise RefusedError(f"The station did not answer within {WAIT_LIMIT_S:g} s.")
            answer = read_answer(self._connection.recv_bytes(MOST_ANSWER_BYTES))
        except (EOFError, OSError) as error:
            raise RefusedError("The station was closed before it had answered.") from error
        except ProtocolError as error:
            raise RefusedError(str(error)) from error
        if "refused" in answer:
            raise RefusedError(answer["refused"])
        decisions: list[dict[str, Any]] = answer["decisions"]
        return decisions

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
