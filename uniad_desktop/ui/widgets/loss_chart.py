"""How well the network rebuilds held-out parts while it is being taught."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from uniad_desktop.teaching.teach_job import LossPoint
from uniad_desktop.ui import theme
from uniad_desktop.ui.widgets.figure import Figure
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.still_plot import StillPlot


class LossChart(Panel):
    """Two curves over the steps: parts of the new product, dashed those of the former ones."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._points: tuple[LossPoint, ...] = ()
        self._steps = 0
        self._new_words = Figure("caption", parent=self)
        self._former_words = Figure("caption", "", Qt.AlignmentFlag.AlignRight, parent=self)
        self._plot = StillPlot(self, 60)
        self._plot.axes[0].setWidth(44)
        self._curves = {}
        for name in ("former", "new"):
            curve = self._curves[name] = pg.PlotCurveItem(connect="finite", antialias=True)
            self._plot.box.addItem(curve)
        words = QHBoxLayout()
        words.addWidget(self._new_words, 1)
        words.addWidget(self._former_words, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(words)
        layout.addWidget(self._plot, 1)
        for axis in self._plot.axes:
            axis.setStyle(showValues=False)
        self.theme_changed()
        self.retranslate()

    def show_losses(self, points: Sequence[LossPoint], steps: int) -> None:
        """Shows the curves, over `steps` steps in all; draws only what changed."""
        if (tuple(points), steps) == (self._points, self._steps):
            return
        self._points, self._steps = tuple(points), steps
        at = np.array([one.step for one in self._points], dtype=float)
        values = {
            "new": np.array([_number(one.new) for one in self._points]),
            "former": np.array([_number(one.former) for one in self._points]),
        }
        for name, curve in self._curves.items():
            curve.setData(at, values[name])
        both = np.concatenate([values["new"], values["former"]])
        finite = both[np.isfinite(both)]
        for axis in self._plot.axes:
            axis.setStyle(showValues=bool(finite.size))
        self._plot.box.setXRange(0, max(steps, 1), padding=0.01)
        if finite.size:
            low, high = float(finite.min()), float(finite.max())
            self._plot.box.setYRange(low * 0.9, high * 1.05, padding=0)
        self.retranslate()

    @property
    def points(self) -> tuple[LossPoint, ...]:
        """What is drawn."""
        return self._points

    def retranslate(self) -> None:
        """Writes all words anew."""
        last = self._points[-1] if self._points else None
        self._new_words.show_text(
            self.tr("── error on held-out parts of this product {value}").format(
                value=_shown(last.new if last else None)
            ),
            "ewma",
        )
        self._former_words.show_text(
            self.tr("- - on kept parts of the other products {value}").format(
                value=_shown(last.former if last else None)
            ),
            "warn_text",
        )

    def theme_changed(self) -> None:
        """Takes over the colours of the theme in force."""
        colours = theme.active()
        self._plot.take_theme(self.font())
        self._curves["new"].setPen(pg.mkPen(colours.colour("ewma"), width=2))
        self._curves["former"].setPen(
            pg.mkPen(colours.colour("warn_text"), width=2, style=Qt.PenStyle.DashLine)
        )


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _shown(value: float | None) -> str:
    return "" if value is None or not math.isfinite(value) else f"{value:.3f}"
