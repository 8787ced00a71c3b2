"""The thread that owns the source and the model: frame by frame, commands in between."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from uniad_desktop.cameras.feature_set import FeatureSet
from uniad_desktop.cameras.frame import Frame
from uniad_desktop.cameras.giving_up import give_up_when
from uniad_desktop.cameras.source import (
    CameraError,
    CameraLostError,
    CameraNotFoundError,
    EndOfFrames,
    FrameSource,
    SourceInfo,
    TriggerMode,
    TriggerSettings,
    trigger_settings,
)
from uniad_desktop.engine.prediction import ModelIdentity
from uniad_desktop.inspection.acquisition import Acquisition, give_back
from uniad_desktop.inspection.decisions import DecisionMaker
from uniad_desktop.inspection.detector_like import DetectorLike, Load
from uniad_desktop.inspection.model_in_use import ModelInUse
from uniad_desktop.inspection.model_swap import time_left
from uniad_desktop.inspection.scoreboard import Scoreboard
from uniad_desktop.inspection.trigger_service import TriggerService
from uniad_desktop.inspection.triggers import PendingTrigger, Told
from uniad_desktop.inspection.types import (
    Collecting,
    LatencyStart,
    ProductInfo,
    ProductName,
    Reason,
    RuntimeState,
    StationError,
    StationState,
)

log = logging.getLogger(__name__)

FRAME_WAIT_S = 0.05
BACK_OFF_S = (0.5, 1.0, 2.0, 4.0, 8.0)
STEADY_S = 10.0
"""A camera that is lost again sooner, without a frame, goes on with the longer waits."""


class Inspector:
    """Takes frames and has them judged or collected.

    The methods `do_…` are for its own thread, through `between_frames`; the others and the
    attributes may be used from any thread.

    Args:
        open_source: opens the camera; raises CameraError.
        load_detector: loads the model; its errors are shown.
        products: what the model knows, by key.
        product: key of the first product.
        trigger_mode: free running, software or hardware trigger, or one with its settings.
        board: counts.
        decisions: makes and hands out decisions.
        features_for: the camera's feature set for a product, see `Acquisition`.

    Attributes:
        state: what it is doing.
        problem: a sentence while something is wrong, else empty.
        failure: what FAILED is about.
        products: what the model knows.
        product: the product in force.
        collecting: what parts are collected for instead of being inspected.

    Raises:
        StationError: `product` is not among `products`.
    """

    def __init__(
        self,
        *,
        open_source: Callable[[], FrameSource],
        load_detector: Load,
        products: dict[str, ProductInfo],
        product: str,
        trigger_mode: TriggerMode | TriggerSettings,
        board: Scoreboard,
        decisions: DecisionMaker,
        features_for: Callable[[str], FeatureSet | None] = lambda product: None,
    ) -> None:
        self.products = products
        self.product = self.find_product(product)
        self._board, self.decisions = board, decisions
        self._model = ModelInUse(load_detector, decisions)
        # Whose products and limits are in force, and those that a shared model handed over.
        self._limits_of = decisions.model
        self._handed: tuple[ModelIdentity, dict[str, ProductInfo]] | None = None
        self.state = StationState.STOPPED
        self.problem = ""
        self.failure: Reason | None = None
        self.collecting: Collecting | None = None
        self._wanted = False
        self._inspect_later = False
        self._failures = 0
        self._told: SourceInfo | None = None
        # Attempts to open a lost camera; they count on until it has sent a frame.
        self._attempts = 0
        self._back_at = 0.0
        self._closing = threading.Event()
        self._idle = threading.Event()
        self._commands: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._acquisition = Acquisition(open_source, trigger_settings(trigger_mode), features_for)
        self._triggers = TriggerService(
            self._acquisition, board, self._decide_error, self._tell, self._idle.set
        )
        self._thread = threading.Thread(target=self._run, name="inspector", daemon=True)
        self._thread.start()

    @property
    def trigger_mode(self) -> TriggerMode:
        """The mode in force."""
        return self._acquisition.mode

    @property
    def trigger_settings(self) -> TriggerSettings:
        """What starts exposures, with its line and burst."""
        return self._acquisition.trigger

    @property
    def source(self) -> FrameSource | None:
        """The camera; None until it was opened."""
        return self._acquisition.source

    @property
    def runtime_state(self) -> RuntimeState:
        """Which runtime runs the model."""
        return self._model.runtime_state

    def find_product(self, key: str) -> ProductInfo:
        """A product that the model knows. Raises StationError."""
        try:
            return self.products[key]
        except KeyError:
            known = ", ".join(self.products) or "none"
            raise StationError(
                f"The model does not know the product “{key}”. It knows: {known}."
            ) from None

    def between_frames(self, command: Callable[[], None]) -> None:
        """Has a command obeyed between two frames; returns at once."""
        self._commands.put(command)
        self._idle.set()

    def ask_trigger(self, told: Told | None = None) -> None:
        """Asks for one software trigger; returns at once."""
        self._triggers.ask(told)

    def close(self, timeout_s: float) -> bool:
        """Ends both threads and closes camera and model; whether that was done in time."""
        self._closing.set()
        self._idle.set()
        self._triggers.end()
        deadline = time.monotonic() + timeout_s
        self._thread.join(time_left(deadline))
        fired = self._triggers.join(time_left(deadline))
        return fired and not self._thread.is_alive()

    def _run(self) -> None:
        give_up_when(self._closing.is_set)
        try:
            while not self._closing.is_set():
                self._obey()
                if self._wanted and not self._closing.is_set():
                    self._step()
                else:
                    self._triggers.settle_refused()
                    self._idle.wait(0.2)
                    self._idle.clear()
        except Exception as error:
            # The last line of defence: a station that died must look dead, not quiet.
            log.exception("The inspector thread ended")
            sentence = f"Inspection stopped because of an unexpected error: {error}"
            self._fail(sentence, Reason.STOPPED)
        finally:
            self._triggers.abandon(Reason.STOPPED, "The station was closed.")
            self.collecting = None
            self._acquisition.close()
            self._model.close()

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

    def do_start(self) -> None:
        """Opens the camera if need be and inspects."""
        self._inspect_later = True
        if self.collecting is not None and self.collecting.preview:
            self._leave_collecting()
        if self._wanted:
            return
        self.state, self.problem, self.failure = StationState.STARTING, "", None
        self._wanted = True

    def do_stop(self) -> None:
        """Stops; the camera stays open."""
        self._wanted = False
        self._stop_acquisition(Reason.STOPPED, "Inspection was stopped.")
        self._leave_collecting()
        self._board.forget_rates()
        self.state, self.problem = StationState.STOPPED, ""

    def do_set_trigger_mode(self, trigger: TriggerMode | TriggerSettings) -> None:
        """Changes the trigger mode; of a mode alone, line, edge, delay and burst stay."""
        if isinstance(trigger, TriggerMode):
            trigger = replace(self._acquisition.trigger, mode=trigger)
        if trigger == self._acquisition.trigger:
            return
        self._stop_acquisition(Reason.STOPPED, "The trigger mode was changed.")
        self._acquisition.trigger = trigger

    def do_select_product(self, info: ProductInfo) -> None:
        """Changes the product."""
        # Acquisition restarts so that no frame of the former product is judged as the new one.
        self._stop_acquisition(Reason.STOPPED, "The product was changed.")
        self.product = info
        self._board.forget_product()

    def do_change_camera(self, open_source: Callable[[], FrameSource]) -> None:
        """Stops, gives the camera back and opens another one at the next start."""
        self.do_stop()
        self.failure = None
        self._acquisition.change(open_source)
        self.decisions.source = None

    def do_change_model(
        self, detector: DetectorLike, load: Load, products: dict[str, ProductInfo]
    ) -> None:
        """Puts another model into use. Raises StationError where it lacks the product in force."""
        if self.product.key not in products:  # another one was chosen meanwhile
            raise StationError(
                f"The new model does not know the product “{self.product.key}”; the former model "
                "goes on."
            )
        self.products = products
        self.product = products[self.product.key]
        self._limits_of = detector.model
        self._model.replace(detector, load)

    def hand_model(self, model: ModelIdentity, products: dict[str, ProductInfo]) -> None:
        """The detector, shared with other cameras, is another one from now on; any thread.

        What it knows is taken over before anything that it judged is decided.
        """
        self._handed = (model, products)
        self.between_frames(self._take_handed)

    def _take_handed(self) -> None:
        handed, self._handed = self._handed, None
        if handed is None:
            return
        self._limits_of, products = handed
        self.products = products
        self._model.refresh()
        if self.product.key in products:
            self.product = products[self.product.key]
        elif self._wanted:  # another one was chosen at the very moment
            self._fail(self._unknown_product(), Reason.MODEL_FAILED)

    def _unknown_product(self) -> str:
        return (
            f"The model does not know the product “{self.product.key}” any more; choose a product "
            "that it knows and start again."
        )

    def do_name_products(self, names: Mapping[str, ProductName]) -> None:
        """Calls products what this station calls them; limits stay those of the model."""
        self.products = {
            key: replace(
                info, titles={**info.titles, **names[key].titles}, archived=names[key].archived
            )
            if key in names
            else info
            for key, info in self.products.items()
        }
        self.product = self.products.get(self.product.key, self.product)

    # --- collecting

    def do_begin_collecting(self, collecting: Collecting) -> None:
        """Hands frames to a collection instead of inspecting them."""
        if self.collecting is None:
            self._inspect_later = self._wanted
        self._switch(collecting, "Parts of another product are collected.")
        if self.state is StationState.RUNNING:
            self.state = StationState.COLLECTING
        if not self._wanted:
            self.state, self.problem, self.failure = StationState.STARTING, "", None
            self._wanted = True

    def do_end_collecting(self) -> None:
        """Goes back to what was before."""
        if self.collecting is None:
            return
        if not self._inspect_later:
            self.do_stop()
            return
        self._leave_collecting()

    def do_begin_preview(self, preview: Collecting) -> None:
        """Hands frames to a live view; what is inspected or collected goes on instead."""
        if self._wanted:
            return
        self._inspect_later = False
        self._switch(preview, "A live view has begun.")
        self.state, self.problem, self.failure = StationState.STARTING, "", None
        self._wanted = True

    def do_end_preview(self) -> None:
        """Stops a live view; nothing else."""
        if self.collecting is not None and self.collecting.preview:
            self.do_stop()

    def _leave_collecting(self) -> None:
        if self.collecting is not None:
            if self.state in (StationState.COLLECTING, StationState.PREVIEW):
                self.state = StationState.STARTING
            self._switch(None, "Collecting has ended.")
            self._board.forget_age()

    def _switch(self, collecting: Collecting | None, detail: str) -> None:
        """Acquisition restarts, so that no frame of one product is taken for another's."""
        source = self._acquisition.source
        if source is not None:
            self._count_frames(source)
        self._triggers.switch(collecting=collecting is not None, detail=detail)
        self.collecting = collecting

    def _count_frames(self, source: FrameSource) -> None:
        if source.info is not self._told:
            # A feature was written meanwhile; whoever compares the camera has to know.
            self._told = self.decisions.source = source.info
        self._board.add_source_counters(source.counters(), collecting=self.collecting is not None)

    def _step(self) -> None:
        try:
            if not self._acquisition.running and not self._begin():
                return
            source = self._acquisition.ready_source()
            frame = source.next_frame(FRAME_WAIT_S)
            self._count_frames(source)
            if frame is not None:
                self._attempts = 0
            self._triggers.settle_refused()
            if self._acquisition.trigger.triggered:
                part = self._triggers.part_of(frame)
                if frame is not None and part is not None:
                    self._look_at(frame, part)
                elif frame is not None and self.collecting is not None and self.collecting.preview:
                    # Triggered by a feature of the camera, as whoever sets it up does.
                    self.collecting.take(frame)
                self._triggers.drop_late()
            elif frame is not None:
                self._look_at(
                    frame, PendingTrigger(frame.received_ns, since=LatencyStart.RECEPTION)
                )
            self._watch_silence(frame)
        except CameraLostError as error:
            self._lose(error)
        except EndOfFrames:
            self._stop_acquisition(Reason.STOPPED, "The source has no further image.")
            self._leave_collecting()
            self._wanted = False
            self.state = StationState.FINISHED
        except CameraError as error:
            if self._attempts and not self._acquisition.running:
                # It came back and could not be started: that may be the same bad cable.
                self._open_again(error)
            else:
                self._fail(str(error), Reason.CAMERA_LOST)

    def _begin(self) -> bool:
        """Loads, opens and starts what is not there yet; False if inspection cannot begin."""
        acquisition = self._acquisition
        opening = (
            acquisition.open_beside(self._closing.is_set) if acquisition.source is None else None
        )
        if not self._model.ready and self.collecting is None:
            try:
                self._model.make_ready()
            except Exception as error:
                log.debug("Loading the model failed", exc_info=True)
                give_back(opening)
                self._fail(f"The model cannot be loaded: {error}", Reason.MODEL_FAILED)
                return False
        if self.product.key not in self.products and self.collecting is None:
            give_back(opening)
            self._fail(self._unknown_product(), Reason.MODEL_FAILED)
            return False
        if self._closing.is_set():
            give_back(opening)
            return False
        if opening is not None:
            acquisition.source = opening.result()
            self.decisions.source = acquisition.source.info
        product = self.collecting.product if self.collecting else self.product.key
        acquisition.set_features(product)
        acquisition.show(product)
        self._triggers.begin()
        acquisition.start()
        self.decisions.source = acquisition.ready_source().info
        self.problem = ""
        self.state = self._taking()
        return True

    def _taking(self) -> StationState:
        """What frames are taken for."""
        if self.collecting is None:
            return StationState.RUNNING
        return StationState.PREVIEW if self.collecting.preview else StationState.COLLECTING

    def _watch_silence(self, frame: Frame | None) -> None:
        silence = self._acquisition.silence(frame)
        if silence:
            self.problem = silence
        elif frame is not None and self.problem and self._failures == 0:
            self.problem = ""

    def _lose(self, error: CameraLostError) -> None:
        log.warning("Camera lost: %s", error)
        self._acquisition.lose()
        told = self._triggers.abandon(Reason.CAMERA_LOST, str(error))
        self.state, self.problem = StationState.CAMERA_LOST, str(error)
        if not told and self._wanted and self.collecting is None:
            self.decisions.decide_error(Reason.CAMERA_LOST, str(error), self.product)
        if time.monotonic() - self._back_at > STEADY_S:
            self._attempts = 0
        self._open_again(error)

    def _open_again(self, error: CameraError) -> None:
        """Opens the camera again, with longer and longer waits, until it is there."""
        while self._wanted and not self._closing.is_set():
            delay = BACK_OFF_S[min(self._attempts, len(BACK_OFF_S) - 1)]
            if self._attempts:
                self.problem = (
                    f"{error} Attempt {self._attempts + 1} to open it begins in {delay:g} s."
                )
            self._attempts += 1
            self._wait_lost(delay)
            if not self._wanted or self._closing.is_set():
                return
            try:
                source = self._acquisition.ready_source()
                source.reopen()
            except CameraNotFoundError as still:
                log.info("Attempt %d to open the camera again: %s", self._attempts, still)
            except CameraError as still:
                log.info("Attempt %d to open the camera again: %s", self._attempts, still)
                error = still
            else:
                self.decisions.source = source.info
                self._back_at = time.monotonic()
                log.info("The camera is back after %d attempts", self._attempts)
                return

    def _wait_lost(self, seconds: float) -> None:
        """Waits, obeying stop and settling triggers that come in meanwhile as errors."""
        end = time.monotonic() + seconds
        while self._wanted and not self._closing.is_set() and time.monotonic() < end:
            self._idle.wait(0.05)
            self._idle.clear()
            self._triggers.settle_refused()
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
        self._leave_collecting()
        self.failure = failure
        self.state, self.problem = StationState.FAILED, problem

    def _stop_acquisition(self, reason: Reason, detail: str) -> None:
        self._acquisition.stop()
        self._triggers.abandon(reason, detail)

    # --- decisions

    def _look_at(self, frame: Frame, part: PendingTrigger) -> None:
        collecting = self.collecting
        if collecting is None:
            self._inspect(frame, part)
        else:
            if not collecting.preview:
                self._board.add_collected()
            collecting.take(frame)

    def _inspect(self, frame: Frame, part: PendingTrigger) -> None:
        if self._is_too_late(frame, part):
            return
        key = self.product.key
        try:
            prediction = self._model.predict(frame.image, key)
            if prediction.model != self._limits_of:
                # A shared model changed while this frame waited for it: its limits come along.
                self._take_handed()
            if prediction.model != self._limits_of:
                raise StationError("The model changed while this frame was judged.")
            product = self.find_product(key)
        except Exception as error:
            self._failures += 1
            self.problem = f"The model failed on frame {frame.id}: {error}"
            log.error("%s", self.problem, exc_info=self._failures == 1)
            self.decisions.decide_error(
                Reason.MODEL_FAILED,
                self.problem,
                self.product,
                since_ns=part.asked_ns,
                frame=frame,
                since=part.since,
                told=part.told,
            )
            return
        self._failures = 0
        if not self._is_too_late(frame, part):
            self.decisions.decide(
                frame, prediction, product, part.asked_ns, since=part.since, told=part.told
            )

    def _is_too_late(self, frame: Frame, part: PendingTrigger) -> bool:
        """A part that has gone on gets an ERROR: its decision would meet another one."""
        if not self._acquisition.trigger.triggered:
            return False
        detail = self._triggers.too_late(frame, part)
        if detail:
            self._decide_error(Reason.TOO_LATE, detail, part, frame)
        return bool(detail)

    def _decide_error(
        self, reason: Reason, detail: str, part: PendingTrigger, frame: Frame | None = None
    ) -> None:
        self.decisions.decide_error(
            reason,
            detail,
            self.product,
            since_ns=part.asked_ns,
            frame=frame,
            since=part.since,
            told=part.told,
        )

    def _tell(self, sentence: str) -> None:
        log.info("%s", sentence)
        if self.state in (StationState.COLLECTING, StationState.PREVIEW):
            self.problem = sentence
