"""Draws in millimetres on whatever a painter paints on: PDF, paper, picture."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPen, QPolygonF, QTextLayout, QTextOption

from uniad_desktop.ui import theme

MM_PER_INCH: Final = 25.4
_FIRST_CJK: Final = "\u2e80"

Colour: TypeAlias = str
"""Such as ``#16191c``."""

# Paper is white whatever the theme of the window is; colour only for states, as on the screen.
INK: Final = "#16191c"
DIM: Final = "#5a626a"
RULE: Final = "#b4bac0"
WASH: Final = "#eef0f2"
PASS: Final = "#1b6e45"
REVIEW: Final = "#8a5a00"
FAIL: Final = "#b9201a"
ERROR: Final = "#7a329e"
DOT: Final = "#2f6ea8"


@dataclass(frozen=True, slots=True)
class _Font:
    points: float
    bold: bool = False


class Style(Enum):
    """Sizes of writing."""

    TITLE = _Font(20.0, bold=True)
    FIGURE = _Font(17.0, bold=True)
    HEADING = _Font(11.5, bold=True)
    STRONG = _Font(9.0, bold=True)
    BODY = _Font(9.0)
    SMALL = _Font(7.5)
    TINY = _Font(6.5)


LEFT: Final = Qt.AlignmentFlag.AlignLeft
RIGHT: Final = Qt.AlignmentFlag.AlignRight
CENTRE: Final = Qt.AlignmentFlag.AlignHCenter


class Pen:
    """A painter in millimetres.

    Args:
        painter: active.
        dots_per_mm: of its device.
    """

    def __init__(self, painter: QPainter, dots_per_mm: float) -> None:
        self.painter = painter
        self._dots = dots_per_mm
        self._fonts = {style: _font(style.value) for style in Style}

    def height(self, text: str, style: Style, width: float) -> float:
        """Height in mm of a text in a column of `width` mm."""
        self.painter.setFont(self._fonts[style])
        room = QRectF(0, 0, max(1.0, width * self._dots), 1e7)
        return float(self.painter.boundingRect(room, text, _option(LEFT)).height()) / self._dots

    def width(self, text: str, style: Style) -> float:
        """Width in mm of a text in one line."""
        self.painter.setFont(self._fonts[style])
        return float(self.painter.fontMetrics().horizontalAdvance(text)) / self._dots

    def text(
        self,
        x: float,
        y: float,
        width: float,
        text: str,
        style: Style = Style.BODY,
        *,
        colour: Colour = INK,
        align: Qt.AlignmentFlag = LEFT,
        most: float = 1e4,
    ) -> None:
        """Writes a text in a column; what goes beyond `most` mm of height is cut off."""
        self.painter.setFont(self._fonts[style])
        self.painter.setPen(QColor(colour))
        room = self._rect(x, y, width, most)
        room.translate(0.0, -self._rise(text, style))
        self.painter.drawText(room, text, _option(align))

    def line(
        self,
        begin: tuple[float, float],
        end: tuple[float, float],
        colour: Colour = RULE,
        width: float = 0.15,
        *,
        dashed: bool = False,
    ) -> None:
        """A straight line between two points (x, y)."""
        self.painter.setPen(self._pen(colour, width, dashed=dashed))
        self.painter.drawLine(self._point(*begin), self._point(*end))

    def curve(
        self, points: list[tuple[float, float]], colour: Colour = INK, width: float = 0.25
    ) -> None:
        """A line through points (x, y)."""
        pen = self._pen(colour, width)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        self.painter.setPen(pen)
        self.painter.drawPolyline(QPolygonF([self._point(*one) for one in points]))

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: Colour | None = None,
        edge: Colour | None = None,
        line: float = 0.15,
    ) -> None:
        """A rectangle."""
        self.painter.setPen(Qt.PenStyle.NoPen if edge is None else self._pen(edge, line))
        self.painter.setBrush(Qt.BrushStyle.NoBrush if fill is None else QColor(fill))
        self.painter.drawRect(self._rect(x, y, width, height))
        self.painter.setBrush(Qt.BrushStyle.NoBrush)

    def dots(self, points: list[tuple[float, float]], colour: Colour, size: float) -> None:
        """Round dots of `size` mm; a stroke of no length with a round end is the smallest way."""
        pen = self._pen(colour, size)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        self.painter.setPen(pen)
        self.painter.drawPoints(QPolygonF([self._point(*one) for one in points]))

    def image(self, x: float, y: float, width: float, height: float, image: QImage) -> None:
        """An image that fills a rectangle."""
        self.painter.drawImage(self._rect(x, y, width, height), image)

    def pixels(self, length: float, per_inch: float = 220.0) -> int:
        """Pixels that a picture of `length` mm needs, 1 or more."""
        return max(1, round(length / MM_PER_INCH * per_inch))

    def _rise(self, text: str, style: Style) -> float:
        """Dots by which another script's font is taller: rows of a table share their base line."""
        if not text or max(text) < _FIRST_CJK:
            return 0.0
        layout = QTextLayout(text.split("\n", 1)[0], self._fonts[style], self.painter.device())
        layout.beginLayout()
        line = layout.createLine()
        line.setLineWidth(1e7)
        layout.endLayout()
        return max(0.0, line.ascent() - self.painter.fontMetrics().ascent())

    def _pen(self, colour: Colour, width: float, *, dashed: bool = False) -> QPen:
        pen = QPen(QColor(colour), max(1.0, width * self._dots))
        if dashed:
            pen.setDashPattern([5.0, 4.0])
        return pen

    def _point(self, x: float, y: float) -> QPointF:
        return QPointF(x * self._dots, y * self._dots)

    def _rect(self, x: float, y: float, width: float, height: float) -> QRectF:
        dots = self._dots
        return QRectF(x * dots, y * dots, width * dots, height * dots)


def _font(wanted: _Font) -> QFont:
    font = theme.application_font()
    font.setPointSizeF(wanted.points)
    font.setBold(wanted.bold)
    # Ligatures would be letters of their own to whoever searches the PDF.
    font.setFeature(QFont.Tag("liga"), 0)
    return font


def _option(align: Qt.AlignmentFlag) -> QTextOption:
    option = QTextOption(align)
    # Hashes and paths have no blanks to break at.
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    return option
