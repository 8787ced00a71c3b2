"""What the sheet of exports offers: kinds, folders, and a name that is free."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication, QStandardPaths

from uniad_desktop.ui.reports.export_job import ExportKind

PRINT: Final = "print"
FOLDER: Final = "exports"

translate = QCoreApplication.translate


def export_choices(*, with_print: bool = True) -> list[tuple[str, str]]:
    """Keys (`ExportKind` values, `PRINT`) and what a person reads, for a sheet."""
    choices = [
        (ExportKind.PDF.value, translate("Report", "Report (PDF)")),
        (ExportKind.CSV.value, translate("Report", "Table for Excel (CSV)")),
        (ExportKind.JSON_LINES.value, translate("Report", "For programs (JSON lines)")),
        (ExportKind.ZIP.value, translate("Report", "Images and records (zip)")),
    ]
    if with_print:
        choices.append((PRINT, translate("Report", "Print the report")))
    return choices


def export_folders(data_folder: Path) -> list[Path]:
    """Where exports can go: the person's documents where there are, and the data folder."""
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    found = [Path(documents)] if documents and Path(documents).is_dir() else []
    return [*found, data_folder / FOLDER]


def free_target(folder: Path, kind: ExportKind, at: float | None = None) -> Path:
    """A file of this kind that is not there yet, such as ``inspections-2026-11-26-0412.csv``.

    Makes the folder, so it is not for the Qt thread.

    Raises:
        OSError: the folder cannot be made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    when = time.strftime("%Y-%m-%d-%H%M", time.localtime(at))
    stem = f"report-{when}" if kind is ExportKind.PDF else f"inspections-{when}"
    target, number = folder / f"{stem}{kind.value}", 1
    while target.exists():
        number += 1
        target = folder / f"{stem}-{number}{kind.value}"
    return target
