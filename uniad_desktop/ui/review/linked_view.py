"""Pictures of one part side by side: zoomed and moved together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, QSizeF, Qt, Signal
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

from uniad_desktop.inspection.types import Region
from uniad_desktop.ui import theme
from uniad_desktop.ui.review.layers import Layer

MOST_ZOOM = 32.0
STEP = 1.25
_WHEEL_NOTCH = 120
_MOVED = 6.0  # pixels from which a tap is a drag
_CHIP = QColor(0, 0, 0, 190)


class ViewPort(QObject):
    """Which part of the frame all panes show.

    Signals:
        changed: another part is shown.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.zoom = 1.0
        self.centre = QPointF(0.5, 0.5)  # of what is seen, 0 to 1 of the frame

    def fit(self) -> None:
        """All of the frame."""
        self._put(1.0, QPointF(0.5, 0.5))

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Closer or farther; the place `at` of the frame stays where it is."""
        zoom = min(max(self.zoom * factor, 1.0), MOST_ZOOM)
        held = self.centre if at is None else at
        self._put(zoom, held + (self.centre - held) * (self.zoom / zoom))

    def move_by(self, by: QPointF) -> None:
        """Moves what is seen, in parts of the frame."""
        self._put(self.zoom, self.centre + by)

    def look_at(self, place: QPointF, zoom: float) -> None:
        """Puts a place of the frame into the middle."""
        self._put(min(max(zoom, 1.0), MOST_ZOOM), place)

    def _put(self, zoom: float, centre: QPointF) -> None:
        half = 0.5 / zoom  # the frame never leaves the middle empty
        bounded = QPointF(
            min(max(centre.x(), half), 1.0 - half), min(max(centre.y(), half), 1.0 - half)
        )
        if (zoom, bounded) != (self.zoom, self.centre):
            self.zoom, self.centre = zoom, bounded
            self.changed.emit()


@dataclass(frozen=True, slots=True)
class Box:
    """A region in parts of the frame, and whether it is the one being looked at."""

    rect: QRectF
    strong: bool = False


def boxes_of(regions: Sequence[Region], size: tuple[int, int], chosen: int) -> tuple[Box, ...]:
    """Regions of a frame of `size` (width, height) pixels; `chosen` is drawn stronger."""
    width, height = size
    if width < 1 or height < 1:
        return ()
    return tuple(
        Box(
            QRectF(one.x / width, one.y / height, one.width / width, one.height / height),
            place == chosen,
        )
        for place, one in enumerate(regions)
    )


class Pane(QWidget):
    """One picture of the part, or a sentence instead.

    Wheel, two fingers and the view port's owner zoom; a drag moves; a double tap shows all.

    Args:
        port: shared by the panes.
        parent: the parent widget.

    Signals:
        pointed: a place of the frame, 0 to 1, that mouse or finger is at; None outside.
    """

    pointed = Signal(object)

    def __init__(self, port: ViewPort, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._port = port
        self._layer: Layer | None = None
        self._over: QImage | None = None
        self._frame = QSizeF(4.0, 3.0)
        self._boxes: tuple[Box, ...] = ()
        self._chips: tuple[tuple[str, str], ...] = ()
        self._message = ""
        self._mark: QPointF | None = None
        self._pressed: QPointF | None = None
        self._from: QPointF | None = None
        self.setMinimumSize(160, 100)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.grabGesture(Qt.GestureType.PinchGesture)
        port.changed.connect(self.update)

    # what is shown

    def show_picture(
        self, layer: Layer, frame: tuple[int, int], over: QImage | None = None
    ) -> None:
        """Shows a picture of a frame of (width, height) pixels, and what is laid over it."""
        self._layer, self._over, self._message = layer, over, ""
        self._frame = QSizeF(max(1, frame[0]), max(1, frame[1]))
        self.update()

    def show_over(self, over: QImage | None) -> None:
        """Lays something else over the picture, or nothing."""
        self._over = over
        self.update()

    def show_boxes(self, boxes: tuple[Box, ...]) -> None:
        """Draws regions."""
        self._boxes = boxes
        self.update()

    def show_chips(self, *chips: tuple[str, str]) -> None:
        """Words at the upper left, each with a colour of the theme or empty for white."""
        self._chips = chips
        self.update()

    def show_message(self, message: str) -> None:
        """Shows a sentence instead of a picture."""
        self._layer = self._over = None
        self._message = message
        self.update()

    def show_mark(self, place: QPointF | None) -> None:
        """Marks where another pane is pointed at."""
        if place != self._mark:
            self._mark = place
            self.update()

    @property
    def message(self) -> str:
        """The sentence instead of a picture."""
        return self._message

    @property
    def chips(self) -> tuple[tuple[str, str], ...]:
        """The words at the upper left."""
        return self._chips

    @property
    def shows_picture(self) -> bool:
        """Whether there is a picture."""
        return self._layer is not None

    @property
    def shows_over(self) -> bool:
        """Whether something is laid over the picture."""
        return self._over is not None

    def frame_rect(self) -> QRectF:
        """Where the whole frame lies, in pixels of the widget; may be larger than it."""
        size = self._frame.scaled(QSizeF(self.size()), Qt.AspectRatioMode.KeepAspectRatio)
        size *= self._port.zoom
        middle = QPointF(self.width() / 2, self.height() / 2)
        return QRectF(
            middle.x() - self._port.centre.x() * size.width(),
            middle.y() - self._port.centre.y() * size.height(),
            size.width(),
            size.height(),
        )

    def place_of(self, at: QPointF) -> QPointF:
        """The place of the frame, 0 to 1, at a pixel of the widget."""
        frame = self.frame_rect()
        return QPointF((at.x() - frame.x()) / frame.width(), (at.y() - frame.y()) / frame.height())

    # fingers and mouse

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zooms where the mouse is."""
        notches = event.angleDelta().y() / _WHEEL_NOTCH
        if self._layer is not None and notches:
            self._port.zoom_by(STEP**notches, self.place_of(event.position()))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The begin of a drag, or a tap that asks for the score."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._pressed = self._from = event.position()
            self._point(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Moves what is seen, or asks for the score under the mouse."""
        at = event.position()
        if self._pressed is None or self._from is None or self._port.zoom <= 1.0:
            self._point(at)
        elif (at - self._from).manhattanLength() > _MOVED:
            frame, by = self.frame_rect(), self._pressed - at
            self._port.move_by(QPointF(by.x() / frame.width(), by.y() / frame.height()))
            self._pressed = at

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The end of a drag."""
        self._pressed = self._from = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """All of the frame."""
        self._port.fit()

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is pointed at any more."""
        self.pointed.emit(None)
        super().leaveEvent(event)

    def event(self, event: QEvent) -> bool:
        """Two fingers zoom."""
        if event.type() is QEvent.Type.Gesture and isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                self._pressed = None
                at = QPointF(self.mapFromGlobal(pinch.centerPoint()))
                self._port.zoom_by(pinch.scaleFactor(), self.place_of(at))
                return True
        return super().event(event)

    def _point(self, at: QPointF) -> None:
        place = self.place_of(at)
        inside = 0.0 <= place.x() < 1.0 and 0.0 <= place.y() < 1.0 and self._layer is not None
        self.pointed.emit(place if inside else None)

    # painting

    def sizeHint(self) -> QSize:
        """Wished size."""
        return QSize(320, 240)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The same part of the frame in another size."""
        super().resizeEvent(event)
        self.update()

    def theme_changed(self) -> None:
        """Colours are taken while painting."""
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints ground, picture, what lies over it, boxes and chips."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.active().colour("image_ground"))
        if self._layer is None:
            self._paint_message(painter)
        else:
            frame = self.frame_rect()
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            small = self._layer.small
            needed = frame.width() * self.devicePixelRatioF()
            _draw(painter, self, frame, small if small.width() >= needed else self._layer.full)
            if self._over is not None:
                _draw(painter, self, frame, self._over)
            self._paint_boxes(painter, frame)
            self._paint_mark(painter, frame)
        y = 8.0
        for words, token in self._chips:
            if words:
                y = self._chip(painter, y, words, token) + 5

    def _paint_message(self, painter: QPainter) -> None:
        painter.setFont(self._font(15))
        painter.setPen(theme.active().colour("text"))
        room = self.rect().adjusted(16, 34, -16, -8)
        painter.drawText(
            room, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self._message
        )

    def _paint_boxes(self, painter: QPainter, frame: QRectF) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for box in self._boxes:
            rect = QRectF(
                frame.x() + box.rect.x() * frame.width(),
                frame.y() + box.rect.y() * frame.height(),
                box.rect.width() * frame.width(),
                box.rect.height() * frame.height(),
            )
            # Black under white: seen on any image.
            width = 4 if box.strong else 2
            painter.setPen(QPen(QColor(0, 0, 0, 160), width + 1))
            painter.drawRect(rect)
            pen = QPen(QColor("white"), width)
            if not box.strong:
                pen.setDashPattern([5.0, 3.0])
            painter.setPen(pen)
            painter.drawRect(rect)

    def _paint_mark(self, painter: QPainter, frame: QRectF) -> None:
        if self._mark is None:
            return
        at = QPointF(
            frame.x() + self._mark.x() * frame.width(), frame.y() + self._mark.y() * frame.height()
        )
        for colour, width in ((QColor(0, 0, 0, 160), 3), (QColor("white"), 1)):
            painter.setPen(QPen(colour, width))
            painter.drawLine(at - QPointF(9, 0), at + QPointF(9, 0))
            painter.drawLine(at - QPointF(0, 9), at + QPointF(0, 9))

    def _chip(self, painter: QPainter, top: float, words: str, token: str) -> float:
        font = self._font(13)
        metrics = QFontMetricsF(font)
        width = min(metrics.horizontalAdvance(words) + 16, self.width() - 16.0)
        box = QRectF(8, top, width, metrics.height() + 6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_CHIP)
        painter.drawRoundedRect(box, 4, 4)
        # On black whatever the theme: the dark one's colours.
        painter.setPen(theme.load("dark").colour(token) if token else QColor("white"))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setFont(font)
        shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, width - 16)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, shown)
        return float(box.bottom())

    def _font(self, size: int) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(size)
        return font


def _draw(painter: QPainter, pane: QWidget, frame: QRectF, image: QImage) -> None:
    """Draws what is in sight of a picture that covers the whole frame."""
    seen = frame.intersected(QRectF(pane.rect()))
    if seen.isEmpty():
        return
    across, down = image.width() / frame.width(), image.height() / frame.height()
    source = QRectF(
        (seen.x() - frame.x()) * across,
        (seen.y() - frame.y()) * down,
        seen.width() * across,
        seen.height() * down,
    )
    painter.drawImage(seen, image, source)
