"""Software triggers: fired on a thread of their own, each settled exactly once.

The camera must not wait for an inference that is under way, hence the thread. A trigger that was
asked for while parts are inspected gets exactly one decision, whatever happens. One that was asked
for while parts are collected gets none, as there is no part to decide on, and is not counted as
triggered; `switch` sees to it that no trigger is in both.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable

from uniad_desktop.cameras.frame import Frame
from uniad_desktop.cameras.source import CameraError, TriggerMode
from uniad_desktop.inspection.acquisition import Acquisition
from uniad_desktop.inspection.scoreboard import Scoreboard
from uniad_desktop.inspection.triggers import PendingTrigger, TriggerLedger
from uniad_desktop.inspection.types import Reason

log = logging.getLogger(__name__)

DECISION_LIMIT_S = 2.0


class TriggerService:
    """Fires triggers and says which frame belongs to which.

    `ask` may be called from any thread, everything else from the one that takes the frames.

    Args:
        acquisition: whose source is triggered.
        board: counts.
        decide_error: makes an ERROR of a trigger: reason, sentence, when it was asked (ns).
        tell: takes a sentence on a trigger that failed while parts are collected.
        wake: called after each trigger, on the trigger thread.
    """

    def __init__(
        self,
        acquisition: Acquisition,
        board: Scoreboard,
        decide_error: Callable[[Reason, str, int], None],
        tell: Callable[[str], None],
        wake: Callable[[], None],
    ) -> None:
        self._acquisition, self._board = acquisition, board
        self._decide_error, self._tell, self._wake = decide_error, tell, wake
        self._ledger = TriggerLedger()
        self._collecting = False
        self._to_fire: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._fire, name="trigger", daemon=True)
        self._thread.start()

    def ask(self) -> None:
        """Asks for one trigger; returns at once."""
        self._to_fire.put(True)

    def end(self) -> None:
        """Has the thread end once what was asked for is fired; returns at once."""
        self._to_fire.put(False)

    def join(self, timeout_s: float) -> bool:
        """Waits for the thread; whether it has ended."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def switch(self, *, collecting: bool, detail: str) -> None:
        """Stops acquisition and changes between inspecting and collecting in one step.

        Triggers that were asked for before the change are settled as those of the former mode.
        """
        with self._acquisition.lock:
            self._acquisition.stop_locked()
            waiting, former = self._ledger.take_all(), self._collecting
            self._collecting = collecting
        for pending in waiting:
            self._settle(pending, Reason.STOPPED, detail, collected=former)

    def owner_of(self, frame: Frame | None) -> int | None:
        """Settles the triggers that a frame settles.

        Returns:
            When the trigger of the frame was asked for (``time.monotonic_ns``); None where the
            frame is not to be looked at.

        Raises:
            CameraError: the source is not open.
        """
        if self._ledger.awaits_first_frame and self._acquisition.lost_frames() > 0:
            # Without a former block id nothing tells whose frame was lost: none may be guessed.
            self._restart(Reason.FRAME_LOST, "A frame was lost before the first one arrived.")
            return None
        if frame is None:
            return None
        settled, owns = self._ledger.take_for(frame.id, frame.received_ns)
        for pending in settled[:-1] if owns else settled:
            self._settle(pending, Reason.FRAME_LOST, "The frame of this trigger was lost.")
        if owns:
            return settled[-1].asked_ns
        log.warning("Frame %d came without a trigger and was not looked at", frame.id)
        if not self._collecting:
            self._board.add_passed_over()
        return None

    def drop_late(self) -> None:
        """Settles everything that waits where one has waited too long. Raises CameraError.

        A frame that comes too late must not be taken for the next part: acquisition starts afresh.
        """
        if self._ledger.oldest_age_s() > DECISION_LIMIT_S:
            detail = f"No frame within {DECISION_LIMIT_S:g} s of the trigger."
            self._restart(Reason.CAMERA_TIMEOUT, detail)

    def settle_refused(self) -> None:
        """Settles those that were refused."""
        while (pending := self._ledger.take_refused()) is not None:
            self._settle(pending, Reason.STOPPED, "")

    def abandon(self, reason: Reason, detail: str) -> bool:
        """Settles every waiting trigger; whether there was one."""
        waiting = self._ledger.take_all()
        for pending in waiting:
            self._settle(pending, reason, detail)
        return bool(waiting)

    def _fire(self) -> None:
        while self._to_fire.get():
            acquisition = self._acquisition
            with acquisition.lock:
                if not self._collecting:
                    self._board.add_trigger()
                source = acquisition.source
                if not acquisition.running or source is None:
                    self._ledger.ask(Reason.STOPPED, "A trigger came while nothing was inspected.")
                elif acquisition.mode is not TriggerMode.SOFTWARE:
                    self._ledger.ask(Reason.STOPPED, "A software trigger came in free running.")
                elif self._ledger.ask():
                    try:
                        source.trigger()
                    except CameraError as error:
                        self._ledger.refuse_newest(Reason.CAMERA_LOST, str(error))
            self._wake()

    def _restart(self, reason: Reason, detail: str) -> None:
        with self._acquisition.lock:
            self._acquisition.ready_source().stop()
            self._acquisition.running = False
            waiting = self._ledger.take_all()
        for pending in waiting:
            self._settle(pending, reason, detail)

    def _settle(
        self, pending: PendingTrigger, reason: Reason, detail: str, collected: bool | None = None
    ) -> None:
        sentence = pending.detail or detail
        if self._collecting if collected is None else collected:
            self._tell(f"A part was not collected: {sentence}")
        else:
            self._decide_error(pending.refused or reason, sentence, pending.asked_ns)
