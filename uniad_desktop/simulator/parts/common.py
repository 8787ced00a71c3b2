"""Small things that every product shares: frame size, array types, fixture play, blending."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 960, 720
"""Size of a scene in pixels; everything is drawn at this size."""

Image = NDArray[np.uint8]
Floats = NDArray[np.float32]
Rng = np.random.Generator
_Array = TypeVar("_Array", bound=NDArray[Any])


@dataclass(frozen=True, slots=True)
class Flaw:
    """What to spoil: the kind of defect, and a random stream for its place, size and strength.

    The stream is separate from the part's own, so that the part stays the same part.
    """

    kind: str
    rng: Rng


def fixture(rng: Rng, shift: float = 2.5, turn: float = 0.4) -> NDArray[np.float64]:
    """How a part happens to lie in its fixture.

    Args:
        rng: random stream of the part.
        shift: largest shift along each axis in px.
        turn: largest rotation in degrees.

    Returns:
        (2, 3) affine matrix from nominal to actual pixel positions. Both shift and rotation are
        bell-shaped around nominal and cut off at the play of the fixture.
    """
    dx, dy, angle = np.clip(rng.normal(0.0, 0.4, 3), -1.0, 1.0) * (shift, shift, turn)
    matrix = np.asarray(
        cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), float(angle), 1.0), dtype=np.float64
    )
    matrix[:, 2] += (dx, dy)
    return matrix


def place(image: Image, matrix: NDArray[np.float64]) -> Image:
    """Move a nominal (H, W) or (H, W, 3) picture to where the part lies."""
    moved: Image = cv2.warpAffine(
        image, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
    )
    return moved


def moved(matrix: NDArray[np.float64], x: float, y: float) -> tuple[float, float]:
    """Where the nominal point (x, y) lies, in px."""
    return (
        float(matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2]),
        float(matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2]),
    )


def frozen(array: _Array) -> _Array:
    """The array, protected against writing, as it is shared through a cache."""
    array.setflags(write=False)
    return array


def to_bytes(values: NDArray[np.floating]) -> Image:
    """Values in grey levels, rounded and cut to 0..255."""
    return np.asarray(np.clip(values + 0.5, 0, 255), np.uint8)


def mix(under: Image, over: Image | tuple[int, int, int], alpha: NDArray[np.floating]) -> Image:
    """Lay ``over`` on ``under`` with alpha (h, w) of 0..1; all of the same height and width."""
    weight = alpha.astype(np.float32)[..., None]
    top = np.asarray(over, np.float32)
    base = under.astype(np.float32)
    return to_bytes(base + (top - base) * weight)


def window(x: float, y: float, reach: float) -> tuple[slice, slice] | None:
    """Rows and columns of the frame within ``reach`` px of (x, y); None when off the frame."""
    x0, x1 = max(0, int(x - reach)), min(WIDTH, int(x + reach) + 1)
    y0, y1 = max(0, int(y - reach)), min(HEIGHT, int(y + reach) + 1)
    if x1 - x0 < 2 or y1 - y0 < 2:
        return None
    return slice(y0, y1), slice(x0, x1)
