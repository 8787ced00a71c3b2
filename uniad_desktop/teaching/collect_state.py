"""Which frames of the camera become parts, and how far collecting is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from uniad_desktop.cameras.frame import Frame
from uniad_desktop.teaching.checks import Reason
from uniad_desktop.teaching.collection import Part
from uniad_desktop.teaching.coverage import Coverage


@dataclass(frozen=True, slots=True)
class Every:
    """Every n-th frame, beginning with the first."""

    number: int


class Pick(StrEnum):
    """Frames that somebody asks for."""

    ON_TRIGGER = "on trigger"
    BY_HAND = "by hand"


ON_TRIGGER = Pick.ON_TRIGGER
"""Each frame of a trigger; none in free running."""

BY_HAND = Pick.BY_HAND
"""The next frame after `take_one`."""

Rule: TypeAlias = Every | Pick


class FrameChoice:
    """Chooses frames by a rule. Not for several threads at once.

    Attributes:
        on: whether frames are chosen at all.
        seen: frames that came since the start.
    """

    def __init__(self) -> None:
        self.on = False
        self.seen = 0
        self._rule: Rule = BY_HAND
        self._asked_ns: int | None = None

    def start(self, rule: Rule) -> None:
        """Chooses by a rule from now on."""
        self.on, self.seen, self._rule, self._asked_ns = True, 0, rule, None

    def stop(self) -> None:
        """Chooses none."""
        self.on, self._asked_ns = False, None

    def ask(self, now_ns: int) -> None:
        """The next frame received after `now_ns` (``time.monotonic_ns``) is one, too."""
        if self.on:
            self._asked_ns = now_ns

    def chooses(self, frame: Frame, *, triggered: bool) -> bool:
        """Whether a frame becomes a part; told of each once.

        Args:
            frame: the frame.
            triggered: whether it is that of a trigger.
        """
        if not self.on:
            return False
        self.seen += 1
        if self._asked_ns is not None and frame.received_ns >= self._asked_ns:
            self._asked_ns = None
            return True
        if isinstance(self._rule, Every):
            return (self.seen - 1) % max(1, self._rule.number) == 0
        return self._rule is ON_TRIGGER and triggered


@dataclass(frozen=True, slots=True, eq=False)
class CollectState:
    """How far collecting is; counts are of this collector, not of the collection.

    Attributes:
        preparing: the checks are being loaded; frames that are chosen wait.
        collecting: frames are being chosen.
        seen: frames that came while collecting.
        taken: parts that were accepted.
        aside: parts that are doubtful.
        set_aside: how many of those for which reason; a part may have several.
        duplicates: images whose very pixels were there already.
        busy_dropped: chosen frames that were not taken because the checks were busy.
        waiting: chosen frames that wait for the checks.
        last: the newest part.
        frame: the newest frame of the camera, chosen or not; None for a detached collector.
        problem: a sentence on why collecting stopped, else empty.
        coverage: of the collection; None until the checks are ready.
        files: files that were asked for.
        files_done: of them looked at.
        unreadable: files without a picture, of all that were ever asked for.
        unread: sentences on those, empty where there are none.
    """

    preparing: bool = False
    collecting: bool = False
    seen: int = 0
    taken: int = 0
    aside: int = 0
    set_aside: Mapping[Reason, int] = field(default_factory=dict)
    duplicates: int = 0
    busy_dropped: int = 0
    waiting: int = 0
    last: Part | None = None
    frame: Frame | None = None
    problem: str = ""
    coverage: Coverage | None = None
    files: int = 0
    files_done: int = 0
    unreadable: int = 0
    unread: str = ""
