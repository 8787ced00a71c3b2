"""What the window needs of a station; nothing here ever blocks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from uniad_desktop.cameras.feature_tree import HasFeatures
from uniad_desktop.cameras.frame import Frame
from uniad_desktop.cameras.recordings.ring import HasRecording
from uniad_desktop.cameras.source import SourceCounters, SourceInfo, TriggerMode, TriggerSettings
from uniad_desktop.engine.prediction import ModelIdentity
from uniad_desktop.inspection.types import (
    InspectedFrame,
    Latency,
    ProductInfo,
    Rates,
    RecordsState,
    Reject,
    RuntimeState,
    ShiftCounters,
    StationState,
    TrendPoint,
)

if TYPE_CHECKING:
    from uniad_desktop.inspection.types import CycleTime


class StationLike(Protocol):
    """The inspection station as the screen sees it.

    Every member may be used from any thread and returns at once; what takes time (starting,
    stopping, triggering) is only requested here and shows later in `state`.
    """

    @property
    def state(self) -> StationState:
        """What the station is doing."""
        ...

    @property
    def problem(self) -> str:
        """A sentence (English) while something is wrong, as in CAMERA_LOST, else empty."""
        ...

    @property
    def source_info(self) -> SourceInfo | None:
        """Who delivers the frames; None before the source was opened."""
        ...

    @property
    def trigger_mode(self) -> TriggerMode:
        """The mode in force."""
        ...

    @property
    def trigger_settings(self) -> TriggerSettings:
        """What starts exposures: the mode with its line and burst."""
        ...

    @property
    def model(self) -> ModelIdentity:
        """The model that decides."""
        ...

    @property
    def runtime_state(self) -> RuntimeState:
        """What the model runs on and how that compared with the reference."""
        ...

    @property
    def products(self) -> tuple[ProductInfo, ...]:
        """The products that the model knows."""
        ...

    @property
    def product(self) -> ProductInfo:
        """The product being inspected."""
        ...

    @property
    def collecting(self) -> str:
        """Title of what parts are collected for instead of being inspected, else empty."""
        ...

    @property
    def camera_features(self) -> HasFeatures | None:
        """The features of the camera; None before it was opened, and of files."""
        ...

    @property
    def recorder(self) -> HasRecording | None:
        """Keeps the camera's last raw frames; None before it was opened, of files and webcams.

        Its own methods may take seconds.
        """
        ...

    def camera_counters(self) -> SourceCounters:
        """What the camera counted since it was opened; zeros before."""
        ...

    def begin_preview(self, take: Callable[[Frame], None]) -> None:
        """Requests that frames go to `take` while nothing is inspected; never during inspection.

        `take` is called on a thread of the station and must not block.
        """
        ...

    def end_preview(self) -> None:
        """Requests the end of the live view, and of nothing else."""
        ...

    def start(self) -> None:
        """Requests the start of inspection."""
        ...

    def stop(self) -> None:
        """Requests the end of inspection or collecting."""
        ...

    def begin_collecting(
        self, title: str, take: Callable[[Frame], None], product: str = ""
    ) -> None:
        """Requests that frames go to `take` instead of being inspected.

        For a product that the model does not know; no decision is made meanwhile. `take` is called
        on a thread of the station and must not block.
        """
        ...

    def end_collecting(self) -> None:
        """Requests that the station does again what it did before."""
        ...

    def add_sink(self, sink: Callable[[InspectedFrame], None]) -> None:
        """Hands `sink` every decision from now on, on a thread of the station."""
        ...

    def remove_sink(self, sink: Callable[[InspectedFrame], None]) -> None:
        """Hands it no more, though a decision that is on its way may still arrive."""
        ...

    def trigger(self) -> None:
        """Requests one software trigger."""
        ...

    def set_trigger_mode(self, mode: TriggerMode | TriggerSettings) -> None:
        """Requests another trigger mode; a mode alone keeps line and burst."""
        ...

    def select_product(self, key: str) -> None:
        """Requests another product."""
        ...

    def reset_shift(self) -> None:
        """Sets the counters of the shift to zero; the station records it."""
        ...

    def newest(self) -> InspectedFrame | None:
        """The newest decision with its frame, None before the first."""
        ...

    def counters(self) -> ShiftCounters:
        """Counts since the last shift reset."""
        ...

    def rates(self) -> Rates:
        """Acquired, inspected and passed over per second."""
        ...

    def latency(self) -> Latency:
        """Latency over the last decisions in ms."""
        ...

    def cycle_time(self) -> CycleTime | None:
        """Least, mean and longest time between decisions in seconds; None before the second."""
        ...

    def trend(self, after: int = 0) -> list[TrendPoint]:
        """The last 500 decisions at most, oldest first, with ``number > after``."""
        ...

    def rejects(self) -> list[Reject]:
        """The last rejects, newest first, 12 at most."""
        ...

    def records(self) -> RecordsState:
        """What is kept on disk."""
        ...

    def seconds_since_decision(self) -> float | None:
        """Age of the newest decision in seconds; None before the first."""
        ...
