"""The last rejects as thumbnails; a tap asks for a frozen display."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import (
    QFrame,
    QPushButton,
    QScrollArea,
    QScroller,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from uniad_desktop.inspection.types import InspectedFrame, Reject
from uniad_desktop.ui import text
from uniad_desktop.ui.widgets.figure import Figure
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.signs import draw_sign

STRIP_WIDTH = 148
_THUMB = QSize(116, 88)
_FOOT = 22


class Thumbnail(QPushButton):
    """One reject: its picture, its sign and its score."""

    def __init__(self, reject: Reject, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("thumbnail")
        self.shown: InspectedFrame = reject.shown
        self.setFixedSize(_THUMB)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        small = reject.thumbnail
        height, width = small.shape[:2]
        image = QImage(small.tobytes(), width, height, width * 3, QImage.Format.Format_RGB888)
        self._pixmap = QPixmap.fromImage(image)
        inspection = reject.shown.inspection
        self.setAccessibleName(f"{inspection.number} {text.score(inspection.score)}")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints frame, picture, sign and score."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        room = self.rect().adjusted(3, 3, -3, -3)
        size = self._pixmap.size().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
        painter.drawPixmap(
            room.x() + (room.width() - size.width()) // 2,
            room.y() + (room.height() - size.height()) // 2,
            size.width(),
            size.height(),
            self._pixmap,
        )
        foot = QRectF(room.x(), room.bottom() - _FOOT + 1, room.width(), _FOOT)
        painter.fillRect(foot, QColor(10, 12, 14, 215))
        inspection = self.shown.inspection
        if self.shown.frame is None:
            # Nothing was seen, and the empty picture says so.
            middle = QRectF(room.center().x() - 18, room.y() + 13, 36, 36)
            draw_sign(painter, inspection.verdict, middle, QColor(200, 204, 208))
        draw_sign(
            painter, inspection.verdict, QRectF(foot.x() + 6, foot.y() + 5, 12, 12), QColor("white")
        )
        font = QFont(self.font())
        font.setPixelSize(14)
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor("white"))
        painter.drawText(foot, Qt.AlignmentFlag.AlignCenter, text.score(inspection.score))


class FilmStrip(Panel):
    """Keeps one thumbnail per reject; makes only those that are new.

    Signals:
        chosen: a reject was tapped; carries its InspectedFrame.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, card=True)
        self.setFixedWidth(STRIP_WIDTH)
        self._numbers: tuple[int, ...] = ()
        self._thumbnails: dict[int, Thumbnail] = {}
        self._heading = Figure("heading", parent=self)
        self._empty = Figure("caption", parent=self)
        inner = QWidget()
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._column.addStretch()
        area = QScrollArea(self)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        area.setFixedWidth(STRIP_WIDTH - 16)
        area.setWidget(inner)
        # A finger drags the strip; taps still reach the thumbnails.
        QScroller.grabGesture(area.viewport(), QScroller.ScrollerGestureType.TouchGesture)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 6, 8)
        layout.setSpacing(6)
        layout.addWidget(self._heading)
        layout.addWidget(self._empty)
        layout.addWidget(area, 1)
        self.retranslate()

    def show_rejects(self, rejects: list[Reject]) -> None:
        """Shows rejects, newest first; does nothing when they are the same as before."""
        numbers = tuple(reject.shown.inspection.number for reject in rejects)
        if numbers == self._numbers:
            return
        self._numbers = numbers
        for number in set(self._thumbnails) - set(numbers):
            gone = self._thumbnails.pop(number)
            self._column.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for place, reject in enumerate(rejects):
            number = reject.shown.inspection.number
            if number not in self._thumbnails:
                fresh = Thumbnail(reject)
                fresh.clicked.connect(lambda _=False, shown=reject.shown: self.chosen.emit(shown))
                self._thumbnails[number] = fresh
                self._column.insertWidget(place, fresh)
        self._empty.setVisible(not numbers)

    def thumbnails(self) -> list[Thumbnail]:
        """The thumbnails, newest first."""
        return [self._thumbnails[number] for number in self._numbers]

    def retranslate(self) -> None:
        """Writes all words anew."""
        self._heading.show_text(self.tr("LAST REJECTS"))
        self._empty.show_text(self.tr("none yet"))

    def theme_changed(self) -> None:
        """Colours are taken while painting."""
        for thumbnail in self._thumbnails.values():
            thumbnail.update()
