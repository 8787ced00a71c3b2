"""The parts that were collected: how many, which are doubtful, what is still missing."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from uniad_desktop.teaching.checks import Reason
from uniad_desktop.teaching.collection import Part, State
from uniad_desktop.ui import text
from uniad_desktop.ui.teach.part_list import PartList
from uniad_desktop.ui.teach.part_preview import local_time
from uniad_desktop.ui.widgets.figure import Figure
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.thumb_grid import Mark, Thumb, ThumbGrid
from uniad_desktop.ui.widgets.touch_button import TouchButton
from uniad_desktop.ui.widgets.words import Words

_MARKS = {
    State.ACCEPTED: Mark.NONE,
    State.DOUBTFUL: Mark.DOUBTFUL,
    State.REJECTED: Mark.REJECTED,
}


class PartsPanel(Panel):
    """Counts to tap, the images of those counted, and words.

    Args:
        parent: the parent widget.
    """

    selection_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, card=True)
        self._list = PartList()
        self._state = State.ACCEPTED
        self._coverage: tuple[float | None, tuple[str, ...]] = (None, ())
        self.heading = Figure("heading", parent=self)
        self.counts: dict[State, TouchButton] = {}
        row = QHBoxLayout()
        row.setSpacing(8)
        for state in State:
            button = self.counts[state] = TouchButton(parent=self)
            button.setObjectName("count")
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, chosen=state: self.show_state(chosen))
            row.addWidget(button, 1)
        self.grid = ThumbGrid(side=88, parent=self)
        self.grid.selection_changed.connect(self.selection_changed)
        self.grid.view.setMinimumHeight(48)  # it can be scrolled, the words cannot
        self.words = Words("heading", self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 10)
        layout.setSpacing(8)
        layout.addWidget(self.heading)
        layout.addLayout(row)
        layout.addWidget(self.grid, 1)
        layout.addWidget(self.words)
        self.retranslate()

    def show_list(self, found: PartList) -> None:
        """Shows a product's parts; what is chosen stays chosen where it is still there."""
        if found.product != self._list.product:
            self._state = State.ACCEPTED
            self.grid.clear_selection()
        self._list = found
        self._fill()

    def show_state(self, state: State) -> None:
        """Shows the parts of one state."""
        if state is not self._state:
            self._state = state
            self.grid.clear_selection()
        self._fill()

    def show_coverage(self, covered: float | None, words: Sequence[str]) -> None:
        """Says how varied the parts are, 0 to 1, and what is missing."""
        if (covered, tuple(words)) != self._coverage:
            self._coverage = covered, tuple(words)
            self._write_words()

    @property
    def state(self) -> State:
        """Which parts are shown."""
        return self._state

    def go_on_from(self, judged: Sequence[str]) -> None:
        """Chooses the part after those that are being judged."""
        ids = [part.id for part in self._list.of(self._state)]
        last = max((ids.index(one) for one in judged if one in ids), default=-1)
        rest = [one for one in (*ids[last + 1 :], *reversed(ids[:last])) if one not in judged]
        self.grid.clear_selection()
        if rest:
            self.grid.choose(rest[:1])
            self.grid.go_to(rest[0])
        else:
            self.show_state(State.ACCEPTED)

    def chosen(self) -> list[Part]:
        """The parts that are chosen."""
        known = {part.id: part for part in self._list.parts}
        return [known[one] for one in self.grid.selection() if one in known]

    def beat(self) -> None:
        """Takes thumbnails that are finished."""
        self.grid.beat()

    def close_down(self) -> None:
        """Ends the worker of the thumbnails."""
        self.grid.close_down()

    def retranslate(self) -> None:
        """Writes all words anew."""
        self.heading.show_text(self.tr("1 · COLLECT NORMAL PARTS"))
        self._write_counts()
        self._write_words()

    def _fill(self) -> None:
        items = [
            Thumb(
                part.id,
                self._list.path(part),
                "" if part.id in self._list.held else local_time(part.when)[11:16],
                Mark.HELD_OUT if part.id in self._list.held else _MARKS[part.state],
            )
            for part in self._list.of(self._state)
        ]
        self.grid.show_items(items)
        self._write_counts()
        self._write_words()

    def _write_counts(self) -> None:
        counts = self._list.counts
        words = {
            State.ACCEPTED: self.tr("✓ {n}\ntaken in").format(n=text.number(counts.accepted)),
            State.DOUBTFUL: self.tr("△ {n}\ndoubtful").format(n=text.number(counts.doubtful)),
            State.REJECTED: self.tr("✕ {n}\ndeleted").format(n=text.number(counts.rejected)),
        }
        for state, button in self.counts.items():
            button.setText(words[state])
            button.setChecked(state is self._state)

    def _write_words(self) -> None:
        covered, missing = self._coverage
        told = []
        if self._list.reasons:
            reasons = [
                f"{text.number(count)} {reason_word(reason)}"
                for reason, count in sorted(self._list.reasons.items(), key=lambda one: -one[1])
            ]
            told.append(self.tr("Doubtful: {reasons}.").format(reasons=", ".join(reasons)))
        if self._list.counts.held_out:
            told.append(
                self.tr("{n} are held out for the limit.").format(
                    n=text.number(self._list.counts.held_out)
                )
            )
        if covered is not None:
            told.append(self.tr("Variety covered {share}.").format(share=f"{covered:.0%}"))
        self.words.setText(" ".join([*told, *missing, *self._list.problems]))


def reason_word(reason: Reason) -> str:
    """Why a part is doubtful, in a word or two."""
    words = {
        Reason.FOCUS: QCoreApplication.translate("PartsPanel", "blurred"),
        Reason.EXPOSURE: QCoreApplication.translate("PartsPanel", "overexposed"),
        Reason.BRIGHTNESS: QCoreApplication.translate("PartsPanel", "in other light"),
        Reason.MISMATCH: QCoreApplication.translate("PartsPanel", "of another size"),
        Reason.NEAR_DUPLICATE: QCoreApplication.translate("PartsPanel", "near-duplicates"),
        Reason.UNUSUAL: QCoreApplication.translate("PartsPanel", "look unusual"),
        Reason.UNCHECKED: QCoreApplication.translate("PartsPanel", "not checked"),
        Reason.INCOMPLETE: QCoreApplication.translate("PartsPanel", "without record"),
    }
    return words[reason]
