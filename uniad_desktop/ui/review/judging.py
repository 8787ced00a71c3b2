"""A folder or zip is judged while it is looked at: what is new in it comes as it goes on."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QCoreApplication

from uniad_desktop.review.background import FolderInspection, WorkState
from uniad_desktop.review.errors import ReviewError
from uniad_desktop.review.source import ReviewSource, SourceKind
from uniad_desktop.ui import text
from uniad_desktop.ui.background import Background
from uniad_desktop.ui.review.context import ReviewContext

LOOK_AGAIN_S = 3.0


class Work(Protocol):
    """A `review.background.FolderInspection`, as far as it is needed."""

    def beat(self) -> WorkState:
        """How it fares."""
        ...

    def close(self, timeout_s: float = 20.0) -> bool:
        """Ends it and waits."""
        ...


class Judging:
    """One folder at a time; another source ends the former one.

    Args:
        context: where things are.
        refresh: called when there are more inspections.
        begin: begins the work, on a worker; None: in a process of its own.
    """

    def __init__(
        self,
        context: ReviewContext,
        refresh: Callable[[], None],
        begin: Callable[[ReviewSource], Work] | None = None,
    ) -> None:
        self._context, self._refresh = context, refresh
        usual = context.judge or (lambda one: FolderInspection(one, context.data_folder))
        self._begin = begin or usual
        self._background = Background("review-judging")
        self._work: Work | None = None
        self._state = WorkState()
        self._looked_at = (0, 0.0)
        self._wanted: ReviewSource | None = None

    @property
    def running(self) -> bool:
        """Whether a folder is being judged."""
        return self._work is not None

    def start(self, source: ReviewSource) -> None:
        """Judges what is new in a source; the station's records were judged already."""
        self._wanted = source
        former, self._work = self._work, None
        if former is not None:
            self._background.run(former.close)
        if source.kind is SourceKind.STATION:
            return
        self._background.run(
            lambda: (source, self._begin(source)),
            self._begun,
            self._context.say,
            (ReviewError,),
        )

    def _begun(self, begun: tuple[ReviewSource, Work]) -> None:
        source, work = begun
        if source is not self._wanted:
            self._background.run(work.close)
            return
        self._work, self._state, self._looked_at = work, WorkState(), (0, time.monotonic())

    def beat(self) -> str | None:
        """Asks how it fares; words for the screen where something changed, else None."""
        self._background.beat()
        work = self._work
        if work is None:
            return None
        state = work.beat()
        if not state.running:
            return self._ended(work, state)
        done, at = self._looked_at
        if state.done > done and time.monotonic() - at >= LOOK_AGAIN_S:
            self._looked_at = (state.done, time.monotonic())
            self._refresh()
        if state == self._state:
            return None
        self._state = state
        words = QCoreApplication.translate("Judging", "Judging {done} of {total}").format(
            done=text.number(state.done), total=text.number(state.total)
        )
        return f"{words} · {state.rate:.1f}/s" if state.rate else words

    def _ended(self, work: Work, state: WorkState) -> str:
        self._work = None
        self._background.run(work.close)
        self._refresh()
        if state.problem:
            self._context.say(state.problem)
        elif state.notes:
            self._context.say(" ".join(state.notes[:3]))
        return QCoreApplication.translate("Judging", "{n} judged").format(n=text.number(state.done))

    def close_down(self) -> None:
        """Ends the work, bounded, and the thread."""
        if self._work is not None:
            self._work.close()
            self._work = None
        self._background.close_down()
