"""The station: takes frames, has them judged and hands out decisions. No Qt.

What it is asked for is queued to the thread of the `Inspector` and obeyed between two frames, so
that no caller ever waits.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future

from uniad_desktop.cameras.feature_set import FeatureSet
from uniad_desktop.cameras.feature_tree import HasFeatures
from uniad_desktop.cameras.frame import Frame
from uniad_desktop.cameras.recordings.ring import HasRecording
from uniad_desktop.cameras.source import (
    FrameSource,
    SourceCounters,
    SourceInfo,
    TellsSilence,
    TriggerMode,
    TriggerSettings,
)
from uniad_desktop.engine.prediction import ModelIdentity
from uniad_desktop.inspection.decisions import DecisionMaker
from uniad_desktop.inspection.detector_like import DetectorLike
from uniad_desktop.inspection.inspector import Inspector
from uniad_desktop.inspection.model_swap import ModelSwap, time_left
from uniad_desktop.inspection.readings import Readings
from uniad_desktop.inspection.scoreboard import Scoreboard
from uniad_desktop.inspection.types import (
    CameraPlace,
    Collecting,
    InspectedFrame,
    ProductInfo,
    ProductName,
    Reason,
    RecordsState,
    RuntimeState,
    StationError,
    StationState,
)

__all__ = ["Station", "StationError"]

SILENT_S = 1.5
"""From here on a driver that does not answer is told, though a slow camera is not lost yet."""
_FRAMES_COME = (StationState.RUNNING, StationState.COLLECTING, StationState.PREVIEW)


class Station(Readings):
    """Grab, infer, judge; see the module's text for the threads.

    Every method but `close` returns at once and may be called from any thread.

    Args:
        open_source: opens the camera; runs on the inspector thread; raises CameraError.
        load_detector: loads the model; runs on the inspector thread; its errors are shown.
        products: what the model knows, with limits.
        product: key of the first product.
        model: which model (known before it is loaded).
        trigger_mode: free running, software or hardware trigger, or one with its settings.
        sinks: called with every decision on the inspector thread; must not block.
        records_state: tells what is kept on disk.
        cannot_store: where records are mandatory: why the next decision cannot be stored, as a
            sentence; empty: it can.
        features_for: the camera's feature set for a product, by its key; None where it has none;
            runs on the inspector thread; raises CameraError. What the camera does not take
            completely ends in FAILED: nothing is inspected with other settings.
        on_shift: called with the time (seconds since the epoch) at which a shift begins.
        place: which camera it is, where several are inspected side by side.

    Raises:
        StationError: `product` is not among `products`.
    """

    def __init__(
        self,
        *,
        open_source: Callable[[], FrameSource],
        load_detector: Callable[[], DetectorLike],
        products: Sequence[ProductInfo],
        product: str,
        model: ModelIdentity,
        trigger_mode: TriggerMode | TriggerSettings = TriggerMode.FREE_RUNNING,
        sinks: Sequence[Callable[[InspectedFrame], None]] = (),
        records_state: Callable[[], RecordsState] | None = None,
        cannot_store: Callable[[], str] = lambda: "",
        on_shift: Callable[[float], None] = lambda at: None,
        features_for: Callable[[str], FeatureSet | None] = lambda product: None,
        place: CameraPlace | None = None,
    ) -> None:
        super().__init__(Scoreboard())
        self._records_state = records_state
        self._on_shift = on_shift
        self._inspector = Inspector(
            open_source=open_source,
            load_detector=load_detector,
            products={info.key: info for info in products},
            product=product,
            trigger_mode=trigger_mode,
            board=self._board,
            decisions=DecisionMaker(self._board, sinks, model, cannot_store, place),
            features_for=features_for,
        )
        self._decisions = self._inspector.decisions
        self._swap = ModelSwap(self._inspector.between_frames)

    # --- what the screen reads

    @property
    def state(self) -> StationState:
        """What the station is doing."""
        return self._inspector.state

    @property
    def problem(self) -> str:
        """A sentence for the user while something is wrong, else empty."""
        problem, source = self._inspector.problem, self._inspector.source
        if problem or self.state not in _FRAMES_COME or not isinstance(source, TellsSilence):
            return problem
        silent = source.seconds_silent()
        if silent < SILENT_S:
            return ""
        return (
            f"The driver of the camera {source.info.serial} has given no sign of life for "
            f"{silent:.0f} s. If this lasts, the camera is opened again."
        )

    @property
    def failure(self) -> Reason | None:
        """What FAILED is about: MODEL_FAILED, CAMERA_LOST or STOPPED (unexpected), else None."""
        return self._inspector.failure

    @property
    def source_info(self) -> SourceInfo | None:
        """Who delivers the frames; None until the camera has been opened."""
        return self._decisions.source

    @property
    def trigger_mode(self) -> TriggerMode:
        """The mode in force."""
        return self._inspector.trigger_mode

    @property
    def trigger_settings(self) -> TriggerSettings:
        """What starts exposures: the mode with its line, edge, delay and burst."""
        return self._inspector.trigger_settings

    @property
    def model(self) -> ModelIdentity:
        """Which model decides."""
        return self._decisions.model

    @property
    def runtime(self) -> str:
        """Which runtime runs it; empty until it is loaded."""
        return self._decisions.runtime

    @property
    def runtime_state(self) -> RuntimeState:
        """Which runtime runs it and how it compared with the reference."""
        return self._inspector.runtime_state

    @property
    def products(self) -> tuple[ProductInfo, ...]:
        """What the model knows."""
        return tuple(self._inspector.products.values())

    @property
    def product(self) -> ProductInfo:
        """The product in force."""
        return self._inspector.product

    @property
    def collecting(self) -> str:
        """Title of what parts are collected for instead of being inspected, else empty."""
        collecting = self._inspector.collecting
        return "" if collecting is None else collecting.title

    @property
    def camera_features(self) -> HasFeatures | None:
        """The features of the camera; None before it was opened, and of files."""
        source = self._inspector.source
        return source if isinstance(source, HasFeatures) else None

    @property
    def recorder(self) -> HasRecording | None:
        """Keeps the camera's last raw frames; None before it was opened, and of files and webcams.

        Unlike the station itself its methods may take seconds.
        """
        source = self._inspector.source
        return source if isinstance(source, HasRecording) else None

    def camera_counters(self) -> SourceCounters:
        """What the camera counted since it was opened; zeros before."""
        source = self._inspector.source
        return SourceCounters() if source is None else source.counters()

    def records(self) -> RecordsState:
        """What is kept on disk."""
        return self._records_state() if self._records_state else RecordsState(folder="")

    # --- what the screen asks for

    def reset_shift(self) -> None:
        """Starts the shift counters anew; that is put on record."""
        super().reset_shift()
        self._on_shift(self.counters().since)

    def start(self) -> None:
        """Opens the camera if need be and inspects; while parts are collected, afterwards."""
        self._inspector.between_frames(self._inspector.do_start)

    def stop(self) -> None:
        """Stops inspecting or collecting; the camera stays open."""
        self._inspector.between_frames(self._inspector.do_stop)

    def trigger(self, told: Callable[[InspectedFrame], None] | None = None) -> None:
        """Asks for one software trigger; it gets exactly one decision, whatever happens.

        Of a burst each frame gets one. While parts are collected its frame is collected and there
        is no decision.

        Args:
            told: called with each decision of this trigger, on the inspector thread; must not
                block.
        """
        self._inspector.ask_trigger(told)

    def set_trigger_mode(self, mode: TriggerMode | TriggerSettings) -> None:
        """Changes what starts exposures between two frames; a mode alone keeps line and burst."""
        self._inspector.between_frames(lambda: self._inspector.do_set_trigger_mode(mode))

    def select_product(self, key: str) -> None:
        """Changes the product between two frames. Raises StationError for an unknown key."""
        info = self._inspector.find_product(key)
        self._inspector.between_frames(lambda: self._inspector.do_select_product(info))

    def begin_collecting(
        self, title: str, take: Callable[[Frame], None], product: str = ""
    ) -> None:
        """Hands frames to `take` instead of inspecting them, from the next start of acquisition on.

        For a product that the model does not know: no decision is made, and the model need not be
        loaded. Opens the camera if need be. The trigger mode in force stays. It ends with
        `end_collecting`, and also with `stop`, a failure or the end of a folder.

        Args:
            title: of the product, for the screen.
            take: called on the inspector thread; must not block.
            product: its key, which a simulated line shows if it can.
        """
        collecting = Collecting(title, take, product)
        self._inspector.between_frames(lambda: self._inspector.do_begin_collecting(collecting))

    def end_collecting(self) -> None:
        """Goes back to what was before: inspects, or stops. No frame from before is inspected."""
        self._inspector.between_frames(self._inspector.do_end_collecting)

    def change_camera(self, open_source: Callable[[], FrameSource]) -> None:
        """Stops and gives the camera back; the next start opens another one.

        Args:
            open_source: opens it; runs on the inspector thread; raises CameraError.
        """
        self._inspector.between_frames(lambda: self._inspector.do_change_camera(open_source))

    def begin_preview(self, take: Callable[[Frame], None]) -> None:
        """Hands frames to `take` for a live view: nothing is decided, recorded or counted.

        Opens the camera if need be; the model need not be loaded. The trigger mode in force stays.
        Does nothing while parts are inspected or collected. It ends with `end_preview`, `start`,
        `begin_collecting`, `stop`, a failure or the end of a folder.

        Args:
            take: called on the inspector thread; must not block.
        """
        preview = Collecting("", take, preview=True)
        self._inspector.between_frames(lambda: self._inspector.do_begin_preview(preview))

    def end_preview(self) -> None:
        """Stops a live view, and only that."""
        self._inspector.between_frames(self._inspector.do_end_preview)

    def add_sink(self, sink: Callable[[InspectedFrame], None]) -> None:
        """Hands `sink` every decision from now on, on the inspector thread; it must not block."""
        self._decisions.add_sink(sink)

    def remove_sink(self, sink: Callable[[InspectedFrame], None]) -> None:
        """Hands it no more, though a decision that is on its way may still arrive."""
        self._decisions.remove_sink(sink)

    def name_products(self, names: Mapping[str, ProductName]) -> None:
        """Has products be called what this station calls them, from the next frame on."""
        self._inspector.between_frames(lambda: self._inspector.do_name_products(names))

    def change_model(
        self, load_detector: Callable[[], DetectorLike], products: Sequence[ProductInfo]
    ) -> Future[None]:
        """Puts another model in the place of this one between two frames; no frame is lost.

        Args:
            load_detector: loads the model; runs beside the inspection.
            products: what it knows, with limits.

        Returns:
            Done once it decides; holds the error where it could not be loaded, and then the
            former model goes on.

        Raises:
            StationError: the new model does not know the product in force.
        """
        known = {info.key: info for info in products}
        if self.product.key not in known:
            raise StationError(
                f"The new model does not know the product “{self.product.key}”; choose a product "
                "that it knows first."
            )
        return self._swap.begin(
            load_detector,
            lambda detector: self._inspector.do_change_model(detector, load_detector, known),
        )

    def follow_model(self, model: ModelIdentity, products: Sequence[ProductInfo]) -> None:
        """The detector, shared with other cameras, is another one from now on.

        Its products and limits are taken over before anything that it judged is decided.
        """
        self._inspector.hand_model(model, {info.key: info for info in products})

    def close(self, timeout_s: float = 10.0) -> bool:
        """Ends both threads and closes the camera; whether that was done in time."""
        deadline = time.monotonic() + timeout_s
        ended = self._inspector.close(timeout_s)
        return self._swap.close(time_left(deadline)) and ended
