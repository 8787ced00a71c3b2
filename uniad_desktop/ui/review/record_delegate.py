"""How one inspection of the grid is drawn: picture, score, sign of the verdict, label."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records.record import Record
from uniad_desktop.records.schema import Label
from uniad_desktop.ui import text, theme
from uniad_desktop.ui.review.words import label_word
from uniad_desktop.ui.thumbnails import Thumbnails
from uniad_desktop.ui.widgets.signs import draw_sign
from uniad_desktop.ui.widgets.thumb_delegate import FOOT, GAP, cell_size, draw_fitted

SIGN = 13
_LETTERS = 13
VERDICT_TOKENS = {
    Verdict.PASS: "text",
    Verdict.REVIEW: "warn_text",
    Verdict.FAIL: "alarm_text",
    Verdict.ERROR: "error_text",
}


class RecordDelegate(QStyledItemDelegate):
    """Draws a record, or an empty place before it is fetched.

    Args:
        thumbnails: where the pictures come from.
        path_of: the picture's file of a record, None where there is none.
        side: of a thumbnail in pixels.
        parent: the parent widget.
    """

    def __init__(
        self,
        thumbnails: Thumbnails,
        path_of: Callable[[Record], Path | None],
        side: int,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._thumbnails, self._path_of = thumbnails, path_of
        self._cell = cell_size(side)

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
        """Draws one inspection; never raises for one whose image cannot be read."""
        record: Record | None = index.data(Qt.ItemDataRole.UserRole)
        colours = theme.active()
        half = GAP // 2
        room = option.rect.adjusted(half, half, -half, -half)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.fillRect(room, colours.colour("image_ground"))
        if record is not None:
            self._picture(painter, room.adjusted(2, 2, -2, -FOOT), record)
            foot = QRect(room.left(), room.bottom() - FOOT + 1, room.width(), FOOT)
            painter.fillRect(foot, colours.colour("raised"))
            self._words(painter, foot, record)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        width = 4 if chosen else 1
        painter.setPen(QPen(colours.colour("accent" if chosen else "border"), width))
        painter.drawRect(QRectF(room).adjusted(width / 2, width / 2, -width / 2, -width / 2))
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(colours.colour("text"), 1, Qt.PenStyle.DotLine))
            painter.drawRect(QRectF(room).adjusted(5, 5, -5, -5))
        painter.restore()

    def _picture(self, painter: QPainter, room: QRect, record: Record) -> None:
        path = self._path_of(record)
        image = self._thumbnails.get(path) if path is not None else None
        if image is not None and not image.isNull():
            draw_fitted(painter, room, image)
            return
        if image is None and path is not None:
            return  # it is being read
        painter.setPen(theme.active().colour("dim"))
        painter.setFont(self._font(painter, bold=False))
        words = self.tr("no image") if path is None else self.tr("unreadable")
        painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter), words)

    def _words(self, painter: QPainter, foot: QRect, record: Record) -> None:
        """Score and sign at the left, the label at the right."""
        colours = theme.active()
        font = self._font(painter, bold=True)
        metrics = QFontMetrics(font)
        painter.setFont(font)
        score = text.score(record.score)
        flags = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        left = foot.left() + 7
        painter.setPen(colours.colour("text"))
        painter.drawText(QRect(left, foot.top(), foot.width(), FOOT), flags, score)
        left += metrics.horizontalAdvance(score) + 6
        square = QRectF(left, foot.top() + (FOOT - SIGN) / 2, SIGN, SIGN)
        draw_sign(painter, record.verdict, square, colours.colour(VERDICT_TOKENS[record.verdict]))
        left += SIGN + 6
        if record.label is Label.NONE:
            return
        room = QRect(left, foot.top(), max(0, foot.right() - 7 - left), FOOT)
        word = metrics.elidedText(
            label_word(record.label), Qt.TextElideMode.ElideRight, room.width()
        )
        painter.setPen(colours.colour("text"))
        painter.drawText(
            room, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), word
        )

    @staticmethod
    def _font(painter: QPainter, *, bold: bool) -> QFont:
        font = QFont(painter.font())
        font.setPixelSize(_LETTERS)
        font.setBold(bold)
        return font
