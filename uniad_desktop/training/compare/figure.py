"""The paper's figure: training losses above, what they are worth on the test pictures below."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import matplotlib
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from uniad_desktop.training.compare.tables import Row, summary
from uniad_desktop.training.compare.variants import Suite
from uniad_desktop.training.evaluation.text import WIDE_SCRIPTS

_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8C6D31")
"""Okabe and Ito's palette, which the colour-blind can tell apart, with a brown for its yellow."""
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
_LINES = ("-", "--", ":")

_STYLE = {
    "axes.edgecolor": "#808080",
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "font.size": 10,
    "grid.color": "#e4e4e4",
    "svg.hashsalt": "uniad-desktop",
}


def draw_curves(suite: Suite, rows: Sequence[Row]) -> tuple[bytes, bytes]:
    """Curves of all variants over the steps.

    Returns:
        PNG and SVG.
    """
    with matplotlib.rc_context(_style()):
        figure = Figure(figsize=(8.4, 8.0), layout="constrained")
        FigureCanvasAgg(figure)
        loss, image, pixel = figure.subplots(3, 1, sharex=True, height_ratios=(1.0, 1.3, 1.0))
        for number, row in enumerate(rows):
            _draw(row, _look(number), loss, image, pixel)
        figure.suptitle(suite.title, fontsize=12, fontweight="bold")
        loss.set_yscale("log")
        loss.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        loss.yaxis.set_major_formatter("{x:g}")
        loss.yaxis.set_minor_locator(NullLocator())
        loss.set_ylabel("training loss")
        image.set_ylabel("test image AUROC, %")
        pixel.set_ylabel("test pixel AUROC, %")
        pixel.set_xlabel("optimiser steps")
        pixel.set_xlim(left=0)
        pixel.xaxis.set_major_locator(MaxNLocator(integer=True))
        figure.align_ylabels()
        figure.legend(*loss.get_legend_handles_labels(), loc="outside right upper", frameon=False)
        return _saved(figure)


def draw_dots(suite: Suite, rows: Sequence[Row]) -> tuple[bytes, bytes]:
    """The finished variants side by side: a dot for each AUROC.

    Returns:
        PNG and SVG.
    """
    with matplotlib.rc_context(_style()):
        figure = Figure(figsize=(8.4, 1.5 + 0.38 * len(rows)), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots(1, 2, sharey=True)
        found = [summary(row) for row in rows]
        for plot, name, values, colour in (
            (axes[0], "image", [one.image for one in found], _COLOURS[0]),
            (axes[1], "pixel", [one.pixel for one in found], _COLOURS[2]),
        ):
            plot.set_xlabel(f"test {name} AUROC, %")
            there = [(at, 100 * one) for at, one in enumerate(values) if one is not None]
            if not there:
                continue
            low = min(one for _, one in there)
            high = max(one for _, one in there)
            # Bars would have to begin at 0, where small differences vanish.
            margin = max(0.5, 0.12 * (high - low))
            plot.set_xlim(low - margin, min(high + 2.5 * margin, 100.0 + margin))
            for at, one in there:
                plot.plot([one], [at], "o", color=colour, ms=8)
                plot.annotate(
                    f"{one:.1f}",
                    (one, at),
                    xytext=(9, 0),
                    textcoords="offset points",
                    va="center",
                    annotation_clip=False,
                )
        axes[0].set_yticks(range(len(rows)), [row.variant.name for row in rows])
        axes[0].set_ylim(len(rows) - 0.4, -0.6)
        figure.suptitle(suite.title, fontsize=12, fontweight="bold")
        return _saved(figure)


def _look(number: int) -> dict[str, Any]:
    return {
        "color": _COLOURS[number % len(_COLOURS)],
        "marker": _MARKERS[number % len(_MARKERS)],
        "linestyle": _LINES[number // len(_COLOURS) % len(_LINES)],
        "linewidth": 1.7,
        "markersize": 5,
    }


def _draw(row: Row, look: dict[str, Any], loss: Any, image: Any, pixel: Any) -> None:  # noqa: ANN401
    """A variant's lines; with several seeds a band from the lowest to the highest as well."""
    points = row.points
    steps = [one.step for one in points]
    for plot, values in (
        (loss, [[one.loss for one in curve.points] for curve in row.curves]),
        (image, [[_percent(one.image) for one in curve.points] for curve in row.curves]),
        (pixel, [[_percent(one.pixel) for one in curve.points] for curve in row.curves]),
    ):
        columns = list(zip(*values, strict=True))
        middle = [sum(one) / len(one) for one in columns]
        plot.plot(steps, middle, label=row.variant.name, **look)
        if len(values) > 1:
            low, high = [min(one) for one in columns], [max(one) for one in columns]
            plot.fill_between(steps, low, high, color=look["color"], alpha=0.15, linewidth=0)


def _percent(value: float | None) -> float:
    return float("nan") if value is None else 100.0 * value


def _style() -> Any:  # noqa: ANN401 - matplotlib's type is a list of all its settings
    """The style, with the system's fonts for scripts that the bundled one does not have."""
    there = {one.name for one in font_manager.fontManager.ttflist}
    wide = [one for one in WIDE_SCRIPTS if one in there]
    return {**_STYLE, "font.family": ["DejaVu Sans", *wide]}


def _saved(figure: Figure) -> tuple[bytes, bytes]:
    png, svg = io.BytesIO(), io.BytesIO()
    figure.savefig(png, format="png", dpi=130)
    figure.savefig(svg, format="svg", metadata={"Date": None})
    return png.getvalue(), svg.getvalue()
