"""Images as Qt paints them, made on a worker thread."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from uniad_desktop.ui.composer import fit


def scaled_picture(image: NDArray[np.uint8], width: int, height: int) -> QImage:
    """A frame fitted into a room.

    Args:
        image: (H, W) or (H, W, 3) uint8 RGB.
        width: of the room in device pixels, 1 or more.
        height: likewise.

    Returns:
        A picture that owns its pixels.
    """
    size = fit(image.shape[1], image.shape[0], max(1, width), max(1, height))
    shrinking = size[0] < image.shape[1]
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR)
    grey = small.ndim == 2
    kind = QImage.Format.Format_Grayscale8 if grey else QImage.Format.Format_RGB888
    pixels = cast("NDArray[np.uint8]", np.ascontiguousarray(small))
    return QImage(pixels.data, size[0], size[1], pixels.strides[0], kind).copy()
