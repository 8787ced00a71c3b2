"""One picture with a chip of words in its corner, or a sentence instead."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from uniad_desktop.ui import theme

_CHIP = QColor(0, 0, 0, 190)


class Picture(QWidget):
    """Shows what it is given, fitted and centred."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image = QImage()
        self._chips: tuple[tuple[str, str], ...] = ()
        self._message = ""
        self.setMinimumSize(200, 120)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def room(self) -> tuple[int, int]:
        """Width and height for the picture in device pixels."""
        ratio = self.devicePixelRatioF()
        return max(1, int(self.width() * ratio)), max(1, int(self.height() * ratio))

    @property
    def empty(self) -> bool:
        """Whether no picture is shown."""
        return self._image.isNull()

    @property
    def message(self) -> str:
        """What is said instead of a picture."""
        return self._message

    def show_image(self, image: QImage) -> None:
        """Shows a picture."""
        self._image, self._message = image, ""
        self.update()

    def show_chips(self, *chips: tuple[str, str]) -> None:
        """Words at the upper left, each with a colour of the theme or empty for white."""
        if chips != self._chips:
            self._chips = chips
            self.update()

    def show_message(self, message: str) -> None:
        """Shows a line instead of a picture."""
        if message != self._message or not self._image.isNull():
            self._image, self._message = QImage(), message
            self.update()

    def theme_changed(self) -> None:
        """Colours are taken while painting."""
        self.update()

    def sizeHint(self) -> QSize:
        """Wished size."""
        return QSize(640, 360)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints ground, picture and chips."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.active().colour("image_ground"))
        if self._image.isNull():
            painter.setFont(self._font(17))
            painter.setPen(theme.active().colour("text"))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(24, 24, -24, -24), flags, self._message)
            return
        size = QSize(self._image.size())
        size.scale(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        left, top = (self.width() - size.width()) / 2, (self.height() - size.height()) / 2
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(left, top, size.width(), size.height()), self._image)
        y = 10.0
        for words, token in self._chips:
            if words:
                y = self._chip(painter, y, words, token) + 6

    def _chip(self, painter: QPainter, top: float, words: str, token: str) -> float:
        font = self._font(15)
        metrics = QFontMetricsF(font)
        width = min(metrics.horizontalAdvance(words) + 20, self.width() - 20.0)
        box = QRectF(10, top, width, metrics.height() + 8)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_CHIP)
        painter.drawRoundedRect(box, 5, 5)
        # On black whatever the theme: the dark one's colours.
        painter.setPen(theme.load("dark").colour(token) if token else QColor("white"))
        painter.setFont(font)
        shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, width - 20)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, shown)
        return float(box.bottom())

    def _font(self, size: int) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(size)
        return font
