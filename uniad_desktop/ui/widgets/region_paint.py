"""How the regions of a product are drawn on an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPainterPath,
    QPen,
    QPolygonF,
)

from uniad_desktop.engine.layout import Box, Layout, LayoutError, RegionOfInterest, tiles_of
from uniad_desktop.ui import theme
from uniad_desktop.ui.region_shapes import HANDLES, Regions, box_of

if TYPE_CHECKING:
    from uniad_desktop.ui.widgets.region_editor import RegionEditor

_DIMMED = QColor(0, 0, 0, 150)
_BELOW = QColor(0, 0, 0, 170)  # under white lines: seen on any image
_TILE = QColor(255, 255, 255, 150)
_CHIP = QColor(10, 12, 14, 205)
_HANDLE = 14.0


def paint_message(painter: QPainter, room: QRectF, words: str) -> None:
    """A sentence where there is no image."""
    painter.fillRect(room, theme.active().colour("image_ground"))
    painter.setFont(_font(painter, 17))
    painter.setPen(theme.active().colour("text"))
    flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
    painter.drawText(room.adjusted(24, 24, -24, -24), int(flags), words)


def paint_regions(
    painter: QPainter, editor: RegionEditor, *, selected: int | None, drawn: Box | None
) -> None:
    """Dims what nobody looks at; outlines, tiles, numbers, and the selected region's handles.

    Args:
        painter: of the editor, which painted its image.
        editor: whose regions are drawn.
        selected: index of the one with handles, or None.
        drawn: a box being drawn, not yet a region.
    """
    regions, size = editor.regions, editor.frame_size or (1, 1)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if regions or drawn is not None:
        _dim(painter, editor, regions, drawn)
    order = [place for place in range(len(regions)) if place != selected]
    for place in [*order, *([] if selected is None else [selected])]:
        region = regions[place]
        box = editor.on_screen(box_of(region, size))
        _tiles(painter, editor, region)
        _outline(painter, _path(editor, region), chosen=place == selected)
        _outline(painter, _rectangle(box), chosen=place == selected)
        _label(painter, box, f"{place + 1} {region.name}".strip())
        if place == selected:
            _handles(painter, box)
    if drawn is not None:
        _outline(painter, _rectangle(editor.on_screen(drawn)), chosen=True)


def _rectangle(box: QRectF) -> QPainterPath:
    path = QPainterPath()
    path.addRect(box)
    return path


def _path(editor: RegionEditor, region: RegionOfInterest) -> QPainterPath:
    """What of a region is judged: its polygon, else its box."""
    size = editor.frame_size or (1, 1)
    box = box_of(region, size)
    shown = editor.on_screen(box)
    if not region.polygon:
        return _rectangle(shown)
    sx, sy = shown.width() / box.width, shown.height() / box.height
    corners = [
        QPointF(shown.x() + (x - box.x) * sx, shown.y() + (y - box.y) * sy)
        for x, y in region.polygon
    ]
    path = QPainterPath()  # odd-even, as the layout has it
    path.addPolygon(QPolygonF(corners))
    path.closeSubpath()
    return path


def _dim(painter: QPainter, editor: RegionEditor, regions: Regions, drawn: Box | None) -> None:
    outside = _rectangle(editor.picture_rect())
    for region in regions:
        outside -= _path(editor, region)
    if drawn is not None:
        outside -= _rectangle(editor.on_screen(drawn))
    painter.fillPath(outside, _DIMMED)


def _tiles(painter: QPainter, editor: RegionEditor, region: RegionOfInterest) -> None:
    if region.rows * region.columns == 1:
        return
    try:
        tiles = tiles_of(Layout((region,)), *(editor.frame_size or (1, 1)))
    except LayoutError:
        return  # of another frame size; the editor says so when something is changed
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(_TILE, 1))
    for tile in tiles:
        painter.drawRect(editor.on_screen(tile.box))


def _outline(painter: QPainter, path: QPainterPath, *, chosen: bool) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(_BELOW, 5 if chosen else 4))
    painter.drawPath(path)
    # On dark whatever the theme: the dark one's colour.
    colour = theme.load("dark").colour("frozen") if chosen else QColor("white")
    painter.setPen(QPen(colour, 3 if chosen else 2))
    painter.drawPath(path)


def _label(painter: QPainter, box: QRectF, words: str) -> None:
    font = _font(painter, 15)
    font.setBold(True)
    metrics = QFontMetricsF(font)
    width = max(20.0, min(metrics.horizontalAdvance(words) + 16, box.width()))
    chip = QRectF(box.left(), box.top(), width, metrics.height() + 6)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_CHIP)
    painter.drawRect(chip)
    painter.setFont(font)
    painter.setPen(QColor("white"))
    shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, width - 8)
    painter.drawText(chip, int(Qt.AlignmentFlag.AlignCenter), shown)


def _handles(painter: QPainter, box: QRectF) -> None:
    painter.setPen(QPen(_BELOW, 2))
    painter.setBrush(theme.load("dark").colour("frozen"))
    for handle in HANDLES:
        square = QRectF(0, 0, _HANDLE, _HANDLE)
        square.moveCenter(
            QPointF(
                box.x() + box.width() * (handle.x + 1) / 2,
                box.y() + box.height() * (handle.y + 1) / 2,
            )
        )
        painter.drawRect(square)


def _font(painter: QPainter, size: int) -> QFont:
    font = QFont(painter.font())
    font.setPixelSize(size)
    return font
