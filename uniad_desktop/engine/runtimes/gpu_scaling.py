"""Frame to network input on the GPU: `engine.preprocess` as products of matrices.

Scaling with a triangle filter is linear along each axis, so it is a matrix on either side of the
picture. PIL and torch, whichever `engine.preprocess` scales with, do it in whole numbers: weights
times a power of two, sums rounded to grey levels after each axis. So it is done here, and float32
holds whole numbers up to 2^24 exactly: the results are the very same as on the host.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from uniad_desktop.engine.layout import Box
from uniad_desktop.engine.preprocess import EXACT_PIXELS

_MOST_VALUES = 1 << 26
"""Grey levels held as float32 at once (256 MiB); more tiles are scaled one after another."""

_PIL_BITS = 22  # behind the point of PIL's weights
_EXACT = 1 << 24  # float32 holds every whole number up to here
_LARGEST_LEVEL = 255


@contextmanager
def full_precision() -> Iterator[None]:
    """Products of float32 are computed in float32, whatever the program has chosen: no TF32."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


def filter_weights(source: int, target: int, *, as_pil: bool) -> tuple[NDArray[np.int64], int]:
    """Antialiased bilinear scaling along one axis, in whole numbers.

    Args:
        source: pixels of the picture.
        target: pixels of the result.
        as_pil: whether weights have PIL's steps; else those of torch for 8-bit pictures.

    Returns:
        (target, source) weights, and by how many bits they are shifted up; each row sums to about
        1 shifted by as much.
    """
    scale = source / target
    reach = max(scale, 1.0)
    centres = (np.arange(target) + 0.5) * scale
    distances = np.abs(np.arange(source) + 0.5 - centres[:, None]) / reach
    weights = np.maximum(1.0 - distances, 0.0)
    weights /= weights.sum(axis=1, keepdims=True)
    bits = _PIL_BITS if as_pil else _torch_bits(float(weights.max()))
    return np.floor(weights * (1 << bits) + 0.5).astype(np.int64), bits


def _torch_bits(largest: float) -> int:
    """So many that the largest weight still fits into 16 bits with its sign."""
    for bits in range(_PIL_BITS):
        if int(0.5 + largest * (1 << (bits + 1))) >= 1 << 15:
            return bits
    return _PIL_BITS


class AxisScaling:
    """Scales one axis, exactly.

    Sums of grey levels times whole weights have up to 30 bits. So weights are cut into parts of
    fewer bits, whose sums float32 holds, and the parts' sums are put together in whole numbers.

    Args:
        source: pixels of the picture.
        target: pixels of the result.
        as_pil: see `filter_weights`.
        device: where it runs.
    """

    def __init__(self, source: int, target: int, as_pil: bool, device: torch.device) -> None:
        weights, self._bits = filter_weights(source, target, as_pil=as_pil)
        parts, self._part_bits = _in_parts(weights)
        self._parts = len(parts)
        stacked = torch.from_numpy(np.concatenate(parts)).to(torch.float32)
        self._matrix = stacked.to(device)

    def rows(self, levels: Tensor) -> Tensor:
        """(…, source, w) float32 grey levels to (…, target, w)."""
        return self._rounded((self._matrix @ levels).chunk(self._parts, dim=-2))

    def columns(self, levels: Tensor) -> Tensor:
        """(…, h, source) float32 grey levels to (…, h, target)."""
        return self._rounded((levels @ self._matrix.T).chunk(self._parts, dim=-1))

    def _rounded(self, sums: Sequence[Tensor]) -> Tensor:
        """Sums of the parts, highest first, to grey levels; halves up."""
        total = sums[0].to(torch.int32)
        for part in sums[1:]:
            total = total.mul_(1 << self._part_bits).add_(part.to(torch.int32))
        # Rows sum to 1 within 2^-13, so 255 stays below 255.5.
        halves = total.add_(1 << (self._bits - 1))
        return halves.bitwise_right_shift_(self._bits).to(torch.float32)


