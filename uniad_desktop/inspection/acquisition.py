"""The source of frames: opened once, started and stopped often."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from uniad_desktop.cameras.frame import Frame, SourceKind
from uniad_desktop.cameras.source import (
    CameraError,
    CameraLostError,
    FrameSource,
    TriggerMode,
    TriggerSettings,
)
from uniad_desktop.inspection.losses import Losses

log = logging.getLogger(__name__)

SILENCE_LIMIT_S = 5.0
SIMULATED_PRODUCT_FEATURE = "SimProduct"


class Acquisition:
    """A source, the trigger mode in force and whether frames come.

    One thread uses it. `lock` is held while a trigger goes to the camera and while acquisition
    ends, so that no trigger meets a source that is half stopped.

    Args:
        open_source: opens the camera; raises CameraError.
        trigger: what starts exposures.

    Attributes:
        trigger: what starts exposures from the next start on.
        source: None until it was opened.
        running: whether it was started.
    """

    def __init__(self, open_source: Callable[[], FrameSource], trigger: TriggerSettings) -> None:
        self._open_source = open_source
        self.trigger = trigger
        self.source: FrameSource | None = None
        self.running = False
        self.lock = threading.Lock()
        self._losses = Losses()
        self._last_frame_at = time.monotonic()
        self._shown = ""

    @property
    def mode(self) -> TriggerMode:
        """The mode in force."""
        return self.trigger.mode

    def open_beside(self) -> Future[FrameSource]:
        """Opens the camera on a thread of its own, while something else is made ready here."""
        executor = ThreadPoolExecutor(1, thread_name_prefix="open-camera")
        future = executor.submit(self._open_source)
        executor.shutdown(wait=False)
        return future

    def ready_source(self) -> FrameSource:
        """The source. Raises CameraError where it is not open."""
        if self.source is None:
            raise CameraError("The camera is not open.")
        return self.source

    def show(self, product: str) -> None:
        """Has a simulated line show a product; empty: as it is. Raises CameraLostError.

        A line that does not know the product goes on with what it shows.
        """
        source = self.ready_source()
        if product in (self._shown, "") or SIMULATED_PRODUCT_FEATURE not in source.info.features:
            return
        try:
            source.write_feature(SIMULATED_PRODUCT_FEATURE, product.capitalize())
        except CameraLostError:
            raise
        except CameraError as error:
            log.warning("The simulated line goes on with what it shows: %s", error)
        self._shown = product

    def start(self) -> None:
        """Starts the source. Raises CameraError, CameraLostError."""
        source = self.ready_source()
        # Read before: in triggered modes frames may come as soon as it has started.
        self._losses.begin(source.counters(), skips=source.info.kind is SourceKind.FILE)
        source.start(self.trigger)
        self.running = True
        self._last_frame_at = time.monotonic()

    def stop(self) -> None:
        """Stops the source; frames on the way are dropped."""
        with self.lock:
            self.stop_locked()

    def stop_locked(self) -> None:
        """As `stop`, for those who hold `lock` already."""
        if self.running and self.source is not None:
            self.source.stop()
        self.running = False

    def lost_frames(self, frame: Frame | None) -> int:
        """Frames lost right before this one, or after the last one; each is told once.

        Args:
            frame: what was taken; None where nothing came.

        Raises:
            CameraError: the source is not open.
        """
        if frame is None:
            return self._losses.at_rest(self.ready_source().counters)
        return self._losses.before(frame)

    def left_behind(self) -> int:
        """Frames that arrived and were not taken, or are lost, now that acquisition has ended."""
        return 0 if self.source is None else self._losses.left_behind(self.source.counters())

    def frames_wait(self) -> bool:
        """Whether frames of a triggered mode have arrived and were not taken yet."""
        return not self._losses.all_taken(self.ready_source().counters())

    def seconds_without_frame(self) -> float:
        """Time since the last frame, or since the start."""
        return time.monotonic() - self._last_frame_at

    def lose(self) -> None:
        """The camera is gone: nothing runs any more, and nothing is known of it."""
        self.running = False
        self._shown = ""

    def silence(self, frame: Frame | None) -> str:
        """Told of each attempt to take a frame; a sentence where there was none for too long."""
        now = time.monotonic()
        if frame is not None:
            self._last_frame_at = now
        silent = now - self._last_frame_at
        if self.mode is not TriggerMode.FREE_RUNNING or silent <= SILENCE_LIMIT_S:
            return ""
        return (
            f"The camera has sent no frame for {silent:.0f} s. It answers, so check its trigger "
            "settings, its exposure time and the light."
        )

    def close(self) -> None:
        """Gives the camera back."""
        if self.source is not None:
            self.source.stop()
            self.source.close()


def give_back(opening: Future[FrameSource] | None) -> None:
    """Closes a camera that was opened for nothing."""
    if opening is not None and opening.exception() is None:
        opening.result().close()
