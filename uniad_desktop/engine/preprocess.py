"""Frame to network input: the one way for training, calibration, review and the line."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

SMALLEST_SIDE = 8
LARGEST_PIXELS = 1 << 28


class ImageError(ValueError):
    """A picture cannot be inspected; the message is a sentence for the user."""


def preprocess(image: NDArray[np.uint8], height: int, width: int) -> Tensor:
    """Scales a whole frame to the network's input.

    Scaling is bilinear with antialiasing, equal to PIL's bilinear filter within one grey level
    (the authors' pre-processing); the aspect ratio is not kept. A grey picture stays one channel
    until it is scaled.

    Args:
        image: (H, W) or (H, W, 3) uint8, RGB.
        height: rows of the network's input in pixels.
        width: columns of the network's input.

    Returns:
        (3, height, width) float32 in 0..1.

    Raises:
        ImageError: the picture has another type, shape or size.
    """
    _check(image)
    # Torch warns of arrays that cannot be written to, and takes no negative strides.
    source = torch.from_numpy(np.require(image, requirements=["C", "W"]))
    pixels = source[None] if image.ndim == 2 else source.permute(2, 0, 1)
    # Of three channels torch scales uint8 far faster; of one, float. Enlarging in uint8 would
    # stray two grey levels from PIL.
    smaller = image.shape[0] >= height and image.shape[1] >= width
    if image.ndim == 3 and smaller:
        scaled = _scale(pixels[None], height, width)[0].to(torch.float32)
    else:
        scaled = _scale(pixels.to(torch.float32)[None], height, width)[0].round_()
    return scaled.div_(255.0).expand(3, -1, -1).contiguous()


def _scale(pixels: Tensor, height: int, width: int) -> Tensor:
    return F.interpolate(pixels, size=(height, width), mode="bilinear", antialias=True)


def _check(image: NDArray[np.uint8]) -> None:
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8:
        kind = getattr(image, "dtype", type(image).__name__)
        raise ImageError(f"A frame must hold 8-bit pixels, not {kind}; set the camera to Mono8.")
    if image.ndim not in (2, 3) or (image.ndim == 3 and image.shape[2] != 3):
        raise ImageError(
            f"A frame must be grey (rows, columns) or RGB (rows, columns, 3), not of shape "
            f"{image.shape}; set the camera to Mono8 or RGB8."
        )
    if min(image.shape[:2]) < SMALLEST_SIDE or image.size > LARGEST_PIXELS:
        raise ImageError(
            f"A frame of {image.shape[1]} x {image.shape[0]} pixels cannot be inspected; "
            f"{SMALLEST_SIDE} pixels per side are the least, {LARGEST_PIXELS} values the most."
        )
