"""Heatmaps on the disk: 8 bits per pixel in a grey PNG that says its own scale.

Level 0 is "not inspected"; levels 1 to 255 run linearly from the lowest to the highest value, so
what is read back differs from what was written by (highest - lowest) / 508 at most.
"""

from __future__ import annotations

import io
import json
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin

LEVELS: Final = 254
KEY: Final = "uniad-heatmap"
MOST_PIXELS: Final = 64_000_000


class HeatmapError(Exception):
    """A heatmap cannot be read; the message says why."""


def encode_heatmap(
    values: NDArray[np.float32], inspected: NDArray[np.bool_] | None = None
) -> bytes:
    """A map as PNG.

    Args:
        values: (h, w) float32, raw distance.
        inspected: (h, w) bool, true where the frame was looked at; None: everywhere. Values that
            are no number count as not inspected.

    Returns:
        The bytes of the file.
    """
    seen = np.isfinite(values) if inspected is None else np.isfinite(values) & inspected
    low, high = (float(values[seen].min()), float(values[seen].max())) if seen.any() else (0.0, 0.0)
    step = (high - low) / LEVELS
    levels = np.zeros(values.shape, np.uint8)
    if step > 0:
        levels[seen] = (1 + np.rint((values[seen] - low) / step)).clip(1, 255).astype(np.uint8)
    else:
        levels[seen] = 1
    note = PngImagePlugin.PngInfo()
    note.add_text(KEY, json.dumps({"schema": 1, "low": low, "high": high}))
    file = io.BytesIO()
    Image.fromarray(levels).save(file, "PNG", pnginfo=note, compress_level=6)
    return file.getvalue()


def decode_heatmap(data: bytes) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Reads what `encode_heatmap` made.

    Returns:
        (h, w) float32 raw distance, 0 where nothing was inspected; (h, w) bool, where it was.

    Raises:
        HeatmapError: it is none, or it is damaged.
    """
    try:
        with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
            if image.width * image.height > MOST_PIXELS:
                raise HeatmapError(f"it has {image.width} x {image.height} pixels, too many")
            image.load()
            scale = json.loads(str(image.info[KEY]))
            low, high = float(scale["low"]), float(scale["high"])
            levels = np.asarray(image)
    except (OSError, SyntaxError, ValueError, KeyError, TypeError) as error:
        raise HeatmapError("it is no heatmap, or it is damaged") from error
    if levels.ndim != 2 or levels.dtype != np.uint8 or not np.isfinite((low, high)).all():
        raise HeatmapError("it is no heatmap, or it is damaged")
    inspected = levels > 0
    values = low + (levels.astype(np.float32) - 1) * ((high - low) / LEVELS)
    return np.where(inspected, values, 0.0).astype(np.float32), inspected
