"""How the drift alarm behaves: false alarms in control, and delay after a shift.

    python benchmarks/spc.py [--runs 2000]

Simulated parts with a normal log score. Run lengths are parts up to the first alarm; an alarm is
*told* once it is beyond doubt (see inspection/spc/chart.py). Baselines are known exactly or
estimated from so many parts, as at a station. Also prints what a part costs.
"""

from __future__ import annotations

import argparse
import math
import time

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.inspection.image_quality import measure
from uniad_desktop.inspection.spc.baseline import Baseline, BaselineSource, Quantity, baseline_of
from uniad_desktop.inspection.spc.chart import (
    ControlChart,
    ewma_limit,
)
from uniad_desktop.inspection.spc.series import ChartSeries, chart_series

SIGMA = 0.2
EXACT = Baseline(math.log(15.0), SIGMA, 1_000_000, BaselineSource.CALIBRATION_SCORES)


def parts(rng: np.random.Generator, count: int, shift: float = 0.0) -> NDArray[np.float64]:
    """Raw scores (count,), `shift` sigmas off."""
    return np.exp(EXACT.centre + SIGMA * (rng.standard_normal(count) + shift))


def estimated(rng: np.random.Generator, count: int | None) -> Baseline:
    """A baseline from so many parts in control; None: the truth."""
    if count is None:
        return EXACT
    found = baseline_of(parts(rng, count), Quantity.SCORE, BaselineSource.CALIBRATION_SCORES)
    if found is None:
        raise ValueError("too few parts for a baseline")
    return found


def first(mask: NDArray[np.bool_]) -> int:
    """Place of the first true value, from 1; the length where there is none."""
    return int(np.argmax(mask)) + 1 if mask.any() else mask.size


def told_at(values: NDArray[np.float64], chart: ChartSeries) -> int:
    """Part at which an alarm is told first; the length where there is none."""
    settled = next((one for one in chart.drifts if one.settled), None)
    if settled is None:
        return values.size
    again = ControlChart(chart.baseline)
    for number, value in enumerate(values[: settled.since_number + settled.parts - 1].tolist(), 1):
        again.add(value, number, 0.0)
        if number > settled.since_number and again.drift is not None and again.drift.settled:
            return number
    return values.size


def run(
    rng: np.random.Generator, baseline: Baseline, shift: float, longest: int
) -> tuple[int, int, int, int, int]:
    """Run lengths: single part beyond, average beyond, nine on one side, any, told."""
    values = parts(rng, longest, shift)
    at = np.arange(1, longest + 1)
    chart = chart_series(values, baseline, at, at.astype(float))
    any_rule = chart.beyond | chart.ewma_beyond | chart.one_side
    return (
        first(chart.beyond),
        first(chart.ewma_beyond),
        first(chart.one_side),
        first(any_rule),
        told_at(values, chart),
    )


def table(runs: int) -> None:
    """Prints average run lengths."""
    print("| baseline | shift | part > 3 sigma | average > limit | nine on one side | any | told |")
    print("|---|---|---|---|---|---|---|")
    for count in (None, 400, 100, 50):
        for shift in (0.0, 0.5, 1.0, 2.0):
            rng = np.random.default_rng([count or 0, int(10 * shift)])
            longest = 60_000 if shift == 0.0 else 4_000
            repeated = max(50, runs // 10) if shift == 0.0 else runs
            found = np.array(
                [run(rng, estimated(rng, count), shift, longest) for _ in range(repeated)]
            )
            never = (found[:, 4] >= longest).mean()
            means = [f"{value:,.0f}" if value > 20 else f"{value:.1f}" for value in found.mean(0)]
            late = f"{means[4]} (median {np.median(found[:, 4]):,.0f}, never {never:.0%})"
            name = "exact" if count is None else f"{count} parts"
            print(f"| {name} | {shift:g} sigma | {' | '.join(means[:4])} | {late} |", flush=True)


def cost() -> None:
    """Prints what a part costs."""
    rng = np.random.default_rng(0)
    values = parts(rng, 100_000).tolist()
    chart = ControlChart(EXACT)
    began = time.perf_counter()
    for number, value in enumerate(values):
        chart.add(value, number, 0.0)
    each = (time.perf_counter() - began) / len(values)
    at = np.arange(len(values))
    began = time.perf_counter()
    chart_series(values, EXACT, at, at)
    whole = time.perf_counter() - began
    print(f"\nOne part on a chart: {each * 1e6:.1f} us; 100,000 stored ones: {whole * 1e3:.0f} ms")
    for name, shape in (("grey", (1944, 2592)), ("colour", (1944, 2592, 3))):
        image = rng.integers(0, 256, shape, dtype=np.uint8)
        times = []
        for _ in range(100):
            began = time.perf_counter()
            measure(image)
            times.append(time.perf_counter() - began)
        print(f"Figures of a 5 MP {name} frame: median {np.median(times) * 1e3:.2f} ms")
    print(
        f"Limit of the average after 1, 2, 5, 20 parts: "
        f"{', '.join(f'{ewma_limit(t):.3f}' for t in (1, 2, 5, 20))} sigma"
    )


def chart_cost() -> None:
    """Prints what a new part costs the window: figures, drawing, painting (no display needed)."""
    import os

    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from uniad_desktop.inspection.spc.chart import DriftState
    from uniad_desktop.inspection.spc.monitor import Drawn, Watched
    from uniad_desktop.inspection.types import Verdict
    from uniad_desktop.ui.application import create_application
    from uniad_desktop.ui.settings import UiSettings
    from uniad_desktop.ui.widgets.trend_chart import TrendChart

    create_application([], UiSettings(language="en"))
    chart = TrendChart()
    chart.resize(844, 140)
    rng = np.random.default_rng(0)
    base = Baseline(EXACT.centre, SIGMA, 400, BaselineSource.CALIBRATION_SCORES)
    for shift, name in ((0.0, "in control"), (2.0, "in drift")):
        follow, drawn = ControlChart(base), []
        for number, value in enumerate(parts(rng, 700, shift).tolist(), 1):
            point = follow.add(value, number, 0.0)
            limits = (base.value(z) for z in (point.ewma, -point.limit, point.limit))
            drawn.append(
                Drawn(
                    number, 0.0, Verdict.PASS, value, *limits,
                    signal=point.beyond or point.ninth, ewma_signal=point.ewma_beyond,
                )
            )  # fmt: skip
        drift: DriftState | None = follow.drift
        update, paint = [], []
        for newest in range(500, 700):
            shown = Watched(("a", name), tuple(drawn[newest - 500 : newest]), base, 0, drift)
            began = time.perf_counter()
            chart.show_watched(shown, 37.5)
            update.append(time.perf_counter() - began)
            began = time.perf_counter()
            chart.grab()
            paint.append(time.perf_counter() - began)
        print(
            f"500 parts {name}: update {np.median(update) * 1e3:.2f} ms, "
            f"paint {np.median(paint) * 1e3:.2f} ms (median of 200)"
        )


def main() -> int:
    """Prints the tables; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--chart", action="store_true", help="only what the window's chart costs")
    options = parser.parse_args()
    if options.chart:
        chart_cost()
        return 0
    table(options.runs)
    cost()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
