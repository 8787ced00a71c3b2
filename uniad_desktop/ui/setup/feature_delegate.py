"""Draws the lines of the feature list; only the line that is open holds widgets."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QObject,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from uniad_desktop.cameras.feature_tree import Feature, FeatureAccess, FeatureKind
from uniad_desktop.ui import theme
from uniad_desktop.ui.setup import values
from uniad_desktop.ui.setup.editors import FeatureEditor, has_editor, make_editor
from uniad_desktop.ui.setup.feature_rows import ROW, AnyIndex, Doing, FeatureRow
from uniad_desktop.ui.widgets.touch_button import TOUCH

LINE = TOUCH
HEADING = 34
EDITOR = 76
STAR = TOUCH
_UNIT = 42
_LONGEST = 200  # letters of a value that are looked at


class FeatureDelegate(QStyledItemDelegate):
    """Paints headings and features, and makes the editor of the line that is open.

    Args:
        parent: the view.

    Signals:
        made: an editor was made for the line that is open.
    """

    made = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.open = ""
        """Name of the feature whose line is open."""

    # Qt

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        """Height of a line."""
        row = index.data(ROW)
        if not isinstance(row, FeatureRow) or row.feature is None:
            return QSize(0, HEADING)
        opened = row.feature.name == self.open and has_editor(row.feature)
        return QSize(0, LINE + EDITOR if opened else LINE)

    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: AnyIndex
    ) -> QWidget:
        """The editor of the line that is open."""
        row = index.data(ROW)
        editor = make_editor(row.feature, parent)
        self.made.emit(editor)
        return editor

    def setEditorData(self, editor: QWidget, index: AnyIndex) -> None:
        """The editor takes what the camera told, unless something is being typed or written."""
        row = index.data(ROW)
        if not isinstance(row, FeatureRow) or row.feature is None or row.doing is Doing.WRITING:
            return
        if isinstance(editor, FeatureEditor):
            editor.show_feature(row.feature)

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: AnyIndex) -> None:
        """Values go to the camera, never straight into the list."""

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: AnyIndex
    ) -> None:
        """Below the line."""
        editor.setGeometry(_rect(option).adjusted(12, LINE, -12, -6))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Editors stay: neither Tab nor another focus closes them."""
        return False

    # painting

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Paints one line."""
        row = index.data(ROW)
        if not isinstance(row, FeatureRow):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room, font = _rect(option), _font(option)
        if row.feature is None:
            _paint_heading(painter, room, font, row.heading)
        else:
            self._paint_feature(painter, room, font, row, row.feature)
        painter.restore()

    def _paint_feature(
        self, painter: QPainter, room: QRect, font: QFont, row: FeatureRow, feature: Feature
    ) -> None:
        colour = theme.active().colour
        if feature.name == self.open:
            painter.fillRect(room, colour("raised"))
            painter.fillRect(QRect(room.x(), room.y(), 3, room.height()), colour("accent"))
        painter.setPen(colour("border"))
        painter.drawLine(room.topLeft(), room.topRight())
        line = QRect(room.x(), room.y(), room.width(), LINE)
        painter.setPen(colour("text" if row.favourite else "dim"))
        painter.setFont(_sized(font, 22))
        painter.drawText(
            QRect(line.x(), line.y(), STAR, LINE),
            Qt.AlignmentFlag.AlignCenter,
            "★" if row.favourite else "☆",
        )
        box = value_rect(line)
        words = QRect(line.x() + STAR, line.y(), box.left() - line.x() - STAR - 10, LINE)
        usable = feature.writable or feature.access is FeatureAccess.READ_ONLY
        below, token = self._below(row, feature)
        _text(
            painter,
            words.adjusted(0, 9, 0, -LINE // 2 + 2),
            feature.display_name or feature.name,
            (
                _sized(font, 15, bold=True),
                colour("text" if usable and not feature.locked else "dim"),
            ),
        )
        _text(
            painter,
            words.adjusted(0, LINE // 2, 0, -8),
            below,
            (_sized(font, 12), colour(token)),
        )
        self._paint_value(painter, box, font, row, feature)
        if feature.unit:
            unit = QRect(box.right() + 6, line.y(), _UNIT, LINE)
            _text(painter, unit, values.unit_text(feature), (_sized(font, 13), colour("dim")))

    def _paint_value(
        self, painter: QPainter, box: QRect, font: QFont, row: FeatureRow, feature: Feature
    ) -> None:
        colour = theme.active().colour
        held = feature.locked or feature.access is FeatureAccess.NOT_AVAILABLE
        command = feature.kind is FeatureKind.COMMAND
        light = theme.active().name == "light"  # a hollow in the card, as fields are
        if feature.writable or held:
            pen = QPen(colour("warn_text" if row.taught else "border"))
            pen.setWidthF(2.0 if row.taught else 1.0)
            if held:
                pen.setDashPattern([4.0, 3.0])
            painter.setPen(pen)
            painter.setBrush(colour("raised" if command or light else "ground"))
            if held:
                painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        shown = self.value_words(feature)
        inner = box.adjusted(10, 0, -10, 0)
        if feature.kind is FeatureKind.ENUMERATION and feature.writable:
            painter.setFont(_sized(font, 13))
            painter.setPen(colour("dim"))
            painter.drawText(
                inner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, "▾"
            )
            inner = inner.adjusted(0, 0, -16, 0)
        align = Qt.AlignmentFlag.AlignHCenter if command else Qt.AlignmentFlag.AlignLeft
        look = (_sized(font, 15), colour("dim" if held else "text"))
        _text(painter, inner, shown, look, align)

    # words

    def value_words(self, feature: Feature) -> str:
        """What the box of a feature shows."""
        if feature.kind is FeatureKind.COMMAND:
            return self.tr("Execute") if feature.writable else "–"
        if feature.kind is FeatureKind.BOOLEAN and isinstance(feature.value, bool):
            return self.tr("On") if feature.value else self.tr("Off")
        return values.as_text(feature, feature.value)[:_LONGEST] or "–"

    def _below(self, row: FeatureRow, feature: Feature) -> tuple[str, str]:
        """The second line of a feature and its colour: what matters most."""
        if row.doing is Doing.WRITING:
            return self.tr("writing…"), "text"
        if row.problem:
            return row.problem, "alarm_text"
        if row.doing is Doing.READING:
            return self.tr("reading…"), "text"
        if feature.trouble:
            return feature.trouble, "alarm_text"
        told: list[str] = []
        if row.taught:
            told.append(self.tr("taught {value}").format(value=row.taught))
        if feature.locked:
            told.append(self.tr("stop to change"))
        if told:
            return " · ".join(told), "warn_text"
        if feature.access is FeatureAccess.NOT_AVAILABLE:
            return self.tr("not available with the present settings"), "dim"
        if feature.access is FeatureAccess.READ_ONLY:
            return self.tr("read only"), "dim"
        return values.range_text(feature) or feature.name, "dim"


def value_rect(line: QRect) -> QRect:
    """Where the value of a feature stands in its line."""
    width = min(210, max(120, line.width() * 2 // 5))
    return QRect(line.right() - width - _UNIT - 8, line.y() + 10, width, LINE - 20)


def _paint_heading(painter: QPainter, room: QRect, font: QFont, heading: str) -> None:
    colour = theme.active().colour
    painter.fillRect(room, colour("card"))
    painter.setPen(colour("border"))
    painter.drawLine(room.topLeft(), room.topRight())
    look = (_sized(font, 13, True), colour("dim"))
    _text(painter, room.adjusted(14, 0, -14, 0), heading, look)


def _text(
    painter: QPainter,
    room: QRect,
    words: str,
    look: tuple[QFont, QColor],
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> None:
    font, colour = look
    painter.setFont(font)
    painter.setPen(colour)
    shown = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, room.width())
    painter.drawText(room, align | Qt.AlignmentFlag.AlignVCenter, shown)


def _sized(font: QFont, size: int, bold: bool = False) -> QFont:
    made = QFont(font)
    made.setPixelSize(size)
    made.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return made


# The stubs of PySide do not know these members.
_rect: Callable[[QStyleOptionViewItem], QRect] = lambda option: option.rect  # noqa: E731
_font: Callable[[QStyleOptionViewItem], QFont] = lambda option: option.font  # noqa: E731
