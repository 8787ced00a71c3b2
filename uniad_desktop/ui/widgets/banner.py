"""A strip with one sentence and, where there is something to do, one button."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.touch_button import TouchButton


class Banner(Panel):
    """Hidden while it has nothing to say.

    Args:
        name: name in the style sheet.
        button: whether it carries a button.
        parent: the parent widget.
    """

    def __init__(self, name: str, *, button: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._label = QLabel(self)
        self._label.setWordWrap(True)
        self._label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.button = TouchButton(parent=self) if button else None
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 6, 8, 6)
        layout.setSpacing(16)
        layout.addWidget(self._label, 1)
        if self.button:
            layout.addWidget(self.button)
        self.hide()

    def say(self, sentence: str) -> None:
        """Shows a sentence; an empty one hides the strip."""
        if sentence != self._label.text():
            self._label.setText(sentence)
        if self.isHidden() == bool(sentence):
            self.setVisible(bool(sentence))

    def sentence(self) -> str:
        """The sentence being shown."""
        return self._label.text()
