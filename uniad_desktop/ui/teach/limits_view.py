"""The limits of a product on a histogram: tried by hand, told at once, applied with a reason."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from uniad_desktop.engine.package import ModelPackage, PackageError
from uniad_desktop.teaching.activation import active_version
from uniad_desktop.teaching.image_folder import StoreError
from uniad_desktop.teaching.limit_change import change_limits
from uniad_desktop.training.calibration import CalibrationError
from uniad_desktop.ui.background import Background
from uniad_desktop.ui.teach.context import TeachContext, login
from uniad_desktop.ui.teach.limit_choice import LimitChoice
from uniad_desktop.ui.teach.limit_desk import LimitDesk, Loaded, load
from uniad_desktop.ui.teach.limit_reason import ask_reason
from uniad_desktop.ui.teach.limit_scoring import ScoreKeeper
from uniad_desktop.ui.teach.limit_words import promise, rows, unusual
from uniad_desktop.ui.widgets.figure_table import FigureTable
from uniad_desktop.ui.widgets.limit_chart import LimitChart
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.touch_button import TouchButton
from uniad_desktop.ui.widgets.touch_list import TouchList

LOOK_EVERY_S = 1.0
_EXPECTED = (PackageError, StoreError, CalibrationError, OSError)
_RIGHT_COLUMN = 430


class LimitsView(Panel):
    """Reads when it is seen; files, the model and the scoring never hold up the window.

    Args:
        context: where things are and whom to tell.
        parent: the parent widget.
    """

    def __init__(self, context: TeachContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._background = Background("limits")
        self._product, self._title = "", ""
        self._asked = 0  # number of the last reading; an older one is not shown any more
        self._loaded: Loaded | None = None
        self._desk: LimitDesk | None = None
        self._keeper = ScoreKeeper(context.data_folder, self._background, self.reload, context.say)
        self._busy = False  # a reading or a change is under way
        self._looked_at = 0.0
        self._looking = False
        self.result = ""
        self.chart = LimitChart(self)
        self.choice = LimitChoice(self)
        self.table = FigureTable(6, self)
        self.words = QLabel(self)
        self.unusual = QLabel(self)
        self.state = QLabel(self)
        self.state.setProperty("role", "sheetText")
        self.nothing = QLabel(self)  # stands where the chart would be
        self.nothing.setProperty("role", "sheetText")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.setWordWrap(True)
        self.revert = TouchButton(main=True, parent=self)
        self.apply = TouchButton(main=True, primary=True, parent=self)
        self._lay_out()
        self.chart.moved.connect(self._moved)
        self.choice.rate_chosen.connect(lambda rate: self._try(lambda desk: desk.choose_rate(rate)))
        self.choice.band_chosen.connect(lambda rate: self._try(lambda desk: desk.open_band(rate)))
        self.choice.band.clicked.connect(self.switch_band)
        self.revert.clicked.connect(self.go_back)
        self.apply.clicked.connect(self.ask_reason)
        self.retranslate()

    def _lay_out(self) -> None:
        for label in (self.words, self.unusual, self.state):
            label.setWordWrap(True)
            label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.nothing, 1)
        left.addWidget(self.chart, 1)
        left.addWidget(self.choice)
        column = QWidget(self)
        column.setFixedWidth(_RIGHT_COLUMN)
        right = QVBoxLayout(column)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(8)
        right.addWidget(self.table)
        texts = TouchList([self.state, self.words, self.unusual], self)
        texts.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        texts.add_stretch()
        right.addWidget(texts, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(16)
        buttons.addWidget(self.revert, 2)
        buttons.addWidget(self.apply, 3)
        right.addLayout(buttons)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addLayout(left, 1)
        layout.addWidget(column)

    # what the page says

    def show_product(self, key: str, title: str) -> None:
        """Shows another product, read as soon as the view is seen."""
        if key != self._product:
            self._keeper.stop()
            self._loaded = self._desk = None
            self.result = ""
        self._product, self._title = key, title
        if self.isVisible():
            self.reload()
        self._refresh()

    def key_actions(self) -> dict[str, Callable[[], object]]:
        """What keys do here."""
        return {"A": self.ask_reason, "Z": self.go_back, "B": self.switch_band}

    def beat(self) -> None:
        """Takes what the worker and the scoring finished; returns at once."""
        self._background.beat()
        if self._keeper.busy:
            self._keeper.beat()
            self._show_state()
        now = time.monotonic()
        if self.isVisible() and not self._looking and now - self._looked_at > LOOK_EVERY_S:
            self._look(now)

    def close_down(self) -> bool:
        """Ends the scoring and the worker; whether the scoring ended by itself."""
        self._background.close_down()
        return self._keeper.close()

    @property
    def desk(self) -> LimitDesk | None:
        """The limits being tried; None while nothing is shown."""
        return self._desk

    @property
    def busy(self) -> bool:
        """Whether something is being read, scored or written."""
        return self._busy or self._keeper.busy

    # reading

    def reload(self) -> None:
        """Reads version, parts and scores anew; lines that were moved go back."""
        if not self._product:
            return
        self._asked += 1
        self._busy = True
        number, context, key = self._asked, self._context, self._product
        self._background.run(
            lambda: load(context.data_folder, context.model, key),
            lambda loaded: self._take(number, loaded),
            lambda sentence: self._failed(number, sentence),
            _EXPECTED,
        )
        self._show_state()

    def _take(self, number: int, loaded: Loaded) -> None:
        if number != self._asked:
            return
        self._busy = False
        same = self._loaded is not None and _same(self._loaded, loaded)
        self._loaded = loaded
        if not same or self._desk is None:
            self._desk = LimitDesk(loaded) if loaded.entry is not None else None
            self._show_product_scores()
        self._keeper.offer(loaded)
        self._refresh()

    def _failed(self, number: int, sentence: str) -> None:
        if number == self._asked:
            self._busy = False
            self._context.say(sentence)
            self._refresh()

    def _show_product_scores(self) -> None:
        desk = self._desk
        if desk is None:
            return
        known = desk.entry.calibration
        marks = None if desk.good.size else (known.median, known.largest)
        self.chart.show_scores(desk.good, desk.bad, desk.entry.reject, marks)

    def _look(self, now: float) -> None:
        """Whether another version is active by now: somebody else may have changed it."""
        self._looked_at, self._looking = now, True
        context = self._context

        def seen(sha256: str) -> None:
            self._looking = False
            loaded = self._loaded
            if loaded is None or self._busy or sha256 in ("", loaded.package.identity.sha256):
                return
            if self._desk is not None and self._desk.changed:
                context.say(
                    self.tr(
                        "Another version of the model became active; its limits are shown, and "
                        "what was being tried is gone."
                    )
                )
            self.result = ""
            self.reload()

        def not_seen(sentence: str) -> None:
            self._looking = False

        def work() -> str:
            active = active_version(context.data_folder, context.model)
            return active.sha256 if active is not None else ""

        self._background.run(work, seen, not_seen, _EXPECTED)

    # trying

    def _moved(self, accept: float, reject: float) -> None:
        if self._desk is not None:
            self._desk.move(accept, reject)
            self.result = ""
            self._refresh()

    def _try(self, change: Callable[[LimitDesk], None]) -> None:
        if self._desk is not None and not self._busy:
            change(self._desk)
            self.result = ""
            self._refresh()

    def switch_band(self) -> None:
        """Opens the review band, or takes it away."""
        self._try(lambda desk: desk.close_band() if desk.band else desk.open_band())
        self._refresh()  # a checkable button that did nothing is to look so

    def go_back(self) -> None:
        """The lines go back to the limits in force."""
        self._try(lambda desk: desk.revert())

    # applying

    def ask_reason(self) -> None:
        """Asks why, then applies."""
        desk = self._desk
        if desk is None or not desk.changed or self._busy:
            return
        ask_reason(self._context.ask, self._title, desk, self._apply)

    def _apply(self, why: str) -> None:
        loaded, desk = self._loaded, self._desk
        if loaded is None or desk is None or not desk.changed or self._busy:
            return
        folder, change = self._context.data_folder, desk.change()
        self._busy, who = True, login()
        self._background.run(
            lambda: change_limits(folder, loaded.package, change, loaded.scores, who=who, why=why),
            self._applied,
            self._not_applied,
            _EXPECTED,
        )
        self._refresh()

    def _applied(self, package: ModelPackage) -> None:
        self._busy = False
        self.result = self.tr("{version} is active and takes over as soon as it is ready.").format(
            version=package.identity.version
        )
        self.reload()

    def _not_applied(self, sentence: str) -> None:
        self._busy = False
        self._context.say(sentence)
        self.reload()

    # showing

    def _refresh(self) -> None:
        """Everything that follows from the limits being tried; nothing is read."""
        desk = self._desk
        for part in (self.chart, self.choice, self.table):
            part.setVisible(desk is not None)
        self.nothing.setVisible(desk is None)
        if desk is not None:
            self.chart.show_limits(desk.accept, desk.reject, band=desk.band)
            self.choice.show_desk(desk, enabled=not self._busy)
            self._show_figures(desk)
        self.words.setText(promise(desk) if desk is not None else "")
        self.unusual.setText(unusual(desk) if desk is not None else "")
        self.unusual.setVisible(bool(self.unusual.text()))
        changed = desk is not None and desk.changed
        self.revert.setEnabled(changed and not self._busy)
        self.apply.setEnabled(changed and not self._busy)
        self.apply.set_face("", primary=self.apply.isEnabled())
        self._show_state()

    def _show_figures(self, desk: LimitDesk) -> None:
        area = desk.loaded.auroc
        title = "" if area is None else self.tr("AUROC {value}").format(value=f"{area:.4f}")
        self.table.show_head(title, self.tr("in force"), self.tr("with these lines"))
        self.table.show_rows(rows(desk))

    def _show_state(self) -> None:
        words = self._state_words()
        told = self.nothing if self._desk is None else self.state
        if words != told.text():
            told.setText(words)
        shown = bool(words) and told is self.state
        if self.state.isHidden() == shown:
            self.state.setVisible(shown)

    def _state_words(self) -> str:
        loaded = self._loaded
        if self._keeper.busy:
            done, parts = self._keeper.progress
            parts = parts or (len(loaded.parts.samples) if loaded else 0)
            return self.tr("Scoring {n} parts… {done} done").format(n=parts, done=done)
        if self.result:
            return self.result
        if self._product and loaded is None:
            return self.tr("Reading…") if self._busy else ""
        if loaded is not None and loaded.entry is None:
            return self.tr(
                "The model does not know “{product}” yet, so it has no limits; teach it first."
            ).format(product=self._title)
        return ""

    def retranslate(self) -> None:
        """Writes all words anew."""
        self.revert.setText(self.tr("Revert\n(Z)"))
        self.apply.setText(self.tr("Apply… (A)"))
        self._refresh()

    # Qt

    def showEvent(self, event: QShowEvent) -> None:
        """Parts may have been collected since it was seen last."""
        super().showEvent(event)
        self.reload()


def _same(one: Loaded, other: Loaded) -> bool:
    """Whether a second reading brought nothing new."""
    return (
        one.product == other.product
        and one.package.identity == other.package.identity
        and one.parts.key == other.parts.key
        and (one.scores is None) == (other.scores is None)
    )
