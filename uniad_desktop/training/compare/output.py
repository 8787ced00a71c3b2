"""The folder of a comparison: everything it shows, each file whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from uniad_desktop.files import write_durably
from uniad_desktop.training.compare.figure import draw_curves, draw_dots
from uniad_desktop.training.compare.material import Material
from uniad_desktop.training.compare.tables import (
    Row,
    curves_csv,
    markdown,
    rows_as_json,
    table_csv,
)
from uniad_desktop.training.compare.variants import Suite
from uniad_desktop.training.datasets import DataSet

COMPARISON: Final = "comparison.json"
CURVES: Final = "curves.csv"
TABLE: Final = "table"
FIGURE: Final = "curves"
DOTS: Final = "variants"
RUNS: Final = "runs"


@dataclass(frozen=True, slots=True)
class Compared:
    """A suite, its data and what came out."""

    suite: Suite
    data: DataSet
    material: Material
    rows: tuple[Row, ...]


def write_suite(one: Compared, folder: Path) -> str:
    """Writes tables and figures of a suite into a folder of its own.

    Returns:
        The tables as text.

    Raises:
        OSError: the disk is full, and so on.
    """
    place = folder / one.suite.name
    place.mkdir(parents=True, exist_ok=True)
    text = markdown(one.suite, one.rows, _facts(one))
    write_durably(place / f"{TABLE}.md", _bytes(text))
    write_durably(place / f"{TABLE}.csv", _bytes(table_csv(one.rows)))
    for name, draw in ((FIGURE, draw_curves), (DOTS, draw_dots)):
        png, svg = draw(one.suite, one.rows)
        write_durably(place / f"{name}.png", png)
        write_durably(place / f"{name}.svg", svg)
    return text


def write_all(compared: Sequence[Compared], folder: Path) -> None:
    """Writes what all suites have in common. Raises OSError as `write_suite` does."""
    values = {"version": 1, "suites": [_as_json(one) for one in compared]}
    text = json.dumps(values, indent=1, ensure_ascii=False) + "\n"
    write_durably(folder / COMPARISON, _bytes(text))
    curves = curves_csv([(one.suite, one.rows) for one in compared])
    write_durably(folder / CURVES, _bytes(curves))


def _facts(one: Compared) -> list[str]:
    config, base = one.suite.config, one.suite.base
    rows, columns = config.grid
    stages = ", ".join(map(str, base.backbone.stages))
    train, test = one.material.train.samples, one.material.test.samples
    good = sum(sample.good for sample in test)
    steps = sorted({row.variant.settings.steps for row in one.rows})
    seeds = len(one.suite.seeds)
    return [
        f"data: {', '.join(one.data.sources)}; {len(one.material.products)} products, "
        f"{len(train)} training pictures, {good} good and {len(test) - good} defective test "
        "pictures",
        f"backbone: {one.material.backbone}",
        f"input: {config.input_height} x {config.input_width} pixels, {rows} x {columns} tokens, "
        f"{config.alignment} alignment",
        f"base: {base.hidden} wide, {base.encoder_layers} + {base.decoder_layers} layers, on "
        f"{base.backbone.feature_channels} channels of the backbone's "
        f"{'stage' if len(base.backbone.stages) == 1 else 'stages'} {stages}",
        f"training: {' or '.join(f'{count:,}' for count in steps)} steps, "
        f"{f'{seeds} seeds' if seeds > 1 else f'seed {one.suite.seeds[0]}'}",
    ]


def _as_json(one: Compared) -> dict[str, Any]:
    config = asdict(one.suite.config)
    shared = ("backbone", "input_height", "input_width", "alignment")
    samples = one.material.test.samples
    return {
        "name": one.suite.name,
        "title": one.suite.title,
        "data": {
            "sources": list(one.data.sources),
            "layout": one.data.layout,
            "products": list(one.material.products),
            "training_pictures": len(one.material.train.samples),
            "good_test_pictures": sum(sample.good for sample in samples),
            "defective_test_pictures": sum(not sample.good for sample in samples),
            "remark": one.material.remark,
            "key": one.material.key,
        },
        "backbone": one.material.backbone,
        "features": {name: config[name] for name in shared},
        "variants": [
            {**values, "config": _config(row), "settings": asdict(row.variant.settings)}
            for values, row in zip(rows_as_json(one.rows), one.rows, strict=True)
        ],
    }


def _config(row: Row) -> dict[str, Any]:
    values = asdict(row.variant.config)
    values["masked"] = sorted(values["masked"])
    return values


def _bytes(text: str) -> bytes:
    """UTF-8; bytes of a name that are no text are escaped."""
    return text.encode("utf-8", errors="backslashreplace")
