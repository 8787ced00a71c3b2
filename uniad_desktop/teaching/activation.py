"""Which version of a model is active at a station, since when, by whom and why.

The state is ``models/NAME/active.json`` in the data folder, replaced as a whole; what led to it
is ``models/NAME/activations.jsonl`` (`activation_log`). The line is written first, the state
after it: a power cut leaves the former or the new version active, and a line that never took
effect is followed by one that says so.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

import filelock
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from uniad_desktop.engine.manifest import Key, Sha256, Version
from uniad_desktop.engine.package import (
    ModelPackage,
    PackageError,
    open_newest,
    open_package,
)
from uniad_desktop.files import write_durably
from uniad_desktop.teaching.activation_log import (
    NO_LINE,
    Entry,
    Kind,
    Tail,
    VersionRef,
    append_line,
    first_changed,
    heal_log,
    read_log,
)
from uniad_desktop.teaching.versions import (
    check_name,
    find_exact,
    model_folders,
    versions_there,
)

log = logging.getLogger(__name__)

STATE: Final = "active.json"
LOG: Final = "activations.jsonl"

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_LOCK_WAIT_S = 10.0
_MOST_FORMER = 100
_LONGEST_WHO = 200
_LONGEST_WHY = 2000


class ActivationError(PackageError):
    """A version cannot be activated or told; the message is a sentence for the user."""


class Activation(BaseModel):
    """``active.json``.

    Attributes:
        schema_version: layout of this file.
        name: name of the model.
        version: the active version; empty in the file of a first activation that did not end.
        sha256: hash of its package, hex.
        since: UTC, ISO 8601.
        who: who activated it.
        why: the reason given.
        override: whether a finding that speaks against it was overridden.
        former: what a roll-back goes to, newest first.
        number: number of its line in the log.
        line_sha256: hash of that line, hex.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: Literal[1] = 1
    name: Key
    version: Version | Literal[""] = ""
    sha256: Sha256 | Literal[""] = ""
    since: str = ""
    who: str = ""
    why: str = ""
    override: bool = False
    former: tuple[VersionRef, ...] = ()
    number: int = Field(default=0, ge=0)
    line_sha256: Sha256 = NO_LINE

    @property
    def reference(self) -> VersionRef | None:
        """Version and hash, or None in the file of a first activation that did not end."""
        return VersionRef(version=self.version, sha256=self.sha256) if self.version else None


@dataclass(frozen=True, slots=True)
class LogCheck:
    """Whether a log is as it was written.

    Attributes:
        lines: whole lines in it.
        first_changed: number of the first line that is not as it was written, or None.
        sentence: the finding, for the user.
    """

    lines: int
    first_changed: int | None
    sentence: str

    @property
    def intact(self) -> bool:
        """Whether every line is as it was written."""
        return self.first_changed is None


def active_version(data_folder: Path, name: str) -> Activation | None:
    """What is active of a model; None where no version was ever activated.

    Does not look at the package; see `open_active`.

    Raises:
        ActivationError: the record of it is damaged or missing.
    """
    state = _read_state(data_folder, name)
    return state if state is not None and state.version else None


def open_active(data_folder: Path, name: str) -> ModelPackage | None:
    """Opens the active version of a model; None where no version was ever activated.

    Raises:
        ActivationError: it is damaged, missing or not the package that was activated.
    """
    active = active_version(data_folder, name)
    if active is None or active.reference is None:
        return None
    found = find_exact(data_folder, name, active.reference)
    if isinstance(found, ModelPackage):
        return found
    raise ActivationError(
        f"The active version of the model '{name}' is {active.version}, which cannot be used: "
        f"{found} Go back with `uniad-desktop versions rollback {name} --why …`, or choose a "
        f"version with `uniad-desktop versions activate {name} VERSION --why …` "
        f"({versions_there(data_folder, name)})."
    )


def activate(
    data_folder: Path, package: ModelPackage, *, who: str, why: str, override: bool = False
) -> Activation:
    """Makes a version the active one; on the disk when this returns.

    Args:
        data_folder: of the station.
        package: the version; it lies in the data folder or is a shipped one.
        who: who asks for it.
        why: the reason.
        override: whether a finding that speaks against it, such as a regression, is overridden.

    Returns:
        What is active now; as before where this very package is active already.

    Raises:
        PackageError: a file of it is not as it was saved, it does not lie where the station
            finds it, who or why is empty, or the disk refuses. What was active stays active.
    """
    who, why = _said("who", who, _LONGEST_WHO), _said("why", why, _LONGEST_WHY)
    identity = package.identity
    fresh = check_name(open_package(package.folder), identity.name, identity.version)
    if fresh.identity != identity:
        raise ActivationError(
            f"{package.folder} is not the package any more that was opened; open it again."
        )
    target = VersionRef(version=identity.version, sha256=identity.sha256)
    found = find_exact(data_folder, identity.name, target)
    if isinstance(found, str):
        raise ActivationError(
            f"{identity.name} {identity.version} cannot be activated: {found} Export it from "
            "where it lies and bring it here with `uniad-desktop versions import FILE.uniad`."
        )
    with _writing(data_folder, identity.name, identity.version) as folder:
        state = _state_to_replace(data_folder, identity.name)
        if state is not None and state.reference == target:
            return state
        former = state.former if state is not None else ()
        before = state.reference if state is not None else None
        if before is None:
            implied = _implied(data_folder, identity.name, target)
            before = former[0] if former else implied
        kept = [one for one in dict.fromkeys((before, *former)) if one not in (None, target)]
        return _write(
            folder,
            state,
            Activation(
                name=identity.name,
                version=identity.version,
                sha256=identity.sha256,
                since=_now(),
                who=who,
                why=why,
                override=override,
                former=tuple(kept[:_MOST_FORMER]),
            ),
            kind=Kind.ACTIVATE,
            before=before,
        )


