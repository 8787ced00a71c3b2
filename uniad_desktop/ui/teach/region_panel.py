"""The regions of a product on an example image, with the buttons that a finger needs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from uniad_desktop.engine.layout import (
    LARGEST_OVERLAP,
    MOST_TILES,
    RegionOfInterest,
    smallest_defect,
)
from uniad_desktop.ui.region_shapes import Regions, box_of
from uniad_desktop.ui.widgets.figure import Figure
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.region_editor import RegionEditor
from uniad_desktop.ui.widgets.stepper import Stepper
from uniad_desktop.ui.widgets.touch_button import TouchButton

_OVERLAP_STEP = 5  # per cent


class RegionPanel(Panel):
    """The editor, steppers for tiles and overlap, and what they mean for the smallest defect.

    Args:
        parent: the parent widget.

    Signals:
        name_wished: the selected region should get another name; carries the present one.
    """

    name_wished = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, card=True)
        self.heading = Figure("heading", parent=self)
        self.editor = RegionEditor(self)
        self.figures = Figure("caption", parent=self)
        self.add, self.delete = TouchButton(parent=self), TouchButton(parent=self)
        self.name, self.undo = TouchButton(parent=self), TouchButton(parent=self)
        self.rows, self.columns = Stepper(self), Stepper(self)
        self.overlap = Stepper(self)
        self._scale: float | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 10)
        layout.setSpacing(8)
        layout.addWidget(self.heading)
        layout.addWidget(self.editor, 1)
        layout.addWidget(self.figures)
        for widgets in (
            (self.add, self.delete, self.name, self.undo),
            (self.rows, self.columns, self.overlap),
        ):
            row = QHBoxLayout()
            row.setSpacing(12)
            for widget in widgets:
                row.addWidget(widget, 1)
            layout.addLayout(row)
        self._connect()
        self.retranslate()

    def _connect(self) -> None:
        self.add.clicked.connect(self.editor.add_region)
        self.delete.clicked.connect(self.editor.delete_region)
        self.undo.clicked.connect(self.editor.undo)
        self.name.clicked.connect(self.wish_name)
        self.rows.stepped.connect(lambda step: self._step(rows=step))
        self.columns.stepped.connect(lambda step: self._step(columns=step))
        self.overlap.stepped.connect(self._step_overlap)
        self.editor.changed.connect(self._show_region)
        self.editor.selected.connect(self._show_region)

    def show_regions(self, regions: Regions) -> None:
        """Shows the regions of a product."""
        self.editor.show_regions(regions)

    def show_example(self, image: NDArray[np.uint8] | None, message: str) -> None:
        """Shows an example, (H, W) or (H, W, 3) uint8 RGB, or else a sentence."""
        self.editor.show_image(image, message)
        self._show_region()

    def show_scale(self, mm_per_pixel: float | None) -> None:
        """Sizes are given in millimetres, too, where the scale is known."""
        if mm_per_pixel != self._scale:
            self._scale = mm_per_pixel
            self._show_region()

    def wish_name(self) -> None:
        """Asks for a name of the selected region."""
        region = self.editor.selected_region
        if region is not None:
            self.name_wished.emit(region.name)

    def retranslate(self) -> None:
        """Writes all words anew."""
        self.heading.show_text(self.tr("REGIONS · DRAW ON THE IMAGE WITH A FINGER"))
        self.add.setText(self.tr("Add region\n(A)"))
        self.delete.setText(self.tr("Delete\n(X)"))
        self.name.setText(self.tr("Name…\n(B)"))
        self.undo.setText(self.tr("Undo\n(U)"))
        self.rows.show_caption(self.tr("Rows"))
        self.columns.show_caption(self.tr("Columns"))
        self.overlap.show_caption(self.tr("Overlap"))
        self._show_region()

    def _step(self, rows: int = 0, columns: int = 0) -> None:
        region = self.editor.selected_region
        if region is not None:
            self.editor.set_tiles(region.rows + rows, region.columns + columns)

    def _step_overlap(self, step: int) -> None:
        region = self.editor.selected_region
        if region is not None:
            steps = round(region.overlap * 100 / _OVERLAP_STEP) + step
            self.editor.set_overlap(min(LARGEST_OVERLAP, max(0, steps) * _OVERLAP_STEP / 100))

    def _show_region(self) -> None:
        """Buttons and figures of the selected region."""
        region, size = self.editor.selected_region, self.editor.frame_size
        there = region is not None and size is not None
        shown = region or RegionOfInterest()
        tiles = shown.rows * shown.columns
        self.rows.show_value(
            str(shown.rows),
            less=there and shown.rows > 1,
            more=there and tiles < MOST_TILES,
        )
        self.columns.show_value(
            str(shown.columns),
            less=there and shown.columns > 1,
            more=there and tiles < MOST_TILES,
        )
        self.overlap.show_value(
            f"{round(shown.overlap * 100)} %",
            less=there and shown.overlap > 0,
            more=there and shown.overlap < LARGEST_OVERLAP,
        )
        chosen = there and bool(self.editor.regions)
        self.add.setEnabled(size is not None)
        self.delete.setEnabled(chosen)
        self.name.setEnabled(there)
        self.undo.setEnabled(self.editor.can_undo)
        self.figures.show_text(self._figures(region, size))

    def _figures(self, region: RegionOfInterest | None, size: tuple[int, int] | None) -> str:
        if size is None:
            return ""
        if region is None:
            return self.tr("Tap a region to change it, or draw another one.")
        box = box_of(region, size)
        defect = smallest_defect(
            box.width,
            box.height,
            rows=region.rows,
            columns=region.columns,
            overlap=region.overlap,
            mm_per_pixel=self._scale,
        )
        where = self.tr("Whole frame") if region.box is None else f"x {box.x}  y {box.y}"
        smallest = self.tr("defects from about {px} px").format(px=round(defect.side))
        if defect.side_mm is not None:
            smallest = self.tr("defects from about {px} px = {mm:.2g} mm").format(
                px=round(defect.side), mm=defect.side_mm
            )
        return f"{where} · {box.width} × {box.height} px · {smallest}"
