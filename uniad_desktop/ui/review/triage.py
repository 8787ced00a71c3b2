"""Labelling by keyboard: what was said, and how it is taken back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from uniad_desktop.records.database import Records, RecordsError
from uniad_desktop.records.labels import LabelChange, set_label, undo
from uniad_desktop.records.schema import Label
from uniad_desktop.ui.background import Background

MOST_STEPS = 200


@dataclass(frozen=True, slots=True)
class Done:
    """What a label or its undoing did.

    Attributes:
        label: what was said; None where it was a note.
        ids: of the inspections.
        undone: whether something was taken back.
        change: as `records.labels` tells.
    """

    label: Label | None
    ids: tuple[int, ...]
    change: LabelChange
    undone: bool = False


class Triage:
    """Writes labels on a thread of its own, in the order of the keys. No Qt.

    Args:
        station: where it is said, for the audit trail.
        who: who says so.
        told: told what was done.
        failed: told of a sentence for the user.
    """

    def __init__(
        self,
        station: str,
        who: str,
        told: Callable[[Done], None],
        failed: Callable[[str], None],
    ) -> None:
        self._station, self._who = station, who
        self._told, self._failed = told, failed
        self._background = Background("review-labels")
        self._steps: list[Done] = []
        self._undoing = 0

    @property
    def steps(self) -> int:
        """How many actions can be taken back."""
        return len(self._steps)

    @property
    def busy(self) -> bool:
        """Whether something is still being written."""
        return self._background.busy

    def label(
        self,
        records: Records,
        ids: Sequence[int],
        label: Label | None,
        note: str | None = None,
    ) -> None:
        """Labels inspections, or notes something beside them; `told` follows.

        Args:
            records: the database.
            ids: of the inspections.
            label: None: each keeps its own.
            note: None: likewise.
        """
        chosen = tuple(ids)

        def take(change: LabelChange) -> None:
            done = Done(label, chosen, change)
            if change.changed:
                self._steps = [*self._steps, done][-MOST_STEPS:]
            self._told(done)

        self._background.run(
            lambda: set_label(
                records, chosen, label, who=self._who, note=note, station=self._station
            ),
            take,
            self._failed,
            (RecordsError,),
        )

    def undo(self, records: Records) -> None:
        """Takes the last action back; nothing where there is none.

        Keys that come while it is being written count one by one.
        """
        self._undoing += 1
        self._take_back(records)

    def _take_back(self, records: Records) -> None:
        if self._background.busy or not self._undoing:
            return
        self._undoing -= 1
        if not self._steps:
            return
        last = self._steps.pop()

        def take(change: LabelChange) -> None:
            self._told(Done(last.label, last.ids, change, undone=True))
            self._take_back(records)

        def failed(problem: str) -> None:
            self._steps.append(last)
            self._undoing = 0
            self._failed(problem)

        self._background.run(
            lambda: undo(records, last.change.id, who=self._who, station=self._station),
            take,
            failed,
            (RecordsError,),
        )

    def forget(self) -> None:
        """Another source: what was said of the former one cannot be taken back here."""
        self._steps.clear()
        self._undoing = 0

    def beat(self, records: Records | None) -> None:
        """Takes what was written; returns at once."""
        self._background.beat()
        if records is not None:
            self._take_back(records)

    def close_down(self) -> None:
        """Ends the thread after what it is writing."""
        self._background.close_down()
