"""Puts images of a folder on record as they are judged or as a file describes them. One thread."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.cameras.frame import SourceKind
from uniad_desktop.engine.prediction import ModelIdentity, Prediction
from uniad_desktop.inspection.types import Inspection, Limits, Reason, Verdict
from uniad_desktop.records.database import Records
from uniad_desktop.records.entry import Entry, StoredImage
from uniad_desktop.records.heatmaps import encode_heatmap
from uniad_desktop.records.labels import set_label
from uniad_desktop.records.pictures import Quality, heatmap_file, measure
from uniad_desktop.records.schema import ImageState, Label
from uniad_desktop.records.writer import InspectionWriter
from uniad_desktop.review.described import Described
from uniad_desktop.review.files_table import FileMark, remember
from uniad_desktop.review.folder_scan import ImageFile
from uniad_desktop.scoring.header import HeaderError, read_header
from uniad_desktop.scoring.job import ScoredImage

STATION = "folder"
COMMIT_S = 0.5
_MOST_WAITING = 500
_REASONS = {
    Verdict.PASS: Reason.NORMAL,
    Verdict.REVIEW: Reason.BETWEEN_LIMITS,
    Verdict.FAIL: Reason.ABOVE_LIMIT,
    Verdict.ERROR: Reason.MODEL_FAILED,
}


@dataclass(slots=True)
class _Seen:
    """What is kept of an image's pixels."""

    quality: Quality
    heatmap: bool
    grey: bool


class FolderIntake:
    """Takes decisions on images of one folder.

    Args:
        records: its database.
        operator: who looks at it.

    Raises:
        RecordsError: it cannot be written.
    """

    def __init__(self, records: Records, operator: str) -> None:
        self._records, self._operator = records, operator
        self._writers: dict[str, InspectionWriter] = {}
        self._waiting: list[tuple[Entry, FileMark, Described | None]] = []
        self._seen: dict[str, _Seen] = {}
        self._written_at = time.monotonic()
        self._number = 0

    def see(self, file: ImageFile, image: NDArray[np.uint8], prediction: Prediction) -> None:
        """Keeps the heatmap of an image and what it looks like, before `judged`."""
        drawn = encode_heatmap(prediction.anomaly_map, prediction.inspected)
        kept = self._keep_heatmap(file.mark.path, drawn)
        self._seen[file.mark.path] = _Seen(measure(image), kept, image.ndim == 2)

    def judged(self, file: ImageFile, line: ScoredImage) -> None:
        """Takes the line of an image. Raises RecordsError."""
        seen = self._seen.pop(file.mark.path, None)
        self._number += 1
        name, _, version = line.model.rpartition("@")
        nan = float("nan")
        inspection = Inspection(
            number=self._number,
            frame_id=self._number,
            timestamp_ns=max(0, line.modified_ns),
            decided_at=time.time(),
            source=file.mark.path,
            kind=SourceKind.FILE,
            verdict=line.verdict,
            reason=_REASONS[line.verdict],
            detail=line.error,
            score=nan if line.score is None else line.score,
            raw_score=nan if line.raw_score is None else line.raw_score,
            regions=line.regions,
            limits=Limits(line.accept, line.reject),
            product=line.product,
            model=ModelIdentity(name, version, line.model_sha256),
            runtime=line.runtime,
            latency_ms=line.latency_ms,
            pixel_format="" if seen is None else "Mono8" if seen.grey else "RGB8",
        )
        entry = Entry(inspection, 0.0, self._operator, None, (line.width, line.height))
        if seen is not None:
            entry.quality = seen.quality
        mark = file.mark
        if line.sha256:
            entry.stored = StoredImage(
                mark.path, bytes.fromhex(line.sha256), mark.size, seen is not None and seen.heatmap
            )
        else:
            entry.state = ImageState.LOST
        self._take(entry, mark, None)

    def described(self, file: ImageFile, told: Described, heatmap: Path | None = None) -> bool:
        """Takes a decision that a file tells, with its image.

        Args:
            file: the image.
            told: the decision.
            heatmap: its heatmap, which is copied.

        Returns:
            Whether it was taken: not where the image is another one than the decision was on.

        Raises:
            OSError: the image cannot be read.
            RecordsError: the database cannot be written.
        """
        mark = file.mark
        digest, size = _look_at(file.path)
        if told.image_sha256 and bytes.fromhex(told.image_sha256) != digest:
            return False
        entry = self._entry(told)
        if size != (0, 0):
            entry.size = size
        if told.kind is SourceKind.FILE:
            entry.inspection = replace(entry.inspection, source=mark.path)
        kept = heatmap is not None and self._keep_heatmap(mark.path, heatmap.read_bytes())
        entry.stored = StoredImage(mark.path, digest, mark.size, kept)
        self._take(entry, mark, told)
        return True

    def described_only(self, told: Described, name: str) -> None:
        """Takes a decision without image; `name` keeps it from being taken twice."""
        self._take(self._entry(told), FileMark(name, 0, 0), told)

    def flush(self) -> None:
        """Puts what waits on record. Raises RecordsError."""
        waiting, self._waiting = self._waiting, []
        self._written_at = time.monotonic()
        by_station: dict[str, list[tuple[Entry, FileMark, Described | None]]] = {}
        for one in waiting:
            told = one[2]
            by_station.setdefault((told and told.station) or STATION, []).append(one)
        for station, taken in by_station.items():
            if station not in self._writers:
                self._writers[station] = InspectionWriter(self._records, station)
            ids = self._writers[station].store([entry for entry, _, _ in taken])
            if not ids:  # committed already
                continue
            marks = [(mark, number) for number, (_, mark, _) in zip(ids, taken, strict=True)]
            remember(self._records, marks)
            self._label(station, [(n, told) for n, (_, _, told) in zip(ids, taken, strict=True)])

    def _entry(self, told: Described) -> Entry:
        size = (told.width, told.height)
        operator = told.operator or self._operator
        return Entry(told.inspection(), 0.0, operator, told.taken_by, size)

    def _keep_heatmap(self, image: str, data: bytes) -> bool:
        """Not flushed to the disk: one that is torn counts as none, and can be made again."""
        folder = self._records.heatmaps
        if folder is None:
            return False
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / heatmap_file(image)
        half = path.with_suffix(".tmp")
        half.write_bytes(data)
        half.replace(path)
        return True

    def _take(self, entry: Entry, mark: FileMark, told: Described | None) -> None:
        self._waiting.append((entry, mark, told))
        late = time.monotonic() - self._written_at >= COMMIT_S
        if late or len(self._waiting) >= _MOST_WAITING:
            self.flush()

    def _label(self, station: str, taken: Sequence[tuple[int, Described | None]]) -> None:
        by_said: dict[tuple[Label, str], list[int]] = {}
        for number, told in taken:
            if told is not None and told.said is not Label.NONE:
                by_said.setdefault((told.said, told.note), []).append(number)
        for (label, note), ids in by_said.items():
            set_label(self._records, ids, label, who=self._operator, note=note, station=station)


def _look_at(path: Path) -> tuple[bytes, tuple[int, int]]:
    """SHA-256 of a file, and width and height of its image as it says; zeros where it does not."""
    data = path.read_bytes()
    size = (0, 0)
    with suppress(HeaderError):
        header = read_header(data)
        size = (header.width, header.height)
    return hashlib.sha256(data).digest(), size
