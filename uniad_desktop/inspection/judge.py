"""From a prediction to a verdict: the limits and nothing else."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from uniad_desktop.engine.prediction import Prediction
from uniad_desktop.inspection.types import Limits, Reason, Region, Verdict

MOST_REGIONS = 16


@dataclass(frozen=True, slots=True)
class Judgement:
    """Verdict with its score (0-100, 50 = reject limit) and the regions above the limit."""

    verdict: Verdict
    reason: Reason
    score: float
    regions: tuple[Region, ...]
    detail: str = ""


def judge(prediction: Prediction, limits: Limits, frame_size: tuple[int, int]) -> Judgement:
    """Judges one prediction against the limits of its product.

    A score or map that is not finite is an ERROR: it must never read as a pass.

    Args:
        prediction: map (h, w) and image score in raw distance units.
        limits: accept (T1) and reject (T2) limit in the same units.
        frame_size: (width, height) of the frame in pixels, for the boxes.
    """
    raw = prediction.image_score
    if not math.isfinite(raw) or not np.isfinite(prediction.anomaly_map).all():
        detail = "The model gave a result that is not a number; the part counts as a reject."
        return Judgement(Verdict.ERROR, Reason.MODEL_FAILED, math.nan, (), detail)
    score = limits.score(raw)
    if raw > limits.reject:
        regions = find_regions(prediction, limits, frame_size)
        return Judgement(Verdict.FAIL, Reason.ABOVE_LIMIT, score, regions)
    if raw > limits.accept:
        regions = find_regions(prediction, limits, frame_size)
        return Judgement(Verdict.REVIEW, Reason.BETWEEN_LIMITS, score, regions)
    return Judgement(Verdict.PASS, Reason.NORMAL, score, ())


def find_regions(
    prediction: Prediction, limits: Limits, frame_size: tuple[int, int]
) -> tuple[Region, ...]:
    """Connected regions (8 neighbours) of the map above the reject limit, strongest first.

    Args:
        prediction: map (h, w) in raw distance units, covering the whole frame.
        limits: the reject limit is the threshold.
        frame_size: (width, height) of the frame in pixels.

    Returns:
        At most 16 regions with boxes and areas in full-frame pixels.
    """
    anomaly = prediction.anomaly_map
    above = (anomaly > limits.reject).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(above, connectivity=8)
    across, down = frame_size[0] / anomaly.shape[1], frame_size[1] / anomaly.shape[0]
    regions = []
    for index in range(1, count):
        left, top, width, height, area = (int(value) for value in stats[index])
        box = slice(top, top + height), slice(left, left + width)
        peak = float(anomaly[box][labels[box] == index].max())
        x, y = round(left * across), round(top * down)
        regions.append(
            Region(
                x=x,
                y=y,
                width=round((left + width) * across) - x,
                height=round((top + height) * down) - y,
                area=round(area * across * down),
                peak=limits.score(peak),
            )
        )
    # Clipping at 100 makes ties: the larger region then goes first.
    regions.sort(key=lambda region: (region.peak, region.area), reverse=True)
    return tuple(regions[:MOST_REGIONS])
