"""The page of the process engineer: from good parts to a live product."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import Protocol

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from uniad_desktop.engine.package import PackageError
from uniad_desktop.teaching.image_folder import StoreError
from uniad_desktop.ui import language
from uniad_desktop.ui.background import Background
from uniad_desktop.ui.teach.challenge_view import ChallengeView
from uniad_desktop.ui.teach.context import TeachContext
from uniad_desktop.ui.teach.limits_view import LimitsView
from uniad_desktop.ui.teach.product_choice import NEW, Choice, choices_of, create, ensure
from uniad_desktop.ui.teach.product_view import ProductView
from uniad_desktop.ui.teach.train_view import TrainView
from uniad_desktop.ui.widgets.banner import Banner
from uniad_desktop.ui.widgets.figure import Figure
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.row_button import Row
from uniad_desktop.ui.widgets.touch_button import ChooserButton, TouchButton


class TeachView(Protocol):
    """What every view of the page offers."""

    def key_actions(self) -> dict[str, Callable[[], object]]:
        """What keys do while it is shown."""
        ...

    def beat(self) -> None:
        """Takes what workers and processes finished; returns at once."""
        ...

    def close_down(self) -> object:
        """Ends them."""
        ...


class View(StrEnum):
    """What the page shows, in the order of the buttons."""

    TRAIN = "train"
    LIMITS = "limits"
    CHALLENGE = "challenge"
    PRODUCT = "product"


class TeachPage(Panel):
    """Chooses a product and hands it to the views; keeps nothing else.

    Args:
        context: where things are and whom to tell.
        parent: the parent widget.
    """

    def __init__(self, context: TeachContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._background = Background("teach")
        self._product = ""
        self._title = ""
        # Of the window, as on the inspect page; then those of this page.
        self.station_notice = Banner("recordsAlarm", button=True, parent=self)
        self.notice = Banner("recordsAlarm", button=True, parent=self)
        self.product = ChooserButton(self)
        self.tabs: dict[View, TouchButton] = {}
        for view in View:
            tab = self.tabs[view] = TouchButton(parent=self)
            tab.setObjectName("pageTab")
            tab.setCheckable(True)
            tab.clicked.connect(lambda _=False, chosen=view: self.show_view(chosen))
        self.state = Figure("caption", parent=self)
        self.train = TrainView(context, self)
        self.limits = LimitsView(context, self)
        self.challenge = ChallengeView(context, self)
        self.products = ProductView(context, self)
        self._views: dict[View, TeachView] = {
            View.TRAIN: self.train,
            View.LIMITS: self.limits,
            View.CHALLENGE: self.challenge,
            View.PRODUCT: self.products,
        }
        self._stack = QStackedWidget(self)
        for widget in (self.train, self.limits, self.challenge, self.products):
            self._stack.addWidget(widget)
        self._lay_out()
        self.product.clicked.connect(self.choose_product)
        self.products.product_changed.connect(self.take_product)
        if self.notice.button:
            self.notice.button.clicked.connect(self.escape)
        self.retranslate()
        self.show_view(View.TRAIN)
        self.take_product(context.station.product.key)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.product)
        for tab in self.tabs.values():
            head.addWidget(tab)
        head.addWidget(self.state, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self.station_notice)
        layout.addWidget(self.notice)
        layout.addWidget(self._stack, 1)

    # what the engineer does

    def show_view(self, view: View) -> None:
        """Changes to a view."""
        self._stack.setCurrentIndex(list(View).index(view))
        for one, tab in self.tabs.items():
            tab.setChecked(one is view)

    @property
    def shown(self) -> View:
        """The view being shown."""
        return list(View)[self._stack.currentIndex()]

    def choose_product(self) -> None:
        """Reads the products, then offers them and a new one."""
        context, code = self._context, language.current()
        self._background.run(
            lambda: choices_of(context.data_folder, context.station.products, code),
            self._offer,
            context.say,
            (StoreError,),
        )

    def take_product(self, key: str) -> None:
        """Goes on with another product; one that only the model knows gets its folder here."""
        context, code = self._context, language.current()
        self._background.run(
            lambda: ensure(context.data_folder, context.model, key, code),
            self._show_product,
            context.say,
            (StoreError, PackageError),
        )

    def escape(self) -> None:
        """Takes a sentence away that was read, else ends what the view is at."""
        if self.notice.sentence():
            self.notice.say("")
        elif self.shown is View.TRAIN:
            self.train.escape()

    def _offer(self, choices: tuple[Choice, ...]) -> None:
        rows = [
            Row(
                one.key,
                one.title,
                self.tr("known to the model") if one.known else self.tr("not taught yet"),
                one.key,
            )
            for one in choices
        ]
        rows.insert(
            0, Row(NEW, self.tr("New product…"), "", self.tr("a name, then show good parts"))
        )
        self._context.ask(
            self.tr("Product being taught"),
            "",
            [],
            current=self._product,
            on_choice=self._chosen,
            rows=rows,
        )

    def _chosen(self, key: str) -> None:
        if key != NEW:
            self.take_product(key)
            return
        context, code = self._context, language.current()
        context.ask(
            self.tr("New product"),
            self.tr("What the operator calls it; it can be renamed later."),
            [("create", self.tr("Create"))],
            current=None,
            on_choice=lambda title: self._background.run(
                lambda: create(context.data_folder, title, code),
                self._show_product,
                context.say,
                (StoreError,),
            ),
            entry="",
        )

    def _show_product(self, chosen: Choice) -> None:
        self._product, self._title = chosen.key, chosen.title
        self.train.show_product(chosen.key, chosen.title)
        self.limits.show_product(chosen.key, chosen.title)
        self.challenge.show_product(chosen.key, chosen.title)
        self.products.show_product(chosen.key)
        self.retranslate()

    # what the window does

    @property
    def keys(self) -> list[str]:
        """Every key that means something in some view."""
        found = [*self._own()]
        for view in self._views.values():
            found += view.key_actions()
        return list(dict.fromkeys(found))

    def key_actions(self) -> dict[str, Callable[[], object]]:
        """What keys do in the view being shown."""
        return {**self._own(), **self._views[self.shown].key_actions()}

    def _own(self) -> dict[str, Callable[[], object]]:
        own: dict[str, Callable[[], object]] = {"G": self.choose_product}
        for number, view in enumerate(View, 1):
            own[str(number)] = partial(self.show_view, view)
        return own

    def beat(self) -> None:
        """Takes what workers and processes finished; returns at once."""
        self._background.beat()
        for view in self._views.values():
            view.beat()
        self.state.show_text(self.train.state_words())

    def close_down(self) -> None:
        """Ends workers and processes; a teaching can be continued later."""
        self._background.close_down()
        for view in self._views.values():
            view.close_down()

    def retranslate(self) -> None:
        """Writes all words anew."""
        self.product.show_choice(self.tr("Product being taught (G)"), self._title)
        words = {
            View.TRAIN: self.tr("Parts and teaching (1)"),
            View.LIMITS: self.tr("Limits (2)"),
            View.CHALLENGE: self.tr("Challenge set (3)"),
            View.PRODUCT: self.tr("Product (4)"),
        }
        for view, tab in self.tabs.items():
            tab.setText(words[view])
        for banner in (self.station_notice, self.notice):
            if banner.button:
                banner.button.setText(self.tr("OK (Esc)"))
