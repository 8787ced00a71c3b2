"""The station: takes frames, has them judged and hands out decisions. No Qt.

One *inspector* thread owns the source and the detector; commands of the screen are queued to it
and obeyed between two frames, so that no caller ever waits. A second, small thread fires software
triggers, because the camera must not wait for an inference that is under way.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from uniad_desktop.cameras.frame import Frame
from uniad_desktop.cameras.source import (
    CameraError,
    CameraLostError,
    EndOfFrames,
    FrameSource,
    SourceInfo,
    TriggerMode,
)
from uniad_desktop.engine.prediction import ModelIdentity
from uniad_desktop.inspection.camera_settings import read_camera_settings
from uniad_desktop.inspection.decisions import DecisionMaker
from uniad_desktop.inspection.detector_like import DetectorLike
from uniad_desktop.inspection.model_swap import ModelSwap, time_left
from uniad_desktop.inspection.readings import Readings
from uniad_desktop.inspection.scoreboard import Scoreboard
from uniad_desktop.inspection.triggers import PendingTrigger, TriggerLedger
from uniad_desktop.inspection.types import (
    InspectedFrame,
    ProductInfo,
    Reason,
    RecordsState,
    RuntimeState,
    StationState,
)

log = logging.getLogger(__name__)

FRAME_WAIT_S = 0.05
DECISION_LIMIT_S = 2.0
SILENCE_LIMIT_S = 5.0
BACK_OFF_S = (0.5, 1.0, 2.0, 4.0, 8.0)
SIMULATED_PRODUCT_FEATURE = "SimProduct"


class StationError(Exception):
    """The station cannot do what was asked; the message is a sentence for the user."""


class Station(Readings):
    """Grab, infer, judge; see the module's text for the threads.

    Every method but `close` returns at once and may be called from any thread.

    Args:
        open_source: opens the camera; runs on the inspector thread; raises CameraError.
        load_detector: loads the model; runs on the inspector thread; its errors are shown.
        products: what the model knows, with limits.
        product: key of the first product.
        model: which model (known before it is loaded).
        trigger_mode: free running or software trigger.
        sinks: called with every decision on the inspector thread; must not block.
        records_state: tells what is kept on disk.
        cannot_store: where records are mandatory: why the next decision cannot be stored, as a
            sentence; empty: it can.
        on_shift: called with the time (seconds since the epoch) at which a shift begins.

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
        trigger_mode: TriggerMode = TriggerMode.FREE_RUNNING,
        sinks: Sequence[Callable[[InspectedFrame], None]] = (),
        records_state: Callable[[], RecordsState] | None = None,
        cannot_store: Callable[[], str] = lambda: "",
        on_shift: Callable[[float], None] = lambda at: None,
    ) -> None:
        self._open_source = open_source
        self._load_detector = load_detector
        self._products = {info.key: info for info in products}
        self._product = self._find_product(product)
        self._mode = trigger_mode
        self._records_state = records_state
        super().__init__(Scoreboard())
        self._decisions = DecisionMaker(self._board, sinks, model, cannot_store)
        self._on_shift = on_shift
        self._ledger = TriggerLedger()
        self._state = StationState.STOPPED
        self._problem = ""
        self._failure: Reason | None = None
        self._source: FrameSource | None = None
        self._detector: DetectorLike | None = None
        self._acquiring = False
        self._wanted = False
        self._last_frame_at = time.monotonic()
        self._failures = 0
        self._lost_at_start = 0
        self._closing = threading.Event()
        self._idle = threading.Event()
        self._runtime_state = RuntimeState()
        self._commands: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._swap = ModelSwap(self._between_frames)
        self._to_fire: queue.SimpleQueue[bool] = queue.SimpleQueue()
        # Held while a trigger goes to the camera and while triggers in flight are dropped.
        self._firing = threading.Lock()
        self._inspector = threading.Thread(target=self._run, name="inspector", daemon=True)
        self._trigger_thread = threading.Thread(target=self._fire, name="trigger", daemon=True)
        self._inspector.start()
        self._trigger_thread.start()

    # --- what the screen reads

    @property
    def state(self) -> StationState:
        """What the station is doing."""
        return self._state

    @property
    def problem(self) -> str:
        """A sentence for the user while something is wrong, else empty."""
        return self._problem

    @property
    def failure(self) -> Reason | None:
        """What FAILED is about: MODEL_FAILED, CAMERA_LOST or STOPPED (unexpected), else None."""
        return self._failure

    @property
    def source_info(self) -> SourceInfo | None:
        """Who delivers the frames; None until the camera has been opened."""
        return self._decisions.source

    @property
    def trigger_mode(self) -> TriggerMode:
        """The mode in force."""
        return self._mode

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
        return self._runtime_state

    @property
    def products(self) -> tuple[ProductInfo, ...]:
        """What the model knows."""
        return tuple(self._products.values())

    @property
    def product(self) -> ProductInfo:
        """The product in force."""
        return self._product

    def records(self) -> RecordsState:
        """What is kept on disk."""
        return self._records_state() if self._records_state else RecordsState(folder="")

    # --- what the screen asks for

    def reset_shift(self) -> None:
        """Starts the shift counters anew; that is put on record."""
        super().reset_shift()
        self._on_shift(self.counters().since)

    def start(self) -> None:
        """Opens the camera if need be and inspects."""
        self._between_frames(self._do_start)

    def stop(self) -> None:
        """Stops inspecting; the camera stays open."""
        self._between_frames(self._do_stop)

    def trigger(self) -> None:
        """Asks for one software trigger; it gets exactly one decision, whatever happens."""
        self._to_fire.put(True)

    def set_trigger_mode(self, mode: TriggerMode) -> None:
        """Changes between free running and software trigger between two frames."""
        self._between_frames(lambda: self._do_set_trigger_mode(mode))

    def select_product(self, key: str) -> None:
        """Changes the product between two frames. Raises StationError for an unknown key."""
        info = self._find_product(key)
        self._between_frames(lambda: self._do_select_product(info))

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
        if self._product.key not in known:
            raise StationError(
                f"The new model does not know the product “{self._product.key}”; choose a product "
                "that it knows first."
            )
        return self._swap.begin(
            load_detector, lambda detector: self._do_change_model(detector, load_detector, known)
        )

    def close(self, timeout_s: float = 10.0) -> bool:
        """Ends both threads and closes the camera; whether that was done in time."""
        self._closing.set()
        self._idle.set()
        self._to_fire.put(False)
        deadline = time.monotonic() + timeout_s
        for thread in (self._inspector, self._trigger_thread):
            thread.join(time_left(deadline))
        loaded = self._swap.close(time_left(deadline))
        return loaded and not (self._inspector.is_alive() or self._trigger_thread.is_alive())

    def _between_frames(self, command: Callable[[], None]) -> None:
        self._commands.put(command)
        self._idle.set()

    # --- the inspector thread

    def _run(self) -> None:
        try:
            while not self._closing.is_set():
                self._obey()
                if self._wanted and not self._closing.is_set():
                    self._step()
                else:
                    self._settle_refused()
                    self._idle.wait(0.2)
                    self._idle.clear()
        except Exception as error:
            # The last line of defence: a station that died must look dead, not quiet.
            log.exception("The inspector thread ended")
            sentence = f"Inspection stopped because of an unexpected error: {error}"
            self._fail(sentence, Reason.STOPPED)
        finally:
            self._abandon(Reason.STOPPED, "The station was closed.")
            if self._source is not None:
                self._source.stop()
                self._source.close()
            if self._detector is not None:
                self._detector.close()

    def _obey(self) -> None:
        while not self._closing.is_set():
            try:
                command = self._commands.get_nowait()
            except queue.Empty:
                return
            try:
                command()
            except CameraLostError as error:
                self._lose(error)
            except CameraError as error:
                self._fail(str(error), Reason.CAMERA_LOST)

    def _do_start(self) -> None:
        if self._wanted:
            return
        self._state, self._problem, self._failure = StationState.STARTING, "", None
        self._wanted = True

    def _do_stop(self) -> None:
        self._wanted = False
        self._stop_acquisition(Reason.STOPPED, "Inspection was stopped.")
        self._board.forget_rates()
        self._state, self._problem = StationState.STOPPED, ""

    def _do_set_trigger_mode(self, mode: TriggerMode) -> None:
        if mode is self._mode:
            return
        self._stop_acquisition(Reason.STOPPED, "The trigger mode was changed.")
        self._mode = mode

    def _do_select_product(self, info: ProductInfo) -> None:
        # Acquisition restarts so that no frame of the former product is judged as the new one.
        self._stop_acquisition(Reason.STOPPED, "The product was changed.")
        self._product = info
        self._board.forget_product()
        self._show_product()

    def _do_change_model(
        self,
        detector: DetectorLike,
        load_detector: Callable[[], DetectorLike],
        products: dict[str, ProductInfo],
    ) -> None:
        if self._product.key not in products:  # another one was chosen meanwhile
            raise StationError(
                f"The new model does not know the product “{self._product.key}”; the former model "
                "goes on."
            )
        former, self._detector = self._detector, detector
        self._load_detector = load_detector
        self._products = products
        self._product = products[self._product.key]
        self._show_model(detector)
        if former is not None:
            former.close()

    def _show_model(self, detector: DetectorLike) -> None:
        self._decisions.model = detector.model
        self._decisions.runtime = detector.runtime
        agreement = detector.agreement
        self._runtime_state = RuntimeState(
            detector.runtime,
            None if agreement is None else agreement.score_difference,
            () if detector.as_asked else tuple(detector.remarks),
        )

    def _show_product(self) -> None:
        info, source = self.source_info, self._source
        simulated = info is not None and SIMULATED_PRODUCT_FEATURE in info.features
        if source is not None and simulated:
            source.write_feature(SIMULATED_PRODUCT_FEATURE, self._product.key.capitalize())

    def _step(self) -> None:
        try:
            if not self._acquiring and not self._begin():
                return
            source = self._ready_source()
            frame = source.next_frame(FRAME_WAIT_S)
            self._board.add_source_counters(source.counters())
            self._settle_refused()
            if self._mode is TriggerMode.SOFTWARE:
                self._serve_triggers(frame)
            elif frame is not None:
                self._inspect(frame, frame.received_ns)
            self._watch_silence(frame)
        except CameraLostError as error:
            self._lose(error)
        except EndOfFrames:
            self._stop_acquisition(Reason.STOPPED, "The source has no further image.")
            self._wanted = False
            self._state = StationState.FINISHED
        except CameraError as error:
            self._fail(str(error), Reason.CAMERA_LOST)

    def _begin(self) -> bool:
        """Loads, opens and starts what is not there yet; False if inspection cannot begin."""
        opening = self._open_beside() if self._source is None else None
        if self._detector is None:
            try:
                self._detector = self._load_detector()
                self._detector.warm_up()
            except Exception as error:
                log.debug("Loading the model failed", exc_info=True)
                self._detector = None
                self._give_back(opening)
                self._fail(f"The model cannot be loaded: {error}", Reason.MODEL_FAILED)
                return False
            self._show_model(self._detector)
        if self._closing.is_set():
            self._give_back(opening)
            return False
        if opening is not None:
            self._source = opening.result()
            self._decisions.source = self._source.info
            self._show_product()
        self._ready_source().start(self._mode)
        self._lost_at_start = self._lost_frames()
        self._decisions.camera = read_camera_settings(self._ready_source())
        self._acquiring = True
        self._last_frame_at = time.monotonic()
        self._state, self._problem = StationState.RUNNING, ""
        return True

    def _open_beside(self) -> Future[FrameSource]:
        """Opens the camera on a thread of its own while the model is being loaded here."""
        executor = ThreadPoolExecutor(1, thread_name_prefix="open-camera")
        future = executor.submit(self._open_source)
        executor.shutdown(wait=False)
        return future

    @staticmethod
    def _give_back(opening: Future[FrameSource] | None) -> None:
        """Closes a camera that was opened for nothing."""
        if opening is not None and opening.exception() is None:
            opening.result().close()

    def _ready_source(self) -> FrameSource:
        if self._source is None:
            raise CameraError("The camera is not open.")
        return self._source

    def _watch_silence(self, frame: Frame | None) -> None:
        now = time.monotonic()
        if frame is not None:
            self._last_frame_at = now
            if self._problem and self._failures == 0:
                self._problem = ""
        elif self._mode is TriggerMode.FREE_RUNNING:
            silent = now - self._last_frame_at
            if silent > SILENCE_LIMIT_S:
                self._problem = (
                    f"The camera has sent no frame for {silent:.0f} s. It answers, so check its "
                    "trigger settings, its exposure time and the light."
                )

    def _lose(self, error: CameraLostError) -> None:
        log.warning("Camera lost: %s", error)
        self._acquiring = False
        self._state, self._problem = StationState.CAMERA_LOST, str(error)
        if not self._abandon(Reason.CAMERA_LOST, str(error)) and self._wanted:
            self._decisions.decide_error(Reason.CAMERA_LOST, str(error), self._product)
        attempt = 0
        while self._wanted and not self._closing.is_set():
            delay = BACK_OFF_S[min(attempt, len(BACK_OFF_S) - 1)]
            attempt += 1
            self._wait_lost(delay)
            if not self._wanted or self._closing.is_set():
                return
            try:
                source = self._ready_source()
                source.reopen()
                self._show_product()
            except CameraError as still:
                log.info("Attempt %d to open the camera again: %s", attempt, still)
                self._problem = f"{error} Attempt {attempt} to open it again failed: {still}"
                continue
            self._decisions.source = source.info
            self._last_frame_at = time.monotonic()
            log.info("The camera is back after %d attempts", attempt)
            return

    def _wait_lost(self, seconds: float) -> None:
        """Waits, obeying stop and settling triggers that come in meanwhile as errors."""
        end = time.monotonic() + seconds
        while self._wanted and not self._closing.is_set() and time.monotonic() < end:
            self._idle.wait(0.05)
            self._idle.clear()
            self._settle_refused()
            while self._wanted:
                try:
                    command = self._commands.get_nowait()
                except queue.Empty:
                    break
                try:
                    command()
                except CameraError as error:
                    # The camera is gone; what it could not take is applied when it is back.
                    log.info("Not applied while the camera is lost: %s", error)

    def _fail(self, problem: str, failure: Reason) -> None:
        log.info("%s", problem)
        self._wanted = False
        self._stop_acquisition(Reason.STOPPED, problem)
        self._failure = failure
        self._state, self._problem = StationState.FAILED, problem

    def _stop_acquisition(self, reason: Reason, detail: str) -> None:
        with self._firing:
            if self._acquiring and self._source is not None:
                self._source.stop()
            self._acquiring = False
        self._abandon(reason, detail)

    # --- triggers

    def _fire(self) -> None:
        while self._to_fire.get():
            self._board.add_trigger()
            with self._firing:
                source = self._source
                if not self._acquiring or source is None:
                    self._ledger.ask(Reason.STOPPED, "A trigger came while nothing was inspected.")
                elif self._mode is not TriggerMode.SOFTWARE:
                    self._ledger.ask(Reason.STOPPED, "A software trigger came in free running.")
                elif self._ledger.ask():
                    try:
                        source.trigger()
                    except CameraError as error:
                        self._ledger.refuse_newest(Reason.CAMERA_LOST, str(error))
            self._idle.set()

    def _serve_triggers(self, frame: Frame | None) -> None:
        if self._ledger.awaits_first_frame and self._lost_frames() > self._lost_at_start:
            # Without a former block id nothing tells whose frame was lost: none may be guessed.
            self._restart(Reason.FRAME_LOST, "A frame was lost before the first one arrived.")
            return
        if frame is not None:
            settled, owns = self._ledger.take_for(frame.id, frame.received_ns)
            for pending in settled[:-1] if owns else settled:
                self._settle(pending, Reason.FRAME_LOST, "The frame of this trigger was lost.")
            if owns:
                self._inspect(frame, settled[-1].asked_ns)
            else:
                log.warning("Frame %d came without a trigger and was not inspected", frame.id)
                self._board.add_passed_over()
        if self._ledger.oldest_age_s() > DECISION_LIMIT_S:
            # A frame that comes too late must not be taken for the next part: start afresh.
            detail = f"No frame within {DECISION_LIMIT_S:g} s of the trigger."
            self._restart(Reason.CAMERA_TIMEOUT, detail)

    def _restart(self, reason: Reason, detail: str) -> None:
        """Decides every waiting trigger as ERROR and has acquisition begin afresh."""
        with self._firing:
            self._ready_source().stop()
            self._acquiring = False
            waiting = self._ledger.take_all()
        for pending in waiting:
            self._settle(pending, reason, detail)

    def _lost_frames(self) -> int:
        counters = self._ready_source().counters()
        return counters.incomplete + counters.missed

    def _settle_refused(self) -> None:
        while (pending := self._ledger.take_refused()) is not None:
            self._settle(pending, Reason.STOPPED, "")

    def _settle(self, pending: PendingTrigger, reason: Reason, detail: str) -> None:
        self._decisions.decide_error(
            pending.refused or reason,
            pending.detail or detail,
            self._product,
            since_ns=pending.asked_ns,
        )

    def _abandon(self, reason: Reason, detail: str) -> bool:
        """Decides every waiting trigger as ERROR; whether there was one."""
        waiting = self._ledger.take_all()
        for pending in waiting:
            self._settle(pending, reason, detail)
        return bool(waiting)

    # --- decisions

    def _inspect(self, frame: Frame, since_ns: int) -> None:
        if self._detector is None:
            raise StationError("No model is loaded.")
        try:
            prediction = self._detector.predict(frame.image, self._product.key)
        except Exception as error:
            self._failures += 1
            self._problem = f"The model failed on frame {frame.id}: {error}"
            log.error("%s", self._problem, exc_info=self._failures == 1)
            self._decisions.decide_error(
                Reason.MODEL_FAILED, self._problem, self._product, since_ns=since_ns, frame=frame
            )
            return
        self._failures = 0
        self._decisions.decide(frame, prediction, self._product, since_ns)

    def _find_product(self, key: str) -> ProductInfo:
        try:
            return self._products[key]
        except KeyError:
            known = ", ".join(self._products) or "none"
            raise StationError(
                f"The model does not know the product “{key}”. It knows: {known}."
            ) from None
