from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.records.make import shown
from uniad_desktop.cli import main
from uniad_desktop.inspection.types import Limits, Verdict
from uniad_desktop.records.database import database_file
from uniad_desktop.records.options import RecordsOptions
from uniad_desktop.records.recorder import Recorder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    keeping = Recorder(tmp_path, RecordsOptions(station="line 1"), operator="Eva")
    keeping.take(shown(Verdict.FAIL, 1))
    keeping.take(shown(Verdict.FAIL, 2, limits=Limits(1.0, 2.0)))
    assert keeping.close() == 0
    return tmp_path


def audit(*arguments: str | Path) -> int:
    return main(["audit", *map(str, arguments)])


def test_a_folder_without_records_is_left_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit("verify", "--data-dir", tmp_path / "none") == 0
    assert audit("list", "--data-dir", tmp_path / "none") == 0
    assert "no records" in capsys.readouterr().out
    assert not (tmp_path / "none").exists()


def test_list_says_what_changed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit("list", "--data-dir", folder, "--of", "in-force", "--most", "1") == 0
    line = capsys.readouterr().out
    assert "line 1  Eva  in-force flange: reject 1.0 → 2.0; from part 2 on" in line
    assert line.count("\n") == 1
    assert audit("list", "--data-dir", folder, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found[0]["number"] == len(found) and found[0]["new"]["reject"] == 2.0


def test_verify_with_images(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit("verify", "--images", "--data-dir", folder) == 0
    assert "2 inspections, 2 images" in capsys.readouterr().out
    next(folder.rglob("*_FAIL.png")).write_bytes(b"x")
    assert audit("verify", "--images", "--json", "--data-dir", folder) == 1
    trail, records = json.loads(capsys.readouterr().out)
    assert trail["whole"] and not records["whole"] and len(records["changed"]) == 1


def test_verify_names_the_first_broken_entry(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(sqlite3.connect(database_file(folder))) as forger, forger:
        forger.execute("DROP TRIGGER audit_no_update")
        forger.execute("UPDATE audit SET who = 'nobody' WHERE number = 3")
    assert audit("verify", "--data-dir", folder) == 1
    assert "entry 3 is the first" in capsys.readouterr().out


def test_verify_looks_at_activations_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "models" / "unified" / "activations.jsonl"
    log.parent.mkdir(parents=True)
    log.write_text('{"number": 1}\n{"number": 2}\n')
    assert audit("verify", "--data-dir", tmp_path) == 1
    assert "✕ activations of unified" in capsys.readouterr().out


def test_a_damaged_database_is_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database_file(tmp_path).parent.mkdir(parents=True)
    database_file(tmp_path).write_bytes(b"no database " * 999)
    assert audit("verify", "--data-dir", tmp_path) == 5
    assert "damaged" in capsys.readouterr().err
