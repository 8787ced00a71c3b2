"""The signs of the verdicts, drawn as outlines: they need no font."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from uniad_desktop.inspection.types import Verdict


def _line(painter: QPainter, room: QRectF, points: tuple[tuple[float, float], ...]) -> None:
    painter.drawPolyline(
        QPolygonF(
            [QPointF(room.x() + x * room.width(), room.y() + y * room.height()) for x, y in points]
        )
    )


def draw_sign(painter: QPainter, verdict: Verdict, room: QRectF, colour: QColor) -> None:
    """Draws a verdict's sign into a square: a tick, a triangle, a cross, an exclamation mark."""
    pen = QPen(colour, room.width() * 0.15)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if verdict is Verdict.PASS:
        _line(painter, room, ((0.06, 0.54), (0.37, 0.84), (0.94, 0.18)))
    elif verdict is Verdict.REVIEW:
        _line(painter, room, ((0.5, 0.12), (0.92, 0.88), (0.08, 0.88), (0.5, 0.12), (0.71, 0.5)))
    elif verdict is Verdict.FAIL:
        _line(painter, room, ((0.12, 0.12), (0.88, 0.88)))
        _line(painter, room, ((0.88, 0.12), (0.12, 0.88)))
    else:
        _line(painter, room, ((0.5, 0.04), (0.5, 0.66)))
        _line(painter, room, ((0.5, 0.8), (0.5, 0.96)))
    painter.restore()
