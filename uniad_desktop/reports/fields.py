"""The fields of an inspection as they leave the station; docs/reports.md says what each means."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from uniad_desktop.inspection.types import Region
from uniad_desktop.records.record import Record

SCHEMA: Final = 1

COLUMNS: Final = (
    *("schema", "id", "decided_at_utc", "decided_at_local", "station", "product"),
    *("verdict", "reason", "detail", "score", "raw_score", "accept_limit", "reject_limit"),
    *("regions", "model_name", "model_version", "model_sha256", "runtime", "latency_ms"),
    *("number", "frame_id", "timestamp_ns", "source", "kind", "simulated"),
    *("camera", "camera_name", "camera_features", "pixel_format", "width", "height"),
    *("mm_per_pixel", "brightness", "saturated", "sharpness", "operator", "label", "note"),
    *("image", "image_state", "image_sha256", "image_bytes", "heatmap", "application"),
)
"""Names of the fields, in their order; new ones come at the end."""

# What spreadsheets take for the beginning of a formula, also behind blanks; some take the
# full-width signs, too.
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")


def values_of(record: Record) -> dict[str, Any]:
    """An inspection as plain values for JSON, in the order of `COLUMNS`.

    What is missing is None (numbers) or empty (texts); never NaN.
    """
    setup = record.setup
    return {
        "schema": SCHEMA,
        "id": record.id,
        "decided_at_utc": utc(record.decided_at),
        "decided_at_local": local(record.decided_at),
        "station": setup.station,
        "product": setup.product,
        "verdict": record.verdict.value,
        "reason": record.reason.value,
        "detail": record.detail,
        "score": _finite(record.score),
        "raw_score": _finite(record.raw_score),
        "accept_limit": setup.limits.accept,
        "reject_limit": setup.limits.reject,
        "regions": [_region(one) for one in record.regions],
        "model_name": setup.model.name,
        "model_version": setup.model.version,
        "model_sha256": setup.model.sha256,
        "runtime": setup.runtime,
        "latency_ms": record.latency_ms,
        "number": record.number,
        "frame_id": record.frame_id,
        "timestamp_ns": record.timestamp_ns,
        "source": record.source,
        "kind": setup.kind.value,
        "simulated": record.simulated,
        "camera": setup.camera,
        "camera_name": setup.camera_name,
        "camera_features": setup.features,
        "pixel_format": setup.pixel_format,
        "width": setup.width,
        "height": setup.height,
        "mm_per_pixel": setup.mm_per_pixel,
        "brightness": record.brightness,
        "saturated": record.saturated,
        "sharpness": record.sharpness,
        "operator": setup.operator,
        "label": record.label.name.lower(),
        "note": record.note,
        "image": record.image,
        "image_state": record.image_state.name.lower(),
        "image_sha256": record.image_sha256,
        "image_bytes": record.image_bytes,
        "heatmap": record.heatmap,
        "application": setup.application,
    }


def utc(seconds: float) -> str:
    """A time since the epoch as ISO 8601 in UTC, with microseconds."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")


def local(seconds: float) -> str:
    """A time since the epoch as ISO 8601 in local time, with its offset."""
    return datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="microseconds")


def json_line(values: Mapping[str, Any]) -> bytes:
    """A line of JSON, UTF-8, with its end."""
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8", "backslashreplace") + b"\n"


def csv_lines(rows: Iterable[Iterable[Any]]) -> bytes:
    """Rows as RFC 4180, UTF-8; texts that look like a formula are made harmless."""
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\r\n").writerows([_cell(one) for one in row] for row in rows)
    return file.getvalue().encode("utf-8", "backslashreplace")


def _cell(value: Any) -> str | int | float:  # noqa: ANN401 - JSON values
    # The order is that of how often they come: this runs 44 times a row.
    if isinstance(value, str):
        return f"'{value}" if value and _FORMULA.match(value) else value
    if value is None:
        return ""
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    return (
        json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        if value
        else ("[]" if isinstance(value, list) else "{}")
    )


def _region(region: Region) -> dict[str, int | float]:
    values: dict[str, int | float] = {
        "x": region.x,
        "y": region.y,
        "width": region.width,
        "height": region.height,
        "area": region.area,
        "peak": region.peak,
    }
    for name in ("x_mm", "y_mm", "width_mm", "height_mm", "area_mm2"):
        length = getattr(region, name)
        if length is not None:
            values[name] = round(length, 6)
    return values


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
