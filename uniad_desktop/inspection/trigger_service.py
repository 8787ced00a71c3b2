"""Triggers of both kinds: whose frame is this one, and whose never came.

Software triggers are fired on a thread of their own, as the camera must not wait for an inference
that is under way, and each is settled exactly once. Of a hardware trigger only the frame is known:
each that arrives, and each that is lost on the way, is a part.

A trigger of while parts are inspected gets exactly one decision, whatever happens (of a burst each
frame gets one). One of while parts are collected gets none, as there is no part to decide on, and
is not counted as triggered; `switch` sees to it that no trigger is in both.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable

from uniad_desktop.cameras.frame import Frame
from uniad_desktop.cameras.source import CameraError, TriggerMode
from uniad_desktop.inspection.acquisition import Acquisition
from uniad_desktop.inspection.scoreboard import Scoreboard
from uniad_desktop.inspection.triggers import PendingTrigger, Told, TriggerLedger
from uniad_desktop.inspection.types import LatencyStart, Reason

log = logging.getLogger(__name__)

DECISION_LIMIT_S = 2.0
MOST_LOST = 256
"""A longer gap in the block ids is no row of parts: it becomes one decision."""

_LOST = "The frame of this trigger was lost."


class TriggerService:
    """Fires triggers and says which frame belongs to which.

    `ask` may be called from any thread, everything else from the one that takes the frames.

    Args:
        acquisition: whose source is triggered.
        board: counts.
        decide_error: makes an ERROR of a trigger: reason, sentence, the trigger.
        tell: takes a sentence on a trigger that failed while parts are collected.
        wake: called after each trigger, on the trigger thread.
    """

    def __init__(
        self,
        acquisition: Acquisition,
        board: Scoreboard,
        decide_error: Callable[[Reason, str, PendingTrigger], None],
        tell: Callable[[str], None],
        wake: Callable[[], None],
    ) -> None:
        self._acquisition, self._board = acquisition, board
        self._decide_error, self._tell, self._wake = decide_error, tell, wake
        self._ledger = TriggerLedger()
        self._collecting = False
        self._of_burst = 0
        self._to_fire: queue.SimpleQueue[tuple[int, Told | None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._fire, name="trigger", daemon=True)
        self._thread.start()

    def ask(self, told: Told | None = None) -> None:
        """Asks for one trigger and returns at once; `told` is called with each decision."""
        self._to_fire.put((time.monotonic_ns(), told))

    def end(self) -> None:
        """Has the thread end once what was asked for is fired; returns at once."""
        self._to_fire.put(None)

    def join(self, timeout_s: float) -> bool:
        """Waits for the thread; whether it has ended."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def begin(self) -> None:
        """Acquisition has started: the next hardware trigger begins a burst."""
        self._of_burst = 0

    def switch(self, *, collecting: bool, detail: str) -> None:
        """Stops acquisition and changes between inspecting and collecting in one step.

        Triggers of before the change are settled as those of the former mode.
        """
        with self._acquisition.lock:
            ran = self._acquisition.running
            self._acquisition.stop_locked()
            waiting, former = self._ledger.take_all(), self._collecting
            self._collecting = collecting
        for pending in waiting:
            self._settle(pending, Reason.STOPPED, detail, collected=former)
        if ran:
            self._settle_hardware(self._left_behind(), Reason.STOPPED, detail, collected=former)

    def part_of(self, frame: Frame | None) -> PendingTrigger | None:
        """Settles the triggers that a frame, or its absence, settles.

        Returns:
            Which trigger the frame belongs to; None where it is not to be looked at.

        Raises:
            CameraError: the source is not open.
        """
        if self._acquisition.mode is TriggerMode.HARDWARE:
            return self._hardware_part(frame)
        lost = self._acquisition.lost_frames(frame)
        if frame is None:
            for pending in self._ledger.take_lost(lost):
                self._settle(pending, Reason.FRAME_LOST, _LOST)
            return None
        settled, owns = self._ledger.take_for(lost, frame.received_ns)
        for pending in settled[:-1] if owns else settled:
            self._settle(pending, Reason.FRAME_LOST, _LOST)
        if owns:
            return settled[-1]
        log.warning("Frame %d came without a trigger and was not looked at", frame.id)
        if not self._collecting:
            self._board.add_passed_over()
        return None

    def too_late(self, frame: Frame, part: PendingTrigger) -> str:
        """A sentence where a frame has waited too long for its decision to reach its part.

        Of a software trigger also where the frame itself came that late: it may show another part.
        """
        came = (frame.received_ns - part.asked_ns) / 1e9
        single = self._acquisition.trigger.burst <= 1
        if part.since is LatencyStart.TRIGGER and single and came > DECISION_LIMIT_S:
            return f"Frame {frame.id} came {came:.1f} s after its trigger."
        waited = (time.monotonic_ns() - frame.received_ns) / 1e9
        if waited <= DECISION_LIMIT_S:
            return ""
        return (
            f"Frame {frame.id} came {waited:.1f} s before its decision; triggers come faster than "
            "the model judges."
        )

    def drop_late(self) -> None:
        """Settles everything that waits where one has waited too long. Raises CameraError.

        A frame that comes too late must not be taken for the next part: acquisition starts afresh.
        A frame that has arrived is none of those: it waits for the model, not for the camera.
        """
        age = self._ledger.oldest_age_s()
        if self._acquisition.trigger.burst > 1:
            age = min(age, self._acquisition.seconds_without_frame())
        if age > DECISION_LIMIT_S and not self._acquisition.frames_wait():
            detail = f"No frame within {DECISION_LIMIT_S:g} s of the trigger."
            self._restart(Reason.CAMERA_TIMEOUT, detail)

    def settle_refused(self) -> None:
        """Settles those that were refused."""
        while (pending := self._ledger.take_refused()) is not None:
            self._settle(pending, Reason.STOPPED, "")

    def abandon(self, reason: Reason, detail: str) -> bool:
        """Settles every waiting trigger after acquisition has ended; whether there was one."""
        waiting = self._ledger.take_all()
        for pending in waiting:
            self._settle(pending, reason, detail)
        behind = self._left_behind()
        self._settle_hardware(behind, reason, detail)
        return bool(waiting) or behind > 0

    # --- hardware triggers

    def _hardware_part(self, frame: Frame | None) -> PendingTrigger | None:
        lost = self._acquisition.lost_frames(frame)
        self._settle_hardware(lost, Reason.FRAME_LOST, "The frame of a hardware trigger was lost.")
        if frame is None:
            return None
        self._count_hardware()
        if frame.stamped_ns:
            return PendingTrigger(frame.stamped_ns, since=LatencyStart.CAMERA)
        return PendingTrigger(frame.received_ns, since=LatencyStart.RECEPTION)

    def _left_behind(self) -> int:
        """Frames of hardware triggers that nobody will take any more."""
        if self._acquisition.mode is not TriggerMode.HARDWARE:
            return 0
        return self._acquisition.left_behind()

    def _settle_hardware(
        self, count: int, reason: Reason, detail: str, collected: bool | None = None
    ) -> None:
        if count > MOST_LOST:
            detail, count = f"{detail} That is so for {count} frames in a row.", 1
        for _ in range(count):
            self._count_hardware(collected)
            now = time.monotonic_ns()
            self._settle(
                PendingTrigger(now, since=LatencyStart.RECEPTION), reason, detail, collected
            )

    def _count_hardware(self, collected: bool | None = None) -> None:
        """Of a burst only the first frame is a trigger."""
        first, burst = self._of_burst == 0, self._acquisition.trigger.burst
        self._of_burst = (self._of_burst + 1) % burst
        if first and not (self._collecting if collected is None else collected):
            self._board.add_trigger()

    # --- software triggers

    def _fire(self) -> None:
        while (asked := self._to_fire.get()) is not None:
            asked_ns, told = asked
            acquisition = self._acquisition
            with acquisition.lock:
                if not self._collecting:
                    self._board.add_trigger()
                source, mode = acquisition.source, acquisition.mode
                frames = acquisition.trigger.burst
                reason, refused = Reason.STOPPED, ""
                waited = (time.monotonic_ns() - asked_ns) / 1e9
                if not acquisition.running or source is None:
                    reason, refused = acquisition.why_not_running
                elif mode is TriggerMode.FREE_RUNNING:
                    refused = "A software trigger came in free running."
                elif mode is TriggerMode.HARDWARE:
                    refused = "A software trigger came while the camera waits for its line."
                elif waited > DECISION_LIMIT_S:
                    # Fired now, it would show another part.
                    reason = Reason.CAMERA_TIMEOUT
                    refused = f"The camera was busy for {waited:.1f} s and took no trigger."
                if refused or source is None:
                    self._ledger.ask(reason, refused, frames=frames, told=told, asked_ns=asked_ns)
                elif self._ledger.ask(frames=frames, told=told, asked_ns=asked_ns):
                    try:
                        source.trigger()
                    except CameraError as error:
                        self._ledger.refuse_newest(Reason.CAMERA_LOST, str(error), frames=frames)
            self._wake()

    def _restart(self, reason: Reason, detail: str) -> None:
        with self._acquisition.lock:
            self._acquisition.stop_locked()
            why = "A trigger came while acquisition was started afresh after a time-out."
            self._acquisition.why_not_running = reason, why
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
            self._decide_error(pending.refused or reason, sentence, pending)
