"""Histogram and figures of the live picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from uniad_desktop.cameras.source import SourceCounters
from uniad_desktop.ui import text, theme
from uniad_desktop.ui.setup.looking import Look, bits_of
from uniad_desktop.ui.widgets.figure import Figure
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.touch_button import TouchButton

_BINS = 64
_SATURATED_WARNS = 0.001  # of the pixels: more than the odd highlight


class Histogram(Panel):
    """Bars of grey levels; the last one is red where pixels are at full scale."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, card=True)
        self._bars: NDArray[np.float64] | None = None
        self._clipped = False
        self._caption = ""
        self.setMinimumWidth(130)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def show_look(self, shown: Look) -> None:
        """Takes the histogram of a frame."""
        bars = shown.histogram.reshape(_BINS, -1).sum(axis=1).astype(np.float64)
        self._clipped = shown.histogram[255] > 0
        # One level that most pixels have must not press the others flat.
        self._bars = np.sqrt(bars / max(1.0, float(bars.max())))
        bits = bits_of(shown.order.frame.pixel_format)
        self._caption = (
            self.tr("shown 8 of {n} bit").format(n=bits) if bits and bits > 8 else self.tr("8 bit")
        )
        self.update()

    def clear(self) -> None:
        """Nothing is looked at."""
        self._bars, self._caption = None, ""
        self.update()

    @property
    def caption(self) -> str:
        """What stands below the bars."""
        return self._caption

    def sizeHint(self) -> QSize:
        """Wished size."""
        return QSize(220, 84)

    def theme_changed(self) -> None:
        """Colours are taken while painting."""
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints bars and caption."""
        super().paintEvent(event)
        painter = QPainter(self)
        colour = theme.active().colour
        room = QRectF(self.rect()).adjusted(12, 8, -12, -24)
        painter.setPen(Qt.PenStyle.NoPen)
        if self._bars is not None:
            width = room.width() / _BINS
            for place, share in enumerate(self._bars):
                clipped = self._clipped and place == _BINS - 1
                painter.setBrush(colour("alarm_text" if clipped else "dot"))
                height = max(1.0, share * room.height()) if share else 0.0
                painter.drawRect(
                    QRectF(room.x() + place * width, room.bottom() - height, width * 0.8, height)
                )
        painter.setPen(colour("border"))
        painter.drawLine(room.bottomLeft(), room.bottomRight())
        font = QFont(self.font())
        font.setPixelSize(12)
        painter.setFont(font)
        painter.setPen(colour("dim"))
        below = QRectF(room.x(), room.bottom() + 2, room.width(), 20)
        painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, self._caption)


class FigureCard(Panel):
    """A large figure with a line or two below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, card=True)
        self.value = Figure("count", parent=self, shrink=True)
        self.lines = (
            Figure("caption", parent=self, shrink=True),
            Figure("caption", parent=self, shrink=True),
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 6, 8, 6)
        layout.setSpacing(1)
        layout.addStretch()
        layout.addWidget(self.value)
        for line in self.lines:
            layout.addWidget(line)
        layout.addStretch()

    def show_figures(self, value: str, first: str, second: str = "", token: str = "") -> None:
        """Shows the figure, in the theme's colour `token` where there is one, and its lines."""
        self.value.show_text(value, token)
        for line, words in zip(self.lines, (first, second), strict=True):
            line.show_text(words)


class Figures(Panel):
    """Histogram, focus with its best value, saturated share, losses and rate."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._focus: float | None = None
        self._best = 0.0
        self._saturated: tuple[float, float] | None = None
        self._counters = SourceCounters()
        self._rate = 0.0
        self.histogram = Histogram(self)
        self.focus, self.saturated, self.losses = (FigureCard(self) for _ in range(3))
        self.reset = TouchButton(parent=self)
        self.reset.setObjectName("setupAction")
        self.reset.clicked.connect(self.forget_best)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.histogram, 9)
        layout.addWidget(self.focus, 10)
        layout.addWidget(self.reset)
        layout.addWidget(self.saturated, 9)
        layout.addWidget(self.losses, 13)
        self.setFixedHeight(88)
        self.retranslate()

    def show_look(self, shown: Look) -> None:
        """Takes the figures of a frame."""
        self._focus = shown.focus
        self._best = max(self._best, shown.focus)
        self._saturated = shown.saturated, shown.black
        self.histogram.show_look(shown)
        self._write()

    def show_counts(self, counters: SourceCounters, rate: float) -> None:
        """Takes what the camera counted, and its frames per second."""
        if (counters, rate) != (self._counters, self._rate):
            self._counters, self._rate = counters, rate
            self._write_counts()

    def forget_best(self) -> None:
        """The best focus is looked for anew, as after the camera was moved."""
        self._best = self._focus or 0.0
        self._write()

    @property
    def best(self) -> float:
        """The best focus so far."""
        return self._best

    def clear(self) -> None:
        """Another camera: nothing is known."""
        self._focus, self._best, self._saturated = None, 0.0, None
        self.histogram.clear()
        self._write()

    def _write(self) -> None:
        if self._focus is None:
            self.focus.show_figures(text.NONE, self.tr("focus"))
        else:
            share = self._focus / self._best if self._best else 0.0
            best = self.tr("focus · best {n}").format(n=f"{self._best:.4f}")
            now = self.tr("{n} % of the best").format(n=round(100 * share))
            self.focus.show_figures(f"{self._focus:.4f}", best, now)
        if self._saturated is None:
            self.saturated.show_figures(text.NONE, self.tr("at full scale"))
            return
        full, black = self._saturated
        self.saturated.show_figures(
            _percent(full),
            self.tr("at full scale (red)"),
            self.tr("{n} black").format(n=_percent(black)),
            "warn_text" if full > _SATURATED_WARNS else "",
        )

    def _write_counts(self) -> None:
        found = self._counters
        lost = found.incomplete + found.missed
        self.losses.show_figures(
            self.tr("{n} frames/s").format(n=f"{self._rate:.1f}"),
            self.tr("{n} incomplete · {m} skipped ids").format(
                n=text.number(found.incomplete), m=text.number(found.missed)
            ),
            self.tr("{n} passed over").format(n=text.number(found.passed_over)),
        )
        for line, bad in zip(self.losses.lines, (lost > 0, False), strict=True):
            line.show_text(line.text(), "warn_text" if bad else "")

    def retranslate(self) -> None:
        """Writes all words anew."""
        self.reset.setText(self.tr("Reset\nbest (R)"))
        self._write()
        self._write_counts()


def _percent(share: float) -> str:
    """A share as a percentage that is only 0 where there is nothing."""
    if 0.0 < share < 0.0001:
        return "< 0.01 %"
    return f"{share * 100:.2f} %"
