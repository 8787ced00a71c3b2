"""The live picture: zoomed and moved with fingers, mouse or buttons."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QSizePolicy, QWidget

from uniad_desktop.cameras.frame import SourceKind
from uniad_desktop.ui import text, theme
from uniad_desktop.ui.setup.looking import Box, Look, Sight, box_of, fit_scale
from uniad_desktop.ui.widgets.panel import Panel

LEVELS: tuple[float | None, ...] = (None, 1.0, 2.0, 4.0)
"""What the zoom button goes through: all of the frame, then device pixels per pixel."""

_MOST = 16.0
_WHEEL_NOTCH = 120
_STEP = 1.25
_MOVED = 6.0
_CHIP = QColor(10, 12, 14, 205)
_WARN = QColor("#f2c14e")

Outline = tuple[tuple[float, float], ...]
"""Corners of a region in full-frame pixels."""


class LiveView(Panel):
    """Paints what a worker made; nothing here touches pixels.

    Signals:
        sight_changed: another part of the frame, or another room, is to be shown.
    """

    sight_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sight = Sight()
        self.cross = False
        self._look: Look | None = None
        self._image = QImage()
        self._message = ""
        self._note = ""
        self._outlines: tuple[Outline, ...] = ()
        self._dragged: QPointF | None = None
        self.setMinimumSize(240, 160)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.grabGesture(Qt.GestureType.PinchGesture)

    # what is shown

    def room(self) -> tuple[int, int]:
        """Width and height for the picture in device pixels."""
        ratio = self.devicePixelRatioF()
        return max(1, int(self.width() * ratio)), max(1, int(self.height() * ratio))

    @property
    def look(self) -> Look | None:
        """What is shown."""
        return self._look

    @property
    def message(self) -> str:
        """What is said instead of a picture."""
        return self._message

    @property
    def note(self) -> str:
        """What is said over the picture."""
        return self._note

    def show_look(self, shown: Look) -> None:
        """Shows a picture."""
        pixels = shown.pixels
        # The QImage only refers to the array; `_look` keeps it alive.
        self._image = QImage(
            pixels.data,
            pixels.shape[1],
            pixels.shape[0],
            pixels.strides[0],
            QImage.Format.Format_RGB32,
        )
        self._look, self._message = shown, ""
        self.update()

    def show_message(self, message: str) -> None:
        """Shows a sentence instead of a picture."""
        if message != self._message or self._look is not None:
            self._message, self._look, self._image = message, None, QImage()
            self.update()

    def show_note(self, note: str) -> None:
        """Says something over the picture, such as that it is no longer live."""
        if note != self._note:
            self._note = note
            self.update()

    def show_outlines(self, outlines: tuple[Outline, ...]) -> None:
        """Draws the regions of the product."""
        if outlines != self._outlines:
            self._outlines = outlines
            self.update()

    def show_cross(self, shown: bool) -> None:
        """Draws lines through the middle of the frame, or not."""
        self.cross = shown
        self.update()

    # which part of the frame

    def next_level(self) -> None:
        """All of the frame, 100 %, 200 %, 400 % in turn."""
        now = self.sight.scale
        nearest = now if now in LEVELS else None
        level = LEVELS[(LEVELS.index(nearest) + 1) % len(LEVELS)]
        self._put(Sight(level, self.sight.x, self.sight.y) if level else Sight())

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Closer or farther; the place `at` (pixels of the widget) stays where it is."""
        box = self._box()
        if self._look is None or box is None:
            return
        least = fit_scale(self._size(), self.room())
        scale = min(max(box.scale * factor, least), max(_MOST, least))
        if scale <= least:
            self._put(Sight())
            return
        ratio = self.devicePixelRatioF()
        where = at if at is not None else QPointF(self.width() / 2, self.height() / 2)
        x, y = self._place_of(where, box)
        width, height = self._size()
        # What is under the finger, less how far the finger is from the middle.
        middle_x = x - (where.x() * ratio - self.room()[0] / 2) / scale
        middle_y = y - (where.y() * ratio - self.room()[1] / 2) / scale
        self._put(Sight(scale, middle_x / width, middle_y / height))

    def move_by(self, by: QPointF) -> None:
        """Moves the picture by so many pixels of the widget."""
        box = self._box()
        if box is None or self.sight.scale is None:
            return
        width, height = self._size()
        pixels = self.devicePixelRatioF() / box.scale
        x = self.sight.x - by.x() * pixels / width
        y = self.sight.y - by.y() * pixels / height
        self._put(Sight(self.sight.scale, x, y))

    def _put(self, sight: Sight) -> None:
        if sight.scale is not None and self._look is not None:
            # No farther than to the edge, or the way back would begin with nothing.
            half = [
                min(0.5, space / (2 * sight.scale * length))
                for space, length in zip(self.room(), self._size(), strict=True)
            ]
            x = min(max(sight.x, half[0]), 1.0 - half[0])
            y = min(max(sight.y, half[1]), 1.0 - half[1])
            sight = Sight(sight.scale, x, y)
        if sight != self.sight:
            self.sight = sight
            self.update()
            self.sight_changed.emit()

    def _size(self) -> tuple[int, int]:
        if self._look is None:
            return 4, 3
        height, width = self._look.order.frame.image.shape[:2]
        return width, height

    def _box(self) -> Box | None:
        return None if self._look is None else box_of(self.sight, self._size(), self.room())

    def _place_of(self, at: QPointF, box: Box) -> tuple[float, float]:
        """The pixel of the frame at a pixel of the widget."""
        ratio = self.devicePixelRatioF()
        return (
            box.x + (at.x() * ratio - box.left) / box.scale,
            box.y + (at.y() * ratio - box.top) / box.scale,
        )

    def _rect(self, box: Box, x: float, y: float, width: float, height: float) -> QRectF:
        """Pixels of the frame in pixels of the widget."""
        ratio = self.devicePixelRatioF()
        return QRectF(
            (box.left + (x - box.x) * box.scale) / ratio,
            (box.top + (y - box.y) * box.scale) / ratio,
            width * box.scale / ratio,
            height * box.scale / ratio,
        )

    # fingers and mouse

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zooms where the mouse is."""
        notches = event.angleDelta().y() / _WHEEL_NOTCH
        if notches:
            self.zoom_by(_STEP**notches, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The begin of a drag."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._dragged = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Moves the picture."""
        at = event.position()
        if self._dragged is not None and (at - self._dragged).manhattanLength() > _MOVED:
            self.move_by(at - self._dragged)
            self._dragged = at

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The end of a drag."""
        self._dragged = None

    def event(self, event: QEvent) -> bool:
        """Two fingers zoom."""
        if isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                at = QPointF(self.mapFromGlobal(pinch.centerPoint()))
                self.zoom_by(pinch.scaleFactor(), at)
                return True
        return super().event(event)

    # painting

    def sizeHint(self) -> QSize:
        """Wished size."""
        return QSize(640, 420)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Asks for a picture of the new size."""
        super().resizeEvent(event)
        self.sight_changed.emit()

    def theme_changed(self) -> None:
        """Colours are taken while painting."""
        self.update()

    def retranslate(self) -> None:
        """Words are made while painting."""
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints ground, picture, outlines, cross-hair and chips."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.active().colour("image_ground"))
        box = self._box()
        if self._look is None or box is None:
            painter.setFont(self._font(17))
            painter.setPen(theme.active().colour("text"))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(24, 24, -24, -24), flags, self._message)
            return
        made = self._look.box
        # Until the worker made the new one, the last picture stands where it belongs.
        room = self._rect(box, made.x, made.y, made.width, made.height)
        painter.drawImage(room, self._image)
        self._paint_outlines(painter, box)
        if self.cross:
            self._paint_cross(painter, box)
        kind = self._look.order.frame.kind
        top = 10.0
        live = kind is SourceKind.LIVE
        top = self._chip(painter, top, text.kind_word(kind), None if live else _WARN)
        if self._note:
            self._chip(painter, top, self._note, _WARN)

    def _paint_outlines(self, painter: QPainter, box: Box) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for outline in self._outlines:
            corners = [self._rect(box, x, y, 0, 0).topLeft() for x, y in outline]
            for pen in (QPen(QColor(0, 0, 0, 160), 3), QPen(_WARN, 2)):
                if pen.color() == _WARN:
                    pen.setDashPattern([5.0, 3.0])
                painter.setPen(pen)
                painter.drawPolygon(corners)

    def _paint_cross(self, painter: QPainter, box: Box) -> None:
        frame = self._rect(box, 0, 0, *self._size())
        seen = frame.intersected(QRectF(self.rect()))
        middle = frame.center()
        for colour, width in ((QColor(0, 0, 0, 130), 3), (theme.active().colour("dot"), 1)):
            painter.setPen(QPen(colour, width))
            painter.drawLine(QPointF(seen.left(), middle.y()), QPointF(seen.right(), middle.y()))
            painter.drawLine(QPointF(middle.x(), seen.top()), QPointF(middle.x(), seen.bottom()))

    def _chip(self, painter: QPainter, top: float, words: str, colour: QColor | None) -> float:
        font = self._font(14)
        metrics = QFontMetricsF(font)
        width = min(metrics.horizontalAdvance(words) + 20, self.width() - 20.0)
        box = QRectF(10, top, width, metrics.height() + 8)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_CHIP)
        painter.drawRoundedRect(box, 5, 5)
        painter.setPen(colour or QColor("#f2f4f5"))
        painter.setFont(font)
        shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, width - 20)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, shown)
        return float(box.bottom()) + 6

    def _font(self, size: int) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(size)
        font.setBold(True)
        return font
