"""The left column: what is shown, with how many there are of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records.cameras import camera_title
from uniad_desktop.records.facets import Facets
from uniad_desktop.records.query import Order, Shift
from uniad_desktop.records.schema import Label
from uniad_desktop.ui import text
from uniad_desktop.ui.review.context import ReviewContext
from uniad_desktop.ui.review.filter_state import Period, Wish
from uniad_desktop.ui.review.score_histogram import ScoreHistogram
from uniad_desktop.ui.review.words import SIGNS, label_word, local_time
from uniad_desktop.ui.widgets.figure import Figure
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.row_button import Row
from uniad_desktop.ui.widgets.touch_button import ChooserButton, TouchButton
from uniad_desktop.ui.widgets.touch_list import TouchList

WIDTH = 232
_ALL = "+all"
_MOST_SHIFTS = 30
# Every letter does something already, here or on every page of the window.
CAMERA_KEY = "F6"


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
        self._context = context
        self.wish = context.wish
        self._first = True
        self._facets: Facets | None = None
        self._shifts: tuple[Shift, ...] = ()
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
        return {
            "B": self.choose_product,
            CAMERA_KEY: self.choose_camera,
            "I": self.choose_time,
            "S": self.choose_order,
            "O": self.choose_model,
            "Y": self.choose_kind,
            "F": self.ask_text,
            "Q": self.clear_all,
        }

    # what there is

    def show_facets(self, facets: Facets) -> None:
        """Shows how many there are of each choice."""
        self._facets = facets
        self.histogram.show_counts(facets.scores)
        self._write()

    def show_shifts(self, shifts: tuple[Shift, ...]) -> None:
        """Takes the shifts that can be chosen, newest first."""
        self._shifts = shifts

    @property
    def newest_shift(self) -> Shift | None:
        """The shift that runs, None where there is none."""
        newest = self._shifts[0] if self._shifts else None
        return newest if newest is not None and newest.end is None else None

    @property
    def products(self) -> tuple[str, ...]:
        """Keys of the products that there are."""
        return () if self._facets is None else tuple(self._facets.products)

    @property
    def only_product(self) -> str:
        """Key of the product where the filter leaves just one, else empty."""
        if self.wish.product:
            return self.wish.product
        found = self._facets.products if self._facets is not None else {}
        return next(iter(found)) if len(found) == 1 else ""

    @property
    def offers_cameras(self) -> bool:
        """Whether there are several cameras to choose from, or one is wished for."""
        return bool(self.wish.cameras or (self._facets is not None and self._facets.cameras))

    @property
    def camera_titles(self) -> str:
        """Names and serial numbers of the cameras that are wished for, empty for all."""
        found = self._facets.cameras if self._facets is not None else {}
        return ", ".join(
            camera_title(found[one].name if one in found else "", one) for one in self.wish.cameras
        )

    # what is wished

    def put(self, wish: Wish) -> None:
        """Another wish."""
        if wish != self.wish:
            self.wish = wish
            self.histogram.show_range(wish.least, wish.most)
            self.changed.emit()
        self._write()

    def clear_all(self) -> None:
        """Everything, in the order that is chosen."""
        self.put(Wish(order=self.wish.order))

    def start_anew(self) -> None:
        """Another source: its products and models are others; asks for everything."""
        self._facets, self._shifts = None, ()
        if not self._first:  # the first one is shown as it was asked for
            self.wish = Wish(order=self.wish.order)
        self._first = False
        self.histogram.show_range(self.wish.least, self.wish.most)
        self._write()
        self.changed.emit()

    def _switch_verdict(self, one: Verdict) -> None:
        self.put(replace(self.wish, verdicts=self.wish.verdicts ^ {one}))

    def _switch_label(self, one: Label) -> None:
        self.put(replace(self.wish, labels=self.wish.labels ^ {one}))

    def choose_product(self) -> None:
        """Offers the products that there are."""
        found = self._facets.products if self._facets is not None else {}
        titled = sorted((self._context.title_of(key), key) for key in found)
        rows = [Row(_ALL, self.tr("All products"), text.number(sum(found.values())), "")]
        rows += [Row(key, title, text.number(found[key]), key) for title, key in titled]
        self._context.ask(
            self.tr("Product"),
            "",
            [],
            current=self.wish.product or _ALL,
            on_choice=lambda key: self.put(replace(self.wish, product="" if key == _ALL else key)),
            rows=rows,
        )

    def choose_camera(self) -> None:
        """Offers the cameras that are on record, where there are several."""
        if not self.offers_cameras:
            return
        found = self._facets.cameras if self._facets is not None else {}
        rows = [Row(_ALL, self.tr("All cameras"), "", "")]
        rows += [
            Row(serial, one.name or serial, text.number(one.count), serial)
            for serial, one in found.items()
        ]
        # One that was named elsewhere may not be on record.
        rows += [Row(one, one, text.NONE, "") for one in self.wish.cameras if one not in found]
        wished = self.wish.cameras
        current = _ALL if not wished else wished[0] if len(wished) == 1 else None
        self._context.ask(
            self.tr("Camera"),
            "",
            [],
            current=current,
            on_choice=lambda key: self.put(
                replace(self.wish, cameras=() if key == _ALL else (key,))
            ),
            rows=rows,
        )

    def choose_time(self) -> None:
        """Offers days and shifts."""
        words = self._periods()
        rows = [Row(one.value, words[one], "", "") for one in words if one is not Period.SHIFT]
        shifts = {f"+{one.id}": one for one in self._shifts[:_MOST_SHIFTS]}
        rows += [
            Row(key, self._shift_words(one), one.station, one.who) for key, one in shifts.items()
        ]
        current = self.wish.period.value
        if self.wish.shift is not None:
            current = f"+{self.wish.shift.id}"

        def choose(key: str) -> None:
            if key in shifts:
                chosen = replace(self.wish, period=Period.SHIFT, shift=shifts[key])
            else:
                chosen = replace(self.wish, period=Period(key), shift=None)
            self.put(replace(chosen, since=None, until=None))

        self._context.ask(self.tr("Time"), "", [], current=current, on_choice=choose, rows=rows)

    def choose_order(self) -> None:
        """Offers the orders."""
        words = self._orders()
        self._context.ask(
            self.tr("Order"),
            "",
            [(one.value, word) for one, word in words.items()],
            current=self.wish.order.value,
            on_choice=lambda key: self.put(replace(self.wish, order=Order(key))),
        )

    def choose_model(self) -> None:
        """Offers the models that decided."""
        found = self._facets.models if self._facets is not None else {}
        models = {f"{one.name} {one.version} {one.sha256}": one for one in found}
        rows = [Row(_ALL, self.tr("All models"), text.number(sum(found.values())), "")]
        rows += [
            Row(key, f"{one.name} {one.version}", text.number(found[one]), one.sha256)
            for key, one in models.items()
        ]
        now = self.wish.model
        self._context.ask(
            self.tr("Model"),
            "",
            [],
            current=_ALL if now is None else f"{now.name} {now.version} {now.sha256}",
            on_choice=lambda key: self.put(replace(self.wish, model=models.get(key))),
            rows=rows,
        )

    def choose_kind(self) -> None:
        """Offers simulated ones, others, or all."""
        choices = {"all": None, "real": False, "simulated": True}
        words = self._kinds()
        now = next(key for key, one in choices.items() if one is self.wish.simulated)
        self._context.ask(
            self.tr("Simulated or not"),
            "",
            [(key, words[one]) for key, one in choices.items()],
            current=now,
            on_choice=lambda key: self.put(replace(self.wish, simulated=choices[key])),
        )

    def ask_text(self) -> None:
        """Asks for words to look for; where there are some, takes them away."""
        if self.wish.text:
            self.put(replace(self.wish, text=""))
            return
        self._context.ask(
            self.tr("Find"),
            self.tr(
                "Part of a file name, a note, a sentence, an operator's name, or a camera's name "
                "or serial number; or the number of a frame."
            ),
            [("find", self.tr("Find"))],
            current=None,
            on_choice=lambda words: self.put(replace(self.wish, text=words)),
            entry="",
        )

    # words

    def _periods(self) -> dict[Period, str]:
        return {
            Period.ALL: self.tr("All"),
            Period.THIS_SHIFT: self.tr("This shift"),
            Period.TODAY: self.tr("Today"),
            Period.YESTERDAY: self.tr("Yesterday"),
            Period.WEEK: self.tr("Last 7 days"),
        }

    def _shift_words(self, shift: Shift) -> str:
        begin = local_time(shift.start)[:16]
        end = self.tr("now") if shift.end is None else local_time(shift.end)[11:16]
        return self.tr("Shift {begin} – {end}").format(begin=begin, end=end)

    def _orders(self) -> dict[Order, str]:
        return {
            Order.NEWEST: self.tr("Newest first"),
            Order.OLDEST: self.tr("Oldest first"),
            Order.HIGHEST: self.tr("Highest score first"),
            Order.LOWEST: self.tr("Lowest score first"),
        }

    def _kinds(self) -> dict[bool | None, str]:
        return {
            None: self.tr("All"),
            False: self.tr("Not simulated"),
            True: self.tr("Simulated only"),
        }

    def _camera_word(self) -> str:
        """What is chosen in few words: a name where it tells one camera from the others."""
        wished = self.wish.cameras
        if len(wished) > 1:
            return self.tr("{n} cameras").format(n=text.number(len(wished)))
        if not wished:
            return self.tr("All cameras")
        found = self._facets.cameras if self._facets is not None else {}
        names = [one.name for one in found.values()]
        name = found[wished[0]].name if wished[0] in found else ""
        return name if names.count(name) == 1 and name else wished[0]

    def _write(self) -> None:
        """Words, counts and what is chosen."""
        wish, found = self.wish, self._facets
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
        period = self._periods().get(wish.period, "")
        if wish.period is Period.SHIFT and wish.shift is not None:
            period = local_time(wish.shift.start)[:16]
        if wish.since is not None:
            period = self.tr("since {time}").format(time=local_time(wish.since)[:16])
        elif wish.until is not None:
            period = self.tr("until {time}").format(time=local_time(wish.until)[:16])
        model = self.tr("All models")
        if wish.model is not None:
            model = f"{wish.model.name} {wish.model.version}"
        product = self._context.title_of(wish.product) if wish.product else ""
        captions = {
            "B": (self.tr("Product (B)"), product or self.tr("All products")),
            CAMERA_KEY: (self.tr("Camera (F6)"), self._camera_word()),
            "I": (self.tr("Time (I)"), period),
            "S": (self.tr("Order (S)"), self._orders()[wish.order]),
            "O": (self.tr("Model (O)"), model),
            "Y": (self.tr("Simulated (Y)"), self._kinds()[wish.simulated]),
            "F": (
                self.tr("Find (F) takes it away") if wish.text else self.tr("Find (F)"),
                wish.text or text.NONE,
            ),
        }
        for key, (caption, value) in captions.items():
            room = WIDTH - 70
            shown = self.fontMetrics().elidedText(value, Qt.TextElideMode.ElideRight, room)
            self.choosers[key].show_choice(caption, shown)
        self.choosers[CAMERA_KEY].setVisible(self.offers_cameras)
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
