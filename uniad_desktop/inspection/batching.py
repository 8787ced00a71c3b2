"""One model behind several cameras: frames that wait at the same time are judged together.

The detector lives on a thread of its own. Each camera's inspector waits for the answer to its one
frame, so a camera that is lost or hangs asks for nothing and slows nobody.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.engine.agreement import Agreement
from uniad_desktop.engine.prediction import ModelIdentity, Prediction
from uniad_desktop.inspection.detector_like import DetectorLike
from uniad_desktop.inspection.model_swap import ModelSwap, time_left
from uniad_desktop.inspection.types import ProductInfo, StationError

log = logging.getLogger(__name__)

GATHER_S = 0.001
"""How long a frame waits for those of other cameras, where batches are worth it."""


class BatchDetector(DetectorLike, Protocol):
    """A detector that judges several frames in one run."""

    def predict_mixed(
        self, images: Sequence[NDArray[np.uint8]], products: Sequence[str | None]
    ) -> list[Prediction]:
        """One prediction per image, in order; raises where any of them cannot be judged."""
        ...

    def frames_at_once(self, most: int) -> int:
        """How many of `most` frames that wait at the same time are best judged in one run."""
        ...


class Follower(Protocol):
    """A station that shares the model."""

    @property
    def product(self) -> ProductInfo:
        """The product in force."""
        ...

    def follow_model(self, model: ModelIdentity, products: Sequence[ProductInfo]) -> None:
        """Told that another model decides from now on, between two batches; returns at once."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class _Request:
    """A frame that waits for its answer."""

    image: NDArray[np.uint8]
    product: str | None
    answer: Future[Prediction] = field(default_factory=Future)


