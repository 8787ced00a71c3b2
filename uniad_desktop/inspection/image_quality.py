"""What a frame looks like in three figures: a light that ages or a lens that fogs shows in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

ROWS_FOR_BRIGHTNESS: Final = 240
ROWS_FOR_SATURATED: Final = 80
TILES: Final = 4
TILE_SIDE: Final = 64
_MARGIN = 4  # pixels at the edge of a tile that the neighbouring one has a part in
_FLAT = 1e-3


@dataclass(frozen=True, slots=True)
class ImageQuality:
    """Figures of one frame.

    Attributes:
        brightness: mean grey level of all channels, 0 to 255.
        sharpness: variance of the Laplacian per variance of the picture, both of the slightly
            smoothed picture; without unit, 0 of a flat one. Light and contrast do not change it.
        saturated: share of pixels with a channel at 255, 0 to 1.
    """

    brightness: float
    sharpness: float
    saturated: float


def measure(image: NDArray[np.uint8]) -> ImageQuality:
    """Measures a frame from a sample of it: rows for the light, tiles in full resolution for focus.

    A reduced copy would hide a blur of a pixel or two; 16 tiles of 64 x 64 pixels show it. The
    sample lies at the same places of every frame of one size, so figures of one camera can be
    compared with each other, but not with those of the whole frame.

    Args:
        image: (H, W) or (H, W, 3) uint8, RGB.
    """
    return ImageQuality(_brightness(image), _sharpness(image), _saturated(image))


def _brightness(image: NDArray[np.uint8]) -> float:
    channels: int = 1 if image.ndim == 2 else image.shape[2]
    return float(sum(cv2.mean(_rows(image, ROWS_FOR_BRIGHTNESS))[:channels])) / channels


def _saturated(image: NDArray[np.uint8]) -> float:
    rows = _rows(image, ROWS_FOR_SATURATED)
    channels = 1 if image.ndim == 2 else image.shape[2]
    below = cv2.inRange(rows, (0,) * channels, (254,) * channels)
    return float(1.0 - cv2.countNonZero(below) / below.size)


def _rows(image: NDArray[np.uint8], most: int) -> NDArray[np.uint8]:
    """Every n-th row."""
    return image[:: max(1, image.shape[0] // most)]


def _sharpness(image: NDArray[np.uint8]) -> float:
    tops, lefts = (_places(length) for length in image.shape[:2])
    # One picture of all tiles: smoothed at once, then without what the seams changed.
    tiles = np.vstack(
        [np.hstack([image[y : y + TILE_SIDE, x : x + TILE_SIDE] for x in lefts]) for y in tops]
    )
    grey = cv2.cvtColor(tiles, cv2.COLOR_RGB2GRAY) if tiles.ndim == 3 else tiles
    smooth = cv2.GaussianBlur(grey.astype(np.float32), (7, 7), 1.0)
    bends = cv2.Laplacian(smooth, cv2.CV_32F)
    variance = _variance(smooth, len(tops), len(lefts))
    return _variance(bends, len(tops), len(lefts)) / variance if variance > _FLAT else 0.0


def _variance(tiles: NDArray[np.float32], down: int, across: int) -> float:
    """Variance of the inner pixels of all tiles."""
    height, width = tiles.shape[0] // down, tiles.shape[1] // across
    inner = tiles.reshape(down, height, across, width)
    if min(height, width) > 4 * _MARGIN:
        inner = inner[:, _MARGIN:-_MARGIN, :, _MARGIN:-_MARGIN]
    deviation = cv2.meanStdDev(np.ascontiguousarray(inner).reshape(-1, 1))[1]
    return float(deviation[0, 0]) ** 2


def _places(length: int) -> list[int]:
    """Where tiles begin: evenly from the first pixel to the last, one where only one fits."""
    room = length - TILE_SIDE
    if room <= 0:
        return [0]
    return sorted({round(room * n / (TILES - 1)) for n in range(TILES)})
