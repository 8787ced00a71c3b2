"""The figures of a suite as tables: Markdown for people, CSV for programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from uniad_desktop.training.compare.curves import Curve, Point, averaged, curve_as_json
from uniad_desktop.training.compare.variants import Suite, Variant

_NONE = "–"


@dataclass(frozen=True, slots=True)
class Row:
    """A variant and what its trainings gave, at least one."""

    variant: Variant
    curves: tuple[Curve, ...]

    @property
    def points(self) -> tuple[Point, ...]:
        """The curve, averaged over the seeds."""
        return averaged(self.curves)


@dataclass(frozen=True, slots=True)
class Summary:
    """A row of the table. Every AUROC is a mean over products and seeds, 0 to 1.

    Attributes:
        image, pixel: of the finished network.
        deviation: of the image AUROC over the seeds; None with one seed.
        best_image, best_step: the highest image AUROC on the way, and where.
        fall: from there to the end.
        best_pixel: the highest pixel AUROC on the way.
        loss: training loss at the end.
        parameters: of the network or networks.
        seconds: per optimiser step.
    """

    image: float | None
    pixel: float | None
    deviation: float | None
    best_image: float | None
    best_step: int | None
    fall: float | None
    best_pixel: float | None
    loss: float
    parameters: int
    seconds: float | None


def summary(row: Row) -> Summary:
    """What a variant comes to."""
    points = row.points
    last = points[-1]
    images = [(one.image, -one.step) for one in points if one.image is not None]
    best, step = max(images) if images else (None, 0)
    pixels = [one.pixel for one in points if one.pixel is not None]
    ends = [one.points[-1].image for one in row.curves]
    known = [one for one in ends if one is not None]
    times = [one.seconds for one in row.curves if one.seconds is not None]
    return Summary(
        image=last.image,
        pixel=last.pixel,
        deviation=float(np.std(known, ddof=1)) if len(known) > 1 else None,
        best_image=best,
        best_step=-step if best is not None else None,
        fall=best - last.image if best is not None and last.image is not None else None,
        best_pixel=max(pixels) if pixels else None,
        loss=last.loss,
        parameters=row.curves[0].parameters,
        seconds=float(np.mean(times)) if times else None,
    )


def markdown(suite: Suite, rows: Sequence[Row], facts: Sequence[str]) -> str:
    """The tables of a suite, with columns that line up on a terminal too.

    Args:
        suite: what was compared.
        rows: its variants.
        facts: lines on data and training to put beneath the title.
    """
    head = [
        "variant",
        "image AUROC",
        "best",
        "at step",
        "fall",
        "pixel AUROC",
        "best",
        "loss",
        "parameters",
        "s/step",
    ]
    body = [_cells(row) for row in rows]
    products = sorted(rows[0].curves[0].points[-1].products)
    names = ["variant", *(name.replace("|", "\\|") for name in products)]
    each = []
    for row in rows:
        last = row.points[-1].products
        pairs = [f"{_percent(last[one].image)} / {_percent(last[one].pixel)}" for one in products]
        each.append([_plain(row.variant.name), *pairs])
    return "\n".join(
        [
            f"# {suite.title}",
            "",
            *(f"- {one}" for one in facts),
            "",
            *_aligned([head, *body]),
            "",
            "AUROC in percent, mean over products; of the finished network, and the best on the "
            "way with its step. Fall: from the best image AUROC to the end, in points. Loss: mean "
            "of the last steps.",
            "",
            "Of every product, image / pixel AUROC of the finished network:",
            "",
            *_aligned([names, *each]),
            "",
        ]
    )


def table_csv(rows: Sequence[Row]) -> str:
    """The table as CSV, AUROCs from 0 to 1."""
    columns = list(Summary.__dataclass_fields__)
    products = sorted(rows[0].curves[0].points[-1].products)
    head = [
        "variant",
        *columns,
        *(f"{kind}:{one}" for one in products for kind in ("image", "pixel")),
    ]
    lines: list[list[Any]] = [head]
    for row in rows:
        found = summary(row)
        last = row.points[-1].products
        values = [getattr(found, one) for one in columns]
        each = [figure for one in products for figure in (last[one].image, last[one].pixel)]
        lines.append([row.variant.name, *values, *each])
    return _csv(lines)


def curves_csv(suites: Sequence[tuple[Suite, Sequence[Row]]]) -> str:
    """Every point of every curve of all suites, one line each and one more per product."""
    lines: list[list[Any]] = [
        ["suite", "variant", "seed", "step", "loss", "product", "image_auroc", "pixel_auroc"]
    ]
    for suite, rows in suites:
        for row in rows:
            for curve in row.curves:
                for one in curve.points:
                    start = [suite.name, row.variant.name, curve.seed, one.step, one.loss]
                    lines.append([*start, "mean", one.image, one.pixel])
                    lines += [
                        [*start, f"product {name}", each.image, each.pixel]
                        for name, each in one.products.items()
                    ]
    return _csv(lines)


def rows_as_json(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """JSON values of all variants: changes, summary and curves."""
    values = []
    for row in rows:
        found = summary(row)
        values.append(
            {
                "name": row.variant.name,
                "changes": dict(row.variant.changes),
                "summary": {one: getattr(found, one) for one in Summary.__dataclass_fields__},
                "curves": [curve_as_json(one) for one in row.curves],
            }
        )
    return values


def _cells(row: Row) -> list[str]:
    one = summary(row)
    spread = f" ± {100 * one.deviation:.1f}" if one.deviation is not None else ""
    return [
        _plain(row.variant.name),
        _percent(one.image) + spread,
        _percent(one.best_image),
        f"{one.best_step:,}" if one.best_step is not None else _NONE,
        _percent(one.fall),
        _percent(one.pixel),
        _percent(one.best_pixel),
        f"{one.loss:.4f}",
        f"{one.parameters:,}",
        f"{one.seconds:.3f}" if one.seconds is not None else _NONE,
    ]


def _percent(value: float | None) -> str:
    return f"{100 * value:.1f}" if value is not None else _NONE


def _plain(name: str) -> str:
    return name.replace("|", "\\|")


def _aligned(rows: list[list[str]]) -> list[str]:
    """A Markdown table whose columns are equally wide; numbers to the right."""
    widths = [max(len(one) for one in column) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        first = row[0].ljust(widths[0])
        others = [one.rjust(width) for one, width in zip(row[1:], widths[1:], strict=True)]
        lines.append("| " + " | ".join([first, *others]) + " |")
    rule = [":" + "-" * (widths[0] - 1), *("-" * (width - 1) + ":" for width in widths[1:])]
    lines.insert(1, "| " + " | ".join(rule) + " |")
    return lines


def _csv(lines: Sequence[Sequence[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue()
