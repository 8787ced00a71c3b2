"""Another limit on stored scores: what it would have rejected, at once and without a model."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from uniad_desktop.records.database import Records, RecordsError
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.records.schema import Label
from uniad_desktop.review.errors import ReviewError
from uniad_desktop.review.what_if import WhatIf
from uniad_desktop.ui import text
from uniad_desktop.ui.background import Background
from uniad_desktop.ui.review.context import ReviewContext
from uniad_desktop.ui.review.what_if_desk import Desk, load_desk, put_in_force
from uniad_desktop.ui.teach.context import login
from uniad_desktop.ui.widgets.figure_table import FigureTable
from uniad_desktop.ui.widgets.limit_chart import LimitChart
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.touch_button import TouchButton
from uniad_desktop.ui.widgets.words import Words

_ROWS = 6


class WhatIfView(Panel):
    """Follows the filter while it is shown.

    Args:
        context: where things are.
        parent: the parent widget.
    """

    def __init__(self, context: ReviewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._background = Background("review-what-if")
        self._asked: tuple[int, str, RecordFilter] | None = None
        self._generation = 0
        self._desk: Desk | None = None
        self._what: WhatIf | None = None
        self._cameras = ""
        self.message = QLabel(self)
        self.message.setProperty("role", "sheetText")
        self.message.setWordWrap(True)
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.chart = LimitChart(self)
        self.table = FigureTable(_ROWS, self)
        self.words = Words(parent=self)
        self.apply = TouchButton(primary=True, parent=self)
        self.revert = TouchButton(parent=self)
        shown = QWidget(self)
        buttons = QHBoxLayout()
        buttons.setSpacing(12)
        buttons.addWidget(self.words, 1)
        buttons.addWidget(self.revert)
        buttons.addWidget(self.apply)
        inner = QVBoxLayout(shown)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(8)
        inner.addWidget(self.chart, 1)
        inner.addWidget(self.table)
        inner.addLayout(buttons)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.message)
        self._stack.addWidget(shown)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)
        self.chart.moved.connect(self._moved)
        self.apply.clicked.connect(self.ask_why)
        self.revert.clicked.connect(self.take_back)
        self.retranslate()
        self._say("")

    def key_actions(self) -> dict[str, Callable[[], object]]:
        """What keys do while it is shown."""
        return {"A": self.ask_why, "Backspace": self.take_back}

    @property
    def shows_chart(self) -> bool:
        """Whether there are scores to look at."""
        return self._stack.currentIndex() == 1

    # what is shown

    def show_filter(
        self,
        records: Records | None,
        product: str,
        wanted: RecordFilter | None,
        cameras: str = "",
    ) -> None:
        """Reads the scores of a product, unless they are shown already.

        Args:
            records: the database.
            product: key; empty where the filter leaves several.
            wanted: the filter.
            cameras: what the cameras that it leaves are called; empty where it leaves all.
        """
        if records is None or wanted is None:
            return
        if cameras != self._cameras:
            self._cameras = cameras
            self._write()
        if not product:
            self._asked = None
            self._generation += 1
            self._say(self.tr("Limits belong to a product: choose one at the left (B)."))
            return
        asked = (id(records), product, wanted)
        if asked == self._asked:
            return
        self._asked = asked
        self._load(records, product, wanted)

    def outdate(self) -> None:
        """Something was labelled: the scores are read again when they are shown next."""
        self._asked = None

    def _load(self, records: Records, product: str, wanted: RecordFilter) -> None:
        self._generation += 1
        generation, context = self._generation, self._context
        if self._desk is None or self._desk.product != product:
            self._say(self.tr("Reading the scores…"))
        self._background.run(
            lambda: load_desk(context.data_folder, context.model, records, product, wanted),
            lambda desk: self._take(desk) if generation == self._generation else None,
            lambda why: self._say(why) if generation == self._generation else None,
            (ReviewError, RecordsError),
        )

    def _take(self, desk: Desk) -> None:
        if not len(desk.table):
            self._desk = None
            self._say(
                self.tr(
                    "The filter leaves no inspection of this product by the network in use, so "
                    "there are no scores to hold a limit against."
                )
            )
            return
        same = self._desk is not None and self._desk.package.identity == desk.package.identity
        same = same and self._desk is not None and self._desk.product == desk.product
        limits = self.chart.limits() if same else (desk.entry.accept, desk.entry.reject)
        self._desk = desk
        table = desk.table
        unknown = [*table.scores(Label.NONE), *table.scores(Label.UNSURE)]
        self.chart.show_scores(
            table.scores(Label.GOOD), table.scores(Label.DEFECT), desk.entry.reject, None, unknown
        )
        self.chart.show_limits(*limits, band=desk.entry.accept != desk.entry.reject)
        self._stack.setCurrentIndex(1)
        self._moved(*limits)

    def _say(self, sentence: str) -> None:
        if sentence or not self.shows_chart:
            self.message.setText(sentence)
            self._stack.setCurrentIndex(0)

    # limits

    def _moved(self, accept: float, reject: float) -> None:
        if self._desk is not None:
            self._what = self._desk.table.at(reject, accept)
            self._write()

    def take_back(self) -> None:
        """Puts the lines where the limits in force are."""
        if self._desk is not None and self.shows_chart:
            entry = self._desk.entry
            self.chart.show_limits(entry.accept, entry.reject, band=entry.accept != entry.reject)
            self._moved(entry.accept, entry.reject)

    @property
    def changed(self) -> bool:
        """Whether there is something to apply."""
        desk, what = self._desk, self._what
        return (
            desk is not None
            and what is not None
            and (what.limits.accept, what.limits.reject) != (desk.entry.accept, desk.entry.reject)
        )

    def ask_why(self) -> None:
        """Asks for the reason, then makes the limits those of the product."""
        desk, what, context = self._desk, self._what, self._context
        if desk is None or what is None or not self.changed or not self.shows_chart:
            return
        who = login()

        def put(why: str) -> None:
            self.apply.setEnabled(False)
            self._background.run(
                lambda: put_in_force(
                    context.data_folder,
                    context.url,
                    desk,
                    what,
                    station=context.station,
                    who=who,
                    why=why,
                ),
                lambda made: self._applied(made.identity.version),
                self._not_applied,
                (ReviewError,),
            )

        words = self.tr(
            "The next version of the model is written and decides from the next part on; the "
            "former one stays. The reason goes on record."
        )
        if self._cameras:
            every = self.tr(
                "The limit is that of the product on every camera, not only of {camera}."
            )
            words = f"{every.format(camera=self._cameras)} {words}"
        context.ask(
            self.tr("Why is the limit of “{product}” changed?").format(
                product=context.title_of(desk.product)
            ),
            words,
            [("apply", self.tr("Apply"))],
            current=None,
            on_choice=put,
            entry="",
        )

    def _applied(self, version: str) -> None:
        self._desk = None
        self._asked = None
        self._say(
            self.tr("Version {version} with this limit is in use now.").format(version=version)
        )

    def _not_applied(self, problem: str) -> None:
        self._context.say(problem)
        self._write()

    # words

    def _write(self) -> None:
        desk, what = self._desk, self._what
        if desk is None or what is None:
            return
        now = desk.table.at(desk.entry.reject, desk.entry.accept)
        of = self.tr("{n} of {all}")
        whole, labels = len(desk.table), (what.good, what.defects)
        unlabelled = what.unlabelled_above + what.unlabelled_below
        rows = [(self.tr("Fail"), now.failed, what.failed, whole, "")]
        if desk.entry.accept != desk.entry.reject:
            rows.append((self.tr("Review"), now.review, what.review, whole, ""))
        rows += [
            (
                self.tr("Good parts that fail (false rejects)"),
                *(now.false_rejects, what.false_rejects, labels[0], ""),
            ),
            (
                self.tr("Defects that pass (escapes)"),
                *(now.escapes, what.escapes, labels[1]),
                "alarm_text" if what.escapes > now.escapes else "",
            ),
            (
                self.tr("Without label, fail"),
                *(now.unlabelled_above, what.unlabelled_above, unlabelled, ""),
            ),
        ]
        self.table.show_head(
            self.tr("STORED INSPECTIONS"), self.tr("limit in force"), self.tr("limit being tried")
        )
        self.table.show_rows(
            [
                (
                    name,
                    of.format(n=text.number(former), all=text.number(all_of_them)),
                    of.format(n=text.number(tried), all=text.number(all_of_them)),
                    token,
                )
                for name, former, tried, all_of_them, token in rows
            ]
        )
        turned = sum(what.changes.values())
        words = self.tr(
            "{n} inspections would have another verdict than on record. Verdict, label and "
            "score of the filter do not count here."
        ).format(n=text.number(turned))
        if self._cameras:
            only = self.tr("Counted are parts of {camera}; the limit holds for every camera.")
            words = f"{words} {only.format(camera=self._cameras)}"
        self.words.setText(words)
        self.apply.setEnabled(self.changed)
        self.revert.setEnabled(self.changed)

    def retranslate(self) -> None:
        """Writes all words anew."""
        self.apply.setText(self.tr("Apply… (A)"))
        self.revert.setText(self.tr("As in force (⌫)"))
        self._write()

    # the window

    def beat(self) -> None:
        """Takes what was read; returns at once."""
        self._background.beat()

    def close_down(self) -> None:
        """Ends the worker."""
        self._background.close_down()
