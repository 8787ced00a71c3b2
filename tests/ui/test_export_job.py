from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from tests.reports.conftest import record_shift
from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.ui.reports.choices import PRINT, export_choices, export_folders, free_target
from uniad_desktop.ui.reports.export_job import ExportJob, ExportKind, ExportOrder

LIMIT_MS = 60_000


def test_a_selection_is_exported_beside_the_window(
    app: QApplication, tmp_path: Path, qtbot
) -> None:
    record_shift(tmp_path / "station")
    target = tmp_path / "out.jsonl"
    target.write_text("former")
    order = ExportOrder(target, RecordFilter(verdicts=(Verdict.FAIL,)), who="Eva 李")
    job = ExportJob(order, tmp_path / "station")
    qtbot.waitUntil(job.beat, timeout=LIMIT_MS)
    assert job.finished and not job.problem and job.records == 2
    assert (job.done, job.total) == (2, 2) and job.problems == (0, ())
    assert job.close()
    assert len(target.read_text("utf-8").splitlines()) == 2
    said = json.loads((tmp_path / "out.jsonl.provenance.json").read_text("utf-8"))
    assert said["made_by"] == "Eva 李"


def test_what_went_wrong_is_a_sentence(app: QApplication, tmp_path: Path, qtbot) -> None:
    record_shift(tmp_path / "station")
    order = ExportOrder(tmp_path / "none" / "out.csv", RecordFilter(), who="Eva")
    job = ExportJob(order, tmp_path / "station")
    qtbot.waitUntil(job.beat, timeout=LIMIT_MS)
    assert not job.finished and "cannot be written" in job.problem
    assert job.close()


def test_told_to_stop_it_says_nothing(app: QApplication, tmp_path: Path) -> None:
    record_shift(tmp_path / "station")
    target = tmp_path / "out.zip"
    job = ExportJob(ExportOrder(target, RecordFilter(), who="Eva"), tmp_path / "station")
    job.stop()
    assert job.close()
    job.beat()
    assert not job.problem
    assert job.finished == target.exists()
    assert not list(tmp_path.glob(".out*"))


def test_choices_and_free_names(app: QApplication, tmp_path: Path) -> None:
    keys = [key for key, _ in export_choices()]
    assert keys == [".pdf", ".csv", ".jsonl", ".zip", PRINT]
    assert PRINT not in dict(export_choices(with_print=False))
    folder = export_folders(tmp_path)[-1]
    assert folder == tmp_path / "exports"
    first = free_target(folder, ExportKind.ZIP, 0.0)
    first.touch()
    second = free_target(folder, ExportKind.ZIP, 0.0)
    assert second.name == first.stem + "-2.zip"
    assert free_target(folder, ExportKind.PDF, 0.0).name.startswith("report-")


@pytest.mark.parametrize("kind", list(ExportKind))
def test_endings_are_those_of_the_command(kind: ExportKind) -> None:
    from uniad_desktop.commands.report import ENDINGS

    assert kind.value in ENDINGS
