"""Small made-up parts that several tests collect."""

from __future__ import annotations

import numpy as np

from uniad_desktop.teaching.checks import Finding, Findings, Reason
from uniad_desktop.teaching.collection import Origin

ORIGIN = Origin(source="part.png")
DOUBT = Findings({}, (Finding(reason=Reason.FOCUS, sentence="Blurred."),))
FIT = Findings({"focus": 1.0, "brightness": 100.0})


def part_image(seed: int, light: float = 1.0) -> np.ndarray:
    """(60, 80, 3): a bright square at about the same place, texture and a little noise."""
    rng = np.random.default_rng(seed)
    image = np.full((60, 80, 3), 80.0)
    row, column = rng.integers(14, 22), rng.integers(20, 30)
    image[row : row + 24, column : column + 30] = (190, 160, 120)
    image[row + 6 : row + 18 : 2, column + 6 : column + 24] -= 60
    image += rng.normal(0, 3, image.shape)
    return (image * light).clip(0, 255).astype(np.uint8)
