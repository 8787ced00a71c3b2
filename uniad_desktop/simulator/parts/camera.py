"""What lens, lamp and sensor make of a scene: light fall-off, blur, noise."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from uniad_desktop.simulator.parts.common import HEIGHT, WIDTH, Floats, Image, Rng, frozen, to_bytes
from uniad_desktop.simulator.parts.noise import sensor_noise

_UNIT = 200.0  # a gain of 1.0 in the uint8 gain map
_GRID = (45, 60)  # rows and columns of the coarse gain map before it is scaled up


@lru_cache(maxsize=1)
def _coarse_grid() -> tuple[Floats, Floats, Floats]:
    """Across and down in -1..1, and the lens's light fall-off towards the corners."""
    rows, columns = _GRID
    y, x = np.meshgrid(np.linspace(-1, 1, rows), np.linspace(-1, 1, columns), indexing="ij")
    fall_off = 1.0 - 0.10 * ((x * 0.8) ** 2 + (y * 0.6) ** 2)
    return (
        frozen(x.astype(np.float32)),
        frozen(y.astype(np.float32)),
        frozen(fall_off.astype(np.float32)),
    )


def expose(scene: Image, rng: Rng, light: float) -> Image:
    """Take the picture of a scene.

    The lamp's strength, direction and colour vary by a few per cent from picture to picture, the
    focus a little; noise is added after the light, as in a real sensor.

    Args:
        scene: (720, 960, 3) uint8, the ideal scene.
        rng: random stream of the picture; the same number of values is drawn every time.
        light: factor on the light, 1.0 is nominal.

    Returns:
        (720, 960, 3) uint8, owned by the caller.
    """
    strength, lean_x, lean_y, warmth, focus = rng.normal(0.0, 1.0, 5)
    x, y, fall_off = _coarse_grid()
    gain = fall_off * (1.0 + 0.015 * strength + 0.018 * (lean_x * x + lean_y * y))
    tint = (1.0 + 0.006 * warmth, 1.0, 1.0 - 0.006 * warmth)
    coarse = to_bytes(_UNIT * gain[..., None] * np.asarray(tint, np.float32))
    gain_map = cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)
    soft = cv2.GaussianBlur(scene, (3, 3), 0.55 + 0.08 * float(np.clip(focus, -2, 2)))
    lit = cv2.multiply(soft, gain_map, scale=light / _UNIT)
    image: Image = cv2.addWeighted(lit, 1.0, sensor_noise(rng), 1.0, -128.0)
    return image
