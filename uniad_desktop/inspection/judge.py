"""From a prediction to a verdict: the limits and nothing else."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from uniad_desktop.engine import regions as engine_regions
from uniad_desktop.engine.prediction import Prediction
from uniad_desktop.inspection.types import Limits, Reason, Region, Verdict

MOST_REGIONS = engine_regions.MOST_REGIONS


@dataclass(frozen=True, slots=True)
class Judgement:
    """Verdict with its score (0-100, 50 = reject limit) and the regions above the pixel limit."""

    verdict: Verdict
    reason: Reason
    score: float
    regions: tuple[Region, ...]
    detail: str = ""


def judge(
    prediction: Prediction,
    limits: Limits,
    frame_size: tuple[int, int],
    *,
    pixel_limit: float | None = None,
    least_area: float = 0.0,
    mm_per_pixel: float | None = None,
) -> Judgement:
    """Judges one prediction against the limits of its product.

    The verdict follows from the image score and the limits alone; the other values only decide
    which regions are reported. A score or map that is not finite is an ERROR: it must never read
    as a pass.

    Args:
        prediction: map (h, w) and image score in raw distance units.
        limits: accept (T1) and reject (T2) limit in the same units.
        frame_size: (width, height) of the frame in pixels, for the boxes.
        pixel_limit: raw distance above which a pixel belongs to a region; None: `limits.reject`.
        least_area: full-frame pixels that a region must cover to be reported.
        mm_per_pixel: millimetres per full-frame pixel, or None.
    """
    raw = prediction.image_score
    if not math.isfinite(raw) or not np.isfinite(prediction.anomaly_map).all():
        detail = "The model gave a result that is not a number; the part counts as a reject."
        return Judgement(Verdict.ERROR, Reason.MODEL_FAILED, math.nan, (), detail)
    score = limits.score(raw)
    if raw <= limits.accept:
        return Judgement(Verdict.PASS, Reason.NORMAL, score, ())
    regions = find_regions(
        prediction,
        limits,
        frame_size,
        pixel_limit=pixel_limit,
        least_area=least_area,
        mm_per_pixel=mm_per_pixel,
    )
    if raw > limits.reject:
        return Judgement(Verdict.FAIL, Reason.ABOVE_LIMIT, score, regions)
    return Judgement(Verdict.REVIEW, Reason.BETWEEN_LIMITS, score, regions)


def find_regions(
    prediction: Prediction,
    limits: Limits,
    frame_size: tuple[int, int],
    *,
    pixel_limit: float | None = None,
    least_area: float = 0.0,
    mm_per_pixel: float | None = None,
) -> tuple[Region, ...]:
    """Regions of the map above the pixel limit as the screen and the records show them.

    Args:
        prediction: map (h, w) in raw distance units, covering the whole frame.
        limits: for the 0-100 scale of the peaks.
        frame_size: (width, height) of the frame in pixels.
        pixel_limit: as in `judge`.
        least_area: likewise.
        mm_per_pixel: likewise.

    Returns:
        At most 16 regions with boxes and areas in full-frame pixels, strongest first.
    """
    limit = limits.reject if pixel_limit is None else pixel_limit
    found = engine_regions.find_regions(
        prediction.anomaly_map, limit, frame_size, least_area, MOST_REGIONS
    )
    return tuple(
        Region(
            x=region.x,
            y=region.y,
            width=region.width,
            height=region.height,
            area=round(region.area),
            peak=limits.score(region.peak),
            mm_per_pixel=mm_per_pixel,
        )
        for region in found
    )
