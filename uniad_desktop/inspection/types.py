"""The decision and what the station says of itself. No Qt, no torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.cameras.frame import Frame, SourceKind
from uniad_desktop.cameras.source import SourceInfo
from uniad_desktop.engine.manifest import Calibration
from uniad_desktop.engine.prediction import ModelIdentity, Prediction
from uniad_desktop.inspection.image_quality import ImageQuality


class StationError(Exception):
    """The station cannot do what was asked; the message is a sentence for the user."""


class Verdict(StrEnum):
    """The decision on one part."""

    PASS = "PASS"
    REVIEW = "REVIEW"
    FAIL = "FAIL"
    ERROR = "ERROR"


class Reason(StrEnum):
    """Why the verdict is what it is; the screen turns it into a sentence."""

    NORMAL = "normal"
    BETWEEN_LIMITS = "between-limits"
    ABOVE_LIMIT = "above-limit"
    CAMERA_LOST = "camera-lost"
    CAMERA_TIMEOUT = "camera-timeout"
    MODEL_FAILED = "model-failed"
    FRAME_LOST = "frame-lost"
    QUEUE_FULL = "queue-full"
    STOPPED = "stopped"
    NOT_STORED = "not-stored"
    TOO_LATE = "too-late"


class LatencyStart(StrEnum):
    """Where the time to a decision begins."""

    RECEPTION = "reception"
    TRIGGER = "trigger"
    CAMERA = "camera"


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits in force for a product, in raw distance units.

    Attributes:
        accept: T1; at or below it the part passes.
        reject: T2; above it the part fails; it is 50 on the score scale. T1 = T2: no review band.
    """

    accept: float
    reject: float

    def score(self, raw: float) -> float:
        """Raw distance on the 0-100 scale where 50 is the reject limit (linear, clipped)."""
        return float(min(100.0, max(0.0, 50.0 * raw / self.reject)))


@dataclass(frozen=True, slots=True)
class Region:
    """A connected region of the map above the pixel limit.

    Attributes:
        x, y, width, height: box in full-frame pixels.
        area: pixels of the frame covered (rounded).
        peak: highest value inside, on the 0-100 scale.
        mm_per_pixel: millimetres per full-frame pixel where the product has a scale, else None;
            the properties in millimetres are then None too.
    """

    x: int
    y: int
    width: int
    height: int
    area: int
    peak: float
    mm_per_pixel: float | None = None

    @property
    def x_mm(self) -> float | None:
        """Left edge of the box in millimetres from that of the frame."""
        return self._in_mm(self.x)

    @property
    def y_mm(self) -> float | None:
        """Upper edge of the box in millimetres from that of the frame."""
        return self._in_mm(self.y)

    @property
    def width_mm(self) -> float | None:
        """Width of the box in millimetres."""
        return self._in_mm(self.width)

    @property
    def height_mm(self) -> float | None:
        """Height of the box in millimetres."""
        return self._in_mm(self.height)

    @property
    def area_mm2(self) -> float | None:
        """Area in square millimetres."""
        return None if self.mm_per_pixel is None else self.area * self.mm_per_pixel**2

    def _in_mm(self, pixels: int) -> float | None:
        return None if self.mm_per_pixel is None else pixels * self.mm_per_pixel


@dataclass(frozen=True, slots=True)
class Inspection:
    """One decision, made once, for screen, records and outputs alike.

    Attributes:
        number: running number of the decision since the station was made, from 1.
        frame_id: id of the frame; -1 for an ERROR decision without a frame.
        timestamp_ns: camera clock of the frame, 0 where there is none.
        decided_at: seconds since the epoch (UTC) of the decision.
        source: serial of the camera or path of the file.
        kind: live, simulated or file.
        verdict: PASS, REVIEW, FAIL or ERROR.
        reason: why.
        detail: a sentence for the log where `verdict` is ERROR, else empty.
        score: 0-100, 50 = reject limit; NaN for an ERROR without a score.
        raw_score: raw distance; NaN likewise.
        regions: boxes above the limit, strongest first.
        limits: limits in force.
        product: key of the product.
        model: which model.
        runtime: which runtime.
        latency_ms: to the decision, from where `latency_from` says.
        pixel_format: as the camera sent it.
        quality: light and focus of the frame; None where there is none.
        latency_from: asking for a software trigger; the camera's timestamp of the frame (hardware
            trigger, where the camera tells what its clock shows); else the frame's reception.
        camera: place of the camera at its station, from 1.
    """

    number: int
    frame_id: int
    timestamp_ns: int
    decided_at: float
    source: str
    kind: SourceKind
    verdict: Verdict
    reason: Reason
    detail: str
    score: float
    raw_score: float
    regions: tuple[Region, ...]
    limits: Limits
    product: str
    model: ModelIdentity
    runtime: str
    latency_ms: float
    pixel_format: str
    quality: ImageQuality | None = None
    latency_from: LatencyStart = LatencyStart.RECEPTION
    camera: int = 1

    @property
    def simulated(self) -> bool:
        """Whether the frame came from the simulated camera."""
        return self.kind is SourceKind.SIMULATED


@dataclass(frozen=True, slots=True)
class CameraPlace:
    """Which camera of its station one is.

    Attributes:
        number: from 1.
        of: how many the station has.
        asked: how it was asked for; stands for its serial number until it was opened.
    """

    number: int = 1
    of: int = 1
    asked: str = ""

    def name(self, device: str) -> str:
        """What the camera is called on screen and record: of several, with its number."""
        return device if self.of == 1 else f"{self.number} · {device}"


