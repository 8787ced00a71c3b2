"""Keeps the picture of every reject, with a JSON beside it. Never blocks the inspector."""

from __future__ import annotations

import json
import logging
import math
import queue
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2

from uniad_desktop import __version__
from uniad_desktop.inspection.types import (
    InspectedFrame,
    Inspection,
    RecordsState,
    Region,
    Verdict,
)
from uniad_desktop.records.files import write_durably

log = logging.getLogger(__name__)

QUEUE_LENGTH = 32
RETRY_S = 2.0
FREE_SPACE_EVERY_S = 5.0
PNG_LEVEL = 1  # lossless at any level; 1 keeps up with the line


class RejectSaver:
    """A thread that writes FAIL, REVIEW and ERROR pictures as they come.

    While the disk refuses, the picture at the head is tried again every two seconds and later
    ones wait; what no longer fits into the queue is counted as not written, and `state` says so.

    Args:
        folder: rejects go to ``folder/YYYY-MM-DD/``; made when needed.
        write: how a file is written; tests put a full disk here.
    """

    def __init__(self, folder: Path, write: Callable[[Path, bytes], None] = write_durably) -> None:
        self._folder = folder
        self._write = write
        self._queue: queue.Queue[InspectedFrame] = queue.Queue(QUEUE_LENGTH)
        self._lock = threading.Lock()
        self._state = RecordsState(folder=str(folder))
        self._closing = threading.Event()
        self._space_read_at = -math.inf
        self._thread = threading.Thread(target=self._run, name="reject-saver", daemon=True)
        self._thread.start()

    def take(self, shown: InspectedFrame) -> None:
        """Queues the picture of a decision that was no pass; returns at once."""
        if shown.inspection.verdict is Verdict.PASS or shown.frame is None:
            return
        try:
            self._queue.put_nowait(shown)
        except queue.Full:
            self._count_lost(shown)

    def state(self) -> RecordsState:
        """What was written, what waits, and what is wrong."""
        with self._lock:
            return replace(self._state, waiting=self._queue.qsize())

    def close(self, timeout_s: float = 10.0) -> int:
        """Writes what waits and ends; returns how many pictures could not be written at all."""
        self._closing.set()
        self._thread.join(timeout_s)
        left = 0
        while True:
            try:
                self._count_lost(self._queue.get_nowait())
                left += 1
            except queue.Empty:
                break
        if left:
            log.error("%d rejects were not written to %s", left, self._folder)
        return self.state().not_written

    def _run(self) -> None:
        while True:
            self._read_free_space()
            try:
                shown = self._queue.get(timeout=0.2)
            except queue.Empty:
                if self._closing.is_set():
                    return
                continue
            self._keep_trying(shown)

    def _keep_trying(self, shown: InspectedFrame) -> None:
        while True:
            try:
                self._save(shown)
            except (OSError, cv2.error) as error:
                problem = f"Rejects cannot be written to {self._folder}: {_reason(error)}."
                if problem != self.state().problem:
                    log.error("%s", problem)
                with self._lock:
                    self._state = replace(self._state, problem=problem)
                if self._closing.wait(RETRY_S):
                    self._count_lost(shown)
                    return
            else:
                with self._lock:
                    self._state = replace(self._state, written=self._state.written + 1, problem="")
                return

    def _save(self, shown: InspectedFrame) -> None:
        if shown.frame is None:
            return
        inspection = shown.inspection
        when = datetime.fromtimestamp(inspection.decided_at).astimezone()
        folder = self._folder / when.strftime("%Y-%m-%d")
        folder.mkdir(parents=True, exist_ok=True)
        stem = (
            f"{when:%H%M%S}-{when.microsecond // 1000:03d}_{inspection.number:07d}"
            f"_{inspection.product}_{inspection.verdict.value}"
        )
        image = shown.frame.image
        pixels = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
        done, encoded = cv2.imencode(".png", pixels, [cv2.IMWRITE_PNG_COMPRESSION, PNG_LEVEL])
        if not done:
            raise OSError("the picture could not be encoded as PNG")
        # The JSON comes last: where it is, its picture is complete.
        self._write(folder / f"{stem}.png", encoded.tobytes())
        text = json.dumps(describe(inspection, f"{stem}.png"), ensure_ascii=False, indent=2)
        self._write(folder / f"{stem}.json", text.encode())

    def _count_lost(self, shown: InspectedFrame) -> None:
        log.warning("Reject %d was not written", shown.inspection.number)
        with self._lock:
            self._state = replace(self._state, not_written=self._state.not_written + 1)

    def _read_free_space(self) -> None:
        now = time.monotonic()
        if now - self._space_read_at < FREE_SPACE_EVERY_S:
            return
        self._space_read_at = now
        existing = next((p for p in (self._folder, *self._folder.parents) if p.exists()), None)
        free = shutil.disk_usage(existing).free if existing else None
        with self._lock:
            self._state = replace(self._state, free_bytes=free)


def describe(inspection: Inspection, image: str = "") -> dict[str, Any]:
    """An inspection as plain values for JSON; a missing score is null, never NaN."""
    return {
        "schema": 1,
        "number": inspection.number,
        "frame_id": inspection.frame_id,
        "verdict": inspection.verdict.value,
        "reason": inspection.reason.value,
        "detail": inspection.detail,
        "score": _finite(inspection.score, 2),
        "raw_score": _finite(inspection.raw_score, 6),
        "product": inspection.product,
        "simulated": inspection.simulated,
        "kind": inspection.kind.value,
        "latency_ms": round(inspection.latency_ms, 2),
        "limits": {"accept": inspection.limits.accept, "reject": inspection.limits.reject},
        "regions": [_describe_region(region) for region in inspection.regions],
        "model": {
            "name": inspection.model.name,
            "version": inspection.model.version,
            "sha256": inspection.model.sha256,
        },
        "runtime": inspection.runtime,
        "source": inspection.source,
        "pixel_format": inspection.pixel_format,
        "timestamp_ns": inspection.timestamp_ns,
        "decided_at": datetime.fromtimestamp(inspection.decided_at, UTC).isoformat(),
        "image": image,
        "application": f"uniad-desktop {__version__}",
    }


def _describe_region(region: Region) -> dict[str, Any]:
    """A region in full-frame pixels, and in millimetres where the product has a scale."""
    values: dict[str, Any] = {
        "x": region.x,
        "y": region.y,
        "width": region.width,
        "height": region.height,
        "area": region.area,
        "peak": round(region.peak, 2),
    }
    for name in ("x_mm", "y_mm", "width_mm", "height_mm", "area_mm2"):
        length = getattr(region, name)
        if length is not None:
            values[name] = round(length, 4)
    return values


def _finite(value: float, digits: int) -> float | None:
    return round(value, digits) if math.isfinite(value) else None


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error)
