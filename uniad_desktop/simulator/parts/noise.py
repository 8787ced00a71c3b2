"""Noise made once and reused: tiles with random offsets are far cheaper than fresh noise."""

from __future__ import annotations

import math
from functools import lru_cache

import cv2
import numpy as np

from uniad_desktop.simulator.parts.common import HEIGHT, WIDTH, Floats, Image, Rng, frozen, to_bytes

_PLAY = 256  # px that a tile is larger than the frame, so that two draws hardly ever coincide


@lru_cache(maxsize=1)
def _sensor_tile() -> Image:
    """Sensor noise around 128, slightly coarse as after demosaicing, sigma about 2 levels."""
    rng = np.random.default_rng(20_011)
    tile = rng.normal(0.0, 2.6, (HEIGHT + _PLAY, WIDTH + _PLAY, 3)).astype(np.float32)
    return frozen(to_bytes(cv2.GaussianBlur(tile, (3, 3), 0.5) + 127.5))


def sensor_noise(rng: Rng) -> Image:
    """(720, 960, 3) uint8 noise around 128, a random window of one tile."""
    y, x = (int(v) for v in rng.integers(0, _PLAY, 2))
    return _sensor_tile()[y : y + HEIGHT, x : x + WIDTH]


def clouds(rng: Rng, height: int, width: int, cells: float) -> Floats:
    """Smooth noise of about unit spread, (height, width) float32.

    Args:
        rng: random stream.
        height: rows of the result.
        width: columns of the result.
        cells: number of blobs along the longer side.
    """
    step = max(height, width) / cells
    small = rng.normal(0.0, 1.0, (int(height / step) + 3, int(width / step) + 3))
    field: Floats = cv2.resize(
        small.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC
    )
    return field


def mottle(rng: Rng, height: int, width: int, cells: float, octaves: int = 4) -> Floats:
    """Fractal noise (height, width) float32 of about unit spread; blobs down to fine grain."""
    total = np.zeros((height, width), np.float32)
    for octave in range(octaves):
        total += clouds(rng, height, width, cells * 2**octave) / 2**octave
    return total / np.float32(1.15)


def grain(
    rng: Rng, height: int, width: int, blur: tuple[float, float], *, wrap: bool = False
) -> Floats:
    """White noise blurred by (x, y) sigmas in px and brought back to unit spread.

    With ``wrap`` the last row goes on smoothly in the first.
    """
    field = rng.normal(0.0, 1.0, (height, width)).astype(np.float32)
    edge = math.ceil(4 * blur[1]) if wrap else 0
    if wrap:
        field = np.concatenate((field[-edge:], field, field[:edge]))
    field = cv2.GaussianBlur(
        field,
        (0, 0),
        sigmaX=max(blur[0], 0.01),
        sigmaY=max(blur[1], 0.01),
    )
    field = field[edge : edge + height]
    return np.asarray((field - field.mean()) / (field.std() + 1e-6), np.float32)
