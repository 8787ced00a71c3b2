"""One quantity over a stored period: parts, their average with its limits, the time below."""

from __future__ import annotations

import time
from typing import Final

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from uniad_desktop.inspection.spc.period import PeriodChart
from uniad_desktop.ui import theme
from uniad_desktop.ui.widgets.figure import Figure
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.still_plot import StillPlot

MOST_DOTS: Final = 3000
_SIGHT = 8.0  # sigmas
_DAY_S = 86_400.0
_Floats = NDArray[np.float64]


class PeriodPlot(Panel):
    """Drawn once for each period; of very many parts every n-th dot, but every signal.

    Args:
        tall: more room and a reject limit.
        parent: the parent widget.
    """

    def __init__(self, parent: QWidget | None = None, *, tall: bool = False) -> None:
        super().__init__(parent, card=True)
        self._heading = Figure("heading", parent=self, shrink=True)
        self._caption = Figure("caption", "", Qt.AlignmentFlag.AlignRight, parent=self)
        self._plot = StillPlot(self, 120 if tall else 70)
        self._plot.axes[0].setWidth(44)
        self._limit = pg.InfiniteLine(0.0, angle=0)
        self._centre = pg.InfiniteLine(0.0, angle=0)
        self._dots = pg.ScatterPlotItem(symbol="o", size=4, pxMode=True)
        self._beads = pg.ScatterPlotItem(symbol="o", size=5, pxMode=True)
        self._signals = pg.ScatterPlotItem(symbol="s", size=8, pxMode=True)
        self._curves = {
            name: pg.PlotCurveItem(connect="finite") for name in ("lower", "upper", "ewma")
        }
        for curve in self._curves.values():
            curve.setSegmentedLineMode("on")
        drawn = (self._dots, *self._curves.values(), self._beads, self._signals)
        for item in (self._limit, self._centre, *drawn):
            self._plot.box.addItem(item, ignoreBounds=True)
        head = QHBoxLayout()
        head.addWidget(self._heading, 2)
        head.addWidget(self._caption, 3)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 6, 8, 4)
        layout.setSpacing(2)
        layout.addLayout(head)
        layout.addWidget(self._plot, 1)
        self.theme_changed()

    def say(self, heading: str, caption: str, token: str = "") -> None:
        """Writes the line above."""
        self._heading.show_text(heading)
        self._caption.show_text(caption, token)

    def words(self) -> tuple[str, str]:
        """The line above: left and right."""
        return self._heading.text(), self._caption.text()

    def show_chart(
        self, period: PeriodChart, factor: float, *, reject: float | None = None
    ) -> None:
        """Shows a chart.

        Args:
            period: to be shown.
            factor: from units of the quantity to those of the axis.
            reject: reject limit on the axis, or None.
        """
        chart = period.chart
        value = period.value * factor
        lines: dict[str, _Floats] = {}
        if chart is not None:
            base = chart.baseline
            value = np.clip(value, base.value(-_SIGHT) * factor, base.value(_SIGHT) * factor)
            for name, z in (("ewma", chart.ewma), ("lower", -chart.limit), ("upper", chart.limit)):
                lines[name] = base.value_of(z) * factor
            self._centre.setValue(base.value(0.0) * factor)
        self._draw(period.at, value, lines, reject)
        self._centre.setVisible(chart is not None)
        if chart is not None:
            at = np.arange(value.size, dtype=float)
            own = chart.beyond | chart.ninth
            self._signals.setData(at[own], value[own])
            every = _every(value.size)
            mean = chart.ewma_beyond[::every]
            self._beads.setData(at[::every][mean], lines["ewma"][::every][mean])

    def show_values(self, at: _Floats, value: _Floats) -> None:
        """Shows a quantity that has no chart: (n,) times and heights on the axis."""
        there = np.isfinite(value)
        self._draw(at[there], value[there], {}, None)
        self._centre.setVisible(False)

    def drawn(self) -> tuple[int, int]:
        """How many dots and squares are drawn."""
        return self._dots.getData()[0].size, self._signals.getData()[0].size

    def _draw(
        self, at: _Floats, value: _Floats, lines: dict[str, _Floats], reject: float | None
    ) -> None:
        place = np.arange(value.size, dtype=float)
        every = _every(value.size)
        self._dots.setData(place[::every], value[::every])
        self._signals.setData([], [])
        self._beads.setData([], [])
        for name, curve in self._curves.items():
            heights = lines.get(name, np.zeros(0))
            curve.setData(place[: heights.size : every], heights[::every])
        self._limit.setVisible(reject is not None)
        shown = np.concatenate((value, *lines.values()))
        shown = shown[np.isfinite(shown)]
        if reject is not None:
            self._limit.setValue(reject)
            shown = np.append(shown, (0.0, reject))
        low, high = (float(shown.min()), float(shown.max())) if shown.size else (0.0, 1.0)
        wide = max(high - low, 0.02 * abs(high), 1e-9)
        self._plot.box.setYRange(low - 0.08 * wide, high + 0.08 * wide, padding=0)
        self._plot.box.setXRange(0, max(1, value.size - 1), padding=0.01)
        self._plot.axes[1].setTicks([_times(at)])

    def theme_changed(self) -> None:
        """Takes over the colours of the theme in force."""
        colours = theme.active()
        dashed = Qt.PenStyle.DashLine
        self._limit.setPen(pg.mkPen(colours.colour("alarm_text"), width=2, style=dashed))
        self._centre.setPen(pg.mkPen(colours.colour("dim"), width=1))
        self._dots.setBrush(pg.mkBrush(colours.colour("dot")))
        self._dots.setPen(pg.mkPen(None))
        self._signals.setBrush(pg.mkBrush(None))
        self._signals.setPen(pg.mkPen(colours.colour("warn_text"), width=1.5))
        self._curves["ewma"].setPen(pg.mkPen(colours.colour("ewma"), width=2))
        self._beads.setBrush(pg.mkBrush(colours.colour("warn_text")))
        self._beads.setPen(pg.mkPen(None))
        for name in ("lower", "upper"):
            self._curves[name].setPen(pg.mkPen(colours.colour("dim"), width=1))
        self._plot.take_theme(self.font())


def _every(parts: int) -> int:
    """Of how many parts one is drawn."""
    return max(1, -(-parts // MOST_DOTS))


def _times(at: _Floats) -> list[tuple[float, str]]:
    """Five local times along the axis; the day, too, where there are several."""
    if not at.size:
        return []
    shape = "%d.%m. %H:%M" if at[-1] - at[0] > _DAY_S else "%H:%M"
    places = sorted({round(share * (at.size - 1)) for share in (0.03, 0.25, 0.5, 0.75, 0.97)})
    return [(float(one), time.strftime(shape, time.localtime(at[one]))) for one in places]
