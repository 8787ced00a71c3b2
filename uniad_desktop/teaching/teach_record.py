"""What is being taught and what came of it, on disk: so that a restart knows; no torch here."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeVar

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, ValidationError

from uniad_desktop.teaching.activation import ActivationError, active_version, history
from uniad_desktop.teaching.activation_log import VersionRef
from uniad_desktop.teaching.image_folder import StoreError, set_file_aside, write_file
from uniad_desktop.teaching.teach_events import LossPoint

_log = logging.getLogger(__name__)

FOLDER: Final = "teaching"
_JOB, _RESULT, _LOCK = "job.json", "result.json", "job.lock"
_START_S: Final = 2.0  # whoever only looks holds the lock for a moment

RUN_FILES: Final = (
    "checkpoint.pt",
    "checkpoint.pt.previous",
    "checkpoint.pt.other",
    "losses.jsonl",
    "teach.csv",
)
"""What a teaching leaves in its folder."""


class JobError(StoreError):
    """A teaching cannot be started, told or discarded; the message is a sentence for the user."""


class JobRecord(BaseModel):
    """``job.json``: what is being taught, written before anything is computed.

    Attributes:
        id: tells it from other jobs.
        model: name of the model.
        version, sha256: of the package that it goes on from.
        product: key.
        arguments: of ``uniad-desktop teach`` that go on with it.
        run: folder of its checkpoint.
        who: who started it.
        since: UTC, ISO 8601.
        problem: why it failed, a sentence; empty where it was stopped or killed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: Literal[1] = 1
    id: str
    model: str
    version: str
    sha256: str
    product: str
    arguments: tuple[str, ...]
    run: Path
    who: str
    since: str
    problem: str = ""


class CheckResult(BaseModel):
    """A product before and after; see `former_products.ProductCheck`. `worse` says why, or ""."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    key: str
    parts: int
    held: bool
    rejected_before: float | None
    rejected_after: float
    scale: float | None
    auroc_before: float | None
    auroc_after: float | None
    new: bool
    challenge: tuple[int, int] | None
    worse: str


class TeachResult(BaseModel):
    """``result.json``: the version that was written and how every product fares with it.

    Attributes:
        id: of the job.
        model: name of the model.
        product: key of the one that was taught.
        version, sha256: of the new package.
        package: its folder.
        former, former_sha256: the version that it was taught from.
        checks: of every product.
        odd: files of normal parts that look unlike the others; they may show a defect.
        notes: what else is to be known about the parts, a sentence each.
        limit, accept: of the new product, raw; below `accept` passes, above `limit` fails.
        note: what is to be known about that limit.
        seconds: of the last run; a stop in between is not in it.
        who: who started it.
        finished: UTC, ISO 8601.
        losses: both curves.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    schema_version: Literal[1] = 1
    id: str
    model: str
    product: str
    version: str
    sha256: str
    package: Path
    former: str
    former_sha256: str
    checks: tuple[CheckResult, ...]
    odd: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    limit: float
    accept: float
    note: str = ""
    seconds: float
    who: str = ""
    finished: str
    losses: tuple[LossPoint, ...] = ()

    @property
    def problems(self) -> tuple[str, ...]:
        """Why it should not go live, a sentence each; empty where nothing got worse."""
        return tuple(check.worse for check in self.checks if check.worse)


@dataclass(frozen=True, slots=True)
class UnfinishedJob:
    """A teaching that did not end.

    Attributes:
        record: what was taught.
        running: whether a process is at it, this moment.
        warning: a sentence where the version that it goes on from is not the active one any more.
    """

    record: JobRecord
    running: bool
    warning: str = ""


def unfinished_job(data_folder: Path) -> UnfinishedJob | None:
    """The teaching that was stopped, killed or failed and can go on; None where there is none.

    Raises:
        JobError: its record is damaged and cannot be set aside.
    """
    record = read_job(data_folder)
    if record is None:
        return None
    running = is_teaching(data_folder)
    result = _read(_folder(data_folder) / _RESULT, TeachResult)
    if result is not None and result.id == record.id and not running:
        return None  # it was killed between its result and its end
    return UnfinishedJob(record, running, _other_base(data_folder, record))


def discard_job(data_folder: Path) -> None:
    """Gives an unfinished teaching up: its checkpoint, its curve and its record go.

    Raises:
        JobError: it is running, or the files cannot be removed.
    """
    with one_at_a_time(data_folder):
        record = read_job(data_folder)
        if record is not None:
            remove_run(record.run)
            remove_job(data_folder)


