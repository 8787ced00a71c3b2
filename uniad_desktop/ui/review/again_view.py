"""Judging again with another version: choose it, watch, pause, and see what changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from uniad_desktop.records.database import Records, RecordsError
from uniad_desktop.records.query import fetch
from uniad_desktop.records.schema import Label
from uniad_desktop.review.background import WorkState
from uniad_desktop.review.errors import ReviewError
from uniad_desktop.review.rescore import Comparison, Rescored, RescoreResult, Rescoring, compare
from uniad_desktop.review.source import ReviewSource
from uniad_desktop.teaching.version_list import KnownVersion, known_versions
from uniad_desktop.ui import text
from uniad_desktop.ui.background import Background
from uniad_desktop.ui.review.context import ReviewContext
from uniad_desktop.ui.review.score_scatter import ScoreScatter
from uniad_desktop.ui.review.words import SIGNS, label_word
from uniad_desktop.ui.teach.context import login
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.row_button import Row, RowButton
from uniad_desktop.ui.widgets.touch_button import TouchButton
from uniad_desktop.ui.widgets.touch_list import TouchList

MOST_FLIPS = 200
_HEAD = 72


class Run(Protocol):
    """A run of `review.rescore.Rescoring`, as far as the view needs it."""

    def beat(self) -> WorkState:
        """How it fares."""
        ...

    def pause(self) -> None:
        """Has it wait."""
        ...

    def resume(self) -> None:
        """Has it go on."""
        ...

    def cancel(self) -> None:
        """Has it end; what was judged stays."""
        ...

    def result(self) -> RescoreResult:
        """What was judged so far."""
        ...

    def close(self, timeout_s: float = 20.0) -> bool:
        """Ends it and waits."""
        ...


class Starts(Protocol):
    """Begins a run; on a worker."""

    def __call__(self, source: ReviewSource, ids: Sequence[int], model: str) -> Run:
        """Begins it."""
        ...


class AgainView(Panel):
    """One run at a time; it goes on whatever is shown.

    Args:
        context: where things are.
        start: begins a run; None: in a process of its own.
        parent: the parent widget.

    Signals:
        wished: id of an inspection to be looked at.
    """

    wished = Signal(int)

    def __init__(
        self,
        context: ReviewContext,
        start: Starts | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._start = start or self._in_a_process
        self._background = Background("review-again")
        self._run: Run | None = None
        self._state: WorkState | None = None
        self._beginning = False
        self._model = ""
        self._what: tuple[Records, list[int]] | None = None
        self._found: Comparison | None = None
        self.words = QLabel(self)
        self.words.setProperty("role", "sheetText")
        self.words.setWordWrap(True)
        self.choose = TouchButton(primary=True, parent=self)
        self.pause = TouchButton(parent=self)
        self.cancel = TouchButton(parent=self)
        self.bar = QProgressBar(self)
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.scatter = ScoreScatter(self)
        self.counts = QLabel(self)
        self._flip_rows: list[RowButton] = []
        self.flips = TouchList([], self)
        top = QWidget(self)
        top.setFixedHeight(_HEAD)  # three lines of words, or a button
        head = QHBoxLayout(top)
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(12)
        head.addWidget(self.words, 1)
        for button in (self.choose, self.pause, self.cancel):
            head.addWidget(button)
        figures = QVBoxLayout()
        figures.addWidget(self.scatter, 1)
        figures.addWidget(self.counts)
        self._below = QHBoxLayout()
        self._below.setSpacing(8)
        self._below.addLayout(figures, 1)
        self._below.addWidget(self.flips, 1)
        self.words.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(top)
        layout.addWidget(self.bar)
        layout.addLayout(self._below, 1)
        layout.addStretch()
        self.source: ReviewSource | None = None
        self.ids: Callable[[], list[int]] = list
        self.choose.clicked.connect(self.ask_version)
        self.pause.clicked.connect(self.switch_pause)
        self.cancel.clicked.connect(self.end)
        self.retranslate()

    def key_actions(self) -> dict[str, Callable[[], object]]:
        """What keys do while it is shown."""
        return {"R": self.ask_version, "A": self.switch_pause, "Del": self.end}

    def _in_a_process(self, source: ReviewSource, ids: Sequence[int], model: str) -> Run:
        return Rescoring(source, ids, self._context.data_folder, model, who=login())

    # what the engineer does

    def ask_version(self) -> None:
        """Reads the versions, then offers them."""
        if self.running:
            return
        folder = self._context.data_folder
        self._background.run(
            lambda: [one for one in known_versions(folder) if not one.problem],
            self._offer,
            self._context.say,
            (OSError,),
        )

    def _offer(self, versions: list[KnownVersion]) -> None:
        ids, source = self.ids(), self.source
        if source is None or not ids:
            self._context.say(self.tr("The filter leaves nothing that could be judged again."))
            return
        rows = [
            Row(
                f"{one.name}@{one.version}",
                f"{one.name} {one.version}",
                self.tr("in use") if one.active else one.created[:10],
                one.change,
            )
            for one in versions
        ]
        self._context.ask(
            self.tr("Judge {n} inspections again with").format(n=text.number(len(ids))),
            self.tr(
                "In the background; the line goes on. What is on record stays as it is: only the "
                "answers are compared."
            ),
            [],
            current=None,
            on_choice=lambda model: self.begin(source, ids, model),
            rows=rows,
        )

    def begin(self, source: ReviewSource, ids: list[int], model: str) -> None:
        """Begins a run with a version, ``NAME@VERSION``."""
        if self.running:
            return
        self._beginning, self._model = True, model
        self._state = self._found = None
        self._what = (source.records, ids)
        self._show_flips(())
        self._write()
        self._background.run(
            lambda: self._start(source, ids, model),
            self._begun,
            self._not_begun,
            (ReviewError, RecordsError),
        )

    def _begun(self, run: Run) -> None:
        self._beginning = False
        self._run = run
        self._write()

    def _not_begun(self, problem: str) -> None:
        self._beginning = False
        self._context.say(problem)
        self._write()

    def switch_pause(self) -> None:
        """Has it wait, or go on."""
        if self._run is not None and self._state is not None:
            if self._state.paused:
                self._run.resume()
            else:
                self._run.pause()

    def end(self) -> None:
        """Has it end after the image in hand; what was judged is compared."""
        if self._run is not None:
            self._run.cancel()

    @property
    def running(self) -> bool:
        """Whether a run is on."""
        return self._beginning or self._run is not None

    @property
    def found(self) -> Comparison | None:
        """What changed, once a run has ended."""
        return self._found

    # what comes of it

    def beat(self) -> None:
        """Asks how the run fares; returns at once."""
        self._background.beat()
        if self._run is None:
            return
        state = self._run.beat()
        if state != self._state:
            self._state = state
            self._write()
        if not state.running:
            self._ended(self._run)

    def _ended(self, run: Run) -> None:
        self._run = None
        if self._state is not None and self._state.problem:
            self._context.say(self._state.problem)
        what = self._what
        if what is None:
            return
        records, ids = what

        def look() -> Comparison:
            run.close()
            return compare(fetch(records, ids), run.result())

        self._background.run(look, self._compared, self._context.say, (ReviewError, RecordsError))
        self._write()

    def _compared(self, found: Comparison) -> None:
        self._found = found
        flipped = {one.record.id for one in found.flips}
        self.scatter.show_pairs(
            [(x, y) for x, y, one in found.scatter if one not in flipped],
            [(x, y) for x, y, one in found.scatter if one in flipped],
        )
        self._show_flips(found.flips)
        self._write()

    def _show_flips(self, flips: Sequence[Rescored]) -> None:
        rows = [self._flip_row(one) for one in flips[:MOST_FLIPS]]
        fresh = TouchList(rows, self)
        fresh.add_stretch()
        fresh.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self._below.replaceWidget(self.flips, fresh)
        self.flips.hide()
        self.flips.deleteLater()
        self.flips, self._flip_rows = fresh, rows

    def _flip_row(self, one: Rescored) -> RowButton:
        before, after = one.flip
        record, score = one.record, one.line.score
        now = text.NONE if score is None else text.score(score)
        title = (
            f"{SIGNS[before]} {text.verdict_word(before)} {text.score(record.score)} → "
            f"{SIGNS[after]} {text.verdict_word(after)} {now}"
        )
        label = label_word(record.label) if record.label is not Label.NONE else ""
        detail = self.tr("{product} · part {number}").format(
            product=self._context.title_of(record.product), number=text.number(record.number)
        )
        button = RowButton(Row(str(record.id), title, label, detail), "")
        button.clicked.connect(lambda _=False, chosen=record.id: self.wished.emit(chosen))
        return button

    # words

    def _write(self) -> None:
        state, run = self._state, self._run
        self.choose.setVisible(not self.running)
        for button in (self.pause, self.cancel):
            button.setVisible(run is not None)
        self.bar.setVisible(self.running)
        done = state.done if state is not None else 0
        total = state.total if state is not None else 0
        self.bar.setValue(round(1000 * done / total) if total else 0)
        paused = state is not None and state.paused
        self.pause.setText(self.tr("Go on (A)") if paused else self.tr("Pause (A)"))
        if self.running:
            self.words.setText(self._progress(done, total, state))
        elif self._found is not None:
            self.words.setText(self._outcome(self._found))
        elif self._what is not None:
            self.words.setText(self.tr("Comparing…") if state is not None else "")
        else:
            self.words.setText(
                self.tr(
                    "Judges what is chosen, else all that the filter leaves, again with another "
                    "version, and shows which verdicts change."
                )
            )
        lines = self._count_words()
        self.counts.setText("\n".join(lines))
        self.counts.setFixedHeight(self.counts.fontMetrics().lineSpacing() * len(lines) + 4)
        for widget in (self.scatter, self.counts, self.flips):
            widget.setVisible(self._found is not None)

    def _progress(self, done: int, total: int, state: WorkState | None) -> str:
        words = self.tr("{model}: {done} of {total}").format(
            model=self._model.replace("@", " "), done=text.number(done), total=text.number(total)
        )
        if state is not None and state.paused:
            words += self.tr(" · paused")
        elif state is not None and state.rate:
            words += self.tr(" · {rate:.1f} images/s").format(rate=state.rate)
            if state.seconds_left is not None:
                words += self.tr(" · {time} left").format(time=text.duration(state.seconds_left))
        return words

    def _outcome(self, found: Comparison) -> str:
        words = self.tr("{model}: {n} judged again, {flips} with another verdict").format(
            model=self._model.replace("@", " "),
            n=text.number(len(found.pairs)),
            flips=text.number(len(found.flips)),
        )
        if found.not_judged:
            left = self.tr(" · {n} not judged").format(n=text.number(len(found.not_judged)))
            words += left
        if found.changed:
            other = self.tr(" · of {n} the file is another one now")
            words += other.format(n=text.number(len(found.changed)))
        return words

    def _count_words(self) -> list[str]:
        found = self._found
        if found is None:
            return []
        lines = [
            f"{SIGNS[before]} {text.verdict_word(before)} → {SIGNS[after]} "
            f"{text.verdict_word(after)}: {text.number(n)}"
            for (before, after), n in sorted(found.counts.items(), key=lambda one: str(one[0]))
        ]
        effect = found.labels
        lines.append(
            self.tr("False rejects of {n} good: {before} → {after}").format(
                n=text.number(effect.good),
                before=text.number(effect.false_rejects_before),
                after=text.number(effect.false_rejects_after),
            )
        )
        lines.append(
            self.tr("Escapes of {n} defects: {before} → {after}").format(
                n=text.number(effect.defects),
                before=text.number(effect.escapes_before),
                after=text.number(effect.escapes_after),
            )
        )
        return lines

    def retranslate(self) -> None:
        """Writes all words anew."""
        self.choose.setText(self.tr("Judge again… (R)"))
        self.cancel.setText(self.tr("Cancel (Del)"))
        self._write()

    def close_down(self) -> None:
        """Ends run and worker."""
        if self._run is not None:
            self._run.close()
        self._background.close_down()
