from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, insert, text, update

from tests.records.make import entry, shown
from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records import audit, upgrade
from uniad_desktop.records.check import check_records
from uniad_desktop.records.database import Records, RecordsError, database_file, open_records
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.records.options import RecordsOptions
from uniad_desktop.records.query import Order, count, page
from uniad_desktop.records.recorder import Recorder
from uniad_desktop.records.schema import AuditHeadRow, AuditRow, Base
from uniad_desktop.records.writer import InspectionWriter


def test_the_steps_lead_to_the_tables_of_the_program(records: Records) -> None:
    with records.reading() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Base.metadata) == []
        version = connection.scalar(text("SELECT version_num FROM alembic_version"))
    assert version == upgrade.head_revision()


def test_sqlite_is_safe_and_lets_readers_in(tmp_path: Path) -> None:
    with closing(open_records(tmp_path)) as records:
        with records.reading() as connection:
            got = {
                name: connection.scalar(text(f"PRAGMA {name}"))
                for name in ("journal_mode", "synchronous", "foreign_keys")
            }
        assert got == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
        writer = InspectionWriter(records, "line 1")
        with records.writing(), closing(open_records(tmp_path)) as reader:
            assert count(reader, RecordFilter()) == 0
        writer.store([entry(Verdict.FAIL)])
        with records.reading() as connection:
            # A reader keeps its state of the database, whatever is written meanwhile.
            assert connection.scalar(text("SELECT count(*) FROM inspections")) == 1
            writer.store([entry(Verdict.FAIL, 2)])
            assert connection.scalar(text("SELECT count(*) FROM inspections")) == 1


