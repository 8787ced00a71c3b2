"""Counts, yield, control charts and Pareto bars of any period, from plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from uniad_desktop.inspection.spc.baseline import Quantity
from uniad_desktop.inspection.spc.period import PeriodChart, PeriodParts
from uniad_desktop.ui import drift_words, text, theme
from uniad_desktop.ui.colour_scale import LIMIT
from uniad_desktop.ui.widgets.figure import Figure
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.pareto_bars import ParetoBars
from uniad_desktop.ui.widgets.period_plot import PeriodPlot
from uniad_desktop.ui.widgets.touch_list import TouchList
from uniad_desktop.ui.widgets.words import Words

_DRIFTS = 6
# Names that records have for places and sizes of regions.
_BARS = {
    "top-left": QT_TRANSLATE_NOOP("Regions", "top left"),
    "top": QT_TRANSLATE_NOOP("Regions", "top"),
    "top-right": QT_TRANSLATE_NOOP("Regions", "top right"),
    "left": QT_TRANSLATE_NOOP("Regions", "left"),
    "middle": QT_TRANSLATE_NOOP("Regions", "middle"),
    "right": QT_TRANSLATE_NOOP("Regions", "right"),
    "bottom-left": QT_TRANSLATE_NOOP("Regions", "bottom left"),
    "bottom": QT_TRANSLATE_NOOP("Regions", "bottom"),
    "bottom-right": QT_TRANSLATE_NOOP("Regions", "bottom right"),
    "small": QT_TRANSLATE_NOOP("Regions", "small"),
    "medium": QT_TRANSLATE_NOOP("Regions", "medium"),
    "large": QT_TRANSLATE_NOOP("Regions", "large"),
    "line": QT_TRANSLATE_NOOP("Regions", "line"),
    "spot": QT_TRANSLATE_NOOP("Regions", "spot"),
}


@dataclass(frozen=True, slots=True, eq=False)
class PeriodStatistics:
    """What the panel shows.

    Attributes:
        passed, review, failed, error: decisions by verdict, of everything that was chosen.
        parts: for the charts; None where more than one product or model was chosen.
        charts: of `parts`, from `chart_period`.
        positions, sizes: regions by place and by size, name and count.
        cameras: serial numbers of the cameras whose parts are in the charts.
    """

    passed: int = 0
    review: int = 0
    failed: int = 0
    error: int = 0
    parts: PeriodParts | None = None
    charts: Mapping[Quantity, PeriodChart] = field(default_factory=dict)
    positions: Sequence[tuple[str, int]] = ()
    sizes: Sequence[tuple[str, int]] = ()
    cameras: Sequence[str] = ()

    @property
    def total(self) -> int:
        """All decisions."""
        return self.passed + self.review + self.failed + self.error


class StatisticsPanel(Panel):
    """Shows a period; reads nothing itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = PeriodStatistics()
        centre = Qt.AlignmentFlag.AlignHCenter
        keys = ("inspected", "passed", "review", "failed", "error", "yield")
        self._values = {key: Figure("count", alignment=centre, parent=self) for key in keys}
        self._names = {key: Figure("caption", alignment=centre, parent=self) for key in keys}
        counts = Panel(self, card=True)
        grid = QGridLayout(counts)
        grid.setContentsMargins(12, 6, 12, 6)
        grid.setVerticalSpacing(0)
        for column, key in enumerate(keys):
            grid.addWidget(self._values[key], 0, column)
            grid.addWidget(self._names[key], 1, column)
        self.plots = {
            quantity: PeriodPlot(self, tall=quantity is Quantity.SCORE) for quantity in Quantity
        }
        self.saturated = PeriodPlot(self)
        self.positions, self.sizes = ParetoBars(self), ParetoBars(self)
        self._drift_heading = Figure("heading", parent=self)
        self._drifts = Words("limit", self)
        alarms = Panel(self, card=True)
        lines = QVBoxLayout(alarms)
        lines.setContentsMargins(12, 6, 12, 6)
        lines.setSpacing(2)
        scrolled = TouchList([self._drifts], self)
        scrolled.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        scrolled.add_stretch()
        lines.addWidget(self._drift_heading)
        lines.addWidget(scrolled, 1)
        light = QHBoxLayout()
        light.setSpacing(8)
        for plot in (
            self.plots[Quantity.BRIGHTNESS],
            self.plots[Quantity.SHARPNESS],
            self.saturated,
        ):
            light.addWidget(plot, 1)
        below = QHBoxLayout()
        below.setSpacing(8)
        below.addWidget(alarms, 4)
        below.addWidget(self.positions, 3)
        below.addWidget(self.sizes, 3)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(counts)
        layout.addWidget(self.plots[Quantity.SCORE], 5)
        layout.addLayout(light, 4)
        layout.addLayout(below, 4)
        self.retranslate()

    def show_statistics(self, statistics: PeriodStatistics) -> None:
        """Shows a period."""
        self._shown = statistics
        parts = statistics.parts
        for quantity, plot in self.plots.items():
            period = statistics.charts.get(quantity)
            plot.setVisible(period is not None)
            if period is None or parts is None:
                continue
            if quantity is Quantity.SCORE:
                plot.show_chart(period, LIMIT / parts.reject, reject=LIMIT)
            elif quantity is Quantity.SHARPNESS:
                plot.show_chart(period, 100.0 / _whole(period))
            else:
                plot.show_chart(period, 1.0)
        self.saturated.setVisible(parts is not None)
        if parts is not None:
            self.saturated.show_values(parts.at, 100.0 * parts.saturated)
        self._write()

    def shown(self, key: str) -> str:
        """The figure under a key such as ``failed``."""
        return self._values[key].text()

    def drift_lines(self) -> list[str]:
        """The alarms as written."""
        return self._drifts.text().splitlines()

    def _write(self) -> None:
        shown = self._shown
        figures = {
            "inspected": (text.number(shown.total), ""),
            "passed": (text.number(shown.passed), ""),
            "review": (text.number(shown.review), "warn_text" if shown.review else ""),
            "failed": (text.number(shown.failed), "alarm_text" if shown.failed else ""),
            "error": (text.number(shown.error), "error_text" if shown.error else ""),
            "yield": (text.share(shown.passed / shown.total if shown.total else None), ""),
        }
        for key, (value, token) in figures.items():
            self._values[key].show_text(value, token)
        headings = {
            Quantity.SCORE: self.tr("ANOMALY SCORE OF ACCEPTED PARTS · LIMIT 50"),
            Quantity.BRIGHTNESS: self.tr("BRIGHTNESS"),
            Quantity.SHARPNESS: self.tr("SHARPNESS, %"),
        }
        for quantity, plot in self.plots.items():
            period = shown.charts.get(quantity)
            known = period.chart.baseline if period is not None and period.chart else None
            learnt = period.number.size if period is not None and known is None else 0
            plot.say(headings[quantity], drift_words.baseline(known, learnt))
        self.saturated.say(self.tr("SATURATED, %"), "")
        nothing = self.tr("no regions")
        for bars, heading, found in (
            (self.positions, self.tr("REGIONS BY PLACE"), shown.positions),
            (self.sizes, self.tr("REGIONS BY SIZE"), shown.sizes),
        ):
            bars.show_bars(heading, [(_bar(word), count) for word, count in found], nothing)
        self._write_drifts()

    def _write_drifts(self) -> None:
        told = [
            (drift.since_at, quantity, drift)
            for quantity, period in self._shown.charts.items()
            if period.chart is not None
            for drift in period.chart.drifts
            if drift.settled
        ]
        told.sort(key=lambda one: one[0], reverse=True)
        self._drift_heading.show_text(self.tr("DRIFT · {n} IN THIS PERIOD").format(n=len(told)))
        lines = [
            f"{drift_words.name(quantity)}: {drift_words.short(drift)}"
            for _, quantity, drift in told[:_DRIFTS]
        ]
        if self._shown.parts is None and self._shown.total:
            lines = [self.tr("Choose one product and one model to see charts and drift.")]
        elif not lines:
            lines = [self.tr("none")]
        self._drifts.setText("\n".join(lines))
        colour = theme.active().colour("warn_text").name()
        self._drifts.setStyleSheet(f"color: {colour};" if "△" in lines[0] else "")

    def retranslate(self) -> None:
        """Writes all words anew."""
        names = {
            "inspected": self.tr("decisions"),
            "passed": self.tr("pass"),
            "review": self.tr("review"),
            "failed": self.tr("fail"),
            "error": self.tr("error"),
            "yield": self.tr("yield"),
        }
        for key, name in names.items():
            self._names[key].show_text(name)
        self._write()


def _whole(period: PeriodChart) -> float:
    """What 100 % of the sharpness is: the baseline, else the median of the period."""
    if period.chart is not None:
        return period.chart.baseline.value(0.0)
    return max(1e-9, float(np.median(period.value))) if period.value.size else 1.0


def _bar(name: str) -> str:
    return QCoreApplication.translate("Regions", str(_BARS[name])) if name in _BARS else name