@dataclass(frozen=True, slots=True, eq=False)
class InspectedFrame:
    """A decision together with what it was made from; frame and prediction None for some ERRORs.

    `camera` is who delivered the frame and what it was set to; None where none was opened yet.
    """

    inspection: Inspection
    frame: Frame | None
    prediction: Prediction | None
    camera: SourceInfo | None = None


class StationState(StrEnum):
    """What the station is doing."""

    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    COLLECTING = "collecting"
    PREVIEW = "preview"
    CAMERA_LOST = "camera-lost"
    FINISHED = "finished"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Collecting:
    """Frames are handed over instead of being inspected: parts to collect, or a live view.

    Attributes:
        title: of what they are collected for; empty for a live view.
        take: gets their frames; must not block.
        product: its key, which a simulated line shows if it can; empty: as it is.
        preview: a live view: they are only looked at, and counted nowhere.
    """

    title: str
    take: Callable[[Frame], None]
    product: str = ""
    preview: bool = False


@dataclass(frozen=True, slots=True)
class ShiftCounters:
    """Counts since the last shift reset.

    Attributes:
        since: seconds since the epoch (UTC) of the reset.
        triggered: triggers while parts are inspected (0 in free running): software triggers that
            were asked for, hardware triggers whose frames came or were missed.
        inspected: parts judged by the model: pass + review + fail.
        passed, review, failed: by verdict.
        error: decisions that no model made: treated as rejects.
        passed_over: frames that were acquired to be inspected and never were.
        collected: frames handed to a collection instead; in none of the other counts.
    """

    since: float
    triggered: int = 0
    inspected: int = 0
    passed: int = 0
    review: int = 0
    failed: int = 0
    error: int = 0
    passed_over: int = 0
    collected: int = 0

    @property
    def yield_share(self) -> float | None:
        """Passed parts as a share of all decisions, errors included; None before the first."""
        decided = self.inspected + self.error
        return self.passed / decided if decided else None


@dataclass(frozen=True, slots=True)
class Rates:
    """Measured over the last seconds; per second. Three numbers, never 1 / latency.

    Attributes:
        acquired: complete frames that arrived.
        inspected: decisions of the model.
        passed_over: frames that were dropped because a newer one was taken.
        lost_lately: not a rate but a number: frames that arrived damaged, or not at all, within
            the last five minutes.
    """

    acquired: float = 0.0
    inspected: float = 0.0
    passed_over: float = 0.0
    lost_lately: int = 0


@dataclass(frozen=True, slots=True)
class Latency:
    """Over the last 500 decisions, in milliseconds; None before the first.

    All of them begin where `since` says: with another start the figures begin anew.
    """

    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    since: LatencyStart = LatencyStart.RECEPTION


@dataclass(frozen=True, slots=True)
class CycleTime:
    """Seconds between decisions over the last 500."""

    min: float
    mean: float
    max: float


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One dot of the score chart."""

    number: int
    score: float
    verdict: Verdict


@dataclass(frozen=True, slots=True, eq=False)
class Reject:
    """One picture of the film strip: thumbnail (h, w, 3) uint8 RGB, at most 160 px wide."""

    shown: InspectedFrame
    thumbnail: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class ProductInfo:
    """A product that the model knows.

    Attributes:
        key: its name in commands and records.
        titles: title per language code.
        limits: accept and reject limit.
        pixel_limit: raw distance above which a pixel belongs to a region; None: the reject limit.
        least_area: full-frame pixels that a region must cover to be reported.
        mm_per_pixel: millimetres per full-frame pixel, None where no scale is set.
        archived: whether it is out of use at this station; then it is not offered.
        calibration: where the model's limits come from, None where that is not known.
    """

    key: str
    titles: dict[str, str]
    limits: Limits
    pixel_limit: float | None = None
    least_area: float = 0.0
    mm_per_pixel: float | None = None
    archived: bool = False
    calibration: Calibration | None = None

    def title(self, language: str) -> str:
        """Title in `language` (``en``, ``zh_CN``), else English, else the key."""
        return self.titles.get(language) or self.titles.get("en") or self.key


@dataclass(frozen=True, slots=True)
class ProductName:
    """What this station calls a product, by language code, and whether it is out of use here."""

    titles: Mapping[str, str]
    archived: bool = False


@dataclass(frozen=True, slots=True)
class RuntimeState:
    """What runs the model.

    Attributes:
        label: for example ``openvino cpu bf16``; empty until the model is loaded.
        difference: how far its scores were from the reference's at most, in deviations of the
            product's normal scores; None for the reference itself.
        remarks: sentences for the user on what was asked for and is not used.
    """

    label: str = ""
    difference: float | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordsState:
    """What is kept on disk.

    Attributes:
        folder: where.
        written: images written since the start.
        waiting: decisions that wait to be stored.
        not_written: decisions that could not be stored, or only without their image.
        free_bytes: free space of the disk, None before it was read.
        problem: a sentence for the user while something is wrong, else empty.
        recorded: decisions stored since the start.
        lag_s: seconds that the oldest waiting one has waited.
    """

    folder: str
    written: int = 0
    waiting: int = 0
    not_written: int = 0
    free_bytes: int | None = None
    problem: str = ""
    recorded: int = 0
    lag_s: float = 0.0
