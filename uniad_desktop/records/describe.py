"""An inspection as plain values, for lines of JSON and files beside images."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

from uniad_desktop import __version__
from uniad_desktop.inspection.types import Inspection, Region


def describe(inspection: Inspection, image: str = "") -> dict[str, Any]:
    """An inspection as plain values for JSON; a missing score is null, never NaN."""
    return {
        "schema": 1,
        "number": inspection.number,
        "frame_id": inspection.frame_id,
        "verdict": inspection.verdict.value,
        "reason": inspection.reason.value,
        "detail": inspection.detail,
        "score": _finite(inspection.score, 2),
        "raw_score": _finite(inspection.raw_score, 6),
        "product": inspection.product,
        "simulated": inspection.simulated,
        "kind": inspection.kind.value,
        "latency_ms": round(inspection.latency_ms, 2),
        "latency_from": inspection.latency_from.value,
        "limits": {"accept": inspection.limits.accept, "reject": inspection.limits.reject},
        "regions": [_describe_region(region) for region in inspection.regions],
        "model": {
            "name": inspection.model.name,
            "version": inspection.model.version,
            "sha256": inspection.model.sha256,
        },
        "runtime": inspection.runtime,
        "source": inspection.source,
        "camera_number": inspection.camera,
        "pixel_format": inspection.pixel_format,
        "timestamp_ns": inspection.timestamp_ns,
        "decided_at": datetime.fromtimestamp(inspection.decided_at, UTC).isoformat(),
        "image": image,
        "application": f"uniad-desktop {__version__}",
    }


def _describe_region(region: Region) -> dict[str, Any]:
    """A region in full-frame pixels, and in millimetres where the product has a scale."""
    values: dict[str, Any] = {
        "x": region.x,
        "y": region.y,
        "width": region.width,
        "height": region.height,
        "area": region.area,
        "peak": round(region.peak, 2),
    }
    for name in ("x_mm", "y_mm", "width_mm", "height_mm", "area_mm2"):
        length = getattr(region, name)
        if length is not None:
            values[name] = round(length, 4)
    return values


def _finite(value: float, digits: int) -> float | None:
    return round(value, digits) if math.isfinite(value) else None
