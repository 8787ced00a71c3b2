"""Databases: SQLite in a folder, and a private PostgreSQL server where one can be started."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy

from uniad_desktop.records.database import Records, open_records
from uniad_desktop.records.writer import InspectionWriter

LIMIT_S = 60.0
_numbers = count(1)


def _programs() -> Path | None:
    """The folder of initdb and pg_ctl; Debian does not put it on the path."""
    found = shutil.which("initdb")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    candidates = [Path(found).parent] if found else []
    return next((one for one in candidates + folders if (one / "initdb").exists()), None)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """URL of a private server without a database name; it listens on a socket file only."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    # Not in pytest's own folder: as root the server runs as another user, who may not go there.
    folder = Path(tempfile.mkdtemp(prefix="uniad-pg-"))
    told = folder.with_suffix(".log")
    as_user: list[str] = []
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root.
        if shutil.which("runuser") is None:
            pytest.skip("PostgreSQL does not run as root, and there is no runuser")
        shutil.chown(folder, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]

    def do(*command: str) -> None:
        with told.open("ab") as output:  # not a pipe: the server would keep it open
            done = subprocess.run(
                [*as_user, *command],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=LIMIT_S,
                check=False,
            )
        assert done.returncode == 0, told.read_text()

    data = folder / "data"
    try:
        do(str(programs / "initdb"), "-D", str(data), "-U", "uniad", "--auth=trust", "-E", "UTF8",
           "--no-sync", "--locale=C.UTF-8")  # fmt: skip
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        do(str(programs / "pg_ctl"), "-D", str(data), "-w", "-t", "50", "-o", options, "start")
        try:
            yield f"postgresql://uniad@/{{}}?host={folder}"
        finally:
            do(str(programs / "pg_ctl"), "-D", str(data), "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        told.unlink(missing_ok=True)


@pytest.fixture
def server_url(server: str) -> str:
    """URL of an empty database on the private server."""
    name = f"records{next(_numbers)}"
    engine = sqlalchemy.create_engine(
        server.format("postgres").replace("postgresql:", "postgresql+psycopg:"),
        isolation_level="AUTOCOMMIT",
    )
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return server.format(name)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def records(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Records]:
    """An empty database of each kind."""
    url = "" if request.param == "sqlite" else request.getfixturevalue("server_url")
    with contextlib.closing(open_records(tmp_path, url)) as opened:
        yield opened


@pytest.fixture
def writer(records: Records) -> InspectionWriter:
    """Writes to it as station “line 1”."""
    return InspectionWriter(records, "line 1")
