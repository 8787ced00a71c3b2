"""Counts, control charts and where regions lie, over whatever period the filter leaves."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from uniad_desktop.engine.manifest import Calibration
from uniad_desktop.engine.package import PackageError
from uniad_desktop.engine.prediction import ModelIdentity
from uniad_desktop.inspection.spc.period import PeriodParts, chart_period
from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records.database import Records, RecordsError
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.records.query import Order, page
from uniad_desktop.records.statistics import (
    RegionsBy,
    SeriesPoint,
    cameras_among,
    counts,
    pareto,
    series,
)
from uniad_desktop.teaching.chart_baselines import chart_baselines
from uniad_desktop.teaching.versions import open_version
from uniad_desktop.ui import text
from uniad_desktop.ui.background import Background
from uniad_desktop.ui.review.context import ReviewContext
from uniad_desktop.ui.widgets.figure import Figure
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.statistics_panel import PeriodStatistics, StatisticsPanel
from uniad_desktop.ui.widgets.words import Words


class StatisticsView(Panel):
    """Follows the filter while it is shown.

    Args:
        context: where things are.
        parent: the parent widget.
    """

    def __init__(self, context: ReviewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._background = Background("review-statistics")
        self._asked: tuple[int, str, RecordFilter] | None = None
        self._generation = 0
        self._cameras = ""
        self._together = 0
        self.caption = Figure("caption", "", Qt.AlignmentFlag.AlignLeft, parent=self)
        self.together = Words(parent=self)
        self.panel = StatisticsPanel(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.caption)
        layout.addWidget(self.together)
        layout.addWidget(self.panel, 1)
        self.retranslate()

    def show_filter(
        self, records: Records | None, product: str, wanted: RecordFilter, cameras: str = ""
    ) -> None:
        """Shows the period of a filter.

        Args:
            records: the source; None shows nothing.
            product: key of the only product that the filter leaves, else empty.
            wanted: the filter; what it asks of verdict, score, label and text does not count here.
            cameras: what the cameras that it leaves are called; empty where it leaves all.
        """
        if records is None:
            return
        if cameras != self._cameras:
            self._cameras = cameras
            self.retranslate()
        period = _period(wanted, product)
        asked = (id(records), product, period)
        if asked == self._asked:
            return
        self._asked = asked
        self._generation += 1
        generation, folder = self._generation, self._context.data_folder

        def take(found: PeriodStatistics) -> None:
            if generation == self._generation:
                self.panel.show_statistics(found)
                self._together = len(found.cameras)
                self.retranslate()

        self._background.run(
            lambda: read_statistics(records, folder, product, period),
            take,
            self._context.say,
            (RecordsError,),
        )

    def outdate(self) -> None:
        """Something was added; the next showing reads anew."""
        self._asked = None

    def beat(self) -> None:
        """Takes what was read; returns at once."""
        self._background.beat()

    def close_down(self) -> None:
        """Ends the worker."""
        self._background.close_down()

    def retranslate(self) -> None:
        """Writes all words anew."""
        if self._cameras:
            words = self.tr(
                "All inspections of the period, product and camera {camera}, whatever their "
                "verdict and label"
            ).format(camera=self._cameras)
        else:
            words = self.tr(
                "All inspections of the period and product, whatever their verdict and label"
            )
        self.caption.show_text(words)
        self.together.setVisible(self._together > 1)
        self.together.setText(
            self.tr(
                "Scores of {n} cameras are together here; choose one under Camera (F6) to see it "
                "alone."
            ).format(n=text.number(self._together))
        )


def read_statistics(
    records: Records, data_folder: Path, product: str, period: RecordFilter
) -> PeriodStatistics:
    """Everything that the panel shows; charts only where one product is left.

    Of several models in the period the newest one is charted.

    Raises:
        RecordsError: the database cannot be read.
    """
    found = counts(records, period)
    shown = PeriodStatistics(
        passed=found.passed,
        review=found.review,
        failed=found.failed,
        error=found.error,
        positions=[(bar.name, bar.regions) for bar in pareto(records, period, RegionsBy.POSITION)],
        sizes=[(bar.name, bar.regions) for bar in pareto(records, period, RegionsBy.SIZE)],
    )
    newest = page(records, period, Order.NEWEST, size=1) if product else []
    if not newest:
        return shown
    setup = newest[0].setup
    points = series(records, replace(period, models=(setup.model,)))
    parts = _parts(points, setup.limits.reject)
    known = chart_baselines(
        data_folder, setup.model, product, _calibration(data_folder, setup.model, product)
    )
    return replace(
        shown, parts=parts, charts=chart_period(parts, known), cameras=cameras_among(points)
    )


def _period(wanted: RecordFilter, product: str) -> RecordFilter:
    """What is left of a filter where every part counts.

    The product is named: parts of another one may have come since the filter left just one.
    """
    return replace(
        wanted,
        products=(product,) if product else wanted.products,
        verdicts=(),
        labels=(),
        least_score=None,
        most_score=None,
        with_image=False,
        disagrees=False,
        text="",
    )


def _parts(points: list[SeriesPoint], reject: float) -> PeriodParts:
    def column(name: str) -> np.ndarray:
        values = [getattr(point, name) for point in points]
        return np.array([math.nan if one is None else one for one in values], dtype=np.float64)

    return PeriodParts(
        number=np.array([point.id for point in points], dtype=np.int64),
        at=column("at"),
        accepted=np.array([point.verdict is Verdict.PASS for point in points], dtype=bool),
        raw=column("raw_score"),
        reject=reject,
        brightness=column("brightness"),
        sharpness=column("sharpness"),
        saturated=column("saturated"),
    )


def _calibration(data_folder: Path, model: ModelIdentity, product: str) -> Calibration | None:
    """That of the package that judged, where it is still here."""
    try:
        package = open_version(data_folder, model.name, model.version)
    except PackageError:
        return None
    entry = package.manifest.products.get(product)
    if entry is None or package.identity.sha256 != model.sha256:
        return None
    return entry.calibration