def _in_parts(weights: NDArray[np.int64]) -> tuple[list[NDArray[np.int64]], int]:
    """Weights as digits of as many bits as float32 can sum up, highest first; bits of a digit."""
    for bits in range(24, 0, -1):
        parts = [weights & ((1 << bits) - 1)]
        rest = weights >> bits
        while rest.any():
            parts.insert(0, rest & ((1 << bits) - 1))
            rest = rest >> bits
        if all(int(one.sum(axis=1).max()) * _LARGEST_LEVEL < _EXACT for one in parts):
            return parts, bits
    raise ValueError("A picture has too many pixels along one side to be scaled.")


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    """Tiles of one size that follow one another; no scaling for an axis that stays.

    Attributes:
        rows_first: which axis comes first; None: as torch does it, which depends on the channels.
    """

    first: int
    boxes: tuple[Box, ...]
    rows: AxisScaling | None
    columns: AxisScaling | None
    rows_first: bool | None


class FrameScaling:
    """Scales the tiles of frames of one shape. Nothing it needs is made while it runs.

    Args:
        boxes: the tiles in pixels of the frame.
        size: height and width of the network's input.
        device: where it runs.
    """

    def __init__(self, boxes: Sequence[Box], size: tuple[int, int], device: torch.device) -> None:
        runs = []
        first = 0
        for (height, width), group in groupby(boxes, key=lambda box: (box.height, box.width)):
            same = tuple(group)
            as_pil = height < size[0] or width < size[1] or height * width <= EXACT_PIXELS
            rows = _axis(height, size[0], as_pil, device)
            columns = _axis(width, size[1], as_pil, device)
            order = _pil_rows_first((height, width), size) if as_pil else None
            runs.append(_Run(first, same, rows, columns, order))
            first += len(same)
        self._runs = tuple(runs)

    def __call__(self, frame: Tensor, tiles: Tensor) -> None:
        """Scales.

        Args:
            frame: (H, W) or (H, W, 3) uint8 on the device.
            tiles: (T, C, height, width) uint8 on the device, C 1 or 3; filled with grey levels.
        """
        channels = frame[None] if frame.ndim == 2 else frame.permute(2, 0, 1)
        with full_precision():
            for run in self._runs:
                box = run.boxes[0]
                once = max(1, _MOST_VALUES // (len(channels) * box.height * box.width))
                for start in range(0, len(run.boxes), once):
                    some = run.boxes[start : start + once]
                    place = run.first + start
                    _scale(run, channels, some, tiles[place : place + len(some)])


def _scale(run: _Run, channels: Tensor, boxes: Sequence[Box], tiles: Tensor) -> None:
    shape = (len(boxes), len(channels), boxes[0].height, boxes[0].width)
    levels = torch.empty(shape, dtype=torch.float32, device=channels.device)
    for place, box in zip(levels, boxes, strict=True):
        place.copy_(channels[:, box.y : box.bottom, box.x : box.right])
    rows_first = len(channels) == 1 if run.rows_first is None else run.rows_first
    tiles.copy_(_both(levels, run.rows, run.columns, rows_first))


def _both(
    levels: Tensor, rows: AxisScaling | None, columns: AxisScaling | None, rows_first: bool
) -> Tensor:
    """(…, h, w) to (…, height, width); the order matters, since each axis is rounded."""
    if rows_first and rows is not None:
        levels = rows.rows(levels)
    if columns is not None:
        levels = columns.columns(levels)
    if not rows_first and rows is not None:
        levels = rows.rows(levels)
    return levels


def _axis(source: int, target: int, as_pil: bool, device: torch.device) -> AxisScaling | None:
    return None if source == target else AxisScaling(source, target, as_pil, device)


@lru_cache(maxsize=256)
def _pil_rows_first(source: tuple[int, int], target: tuple[int, int]) -> bool:
    """Which axis PIL scales first, from (h, w) to (height, width).

    Always the columns up to Pillow 12; since then that depends on the sizes. So PIL is asked.
    """
    noise = np.random.default_rng(0).integers(0, 256, source, dtype=np.uint8)
    scaled = Image.fromarray(noise).resize(target[::-1], Image.Resampling.BILINEAR)
    expected = torch.from_numpy(np.array(scaled))
    cpu = torch.device("cpu")
    rows = _axis(source[0], target[0], True, cpu)
    columns = _axis(source[1], target[1], True, cpu)
    levels = torch.from_numpy(noise).to(torch.float32)
    with full_precision():
        strays = [
            int((_both(levels, rows, columns, first) != expected).sum()) for first in (False, True)
        ]
    return strays[1] < strays[0]
