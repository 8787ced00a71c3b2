"""The challenge set of a product: kept good and defective parts that a model has to judge right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from uniad_desktop.teaching.challenge import (
    ChallengeError,
    ChallengeImage,
    ChallengeResult,
    ChallengeSet,
    Label,
    Outcome,
)
from uniad_desktop.teaching.challenge_run import ChallengeReplay, add_files
from uniad_desktop.teaching.image_folder import StoreError
from uniad_desktop.ui import text
from uniad_desktop.ui.background import Background
from uniad_desktop.ui.teach.context import TeachContext, login
from uniad_desktop.ui.teach.part_preview import local_time
from uniad_desktop.ui.widgets.figure import Figure
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.thumb_grid import Mark, Thumb, ThumbGrid
from uniad_desktop.ui.widgets.touch_button import GAP, TouchButton


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is on the disk."""

    images: tuple[ChallengeImage, ...]
    folder: Path
    results: tuple[ChallengeResult, ...]
    problems: tuple[str, ...]


class ChallengeView(Panel):
    """Images with how the last replay judged them, and the replay itself.

    Args:
        context: where things are and whom to tell.
        parent: the parent widget.
    """

    def __init__(self, context: TeachContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._background = Background("challenge")
        self._product = ""
        self._kept: _Kept | None = None
        self._replay: ChallengeReplay | None = None
        card = Panel(self, card=True)
        self.heading = Figure("heading", parent=card)
        self.summary = QLabel(card)
        self.summary.setWordWrap(True)
        self.summary.setProperty("role", "sheetText")
        self.grid = ThumbGrid(parent=card)
        self.history = QLabel(card)
        self.history.setWordWrap(True)
        self.history.setProperty("role", "heading")
        inner = QVBoxLayout(card)
        inner.setContentsMargins(14, 8, 14, 12)
        inner.setSpacing(8)
        inner.addWidget(self.heading)
        inner.addWidget(self.summary)
        inner.addWidget(self.grid, 1)
        inner.addWidget(self.history)
        self.replay = TouchButton("play", primary=True, parent=self)
        self.add_good = TouchButton(parent=self)
        self.add_defects = TouchButton(parent=self)
        self.remove = TouchButton(parent=self)
        buttons = QHBoxLayout()
        buttons.setSpacing(12)
        buttons.addWidget(self.replay, 2)
        buttons.addSpacing(GAP - 24)
        buttons.addWidget(self.add_good, 1)
        buttons.addWidget(self.add_defects, 1)
        buttons.addSpacing(GAP - 24)
        buttons.addWidget(self.remove, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(card, 1)
        layout.addLayout(buttons)
        self.replay.clicked.connect(self.run_replay)
        self.add_good.clicked.connect(lambda: self.add(Label.GOOD))
        self.add_defects.clicked.connect(lambda: self.add(Label.DEFECT))
        self.remove.clicked.connect(self.remove_chosen)
        self.grid.selection_changed.connect(self._write)
        self.retranslate()

    def show_product(self, key: str, title: str) -> None:
        """Shows the challenge set of a product."""
        self._product = key
        self._kept = None
        self.grid.show_items([])
        self._write()
        self.reload()

    def reload(self) -> None:
        """Reads the set anew."""
        folder, product = self._context.data_folder, self._product
        if not product:
            return
        self._background.run(
            lambda: _read(folder, product), self._take, self._context.say, (StoreError,)
        )

    # what the engineer does

    def key_actions(self) -> dict[str, Callable[[], object]]:
        """What keys do here."""
        return {
            "S": self.run_replay,
            "O": lambda: self.add(Label.GOOD),
            "B": lambda: self.add(Label.DEFECT),
            "Delete": self.remove_chosen,
        }

    def run_replay(self) -> None:
        """Has the active version judge all images, beside the inspection."""
        if self._replay is not None or self._kept is None or not self._kept.images:
            return
        context = self._context
        try:
            self._replay = ChallengeReplay(
                context.data_folder, context.model, self._product, who=login()
            )
        except OSError as error:
            context.say(
                self.tr("No program can be started: {why}").format(why=error.strerror or error)
            )
        self._write()

    def add(self, label: Label) -> None:
        """Asks for a folder of images and keeps them."""
        title = (
            self.tr("Folder of good parts")
            if label is Label.GOOD
            else self.tr("Folder of defective parts")
        )
        chosen = QFileDialog.getExistingDirectory(self, title)
        if chosen:
            self.add_folder(Path(chosen), label)

    def add_folder(self, folder: Path, label: Label) -> None:
        """Keeps the images of a folder."""
        challenge = ChallengeSet(self._context.data_folder, self._product)
        self._background.run(
            lambda: add_files(challenge, folder, label, who=login()),
            self._added,
            self._added,  # some may have been kept before it failed
            (StoreError,),
        )

    def remove_chosen(self) -> None:
        """Puts the chosen images into the trash."""
        chosen = self.grid.selection()
        if not chosen:
            return
        challenge = ChallengeSet(self._context.data_folder, self._product)
        self._background.run(
            lambda: challenge.remove(chosen),
            lambda _: self.reload(),
            self._context.say,
            (StoreError,),
        )

    # what the window does

    def beat(self) -> None:
        """Takes what is finished; returns at once."""
        self._background.beat()
        if self.isVisible():
            self.grid.beat()
        if self._replay is None:
            return
        try:
            result = self._replay.result()
        except ChallengeError as error:
            self._context.say(str(error))
        else:
            if result is None:
                return
        self._replay.close()
        self._replay = None
        self.reload()

    def close_down(self) -> None:
        """Ends worker, thumbnails and replay."""
        self._background.close_down()
        self.grid.close_down()
        if self._replay is not None:
            self._replay.close()
            self._replay = None

    def showEvent(self, event: QShowEvent) -> None:
        """Images may have been kept, or replayed, since it was seen last."""
        super().showEvent(event)
        self.reload()

    @property
    def busy(self) -> bool:
        """Whether something is being read or replayed."""
        return self._background.busy or self._replay is not None

    def _added(self, words: str) -> None:
        self._context.say(words)
        self.reload()

    def _take(self, kept: _Kept) -> None:
        self._kept = kept
        self._fill(kept)
        self._write()

    def _fill(self, kept: _Kept) -> None:
        last = kept.results[-1] if kept.results else None
        judged = {case.id: case for case in last.cases} if last is not None else {}
        items = []
        for image in kept.images:
            case = judged.get(image.id)
            truth = (
                self.tr("good") if image.label is Label.GOOD else image.kind or self.tr("defect")
            )
            wrong = case is not None and (
                case.missed or case.rejected or case.outcome is Outcome.ERROR
            )
            outcome = text.NONE if case is None else case.outcome.value
            items.append(
                Thumb(
                    image.id,
                    kept.folder / f"{image.id}.png",
                    f"{truth} → {outcome}",
                    Mark.REJECTED if wrong else Mark.NONE,
                )
            )
        self.grid.show_items(items)

    def retranslate(self) -> None:
        """Writes all words anew."""
        self.heading.show_text(
            self.tr("CHALLENGE SET · KEPT PARTS THAT EVERY MODEL HAS TO JUDGE RIGHT")
        )
        self.add_good.setText(self.tr("Add good parts… (O)"))
        self.add_defects.setText(self.tr("Add defects… (B)"))
        if self._kept is not None:
            self._fill(self._kept)
        self._write()

    def _write(self) -> None:
        kept = self._kept
        chosen = len(self.grid.selection())
        self.remove.setText(
            self.tr("Remove {n} (Del)").format(n=chosen) if chosen > 1 else self.tr("Remove (Del)")
        )
        self.remove.setEnabled(chosen > 0)
        running = self._replay is not None
        self.replay.setText(self.tr("Replaying…") if running else self.tr("Replay now (S)"))
        self.replay.setEnabled(not running and kept is not None and bool(kept.images))
        if kept is None:
            self.summary.setText(self.tr("Reading…"))
            self.history.setText("")
            return
        good = sum(image.label is Label.GOOD for image in kept.images)
        if kept.images:
            told = self.tr(
                "{good} good parts and {bad} defects. They are replayed on demand, at the start of "
                "a shift and before another version goes live."
            ).format(good=good, bad=len(kept.images) - good)
        else:
            told = self.tr(
                "There are no challenge images yet. Keep some good parts, and one or more of every "
                "kind of defect: then nobody has to trust a model that was never tried."
            )
        self.summary.setText(" ".join([told, *kept.problems]))
        self.history.setText("\n".join(self._result_line(one) for one in kept.results[:-4:-1]))

    def _result_line(self, result: ChallengeResult) -> str:
        sign = "✓" if result.passed else "✕"
        right = len(result.cases) - sum(
            len(cases) for cases in (result.missed, result.rejected, result.errors)
        )
        return self.tr("{sign} {when} · {model} · {right} of {n} right · {who}").format(
            sign=sign,
            when=local_time(result.when),
            model=f"{result.model} {result.model_version}",
            right=right,
            n=len(result.cases),
            who=result.who or text.NONE,
        )


def _read(folder: Path, product: str) -> _Kept:
    challenge = ChallengeSet(folder, product)
    return _Kept(challenge.images(), challenge.folder, challenge.results(), challenge.problems())
