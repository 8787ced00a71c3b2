"""Name, source badge, product, trigger mode, model, language, theme and full screen."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from uniad_desktop.cameras.frame import SourceKind
from uniad_desktop.cameras.source import TriggerMode
from uniad_desktop.engine.prediction import ModelIdentity
from uniad_desktop.ui import text
from uniad_desktop.ui.widgets.figure import Figure
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.touch_button import ChooserButton, TouchButton


class TopBar(Panel):
    """What is always visible at the top; its buttons are public, the window connects them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("topBar")
        self._kind: SourceKind | None = None
        self._product_title = ""
        self._mode = TriggerMode.FREE_RUNNING
        name = QLabel("UniAD Desktop", self)
        name.setObjectName("appName")
        self.badge = QLabel(self)
        self.badge.setObjectName("badge")
        self.badge.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.product = ChooserButton(self)
        self.mode = ChooserButton(self)
        self._model_caption = Figure("caption", parent=self)
        self._model = Figure("value", "uniad-starter 1.0.0", parent=self)
        self.language = TouchButton("language", parent=self)
        self.theme = TouchButton("theme", parent=self)
        self.fullscreen = TouchButton("fullscreen", parent=self)
        model = QVBoxLayout()
        model.setSpacing(1)
        model.addStretch()
        model.addWidget(self._model_caption)
        model.addWidget(self._model)
        model.addStretch()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 6, 12, 6)
        layout.setSpacing(12)
        layout.addWidget(name)
        layout.addWidget(self.badge)
        layout.addWidget(self.product)
        layout.addWidget(self.mode)
        layout.addLayout(model, 1)
        layout.addWidget(self.language)
        layout.addWidget(self.theme)
        layout.addWidget(self.fullscreen)
        self.retranslate()

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

    def show_mode(self, mode: TriggerMode) -> None:
        """Shows the trigger mode in force."""
        self._mode = mode
        self.mode.show_choice(self.tr("Trigger mode (M)"), text.mode_word(mode))

    def show_model(self, model: ModelIdentity) -> None:
        """Shows name and version of the model."""
        self._model.show_text(f"{model.name} {model.version}")

    def _write_badge(self) -> None:
        if self._kind is None:
            self.badge.setText(self.tr("NO CAMERA"))
        elif self._kind is SourceKind.LIVE:
            self.badge.setText("● " + text.kind_word(self._kind))
        else:
            self.badge.setText("▲ " + text.kind_word(self._kind))

    def retranslate(self) -> None:
        """Writes all words anew."""
        self._write_badge()
        self.show_product(self._product_title)
        self.show_mode(self._mode)
        self._model_caption.show_text(self.tr("Model"))
        self.language.setText("(L)")
        self.language.setAccessibleName(self.tr("Language"))
        self.theme.setText("(D)")
        self.theme.setAccessibleName(self.tr("Light or dark"))
        self.fullscreen.setText("F11")
        self.fullscreen.setAccessibleName(self.tr("Full screen"))
