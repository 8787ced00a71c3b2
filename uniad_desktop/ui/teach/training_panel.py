"""The teaching: stages, curves, what it means for every product, and whether it goes live."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from uniad_desktop.teaching.teach_events import Stage
from uniad_desktop.teaching.teach_job import TeachResult, TeachState
from uniad_desktop.ui import text
from uniad_desktop.ui.widgets.check_table import CheckRow, CheckTable
from uniad_desktop.ui.widgets.figure import Figure
from uniad_desktop.ui.widgets.loss_chart import LossChart
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.touch_button import GAP, TouchButton
from uniad_desktop.ui.widgets.words import Words


@dataclass(frozen=True, slots=True)
class Face:
    """What the panel shows.

    Attributes:
        state: of the teaching that is running or was the last; None: there is none.
        result: of a teaching that was neither put into use nor given up; None: there is none.
        running_version: the version that inspects.
        titles: of products, by key.
        beside: how inspection fares meanwhile, a line.
        hint: what is to be known before a teaching is started.
        blocked: whether none can be started now.
        interrupted: whether a teaching was interrupted and can be continued.
    """

    state: TeachState | None = None
    result: TeachResult | None = None
    running_version: str = ""
    titles: Mapping[str, str] | None = None
    beside: str = ""
    hint: str = ""
    blocked: bool = False
    interrupted: bool = False

    @property
    def running(self) -> bool:
        """Whether a teaching is running."""
        return self.state is not None and self.state.running


class TrainingPanel(Panel):
    """Shows a `Face`; its buttons are public, the view connects them.

    Args:
        parent: the parent widget.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._face = Face()
        upper, lower = Panel(self, card=True), Panel(self, card=True)
        self.heading = Figure("heading", parent=upper)
        self.beside = Figure("caption", "", Qt.AlignmentFlag.AlignRight, parent=upper)
        self.stages: dict[Stage, QLabel] = {}
        cells = QHBoxLayout()
        cells.setSpacing(8)
        for stage in Stage:
            cell = self.stages[stage] = QLabel(upper)
            cell.setObjectName("stage")
            cells.addWidget(cell, 1)
        self.bar = QProgressBar(upper)
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.losses = LossChart(upper)
        head = QHBoxLayout()
        head.addWidget(self.heading, 2)
        head.addWidget(self.beside, 3)
        inner = QVBoxLayout(upper)
        inner.setContentsMargins(14, 8, 14, 10)
        inner.setSpacing(8)
        inner.addLayout(head)
        inner.addLayout(cells)
        inner.addWidget(self.bar)
        inner.addWidget(self.losses, 1)
        self.check_heading = Figure("heading", parent=lower)
        self.table = CheckTable(lower)
        self.words = Words(parent=lower)
        inner = QVBoxLayout(lower)
        inner.setContentsMargins(14, 8, 14, 10)
        inner.setSpacing(6)
        inner.addWidget(self.check_heading)
        inner.addWidget(self.table, 1)
        inner.addWidget(self.words)
        self.start = TouchButton("play", primary=True, parent=self)
        self.cancel = TouchButton(parent=self)
        self.keep = TouchButton(parent=self)
        self.activate = TouchButton(primary=True, parent=self)
        buttons = QHBoxLayout()
        buttons.setSpacing(12)
        buttons.addWidget(self.start, 2)
        buttons.addWidget(self.cancel, 1)
        buttons.addSpacing(GAP - 24)
        buttons.addWidget(self.keep, 1)
        buttons.addWidget(self.activate, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(upper, 5)
        layout.addWidget(lower, 6)
        layout.addLayout(buttons)
        self.retranslate()

    @property
    def face(self) -> Face:
        """What is shown."""
        return self._face

    def show_face(self, face: Face) -> None:
        """Shows another face; writes only what changed."""
        if face == self._face:
            return
        self._face = face
        self._write()

    def retranslate(self) -> None:
        """Writes all words anew."""
        self.heading.show_text(self.tr("2 · FINE-TUNE THE UNIFIED MODEL"))
        self._write()

    def _write(self) -> None:
        face, state = self._face, self._face.state
        self.beside.show_text(face.beside)
        self._write_stages(state)
        self.losses.show_losses(state.losses if state else (), state.steps if state else 0)
        self._write_result(face.result)
        self._write_buttons(face)

    def _write_stages(self, state: TeachState | None) -> None:
        done = 0.0
        for stage, cell in self.stages.items():
            progress = state.progress(stage) if state is not None else None
            fraction = progress.fraction if progress is not None else 0.0
            done += fraction
            finished = fraction >= 1.0
            active = state is not None and state.running and state.stage is stage and not finished
            look = "done" if finished else "active" if active else "waiting"
            if cell.property("look") != look:
                cell.setProperty("look", look)
                cell.style().unpolish(cell)
                cell.style().polish(cell)
            cell.setText(
                self._stage_words(stage, state, progress.seconds if progress else None, look)
            )
        self.bar.setValue(round(1000 * done / len(self.stages)))

    def _stage_words(
        self, stage: Stage, state: TeachState | None, seconds: float | None, look: str
    ) -> str:
        name = {
            Stage.FEATURES: self.tr("Features"),
            Stage.TRAINING: self.tr("Training"),
            Stage.LIMITS: self.tr("Limits"),
            Stage.CHECKS: self.tr("Check every product"),
        }[stage]
        if look == "done":
            return f"✓ {name} {text.duration(seconds)}"
        if look == "active" and state is not None:
            progress = state.progress(stage)
            share = f"{progress.fraction:.0%}" if progress is not None else ""
            if stage is Stage.TRAINING and state.eta_s is not None:
                return self.tr("{stage} {share} · {time} left").format(
                    stage=name, share=share, time=text.duration(state.eta_s)
                )
            return f"{name} {share}"
        return name

    def _write_result(self, result: TeachResult | None) -> None:
        if result is None:
            self.check_heading.show_text(
                self.tr("3 · BEFORE IT GOES LIVE: EVERY PRODUCT, ON HELD-OUT NORMAL PARTS")
            )
            self.table.show_rows(())
            self.words.setText(self._face.hint)
            return
        self.check_heading.show_text(
            self.tr("3 · BEFORE YOU ACTIVATE {version}: {former} → {version}").format(
                version=result.version, former=result.former
            )
        )
        self.table.show_rows(_rows(result, self._face.titles or {}))
        self.words.setText(" ".join(self._result_words(result)))

    def _result_words(self, result: TeachResult) -> list[str]:
        told = list(result.problems)
        if result.note:
            told.append(result.note)
        if result.odd:
            told.append(
                self.tr(
                    "{n} of the parts look unlike the others even now. Look at them (B): a defect "
                    "among them is taken for normal. Delete those and teach again."
                ).format(n=len(result.odd))
            )
        return [*told, *result.notes]

    def _write_buttons(self, face: Face) -> None:
        running = face.running
        self.start.setText(
            self.tr("Continue teaching (S)") if face.interrupted else self.tr("Start teaching (S)")
        )
        self.start.set_face("play", primary=face.result is None)
        self.start.setEnabled(not running and not face.blocked)
        self.cancel.setText(
            self.tr("Discard (X)") if face.interrupted and not running else self.tr("Cancel (X)")
        )
        self.cancel.setEnabled(running or face.interrupted)
        result = face.result
        self.keep.setText(
            self.tr("Keep {version}\n(K)").format(version=face.running_version)
            if result is not None
            else self.tr("Keep (K)")
        )
        self.keep.setEnabled(result is not None and not running)
        if result is None:
            words = self.tr("Activate (A)")
        elif result.problems:
            words = self.tr("Activate {version}\nalthough worse… (A)").format(
                version=result.version
            )
        else:
            words = self.tr("Activate {version} (A)").format(version=result.version)
        self.activate.setText(words)
        self.activate.set_face("", primary=result is not None and not result.problems)
        self.activate.setEnabled(result is not None and not running)


def _rows(result: TeachResult, titles: Mapping[str, str]) -> Sequence[CheckRow]:
    return [
        CheckRow(
            titles.get(check.key, check.key),
            check.parts,
            (check.rejected_before, check.rejected_after),
            (check.auroc_before, check.auroc_after),
            check.challenge,
            check.new,
            check.worse,
        )
        for check in sorted(result.checks, key=lambda one: not one.new)
    ]
