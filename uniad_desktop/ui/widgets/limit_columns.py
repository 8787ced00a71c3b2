"""Columns of good parts, stems of defective ones, and the scales beside them."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont

from uniad_desktop.ui import theme

COLUMNS = 50
_COUNTS = (0, *(10**power for power in range(6)))


class LimitColumns:
    """Counts on a logarithmic scale: a single part is seen beside thousands.

    Args:
        box: what they are drawn in.
        axes: the scales at the left and below.
    """

    def __init__(self, box: pg.ViewBox, axes: list[pg.AxisItem]) -> None:
        self._axes = axes
        self._counts: tuple[list[int], list[int]] = ([], [])
        self._other = pg.BarGraphItem(x0=[], x1=[], y0=[], y1=[])
        self.highest = 1.0
        self._good = pg.BarGraphItem(x0=[], x1=[], y0=[], y1=[])
        self._bad = pg.PlotCurveItem(connect="pairs")
        self._tips = pg.ScatterPlotItem(symbol="t1", size=11, pxMode=True)
        self._known = [pg.InfiniteLine(0.0, angle=90, label="") for _ in range(2)]
        for item in (self._other, self._good, self._bad, self._tips, *self._known):
            box.addItem(item, ignoreBounds=True)
        axes[0].setWidth(40)
        axes[1].setStyle(hideOverlappingLabels=False)  # else the last figure is left out

    def show(
        self,
        good: NDArray[np.float64],
        bad: NDArray[np.float64],
        marks: tuple[float, float] | None,
        top: float,
        other: NDArray[np.float64] | None = None,
    ) -> None:
        """Draws scores from 0 to `top`; higher ones stand in the last column.

        Args:
            good: (n,) on the scale.
            bad: (m,) likewise.
            marks: two more places to be marked, or None.
            top: the end of the scale.
            other: (k,) of parts of which nobody said what they are, drawn behind the others.
        """
        edges = np.linspace(0.0, top, COLUMNS + 1)
        good_counts, bad_counts = (
            np.histogram(np.clip(scores, 0.0, top), edges)[0] for scores in (good, bad)
        )
        self._counts = (good_counts.tolist(), bad_counts.tolist())
        left, wide = edges[:-1], top / COLUMNS
        heights = np.log10(1.0 + good_counts)
        self._good.setOpts(
            x0=left + 0.08 * wide, x1=left + 0.92 * wide, y0=np.zeros(COLUMNS), y1=heights
        )
        unknown = np.zeros(0) if other is None else other
        other_counts = np.histogram(np.clip(unknown, 0.0, top), edges)[0]
        other_heights = np.log10(1.0 + other_counts)
        self._other.setOpts(x0=left, x1=left + wide, y0=np.zeros(COLUMNS), y1=other_heights)
        there = bad_counts > 0
        middle, tips = (left + 0.5 * wide)[there], np.log10(1.0 + bad_counts[there])
        # A stem with a triangle on it: told from a column without seeing its colour.
        self._bad.setData(
            np.repeat(middle, 2), np.stack((np.zeros(tips.size), tips), axis=1).ravel()
        )
        self._tips.setData(middle, tips)
        highest = (heights.max(), tips.max(initial=0.0), other_heights.max())
        self.highest = max(1.0, *map(float, highest)) + 0.1
        self._scale(top, max(one.max(initial=0.0) for one in (good, bad, unknown)) > top)
        for item, at in zip(self._known, marks or (0.0, 0.0), strict=True):
            item.setVisible(marks is not None)
            item.setValue(at)

    def drawn(self) -> tuple[list[int], list[int]]:
        """Parts per column, good and defective, from left to right."""
        return self._counts

    def _scale(self, top: float, beyond: bool) -> None:
        heights = [(math.log10(1 + one), str(one)) for one in _COUNTS]
        self._axes[0].setTicks([[one for one in heights if one[0] <= self.highest]])
        step = 10 if top <= 150 else 50 * math.ceil(top / 500)
        ticks = [(float(at), str(at)) for at in range(0, int(top - step / 2), step)]
        end = f"≥ {top:.0f}" if beyond else f"{top:.0f}"
        ticks.append((top * (1.0 - 0.5 / COLUMNS) if beyond else top, end))
        self._axes[1].setTicks([ticks])

    def name_marks(self, first: str, second: str) -> None:
        """The words at the two marks."""
        for item, words in zip(self._known, (first, second), strict=True):
            item.label.setFormat(words)

    def theme_changed(self) -> None:
        """Takes over the colours of the theme in force."""
        colours = theme.active()
        dim, bad = colours.colour("dim"), colours.colour("alarm_text")
        self._good.setOpts(brush=pg.mkBrush(colours.colour("dot")), pen=pg.mkPen(None))
        self._other.setOpts(brush=pg.mkBrush(colours.colour("border")), pen=pg.mkPen(None))
        self._bad.setPen(pg.mkPen(bad, width=3))
        self._tips.setBrush(pg.mkBrush(bad))
        self._tips.setPen(pg.mkPen(colours.colour("card")))
        for item in self._known:
            item.setPen(pg.mkPen(dim, width=1, style=Qt.PenStyle.DashLine))
            item.label.setColor(dim)
            item.label.setPosition(0.5)
        font = QFont()
        font.setPixelSize(12)
        for axis in self._axes:
            axis.setPen(pg.mkPen(colours.colour("border")))
            axis.setTextPen(pg.mkPen(dim))
            axis.setStyle(tickFont=font)