class SharedModel:
    """Owns the detector that several stations use.

    A station has one frame under way at most, and frames are taken in the order in which they
    came. So every camera gets its turn before another gets a second one.

    Args:
        load: makes the detector, on the model's thread; may raise anything.
        cameras: how many stations there are.
    """

    def __init__(self, load: Callable[[], BatchDetector], cameras: int) -> None:
        self._load = load
        self._cameras = cameras
        self._detector: BatchDetector | None = None
        self._largest = 1
        self._followers: list[Follower] = []
        self._changed = threading.Condition()
        self._waiting: deque[_Request] = deque()
        self._jobs: deque[Callable[[], None]] = deque()
        self._attaching: list[Future[None]] = []
        self._closed = ""
        self._swap = ModelSwap(self._between_batches)
        self._thread = threading.Thread(target=self._run, name="shared-model", daemon=True)
        self._thread.start()

    def attach(self) -> SharedDetector:
        """A station's detector, once the model is loaded. Raises what the loading raises."""
        done: Future[None] = Future()
        with self._changed:
            if self._closed:
                raise StationError(self._closed)
            self._attaching.append(done)
        self._between_batches(self._make_ready)
        done.result()
        return SharedDetector(self)

    def follow(self, station: Follower) -> None:
        """Has a station be told when another model takes over."""
        with self._changed:
            self._followers.append(station)

    @property
    def detector(self) -> BatchDetector:
        """The detector that judges now. Raises StationError where none is loaded."""
        detector = self._detector
        if detector is None:
            raise StationError("No model is loaded.")
        return detector

    @property
    def largest_batch(self) -> int:
        """How many frames are judged in one run at most; found by measuring at the start."""
        return self._largest

    def predict(self, image: NDArray[np.uint8], product: str | None) -> Prediction:
        """Waits for the answer to one frame. Raises what the detector raises for this frame.

        Raises:
            StationError: the model was closed.
        """
        request = _Request(image, product)
        with self._changed:
            if self._closed:
                raise StationError(self._closed)
            self._waiting.append(request)
            self._changed.notify()
        return request.answer.result()

    def change_model(
        self, load: Callable[[], BatchDetector], products: Sequence[ProductInfo]
    ) -> Future[None]:
        """Puts another model in the place of this one between two batches, for all cameras.

        No frame is lost: what was not judged yet is judged by the new model and decided by its
        limits.

        Args:
            load: makes the detector; runs beside the inspection.
            products: what it knows, with limits.

        Returns:
            Done once it decides; holds the error where it could not be loaded or a camera
            inspects a product that it does not know, and then the former model goes on.
        """
        sizes: list[int] = []

        def prepare() -> BatchDetector:
            detector = load()
            detector.warm_up()
            sizes.append(self._measured(detector))
            return detector

        def use(detector: DetectorLike) -> None:
            self._replace(detector, sizes[-1], load, products)  # type: ignore[arg-type]

        return self._swap.begin(prepare, use)

    def stop_waiting(self) -> None:
        """Whoever waits for the model to be loaded waits no more: the stations are being closed."""
        with self._changed:
            waiting, self._attaching = self._attaching, []
        for one in waiting:
            _give(one, StationError("The station was closed."))

    def close(self, timeout_s: float = 10.0) -> bool:
        """Ends the thread and closes the detector; whether that was done in time.

        Whoever waits for an answer gets an error.
        """
        deadline = time.monotonic() + timeout_s
        self._end("The station was closed.")
        self._thread.join(time_left(deadline))
        return self._swap.close(time_left(deadline)) and not self._thread.is_alive()

    # --- the model's thread

    def _run(self) -> None:
        try:
            while self._step():
                pass
        except Exception as error:
            # The last line of defence: whoever waits must not wait for ever.
            log.exception("The thread of the shared model ended")
            self._end(f"The model stopped because of an unexpected error: {error}")
        finally:
            if self._detector is not None:
                self._detector.close()

    def _step(self) -> bool:
        """One job or one batch; False at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._jobs or self._waiting)
            if self._closed:
                return False
            job = self._jobs.popleft() if self._jobs else None
            batch = self._take_batch() if job is None else []
        if job is not None:
            job()
        elif batch:
            self._answer(batch)
        return True

    def _take_batch(self) -> list[_Request]:
        wished = min(self._largest, self._cameras)
        if len(self._waiting) < wished:
            self._changed.wait_for(
                lambda: self._closed or self._jobs or len(self._waiting) >= wished, GATHER_S
            )
        count = min(len(self._waiting), self._largest)
        return [self._waiting.popleft() for _ in range(count)]

    def _answer(self, batch: Sequence[_Request]) -> None:
        detector = self.detector
        together = len(batch) > 1
        if together:
            try:
                answers = detector.predict_mixed(
                    [one.image for one in batch], [one.product for one in batch]
                )
            except Exception as error:  # noqa: BLE001 - each frame is tried again on its own
                log.info("A batch of %d frames failed; each is judged alone: %s", len(batch), error)
            else:
                for request, prediction in zip(batch, answers, strict=True):
                    _give(request.answer, prediction)
                return
        failed = False
        for request in batch:
            try:
                prediction = detector.predict(request.image, request.product)
            except Exception as error:  # noqa: BLE001 - the station that asked is told
                failed = True
                _give(request.answer, error)
            else:
                _give(request.answer, prediction)
        if together and not failed:
            # Each could be judged, so the batch as such is too much for this machine.
            log.warning("Frames of several cameras are judged one by one from now on.")
            self._largest = 1

    def _make_ready(self) -> None:
        if not self._attaching:
            return
        error: Exception | None = None
        if self._detector is None:
            try:
                detector = self._load()
                detector.warm_up()
                self._largest = self._measured(detector)
                self._detector = detector
            except Exception as caught:  # noqa: BLE001 - the stations that asked are told
                error = caught
        with self._changed:
            waiting, self._attaching = self._attaching, []
        for one in waiting:
            _give(one, error)

    def _measured(self, detector: BatchDetector) -> int:
        largest = detector.frames_at_once(self._cameras) if self._cameras > 1 else 1
        log.info("Up to %d frames of %d cameras are judged in one run", largest, self._cameras)
        return largest

    def _replace(
        self,
        detector: BatchDetector,
        largest: int,
        load: Callable[[], BatchDetector],
        products: Sequence[ProductInfo],
    ) -> None:
        known = {info.key for info in products}
        with self._changed:
            followers = tuple(self._followers)
        for station in followers:
            if station.product.key not in known:
                raise StationError(
                    f"The new model does not know the product “{station.product.key}”, which a "
                    "camera inspects; choose a product that it knows there first."
                )
        former, self._detector, self._load, self._largest = self._detector, detector, load, largest
        # No batch is judged before every station knows: the limits always fit the model.
        for station in followers:
            station.follow_model(detector.model, products)
        if former is not None:
            former.close()

    # --- any thread

    def _between_batches(self, job: Callable[[], None]) -> None:
        with self._changed:
            if not self._closed:
                self._jobs.append(job)
                self._changed.notify()

    def _end(self, why: str) -> None:
        with self._changed:
            self._closed = self._closed or why
            left = [request.answer for request in self._waiting]
            attaching, self._attaching = self._attaching, []
            self._waiting.clear()
            self._jobs.clear()
            self._changed.notify_all()
        error = StationError(why)
        for answer in left:
            _give(answer, error)
        for one in attaching:
            _give(one, error)


class SharedDetector:
    """What a station sees of the shared model; it is a `DetectorLike`."""

    def __init__(self, shared: SharedModel) -> None:
        self._shared = shared

    @property
    def model(self) -> ModelIdentity:
        """Which model."""
        return self._shared.detector.model

    @property
    def runtime(self) -> str:
        """Which runtime."""
        return self._shared.detector.runtime

    @property
    def agreement(self) -> Agreement | None:
        """How the runtime compared with the reference."""
        return self._shared.detector.agreement

    @property
    def remarks(self) -> tuple[str, ...]:
        """Sentences for the user on what did not agree or failed."""
        return self._shared.detector.remarks

    @property
    def as_asked(self) -> bool:
        """Whether what was asked for runs as it should."""
        return self._shared.detector.as_asked

    def warm_up(self) -> None:
        """That was done when the model was loaded."""

    def predict(self, image: NDArray[np.uint8], product: str | None = None) -> Prediction:
        """Map and score of a frame of a product; waits for its turn."""
        return self._shared.predict(image, product)

    def close(self) -> None:
        """Other cameras still use the model: it is closed with `SharedModel.close`."""


def _give(waiting: Future[Prediction] | Future[None], answer: object) -> None:
    """Answers whoever waits, unless an error was given already because the model is closed."""
    try:
        if isinstance(answer, Exception):
            waiting.set_exception(answer)
        else:
            waiting.set_result(answer)  # type: ignore[arg-type]
    except InvalidStateError:
        log.debug("An answer came after the end.")
