"""Parts on the left; on the right the camera, one part, or the teaching."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QGridLayout, QHBoxLayout, QStackedWidget, QWidget

from uniad_desktop.inspection.types import StationState
from uniad_desktop.teaching.collection import Part, State
from uniad_desktop.teaching.coverage import LEAST_PARTS, coverage_of
from uniad_desktop.ui import language, text
from uniad_desktop.ui.teach.collect_control import CollectControl
from uniad_desktop.ui.teach.collect_words import last_words
from uniad_desktop.ui.teach.context import TeachContext
from uniad_desktop.ui.teach.coverage_words import coverage_words
from uniad_desktop.ui.teach.live_panel import LivePanel
from uniad_desktop.ui.teach.part_preview import PartPreview
from uniad_desktop.ui.teach.parts_panel import PartsPanel
from uniad_desktop.ui.teach.teach_control import TeachControl
from uniad_desktop.ui.teach.teach_questions import TeachQuestions
from uniad_desktop.ui.teach.training_panel import Face, TrainingPanel
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.touch_button import TouchButton

LEFT_COLUMN = 440


class TrainView(Panel):
    """Shows what its two controls are at, and hands them what the engineer does.

    Args:
        context: where things are and whom to tell.
        parent: the parent widget.
    """

    def __init__(self, context: TeachContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._product = self._title = ""
        self.collect = CollectControl(context, self)
        self.teaching = TeachControl(context, self)
        self._questions = TeachQuestions(context, self.teaching, self)
        self.parts = PartsPanel(self)
        self.from_camera = TouchButton(primary=True, parent=self)
        self.from_folder = TouchButton(parent=self)
        self.look = TouchButton(parent=self)
        self.undo = TouchButton(parent=self)
        self.live = LivePanel(self)
        self.preview = PartPreview(context, self)
        self.training = TrainingPanel(self)
        self._right = QStackedWidget(self)
        for face in (self.training, self.live, self.preview):
            self._right.addWidget(face)
        self._lay_out()
        self._connect()
        self.retranslate()

    def _lay_out(self) -> None:
        column = QWidget(self)
        column.setFixedWidth(LEFT_COLUMN)
        left = QGridLayout(column)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(8)
        left.addWidget(self.parts, 0, 0, 1, 2)
        left.setRowStretch(0, 1)
        left.setColumnStretch(0, 1)
        left.setColumnStretch(1, 1)
        left.addWidget(self.from_camera, 1, 0)
        left.addWidget(self.from_folder, 1, 1)
        left.addWidget(self.look, 2, 0)
        left.addWidget(self.undo, 2, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(column)
        layout.addWidget(self._right, 1)

    def _connect(self) -> None:
        self.collect.changed.connect(self._show_parts)
        self.parts.selection_changed.connect(self._show_preview)
        for button, action in (
            (self.from_camera, self.collect.ask),
            (self.from_folder, self.add_folder),
            (self.look, self.look_at_doubtful),
            (self.undo, self.collect.undo),
            (self.live.take, self.collect.take_one),
            (self.live.stop, self.collect.stop),
            (self.preview.accept, self.accept),
            (self.preview.delete, self.delete),
            (self.preview.defect, self.keep_as_challenge),
            (self.preview.note, self.ask_note),
            (self.preview.back, self.escape),
            (self.training.start, self.start),
            (self.training.cancel, self.cancel),
            (self.training.keep, self._questions.ask_keep),
            (self.training.activate, self.activate),
        ):
            button.clicked.connect(lambda _=False, chosen=action: chosen())

    def show_product(self, key: str, title: str) -> None:
        """Goes on with another product."""
        self._product, self._title = key, title
        self.live.clear()
        self.collect.show_product(key, title)
        self.teaching.read()

    # what the engineer does

    def key_actions(self) -> dict[str, Callable[[], object]]:
        """What keys do here."""
        actions: dict[str, Callable[[], object]] = {
            "C": self.collect.ask,
            "O": self.add_folder,
            "B": lambda: self.look_at_doubtful() if _offered(self.look) else None,
            "Ctrl+Z": self.collect.undo,
            "I": lambda: self.collect.take_one() if _offered(self.live.take) else None,
            "Y": self.accept,
            "Delete": self.delete,
            "J": self.keep_as_challenge,
            "N": self.ask_note,
            "S": self.start,
            "X": self.cancel,
            "K": lambda: self._questions.ask_keep() if _offered(self.training.keep) else None,
            "A": self.activate,
        }
        return actions

    def add_folder(self) -> None:
        """Asks for a folder of good parts."""
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Folder of good parts"))
        if chosen:
            self.collect.add_folder(Path(chosen))

    def look_at_doubtful(self) -> None:
        """Shows the parts that the teaching found odd, else the doubtful ones, the first large."""
        odd = self._odd()
        if odd:
            self.parts.show_state(State.ACCEPTED)
            self.parts.grid.choose(odd)
            self.parts.grid.go_to(odd[0])
            return
        waiting = self.collect.parts.of(State.DOUBTFUL)
        self.parts.show_state(State.DOUBTFUL)
        if waiting:
            self.parts.grid.choose([waiting[0].id])
            self.parts.grid.go_to(waiting[0].id)

    def _odd(self) -> list[str]:
        """Ids of accepted parts that look unlike the others even after the last teaching."""
        result = self.teaching.result
        if result is None or result.product != self._product:
            return []
        named = {Path(one).stem for one in result.odd}
        return [part.id for part in self.collect.parts.of(State.ACCEPTED) if part.id in named]

    def accept(self) -> None:
        """Takes the chosen parts in and goes on to the next doubtful one."""
        self._judge(self.collect.accept, State.ACCEPTED)

    def delete(self) -> None:
        """Puts the chosen parts into the trash and goes on to the next doubtful one."""
        self._judge(self.collect.delete, State.REJECTED)

    def keep_as_challenge(self) -> None:
        """The chosen parts show a defect: they go to the challenge set and to the trash here."""
        self._judge(self.collect.keep_as_challenge, None)

    def _judge(self, judge: Callable[[list[str]], None], known: State | None) -> None:
        chosen = [part.id for part in self.parts.chosen() if part.state is not known]
        if chosen:
            if self.parts.state is State.DOUBTFUL:
                self.parts.go_on_from(chosen)
            judge(chosen)

    def ask_note(self) -> None:
        """Asks for a note to the chosen part."""
        chosen = self.parts.chosen()
        if len(chosen) == 1:
            part = chosen[0]
            self._context.ask(
                self.tr("Note"),
                self.tr("It stays with the part."),
                [("save", self.tr("Save"))],
                current=None,
                on_choice=lambda note: self.collect.note(part.id, note),
                entry=part.note,
                emptiable=bool(part.note),
            )

    def start(self) -> None:
        """Starts the teaching, or continues it."""
        if _offered(self.training.start):
            counts = self.collect.parts.counts
            self._questions.ask_start(self._product, self._title, counts)

    def cancel(self) -> None:
        """Stops the teaching, or gives an interrupted one up."""
        if _offered(self.training.cancel):
            self._questions.ask_cancel()

    def activate(self) -> None:
        """Puts the taught version into use."""
        if _offered(self.training.activate):
            self._questions.ask_activate()

    def escape(self) -> None:
        """Back from a part to the teaching."""
        self.parts.grid.clear_selection()

    # what is shown

    def beat(self) -> None:
        """Takes what was done meanwhile; returns at once."""
        self.collect.beat()
        self.teaching.beat()
        self._questions.beat()
        self.preview.beat()
        self.live.beat()
        if not self.isVisible():
            return
        self.parts.beat()
        self._show_right()
        if self._right.currentWidget() is self.live:
            self._show_live()
        elif self._right.currentWidget() is self.training:
            face = self._face()
            if face.result != self.training.face.result:
                self._write_buttons()
            self.training.show_face(face)

    def state_words(self) -> str:
        """What goes on, a line for the head of the page."""
        told = []
        state, teaching = self.collect.state, self.teaching.state
        if self.collect.collecting:
            told.append(
                self.tr("● Collecting · {taken} taken in, {aside} set aside").format(
                    taken=text.number(state.taken), aside=text.number(state.aside)
                )
            )
        if state.files_done < state.files and not state.problem:
            told.append(
                self.tr("Taking in files: {done} of {count}").format(
                    done=text.number(state.files_done), count=text.number(state.files)
                )
            )
        if teaching is not None and teaching.running:
            title = self._titles().get(teaching.product, teaching.product)
            told.append(self.tr("Teaching {product}").format(product=title))
        return "  ·  ".join(told)

    def close_down(self) -> None:
        """Ends workers and processes; a teaching can be continued later."""
        self.collect.close_down()
        self.teaching.close_down()
        self.preview.close_down()
        self.live.close_down()
        self.parts.close_down()

    def _show_parts(self) -> None:
        self.parts.show_list(self.collect.parts)
        coverage = self.collect.coverage
        if coverage is None:  # how varied they are is not known yet, how many is
            coverage = coverage_of(None, parts=self.collect.parts.counts.accepted)
        covered = coverage.covered[-1] if coverage.covered else None
        self.parts.show_coverage(covered, coverage_words(coverage))
        self._show_preview()
        self._write_buttons()

    def _chosen(self) -> tuple[Part | None, int]:
        chosen = self.parts.chosen()
        current = self.parts.grid.current()
        last = next((part for part in chosen if part.id == current), None)
        return (last or (chosen[-1] if chosen else None)), len(chosen)

    def _show_preview(self) -> None:
        self._show_right()
        self.preview.show_part(self._product, *self._chosen())

    def _show_right(self) -> None:
        if self._chosen()[1]:
            face: QWidget = self.preview
        else:
            face = self.live if self.collect.collecting else self.training
        if self._right.currentWidget() is not face:
            self._right.setCurrentWidget(face)
            self._write_buttons()

    def _show_live(self) -> None:
        rule = self.collect.rule
        self.live.show_frame(self.collect.state.frame)
        self.live.show_words(
            self.collect.rule_words(rule) if rule else "",
            last_words(self.collect.state, self._context.station.state),
            by_hand=rule == "hand",
        )

    def _face(self) -> Face:
        station, teaching = self._context.station, self.teaching
        latency, counters = station.latency(), station.counters()
        beside = ""
        if teaching.running and station.state is StationState.RUNNING:
            beside = self.tr(
                "inspection goes on: latency p50 / p99 {p50} / {p99} ms, {n} not inspected"
            ).format(
                p50=text.milliseconds(latency.p50),
                p99=text.milliseconds(latency.p99),
                n=text.number(text.not_inspected(counters)),
            )
        hint, blocked = self._hint()
        return Face(
            state=teaching.state,
            result=teaching.result,
            running_version=station.model.version,
            titles=self._titles(),
            beside=beside,
            hint=hint,
            blocked=blocked,
            interrupted=teaching.unfinished is not None and not teaching.running,
        )

    def _titles(self) -> dict[str, str]:
        """Titles of all products, by key."""
        code = language.current()
        known = {one.key: one.title(code) for one in self._context.station.products}
        own = {one.key: one.title(code) for one in self.teaching.products}
        return {**known, **own, self._product: self._title}

    def _hint(self) -> tuple[str, bool]:
        """What is to be known before a teaching, and whether it forbids one."""
        if self.teaching.running:
            return "", False
        left = self.teaching.unfinished
        if left is not None:
            key = left.record.product
            told = self.tr(
                "The teaching of “{product}” that {who} began was interrupted; continue or discard "
                "it."
            ).format(product=self._titles().get(key, key), who=left.record.who)
            return " ".join(filter(None, (told, left.record.problem, left.warning))), left.running
        accepted = self.collect.parts.counts.accepted
        if accepted < LEAST_PARTS:
            told = self.tr("{least} good parts are the least to teach a product; {more} more.")
            return told.format(least=LEAST_PARTS, more=LEAST_PARTS - accepted), True
        if self.teaching.result is not None:
            return "", False
        told = self.tr(
            "Ready: {n} good parts. Teaching makes a next version of the model and shows here how "
            "every product fares with it; nothing goes live before you say so."
        )
        return told.format(n=text.number(accepted)), False

    def _write_buttons(self) -> None:
        collecting = self.collect.collecting
        self.from_camera.setText(
            self.tr("Stop collecting (C)") if collecting else self.tr("Collect from\ncamera (C)")
        )
        self.from_camera.set_face("", primary=not collecting)
        odd, waiting = len(self._odd()), self.collect.parts.counts.doubtful
        words = (
            self.tr("Look at {n}\nodd parts (B)").format(n=text.number(odd))
            if odd
            else self.tr("Look at {n}\ndoubtful (B)").format(n=text.number(waiting))
        )
        self.look.setText(words)
        self.look.setEnabled(odd + waiting > 0)

    def retranslate(self) -> None:
        """Writes all words anew."""
        self.from_folder.setText(self.tr("Add from folder… (O)"))
        self.undo.setText(self.tr("Undo (Ctrl+Z)"))
        self._show_parts()


def _offered(button: TouchButton) -> bool:
    """Whether a tap on it would do something: then its key does, too."""
    return button.isVisible() and button.isEnabled()
