"""Scores before and after: a dot per inspection, the limits as lines."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from uniad_desktop.ui import theme
from uniad_desktop.ui.colour_scale import FULL, LIMIT
from uniad_desktop.ui.widgets.figure import Figure
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.still_plot import StillPlot

MOST_DOTS = 20_000


class ScoreScatter(Panel):
    """Those in the upper left and lower right corner have another verdict now.

    Args:
        parent: the parent widget.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, card=True)
        self._heading = Figure("heading", parent=self)
        self._plot = StillPlot(self, 140)
        self._dots = pg.ScatterPlotItem(size=6, pen=None)
        self._flips = pg.ScatterPlotItem(size=9, symbol="x")
        self._lines = [pg.InfiniteLine(LIMIT, angle=angle) for angle in (0, 90)]
        for item in (*self._lines, self._dots, self._flips):
            self._plot.box.addItem(item, ignoreBounds=True)
        self._plot.box.setRange(xRange=(0.0, FULL), yRange=(0.0, FULL), padding=0.02)
        self._plot.axes[0].setWidth(34)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 6, 12, 6)
        layout.setSpacing(2)
        layout.addWidget(self._heading)
        layout.addWidget(self._plot, 1)
        self.theme_changed()
        self.retranslate()

    def show_pairs(
        self, same: Sequence[tuple[float, float]], flipped: Sequence[tuple[float, float]]
    ) -> None:
        """Shows (before, after) of those whose verdict stayed and of the others.

        Of very many that stayed only evenly chosen ones are drawn.
        """
        step = max(1, len(same) // MOST_DOTS)
        for item, pairs in ((self._dots, same[::step]), (self._flips, flipped)):
            item.setData([one[0] for one in pairs], [one[1] for one in pairs])

    def retranslate(self) -> None:
        """Writes all words anew."""
        self._heading.show_text(self.tr("SCORE BEFORE → NOW ↑ · × FLIP"))

    def theme_changed(self) -> None:
        """Takes over the colours of the theme in force."""
        colours = theme.active()
        self._plot.take_theme(self.font())
        self._dots.setBrush(pg.mkBrush(colours.colour("dot")))
        self._flips.setPen(pg.mkPen(colours.colour("alarm_text"), width=2))
        for line in self._lines:
            pen = pg.mkPen(colours.colour("dim"), width=1, style=Qt.PenStyle.DashLine)
            line.setPen(pen)
