"""How one image of a grid is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from uniad_desktop.inspection.types import Verdict
from uniad_desktop.ui import theme
from uniad_desktop.ui.thumbnails import Thumbnails
from uniad_desktop.ui.widgets.signs import draw_sign

if TYPE_CHECKING:
    from uniad_desktop.ui.widgets.thumb_grid import Thumb

GAP = 8
FOOT = 24
_SIGN = 14
_CAPTION = 13  # pixels of the letters
_FADED = 0.3  # opacity of a rejected image


def cell_size(side: int) -> QSize:
    """Room that an image takes with caption and gap, for a thumbnail of `side` pixels."""
    return QSize(side + GAP, side * 3 // 4 + FOOT + GAP)


def draw_fitted(painter: QPainter, room: QRect, image: QImage, *, faded: bool = False) -> None:
    """Draws a picture into the middle of a room, never enlarged."""
    size = image.size()
    if size.width() > room.width() or size.height() > room.height():
        size.scale(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
    target = QRect(0, 0, size.width(), size.height())
    target.moveCenter(room.center())
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.setOpacity(_FADED if faded else 1.0)
    painter.drawImage(target, image)
    painter.setOpacity(1.0)


class ThumbDelegate(QStyledItemDelegate):
    """Draws picture, caption, mark and choice of a `Thumb`.

    Args:
        thumbnails: where the pictures come from.
        side: of a thumbnail in pixels.
        parent: the parent widget.
    """

    def __init__(self, thumbnails: Thumbnails, side: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thumbnails, self._cell = thumbnails, cell_size(side)

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """The same for all."""
        return self._cell

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draws one image; never raises for one that cannot be read."""
        item: Thumb = index.data(Qt.ItemDataRole.UserRole)
        colours = theme.active()
        half = GAP // 2
        room = option.rect.adjusted(half, half, -half, -half)
        state = option.state
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.fillRect(room, colours.colour("image_ground"))
        image = self._thumbnails.get(item.path)
        picture = room.adjusted(2, 2, -2, -FOOT)
        if image is not None and image.isNull():
            square = QRectF(0, 0, 36, 36)
            square.moveCenter(QRectF(picture).center())
            draw_sign(painter, Verdict.ERROR, square, colours.colour("dim"))
        elif image is not None:
            draw_fitted(painter, picture, image, faded=item.mark == "rejected")
        foot = QRect(room.left(), room.bottom() - FOOT + 1, room.width(), FOOT)
        painter.fillRect(foot, colours.colour("raised"))
        self._words(painter, foot, item, chosen=chosen)
        self._border(painter, QRectF(room), item, chosen=chosen)
        if state & QStyle.StateFlag.State_HasFocus:
            pen = QPen(colours.colour("text"), 1, Qt.PenStyle.DotLine)
            painter.setPen(pen)
            painter.drawRect(QRectF(room).adjusted(5, 5, -5, -5))
        painter.restore()

    @staticmethod
    def _words(painter: QPainter, foot: QRect, item: Thumb, *, chosen: bool) -> None:
        """Sign and caption."""
        colours = theme.active()
        left = foot.left() + 7
        square = QRectF(left, foot.top() + (FOOT - _SIGN) / 2, _SIGN, _SIGN)
        if item.mark == "doubtful":
            draw_sign(painter, Verdict.REVIEW, square, colours.colour("warn_text"))
        elif item.mark == "rejected":
            draw_sign(painter, Verdict.FAIL, square, colours.colour("dim"))
        elif item.mark == "held out":
            painter.setPen(QPen(colours.colour("dim"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(square.adjusted(1, 1, -1, -1))
        if item.mark != "none":
            left += _SIGN + 6
        right = foot.right() - 6
        if chosen:
            tick = QRectF(right - 14, foot.top() + (FOOT - 14) / 2, 14, 14)
            draw_sign(painter, Verdict.PASS, tick, colours.colour("text"))
            right -= 20
        font = QFont(painter.font())
        font.setPixelSize(_CAPTION)
        painter.setFont(font)
        painter.setPen(colours.colour("dim" if item.mark == "rejected" else "text"))
        words = QRect(left, foot.top(), max(0, right - left), FOOT)
        shown = QFontMetrics(font).elidedText(
            item.caption, Qt.TextElideMode.ElideRight, words.width()
        )
        painter.drawText(
            words, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), shown
        )

    @staticmethod
    def _border(painter: QPainter, room: QRectF, item: Thumb, *, chosen: bool) -> None:
        colours = theme.active()
        doubtful = item.mark == "doubtful"
        token = "accent" if chosen else "review" if doubtful else "border"
        width = 4 if chosen else 2 if doubtful else 1
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(colours.colour(token)), width))
        painter.drawRect(room.adjusted(width / 2, width / 2, -width / 2, -width / 2))
