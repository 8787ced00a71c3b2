"""The codes of a product: scanned or typed, one below the other."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from uniad_desktop.ui.widgets.figure import Figure
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.text_field import TextField
from uniad_desktop.ui.widgets.touch_button import TouchButton


class CodeList(Panel):
    """A field that takes a code on Enter, as readers send it, and the codes with a ✕ each.

    Args:
        parent: the parent widget.

    Signals:
        changed: there are other codes now.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._codes: tuple[str, ...] = ()
        self.field = TextField(parent=self)
        self.add = TouchButton(parent=self)
        self.add.setText("+")
        self.rows: dict[str, TouchButton] = {}
        self._lines: list[QWidget] = []
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.field, 1)
        head.addWidget(self.add)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._column.addLayout(head)
        self.field.returnPressed.connect(self.take)
        self.add.clicked.connect(self.take)
        self.retranslate()

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes, with what was typed and not taken yet: it would be lost unnoticed."""
        typed = self.field.text().strip()
        return self._codes if not typed or typed in self._codes else (*self._codes, typed)

    def show_codes(self, codes: tuple[str, ...]) -> None:
        """Shows codes, and nothing typed."""
        self.field.clear()
        if codes != self._codes:
            self._codes = codes
            self._fill()

    def take(self) -> None:
        """Takes what was typed."""
        codes = self.codes
        self.field.clear()
        if codes != self._codes:
            self._codes = codes
            self._fill()
            self.changed.emit()

    def remove(self, code: str) -> None:
        """Takes a code away."""
        self._codes = tuple(one for one in self._codes if one != code)
        self._fill()
        self.changed.emit()

    def _fill(self) -> None:
        for line in self._lines:
            self._column.removeWidget(line)
            line.hide()
            line.deleteLater()
        self._lines, self.rows = [], {}
        for code in self._codes:
            line = QWidget(self)
            words = Figure("value", parent=line, elide=Qt.TextElideMode.ElideMiddle, shrink=True)
            words.show_text(code)
            button = TouchButton(parent=line)
            button.setText("✕")
            button.clicked.connect(lambda _=False, one=code: self.remove(one))
            row = QHBoxLayout(line)
            row.setContentsMargins(12, 0, 0, 0)
            row.setSpacing(8)
            row.addWidget(words, 1)
            row.addWidget(button)
            self._column.addWidget(line)
            line.show()
            self._lines.append(line)
            self.rows[code] = button
        self._name_buttons()

    def _name_buttons(self) -> None:
        for code, button in self.rows.items():
            button.setAccessibleName(self.tr("Remove the code {code}").format(code=code))

    def retranslate(self) -> None:
        """Writes all words anew."""
        self.field.setPlaceholderText(self.tr("scan or type"))
        self.add.setAccessibleName(self.tr("Add the code"))
        self._name_buttons()
