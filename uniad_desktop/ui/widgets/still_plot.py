"""A plot that is looked at, not handled."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from uniad_desktop.ui import theme


class StillPlot(pg.GraphicsView):  # type: ignore[misc]  # pyqtgraph carries no types
    """A view box with a left and a bottom axis: no menus, no mouse.

    Put together from its parts, because a PlotWidget makes menus that nobody can open here.

    Args:
        parent: the parent widget.
        least_height: pixels.
    """

    def __init__(self, parent: QWidget, least_height: int = 70) -> None:
        super().__init__(parent=parent)
        self.setMinimumHeight(least_height)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameShape(StillPlot.Shape.NoFrame)
        self.box = pg.ViewBox(enableMouse=False, enableMenu=False)
        self.axes = [pg.AxisItem(side, linkView=self.box) for side in ("left", "bottom")]
        layout = pg.GraphicsLayout()
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addItem(self.axes[0], 0, 0)
        layout.addItem(self.box, 0, 1)
        layout.addItem(self.axes[1], 1, 1)
        self.setCentralItem(layout)

    def take_theme(self, font: QFont) -> None:
        """Colours of the theme in force for ground and axes; `font` of the page, made small."""
        colours = theme.active()
        self.setBackground(colours.colour("card"))
        small = QFont(font)
        small.setPixelSize(12)
        for axis in self.axes:
            axis.setPen(pg.mkPen(colours.colour("border")))
            axis.setTextPen(pg.mkPen(colours.colour("dim")))
            axis.setStyle(tickFont=small)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Is for whatever lies below."""
        event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Is for whatever lies below."""
        event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Is for whatever lies below."""
        event.ignore()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Is for whatever lies below."""
        event.ignore()