def roll_back(data_folder: Path, name: str, *, who: str, why: str) -> Activation:
    """Makes the version active that was active before, the last one that is intact.

    Rolled back twice, it goes back two steps.

    Args:
        data_folder: of the station.
        name: of the model.
        who: who asks for it.
        why: the reason.

    Raises:
        ActivationError: nothing is active, no former version is intact, or the disk refuses.
            What was active stays active.
    """
    who, why = _said("who", who, _LONGEST_WHO), _said("why", why, _LONGEST_WHY)
    if active_version(data_folder, name) is None:
        raise ActivationError(
            f"No version of '{name}' was ever activated, so there is none to go back to "
            f"({versions_there(data_folder, name)}); choose one with `uniad-desktop versions "
            f"activate {name} VERSION --why …`."
        )
    with _writing(data_folder, name, "the former version") as folder:
        state = _read_state(data_folder, name)
        assert state is not None  # it is never taken away
        passed: list[str] = []
        for position, one in enumerate(state.former):
            found = find_exact(data_folder, name, one)
            if isinstance(found, ModelPackage):
                return _write(
                    folder,
                    state,
                    Activation(
                        name=name,
                        version=one.version,
                        sha256=one.sha256,
                        since=_now(),
                        who=who,
                        why=why,
                        former=state.former[position + 1 :],
                    ),
                    kind=Kind.ROLL_BACK,
                    before=state.reference,
                    note=" ".join(passed),
                )
            passed.append(f"{one.version} was passed over: {found}")
            log.warning("%s %s was passed over: %s", name, one.version, found)
    reasons = f" ({' '.join(passed)})" if passed else ""
    raise ActivationError(
        f"There is no former version of '{name}' that could be used{reasons}; {state.version} "
        f"stays active. Choose one with `uniad-desktop versions activate {name} VERSION --why …` "
        f"({versions_there(data_folder, name)})."
    )


def history(data_folder: Path, name: str) -> tuple[Entry, ...]:
    """What was activated, oldest first; lines that are not as they were written are left out.

    Raises:
        ActivationError: the log cannot be read.
    """
    with _reading(data_folder, name) as path:
        return read_log(path, _settled(data_folder, name).number).entries


def verify(data_folder: Path, name: str) -> LogCheck:
    """Whether the log of a model is as it was written, and if not, from which line on.

    Raises:
        ActivationError: the log cannot be read.
    """
    problem = ""
    try:
        active_version(data_folder, name)
    except ActivationError as error:
        problem = f" {error}"
    with _reading(data_folder, name) as path:
        settled = _settled(data_folder, name)
        contents = read_log(path, settled.number)
    changed = first_changed(contents, settled)
    count = len(contents.lines)
    if changed is not None:
        sentence = (
            f"{path} was changed after it was written: line {changed} is the first that is not as "
            "it was. Compare it with a backup."
        )
    else:
        sentence = f"The log is as it was written: {count} line{'' if count == 1 else 's'}."
    if contents.torn:
        sentence += " A power cut tore the last line; it will be set aside."
    pending = contents.after(settled.number)
    last = pending[-1].entry if pending else None
    if not problem and last is not None and last.kind is not Kind.INTERRUPTED:
        sentence += f" Line {last.number} was interrupted before it took effect."
    return LogCheck(count, changed, sentence + problem)


def _write(
    folder: Path,
    state: Activation | None,
    fresh: Activation,
    *,
    kind: Kind,
    before: VersionRef | None,
    note: str = "",
) -> Activation:
    """Log first, state after it: the one moment at which the change happens is the rename."""
    path = folder / LOG
    if state is None:
        # From here on a log without a state tells of a lost state, not of a first activation.
        state = Activation(name=fresh.name)
        write_durably(folder / STATE, _as_bytes(state))
    tail = Tail(state.number, state.line_sha256)
    contents = heal_log(path, tail.number)
    pending = contents.after(tail.number)
    last = pending[-1].entry if pending else None
    if last is not None:
        tail = Tail(last.number, pending[-1].sha256)
        if last.kind is not Kind.INTERRUPTED:
            tail = append_line(
                path,
                tail,
                time=_now(),
                kind=Kind.INTERRUPTED,
                who=fresh.who,
                why=f"Line {last.number} was interrupted before it took effect.",
                from_version=last.to_version,
                to_version=state.reference,
            )
    tail = append_line(
        path,
        tail,
        time=fresh.since,
        kind=kind,
        who=fresh.who,
        why=fresh.why,
        from_version=before,
        to_version=fresh.reference,
        override=fresh.override,
        note=note,
    )
    written = fresh.model_copy(update={"number": tail.number, "line_sha256": tail.sha256})
    write_durably(folder / STATE, _as_bytes(written))
    return written


