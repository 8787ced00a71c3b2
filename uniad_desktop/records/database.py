"""Opens the database of records: SQLite in the data folder, or a PostgreSQL server by its URL."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    NoSuchModuleError,
    SQLAlchemyError,
)

FOLDER: Final = "records"
FILE: Final = "records.sqlite"
BUSY_S: Final = 10.0
CONNECT_S: Final = 5

# A server that vanishes without a word is noticed after some seconds, not after two hours.
_SERVER: Final[dict[str, Any]] = {
    "connect_timeout": CONNECT_S,
    "keepalives_idle": 5,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}


class RecordsError(Exception):
    """The records cannot be read or written; the message is a sentence for the user."""


class UnstorableError(RecordsError):
    """The database will never take these values, however often it is tried."""


class Records:
    """An open database. Any thread may use it; readers never wait for the writer.

    Attributes:
        folder: the data folder; image paths start here.
        engine: the engine of SQLAlchemy.
        place: where the database is, for the user; never with a password.
        heatmaps: folder of the heatmaps where they must not lie beside the images, else None.
    """

    def __init__(
        self, folder: Path, engine: Engine, place: str, heatmaps: Path | None = None
    ) -> None:
        self.folder = folder
        self.engine = engine
        self.place = place
        self.heatmaps = heatmaps

    @property
    def sqlite(self) -> bool:
        """Whether it is the file in the data folder."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the database. Raises RecordsError."""
        with self._sentences(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction, committed at the end. Raises RecordsError; nothing is changed then."""
        with self._sentences(), self.engine.connect() as plain:
            # SQLite: asks for the right to write at once; a reader that wants it later may
            # find that others wrote in between, and no waiting helps then.
            connection = plain.execution_options(uniad_writes=True)
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Closes all connections; it must not be used any more."""
        self.engine.dispose()

    @contextmanager
    def _sentences(self) -> Iterator[None]:
        with sentences(self.place):
            yield


def database_file(folder: Path) -> Path:
    """The SQLite file of a data folder."""
    return folder / FOLDER / FILE


def default_station() -> str:
    """Name of this computer, which names its station where none is set."""
    return socket.gethostname() or "station"


def open_records(folder: Path, url: str = "") -> Records:
    """Opens the records of a station.

    Where there is no database it is made; an older one is brought up to date.

    Args:
        folder: the data folder.
        url: of a PostgreSQL database; empty: SQLite in the data folder.

    Raises:
        RecordsError: it cannot be reached, is damaged, or was written by a newer version.
    """
    from uniad_desktop.records.upgrade import bring_up_to_date

    records = connect(folder, url)
    try:
        bring_up_to_date(records)
    except BaseException:
        records.close()
        raise
    return records


def connect(folder: Path, url: str = "") -> Records:
    """As `open_records`, but without a look at the database's layout."""
    if url:
        return _server(folder, url)
    path = database_file(folder)
    with sentences(str(path)):
        path.parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(
            URL.create("sqlite+pysqlite", database=str(path)),
            connect_args={"timeout": BUSY_S, "check_same_thread": False},
        )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return Records(folder, engine, str(path))


def _prepare_sqlite(connection: sqlite3.Connection, record: object) -> None:
    # Python's own handling of transactions commits before changes of the layout; we begin
    # ourselves.
    connection.isolation_level = None
    for pragma in (
        "journal_mode = WAL",
        # FULL: what was reported as stored survives a power cut, not just a crash.
        "synchronous = FULL",
        "foreign_keys = ON",
        "journal_size_limit = 67108864",
        "temp_store = MEMORY",
        "cache_size = -32000",
        "mmap_size = 268435456",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("uniad_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _server(folder: Path, text: str) -> Records:
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise RecordsError(
            "The database of the records cannot be understood; give it as "
            "postgresql://USER@SERVER/DATABASE."
        ) from error
    if url.get_backend_name() != "postgresql":
        raise RecordsError(
            f"The records can lie in PostgreSQL or in the data folder, not in "
            f"“{url.drivername}”; give the database as postgresql://USER@SERVER/DATABASE."
        )
    place = url.render_as_string(hide_password=True)
    try:
        engine = create_engine(
            url.set(drivername="postgresql+psycopg"), connect_args=_SERVER, pool_pre_ping=True
        )
    except (ImportError, NoSuchModuleError) as error:
        raise RecordsError(
            f"For {place} the package psycopg is needed: pip install 'uniad-desktop[postgres]'."
        ) from error
    return Records(folder, engine, place)


@contextmanager
def sentences(place: str) -> Iterator[None]:
    """Turns what a database or disk raises into a sentence. Raises RecordsError instead."""
    try:
        yield
    except (DataError, IntegrityError) as error:
        raise UnstorableError(
            f"The database {place} does not take this: {_told(error)}."
        ) from error
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise RecordsError(_sentence(error, place)) from error
    except OSError as error:
        raise RecordsError(
            f"The records in {place} cannot be opened: {error.strerror or error}; check the "
            "folder and the access rights."
        ) from error


def _sentence(error: Exception, place: str) -> str:
    told = _told(error)
    low = told.lower()
    if "malformed" in low or "not a database" in low:
        return (
            f"The database {place} is damaged ({told}); close all programs that use it, move it "
            "away and put a backup in its place."
        )
    if "locked" in low:
        return (
            f"The database {place} is kept locked by another program; close it, or wait until it "
            "is done."
        )
    if "full" in low or "no space" in low:
        return f"The disk of {place} is full; free space there."
    if "readonly" in low or "unable to open" in low or "permission" in low:
        return f"The database {place} cannot be written ({told}); check the access rights."
    if "connection" in low or "connect" in low or "timeout" in low:
        return (
            f"The database server at {place} does not answer ({told}); check that it runs, the "
            "network, and user and password."
        )
    return f"The database {place} refuses: {told}."


def _told(error: Exception) -> str:
    """The first line of what the database itself says."""
    inner = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    lines = [line.strip() for line in str(inner).splitlines() if line.strip()]
    return (lines[0] if lines else type(inner).__name__).rstrip(".")
