"""Scores of what the filter leaves, in columns; a drag over them chooses a range."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from uniad_desktop.records.facets import COLUMNS
from uniad_desktop.ui import theme
from uniad_desktop.ui.colour_scale import FULL, LIMIT

_FOOT = 18
_STEP = FULL / COLUMNS


class ScoreHistogram(QWidget):
    """Columns of 4 points over 0 to 100, the limit at 50.

    A drag chooses whole columns, a tap takes the choice away. With the keyboard: left and right
    move the lower end, with Shift the upper one.

    Args:
        parent: the parent widget.

    Signals:
        chosen: the range from and to, both on the scale.
    """

    chosen = Signal(float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts: tuple[int, ...] = (0,) * COLUMNS
        self._range = (0.0, FULL)
        self._begin: int | None = None
        self._end = 0
        self.setMinimumHeight(96)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def show_counts(self, counts: Sequence[int]) -> None:
        """Shows how many there are per column."""
        self._counts = tuple(counts)
        self.update()

    def show_range(self, least: float, most: float) -> None:
        """Shows the range in force."""
        self._range = (least, most)
        self.update()

    def sizeHint(self) -> QSize:
        """Wished size."""
        return QSize(200, 96)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The begin of a drag."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._begin = self._end = self._column(event.position().x())
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The range follows the finger."""
        if self._begin is not None:
            self._end = self._column(event.position().x())
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The range is chosen; a tap chooses all."""
        if self._begin is None:
            return
        first, last = sorted((self._begin, self._end))
        self._begin = None
        self._choose(*((0.0, FULL) if first == last else (first * _STEP, (last + 1) * _STEP)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Moves an end of the range."""
        by = {Qt.Key.Key_Left: -_STEP, Qt.Key.Key_Right: _STEP}.get(Qt.Key(event.key()))
        if by is None:
            super().keyPressEvent(event)
            return
        low, high = self._range
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            high = min(FULL, max(low + _STEP, high + by))
        else:
            low = max(0.0, min(high - _STEP, low + by))
        self._choose(low, high)

    def _choose(self, low: float, high: float) -> None:
        if (low, high) != self._range:
            self._range = (low, high)
            self.chosen.emit(low, high)
        self.update()

    def _column(self, x: float) -> int:
        return min(COLUMNS - 1, max(0, int(x / max(1, self.width()) * COLUMNS)))

    def theme_changed(self) -> None:
        """Colours are taken while painting."""
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints columns, limit, range and scale."""
        painter = QPainter(self)
        colours = theme.active()
        wide, high = self.width() / COLUMNS, self.height() - _FOOT
        low, top = self._range
        if self._begin is not None:
            first, last = sorted((self._begin, self._end))
            low, top = first * _STEP, (last + 1) * _STEP
        highest = max(1, *self._counts)
        for place, count in enumerate(self._counts):
            inside = low <= place * _STEP and (place + 1) * _STEP <= top + 1e-9
            # A square root: a few rejects are seen beside many passes.
            tall = (count / highest) ** 0.5 * (high - 4)
            colour = colours.colour("dot" if inside else "border")
            painter.fillRect(QRectF(place * wide + 1, high - tall, wide - 2, tall), colour)
        limit = LIMIT / FULL * self.width()
        painter.setPen(QPen(QColor(colours.colour("alarm_text")), 2))
        painter.drawLine(int(limit), 0, int(limit), high)
        painter.setPen(QPen(colours.colour("border"), 1))
        painter.drawLine(0, high, self.width(), high)
        if (low, top) != (0.0, FULL):
            painter.setPen(QPen(colours.colour("accent"), 3))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            left, right = low / FULL * self.width(), top / FULL * self.width()
            painter.drawRect(QRectF(left + 1, 1, right - left - 2, high - 1))
        font = QFont(self.font())
        font.setPixelSize(12)
        painter.setFont(font)
        painter.setPen(colours.colour("dim"))
        foot = QRectF(0, high + 2, self.width(), _FOOT - 2)
        painter.drawText(foot, Qt.AlignmentFlag.AlignLeft, "0")
        painter.drawText(foot, Qt.AlignmentFlag.AlignHCenter, "50")
        painter.drawText(foot, Qt.AlignmentFlag.AlignRight, "100")
        if self.hasFocus():
            painter.setPen(QPen(colours.colour("text"), 1, Qt.PenStyle.DotLine))
            painter.drawRect(QRectF(self.rect()).adjusted(0, 0, -1, -1))
