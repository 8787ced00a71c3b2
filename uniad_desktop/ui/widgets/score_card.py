"""Score against the limit; a tap shows the raw distance instead."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QVBoxLayout, QWidget

from uniad_desktop.inspection.types import Limits
from uniad_desktop.ui import text, theme
from uniad_desktop.ui.colour_scale import FULL, LIMIT
from uniad_desktop.ui.widgets.figure import Figure

_BAR = 16


class _Bar(QWidget):
    """The bar with a tick at each limit."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.score = math.nan
        self.accept = LIMIT
        self.grey = True
        self.setFixedHeight(_BAR + 10)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def show_value(self, score: float, accept: float, grey: bool) -> None:
        same = score == self.score or (math.isnan(score) and math.isnan(self.score))
        if not same or accept != self.accept or grey != self.grey:
            self.score, self.accept, self.grey = score, accept, grey
            self.update()

    def _fill(self) -> QColor:
        colours = theme.active()
        if self.grey or self.score <= self.accept:
            return colours.colour("dim")
        return colours.colour("fail" if self.score > LIMIT else "review")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = theme.active()
        room = QRectF(0, 5, self.width(), _BAR)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.colour("track"))
        painter.drawRoundedRect(room, 5, 5)
        if not math.isnan(self.score):
            painter.setBrush(self._fill())
            share = min(1.0, max(0.0, self.score / FULL))
            painter.drawRoundedRect(QRectF(0, 5, max(8.0, share * self.width()), _BAR), 5, 5)
        for value, width in ((self.accept, 2), (LIMIT, 4)):
            x = value / FULL * self.width()
            painter.setPen(QPen(colours.colour("text"), width))
            painter.drawLine(int(x), 0, int(x), self.height())


class ScoreCard(QAbstractButton):
    """One card that is a button: tapping it swaps the 0-100 scale and the raw distance."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._score = math.nan
        self._raw = math.nan
        self._limits: Limits | None = None
        self._grey = True
        right = Qt.AlignmentFlag.AlignRight
        self._value = Figure("score", "0.00", parent=self, shrink=True)
        self._name = Figure("limit", parent=self, shrink=True)
        self._unit = Figure("caption", parent=self)
        self._limit = Figure("limit", "", right, parent=self, shrink=True)
        self._hint = Figure("caption", "", right, parent=self)
        self._bar = _Bar(self)
        for label in (self._value, self._name, self._unit, self._limit, self._hint):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._value)
        left, side = QVBoxLayout(), QVBoxLayout()
        for column, upper, lower in (
            (left, self._name, self._unit),
            (side, self._limit, self._hint),
        ):
            column.setSpacing(2)
            column.addStretch()
            column.addWidget(upper)
            column.addWidget(lower)
            column.addSpacing(6)
        row.addLayout(left, 5)
        row.addLayout(side, 7)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 6, 16, 10)
        layout.setSpacing(2)
        layout.addLayout(row)
        layout.addWidget(self._bar)
        self.toggled.connect(self._write)
        self._write()

    def show_score(self, score: float, raw: float, limits: Limits, *, grey: bool) -> None:
        """Shows a score (0-100, NaN for none), the raw distance and the limits in force."""
        self._score, self._raw, self._limits, self._grey = score, raw, limits, grey
        self._write()

    def lines(self) -> tuple[str, str, str]:
        """Value, name and limit as they are shown."""
        return self._value.text(), self._name.text(), self._limit.text()

    def _write(self) -> None:
        limits = self._limits
        accept = limits.score(limits.accept) if limits else LIMIT
        band = limits is not None and limits.accept < limits.reject
        token = "dim" if self._grey else ""
        if self.isChecked():
            self._value.show_text(text.raw(self._raw), token)
            self._name.show_text(self.tr("raw distance"))
            self._unit.show_text(self.tr("not scaled"))
            low, high = (
                (text.raw(limits.accept), text.raw(limits.reject))
                if limits
                else (text.NONE, text.NONE)
            )
            self._hint.show_text(self.tr("tap for the score"))
        else:
            self._value.show_text(text.score(self._score), token)
            self._name.show_text(self.tr("anomaly score"))
            self._unit.show_text(self.tr("of 100"))
            low, high = f"{accept:.0f}", f"{LIMIT:.0f}"
            self._hint.show_text(self.tr("tap for raw distance"))
        if band:
            line = self.tr("accept {low} · reject {high}").format(low=low, high=high)
        else:
            line = self.tr("limit {high}").format(high=high)
        self._limit.show_text(line)
        self._bar.show_value(self._score, accept, self._grey)
        self.setAccessibleName(f"{self._name.text()} {self._value.text()}, {line}")

    def sizeHint(self) -> QSize:
        """Wished size."""
        layout = self.layout()
        return layout.sizeHint() if layout else super().sizeHint()

    def theme_changed(self) -> None:
        """Colours are taken while painting."""
        self.update()
        self._bar.update()

    def changeEvent(self, event: QEvent) -> None:
        """Qt's notice of a change."""
        if event.type() is QEvent.Type.LanguageChange:
            self._write()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints the card."""
        colours = theme.active()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(colours.colour("pressed" if self.isDown() else "card"))
        painter.setPen(QPen(colours.colour("accent" if self.hasFocus() else "border"), 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
