"""How a station is found and what is said to it: JSON over a local connection, nothing pickled.

The station listens at a socket in its data folder (on Windows a named pipe). Whoever can read the
key beside it, a file for the station's user alone, may ask; both sides prove that they know it.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import struct
import sys
import tempfile
from dataclasses import dataclass
from multiprocessing.connection import Connection, answer_challenge, deliver_challenge
from pathlib import Path
from typing import Any

SOCKET_FILE = ".trigger.sock"
KEY_FILE = ".trigger.key"
KEY_BYTES = 32
MOST_REQUEST_BYTES = 4096
MOST_ANSWER_BYTES = 4 << 20
ANSWER_LIMIT_S = 2.0
"""Longest silence in the middle of what one side says."""

_VERSION = 1
_LONGEST_SOCKET_PATH = 100  # the systems allow 104 to 108 bytes


class ProtocolError(Exception):
    """What the other side says is none of what is understood here."""


@dataclass(frozen=True, slots=True)
class TriggerRequest:
    """One software trigger.

    Attributes:
        camera: which camera of the station, from 1.
        wait: answer with the decisions, not before.
    """

    camera: int = 1
    wait: bool = False


def address_of(folder: Path) -> str:
    """Where the station of a data folder listens.

    Where the path of a socket in the folder would be longer than the system allows, the socket
    lies in the folder for temporary files, named after the data folder.
    """
    place = folder.expanduser().resolve()
    name = f"uniad-trigger-{hashlib.sha256(os.fsencode(place)).hexdigest()[:16]}"
    if sys.platform == "win32":
        return rf"\\.\pipe\{name}"
    path = str(place / SOCKET_FILE)
    if len(os.fsencode(path)) > _LONGEST_SOCKET_PATH:
        return str(Path(tempfile.gettempdir()) / f"{name}.sock")
    return path


def limit_silence(connection: Connection, seconds: float) -> None:
    """Has reads and writes that get stuck in a message end with an OSError after `seconds`."""
    if sys.platform == "win32":
        return  # a pipe hands over whole messages
    held = struct.pack("ll", int(seconds), int(seconds % 1 * 1e6))
    # The limit belongs to the connection, not to this copy of its number.
    with socket.socket(
        socket.AF_UNIX, socket.SOCK_STREAM, fileno=os.dup(connection.fileno())
    ) as copy:
        copy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, held)
        copy.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, held)


def prove(connection: Connection, key: bytes, *, first: bool) -> None:
    """Both sides show that they know the key.

    Args:
        connection: just opened, with a limit on silence.
        key: the shared key.
        first: whether this side asks first, as the station does.

    Raises:
        AuthenticationError: the other side does not know the key.
        ProtocolError: it says something else.
        EOFError, OSError: it is gone, or silent.
    """
    try:
        if first:
            deliver_challenge(connection, key)
        answer_challenge(connection, key)
        if not first:
            deliver_challenge(connection, key)
    except AssertionError as error:  # what Python 3.11 makes of a challenge that is none
        raise ProtocolError(str(error)) from error


def write_request(request: TriggerRequest) -> bytes:
    """A request as it is sent."""
    return json.dumps(
        {"version": _VERSION, "do": "trigger", "camera": request.camera, "wait": request.wait}
    ).encode()


def read_request(data: bytes) -> TriggerRequest:
    """A request as it came. Raises ProtocolError."""
    said = _read(data)
    camera, wait = said.get("camera"), said.get("wait")
    if (
        said.get("version") != _VERSION
        or said.get("do") != "trigger"
        or type(camera) is not int
        or type(wait) is not bool
    ):
        raise ProtocolError("The request is of another version of UniAD Desktop.")
    return TriggerRequest(camera, wait)


def write_answer(**values: object) -> bytes:
    """An answer as it is sent: ``decisions``, or ``refused`` and ``why``."""
    return json.dumps({"version": _VERSION, **values}, ensure_ascii=False).encode()


def read_answer(data: bytes) -> dict[str, Any]:
    """An answer as it came. Raises ProtocolError."""
    said = _read(data)
    decisions = said.get("decisions")
    if said.get("version") != _VERSION:
        raise ProtocolError("The station is of another version of UniAD Desktop.")
    if isinstance(said.get("refused"), str) and isinstance(said.get("why"), str):
        return said
    if not isinstance(decisions, list) or not all(
        isinstance(one, dict)
        and isinstance(one.get("line"), str)
        and isinstance(one.get("decision"), dict)
        for one in decisions
    ):
        raise ProtocolError("The station gave an answer that is not understood.")
    return said


def _read(data: bytes) -> dict[str, Any]:
    try:
        said = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ProtocolError("What came is not JSON.") from error
    if not isinstance(said, dict):
        raise ProtocolError("What came is no JSON object.")
    return said
