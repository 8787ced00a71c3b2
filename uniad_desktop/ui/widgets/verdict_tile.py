"""The verdict, readable from three metres: word, sign and colour, never colour alone."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from uniad_desktop.inspection.types import Verdict
from uniad_desktop.ui import text, theme
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.signs import draw_sign

_COLOURS = {
    Verdict.PASS: "pass",
    Verdict.REVIEW: "review",
    Verdict.FAIL: "fail",
    Verdict.ERROR: "error",
}
_LARGEST = 96.0
_SIGN, _GAP = 0.74, 0.24  # of the size of the word
_WRAP = Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap


@dataclass(frozen=True, slots=True)
class TileFace:
    """What the tile shows.

    Attributes:
        verdict: the verdict, None before the first.
        line: one line below it.
        stale: it no longer says anything about the part in front of the camera.
        frozen: it belongs to a former part on a frozen display.
        part: number of the part, 0 before the first.
    """

    verdict: Verdict | None = None
    line: str = ""
    stale: bool = False
    frozen: bool = False
    part: int = 0


class VerdictTile(Panel):
    """Shows one `TileFace`; repaints only when it changes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._face = TileFace()
        self.setMinimumHeight(140)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def face(self) -> TileFace:
        """What is being shown."""
        return self._face

    def show_face(self, face: TileFace) -> None:
        """Shows another face."""
        if face != self._face:
            self._face = face
            self.setAccessibleName(self.heading())
            self.setAccessibleDescription(face.line)
            self.update()

    def heading(self) -> str:
        """The large word as it is shown."""
        face = self._face
        if face.verdict is None:
            return text.NONE
        word = text.verdict_word(face.verdict)
        if face.frozen:
            return word
        return self.tr("last: {verdict}").format(verdict=word) if face.stale else word

    def ground_token(self) -> str:
        """Name of the theme colour that fills the tile."""
        face = self._face
        if face.verdict is None or face.stale:
            return "stale"
        return "card" if face.frozen else _COLOURS[face.verdict]

    def retranslate(self) -> None:
        """Words are made while painting."""
        self.update()

    def theme_changed(self) -> None:
        """Colours are taken while painting."""
        self.update()

    def sizeHint(self) -> QSize:
        """Wished size."""
        return QSize(400, 200)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints ground, sign, word and line."""
        face, colours = self._face, theme.active()
        ground = self.ground_token()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        plain = ground in ("stale", "card")
        ink = colours.colour({"stale": "on_stale", "card": "text"}.get(ground, f"on_{ground}"))
        box = QRectF(self.rect()).adjusted(2, 2, -2, -2)
        painter.setBrush(colours.colour(ground))
        border = colours.colour("border" if ground == "stale" else "frozen")
        style = Qt.PenStyle.DashLine if ground == "stale" else Qt.PenStyle.SolidLine
        painter.setPen(QPen(border, 3, style) if plain else Qt.PenStyle.NoPen)
        painter.drawRoundedRect(box, 8, 8)
        room = box.adjusted(14, 8, -14, -8)
        if face.frozen:
            room = self._paint_frozen_mark(painter, room)
        painter.setPen(ink)
        font, line_height = self._line_font(room.width())
        size = self._word_size(QRectF(room).adjusted(2, 0, -2, -line_height))
        # Word and line stand together in the middle of the tile.
        word_height = min(room.height() - line_height, size * 1.25)
        top = room.top() + (room.height() - word_height - line_height) / 2
        self._paint_heading(painter, QRectF(room.left(), top, room.width(), word_height), size)
        painter.setFont(font)
        line = QRectF(room.left(), top + word_height, room.width(), line_height + 4)
        painter.drawText(line, _WRAP, face.line)

    def _line_font(self, width: float) -> tuple[QFont, float]:
        """Font of the line, over two rows at most, and its height in pixels."""
        font = QFont(self.font())
        height = 0.0
        for size in (19, 17, 15, 13):
            font.setPixelSize(size)
            metrics = QFontMetricsF(font)
            room = QRectF(0, 0, width, 400)
            height = metrics.boundingRect(room, int(_WRAP), self._face.line).height()
            if height <= 2.2 * metrics.height():
                break
        return font, height

    def _word_size(self, room: QRectF) -> float:
        """Largest size in pixels at which sign and word fit."""
        font = self._word_font(_LARGEST)
        metrics = QFontMetricsF(font)
        wide = metrics.horizontalAdvance(self.heading())
        if self._face.verdict is not None:
            wide += _LARGEST * (_SIGN + _GAP)
        scale = min(1.0, room.width() / wide, room.height() / (metrics.capHeight() * 1.45))
        return max(12.0, _LARGEST * scale)

    def _word_font(self, size: float) -> QFont:
        font = QFont(self.font())
        font.setWeight(QFont.Weight.Bold)
        font.setPixelSize(int(size))
        return font

    def _paint_frozen_mark(self, painter: QPainter, room: QRectF) -> QRectF:
        font = QFont(self.font())
        font.setPixelSize(16)
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(theme.active().colour("frozen"))
        mark = self.tr("FROZEN · part {number}").format(number=text.number(self._face.part))
        height = QFontMetricsF(font).height()
        painter.drawText(room, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, mark)
        return room.adjusted(0, height, 0, 0)

    def _paint_heading(self, painter: QPainter, room: QRectF, size: float) -> None:
        """Paints sign and word side by side in the middle of the room."""
        verdict, word = self._face.verdict, self.heading()
        font = self._word_font(size)
        word_width = QFontMetricsF(font).horizontalAdvance(word)
        total = word_width + (size * (_SIGN + _GAP) if verdict is not None else 0.0)
        left = room.center().x() - total / 2
        if verdict is not None:
            side = size * _SIGN
            place = QRectF(left, room.center().y() - side / 2, side, side)
            draw_sign(painter, verdict, place, painter.pen().color())
            left += side + size * _GAP
        painter.setFont(font)
        painter.drawText(
            QRectF(left, room.top() - 40, word_width + 4, room.height() + 80),
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
            word,
        )
