"""An image with the regions of a product, to be drawn, moved and resized with a finger."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from uniad_desktop.engine.layout import Box, LayoutError, RegionOfInterest
from uniad_desktop.ui import theme
from uniad_desktop.ui.pictures import scaled_picture
from uniad_desktop.ui.region_shapes import (
    HANDLES,
    Handle,
    Regions,
    between,
    box_of,
    moved,
    problem_of,
    resized,
)
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.region_paint import paint_message, paint_regions

REACH = 32
"""Pixels of the screen around a handle that count as the handle: 64 in all."""

_MARGIN = 20  # so that handles at the edge of the frame can be got hold of from outside
_SMALLEST_DRAG = 12  # pixels of the screen; less is a tap
_MOST_STEPS = 100
_KEYS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


@dataclass(frozen=True, slots=True)
class _Drag:
    """What a finger is at: a handle of a region, all of it, or (region None) a new one."""

    start: QPointF
    before: Regions
    region: int | None
    handle: Handle | None = None


class RegionEditor(Panel):
    """Shows and changes regions; buttons for what a finger cannot draw are outside.

    Without regions the whole frame is inspected. A change that makes no sense (tiles too small,
    too many) is not made.

    Args:
        parent: the parent widget.

    Signals:
        changed: the regions are others now; ask `regions`.
        selected: another region, or none, is selected.
        refused: a sentence on why something was not done.
    """

    changed = Signal()
    selected = Signal()
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: NDArray[np.uint8] | None = None
        self._scaled = QImage()
        self._message = ""
        self._regions: Regions = ()
        self._selected: int | None = None
        self._undo: list[Regions] = []
        self._drag: _Drag | None = None
        self._drawn: Box | None = None
        self.setMinimumSize(280, 200)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    # what is shown

    def show_image(self, image: NDArray[np.uint8] | None, message: str = "") -> None:
        """Shows an image to draw on.

        Args:
            image: (H, W) or (H, W, 3) RGB uint8; None: nothing can be drawn.
            message: said instead of an image.
        """
        self._image, self._message, self._scaled = image, message, QImage()
        self._drag = self._drawn = None
        self.update()

    def show_regions(self, regions: Regions) -> None:
        """Shows regions; what was drawn before cannot be undone any more."""
        self._undo.clear()
        self._drag = self._drawn = None
        self._regions = regions
        self._select(0 if len(regions) == 1 else None)
        self.update()

    @property
    def regions(self) -> Regions:
        """The regions as they are now."""
        return self._regions

    @property
    def selected_region(self) -> RegionOfInterest | None:
        """The region that buttons are about: the selected one; without any, the whole frame."""
        if not self._regions:
            return RegionOfInterest()
        return None if self._selected is None else self._regions[self._selected]

    @property
    def frame_size(self) -> tuple[int, int] | None:
        """Width and height of the image in pixels; None without one."""
        return None if self._image is None else (self._image.shape[1], self._image.shape[0])

    @property
    def can_undo(self) -> bool:
        """Whether there is something to take back."""
        return bool(self._undo)

    # what buttons do

    def select(self, region: int | None) -> None:
        """Selects the region with this index, or none."""
        self._select(region)

    def add_region(self) -> None:
        """A new region in the middle of the frame; half as wide and high."""
        if self.frame_size is None:
            return
        width, height = self.frame_size
        box = between((width / 4, height / 4), (width * 3 / 4, height * 3 / 4), (width, height))
        if box is not None:
            self._add(box)

    def delete_region(self) -> None:
        """Takes the selected region away; without any, the whole frame is inspected."""
        if self._selected is None:
            return
        left = self._regions[: self._selected] + self._regions[self._selected + 1 :]
        if self._put(left):
            self._select(None)

    def set_tiles(self, rows: int, columns: int) -> None:
        """Cuts the selected region, or the whole frame, into this many tiles."""
        self._replace(rows=rows, columns=columns)

    def set_overlap(self, overlap: float) -> None:
        """Sets the share of a tile's side that neighbours have in common."""
        self._replace(overlap=overlap)

    def set_name(self, name: str) -> None:
        """Names the selected region, or the whole frame."""
        self._replace(name=name)

    def undo(self) -> None:
        """Takes the last change back."""
        if self._undo:
            self._regions = self._undo.pop()
            self._select(self._selected)
            self.update()
            self.changed.emit()

    def _replace(self, **values: object) -> None:
        region = self.selected_region
        if region is None:
            return
        place = self._selected or 0
        try:
            made = replace(region, **values)  # type: ignore[arg-type]
        except LayoutError as error:
            self.refused.emit(str(error))
            return
        if self._put((*self._regions[:place], made, *self._regions[place + 1 :])):
            self._select(place)

    def _add(self, box: Box) -> None:
        if self._put((*self._regions, RegionOfInterest(box=box))):
            self._select(len(self._regions) - 1)

    def _put(self, regions: Regions, before: Regions | None = None) -> bool:
        """Makes a change that can be undone; says why not and returns False where it cannot be."""
        before = self._regions if before is None else before
        problem = problem_of(regions, before, self.frame_size)
        if problem:
            self.refused.emit(problem)
            return False
        if regions != before:
            self._undo = [*self._undo, before][-_MOST_STEPS:]
            self._regions = regions
            self.update()
            self.changed.emit()
        return True

    def _select(self, region: int | None) -> None:
        if region is not None and not 0 <= region < len(self._regions):
            region = None
        self._selected = region
        self.update()
        self.selected.emit()

    # where things are

    def picture_rect(self) -> QRectF:
        """Where the image lies in the widget; empty without one."""
        if self.frame_size is None:
            return QRectF()
        room = self.rect().adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        size = QSize(*self.frame_size)
        size.scale(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
        box = QRectF(0, 0, size.width(), size.height())
        box.moveCenter(QRectF(room).center())
        return box

    def on_screen(self, box: Box) -> QRectF:
        """Where a box of the frame is drawn."""
        picture, (width, height) = self.picture_rect(), self.frame_size or (1, 1)
        sx, sy = picture.width() / width, picture.height() / height
        return QRectF(
            picture.x() + box.x * sx, picture.y() + box.y * sy, box.width * sx, box.height * sy
        )

    def in_frame(self, point: QPointF) -> QPointF:
        """A point of the widget in full-frame pixels, also beyond the frame."""
        picture, (width, height) = self.picture_rect(), self.frame_size or (1, 1)
        return QPointF(
            (point.x() - picture.x()) / picture.width() * width,
            (point.y() - picture.y()) / picture.height() * height,
        )

    def _handle_at(self, point: QPointF) -> Handle | None:
        """The nearest handle of the selected region in reach."""
        if self._selected is None or self.frame_size is None:
            return None
        box = box_of(self._regions[self._selected], self.frame_size)
        shown = self.on_screen(box)
        # Inside of a small region there has to be room left to move it by.
        inner = min(REACH, shown.width() / 4, shown.height() / 4)
        reach = inner if shown.contains(point) else REACH
        near = []
        for handle in HANDLES:
            x = shown.x() + shown.width() * (handle.x + 1) / 2
            y = shown.y() + shown.height() * (handle.y + 1) / 2
            away = (abs(x - point.x()), abs(y - point.y()))
            if max(away) <= reach:
                near.append((sum(away), handle))
        return min(near)[1] if near else None

    def _region_at(self, point: QPointF) -> int | None:
        """The region under a point: the selected one, else the smallest."""
        if self.frame_size is None:
            return None
        found = []
        for place, region in enumerate(self._regions):
            box = box_of(region, self.frame_size)
            if self.on_screen(box).contains(point):
                found.append((place != self._selected, box.width * box.height, place))
        return min(found)[2] if found else None

    # fingers and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Takes hold of a handle or a region, or begins a new one."""
        if event.button() is not Qt.MouseButton.LeftButton or self.frame_size is None:
            return
        point = event.position()
        handle = self._handle_at(point)
        place = self._selected if handle is not None else self._region_at(point)
        if place != self._selected:
            self._select(place)
        self._drag = _Drag(point, self._regions, place, handle)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drags; the regions follow as far as they make sense."""
        if self._drag is None or self.frame_size is None:
            return
        drag, size = self._drag, self.frame_size
        away = event.position() - drag.start
        start, now = self.in_frame(drag.start), self.in_frame(event.position())
        if drag.region is None:
            far = max(abs(away.x()), abs(away.y())) >= _SMALLEST_DRAG
            self._drawn = between(start.toTuple(), now.toTuple(), size) if far else None
            self.update()
            return
        region, by = drag.before[drag.region], (now - start).toTuple()
        if drag.handle is None:
            made: RegionOfInterest | None = moved(region, by, size)
        else:
            made = resized(region, drag.handle, by, size)
        if made is None:
            return
        regions = (*drag.before[: drag.region], made, *drag.before[drag.region + 1 :])
        if not problem_of(regions, drag.before, size):
            self._regions = regions
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """What was dragged is a change now."""
        drag, self._drag = self._drag, None
        drawn, self._drawn = self._drawn, None
        self.update()
        if drag is None:
            return
        if drawn is not None:
            self._add(drawn)
        elif drag.region is not None:
            self._put(self._regions, drag.before)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move by a pixel, with Shift by ten; Del deletes; Ctrl+Z takes back."""
        step = _KEYS.get(Qt.Key(event.key()))
        if event.matches(QKeySequence.StandardKey.Undo):
            self.undo()
        elif event.key() == Qt.Key.Key_Delete:
            self.delete_region()
        elif step is not None and self._selected is not None and self.frame_size is not None:
            far = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            place, size = self._selected, self.frame_size
            made = moved(self._regions[place], (step[0] * far, step[1] * far), size)
            self._put((*self._regions[:place], made, *self._regions[place + 1 :]))
        else:
            super().keyPressEvent(event)

    # painting

    def sizeHint(self) -> QSize:
        """Wished size."""
        return QSize(640, 420)

    def theme_changed(self) -> None:
        """Colours are taken while painting."""
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints image, dimmed surroundings, regions, tiles and handles."""
        painter = QPainter(self)
        if self._image is None:
            paint_message(painter, QRectF(self.rect()), self._message)
            return
        picture, ratio = self.picture_rect(), self.devicePixelRatioF()
        wished = (round(picture.width() * ratio), round(picture.height() * ratio))
        if (self._scaled.width(), self._scaled.height()) != wished:
            self._scaled = scaled_picture(self._image, *wished)
        painter.fillRect(self.rect(), theme.active().colour("image_ground"))
        painter.drawImage(picture, self._scaled)
        paint_regions(painter, self, selected=self._selected, drawn=self._drawn)
