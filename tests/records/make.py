"""Decisions and databases for tests of the records."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from tests.inspection.fakes import MODEL
from uniad_desktop.cameras.frame import Frame, SourceKind
from uniad_desktop.cameras.source import SourceInfo
from uniad_desktop.engine.prediction import ModelIdentity, Prediction
from uniad_desktop.inspection.types import (
    InspectedFrame,
    Inspection,
    Limits,
    Reason,
    Region,
    Verdict,
)
from uniad_desktop.records.entry import Entry

REASONS = {
    Verdict.PASS: Reason.NORMAL,
    Verdict.REVIEW: Reason.BETWEEN_LIMITS,
    Verdict.FAIL: Reason.ABOVE_LIMIT,
    Verdict.ERROR: Reason.MODEL_FAILED,
}
CAMERA = SourceInfo(
    *("SimCam U5", "Test", "SIM0001", SourceKind.SIMULATED, 16, 12, "RGB8"),
    settings={"ExposureTime": 8000.0, "GainAuto": "Off"},
)
SECOND_CAMERA = replace(CAMERA, name="Side view", serial="SIM0002")
NOW = 1_790_000_000.0


def camera_of(source: str) -> SourceInfo:
    """The camera that a frame comes from."""
    return SECOND_CAMERA if source == SECOND_CAMERA.serial else CAMERA


def shown(
    verdict: Verdict,
    number: int = 1,
    score: float = 75.0,
    *,
    at: float | None = None,
    product: str = "flange",
    model: ModelIdentity = MODEL,
    runtime: str = "torch cpu f32",
    limits: Limits = Limits(1.0, 1.0),  # noqa: B008
    source: str = "SIM0001",
    kind: SourceKind = SourceKind.SIMULATED,
    detail: str = "",
    regions: tuple[Region, ...] = (Region(1, 2, 3, 4, 10, 80.0),),
) -> InspectedFrame:
    image = np.random.default_rng(number).integers(0, 255, (12, 16, 3), dtype=np.uint8)
    frame = Frame(image, number, 5, 6, source, kind, "RGB8")
    inspection = Inspection(
        number=number,
        frame_id=number,
        timestamp_ns=5,
        decided_at=time.time() if at is None else at,
        source=source,
        kind=kind,
        verdict=verdict,
        reason=REASONS[verdict],
        detail=detail,
        score=score,
        raw_score=score / 50,
        regions=() if verdict is Verdict.PASS else regions,
        limits=limits,
        product=product,
        model=model,
        runtime=runtime,
        latency_ms=30.0,
        pixel_format="RGB8",
    )
    values = np.linspace(0.0, 2.0, 48, dtype=np.float32).reshape(6, 8)
    prediction = None if verdict is Verdict.ERROR else Prediction(values, score / 50, model, "test")
    return InspectedFrame(inspection, frame, prediction, camera_of(source))


def entry(verdict: Verdict, number: int = 1, score: float = 75.0, **changes) -> Entry:
    """A decision without its image, as the writer takes it."""
    made = shown(verdict, number, score, **changes)
    camera = None if made.inspection.kind is SourceKind.FILE else made.camera
    return Entry(made.inspection, 0.0, "Eva", camera, (16, 12))
