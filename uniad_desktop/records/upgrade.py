"""Brings the layout of the database up to date: Alembic's steps, one program at a time."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import filelock
from sqlalchemy import inspect, text

from uniad_desktop.files import flush_folder
from uniad_desktop.records.database import Records, RecordsError, database_file, sentences

_WAIT_S: Final = 60.0
_SERVER_LOCK: Final = 7_264_185_301
"""Number of the lock that a server keeps while one program changes the layout."""


def bring_up_to_date(records: Records) -> None:
    """Makes the tables where there are none; takes the steps that are missing.

    A SQLite file is copied to ``records.before-REVISION.sqlite`` first.

    Raises:
        RecordsError: the database is of a newer version, or cannot be changed.
    """
    with sentences(records.place):
        known = _known_revisions()
        found = _revision(records)
        if found == known[0]:
            return
        with _alone(records):
            found = _revision(records)  # another program may have been faster
            if found == known[0]:
                return
            if found is not None and found not in known:
                raise RecordsError(
                    f"The database {records.place} was written by a newer version of UniAD "
                    f"Desktop (layout {found}, this version knows {known[0]}); update this "
                    "program, or choose another data folder with --data-dir."
                )
            if found is not None and records.sqlite:
                _back_up(database_file(records.folder), found)
            _take_steps(records)


def head_revision() -> str:
    """The layout that this version of the program writes."""
    return _known_revisions()[0]


def _known_revisions() -> list[str]:
    """Newest first. Read from the names: loading Alembic takes longer than opening a database."""
    folder = Path(__file__).with_name("migrations") / "versions"
    return sorted((one.stem for one in folder.glob("r[0-9]*.py")), reverse=True)


def _revision(records: Records) -> str | None:
    with records.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return None if found is None else str(found)


@contextmanager
def _alone(records: Records) -> Iterator[None]:
    if records.sqlite:
        lock = filelock.FileLock(database_file(records.folder).with_name(".layout.lock"))
        try:
            with lock.acquire(timeout=_WAIT_S):
                yield
        except filelock.Timeout as error:
            raise RecordsError(
                f"Another program is changing the layout of {records.place}; try again in a minute."
            ) from error
        return
    with records.engine.connect() as holder:
        holder.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _SERVER_LOCK})
        try:
            yield
        finally:
            holder.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _SERVER_LOCK})


def _back_up(path: Path, revision: str) -> None:
    """A whole copy, with what is still in the write-ahead log; an older one of it stays."""
    target = path.with_name(f"{path.stem}.before-{revision}-next{path.suffix}")
    if target.exists():
        return
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(temporary)) as copy:
            source.backup(copy)
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    flush_folder(target.parent)


def _take_steps(records: Records) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    place = str(Path(__file__).with_name("migrations"))
    config.set_main_option("script_location", place.replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with records.writing() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
