"""Name, source badge, product, trigger mode, model, language, theme and full screen."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from uniad_desktop.cameras.frame import SourceKind
from uniad_desktop.cameras.source import SourceInfo, TriggerSettings
from uniad_desktop.engine.prediction import ModelIdentity
from uniad_desktop.ui import text
from uniad_desktop.ui.trigger_choice import trigger_word
from uniad_desktop.ui.widgets.figure import Figure
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.touch_button import ChooserButton, TouchButton

ROOMY = 1420  # pixels of width from which the names of pages stand in one line
LONGEST_NAME = 130  # pixels of the model's name


class Page(StrEnum):
    """The pages of the window, in the order of their buttons."""

    INSPECT = "inspect"
    TEACH = "teach"
    REVIEW = "review"
    SETUP = "setup"


class TopBar(Panel):
    """What is always visible at the top; its buttons are public, the window connects them.

    Args:
        parent: the parent widget.
        versions: whether another version of the model can be chosen; then `model` is a button.
        teach: whether products are taught here; else `pages` are Inspect and Setup only.
    """

    def __init__(
        self, parent: QWidget | None = None, *, versions: bool = False, teach: bool = False
    ) -> None:
        super().__init__(parent)
        self.setObjectName("topBar")
        self._kind: SourceKind | None = None
        self._product_title = ""
        self._mode: tuple[TriggerSettings, SourceInfo | None] = (TriggerSettings(), None)
        self.name = QLabel("UniAD Desktop", self)
        self.name.setObjectName("appName")
        self.badge = QLabel(self)
        self.badge.setObjectName("badge")
        self.badge.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.pages: dict[Page, TouchButton] = {}
        for page in Page if teach else (Page.INSPECT, Page.SETUP):
            button = self.pages[page] = TouchButton(parent=self)
            button.setObjectName("pageTab")
            button.setCheckable(True)
        self.product = ChooserButton(self)
        self.mode = ChooserButton(self)
        self._model_text = ("", "")
        self.model = ChooserButton(self) if versions else None
        self.language = TouchButton("language", parent=self)
        self.theme = TouchButton("theme", parent=self)
        self.fullscreen = TouchButton("fullscreen", parent=self)
        for button in (self.language, self.theme, self.fullscreen):
            button.setObjectName("slim")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 12, 6)
        layout.setSpacing(6)
        layout.addWidget(self.name)
        for button in self.pages.values():
            layout.addWidget(button)
        layout.addWidget(self.badge)
        layout.addWidget(self.product)
        layout.addWidget(self.mode)
        if self.model is not None:
            layout.addWidget(self.model)
            layout.addStretch(1)
        else:
            layout.addLayout(self._plain_model(), 1)
        layout.addWidget(self.language)
        layout.addWidget(self.theme)
        layout.addWidget(self.fullscreen)
        self.retranslate()

    def _plain_model(self) -> QVBoxLayout:
        """Name and version where there is nothing to choose."""
        self._model_caption = Figure("caption", parent=self)
        self._model_name = Figure("value", "uniad-starter 1.0.0", parent=self, shrink=True)
        lines = QVBoxLayout()
        lines.setSpacing(1)
        lines.addStretch()
        lines.addWidget(self._model_caption)
        lines.addWidget(self._model_name)
        lines.addStretch()
        return lines

    def show_page(self, page: Page) -> None:
        """Marks the page being shown."""
        for one, button in self.pages.items():
            button.setChecked(one is page)
        self._write_keys(page)

    def _write_keys(self, page: Page) -> None:
        """D means a real defect on the review page: no button prints a key that does another."""
        own = "" if page is Page.REVIEW else "(D)"
        if self.theme.text() != own:
            self.theme.setText(own)

    def show_kind(self, kind: SourceKind | None) -> None:
        """Shows where the frames come from."""
        if kind is self._kind:
            return
        self._kind = kind
        self.badge.setProperty("kind", kind.value if kind else "")
        self.badge.style().unpolish(self.badge)
        self.badge.style().polish(self.badge)
        self._write_badge()

    def show_product(self, title: str) -> None:
        """Shows the title of the product being inspected."""
        self._product_title = title
        self.product.show_choice(self.tr("Product (P)"), title)

    def show_mode(self, settings: TriggerSettings, info: SourceInfo | None) -> None:
        """Shows the trigger mode in force, with its line."""
        self._mode = (settings, info)
        self.mode.show_choice(self.tr("Trigger mode (M)"), trigger_word(settings, info))

    def show_model(self, model: ModelIdentity, preparing: str = "") -> None:
        """Shows name and version of the model, and the version that will take over."""
        # Of a long name the middle is cut, never the version.
        metrics = QFontMetrics(self.font())
        name = metrics.elidedText(model.name, Qt.TextElideMode.ElideMiddle, LONGEST_NAME)
        self._model_text = (f"{name} {model.version}", preparing)
        self._write_model()

    def _write_model(self) -> None:
        name, preparing = self._model_text
        if self.model is None:
            self._model_caption.show_text(self.tr("Model"))
            self._model_name.show_text(name)
        elif preparing:
            caption = self.tr("{version} is loading… (V)").format(version=preparing)
            self.model.show_choice(caption, name)
        else:
            self.model.show_choice(self.tr("Model (V)"), name)
        self._make_room()

    def _make_room(self) -> None:
        """The name of the application gives way where what is chosen would be cut."""
        layout = self.layout()
        if (self.model is None and not self.pages) or layout is None:
            return
        shown = not self.name.isHidden()
        extra = 0 if shown else self.name.sizeHint().width() + layout.spacing()
        fits = layout.sizeHint().width() + extra <= self.width()
        if fits != shown:
            self.name.setVisible(fits)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More or less room."""
        super().resizeEvent(event)
        if self.pages:
            self._write_pages()
        self._make_room()

    def _write_pages(self) -> None:
        words = {
            Page.INSPECT: self.tr("Inspect (F1)"),
            Page.TEACH: self.tr("Teach (F2)"),
            Page.REVIEW: self.tr("Review (F3)"),
            Page.SETUP: self.tr("Setup (F4)"),
        }
        for page, button in self.pages.items():
            word = words[page]
            # The key stands below where what is chosen needs the room.
            shown = word.replace(" (", "\n(") if self.width() < ROOMY else word
            if button.text() != shown:
                button.setText(shown)

    def _write_badge(self) -> None:
        if self._kind is None:
            self.badge.setText(self.tr("NO CAMERA"))
        elif self._kind is SourceKind.LIVE:
            self.badge.setText("● " + text.kind_word(self._kind))
        else:
            self.badge.setText("▲ " + text.kind_word(self._kind))

    def retranslate(self) -> None:
        """Writes all words anew."""
        if self.pages:
            self._write_pages()
        self._write_badge()
        self.show_product(self._product_title)
        self.show_mode(*self._mode)
        self._write_model()
        self.language.setText("(L)")
        self.language.setAccessibleName(self.tr("Language"))
        self.theme.setText("(D)")
        self.theme.setAccessibleName(self.tr("Light or dark"))
        self.fullscreen.setText("F11")
        self.fullscreen.setAccessibleName(self.tr("Full screen"))
