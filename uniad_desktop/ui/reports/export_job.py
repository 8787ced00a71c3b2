"""An export as a low-priority process beside the window: progress, cancel, result."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.reports.chosen import filter_values
from uniad_desktop.teaching.child import CommandRun


class ExportKind(StrEnum):
    """What is made; the value is the ending of the file."""

    PDF = ".pdf"
    CSV = ".csv"
    JSON_LINES = ".jsonl"
    ZIP = ".zip"


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """What is asked for.

    Attributes:
        target: the file; its ending says what is made. One that is there is replaced.
        wanted: which inspections.
        who: who makes it.
        language: of a PDF, ``en`` or ``zh_CN``.
        heatmaps: whether they go into a zip.
        excel: CSV that Excel reads on Windows.
        pictures: of rejects in a PDF at most.
    """

    target: Path
    wanted: RecordFilter
    who: str
    language: str = "en"
    heatmaps: bool = True
    excel: bool = True
    pictures: int = 24


class ExportJob:
    """``uniad-desktop report --events`` in a process of its own.

    Not made on the Qt thread: a selection is written to a file. All other methods but `close`
    return at once.

    Args:
        order: what is asked for.
        data_folder: of the station.
        source: as for `open_source`; empty: this station.

    Raises:
        OSError: no process can be started, or the selection cannot be written.
    """

    def __init__(self, order: ExportOrder, data_folder: Path, source: str = "") -> None:
        self.order = order
        self.done, self.total = 0, 0
        self._result: dict[str, Any] | None = None
        number, name = tempfile.mkstemp(prefix="uniad-selection-", suffix=".json")
        self._selection = Path(name)
        try:
            with os.fdopen(number, "w", encoding="utf-8") as file:
                json.dump(filter_values(order.wanted), file)
            self._run = CommandRun(_arguments(order, data_folder, source, self._selection))
        except BaseException:
            self._selection.unlink(missing_ok=True)
            raise

    def beat(self) -> bool:
        """Takes what the process said; whether it has ended."""
        ended = not self._run.running
        for line in self._run.lines():
            event = _event(line)
            if event.get("event") == "progress":
                self.done, self.total = int(event["done"]), int(event["total"])
            elif event.get("event") == "result":
                self._result = event
        return ended

    @property
    def finished(self) -> bool:
        """Whether the file is there."""
        return self._result is not None

    @property
    def problem(self) -> str:
        """Why there is no file, a sentence; empty where there is one or it was stopped."""
        return "" if self.finished or self._run.stopped else self._run.sentence

    @property
    def records(self) -> int:
        """How many inspections were written."""
        return int((self._result or {}).get("records", 0))

    @property
    def problems(self) -> tuple[int, tuple[str, ...]]:
        """How many images are missing or damaged, and sentences on the first of them."""
        found = self._result or {}
        return int(found.get("problem_count", 0)), tuple(found.get("problems", ()))

    def stop(self) -> None:
        """Asks the process to end; nothing is left of the file then."""
        self._run.stop()

    def close(self) -> bool:
        """Ends the process and waits for it; whether it ended by itself. Not for the Qt thread."""
        in_time = self._run.close()
        self._selection.unlink(missing_ok=True)
        return in_time


def _arguments(order: ExportOrder, data_folder: Path, source: str, selection: Path) -> list[str]:
    arguments = [
        *("report", "--events", "--overwrite", "--data-dir", str(data_folder)),
        *(f"--out={order.target}", f"--selection={selection}", f"--who={order.who}"),
        *("--language", order.language, "--pictures", str(order.pictures)),
    ]
    if not order.heatmaps:
        arguments.append("--no-heatmaps")
    if order.excel:
        arguments.append("--excel")
    return [*arguments, "--", source] if source else arguments


def _event(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
