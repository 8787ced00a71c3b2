"""Another model, made ready beside the one that inspects; it takes over between two frames."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future

from uniad_desktop.inspection.detector_like import DetectorLike


class ModelSwap:
    """Loads one model at a time on a thread of its own.

    Args:
        hand_over: told to do something between two frames; returns at once.
    """

    def __init__(self, hand_over: Callable[[Callable[[], None]], None]) -> None:
        self._hand_over = hand_over
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._pending: Future[None] | None = None

    def begin(
        self, load: Callable[[], DetectorLike], use: Callable[[DetectorLike], None]
    ) -> Future[None]:
        """Loads and warms up a model, then has it used from the next frame on.

        Args:
            load: makes the detector; may take long and may raise.
            use: called between two frames with the detector, warmed up.

        Returns:
            Done once the model is in use; holds the error where it could not be loaded.
        """
        done: Future[None] = Future()
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                done.set_exception(RuntimeError("Another model is being loaded; wait for it."))
                return done
            self._pending = done
            self._thread = threading.Thread(
                target=self._load, args=(load, use, done), name="load-model", daemon=True
            )
            self._thread.start()
        return done

    def close(self, timeout_s: float) -> bool:
        """Waits for a load under way, whose model is not used any more; whether none is left."""
        thread, pending = self._thread, self._pending
        if thread is not None:
            thread.join(max(0.0, timeout_s))
        if pending is not None and not pending.done():
            pending.set_exception(RuntimeError("The station was closed."))
        return thread is None or not thread.is_alive()

    def _load(
        self,
        load: Callable[[], DetectorLike],
        use: Callable[[DetectorLike], None],
        done: Future[None],
    ) -> None:
        try:
            detector = load()
            detector.warm_up()
        except Exception as error:  # noqa: BLE001 - whoever asked is told
            done.set_exception(error)
            return

        def change() -> None:
            try:
                use(detector)
            except Exception as error:  # noqa: BLE001 - whoever asked is told
                detector.close()
                done.set_exception(error)
            else:
                done.set_result(None)

        self._hand_over(change)


def time_left(deadline: float) -> float:
    """Seconds until a moment of the monotonic clock, never below 0."""
    return max(0.0, deadline - time.monotonic())
