"""What happens most: bars, the longest first, with count and share so far."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from uniad_desktop.ui import text, theme
from uniad_desktop.ui.widgets.panel import Panel

ROW: Final = 26
_LEAST_BAR = 30
MOST: Final = 6


class ParetoBars(Panel):
    """At most six bars; the others are summed up by the share that is missing to 100 %."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, card=True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._heading = ""
        self._nothing = ""
        self._bars: tuple[tuple[str, int], ...] = ()

    def show_bars(self, heading: str, bars: Sequence[tuple[str, int]], nothing: str) -> None:
        """Shows bars.

        Args:
            heading: above them.
            bars: word and count of each, in any order.
            nothing: said where there is none.
        """
        self._heading, self._nothing = heading, nothing
        self._bars = tuple(sorted(bars, key=lambda one: -one[1]))
        self.setAccessibleName(f"{heading}: {', '.join(self.lines()) or nothing}")
        self.update()

    def lines(self) -> list[str]:
        """What is written: word, count, share of all up to here."""
        total, so_far, lines = sum(count for _, count in self._bars), 0, []
        for word, count in self._bars[:MOST]:
            so_far += count
            lines.append(f"{word}  {text.number(count)}  {100 * so_far // max(total, 1)} %")
        return lines

    def sizeHint(self) -> QSize:
        """Room for three bars at least."""
        return QSize(260, ROW * (1 + max(3, min(MOST, len(self._bars)))) + 12)

    def minimumSizeHint(self) -> QSize:
        """Heading and two bars."""
        return QSize(180, 3 * ROW + 12)

    def theme_changed(self) -> None:
        """Colours are taken while painting."""
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints heading and bars."""
        super().paintEvent(event)
        colours = theme.active()
        painter = QPainter(self)
        room = QRectF(self.rect()).adjusted(12, 6, -12, -6)
        font = self.font()
        font.setPixelSize(13)
        font.setWeight(font.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(colours.colour("dim"))
        head = QRectF(room.left(), room.top(), room.width(), ROW)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(head, middle, self._heading)
        font.setWeight(font.Weight.Normal)
        painter.setFont(font)
        metrics = QFontMetrics(font)
        if not self._bars:
            painter.drawText(head.translated(0, ROW), middle, self._nothing)
            return
        words = max(metrics.horizontalAdvance(word) for word, _ in self._bars[:MOST]) + 10
        figures = metrics.horizontalAdvance("000 000  100 %") + 6
        # Where there is no room for both, the bars say more than the shares.
        shares = room.width() - words - figures >= _LEAST_BAR
        if not shares:
            figures = metrics.horizontalAdvance("00 000") + 6
        largest, total, so_far = self._bars[0][1], sum(one[1] for one in self._bars), 0
        for row, (word, count) in enumerate(self._bars[:MOST], 1):
            top = room.top() + row * ROW
            if top + ROW > room.bottom() + 1:
                break
            so_far += count
            line = QRectF(room.left(), top, room.width(), ROW)
            painter.setPen(colours.colour("text"))
            painter.drawText(line, middle, word)
            told = text.number(count)
            if shares:
                told += f"  {100 * so_far // max(total, 1):3d} %"
            painter.drawText(line, middle | Qt.AlignmentFlag.AlignRight, told)
            wide = max(0.0, room.width() - words - figures)
            bar = QRectF(room.left() + words, top + 5, wide * count / max(largest, 1), ROW - 10)
            painter.fillRect(bar, colours.colour("dot"))
