"""A label for text that changes often: never asks for a new layout, cuts what does not fit."""

from __future__ import annotations

import math

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from uniad_desktop.ui import theme


class Figure(QLabel):
    """Shows one line of text at a fixed place.

    A QLabel makes its parents lay out again at each new text; at thirty texts a second that is
    what makes a window slow and what makes figures dance.

    Args:
        role: the role in the style sheet (``caption``, ``value``, ``count``, ...).
        sample: the longest text to expect; gives the wished width. Empty: takes what it gets.
        alignment: where the text stands.
        elide: which end is cut when there is no room.
        shrink: smaller letters, down to 70 %, before anything is cut.
        parent: the parent widget.
    """

    def __init__(
        self,
        role: str,
        sample: str = "",
        alignment: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
        elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        parent: QWidget | None = None,
        *,
        shrink: bool = False,
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", role)
        self._sample = sample
        self._shown = ""
        self._token = ""
        self._align = alignment | Qt.AlignmentFlag.AlignVCenter
        self._elide = elide
        self._shrink = shrink
        horizontal = QSizePolicy.Policy.Preferred if sample else QSizePolicy.Policy.Ignored
        self.setSizePolicy(horizontal, QSizePolicy.Policy.Fixed)

    def show_text(self, text: str, token: str = "") -> None:
        """Shows a text, in the theme's colour `token` or else the colour of its role."""
        if (text, token) != (self._shown, self._token):
            self._shown, self._token = text, token
            self.update()

    def text(self) -> str:
        """The text being shown, before any cut."""
        return self._shown

    @property
    def token(self) -> str:
        """The theme's colour of the text; empty: that of its role."""
        return self._token

    def is_cut(self) -> bool:
        """Whether the text does not fit."""
        return self._wide(self._fitted()) > self.width()

    def _wide(self, font: QFont) -> int:
        """Whole pixels that the text needs: half a pixel too many is enough for Qt to cut it."""
        return math.ceil(QFontMetricsF(font).horizontalAdvance(self._shown))

    def _fitted(self) -> QFont:
        """The font, made smaller where that is allowed and needed."""
        font = QFont(self.font())
        wide = self._wide(font)
        if self._shrink and wide > self.width():
            font.setPixelSize(int(font.pixelSize() * max(0.7, self.width() / wide)))
        return font

    def sizeHint(self) -> QSize:
        """Room for the sample."""
        metrics = QFontMetrics(self.font())
        return QSize(metrics.horizontalAdvance(self._sample) + 2, metrics.height())

    def minimumSizeHint(self) -> QSize:
        """Same height, any width."""
        return QSize(0, QFontMetrics(self.font()).height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints the line."""
        painter = QPainter(self)
        if self._token:
            painter.setPen(QColor(theme.active().colour(self._token)))
        else:
            painter.setPen(self.palette().color(self.foregroundRole()))
        font = self._fitted()
        painter.setFont(font)
        text = QFontMetrics(font).elidedText(self._shown, self._elide, self.width())
        painter.drawText(self.rect(), self._align, text)