def _read_state(data_folder: Path, name: str) -> Activation | None:
    if not _NAME.fullmatch(name):
        return None  # no model has such a name, so none is active
    folder = data_folder / "models" / name
    path = folder / STATE
    way_out = (
        f"choose the version that shall be active with `uniad-desktop versions activate {name} "
        f"VERSION --why …` ({versions_there(data_folder, name)})."
    )
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        if not _has_lines(folder / LOG):
            return None
        raise ActivationError(
            f"{path}, which says what version of '{name}' is active, is missing; {way_out}"
        ) from error
    except OSError as error:
        raise ActivationError(
            f"{path} cannot be read: {error.strerror or error}; check the access rights."
        ) from error
    try:
        state = Activation.model_validate_json(data)
    except ValidationError as error:
        raise ActivationError(
            f"{path}, which says what version of '{name}' is active, is damaged or of a newer "
            f"application; {way_out}"
        ) from error
    if state.name != name:
        raise ActivationError(f"{path} belongs to the model '{state.name}'; {way_out}")
    return state


def _state_to_replace(data_folder: Path, name: str) -> Activation | None:
    """The state; one that cannot be understood is set aside, its versions taken from the log."""
    try:
        return _read_state(data_folder, name)
    except ActivationError as error:
        path = data_folder / "models" / name / STATE
        log.warning("%s", error)
        if path.exists():
            stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
            write_durably(path.with_name(f"active.broken-{stamp}.json"), path.read_bytes())
        contents = read_log(path.with_name(LOG), 0)
        former: list[VersionRef] = []
        for entry in reversed(contents.entries):
            if entry.to_version is not None and entry.to_version not in former:
                former.append(entry.to_version)
        if not contents.lines:
            return Activation(name=name, former=tuple(former))
        last = contents.lines[-1]
        number = last.entry.number if last.entry is not None else len(contents.lines)
        return Activation(name=name, former=tuple(former), number=number, line_sha256=last.sha256)


def _settled(data_folder: Path, name: str) -> Tail:
    try:
        state = _read_state(data_folder, name)
    except ActivationError:
        state = None
    return Tail(0, NO_LINE) if state is None else Tail(state.number, state.line_sha256)


def _implied(data_folder: Path, name: str, target: VersionRef) -> VersionRef | None:
    """What was in use while nothing was active: the newest version, if it is another one."""
    try:
        identity = open_newest(name, model_folders(data_folder)).identity
    except PackageError:
        return None
    implied = VersionRef(version=identity.version, sha256=identity.sha256)
    return implied if identity.name == name and implied != target else None


def _has_lines(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:
        return False
    except OSError as error:
        raise ActivationError(
            f"{path} cannot be read: {error.strerror or error}; check the access rights."
        ) from error


@contextmanager
def _reading(data_folder: Path, name: str) -> Iterator[Path]:
    if not _NAME.fullmatch(name):
        raise ActivationError(
            f"There is no model named '{name}'; see `uniad-desktop versions list`."
        )
    path = data_folder / "models" / name / LOG
    try:
        yield path
    except OSError as error:
        raise ActivationError(
            f"{path} cannot be read: {error.strerror or error}; check the access rights."
        ) from error


@contextmanager
def _writing(data_folder: Path, name: str, version: str) -> Iterator[Path]:
    """One change at a time, in the model's folder; an OSError becomes a sentence."""
    folder = data_folder / "models" / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(folder / ".activation.lock", timeout=_LOCK_WAIT_S):
            yield folder
    except filelock.Timeout as error:
        raise ActivationError(
            f"Another program is changing the active version of '{name}'; try again in a moment."
        ) from error
    except OSError as error:
        raise ActivationError(
            f"{version} of '{name}' could not be activated, {error.filename or folder} cannot be "
            f"written: {error.strerror or error}. What was active stays active; free space or "
            "check the access rights, then try again."
        ) from error


def _said(what: str, text: str, longest: int) -> str:
    """One printable line."""
    line = "".join(one for one in " ".join(text.split()) if one.isprintable())
    if not line:
        raise ActivationError(f"An activation is kept on record; say {what} (--{what}).")
    if len(line) > longest:
        raise ActivationError(f"'{what}' may have {longest} letters, not {len(line)}; shorten it.")
    return line


def _as_bytes(state: Activation) -> bytes:
    return (state.model_dump_json(indent=2) + "\n").encode()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
