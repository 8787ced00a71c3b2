"""Frame to network input: the one way for training, calibration, review and the line.

Scaling is bilinear with antialiasing, as PIL's bilinear filter does it (the authors'
pre-processing); the aspect ratio is not kept. Small pictures are scaled by PIL itself, large ones
by torch's vector code, ten times as fast and equal within one grey level. Results are whole grey
levels, so every runtime starts from the very same numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from uniad_desktop.engine.layout import Box

SMALLEST_SIDE = 8
LARGEST_PIXELS = 1 << 28
EXACT_PIXELS = 1 << 18
"""Pictures of so many pixels are scaled by PIL, in about a millisecond."""

_LANES = 4  # torch scales uint8 pictures of up to four channels with vector instructions


class ImageError(ValueError):
    """A picture cannot be inspected; the message is a sentence for the user."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """What one tile sees.

    Attributes:
        image: the whole frame, (H, W) or (H, W, 3) uint8, RGB.
        box: the tile in pixels of the frame; None for the whole frame.
    """

    image: NDArray[np.uint8]
    box: Box | None = None

    def pixels(self) -> NDArray[np.uint8]:
        """The part of the frame inside the box; not copied."""
        if self.box is None:
            return self.image
        rows = slice(self.box.y, self.box.y + self.box.height)
        return self.image[rows, self.box.x : self.box.x + self.box.width]


def preprocess(image: NDArray[np.uint8], height: int, width: int) -> Tensor:
    """A whole frame as the network wants it.

    Args:
        image: (H, W) or (H, W, 3) uint8, RGB.
        height: rows of the network's input in pixels.
        width: columns of the network's input.

    Returns:
        (3, height, width) float32 in 0..1.

    Raises:
        ImageError: the picture has another type, shape or size.
    """
    levels = scale_view(View(image), height, width).to(torch.float32)
    return levels.div_(255.0).expand(3, -1, -1).contiguous()


def preprocess_batch(views: Sequence[View], height: int, width: int) -> NDArray[np.uint8]:
    """Views as grey levels, one batch.

    Args:
        views: what each tile sees.
        height: rows of the network's input in pixels.
        width: columns of the network's input.

    Returns:
        (B, 3, height, width) uint8.

    Raises:
        ImageError: a picture has another type, shape or size.
    """
    batch = np.empty((len(views), 3, height, width), np.uint8)
    for place, view in zip(batch, views, strict=True):
        place[:] = scale_view(view, height, width).numpy()  # a grey one becomes three only here
    return batch


def scale_view(view: View, height: int, width: int) -> Tensor:
    """Scales what a tile sees to the network's input.

    Args:
        view: the frame and the tile.
        height: rows of the network's input in pixels.
        width: columns of the network's input.

    Returns:
        (C, height, width) uint8 grey levels; C is 1 for a grey frame, 3 for RGB.

    Raises:
        ImageError: the picture has another type, shape or size.
    """
    pixels = checked_pixels(view)
    smaller = pixels.shape[0] >= height and pixels.shape[1] >= width
    if not smaller or pixels.shape[0] * pixels.shape[1] <= EXACT_PIXELS:
        exact = Image.fromarray(pixels).resize((width, height), Image.Resampling.BILINEAR)
        levels = torch.from_numpy(np.array(exact))
        return levels[None] if levels.ndim == 2 else levels.permute(2, 0, 1)
    # Torch warns of arrays that cannot be written to, and takes no negative strides.
    source = torch.from_numpy(np.require(pixels, requirements=["C", "W"]))
    if source.ndim == 2:
        return _scale_grey(source, height, width)[None]
    return _interpolate(source.permute(2, 0, 1)[None], height, width)[0]


def checked_pixels(view: View) -> NDArray[np.uint8]:
    """What a tile sees, not copied.

    Raises:
        ImageError: the frame cannot be inspected, or the tile is too small.
    """
    check_image(view.image)
    pixels = view.pixels()
    if min(pixels.shape[:2]) < SMALLEST_SIDE:
        raise ImageError(
            f"A region of {pixels.shape[1]} x {pixels.shape[0]} pixels cannot be inspected; "
            f"{SMALLEST_SIDE} pixels per side are the least."
        )
    return pixels


def _interpolate(pixels: Tensor, height: int, width: int) -> Tensor:
    return F.interpolate(pixels, size=(height, width), mode="bilinear", antialias=True)


def _scale_grey(pixels: Tensor, height: int, width: int) -> Tensor:
    """Rows, then columns, (H, W) to (height, width).

    Along the rows the columns do not mix, so four neighbouring columns can stand for the four
    channels of a picture that torch scales with vector instructions: seven times as fast.
    """
    return _scale_rows(_scale_rows(pixels, height).T, width).T


def _scale_rows(pixels: Tensor, rows: int) -> Tensor:
    columns = pixels.shape[1]
    spare = -columns % _LANES
    padded = F.pad(pixels, (0, spare)) if spare else pixels.contiguous()
    lanes = padded.view(padded.shape[0], -1, _LANES).permute(2, 0, 1)
    scaled = _interpolate(lanes[None], rows, lanes.shape[2])[0]
    return scaled.permute(1, 2, 0).reshape(rows, -1)[:, :columns]


def check_image(image: NDArray[np.uint8]) -> None:
    """Raises ImageError for what is no frame: another type, shape or size."""
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
