"""Small pictures of parts that several tests train on."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np


def write_product(folder: Path, count: int, seed: int = 0, *, test: int = 0) -> None:
    """A product in MVTec AD's layout: a coloured gradient with a square and a little noise."""
    rng = np.random.default_rng(seed)
    colour = rng.uniform(60, 200, 3)
    ramp = np.linspace(0.5, 1.2, 50)[None, :, None]
    for place, number in (("train", count), ("test", test)):
        for index in range(number):
            image = np.ones((40, 50, 3)) * colour * ramp
            image[10:20, 15:30] = 250 - colour
            image += rng.normal(0, 4, image.shape)
            path = folder / place / "good" / f"{index:03}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(path), image.clip(0, 255).astype(np.uint8))
