"""An evaluation as a table for the terminal and as files for other programs."""

from __future__ import annotations

import csv
import io
import json
import textwrap
import unicodedata
from datetime import UTC, datetime
from typing import Any, Final

from uniad_desktop.training.datasets.sample import printable
from uniad_desktop.training.evaluation.figures import COLUMNS, Evaluation

NONE: Final = "–"

_MOST = 100  # columns of the terminal
_NAME = 21  # columns of the terminal for a product's name
_WIDTHS: Final = dict(zip(COLUMNS, (7, 7, 7, 7, 7, 7, 8, 9, 8), strict=True))
_TITLES: Final = ("AUROC", "AP", "F1-max", "AUROC", "AP", "F1-max", "AU-PRO", "rejected", "caught")


def table(evaluation: Evaluation) -> str:
    """The figures in per cent, a line per class, at most `_MOST` columns wide; then the notes."""
    groups = f"{'image':^21}{'pixel':^29}{'at the limit':>17}"
    lines = [
        f"{'in %':<{_NAME}}{'images':>12}{groups}".rstrip(),
        _line("", "good", "bad", dict(zip(COLUMNS, _TITLES, strict=True))),
    ]
    lines += [
        _line(one.product, str(one.good), str(one.bad), _percent(one.values()))
        for one in evaluation.classes
    ]
    good = sum(one.good for one in evaluation.classes)
    bad = sum(one.bad for one in evaluation.classes)
    lines.append(_line("mean", str(good), str(bad), _percent(evaluation.mean())))
    for note in evaluation.notes():
        lines += textwrap.wrap(note, _MOST, subsequent_indent="  ")
    return "\n".join(lines)


def as_json(evaluation: Evaluation) -> dict[str, Any]:
    """Everything but the single images, in JSON values; figures 0 to 1, None where there is none.

    ``false_rejects`` and ``caught`` are shares above ``reject``, the limit of the package.
    """
    return {
        "model": {
            "name": evaluation.model.name,
            "version": evaluation.model.version,
            "sha256": evaluation.model.sha256,
        },
        "runtime": evaluation.runtime,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "data": {
            "sources": list(evaluation.sources),
            "layout": evaluation.layout,
            "notes": list(evaluation.data_notes),
        },
        "pixels_at": "network input" if evaluation.at_input_size else "image",
        "classes": [
            {
                "product": one.product,
                "good": one.good,
                "bad": one.bad,
                "bad_without_mask": one.unmasked,
                "reject": one.limit.reject if one.limit else None,
                **_rounded(one.values()),
                "notes": list(one.notes),
            }
            for one in evaluation.classes
        ],
        "mean": _rounded(evaluation.mean()),
        "classes_in_mean": evaluation.counted(),
        "skipped": [
            {"path": printable(path), "reason": reason} for path, reason in evaluation.skipped
        ],
        "notes": list(evaluation.notes()),
    }


def json_text(values: dict[str, Any]) -> str:
    """Readable JSON that ends with a line break."""
    return json.dumps(values, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def figures_csv(evaluation: Evaluation) -> str:
    """A line per class and one of the mean; empty where there is no figure."""
    rows: list[list[Any]] = [["product", "good", "bad", "bad_without_mask", *COLUMNS]]
    for one in evaluation.classes:
        values = _rounded(one.values())
        rows.append([one.product, one.good, one.bad, one.unmasked, *_cells(values)])
    counts = [
        sum(getattr(one, name) for one in evaluation.classes)
        for name in ("good", "bad", "unmasked")
    ]
    rows.append(["mean", *counts, *_cells(_rounded(evaluation.mean()))])
    return _csv(rows)


def scores_csv(evaluation: Evaluation) -> str:
    """A line per image: path, product, kind of defect (empty for a good part), score, good."""
    rows: list[list[Any]] = [["path", "product", "kind", "score", "good"]]
    for one in evaluation.scores:
        sample = one.sample
        score = f"{one.score:.7g}"
        rows.append([printable(sample.path), sample.product, sample.kind, score, int(sample.good)])
    return _csv(rows)


def percent(value: float | None) -> str:
    """A share with one decimal, without the sign."""
    return NONE if value is None else f"{100.0 * value:.1f}"


def _percent(values: dict[str, float | None]) -> dict[str, str]:
    return {name: percent(value) for name, value in values.items()}


def _line(name: str, good: str, bad: str, cells: dict[str, str]) -> str:
    figures = "".join(f"{cells[column]:>{width}}" for column, width in _WIDTHS.items())
    return f"{_fitted(name)}{good:>6}{bad:>6}{figures}"


def _fitted(name: str) -> str:
    """A name cut or filled to its columns; wide characters take two."""
    if _width(name) >= _NAME:
        while _width(name) > _NAME - 2:
            name = name[:-1]
        name += "…"
    return name + " " * (_NAME - _width(name))


def _width(text: str) -> int:
    return sum(
        0 if unicodedata.combining(one) else 2 if unicodedata.east_asian_width(one) in "WF" else 1
        for one in text
    )


def _rounded(values: dict[str, float | None]) -> dict[str, float | None]:
    return {name: None if one is None else round(one, 6) for name, one in values.items()}


def _cells(values: dict[str, float | None]) -> list[str]:
    return ["" if one is None else str(one) for one in values.values()]


def _csv(rows: list[list[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
