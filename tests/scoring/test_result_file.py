from __future__ import annotations

import csv
import errno

import pytest

from tests.scoring.helpers import line
from uniad_desktop.inspection.types import Verdict
from uniad_desktop.scoring.job import ScoringError
from uniad_desktop.scoring.result_file import ResultFile, read_results
from uniad_desktop.scoring.result_lines import COLUMNS

ODD = ['/a,"b".png', "/零件/ж.png", "/two\nlines\r\n.png", "/=1+1.png", "/\u2028\x85.png"]


def written(path, lines):
    file = ResultFile(path)
    file.add(lines)
    file.close()
    return path


@pytest.fixture(params=["r.csv", "r.jsonl"])
def path(request, tmp_path):
    return tmp_path / request.param


def test_what_is_written_is_read_again(path):
    lines = [line(name) for name in ODD]
    lines.append(line("/bad.png", Verdict.ERROR, regions=(), sha256="", error='no "file", ж'))
    assert read_results(written(path, lines)) == lines
    assert [one.name for one in path.parent.iterdir()] == [path.name]  # the lock is gone


def test_other_programs_read_it(tmp_path):
    path = written(tmp_path / "r.csv", [line(ODD[0]), line("/b.png", Verdict.ERROR)])
    assert path.read_bytes().startswith(",".join(COLUMNS).encode() + b"\r\n")
    with path.open(encoding="utf-8", newline="") as file:
        first, second = csv.DictReader(file)
    assert first["path"] == ODD[0] and first["verdict"] == "FAIL" and first["score"] == "62.5"
    assert first["regions"].startswith('[{"x": 1, ')
    assert second["score"] == "" and second["verdict"] == "ERROR"


def test_cut_off_anywhere_only_the_last_line_is_lost(path):
    lines = [line(name) for name in ODD]
    data = written(path, lines).read_bytes()
    for length in range(len(data)):
        path.write_bytes(data[:length])
        found = read_results(path)
        assert found == lines[: len(found)]
    whole = len(written(path, lines[:-1]).read_bytes())
    path.write_bytes(data[: whole + 30])
    assert read_results(path) == lines[:-1]


def test_going_on_keeps_the_former_lines(path):
    path.write_bytes(written(path, [line("/a.png"), line("/b.png")]).read_bytes()[:-9])
    file = ResultFile(path, read_results(path))
    file.add([line("/c.png"), line("/b.png")])
    file.put_in_order(["/a.png", "/b.png", "/c.png"])
    file.close()
    assert [one.path for one in read_results(path)] == ["/a.png", "/b.png", "/c.png"]


def test_files_that_are_no_results(tmp_path):
    for name, text in {
        "other.csv": "a,b\r\n1,2\r\n",
        "other.jsonl": '{"a": 1}\n',
        "newer.csv": ",".join(COLUMNS) + "\r\n" + "x," * 17 + "x\r\ny\r\n",
        "binary.jsonl": "\0\n",
    }.items():
        path = tmp_path / name
        path.write_text(text, newline="")
        with pytest.raises(ScoringError, match="no file of results"):
            read_results(path)
    with pytest.raises(ScoringError, match="cannot be read"):
        read_results(tmp_path / "none.csv")
    with pytest.raises(ScoringError, match=r"neither a \.csv"):
        ResultFile(tmp_path / "results.txt")


def test_two_programs_do_not_write_one_file(path):
    file = ResultFile(path)
    with pytest.raises(ScoringError, match="Another program"):
        ResultFile(path)
    file.close()
    file.close()
    ResultFile(path).close()


def test_a_full_disk_is_a_sentence(path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    file = ResultFile(path)
    file.add([line("/a.png")])
    real, file._file = file._file, type("Full", (), {"write": full})()
    with pytest.raises(ScoringError, match=r"No space left on device.*--resume"):
        file.add([line("/b.png")])
    file._file = real
    file.close()
    assert len(read_results(path)) == 1
    monkeypatch.setattr("uniad_desktop.scoring.result_file.write_durably", full)
    with pytest.raises(ScoringError, match="No space"):
        ResultFile(path)
    monkeypatch.undo()
    ResultFile(path).close()
    with pytest.raises(ScoringError, match="cannot be written"):
        ResultFile(path / path.name)
