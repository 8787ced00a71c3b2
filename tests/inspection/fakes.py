"""A source and a detector that do exactly what a test tells them."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from uniad_desktop.cameras.frame import Frame, SourceKind
from uniad_desktop.cameras.source import (
    CameraError,
    CameraLostError,
    EndOfFrames,
    SourceCounters,
    SourceInfo,
    TriggerMode,
    TriggerSettings,
    trigger_settings,
)
from uniad_desktop.engine.prediction import ModelIdentity, Prediction
from uniad_desktop.inspection.types import Limits, ProductInfo

MODEL = ModelIdentity("test", "1", "0" * 64)
PRODUCTS = (
    ProductInfo("flange", {"en": "Flange"}, Limits(1.0, 1.0)),
    ProductInfo("label", {"en": "Label"}, Limits(2.0, 4.0)),
)


def wait_for(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    """Fails with a message after `seconds` without the condition."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


class FakeSource:
    """Delivers what is put into `frames`; a software trigger runs `on_trigger`."""

    def __init__(self, features: frozenset[str] = frozenset()) -> None:
        self.info = SourceInfo("Fake", "Test", "F1", SourceKind.SIMULATED, 8, 6, "Mono8", features)
        self.trigger_mode = TriggerMode.FREE_RUNNING
        self.settings = TriggerSettings()
        self.frames: queue.Queue[object] = queue.Queue()
        self.next_id = 0
        self.lost_since = 0
        self.started = 0
        self.stopped = 0
        self.reopened = 0
        self.closed = False
        self.running = False
        self.reopen_failures = 0
        self.written: list[tuple[str, object]] = []
        self.on_trigger: Callable[[FakeSource], None] = FakeSource.push
        self._counters = SourceCounters()

    def push(self, value: int = 0, skip: int = 0) -> None:
        """A frame whose pixels are `value`; `skip` block ids are left out before it."""
        self.next_id += 1 + skip
        image = np.full((6, 8), value, np.uint8)
        now = time.monotonic_ns()
        lost, self.lost_since = self.lost_since + skip, 0
        self.frames.put(
            Frame(
                image,
                self.next_id,
                now,
                now,
                "F1",
                SourceKind.SIMULATED,
                "Mono8",
                lost_before=lost,
            )
        )

    def lose_frame(self) -> None:
        """A damaged frame arrived and was dropped; the next one tells."""
        self.lost_since += 1
        self._counters = replace(self._counters, incomplete=self._counters.incomplete + 1)

    def start(self, trigger: TriggerMode | TriggerSettings) -> None:
        self.settings = trigger_settings(trigger)
        self.trigger_mode = self.settings.mode
        self.started += 1
        self.running = True

    def next_frame(self, timeout_s: float) -> Frame | None:
        try:
            item = self.frames.get(timeout=timeout_s)
        except queue.Empty:
            return None
        if isinstance(item, Frame):
            self._counters = replace(self._counters, acquired=self._counters.acquired + 1)
            return item
        assert isinstance(item, CameraError | EndOfFrames)
        raise item

    def trigger(self) -> None:
        self.on_trigger(self)

    def counters(self) -> SourceCounters:
        return self._counters

    def read_feature(self, name: str) -> str:
        raise CameraError(f"There is no feature {name}.")

    def write_feature(self, name: str, value: str | float | bool) -> None:
        self.written.append((name, value))

    def stop(self) -> None:
        self.stopped += 1
        self.running = False
        while not self.frames.empty():
            self.frames.get_nowait()

    def reopen(self) -> None:
        self.reopened += 1
        if self.reopened <= self.reopen_failures:
            raise CameraLostError("F1 is still away.")

    def close(self) -> None:
        self.closed = True


class FakeDetector:
    """The pixel value divided by 10 is the score; 255 gives NaN, 254 raises."""

    model = MODEL
    runtime = "fake"
    remarks = ()
    agreement = None
    as_asked = True

    def __init__(self) -> None:
        self.delay_s = 0.0

    def warm_up(self) -> None:
        """Nothing to warm."""

    def predict(self, image: np.ndarray, product: str | None = None) -> Prediction:
        time.sleep(self.delay_s)
        value = int(image.flat[0])
        if value == 254:
            raise RuntimeError("out of memory")
        raw = float("nan") if value == 255 else value / 10
        anomaly = np.zeros((12, 16), np.float32)
        anomaly[3:6, 4:8] = raw
        return Prediction(anomaly, raw, self.model, self.runtime)

    def close(self) -> None:
        """Nothing to give back."""
