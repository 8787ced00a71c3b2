from __future__ import annotations

import csv
import errno
import hashlib
import io
import json
from datetime import datetime
from pathlib import Path

import pytest

from tests.records.make import NOW
from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records.audit import entries
from uniad_desktop.records.database import Records
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.records.query import matching_ids
from uniad_desktop.records.schema import Label
from uniad_desktop.reports import chosen, durable
from uniad_desktop.reports.chosen import filter_from, filter_values, filter_words
from uniad_desktop.reports.errors import ReportError
from uniad_desktop.reports.fields import COLUMNS, csv_lines
from uniad_desktop.reports.tables import export_csv, export_json_lines, provenance_file

ALL = RecordFilter()


def read_csv(path: Path, encoding: str = "utf-8") -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file, strict=True))


def read_lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_json_lines_hold_the_whole_record(stored: Records, tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"
    done = export_json_lines(stored, ALL, target, who="Eva")
    found = read_lines(target)
    assert done.records == len(found) == 6
    assert all(tuple(one) == COLUMNS for one in found)
    fail, error = found[1], found[2]
    assert [one["number"] for one in found] == [1, 2, 3, 4, 5, 6]
    assert fail["verdict"] == "FAIL" and fail["score"] == 75.0 and fail["reason"] == "above-limit"
    assert fail["regions"][0]["area_mm2"] == 2.5 and fail["regions"][0]["width"] == 3
    assert fail["model_sha256"] and fail["runtime"] == "torch cpu f32"
    assert fail["camera_features"] == {"ExposureTime": 8000.0, "GainAuto": "Off"}
    assert fail["simulated"] is True and fail["operator"] == "Eva"
    assert fail["label"] == "defect" and fail["note"].startswith("-2 mm")
    image = stored.folder / fail["image"]
    assert hashlib.sha256(image.read_bytes()).hexdigest() == fail["image_sha256"]
    assert error["score"] is None and error["detail"] == "=1+1 went wrong"
    assert found[4]["source"] == "法兰.png" and found[4]["reject_limit"] == 1.2
    assert found[0]["image"] == "" and found[0]["image_state"] == "none"
    for name in ("decided_at_utc", "decided_at_local"):
        assert datetime.fromisoformat(fail[name]).timestamp() == NOW + 2


def test_csv_says_the_same(stored: Records, tmp_path: Path) -> None:
    export_csv(stored, ALL, tmp_path / "out.csv", who="Eva")
    export_json_lines(stored, ALL, tmp_path / "out.jsonl", who="Eva")
    data = (tmp_path / "out.csv").read_bytes()
    assert not data.startswith(b"\xef\xbb\xbf") and data.endswith(b"\r\n")
    rows, lines = read_csv(tmp_path / "out.csv"), read_lines(tmp_path / "out.jsonl")
    assert tuple(rows[0]) == COLUMNS and len(rows) == len(lines)
    for row, line in zip(rows, lines, strict=True):
        assert json.loads(row["regions"]) == line["regions"]
        assert row["score"] == ("" if line["score"] is None else str(line["score"]))
        assert row["simulated"] == str(line["simulated"]).lower()
    assert rows[1]["note"] == "'-2 mm, „Kratzer“,\nzwei"
    assert rows[2]["detail"] == "'=1+1 went wrong"


def test_csv_for_excel_begins_with_a_mark(stored: Records, tmp_path: Path) -> None:
    export_csv(stored, ALL, tmp_path / "out.csv", who="Eva", excel=True)
    assert (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbfschema,")
    assert read_csv(tmp_path / "out.csv", "utf-8-sig")[4]["source"] == "法兰.png"


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@A1", "\t=1", "\r=1", "  =1", "＝1", "\n-1", '=HYPERLINK("x")']
)
def test_no_cell_begins_like_a_formula(text: str) -> None:
    cell = next(csv.reader(io.StringIO(csv_lines([[text]]).decode(), newline="")))[0]
    assert cell == f"'{text}"


def test_numbers_stay_numbers() -> None:
    assert csv_lines([[-1, -0.5, None, True, "a,b", 'c"']]) == b'-1,-0.5,,true,"a,b","c"""\r\n'


def test_provenance_lies_beside_it(stored: Records, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    wanted = RecordFilter(products=("flange",), since=NOW + 1)
    export_csv(stored, wanted, target, who="Eva 李")
    said = json.loads(provenance_file(target).read_text("utf-8"))
    assert said["format"] == "uniad-desktop records" and said["kind"] == "csv"
    assert said["made_by"] == "Eva 李" and said["records"] == 3 and said["simulated"] == 3
    assert said["verdicts"] == {"ERROR": 1, "FAIL": 1, "PASS": 1}
    assert said["database"] == stored.place
    newest = entries(stored)[0]
    assert (said["audit_entries"], said["audit_sha256"]) == (newest.number, newest.sha256)
    assert "products flange" in said["filter_in_words"]
    assert filter_from(said["filter"]).products == ("flange",)
    data = target.read_bytes()
    assert said["files"] == [
        {"name": "out.csv", "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    ]


def test_a_hand_picked_selection(stored: Records, tmp_path: Path) -> None:
    ids = matching_ids(stored, ALL)
    wanted = RecordFilter(ids=(ids[1], ids[3]))
    export_json_lines(stored, wanted, tmp_path / "out.jsonl", who="Eva")
    assert [one["id"] for one in read_lines(tmp_path / "out.jsonl")] == sorted((ids[1], ids[3]))
    export_json_lines(stored, RecordFilter(ids=()), tmp_path / "none.jsonl", who="Eva")
    assert (tmp_path / "none.jsonl").read_bytes() == b""


def test_small_pages_lose_nothing(
    stored: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [len(one) for one in chosen.pages(stored, ALL, 4)] == [4, 2]
    ids = tuple(matching_ids(stored, ALL))
    assert [len(one) for one in chosen.pages(stored, RecordFilter(ids=ids), 4)] == [4, 2]


def test_a_filter_survives_json_and_is_told() -> None:
    wanted = RecordFilter(
        since=NOW, verdicts=(Verdict.FAIL,), labels=(Label.NONE, Label.GOOD), ids=(3, 4), text="x"
    )
    assert filter_from(json.loads(json.dumps(filter_values(wanted)))) == wanted
    words = filter_words(wanted)
    assert "verdicts FAIL" in words and "labels none, good" in words and "2 chosen" in words
    assert filter_words(ALL) == "everything" and filter_values(ALL) == {}
    with pytest.raises(ReportError, match="unknown: colour"):
        filter_from({"colour": 1})
    with pytest.raises(ReportError):
        filter_from({"verdicts": ["GREAT"]})


class StoppedError(Exception):
    pass


def _stop(done: int, total: int) -> None:
    if done:
        raise StoppedError


def test_a_cancelled_export_leaves_the_former_file(stored: Records, tmp_path: Path) -> None:
    target = tmp_path / "out" / "out.csv"
    target.parent.mkdir()
    target.write_bytes(b"former")
    with pytest.raises(StoppedError):
        export_csv(stored, ALL, target, who="Eva", tell=_stop)
    assert target.read_bytes() == b"former" and list(target.parent.iterdir()) == [target]


def test_a_full_disk_is_a_sentence(
    stored: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: durable.HashedFile, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(durable.HashedFile, "write", full)
    folder = tmp_path / "out"
    folder.mkdir()
    with pytest.raises(ReportError, match="No space left"):
        export_csv(stored, ALL, folder / "out.csv", who="Eva")
    assert not list(folder.iterdir())


def test_a_folder_that_is_not_there_is_a_sentence(stored: Records, tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="cannot be written"):
        export_csv(stored, ALL, tmp_path / "none" / "out.csv", who="Eva")
