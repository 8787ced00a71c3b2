"""Connected regions of an anomaly map above the pixel limit."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

MOST_REGIONS = 16


@dataclass(frozen=True, slots=True)
class AnomalyRegion:
    """A connected region of the map above the pixel limit.

    Attributes:
        x, y, width, height: box in full-frame pixels.
        area: full-frame pixels covered.
        peak: highest value inside, raw distance.
    """

    x: int
    y: int
    width: int
    height: int
    area: float
    peak: float


def find_regions(
    anomaly_map: NDArray[np.float32],
    limit: float,
    frame_size: tuple[int, int],
    least_area: float = 0.0,
    most: int = MOST_REGIONS,
) -> tuple[AnomalyRegion, ...]:
    """Connected regions (8 neighbours) of a map above a limit, strongest first.

    `least_area` tidies what is reported and never takes part in the verdict: the image score
    already averages over an area, and a filter on regions must not turn a FAIL into a PASS.

    Args:
        anomaly_map: (h, w) float32, raw distance, covering the whole frame.
        limit: raw distance above which a pixel belongs to a region.
        frame_size: (width, height) of the frame in pixels.
        least_area: regions that cover fewer full-frame pixels are left out.
        most: how many are returned at most.

    Returns:
        Regions by peak, then by area.
    """
    above = anomaly_map > limit
    if not above.any():
        return ()
    count, labels, stats, _ = cv2.connectedComponentsWithStats(above.view(np.uint8), connectivity=8)
    # Peaks of all labels at once: noise can make thousands of regions of a large map.
    peaks = np.full(count, -np.inf)
    np.maximum.at(peaks, labels[above], anomaly_map[above])
    across, down = frame_size[0] / anomaly_map.shape[1], frame_size[1] / anomaly_map.shape[0]
    areas = stats[:, cv2.CC_STAT_AREA] * (across * down)
    order = np.lexsort((-areas, -peaks))
    # Label 0 is what lies below the limit.
    order = order[(order != 0) & (areas[order] >= least_area)][:most]
    regions = []
    for index in order:
        left, top, width, height = (int(value) for value in stats[index, :4])
        # A map finer than the frame can have regions of less than a frame pixel.
        x = min(round(left * across), frame_size[0] - 1)
        y = min(round(top * down), frame_size[1] - 1)
        regions.append(
            AnomalyRegion(
                x=x,
                y=y,
                width=max(1, round((left + width) * across) - x),
                height=max(1, round((top + height) * down) - y),
                area=float(areas[index]),
                peak=float(peaks[index]),
            )
        )
    return tuple(regions)