def last_result(data_folder: Path) -> TeachResult | None:
    """What the last teaching ended with, until its version was activated or it is dismissed.

    Raises:
        JobError: it is damaged and cannot be set aside.
    """
    result = _read(_folder(data_folder) / _RESULT, TeachResult)
    if result is None or not result.package.is_dir():
        return None
    own = VersionRef(version=result.version, sha256=result.sha256)
    try:
        activated = any(own == entry.to_version for entry in history(data_folder, result.model))
    except ActivationError:  # said where versions are looked at
        activated = False
    return None if activated else result


def dismiss_result(data_folder: Path) -> None:
    """Forgets the last teaching's result; its version stays.

    Raises:
        JobError: the file cannot be removed.
    """
    _remove(_folder(data_folder) / _RESULT)


def is_teaching(data_folder: Path) -> bool:
    """Whether a process of this computer is teaching, in this data folder."""
    path = _folder(data_folder) / _LOCK
    if not path.exists():
        return False
    try:
        with FileLock(path).acquire(timeout=0):
            return False
    except Timeout:
        return True
    except OSError:  # nobody who may not write here is teaching here
        return False


@contextmanager
def one_at_a_time(data_folder: Path) -> Iterator[None]:
    """Keeps other processes from teaching in the same data folder; ends with the process.

    Raises:
        JobError: another one is at it.
    """
    folder = _folder(data_folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / _LOCK)
        lock.acquire(timeout=_START_S)
    except Timeout as error:
        raise JobError(busy(data_folder)) from error
    except OSError as error:
        raise JobError(
            f"{folder} cannot be written: {error.strerror or error}; check the access rights or "
            "choose another data folder."
        ) from error
    try:
        yield
    finally:
        lock.release()


def busy(data_folder: Path) -> str:
    """A sentence that another teaching runs."""
    with suppress(JobError):
        record = read_job(data_folder)
        if record is not None:
            return (
                f"'{record.product}' is being taught to {record.model} at the moment, since "
                f"{record.since}; wait for it, or stop it first."
            )
    return "Another product is being taught at the moment; wait for it, or stop it first."


def read_job(data_folder: Path) -> JobRecord | None:
    """The record of what is or was being taught.

    Raises:
        JobError: it is damaged and cannot be set aside.
    """
    return _read(_folder(data_folder) / _JOB, JobRecord)


def write_job(data_folder: Path, record: JobRecord) -> None:
    """Raises StoreError when the disk refuses; what was there stays."""
    write_file(_folder(data_folder) / _JOB, record.model_dump_json(indent=2).encode())


def remove_job(data_folder: Path) -> None:
    """Raises JobError when the record cannot be removed."""
    _remove(_folder(data_folder) / _JOB)


def write_result(data_folder: Path, result: TeachResult) -> None:
    """Raises StoreError when the disk refuses; what was there stays."""
    write_file(_folder(data_folder) / _RESULT, result.model_dump_json(indent=2).encode())


def remove_run(run: Path) -> None:
    """Removes what a teaching left in its folder, and the folder where nothing else is in it.

    Raises:
        JobError: a file cannot be removed.
    """
    for name in RUN_FILES:
        _remove(run / name)
    with suppress(OSError):  # other files are in it, or it is gone
        run.rmdir()


def _folder(data_folder: Path) -> Path:
    return data_folder / FOLDER


def _other_base(data_folder: Path, record: JobRecord) -> str:
    try:
        active = active_version(data_folder, record.model)
    except ActivationError as error:
        return str(error)
    if active is None or (active.version, active.sha256) == (record.version, record.sha256):
        return ""
    return (
        f"This teaching goes on from {record.model} {record.version}, and {active.version} is "
        f"active by now. What {active.version} has learned since would be missing in the version "
        "that it ends with; discard it and teach anew to keep that."
    )


_Kind = TypeVar("_Kind", bound=BaseModel)


def _read(path: Path, kind: type[_Kind]) -> _Kind | None:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise JobError(
            f"{path} cannot be read: {error.strerror or error}; check the access rights."
        ) from error
    try:
        return kind.model_validate_json(data)
    except ValidationError:
        try:
            aside = set_file_aside(path)
        except StoreError as error:
            raise JobError(str(error)) from error
        _log.warning("%s is damaged; it is kept as %s.", path, aside.name)
        return None


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise JobError(
            f"{path} cannot be removed: {error.strerror or error}; check the access rights, or "
            "whether another program has it open."
        ) from error
