"""Reading one image file as a camera would have sent it."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from uniad_desktop.cameras.conversion import deep_to_8_bit
from uniad_desktop.cameras.source import CameraError

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff"})

# What is wrong with a file is said once, in our words; OpenCV would print its own besides.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

_LARGEST_FILE = 1 << 30
# Depth is kept, alpha is dropped, and the EXIF orientation is applied.
_FLAGS = cv2.IMREAD_ANYCOLOR | cv2.IMREAD_ANYDEPTH
_DIGITS = re.compile(r"(\d+)")


def natural_key(path: Path) -> tuple[tuple[int, int, str], ...]:
    """Sort key under which ``part2.png`` comes before ``part10.png``."""
    return tuple(
        (0, int(piece), "") if piece.isdecimal() else (1, 0, piece.lower())
        for piece in _DIGITS.split(path.name)
        if piece
    )


def read_image(path: Path) -> NDArray[np.uint8]:
    """Reads an image file.

    16-bit samples become 8-bit ones by dropping the lower byte; alpha is dropped; the EXIF
    orientation is applied.

    Returns:
        (H, W) grey or (H, W, 3) RGB uint8, as the file has it.

    Raises:
        CameraError: the file cannot be read, is cut off, or is no 8- or 16-bit image.
    """
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise CameraError(f"{path} is larger than 1 GB, no image is read from it.")
        data = np.fromfile(path, np.uint8)  # cv2.imread fails on some file names on Windows
    except OSError as error:
        reason = error.strerror or str(error)
        raise CameraError(f"{path} cannot be read: {reason}.") from error
    return decode_image(data, path)


def decode_image(data: NDArray[np.uint8], path: Path) -> NDArray[np.uint8]:
    """What `read_image` makes of the bytes of a file; `path` is for the sentences.

    Raises:
        CameraError: as in `read_image`.
    """
    try:
        decoded = cv2.imdecode(data, _FLAGS) if data.size else None
    except cv2.error:
        decoded = None
    if decoded is None:
        raise CameraError(f"{path} is no readable image; it may be damaged or cut off.")
    image = np.asarray(decoded)
    if image.dtype == np.uint16:
        image = deep_to_8_bit(image, 16)
    if image.dtype != np.uint8:
        raise CameraError(
            f"{path} holds {image.dtype} samples; only 8- and 16-bit images are read."
        )
    if image.ndim == 2:
        return image
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), dtype=np.uint8)
