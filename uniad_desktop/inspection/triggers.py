"""Which trigger a frame belongs to: every trigger gets exactly one decision, in order."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from uniad_desktop.inspection.types import InspectedFrame, LatencyStart, Reason

Told: TypeAlias = Callable[[InspectedFrame], None]


@dataclass(frozen=True, slots=True)
class PendingTrigger:
    """A part that was asked for and has no decision yet; of a burst each frame is one.

    Attributes:
        asked_ns: ``time.monotonic_ns`` when it was asked for; of a hardware trigger, when its
            frame was made or came.
        refused: why it can only become an ERROR, None while a frame is awaited.
        detail: a sentence for a refused one.
        since: what `asked_ns` is.
        told: who asked, to be told the decision.
        fired_ns: when it went to the camera; no earlier frame is its own.
    """

    asked_ns: int
    refused: Reason | None = None
    detail: str = ""
    since: LatencyStart = LatencyStart.TRIGGER
    told: Told | None = None
    fired_ns: int = 0


class TriggerLedger:
    """Pending triggers in the order in which they were asked for. Any thread."""

    def __init__(self, most_waiting: int = 16) -> None:
        self._lock = threading.Lock()
        self._pending: deque[PendingTrigger] = deque()
        self._most_waiting = most_waiting

    def ask(
        self,
        refused: Reason | None = None,
        detail: str = "",
        *,
        frames: int = 1,
        told: Told | None = None,
        asked_ns: int | None = None,
    ) -> bool:
        """Enters a trigger; returns whether it may be fired at the camera.

        With too many waiting it is entered as refused (QUEUE_FULL): the decisions will be ERROR.

        Args:
            refused: why it can only become an ERROR.
            detail: a sentence for that.
            frames: of its burst; each gets a decision.
            told: called with each decision.
            asked_ns: when it was asked for (``time.monotonic_ns``), where that is not now.
        """
        with self._lock:
            now = time.monotonic_ns()
            waiting = len(self._pending)
            if refused is None and waiting and waiting + frames > self._most_waiting:
                refused = Reason.QUEUE_FULL
                detail = f"{waiting} parts were still waiting for their decision."
            one = PendingTrigger(
                now if asked_ns is None else asked_ns, refused, detail, told=told, fired_ns=now
            )
            self._pending.extend([one] * frames)
            return refused is None

    def refuse_newest(self, reason: Reason, detail: str, *, frames: int = 1) -> None:
        """The camera did not take the trigger that was entered last."""
        with self._lock:
            for index in range(len(self._pending) - 1, -1, -1):
                if self._pending[index].refused is None and frames:
                    frames -= 1
                    refused = replace(self._pending[index], refused=reason, detail=detail)
                    self._pending[index] = refused

    def take_refused(self) -> PendingTrigger | None:
        """Removes and returns the oldest trigger if it was refused; younger ones keep waiting."""
        with self._lock:
            if self._pending and self._pending[0].refused is not None:
                return self._pending.popleft()
            return None

    def take_lost(self, lost: int) -> list[PendingTrigger]:
        """Removes and returns the oldest triggers, whose frames were lost, and refused ones."""
        with self._lock:
            return self._take_lost(lost)

    def take_for(self, lost: int, received_ns: int) -> tuple[list[PendingTrigger], bool]:
        """Removes the triggers that a frame settles.

        A frame that nobody asked for, or one received before its trigger was fired, is not a
        part to decide on.

        Args:
            lost: frames right before this one that never arrived: those of the oldest triggers.
            received_ns: when it reached the host.

        Returns:
            The settled triggers, oldest first; and whether the last of them owns this frame
            (the others lost theirs).
        """
        with self._lock:
            settled = self._take_lost(lost)
            while self._pending and self._pending[0].refused is not None:
                settled.append(self._pending.popleft())
            if not self._pending or self._pending[0].fired_ns > received_ns:
                return settled, False
            settled.append(self._pending.popleft())
            return settled, True

    def _take_lost(self, lost: int) -> list[PendingTrigger]:
        settled: list[PendingTrigger] = []
        while lost and self._pending:
            pending = self._pending.popleft()
            settled.append(pending)
            lost -= pending.refused is None
        return settled

    def take_all(self) -> list[PendingTrigger]:
        """Removes every waiting trigger."""
        with self._lock:
            pending = list(self._pending)
            self._pending.clear()
            return pending

    def oldest_age_s(self) -> float:
        """Age of the oldest waiting trigger in seconds, 0 without one."""
        with self._lock:
            if not self._pending:
                return 0.0
            return (time.monotonic_ns() - self._pending[0].asked_ns) / 1e9
