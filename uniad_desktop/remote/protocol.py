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
from typing import Any, TypeGuard, cast

SOCKET_FILE = ".trigger.sock"
KEY_FILE = ".trigger.key"
KEY_BYTES = 32
MOST_REQUEST_BYTES = 16384
MOST_ANSWER_BYTES = 4 << 20
ANSWER_LIMIT_S = 2.0
"""Longest silence in the middle of what one side says."""

MOST_SECONDS = 86400.0
"""More than any station keeps in memory."""

_VERSION = 1
_LONGEST_FOLDER = 4096
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


@dataclass(frozen=True, slots=True)
class SaveRequest:
    """The saving of the last raw frames, answered when they are on the disk.

    Attributes:
        camera: which camera of the station, from 1.
        seconds: how many at most, above 0; of what is in memory.
        folder: the new recording, an absolute path; empty: the station names it.
    """

    camera: int = 1
    seconds: float = 10.0
    folder: str = ""


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


def write_request(request: TriggerRequest | SaveRequest) -> bytes:
    """A request as it is sent."""
    said: dict[str, object] = {"version": _VERSION, "camera": request.camera}
    if isinstance(request, SaveRequest):
        said |= {"do": "save", "seconds": request.seconds, "folder": request.folder}
    else:
        said |= {"do": "trigger", "wait": request.wait}
    return json.dumps(said, ensure_ascii=False).encode(errors="surrogatepass")


def read_request(data: bytes) -> TriggerRequest | SaveRequest:
    """A request as it came. Raises ProtocolError."""
    said = _read(data)
    camera, wait = said.get("camera"), said.get("wait")
    seconds, folder = said.get("seconds"), said.get("folder")
    if said.get("version") == _VERSION and type(camera) is int:
        if said.get("do") == "trigger" and type(wait) is bool:
            return TriggerRequest(camera, wait)
        if said.get("do") == "save" and _are_seconds(seconds) and _is_folder(folder):
            return SaveRequest(camera, float(seconds), folder)
    raise ProtocolError("The request is of another version of UniAD Desktop.")


def _are_seconds(value: object) -> TypeGuard[float]:
    # Neither not-a-number nor infinity is in the range.
    return type(value) in (int, float) and 0.0 < cast(float, value) <= MOST_SECONDS


def _is_folder(value: object) -> TypeGuard[str]:
    if not isinstance(value, str) or "\0" in value or len(value) > _LONGEST_FOLDER:
        return False
    return value == "" or Path(value).is_absolute()


def write_answer(**values: object) -> bytes:
    """An answer as it is sent: ``decisions``, ``saved``, or ``refused`` and ``why``."""
    return json.dumps({"version": _VERSION, **values}, ensure_ascii=False).encode(
        errors="surrogatepass"
    )


def read_answer(data: bytes) -> dict[str, Any]:
    """An answer as it came. Raises ProtocolError."""
    said = _read(data)
    if said.get("version") != _VERSION:
        raise ProtocolError("The station is of another version of UniAD Desktop.")
    if isinstance(said.get("refused"), str) and isinstance(said.get("why"), str):
        return said
    if not _are_decisions(said.get("decisions")) and not _is_saved(said.get("saved")):
        raise ProtocolError("The station gave an answer that is not understood.")
    return said


def _are_decisions(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(one, dict)
        and isinstance(one.get("line"), str)
        and isinstance(one.get("decision"), dict)
        for one in value
    )


def _is_saved(value: object) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("folder"), str)
        and type(value.get("frames")) is int
        and type(value.get("seconds")) in (int, float)
    )


def _read(data: bytes) -> dict[str, Any]:
    try:
        said = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ProtocolError("What came is not JSON.") from error
    if not isinstance(said, dict):
        raise ProtocolError("What came is no JSON object.")
    return said
