"""Which trigger a frame belongs to: every trigger gets exactly one decision, in order."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass

from uniad_desktop.inspection.types import Reason


@dataclass(frozen=True, slots=True)
class PendingTrigger:
    """A trigger without a decision yet.

    Attributes:
        asked_ns: ``time.monotonic_ns`` when it was asked for.
        refused: why it can only become an ERROR, None while a frame is awaited.
        detail: a sentence for a refused one.
    """

    asked_ns: int
    refused: Reason | None = None
    detail: str = ""


class TriggerLedger:
    """Pending triggers in the order in which they were asked for. Any thread."""

    def __init__(self, most_waiting: int = 16) -> None:
        self._lock = threading.Lock()
        self._pending: deque[PendingTrigger] = deque()
        self._most_waiting = most_waiting
        self._last_id: int | None = None

    def ask(self, refused: Reason | None = None, detail: str = "") -> bool:
        """Enters a trigger; returns whether it may be fired at the camera.

        With too many waiting it is entered as refused (QUEUE_FULL): the decision will be ERROR.
        """
        with self._lock:
            if refused is None and len(self._pending) >= self._most_waiting:
                refused = Reason.QUEUE_FULL
                detail = f"{self._most_waiting} triggers were still waiting for their decision."
            self._pending.append(PendingTrigger(time.monotonic_ns(), refused, detail))
            return refused is None

    def refuse_newest(self, reason: Reason, detail: str) -> None:
        """The camera did not take the trigger that was entered last."""
        with self._lock:
            for index in range(len(self._pending) - 1, -1, -1):
                pending = self._pending[index]
                if pending.refused is None:
                    self._pending[index] = PendingTrigger(pending.asked_ns, reason, detail)
                    return

    def take_refused(self) -> PendingTrigger | None:
        """Removes and returns the oldest trigger if it was refused; younger ones keep waiting."""
        with self._lock:
            if self._pending and self._pending[0].refused is not None:
                return self._pending.popleft()
            return None

    def take_for(self, frame_id: int, received_ns: int) -> tuple[list[PendingTrigger], bool]:
        """Removes the triggers that a frame settles.

        A gap in the block ids means that the frames of as many older triggers never arrived.
        A frame that nobody asked for, or one received before its trigger was asked, is not a
        part to decide on.

        Args:
            frame_id: block id of the frame.
            received_ns: when it reached the host.

        Returns:
            The settled triggers, oldest first; and whether the last of them owns this frame
            (the others lost theirs).
        """
        with self._lock:
            gap = 0 if self._last_id is None else max(0, frame_id - self._last_id - 1)
            self._last_id = frame_id
            settled: list[PendingTrigger] = []
            while gap and self._pending:
                pending = self._pending.popleft()
                settled.append(pending)
                gap -= pending.refused is None
            while self._pending and self._pending[0].refused is not None:
                settled.append(self._pending.popleft())
            if not self._pending or self._pending[0].asked_ns > received_ns:
                return settled, False
            settled.append(self._pending.popleft())
            return settled, True

    @property
    def awaits_first_frame(self) -> bool:
        """Whether no frame has come since acquisition started: a gap cannot be seen yet."""
        with self._lock:
            return self._last_id is None

    def take_all(self) -> list[PendingTrigger]:
        """Removes every waiting trigger; block ids start anew."""
        with self._lock:
            pending = list(self._pending)
            self._pending.clear()
            self._last_id = None
            return pending

    def oldest_age_s(self) -> float:
        """Age of the oldest waiting trigger in seconds, 0 without one."""
        with self._lock:
            if not self._pending:
                return 0.0
            return (time.monotonic_ns() - self._pending[0].asked_ns) / 1e9