def test_many_programs_may_open_a_new_database_at_once(records: Records, tmp_path: Path) -> None:
    problems: list[Exception] = []

    def open_one() -> None:
        try:
            open_records(tmp_path / "fresh").close()
        except Exception as error:  # noqa: BLE001 - shown by the test
            problems.append(error)

    threads = [threading.Thread(target=open_one) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    assert problems == []


def test_a_database_of_a_newer_version_is_left_alone(records: Records, tmp_path: Path) -> None:
    with records.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'r9999'"))
    with pytest.raises(RecordsError, match=r"newer version .* r9999"):
        upgrade.bring_up_to_date(records)


def test_an_older_database_is_copied_before_it_is_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(open_records(tmp_path)) as records:
        InspectionWriter(records, "line 1").store([entry(Verdict.FAIL)])
        head = upgrade.head_revision()
        monkeypatch.setattr(upgrade, "_known_revisions", lambda: ["r0002", head])
        monkeypatch.setattr(upgrade, "_take_steps", lambda records: None)
        upgrade.bring_up_to_date(records)
    (copy,) = (tmp_path / "records").glob(f"records.before-{head}-next.sqlite")
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT count(*) FROM inspections").fetchone() == (1,)


def test_places_that_cannot_be_opened_are_sentences(tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("x")
    with pytest.raises(RecordsError, match="access rights"):
        open_records(blocker / "data")
    for url, words in [
        ("mysql://u@h/d", "PostgreSQL or in the data folder"),
        ("nonsense", "postgresql://USER@SERVER/DATABASE"),
        ("postgresql://u:secret@127.0.0.1:1/d", "does not answer"),
    ]:
        with pytest.raises(RecordsError, match=words) as raised:
            open_records(tmp_path, url)
        assert "secret" not in str(raised.value)


@pytest.mark.postgresql
def test_two_stations_share_a_server(server_url: str, tmp_path: Path) -> None:
    with (
        closing(open_records(tmp_path / "1", server_url)) as one,
        closing(open_records(tmp_path / "2", server_url)) as two,
    ):
        first, second = InspectionWriter(one, "line 1"), InspectionWriter(two, "line 2")
        failures: list[Exception] = []

        def store(writer: InspectionWriter, begin: int) -> None:
            try:
                for number in range(20):
                    limits = entry(Verdict.FAIL).inspection.limits
                    writer.store([entry(Verdict.FAIL, begin + number, product=f"p{number}",
                                        limits=limits)])  # fmt: skip
            except Exception as error:  # noqa: BLE001 - shown by the test
                failures.append(error)

        threads = [
            threading.Thread(target=store, args=given) for given in ((first, 0), (second, 100))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert failures == []
        assert count(one, RecordFilter()) == 40
        assert count(one, RecordFilter(stations=("line 2",))) == 20
        check = audit.verify(two)
        assert (check.entries, check.first_broken) == (80, None)
        with pytest.raises(RecordsError, match="another name"):
            InspectionWriter(two, "line 1")


def test_a_moved_data_folder_is_still_the_station(tmp_path: Path) -> None:
    with closing(open_records(tmp_path / "old")) as records:
        InspectionWriter(records, "line 1").store([entry(Verdict.FAIL)])
    (tmp_path / "old").rename(tmp_path / "new")
    with closing(open_records(tmp_path / "new")) as records:
        InspectionWriter(records, "line 1").store([entry(Verdict.FAIL, 2)])
        found = page(records, RecordFilter(), Order.OLDEST)
    assert [one.setup.station_folder for one in found] == [str(tmp_path / "new")] * 2


def test_what_a_server_committed_before_it_went_away_is_not_stored_twice(
    records: Records, writer: InspectionWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = [entry(Verdict.FAIL, 1), entry(Verdict.PASS, 2)]
    writing = records.writing

    @contextmanager
    def lost_answer() -> Iterator[Connection]:
        with writing() as connection:
            yield connection
        raise RecordsError("The server does not answer.")

    with monkeypatch.context() as patch, pytest.raises(RecordsError, match="not answer"):
        patch.setattr(records, "writing", lost_answer)
        writer.store(batch)
    assert writer.store(batch) == []
    assert len(writer.store([entry(Verdict.FAIL, 1, at=5.0)])) == 1
    assert count(records, RecordFilter()) == 3


# --- audit


def test_the_trail_is_whole_and_names_what_is_not(tmp_path: Path) -> None:
    with closing(open_records(tmp_path)) as records:
        for number in range(5):
            audit.record_change(
                records,
                station="1",
                who="Eva",
                action="limit",
                subject="flange",
                old={"reject": number},
                new={"reject": number + 1},
                why="é",
            )
        assert audit.verify(records) == audit.AuditCheck(
            5, None, "The audit trail is as it was written: 5 entries."
        )
        assert [one.number for one in audit.entries(records, before=4, most=2)] == [3, 2]


@pytest.mark.parametrize("verb", ["UPDATE audit SET who = 'x'", "DELETE FROM audit"])
def test_the_database_refuses_to_change_the_trail(records: Records, verb: str) -> None:
    audit.record_change(records, station="1", who="Eva", action="limit")
    with pytest.raises(RecordsError, match="append-only"), records.writing() as connection:
        connection.execute(text(verb))


@pytest.mark.parametrize(
    ("damage", "first"),
    [
        ("UPDATE audit SET why = 'other' WHERE number = 3", 3),
        ("DELETE FROM audit WHERE number = 2", 2),
        ("DELETE FROM audit WHERE number = 5", 5),
        ("DELETE FROM audit", 1),
        ("UPDATE audit SET number = 9 WHERE number = 4", 4),
        ("UPDATE audit SET sha256 = '0' WHERE number = 5", 5),
        ("DELETE FROM audit_head", 5),
    ],
)
def test_what_was_changed_by_force_is_found(tmp_path: Path, damage: str, first: int) -> None:
    with closing(open_records(tmp_path)) as records:
        for _ in range(5):
            audit.record_change(records, station="1", who="Eva", action="limit")
    with closing(sqlite3.connect(database_file(tmp_path))) as forger, forger:
        forger.execute("DROP TRIGGER audit_no_update")
        forger.execute("DROP TRIGGER audit_no_delete")
        forger.execute(damage)
    with closing(open_records(tmp_path)) as records:
        check = audit.verify(records)
    assert check.first_broken == first and f"entry {first} " in check.sentence


def test_entries_added_without_their_head_are_found(records: Records) -> None:
    audit.record_change(records, station="1", who="Eva", action="limit")
    with records.writing() as connection:
        connection.execute(update(AuditHeadRow).values(number=0, sha256=audit.NO_ENTRY))
    assert audit.verify(records).first_broken == 1
    with pytest.raises(RecordsError), records.writing() as connection:
        connection.execute(insert(AuditRow).values(number=1))


# --- check


def test_missing_and_changed_images_are_found(tmp_path: Path) -> None:

    keeping = Recorder(tmp_path, RecordsOptions())
    for number in range(3):
        keeping.take(shown(Verdict.FAIL, number))
    keeping.close()
    first, second, third = sorted(tmp_path.rglob("*_FAIL.png"))
    first.unlink()
    second.write_bytes(b"x")
    third.with_name(third.stem + ".heatmap.png").unlink()
    with closing(open_records(tmp_path)) as records:
        found = check_records(records)
    assert (found.inspections, found.images, found.damage) == (3, 3, "")
    assert [Path(one).name for one in found.missing] == [first.name, third.stem + ".heatmap.png"]
    assert [Path(one).name for one in found.changed] == [second.name]
