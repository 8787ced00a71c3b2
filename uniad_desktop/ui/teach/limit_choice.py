"""Rates to choose from in place of dragging a line."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from uniad_desktop.ui.teach.limit_desk import RATES, REVIEW_RATES, LimitDesk
from uniad_desktop.ui.teach.limit_words import per_cent
from uniad_desktop.ui.widgets.figure import Figure
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.touch_button import TouchButton


class LimitChoice(Panel):
    """Buttons for the wished false-reject rate and for the review band."""

    rate_chosen = Signal(float)
    band_chosen = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._captions = [Figure("caption", parent=self) for _ in range(2)]
        self.rates = {rate: self._button(rate, self.rate_chosen) for rate in RATES}
        self.band = TouchButton(parent=self)
        self.band.setCheckable(True)
        self.review_rates = {rate: self._button(rate, self.band_chosen) for rate in REVIEW_RATES}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(2)
        for column, caption in enumerate(self._captions):
            grid.addWidget(caption, 0, column)
        rows = (list(self.rates.values()), [self.band, *self.review_rates.values()])
        for column, buttons in enumerate(rows):
            row = QHBoxLayout()
            row.setSpacing(8)
            for button in buttons:
                row.addWidget(button, 2 if button is self.band else 1)
            grid.addLayout(row, 1, column)
            grid.setColumnStretch(column, 1)
        self.retranslate()

    def _button(self, rate: float, signal: object) -> TouchButton:
        button = TouchButton(parent=self)
        button.setCheckable(True)
        button.setText(per_cent(rate))
        button.clicked.connect(lambda: signal.emit(rate))  # type: ignore[attr-defined]
        return button

    def show_desk(self, desk: LimitDesk, *, enabled: bool) -> None:
        """Shows what is chosen, and offers what makes sense."""
        for rate, button in self.rates.items():
            button.setEnabled(enabled and bool(desk.good.size))
            button.setChecked(rate == desk.rate)
        self.band.setEnabled(enabled)
        self.band.setChecked(desk.band)
        for rate, button in self.review_rates.items():
            button.setEnabled(enabled and desk.offers(rate))
            button.setChecked(desk.band and rate == desk.review_rate)

    def retranslate(self) -> None:
        """Writes all words anew."""
        self._captions[0].show_text(self.tr("WISHED FALSE REJECTS: SETS THE LIMIT"))
        self._captions[1].show_text(self.tr("GOOD PARTS TO REVIEW OR WORSE"))
        self.band.setText(self.tr("Review band\n(B)"))
