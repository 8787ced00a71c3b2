"""Score, brightness or sharpness of the last 500 parts: a control chart that is cheap to redraw."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from uniad_desktop.inspection.spc.baseline import Quantity
from uniad_desktop.inspection.spc.chart import WIDTH
from uniad_desktop.inspection.spc.monitor import KEPT, Watched
from uniad_desktop.inspection.types import Verdict
from uniad_desktop.ui import drift_words, text, theme
from uniad_desktop.ui.colour_scale import FULL, LIMIT
from uniad_desktop.ui.widgets.figure import Figure
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.still_plot import StillPlot

_ERROR_HEIGHT = FULL - 4
_SCORE_RANGE = (-3.0, FULL + 9)
_SIGHT = 8.0  # sigmas; what lies beyond is drawn at the edge
_RIGHT = Qt.AlignmentFlag.AlignRight
# verdict -> symbol of pyqtgraph, size, colour
_MARKS = {
    Verdict.PASS: ("o", 4, "dot"),
    Verdict.REVIEW: ("d", 11, "warn_text"),
    Verdict.FAIL: ("t1", 12, "alarm_text"),
    Verdict.ERROR: ("x", 11, "error_text"),
}
_NOTHING = Watched(("", ""))


@dataclass(frozen=True, slots=True, eq=False)
class _Columns:
    """The points of a quantity as drawn: heights on the axis of the chart."""

    place: NDArray[np.float64]
    height: NDArray[np.float64]
    ewma: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    signal: NDArray[np.bool_]
    ewma_signal: NDArray[np.bool_]
    verdict: NDArray[np.object_]


class TrendChart(Panel):
    """Dots for accepted parts, triangles for fails, crosses for errors; EWMA with its limits.

    A part beyond three sigmas, and the ninth in a row on one side, have a square around them; where
    the average is beyond its limits it is a string of beads. A tap shows the next quantity.
    """

    tapped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, card=True)
        self._watched = _NOTHING
        self._reject = 1.0
        self.quantity = Quantity.SCORE
        self._range = (0.0, 0.0)
        self._heading = Figure("heading", parent=self, shrink=True)
        self._summary = Figure("caption", "", _RIGHT, parent=self, shrink=True)
        self._plot = StillPlot(self)
        # Counted back from the newest part: view and axes stay as they are, which is what makes
        # an update cheap.
        self._plot.box.setXRange(-KEPT, 0, padding=0.01)
        self._plot.axes[1].setTicks([[(-n, f"-{n}" if n else "0") for n in range(0, KEPT, 100)]])
        self._plot.axes[0].setWidth(34)
        self._limit = pg.InfiniteLine(LIMIT, angle=0)
        self._centre = pg.InfiniteLine(0.0, angle=0)
        for line in (self._limit, self._centre):
            self._plot.box.addItem(line, ignoreBounds=True)
        self._marks: dict[Verdict, pg.ScatterPlotItem] = {}
        for verdict, (symbol, size, _) in _MARKS.items():
            self._marks[verdict] = pg.ScatterPlotItem(symbol=symbol, size=size, pxMode=True)
        # Beads on the average where it is beyond its limits: stamped, which a thick line is not.
        self._beads = pg.ScatterPlotItem(symbol="o", size=6, pxMode=True)
        self._signals = pg.ScatterPlotItem(symbol="s", size=9, pxMode=True)
        self._curves = {
            name: pg.PlotCurveItem(connect="finite", antialias=name == "ewma")
            for name in ("lower", "upper", "ewma")
        }
        for curve in self._curves.values():
            # Drawn as single lines: a thick path of 500 points takes three times as long.
            curve.setSegmentedLineMode("on")
        for item in (*self._marks.values(), *self._curves.values(), self._beads, self._signals):
            self._plot.box.addItem(item, ignoreBounds=True)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self._heading, 4)
        head.addWidget(self._summary, 5)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 6, 8, 4)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self._plot, 1)
        self.theme_changed()
        self.retranslate()

    # what is shown

    def show_watched(self, watched: Watched, reject: float) -> None:
        """Shows a quantity's parts; draws only when something changed.

        Args:
            watched: of `quantity`.
            reject: raw reject limit, which is 50 on the scale of the score.
        """
        former = self._watched
        same = (
            watched.subject == former.subject
            and watched.baseline is former.baseline
            and watched.learnt == former.learnt
            and reject == self._reject
            and len(watched.points) == len(former.points)
            and (not watched.points or watched.points[-1] is former.points[-1])
        )
        self._watched, self._reject = watched, reject
        if not same:
            self._draw()

    def show_next(self) -> None:
        """Chooses the next quantity; it is drawn with the next parts handed in."""
        self.quantity = self.next_quantity()
        self._watched = _NOTHING
        self._range = (0.0, 0.0)
        self._draw()
        self.retranslate()

    def next_quantity(self) -> Quantity:
        """What a tap would show."""
        order = list(Quantity)
        return order[(order.index(self.quantity) + 1) % len(order)]

    def clear(self) -> None:
        """Begins anew, for another product."""
        self._watched = _NOTHING
        self._draw()

    def last_number(self) -> int:
        """Number of the newest point, 0 without any."""
        return self._watched.points[-1].number if self._watched.points else 0

    def ewma(self) -> float:
        """The moving average after the newest point, as drawn; NaN before the first part."""
        points = self._watched.points
        return float(self._scale()(points[-1].ewma)) if points else math.nan

    def drawn(self, verdict: Verdict) -> tuple[np.ndarray, np.ndarray]:
        """Part numbers and heights drawn for a verdict."""
        places, heights = self._marks[verdict].getData()
        return np.asarray(places) + self.last_number(), np.asarray(heights)

    def signals(self) -> list[int]:
        """Numbers of the parts that have a square, rising."""
        places, _ = self._signals.getData()
        return sorted({int(place) + self.last_number() for place in np.asarray(places)})

    def limits(self) -> tuple[float, float, float]:
        """Lower limit, centre and upper limit as drawn at the newest part; NaN without baseline."""
        baseline, points = self._watched.baseline, self._watched.points
        if baseline is None or not points:
            return (math.nan,) * 3
        scale = self._scale()
        return (
            float(scale(points[-1].lower)),
            float(scale(baseline.value(0.0))),
            float(scale(points[-1].upper)),
        )

    def heading(self) -> str:
        """The words at the upper left."""
        return self._heading.text()

    def summary(self) -> str:
        """The words at the upper right: the average or the drift there is, and the baseline."""
        return self._summary.text()

    # drawing

    def _scale(self) -> Callable[[object], NDArray[np.float64]]:
        """From units of the quantity to the axis: 0-100, grey levels, per cent of the centre."""
        if self.quantity is Quantity.SCORE:
            return lambda raw: np.clip(LIMIT * np.asarray(raw, float) / self._reject, 0.0, FULL)
        if self.quantity is Quantity.BRIGHTNESS:
            return lambda grey: np.asarray(grey, float)
        baseline = self._watched.baseline
        if baseline is not None:
            whole = baseline.value(0.0)
        else:
            whole = next((one.value for one in self._watched.points if one.value > 0.0), 1.0)
        return lambda value: 100.0 * np.asarray(value, float) / whole

    def _columns(self) -> _Columns:
        points, scale, newest = self._watched.points, self._scale(), self.last_number()
        rows = np.array(
            [(one.number, one.value, one.ewma, one.lower, one.upper) for one in points], float
        ).reshape(len(points), 5)
        value = rows[:, 1]
        baseline = self._watched.baseline
        if baseline is not None and self.quantity is not Quantity.SCORE:
            value = np.clip(value, baseline.value(-_SIGHT), baseline.value(_SIGHT))
        return _Columns(
            rows[:, 0] - newest,
            scale(value),
            scale(rows[:, 2]),
            scale(rows[:, 3]),
            scale(rows[:, 4]),
            np.array([one.signal for one in points], bool),
            np.array([one.ewma_signal for one in points], bool),
            np.array([one.verdict for one in points], object),
        )

    def _draw(self) -> None:
        columns = self._columns()
        for verdict, item in self._marks.items():
            chosen = columns.verdict == verdict
            heights = columns.height[chosen]
            if verdict is Verdict.ERROR:
                score = self.quantity is Quantity.SCORE
                heights = np.full(heights.shape, _ERROR_HEIGHT if score else math.nan)
            there = np.isfinite(heights)
            item.setData(columns.place[chosen][there], heights[there])
        self._curves["ewma"].setData(columns.place, columns.ewma)
        for name, heights in (("lower", columns.lower), ("upper", columns.upper)):
            # It hardly changes after the first parts: a few long lines are drawn instead of 500.
            kept = _bends(heights)
            self._curves[name].setData(columns.place[kept], heights[kept])
        self._beads.setData(columns.place[columns.ewma_signal], columns.ewma[columns.ewma_signal])
        self._signals.setData(columns.place[columns.signal], columns.height[columns.signal])
        self._fit(columns)
        self._write_summary()

    def _fit(self, columns: _Columns) -> None:
        """The axis: fixed for the score; for the others wide enough, and changed seldom."""
        score, baseline = self.quantity is Quantity.SCORE, self._watched.baseline
        self._limit.setVisible(score)
        self._centre.setVisible(baseline is not None)
        if baseline is not None:
            self._centre.setValue(float(self._scale()(baseline.value(0.0))))
        if score:
            if self._range != _SCORE_RANGE:
                self._range = _SCORE_RANGE
                self._plot.box.setYRange(*_SCORE_RANGE, padding=0)
                self._plot.axes[0].setTicks([[(0, "0"), (LIMIT, "50"), (FULL, "100")]])
            return
        heights = columns.height[np.isfinite(columns.height)]
        needed = list(heights)
        if baseline is not None:
            scale = self._scale()
            needed += [float(scale(baseline.value(side * WIDTH))) for side in (-1.2, 1.2)]
        if not needed:
            return
        low, high = min(needed), max(needed)
        wide = max(high - low, 1.0)
        shown = self._range[1] - self._range[0]
        if low < self._range[0] or high > self._range[1] or wide < 0.4 * shown:
            self._range = (low - 0.1 * wide, high + 0.1 * wide)
            self._plot.box.setYRange(*self._range, padding=0)
            ends = (low, 0.5 * (low + high), high)
            self._plot.axes[0].setTicks([[(at, f"{at:.0f}") for at in ends]])

    def _write_summary(self) -> None:
        watched, value = self._watched, self.ewma()
        shown = text.NONE if math.isnan(value) else f"{value:.1f}"
        if self.quantity is Quantity.SCORE:
            words = self.tr("EWMA of accepted parts {value}").format(value=shown)
        elif self.quantity is Quantity.BRIGHTNESS:
            words = self.tr("EWMA {value} of 255 · saturated {share}").format(
                value=shown, share=self._saturated()
            )
        else:
            words = self.tr("EWMA {value} % of the baseline").format(value=shown)
        known = drift_words.baseline(watched.baseline, watched.learnt)
        drift = watched.drift
        if drift is not None and drift.settled and not drift.over:
            self._summary.show_text(f"{drift_words.short(drift)} · {known}", "warn_text")
        else:
            self._summary.show_text(f"{words} · {known}")

    def _saturated(self) -> str:
        share = self._watched.points[-1].saturated if self._watched.points else math.nan
        return text.NONE if math.isnan(share) else f"{100 * share:.1f} %"

    # words, colours, fingers

    def retranslate(self) -> None:
        """Writes all words anew."""
        self._heading.show_text(
            {
                Quantity.SCORE: self.tr("ANOMALY SCORE · LAST 500 PARTS · LIMIT 50 · NEXT (G)"),
                Quantity.BRIGHTNESS: self.tr("BRIGHTNESS · LAST 500 PARTS · NEXT (G)"),
                Quantity.SHARPNESS: self.tr("SHARPNESS, % · LAST 500 PARTS · NEXT (G)"),
            }[self.quantity]
        )
        self._write_summary()

    def theme_changed(self) -> None:
        """Takes over the colours of the theme in force."""
        colours = theme.active()
        dashed = Qt.PenStyle.DashLine
        self._limit.setPen(pg.mkPen(colours.colour("alarm_text"), width=2, style=dashed))
        self._centre.setPen(pg.mkPen(colours.colour("dim"), width=1))
        for verdict, (_, _, token) in _MARKS.items():
            item = self._marks[verdict]
            item.setBrush(pg.mkBrush(colours.colour(token)))
            item.setPen(pg.mkPen(None))
        self._signals.setBrush(pg.mkBrush(None))
        self._signals.setPen(pg.mkPen(colours.colour("warn_text"), width=1.5))
        self._curves["ewma"].setPen(pg.mkPen(colours.colour("ewma"), width=2))
        self._beads.setBrush(pg.mkBrush(colours.colour("warn_text")))
        self._beads.setPen(pg.mkPen(None))
        for name in ("lower", "upper"):  # not dashed: that would take longer than all the rest
            self._curves[name].setPen(pg.mkPen(colours.colour("dim"), width=1))
        self._plot.take_theme(self.font())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The whole chart is a button."""
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A tap."""
        if self.rect().contains(event.position().toPoint()):
            self.tapped.emit()


def _bends(heights: NDArray[np.float64]) -> NDArray[np.int64]:
    """Places that a line through the heights needs: where it changes, before that, and the ends."""
    if heights.size < 3:
        return np.arange(heights.size)
    changed = np.concatenate(([True], np.abs(np.diff(heights)) > 1e-3, [True]))
    gaps = np.concatenate(([True], np.diff(np.isfinite(heights).astype(int)) != 0, [True]))
    changed |= gaps
    return np.flatnonzero(changed[:-1] | changed[1:])
