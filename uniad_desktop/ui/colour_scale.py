"""The colour scale of the heatmap: fixed on 0-100, the same for every image.

Inferno is perceptually uniform and reads well for the colour-blind. Below `TRANSPARENT_BELOW`
nothing is drawn; from there the cover rises to full at the limit. The scale never depends on the
smallest or largest value of the image at hand.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

LIMIT = 50.0
FULL = 100.0
TRANSPARENT_BELOW = 25.0


@lru_cache(maxsize=1)
def colours() -> NDArray[np.uint8]:
    """(256, 1, 3) uint8 BGR; entry i belongs to the score ``100 * i / 255``."""
    ramp = np.arange(256, dtype=np.uint8).reshape(256, 1)
    table = np.asarray(cv2.applyColorMap(ramp, cv2.COLORMAP_INFERNO), dtype=np.uint8)
    table.setflags(write=False)
    return table


def cover(strength: float) -> NDArray[np.uint8]:
    """(256,) uint8 opacity per score for an overlay of `strength` 0 to 1."""
    score = np.linspace(0.0, FULL, 256)
    rise = np.clip((score - TRANSPARENT_BELOW) / (LIMIT - TRANSPARENT_BELOW), 0.0, 1.0)
    return np.round(255.0 * min(1.0, max(0.0, strength)) * rise).astype(np.uint8)


def to_index(anomaly_map: NDArray[np.float32], reject: float) -> NDArray[np.uint8]:
    """Raw distances as entries of the table.

    Args:
        anomaly_map: (h, w) float32 in raw distance units.
        reject: the reject limit T2 in the same units; it becomes score 50.

    Returns:
        (h, w) uint8. What is not a number becomes the highest entry: unknown is never harmless.
    """
    clean = np.nan_to_num(anomaly_map, nan=np.inf, posinf=np.inf, neginf=0.0)
    index = np.clip(clean * (255.0 * LIMIT / FULL / reject), 0.0, 255.0)
    return np.asarray(np.round(index), dtype=np.uint8)
