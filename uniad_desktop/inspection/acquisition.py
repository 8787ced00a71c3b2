"""The source of frames: opened once, started and stopped often."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from uniad_desktop.cameras.feature_set import FeatureSet, HasFeatureSets
from uniad_desktop.cameras.frame import Frame, SourceKind
from uniad_desktop.cameras.giving_up import give_up_when
from uniad_desktop.cameras.source import (
    CameraError,
    CameraLostError,
    FrameSource,
    TriggerMode,
    TriggerSettings,
)
from uniad_desktop.inspection.losses import Losses
from uniad_desktop.inspection.types import Reason

log = logging.getLogger(__name__)

SILENCE_LIMIT_S = 5.0
SIMULATED_PRODUCT_FEATURE = "SimProduct"
_NOTHING_INSPECTED = (Reason.STOPPED, "A trigger came while nothing was inspected.")
_LOST = (Reason.CAMERA_LOST, "A trigger came while the camera was lost.")


class Acquisition:
    """A source, the trigger mode in force and whether frames come.

    One thread uses it. `lock` is held while a trigger goes to the camera and while acquisition
    ends, so that no trigger meets a source that is half stopped.

    Args:
        open_source: opens the camera; raises CameraError.
        trigger: what starts exposures.
        features_for: the feature set of a product, by its key; None: it has none; raises
            CameraError.

    Attributes:
        trigger: what starts exposures from the next start on.
        source: None until it was opened.
        running: whether it was started.
        why_not_running: what becomes of a trigger that comes meanwhile, and a sentence.
    """

    def __init__(
        self,
        open_source: Callable[[], FrameSource],
        trigger: TriggerSettings,
        features_for: Callable[[str], FeatureSet | None] = lambda product: None,
    ) -> None:
        self._open_source = open_source
        self.trigger = trigger
        self.source: FrameSource | None = None
        self.running = False
        self.why_not_running = _NOTHING_INSPECTED
        self.lock = threading.Lock()
        self._losses = Losses()
        self._last_frame_at = time.monotonic()
        self._shown = ""
        self._features_for = features_for
        self._set_for: tuple[str, FeatureSet | None] | None = None
        self._as_it_was: FeatureSet | None = None

    @property
    def mode(self) -> TriggerMode:
        """The mode in force."""
        return self.trigger.mode

    def open_beside(self, given_up: Callable[[], bool]) -> Future[FrameSource]:
        """Opens the camera on a thread of its own, while something else is made ready here.

        Args:
            given_up: whether it is not wanted any more; a driver that hangs is then left alone.
        """
        executor = ThreadPoolExecutor(
            1, thread_name_prefix="open-camera", initializer=give_up_when, initargs=(given_up,)
        )
        future = executor.submit(self._open_source)
        executor.shutdown(wait=False)
        return future

    def ready_source(self) -> FrameSource:
        """The source. Raises CameraError where it is not open."""
        if self.source is None:
            raise CameraError("The camera is not open.")
        return self.source

    def set_features(self, product: str) -> None:
        """Brings the camera to the feature set of a product; empty: it stays as it is.

        Only where product or set is another one than before, so that what an engineer changes
        meanwhile stands until the product changes. For a product without a set the camera gets
        back what it had before the first set.

        Raises:
            CameraError: the camera does not take it: nothing may be inspected with other settings.
        """
        source = self.ready_source()
        if not product or not isinstance(source, HasFeatureSets):
            return
        wanted = self._features_for(product)
        if self._set_for == (product, wanted):
            return
        self._set_for = None
        if wanted is not None:
            if self._as_it_was is None:
                self._as_it_was = source.read_set()
            _apply(source, wanted, product)
        elif self._as_it_was is not None:
            _apply(source, self._as_it_was, product)
            self._as_it_was = None
        self._set_for = product, wanted

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
        self.why_not_running = _NOTHING_INSPECTED

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
        self.why_not_running = _LOST
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

    def change(self, open_source: Callable[[], FrameSource]) -> None:
        """Gives the camera back; `open_source` opens the one that is used from now on."""
        self.stop()
        self.close()
        self.source, self._open_source, self._shown = None, open_source, ""
        self._set_for = self._as_it_was = None

    def close(self) -> None:
        """Gives the camera back."""
        if self.source is not None:
            self.source.stop()
            self.source.close()


def give_back(opening: Future[FrameSource] | None) -> None:
    """Closes a camera that was opened for nothing."""
    if opening is not None and opening.exception() is None:
        opening.result().close()


def _apply(source: FrameSource, wanted: FeatureSet, product: str) -> None:
    """Raises CameraError where the camera is another one or does not take every value."""
    assert isinstance(source, HasFeatureSets)
    if source.set_in_force == wanted:
        return
    model = str(source.info.settings.get("DeviceModelName", ""))
    if wanted.model and model and wanted.model != model:
        raise CameraError(
            f"The camera settings of the product {product} were made with the model "
            f"{wanted.model}, but this camera is of the model {model}; connect that one, or keep "
            "settings of this one for the product."
        )
    report = source.apply_set(wanted)
    if not report.complete:
        raise CameraError(
            f"The camera {source.info.serial} does not take the settings of the product {product}: "
            f"{report.sentence()} Nothing is inspected with other settings; correct them and keep "
            "them for the product again, or connect the camera that they were made with."
        )
