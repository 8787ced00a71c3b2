"""The log of activations: only ever added to, every line sealed and tied to the former one.

A line is compact JSON with sorted keys. ``sha256`` seals the line itself, ``former_line`` is the
SHA-256 of the bytes of the line before; the active state holds the hash of its own line. So a
line that is edited, taken out, put in or cut off at the end shows. Whoever can compute hashes can
forge the whole log; it guards against accidents and edits, not against a determined forger.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from uniad_desktop.engine.manifest import Sha256, Version
from uniad_desktop.files import write_durably

NO_LINE: Final = "0" * 64
"""What the first line gives as the hash of the line before it."""


class Kind(StrEnum):
    """What a line records."""

    ACTIVATE = "activate"
    ROLL_BACK = "roll-back"
    INTERRUPTED = "interrupted"  # the line before it never took effect


class VersionRef(BaseModel):
    """A version of a model and the hash of its package (of the manifest's bytes), hex."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Version
    sha256: Sha256


class Entry(BaseModel):
    """A line of the log.

    Attributes:
        number: 1 for the first line.
        time: UTC, ISO 8601.
        kind: what was done.
        who: who did it.
        why: the reason given.
        from_version: what was active; None where nothing had been activated.
        to_version: what became active; None where an interrupted first activation left nothing.
        override: whether a finding that speaks against it was overridden.
        note: what else happened, such as versions that a roll-back passed over.
        former_line: SHA-256 of the line before, hex; zeros in the first line.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    number: int = Field(ge=1)
    time: str
    kind: Kind
    who: str
    why: str
    from_version: VersionRef | None
    to_version: VersionRef | None
    override: bool = False
    note: str = ""
    former_line: Sha256


class Tail(NamedTuple):
    """Number and hash of the line that the next one is tied to."""

    number: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Line:
    """A whole line as it lies on the disk; `entry` is None where it is not as it was written."""

    raw: bytes
    entry: Entry | None

    @property
    def sha256(self) -> str:
        """Hash of its bytes, hex."""
        return _sha256(self.raw)


@dataclass(frozen=True, slots=True)
class LogContents:
    """What a log holds: whole lines, what a power cut left of a last one, whether it is ended."""

    lines: tuple[Line, ...]
    torn: bytes = b""
    ended: bool = True

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The lines that are as they were written."""
        return tuple(line.entry for line in self.lines if line.entry is not None)

    def after(self, number: int) -> tuple[Line, ...]:
        """The lines at the end that have a higher number."""
        found: list[Line] = []
        for line in reversed(self.lines):
            if line.entry is None or line.entry.number <= number:
                break
            found.append(line)
        return tuple(reversed(found))


def read_log(path: Path, settled: int) -> LogContents:
    """Reads a log; one that does not exist is empty.

    Args:
        path: the log.
        settled: number of the line that the active state rests on. A later last line that
            cannot be read was torn by a power cut; the settled one was not, it was changed.

    Raises:
        OSError: it cannot be read.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return LogContents(())
    ended = data.endswith(b"\n")
    lines = [Line(raw, _parse(raw)) for raw in data.removesuffix(b"\n").split(b"\n") if data]
    if lines and lines[-1].entry is None:
        before = lines[-2].entry if len(lines) > 1 else None
        if (before.number if before is not None else len(lines) - 1) + 1 > settled:
            torn = lines.pop().raw + (b"\n" if ended else b"")
            return LogContents(tuple(lines), torn)
    return LogContents(tuple(lines), b"", ended or not lines)


def heal_log(path: Path, settled: int) -> LogContents:
    """Reads a log and moves what a power cut left of a last line into a file beside it.

    Raises:
        OSError: the disk refuses; nothing is lost then.
    """
    contents = read_log(path, settled)
    if contents.torn:
        aside = path.with_name(f"{path.stem}.torn-{_sha256(contents.torn)[:12]}{path.suffix}")
        write_durably(aside, contents.torn)  # the same name if the power goes here once more
        _cut(path, path.stat().st_size - len(contents.torn))
    if not contents.ended:
        _add(path, b"\n")
    return LogContents(contents.lines)


def append_line(path: Path, tail: Tail, **fields: Any) -> Tail:  # noqa: ANN401
    """Adds a line and waits until the disk has it.

    Args:
        path: the log; made if needed.
        tail: the line before it.
        fields: of `Entry`, without `number` and `former_line`.

    Returns:
        The new line.

    Raises:
        OSError: the disk refuses; the log is as it was, or ends in a torn line.
    """
    entry = Entry(number=tail.number + 1, former_line=tail.sha256, **fields)
    line = _sealed(entry.model_dump(mode="json"))
    if not path.exists():
        write_durably(path, b"")  # so that the name is on the disk, too
    size = path.stat().st_size
    try:
        _add(path, line + b"\n")
    except OSError:
        with suppress(OSError):  # if not now, the torn line is healed before the next one
            _cut(path, size)
        raise
    return Tail(entry.number, _sha256(line))


def first_changed(contents: LogContents, settled: Tail | None) -> int | None:
    """Number of the first line that is not as it was written, or None.

    Args:
        contents: the log.
        settled: number and hash of the line that the active state rests on, if known.
    """
    number, former = 0, NO_LINE
    for line in contents.lines:
        entry = line.entry
        if entry is None or entry.number != number + 1:
            return number + 1
        if entry.former_line != former:
            return max(1, number)
        number, former = entry.number, line.sha256
        if settled is not None and number == settled.number and former != settled.sha256:
            return number
    if settled is not None and number < settled.number:
        return number + 1  # cut off at the end
    return None


def _sealed(values: dict[str, Any]) -> bytes:
    return _canonical({**values, "sha256": _sha256(_canonical(values))})


def _parse(raw: bytes) -> Entry | None:
    try:
        values = json.loads(raw)
        seal = values.pop("sha256")
        entry = Entry.model_validate(values)
        same = _sealed(values) == raw and seal
    except (ValueError, RecursionError, KeyError, AttributeError, TypeError, ValidationError):
        return None
    return entry if same else None


def _canonical(values: dict[str, Any]) -> bytes:
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _add(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _cut(path: Path, size: int) -> None:
    with path.open("r+b") as file:
        file.truncate(size)
        os.fsync(file.fileno())
