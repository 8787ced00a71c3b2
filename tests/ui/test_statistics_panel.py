"""Statistics of a stored period."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from uniad_desktop.inspection.spc.period import PeriodParts, chart_period
from uniad_desktop.ui.widgets.period_plot import MOST_DOTS
from uniad_desktop.ui.widgets.statistics_panel import (
    PeriodStatistics,
    Quantity,
    StatisticsPanel,
)


def period(count: int = 400) -> PeriodParts:
    rng = np.random.default_rng(0)
    light = 100.0 + rng.standard_normal(count)
    light[count // 2 :] -= 8.0
    return PeriodParts(
        number=np.arange(1, count + 1),
        at=1_790_000_000.0 + 4.0 * np.arange(count),
        accepted=np.ones(count, bool),
        raw=0.8 * np.exp(0.1 * rng.standard_normal(count)),
        reject=2.0,
        brightness=light,
        sharpness=0.02 * np.exp(0.05 * rng.standard_normal(count)),
        saturated=np.full(count, 0.01),
    )


@pytest.fixture
def panel(app) -> Iterator[StatisticsPanel]:
    panel = StatisticsPanel()
    panel.resize(1200, 640)
    yield panel
    panel.close()
    panel.deleteLater()


def test_shows_counts_charts_drift_and_bars(panel):
    parts = period()
    panel.show_statistics(
        PeriodStatistics(
            380, 5, 14, 1, parts, chart_period(parts),
            positions=[("left", 3), ("top-right", 11)], sizes=[("small", 14)],
        )
    )  # fmt: skip
    panel.grab()
    assert [panel.shown(key) for key in ("inspected", "passed", "failed")] == ["400", "380", "14"]
    assert panel.shown("yield") == "95.00\u00a0%"
    assert panel.plots[Quantity.SCORE].drawn()[0] == 350
    assert panel.plots[Quantity.SCORE].words()[1] == "baseline: the first 50 accepted parts"
    (line,) = panel.drift_lines()
    assert line.startswith("brightness: △ 5.9 σ lower since part 197 ")
    assert panel.positions.lines() == ["top right  11  78 %", "left  3  100 %"]


def test_several_products_have_no_chart(panel):
    panel.show_statistics(PeriodStatistics(10, 0, 2, 0))
    assert panel.drift_lines() == ["Choose one product and one model to see charts and drift."]
    assert panel.plots[Quantity.SCORE].isHidden()


def test_nothing_at_all(panel):
    panel.show_statistics(PeriodStatistics())
    panel.grab()
    assert panel.shown("yield") == "–"
    assert panel.drift_lines() == ["none"]


def test_few_parts_have_dots_and_no_limits(panel):
    parts = period(12)
    panel.show_statistics(PeriodStatistics(12, parts=parts, charts=chart_period(parts)))
    panel.grab()
    plot = panel.plots[Quantity.SCORE]
    assert plot.drawn() == (12, 0)
    assert plot.words()[1] == "no baseline yet: 12 of 50 parts"


def test_very_many_parts_are_thinned_but_not_their_signals(panel):
    parts = period(20_000)
    charts = chart_period(parts)
    panel.show_statistics(PeriodStatistics(20_000, parts=parts, charts=charts))
    panel.grab()
    dots, squares = panel.plots[Quantity.BRIGHTNESS].drawn()
    assert dots <= MOST_DOTS
    assert 20 < squares < 20_000
