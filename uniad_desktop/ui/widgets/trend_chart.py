"""The anomaly score of the last 500 parts with its moving average."""

from __future__ import annotations

import math
from collections import deque

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from uniad_desktop.inspection.types import TrendPoint, Verdict
from uniad_desktop.ui import text, theme
from uniad_desktop.ui.colour_scale import FULL, LIMIT
from uniad_desktop.ui.widgets.figure import Figure
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.still_plot import StillPlot

PARTS = 500
EWMA_WEIGHT = 0.2
_ERROR_HEIGHT = FULL - 4
# verdict -> symbol of pyqtgraph, size, colour
_MARKS = {
    Verdict.PASS: ("o", 4, "dot"),
    Verdict.REVIEW: ("d", 11, "warn_text"),
    Verdict.FAIL: ("t1", 12, "alarm_text"),
    Verdict.ERROR: ("x", 11, "error_text"),
}


class TrendChart(Panel):
    """Dots for accepted parts, triangles for fails, crosses for errors, EWMA of accepted parts."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, card=True)
        self._points: deque[tuple[TrendPoint, float]] = deque(maxlen=PARTS)
        self._ewma = math.nan
        self._heading = Figure("heading", parent=self)
        self._summary = Figure("caption", "", Qt.AlignmentFlag.AlignRight, parent=self)
        self._plot = StillPlot(self)
        self._plot.box.setYRange(-3, FULL + 9, padding=0)
        # Counted back from the newest part: view and axes stay as they are, which is what makes
        # an update cheap.
        self._plot.box.setXRange(-PARTS, 0, padding=0.01)
        self._plot.axes[1].setTicks([[(-n, f"-{n}" if n else "0") for n in range(0, PARTS, 100)]])
        self._plot.axes[0].setTicks([[(0, "0"), (LIMIT, "50"), (FULL, "100")]])
        self._plot.axes[0].setWidth(34)
        self._limit = pg.InfiniteLine(LIMIT, angle=0)
        self._plot.box.addItem(self._limit)
        self._marks: dict[Verdict, pg.ScatterPlotItem] = {}
        for verdict, (symbol, size, _) in _MARKS.items():
            self._marks[verdict] = pg.ScatterPlotItem(symbol=symbol, size=size, pxMode=True)
            self._plot.box.addItem(self._marks[verdict])
        self._curve = pg.PlotCurveItem(connect="finite", antialias=True)
        # Drawn as single lines: a thick path of 500 points takes three times as long.
        self._curve.setSegmentedLineMode("on")
        self._plot.box.addItem(self._curve)
        head = QHBoxLayout()
        head.addWidget(self._heading, 3)
        head.addWidget(self._summary, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 6, 8, 4)
        layout.setSpacing(2)
        layout.addLayout(head)
        layout.addWidget(self._plot, 1)
        self.theme_changed()
        self.retranslate()

    def add(self, points: list[TrendPoint]) -> None:
        """Adds newer points, oldest first; draws only when there are any."""
        if not points:
            return
        for point in points:
            # The chart of a process in control: parts that were not accepted do not pull it.
            if point.verdict is Verdict.PASS and not math.isnan(point.score):
                former = point.score if math.isnan(self._ewma) else self._ewma
                self._ewma = former + EWMA_WEIGHT * (point.score - former)
            self._points.append((point, self._ewma))
        self._draw()

    def clear(self) -> None:
        """Begins anew, for another product."""
        self._points.clear()
        self._ewma = math.nan
        self._draw()

    def last_number(self) -> int:
        """Number of the newest point, 0 without any."""
        return self._points[-1][0].number if self._points else 0

    def ewma(self) -> float:
        """The moving average after the newest point, NaN before the first accepted part."""
        return self._ewma

    def drawn(self, verdict: Verdict) -> tuple[np.ndarray, np.ndarray]:
        """Part numbers and heights drawn for a verdict."""
        places, heights = self._marks[verdict].getData()
        return np.asarray(places) + self.last_number(), np.asarray(heights)

    def summary(self) -> str:
        """The line at the upper right."""
        return self._summary.text()

    def _draw(self) -> None:
        numbers = np.array([point.number - self.last_number() for point, _ in self._points], float)
        scores = np.array([point.score for point, _ in self._points], dtype=float)
        verdicts = [point.verdict for point, _ in self._points]
        for verdict, item in self._marks.items():
            chosen = np.array([v is verdict for v in verdicts], dtype=bool)
            heights = scores[chosen] if chosen.size else scores
            if verdict is Verdict.ERROR:
                heights = np.full(heights.shape, _ERROR_HEIGHT)
            item.setData(numbers[chosen] if chosen.size else numbers, heights)
        self._curve.setData(numbers, np.array([ewma for _, ewma in self._points], dtype=float))
        self._write_summary()

    def _write_summary(self) -> None:
        value = text.NONE if math.isnan(self._ewma) else f"{self._ewma:.1f}"
        self._summary.show_text(self.tr("EWMA of accepted parts {value}").format(value=value))

    def retranslate(self) -> None:
        """Writes all words anew."""
        self._heading.show_text(self.tr("ANOMALY SCORE · LAST 500 PARTS · LIMIT 50"))
        self._write_summary()

    def theme_changed(self) -> None:
        """Takes over the colours of the theme in force."""
        colours = theme.active()
        self._limit.setPen(
            pg.mkPen(colours.colour("alarm_text"), width=2, style=Qt.PenStyle.DashLine)
        )
        for verdict, (_, _, token) in _MARKS.items():
            item = self._marks[verdict]
            item.setBrush(pg.mkBrush(colours.colour(token)))
            item.setPen(pg.mkPen(None))
        self._curve.setPen(pg.mkPen(colours.colour("ewma"), width=2))
        self._plot.take_theme(self.font())
