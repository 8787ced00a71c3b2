"""Images of inspections: their names and their bytes."""

from __future__ import annotations

import hashlib
import os
import re
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from uniad_desktop.inspection.types import Inspection
from uniad_desktop.records.options import RecordsOptions

IMAGES: Final = "records/images"
HEATMAP_ENDING: Final = ".heatmap.png"
PNG_LEVEL: Final = 1  # lossless at any level; 1 keeps up with the line
WEBP_LOSSLESS: Final = 101  # OpenCV: above 100 is lossless

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


def image_name(inspection: Inspection, image_format: str) -> PurePosixPath:
    """Path of an image from the data folder on.

    Such as ``records/images/2026-11-26/142233-105123_0000012_flange_FAIL.png``: safe on every
    file system, whatever the product's key is.
    """
    when = datetime.fromtimestamp(inspection.decided_at).astimezone()
    product = _UNSAFE.sub("-", inspection.product)[:40].strip("-") or "product"
    stem = f"{when:%H%M%S-%f}_{inspection.number:07d}_{product}_{inspection.verdict.value}"
    ending = {"png": "png", "webp": "webp", "jpeg": "jpg"}[image_format]
    return PurePosixPath(IMAGES) / f"{when:%Y-%m-%d}" / f"{stem}.{ending}"


def heatmap_name(image: str) -> str:
    """Path of the heatmap that belongs to an image, both from the data folder on."""
    return str(PurePosixPath(image).with_suffix("")) + HEATMAP_ENDING


def heatmap_file(image: str) -> str:
    """Name of an image's heatmap in a folder of heatmaps alone (`Records.heatmaps`)."""
    return hashlib.sha256(image.encode()).hexdigest()[:32] + HEATMAP_ENDING


def inside(folder: Path, name: str) -> Path:
    """The file of a stored path.

    Raises:
        ValueError: the path leads out of the folder; a database may come from anywhere.
    """
    parts = PurePosixPath(name).parts
    # Elsewhere these two are letters like any other in a name.
    odd = os.name == "nt" and ("\\" in name or ":" in name)
    if not parts or name.startswith("/") or ".." in parts or odd:
        raise ValueError(f"“{name}” is no path inside the data folder")
    return folder.joinpath(*parts)


def encode_image(image: NDArray[np.uint8], options: RecordsOptions) -> bytes:
    """An image in the format of the options.

    Args:
        image: (H, W) or (H, W, 3) uint8 RGB.
        options: format and quality.

    Raises:
        ValueError: the format does not take it, for example its size.
    """
    pixels = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    ending, parameters = {
        "png": (".png", [cv2.IMWRITE_PNG_COMPRESSION, PNG_LEVEL]),
        "webp": (".webp", [cv2.IMWRITE_WEBP_QUALITY, WEBP_LOSSLESS]),
        "jpeg": (".jpg", [cv2.IMWRITE_JPEG_QUALITY, options.jpeg_quality]),
    }[options.image_format]
    try:
        done, encoded = cv2.imencode(ending, pixels, parameters)
    except cv2.error as error:
        raise ValueError(str(error)) from error
    if not done:
        raise ValueError(f"it cannot be encoded as {options.image_format}")
    return encoded.tobytes()
