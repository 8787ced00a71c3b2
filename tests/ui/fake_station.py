"""A station without threads: a test says what happens, and sees what the window asked for."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable

import cv2
import numpy as np

from uniad_desktop.cameras.feature_tree import HasFeatures
from uniad_desktop.cameras.frame import Frame, SourceKind
from uniad_desktop.cameras.recordings.ring import HasRecording
from uniad_desktop.cameras.source import (
    SourceCounters,
    SourceInfo,
    TriggerMode,
    TriggerSettings,
    trigger_settings,
)
from uniad_desktop.engine.prediction import ModelIdentity, Prediction
from uniad_desktop.inspection.image_quality import ImageQuality
from uniad_desktop.inspection.types import (
    CycleTime,
    InspectedFrame,
    Inspection,
    Latency,
    Limits,
    ProductInfo,
    Rates,
    Reason,
    RecordsState,
    Region,
    Reject,
    RuntimeState,
    ShiftCounters,
    StationState,
    TrendPoint,
    Verdict,
)

WIDTH, HEIGHT = 960, 720
MAP = 224
LIMITS = Limits(accept=2.0, reject=2.0)
PRODUCTS = tuple(
    ProductInfo(key, {"en": en, "zh_CN": zh}, LIMITS)
    for key, en, zh in (
        ("flange", "Machined flange", "机加工法兰"),
        ("label", "Printed label", "印刷标签"),
        ("fabric", "Woven fabric", "编织布料"),
        ("board", "Circuit board", "电路板"),
    )
)
SHIFT_START = time.mktime((2026, 11, 23, 6, 0, 0, 0, 0, -1))


def ring_image(defect: tuple[int, int] | None = None) -> np.ndarray:
    """(720, 960) uint8: a grey ring on dark ground, with a bright scratch at a place."""
    image = np.full((HEIGHT, WIDTH), 45, dtype=np.uint8)
    cv2.circle(image, (480, 360), 300, 150, -1)
    cv2.circle(image, (480, 360), 110, 40, -1)
    if defect is not None:
        x, y = defect
        cv2.line(image, (x - 40, y - 20), (x + 40, y + 20), 230, 6)
    return image


def blob_map(peak: float, at: tuple[int, int] | None, ground: float = 0.4) -> np.ndarray:
    """(224, 224) float32 raw distances with one bump of height `peak` at a place of the frame."""
    y, x = np.mgrid[0:MAP, 0:MAP].astype(np.float32)
    result = np.full((MAP, MAP), ground, dtype=np.float32)
    if at is not None:
        cx, cy = at[0] / WIDTH * MAP, at[1] / HEIGHT * MAP
        result += (peak - ground) * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * 11.0**2))
    return result.astype(np.float32)


class FakeStation:
    """Keeps the interface of `StationLike`; `asked` lists what the window asked for."""

    def __init__(self, kind: SourceKind = SourceKind.SIMULATED) -> None:
        self.state = StationState.STOPPED
        self.problem = ""
        self.source_info: SourceInfo | None = SourceInfo(
            "SimCam U5", "UniAD", "SIM-0001", kind, WIDTH, HEIGHT, "Mono8"
        )
        self.trigger_mode = TriggerMode.FREE_RUNNING
        self.trigger_line = ""
        self.model = ModelIdentity("uniad-starter", "1.0.0", "ab" * 32)
        self.runtime = "torch cpu f32"
        self.runtime_state = RuntimeState(self.runtime)
        self.products = PRODUCTS
        self.product = PRODUCTS[0]
        self.kind = kind
        self.asked: list[str] = []
        self.seconds: float | None = None
        self.cycle: CycleTime | None = None
        self.shift = ShiftCounters(since=SHIFT_START)
        self.rate = Rates()
        self.delay = Latency()
        self.kept = RecordsState("/var/lib/uniad/records", free_bytes=412_000_000_000)
        self.collecting = ""
        self.camera_features: HasFeatures | None = None
        self.recorder: HasRecording | None = None
        self.source_counters = SourceCounters()
        self.take: Callable[[Frame], None] | None = None
        self.sinks: list[Callable[[InspectedFrame], None]] = []
        self._newest: InspectedFrame | None = None
        self._trend: deque[TrendPoint] = deque(maxlen=500)
        self._rejects: deque[Reject] = deque(maxlen=12)
        self.number = 0

    # what the window asks for

    def start(self) -> None:
        self.asked.append("start")

    def stop(self) -> None:
        self.asked.append("stop")

    def trigger(self) -> None:
        self.asked.append("trigger")

    @property
    def trigger_settings(self) -> TriggerSettings:
        return TriggerSettings(self.trigger_mode, self.trigger_line)

    def set_trigger_mode(self, mode: TriggerMode | TriggerSettings) -> None:
        wanted = trigger_settings(mode)
        self.asked.append(f"mode {wanted.mode.value} {wanted.source}".rstrip())
        self.trigger_mode = wanted.mode
        self.trigger_line = wanted.source or self.trigger_line

    def select_product(self, key: str) -> None:
        self.asked.append(f"product {key}")
        self.product = next(product for product in self.products if product.key == key)

    def begin_collecting(
        self, title: str, take: Callable[[Frame], None], product: str = ""
    ) -> None:
        self.asked.append(f"collect {product or title}")
        self.collecting, self.take = title, take
        self.state = StationState.COLLECTING

    def end_collecting(self) -> None:
        self.asked.append("end collecting")
        self.collecting, self.take = "", None
        self.state = StationState.RUNNING

    def begin_preview(self, take: Callable[[Frame], None]) -> None:
        self.asked.append("begin preview")
        if self.state is StationState.STOPPED:
            self.take, self.state = take, StationState.PREVIEW

    def end_preview(self) -> None:
        self.asked.append("end preview")
        if self.state is StationState.PREVIEW:
            self.take, self.state = None, StationState.STOPPED

    def camera_counters(self) -> SourceCounters:
        return self.source_counters

    def add_sink(self, sink: Callable[[InspectedFrame], None]) -> None:
        self.sinks.append(sink)

    def remove_sink(self, sink: Callable[[InspectedFrame], None]) -> None:
        if sink in self.sinks:
            self.sinks.remove(sink)

    def reset_shift(self) -> None:
        self.asked.append("reset")
        self.shift = ShiftCounters(since=time.time())

    # what the window shows

    def newest(self) -> InspectedFrame | None:
        return self._newest

    def counters(self) -> ShiftCounters:
        return self.shift

    def rates(self) -> Rates:
        return self.rate

    def latency(self) -> Latency:
        return self.delay

    def cycle_time(self) -> CycleTime | None:
        return self.cycle

    def trend(self, after: int = 0) -> list[TrendPoint]:
        return [point for point in self._trend if point.number > after]

    def rejects(self) -> list[Reject]:
        return list(self._rejects)

    def records(self) -> RecordsState:
        return self.kept

    def seconds_since_decision(self) -> float | None:
        return self.seconds

    # what a test makes happen

    def push(
        self,
        verdict: Verdict = Verdict.PASS,
        score: float = 20.0,
        *,
        reason: Reason | None = None,
        at: tuple[int, int] = (720, 235),
        limits: Limits = LIMITS,
        image: np.ndarray | None = None,
        anomaly_map: np.ndarray | None = None,
        with_frame: bool = True,
        decided_at: float | None = None,
        quality: ImageQuality | None = None,
    ) -> InspectedFrame:
        """A decision on a part; the station runs and the decision is fresh."""
        self.number += 1
        self.state = StationState.RUNNING
        self.seconds = 0.05
        bad = verdict in (Verdict.FAIL, Verdict.REVIEW)
        found = verdict is Verdict.FAIL
        default = {
            Verdict.PASS: Reason.NORMAL,
            Verdict.REVIEW: Reason.BETWEEN_LIMITS,
            Verdict.FAIL: Reason.ABOVE_LIMIT,
            Verdict.ERROR: Reason.MODEL_FAILED,
        }[verdict]
        regions = (Region(at[0] - 85, at[1] - 62, 170, 124, 15_480, score),) if found else ()
        raw = score / 50.0 * limits.reject
        inspection = Inspection(
            number=self.number,
            frame_id=self.number if with_frame else -1,
            timestamp_ns=0,
            decided_at=decided_at if decided_at is not None else time.time(),
            source="SIM-0001",
            kind=self.kind,
            verdict=verdict,
            reason=reason or default,
            detail="",
            score=score,
            raw_score=raw,
            regions=regions,
            limits=limits,
            product=self.product.key,
            model=self.model,
            runtime=self.runtime,
            latency_ms=41.0,
            pixel_format="Mono8",
            quality=quality,
        )
        frame = prediction = None
        if with_frame:
            pixels = ring_image(at if bad else None) if image is None else image
            frame = Frame(pixels, self.number, 0, 0, "SIM-0001", self.kind, "Mono8")
            if not math.isnan(score):
                heat = blob_map(raw * 1.1, at if bad else None)
                if anomaly_map is not None:
                    heat = anomaly_map
                prediction = Prediction(heat, raw, self.model, self.runtime, {})
        shown = InspectedFrame(inspection, frame, prediction)
        for sink in list(self.sinks):
            sink(shown)
        self._newest = shown
        self._trend.append(TrendPoint(self.number, score, verdict))
        if verdict is not Verdict.PASS:
            self._rejects.appendleft(Reject(shown, self._thumbnail(frame)))
        return shown

    @staticmethod
    def _thumbnail(frame: Frame | None) -> np.ndarray:
        if frame is None:
            return np.full((120, 160, 3), 60, dtype=np.uint8)
        small = cv2.resize(frame.image, (160, 120), interpolation=cv2.INTER_AREA)
        return cv2.cvtColor(small, cv2.COLOR_GRAY2RGB) if small.ndim == 2 else small
