"""The left column: what is shown, with how many there are of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records.facets import Facets
from uniad_desktop.records.query import Shift
from uniad_desktop.records.schema import Label
from uniad_desktop.ui import text
from uniad_desktop.ui.review.context import ReviewContext
from uniad_desktop.ui.review.filter_choices import CAMERA_KEY, FilterChoices
from uniad_desktop.ui.review.filter_state import Wish
from uniad_desktop.ui.review.score_histogram import ScoreHistogram
from uniad_desktop.ui.review.words import SIGNS, label_word
from uniad_desktop.ui.widgets.figure import Figure
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.touch_button import ChooserButton, TouchButton
from uniad_desktop.ui.widgets.touch_list import TouchList

WIDTH = 232


class FilterPanel(Panel):
    """Holds the wish; every change of it is reported.

    Args:
        context: whom to ask.
        parent: the parent widget.

    Signals:
        changed: another `Wish` is in force; ask `wish`.
    """

    changed = Signal()

    def __init__(self, context: ReviewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent, card=True)
        self.choices = FilterChoices(context, self.put, self)
        self._first = True
        self.setFixedWidth(WIDTH)
        self._heading = Figure("heading", parent=self)
        self.clear = TouchButton(parent=self)
        self.clear.setObjectName("count")
        head = QHBoxLayout()
        head.addWidget(self._heading, 1)
        head.addWidget(self.clear)
        self.verdicts = {one: _toggle() for one in (Verdict.FAIL, Verdict.REVIEW)}
        self.verdicts |= {one: _toggle() for one in (Verdict.ERROR, Verdict.PASS)}
        self.labels = {one: _toggle() for one in Label}
        self.disagrees = _toggle()
        self.with_image = _toggle()
        self.choosers = {name: ChooserButton() for name in ("B", CAMERA_KEY, *"ISOYF")}
        self.histogram = ScoreHistogram()
        self._score = Figure("heading")
        toggles = [*self.verdicts.values(), *self.labels.values()]
        self._list = TouchList(
            [
                _pairs(toggles, (self.disagrees, self.with_image)),
                *(self.choosers[name] for name in ("B", CAMERA_KEY, *"IS")),
                self._score,
                self.histogram,
                *(self.choosers[name] for name in "OYF"),
            ],
            self,
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 4, 8)
        layout.setSpacing(6)
        layout.addLayout(head)
        layout.addWidget(self._list, 1)
        self._connect()
        self.retranslate()

    def _connect(self) -> None:
        self.clear.clicked.connect(self.clear_all)
        for verdict, button in self.verdicts.items():
            button.clicked.connect(lambda _=False, one=verdict: self._switch_verdict(one))
        for label, button in self.labels.items():
            button.clicked.connect(lambda _=False, one=label: self._switch_label(one))
        self.disagrees.clicked.connect(
            lambda: self.put(replace(self.wish, disagrees=not self.wish.disagrees))
        )
        self.with_image.clicked.connect(
            lambda: self.put(replace(self.wish, with_image=not self.wish.with_image))
        )
        self.histogram.chosen.connect(
            lambda low, high: self.put(replace(self.wish, least=low, most=high))
        )
        actions = self.key_actions()
        for name, chooser in self.choosers.items():
            chooser.clicked.connect(lambda _=False, key=name: actions[key]())

    def key_actions(self) -> dict[str, Callable[[], object]]:
        """What keys do."""
        return {**self.choices.actions(), "Q": self.clear_all}

    @property
    def wish(self) -> Wish:
        """What is wished for now."""
        return self.choices.wish

    # what there is

    def show_facets(self, facets: Facets) -> None:
        """Shows how many there are of each choice."""
        self.choices.facets = facets
        self.histogram.show_counts(facets.scores)
        self._write()

    def show_shifts(self, shifts: tuple[Shift, ...]) -> None:
        """Takes the shifts that can be chosen, newest first."""
        self.choices.shifts = shifts

    @property
    def newest_shift(self) -> Shift | None:
        """The shift that runs, None where there is none."""
        newest = self.choices.shifts[0] if self.choices.shifts else None
        return newest if newest is not None and newest.end is None else None

    @property
    def products(self) -> tuple[str, ...]:
        """Keys of the products that there are."""
        return () if self.choices.facets is None else tuple(self.choices.facets.products)

    @property
    def only_product(self) -> str:
        """Key of the product where the filter leaves just one, else empty."""
        if self.wish.product:
            return self.wish.product
        found = self.choices.facets.products if self.choices.facets is not None else {}
        return next(iter(found)) if len(found) == 1 else ""

    # what is wished

    def put(self, wish: Wish) -> None:
        """Another wish."""
        if wish != self.wish:
            self.choices.wish = wish
            self.histogram.show_range(wish.least, wish.most)
            self.changed.emit()
        self._write()

    def clear_all(self) -> None:
        """Everything, in the order that is chosen."""
        self.put(Wish(order=self.wish.order))

    def start_anew(self) -> None:
        """Another source: its products and models are others; asks for everything."""
        self.choices.facets, self.choices.shifts = None, ()
        if not self._first:  # the first one is shown as it was asked for
            self.choices.wish = Wish(order=self.wish.order)
        self._first = False
        self.histogram.show_range(self.wish.least, self.wish.most)
        self._write()
        self.changed.emit()

    def _switch_verdict(self, one: Verdict) -> None:
        self.put(replace(self.wish, verdicts=self.wish.verdicts ^ {one}))

    def _switch_label(self, one: Label) -> None:
        self.put(replace(self.wish, labels=self.wish.labels ^ {one}))

    # words

    def _write(self) -> None:
        """Words, counts and what is chosen."""
        wish, found = self.wish, self.choices.facets
        verdicts = found.verdicts if found is not None else {}
        for verdict, button in self.verdicts.items():
            word = f"{SIGNS[verdict]} {text.verdict_word(verdict)}"
            _show(button, word, verdicts.get(verdict, 0), verdict in wish.verdicts)
        labels = found.labels if found is not None else {}
        for label, button in self.labels.items():
            _show(button, label_word(label), labels.get(label, 0), label in wish.labels)
        disagree = found.disagree if found is not None else 0
        images = found.with_image if found is not None else 0
        _show(self.disagrees, self.tr("disagrees with label"), disagree, wish.disagrees)
        _show(self.with_image, self.tr("with image"), images, wish.with_image)
        for key, (caption, value) in self.choices.captions().items():
            room = WIDTH - 70
            shown = self.fontMetrics().elidedText(value, Qt.TextElideMode.ElideRight, room)
            self.choosers[key].show_choice(caption, shown)
        self.choosers[CAMERA_KEY].setVisible(self.choices.offers_cameras)
        score = self.tr("SCORE")
        if (wish.least, wish.most) != (0.0, 100.0):
            score = self.tr("SCORE {low:.0f} TO {high:.0f}").format(low=wish.least, high=wish.most)
        self._score.show_text(score)
        self.clear.setEnabled(wish != Wish(order=wish.order))

    def retranslate(self) -> None:
        """Writes all words anew."""
        self._heading.show_text(self.tr("FILTER"))
        self.clear.setText(self.tr("Clear (Q)"))
        self._write()


def _toggle() -> TouchButton:
    button = TouchButton()
    button.setObjectName("count")
    button.setCheckable(True)
    return button


def _pairs(buttons: list[TouchButton], wide: tuple[TouchButton, ...]) -> QWidget:
    """Two in a row, and wide ones below."""
    box = QWidget()
    grid = QGridLayout(box)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setSpacing(6)
    for place, button in enumerate(buttons):
        grid.addWidget(button, place // 2, place % 2)
    for place, button in enumerate(wide, (len(buttons) + 1) // 2):
        grid.addWidget(button, place, 0, 1, 2)
    return box


def _show(button: TouchButton, word: str, count: int, chosen: bool) -> None:
    words = f"{word}\n{text.number(count)}"
    if button.text() != words:
        button.setText(words)
    button.setChecked(chosen)
