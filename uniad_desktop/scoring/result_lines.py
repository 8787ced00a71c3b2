"""Lines of a result file: CSV as RFC 4180 has it, or JSON objects."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict, fields
from typing import Any, Final

from uniad_desktop.inspection.types import Region, Verdict
from uniad_desktop.scoring.job import ScoredImage

COLUMNS: Final = (
    "path",
    "sha256",
    "product",
    "verdict",
    "score",
    "raw_score",
    "accept",
    "reject",
    "regions",
    "model",
    "model_sha256",
    "runtime",
    "width",
    "height",
    "latency_ms",
    "error",
    "label",
    "modified_ns",
)
CSV_END: Final = "\r\n"
_NUMBERS: Final = {
    "score": float,
    "raw_score": float,
    "accept": float,
    "reject": float,
    "width": int,
    "height": int,
    "latency_ms": float,
    "modified_ns": int,
}
_MAY_LACK: Final = ("score", "raw_score")
_REGION: Final = frozenset(one.name for one in fields(Region))


def as_values(line: ScoredImage) -> dict[str, Any]:
    """A line as JSON values, in the order of `COLUMNS`."""
    values = {name: getattr(line, name) for name in COLUMNS}
    values["verdict"] = line.verdict.value
    values["regions"] = [
        {name: value for name, value in asdict(region).items() if value is not None}
        for region in line.regions
    ]
    return values


def from_values(values: dict[str, Any]) -> ScoredImage:
    """The other way round.

    Raises:
        ValueError, KeyError, TypeError: it is no such line.
    """
    named: dict[str, Any] = {}
    for name in COLUMNS:
        value = values[name]
        if name in _NUMBERS:
            lacking = name in _MAY_LACK and value in (None, "")
            named[name] = None if lacking else _NUMBERS[name](value)
        elif name not in ("regions", "verdict") and not isinstance(value, str):
            raise ValueError(name)
        else:
            named[name] = value
    found = values["regions"]
    regions = json.loads(found) if isinstance(found, str) else found
    named["verdict"] = Verdict(values["verdict"])
    named["regions"] = tuple(Region(**_checked(region)) for region in regions)
    return ScoredImage(**named)


def csv_line(line: ScoredImage) -> str:
    """A record of CSV with its line end."""
    values = as_values(line)
    values["regions"] = json.dumps(values["regions"])
    return _csv(["" if value is None else str(value) for value in values.values()])


def csv_header() -> str:
    """The first record."""
    return _csv(list(COLUMNS))


def json_line(line: ScoredImage) -> str:
    """A JSON object with its line end."""
    return json.dumps(as_values(line), ensure_ascii=False, allow_nan=False) + "\n"


def _csv(values: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator=CSV_END).writerow(values)
    return text.getvalue()


def _checked(region: dict[str, Any]) -> dict[str, Any]:
    if not set(region) <= _REGION:
        raise ValueError("regions")
    return region
