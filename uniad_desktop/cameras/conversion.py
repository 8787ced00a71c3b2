"""From what the camera sent to 8-bit grey or RGB pictures.

The rule for deep formats: a sample of N bits becomes 8 bits by dropping the N - 8 lowest bits, so
that full scale stays full scale and the same light gives the same grey value in every frame.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from uniad_desktop.cameras.pixel_formats import PixelFormat

# OpenCV's short Bayer names count from the second row; its four-letter names agree with PFNC.
_TO_RGB = {
    "BGR8": cv2.COLOR_BGR2RGB,
    "RGBa8": cv2.COLOR_RGBA2RGB,
    "BGRa8": cv2.COLOR_BGRA2RGB,
    "BayerGR8": cv2.COLOR_BayerGRBG2RGB,
    "BayerRG8": cv2.COLOR_BayerRGGB2RGB,
    "BayerGB8": cv2.COLOR_BayerGBRG2RGB,
    "BayerBG8": cv2.COLOR_BayerBGGR2RGB,
}


def to_image(
    raw: NDArray[np.uint8], pixel_format: PixelFormat, width: int, height: int
) -> NDArray[np.uint8]:
    """Turns raw rows into a picture that belongs to the caller.

    Args:
        raw: at least height * width * bytes per pixel uint8, contiguous, rows without padding.
        pixel_format: its format.
        width: pixels per row.
        height: rows.

    Returns:
        (H, W) grey or (H, W, 3) RGB uint8, contiguous, never sharing memory with `raw`.
    """
    pixels = raw.reshape(-1)[: height * width * pixel_format.bytes_per_pixel]
    if pixel_format.bits > 8:
        words = pixels.view("<u2").reshape(height, width)
        return deep_to_8_bit(words, pixel_format.bits)
    shape = (height, width) if pixel_format.channels == 1 else (height, width, -1)
    picture = pixels.reshape(shape)
    code = _TO_RGB.get(pixel_format.name)
    if code is None:
        return picture.copy()
    return np.asarray(cv2.cvtColor(picture, code), dtype=np.uint8)


def deep_to_8_bit(words: NDArray[np.uint16], bits: int) -> NDArray[np.uint8]:
    """Drops the `bits` - 8 lowest bits of each 16-bit word; values above full scale saturate."""
    shifted = words >> np.uint16(bits - 8)
    if bits < 16:
        np.minimum(shifted, 255, out=shifted)
    return shifted.astype(np.uint8)
