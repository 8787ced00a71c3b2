"""The large image with region boxes, source badge and part number."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from uniad_desktop.cameras.frame import SourceKind
from uniad_desktop.inspection.types import InspectedFrame, Inspection
from uniad_desktop.ui import text, theme
from uniad_desktop.ui.composer import Composed
from uniad_desktop.ui.widgets.panel import Panel

_NARROW = 320  # pixels
_CHIP = QColor(10, 12, 14, 205)
_CHIP_TEXT = QColor("#f2f4f5")
_WARN = QColor("#f2c14e")


class ImageView(Panel):
    """Paints what the composer made; nothing here touches pixels.

    Signals:
        room_changed: the room for the picture changed; compose it again.
    """

    room_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._composed: Composed | None = None
        self._image = QImage()
        self._message = ""
        self._headline = ""
        self._sentence = ""
        self._frozen = False
        self.setMinimumSize(320, 240)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def room(self) -> tuple[int, int]:
        """Width and height for the picture in device pixels."""
        ratio = self.devicePixelRatioF()
        return max(1, int(self.width() * ratio)), max(1, int(self.height() * ratio))

    @property
    def composed(self) -> Composed | None:
        """The picture being shown."""
        return self._composed

    @property
    def drawn(self) -> InspectedFrame | None:
        """The decision whose picture is being shown; None where none is."""
        return None if self._composed is None else self._composed.order.shown

    @property
    def message(self) -> str:
        """What is said instead of a picture."""
        return self._message

    @property
    def alarm(self) -> tuple[str, str]:
        """Headline and sentence over the picture; empty when all is well."""
        return self._headline, self._sentence

    def show_composed(self, composed: Composed) -> None:
        """Shows a picture; one that is older than the one being shown is ignored."""
        if self._composed is not None and composed.generation <= self._composed.generation:
            return
        pixels = composed.pixels
        # The QImage only refers to the array; `_composed` keeps it alive.
        self._image = QImage(
            pixels.data,
            pixels.shape[1],
            pixels.shape[0],
            pixels.strides[0],
            QImage.Format.Format_RGB32,
        )
        self._image.setDevicePixelRatio(self.devicePixelRatioF())
        self._composed = composed
        self._message = ""
        self.update()

    def show_message(self, message: str) -> None:
        """Shows a line instead of a picture."""
        if message != self._message or self._composed is not None:
            self._message = message
            self._image = QImage()
            self._composed = None
            self.update()

    def show_alarm(self, headline: str, sentence: str) -> None:
        """Lays an alarm over the picture; empty texts take it away."""
        if (headline, sentence) != (self._headline, self._sentence):
            self._headline, self._sentence = headline, sentence
            self.update()

    def show_frozen(self, frozen: bool) -> None:
        """Frames the picture of a frozen display."""
        if frozen != self._frozen:
            self._frozen = frozen
            self.update()

    def theme_changed(self) -> None:
        """Colours are taken while painting."""
        self.update()

    def retranslate(self) -> None:
        """Words are made while painting."""
        self.update()

    def sizeHint(self) -> QSize:
        """Wished size."""
        return QSize(800, 600)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Asks for a picture of the new size."""
        super().resizeEvent(event)
        self.room_changed.emit()

    def picture_rect(self) -> QRectF:
        """Where the picture lies in the widget; empty without a picture."""
        if self._image.isNull():
            return QRectF()
        # While the window is being resized the last picture is stretched until the next is there.
        size = QSize(self._image.size())
        size.scale(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        left = (self.width() - size.width()) // 2
        return QRectF(left, (self.height() - size.height()) // 2, size.width(), size.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints ground, picture, boxes, chips and alarm."""
        painter = QPainter(self)
        colours = theme.active()
        painter.fillRect(self.rect(), colours.colour("image_ground"))
        if self._composed is None or self._image.isNull():
            self._paint_message(painter)
        else:
            picture = self.picture_rect()
            painter.drawImage(picture, self._image)
            inspection = self._composed.order.shown.inspection
            if not self._composed.order.grey:
                self._paint_regions(painter, picture, inspection)
            self._paint_chips(painter, inspection)
        if self._frozen:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colours.colour("frozen"), 6))
            painter.drawRect(QRectF(self.rect()).adjusted(3, 3, -3, -3))
        if self._headline:
            self._paint_alarm(painter)

    def _font(self, size: int, bold: bool = False) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(size)
        font.setBold(bold)
        return font

    def _paint_message(self, painter: QPainter) -> None:
        painter.setFont(self._font(20))
        painter.setPen(theme.active().colour("text"))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(self.rect().adjusted(24, 24, -24, -24), flags, self._message)

    def _paint_regions(self, painter: QPainter, picture: QRectF, inspection: Inspection) -> None:
        if self._composed is None or self._composed.order.shown.frame is None:
            return
        height, width = self._composed.order.shown.frame.image.shape[:2]
        sx, sy = picture.width() / width, picture.height() / height
        for region in inspection.regions:
            box = QRectF(
                picture.x() + region.x * sx,
                picture.y() + region.y * sy,
                region.width * sx,
                region.height * sy,
            )
            # Black under white: seen on any image.
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(0, 0, 0, 160), 3))
            painter.drawRect(box)
            pen = QPen(QColor("white"), 2)
            pen.setDashPattern([5.0, 3.0])
            painter.setPen(pen)
            painter.drawRect(box)

    def _paint_chips(self, painter: QPainter, inspection: Inspection) -> None:
        part = self.tr("Part {number} · {time}").format(
            number=text.number(inspection.number),
            time=text.clock(inspection.decided_at, millis=True),
        )
        live = inspection.kind is SourceKind.LIVE
        top = self._chip(painter, 10, 10, part, _CHIP_TEXT)
        badge = text.kind_word(inspection.kind)
        self._chip(painter, 10, top + 6, badge, _CHIP_TEXT if live else _WARN, bold=True)

    def _chip(
        self,
        painter: QPainter,
        left: float,
        top: float,
        words: str,
        colour: QColor,
        *,
        bold: bool = False,
    ) -> float:
        """Paints one chip; returns its lower edge."""
        font = self._font(15, bold)
        metrics = QFontMetricsF(font)
        box = QRectF(left, top, metrics.horizontalAdvance(words) + 20, metrics.height() + 8)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_CHIP)
        painter.drawRoundedRect(box, 5, 5)
        painter.setPen(colour)
        painter.setFont(font)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
        return float(box.bottom())

    def _paint_alarm(self, painter: QPainter) -> None:
        colours = theme.active()
        wrap = Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap
        # As one picture of several there is little room; the sentence is cut before the headline.
        narrow = self.width() < _NARROW
        large, small = self._font(20 if narrow else 32, bold=True), self._font(14 if narrow else 17)
        width = min(self.width() - (12.0 if narrow else 32.0), 640.0)
        text_width = width - (24 if narrow else 48)
        head = QFontMetricsF(large).boundingRect(
            QRectF(0, 0, text_width, 1000), int(wrap), self._headline
        )
        body = QFontMetricsF(small).boundingRect(
            QRectF(0, 0, text_width, 1000), int(wrap), self._sentence
        )
        height = min(head.height() + body.height() + 60, self.height() - 8.0)
        box = QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colours.colour("on_fail"), 3))
        painter.setBrush(colours.colour("fail"))
        painter.drawRoundedRect(box, 10, 10)
        painter.setPen(colours.colour("on_fail"))
        left = box.left() + (width - text_width) / 2
        painter.setClipRect(box.adjusted(0, 4, 0, -4))
        painter.setFont(large)
        painter.drawText(
            QRectF(left, box.top() + 22, text_width, head.height() + 4), wrap, self._headline
        )
        painter.setFont(small)
        painter.drawText(
            QRectF(left, box.top() + 34 + head.height(), text_width, body.height() + 8),
            wrap,
            self._sentence,
        )
