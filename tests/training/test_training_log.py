import csv
import errno
import io
import sys

import pytest

from uniad_desktop.training import training_log
from uniad_desktop.training.errors import TrainingError
from uniad_desktop.training.training_log import COLUMNS, TrainingLog, progress_bar


def log(table, first, last, steps=10):
    with TrainingLog("Test", steps, 4, 8, table=table) as report:
        for step in range(first, last):
            report(step, 1.0 / (step + 1), 1e-3)


def read(table):
    with table.open() as file:
        return list(csv.reader(file))


def test_a_row_per_step_and_none_twice_after_a_resume(tmp_path):
    table = tmp_path / "run" / "training.csv"
    log(table, 0, 7)
    with table.open("a") as file:
        file.write("8,2,0.1")  # cut off by a kill
    log(table, 5, 10)  # the checkpoint was older than the table
    rows = read(table)
    assert tuple(rows[0]) == COLUMNS
    assert [int(row[0]) for row in rows[1:]] == list(range(1, 11))
    assert [int(row[1]) for row in rows[1:]] == [1] * 4 + [2] * 4 + [3] * 2
    assert float(rows[4][2]) == pytest.approx(0.25)
    elapsed = [float(row[-1]) for row in rows[1:]]
    assert elapsed == sorted(elapsed)


def test_a_new_training_replaces_the_table_and_a_strange_one_too(tmp_path):
    table = tmp_path / "training.csv"
    table.write_text("1,2,3\n")
    log(table, 0, 3)
    log(table, 0, 2)
    assert [row[0] for row in read(table)] == ["step", "1", "2"]
    table.write_bytes(b"\xff\xfe")
    log(table, 4, 5)
    assert [row[0] for row in read(table)] == ["step", "5"]


def test_a_long_training_keeps_a_bounded_number_of_rows(tmp_path):
    table = tmp_path / "training.csv"
    log(table, 0, 20_000, steps=20_000)
    rows = read(table)
    assert len(rows) == 5001
    assert float(rows[1][2]) == pytest.approx((1 + 1 / 2 + 1 / 3 + 1 / 4) / 4, rel=1e-5)


def test_without_a_terminal_there_are_lines(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(training_log, "_LINE_EVERY_S", 0.0)
    with caplog.at_level("INFO"):
        log(None, 0, 3)
        with progress_bar("Pictures") as progress:
            progress(2, 4)
    assert len([one for one in caplog.messages if "images/s" in one and "left" in one]) == 3
    assert "Pictures: 2 of 4" in caplog.messages


def test_on_a_terminal_there_is_a_bar(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stderr", Terminal())
    log(None, 6, 10)
    with progress_bar("Pictures") as progress:
        progress(4, 4)
    shown = sys.stderr.getvalue()
    assert "10/10" in shown and "loss 0.1" in shown and "rate 1.00e-03" in shown
    assert "4/4" in shown


class FullFile(io.TextIOWrapper):
    """Takes the first row; then the disk is full."""

    rows = 0

    def write(self, text):
        self.rows += 1
        if self.rows > 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(text)


def test_a_full_disk_is_said_with_the_file_and_the_way_out(tmp_path):
    table = tmp_path / "run" / "training.csv"
    with (
        pytest.raises(TrainingError, match=r"training\.csv cannot be written.*last checkpoint"),
        TrainingLog("Test", 10, 4, 8, table=table) as report,
    ):
        report(0, 1.0, 1e-3)
        report._file.close()
        report._file = FullFile(table.open("ab"), write_through=True)
        report(1, 1.0, 1e-3)
        report(2, 1.0, 1e-3)
    assert [row[0] for row in read(table)] == ["step", "1", "2"]
    (tmp_path / "file").write_text("")
    with pytest.raises(TrainingError, match="cannot be written"):
        log(tmp_path / "file" / "training.csv", 0, 1)
