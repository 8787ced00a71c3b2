"""From distances per token to map and score: linear, so it is a product of small matrices.

Scaling up bilinearly is a matrix on either side of the coarse map, and so is average pooling; the
pooled map is made from the coarse one directly. The same numbers as `uniad.scoring` (section 4 of
the paper) at a hundredth of the time.

Products go through torch, which keeps to the threads that it was told: numpy's would wait for a
thread on a processor that the camera or the screen is using, for longer than the network takes.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from uniad_desktop.uniad.config import ScoreKind, UniADConfig

Floats = NDArray[np.float32]

_LEAST_INSIDE = 0.25  # of a pooling window; a mean over less would be a few pixels' noise


@lru_cache(maxsize=64)
def upsampling(tokens: int, pixels: int) -> Tensor:
    """Bilinear interpolation with aligned corners along one axis, (pixels, tokens)."""
    matrix = np.zeros((pixels, tokens), np.float64)
    places = np.linspace(0.0, tokens - 1.0, pixels) if pixels > 1 else np.zeros(1)
    lower = np.minimum(places.astype(np.int64), max(tokens - 2, 0))
    share = places - lower
    rows = np.arange(pixels)
    matrix[rows, lower] = 1.0 - share
    if tokens > 1:
        matrix[rows, lower + 1] = share
    return torch.from_numpy(matrix).to(torch.float32)


@lru_cache(maxsize=64)
def pooling(pixels: int, pool: int) -> Tensor:
    """Average pooling with stride 1 along one axis, (pixels - pool + 1, pixels)."""
    outputs = pixels - pool + 1
    matrix = np.zeros((outputs, pixels), np.float64)
    for row in range(outputs):
        matrix[row, row : row + pool] = 1.0 / pool
    return torch.from_numpy(matrix).to(torch.float32)


def full_maps(coarse: Floats, config: UniADConfig) -> Floats:
    """Distances per token, scaled up to the model's input.

    Args:
        coarse: (B, rows, columns).
        config: the architecture.

    Returns:
        (B, input_height, input_width) float32.
    """
    down = upsampling(config.grid[0], config.input_height)
    across = upsampling(config.grid[1], config.input_width)
    return _both_sides(down, coarse, across)


def scores_of(coarse: Floats, config: UniADConfig, maps: Floats | None = None) -> Floats:
    """One number per picture, as the config says.

    Args:
        coarse: (B, rows, columns) distances per token.
        config: the architecture.
        maps: (B, input_height, input_width), where they are there already.

    Returns:
        (B,) float32, in units of the map.
    """
    if config.score is ScoreKind.MAX_POOLED:
        down, across = _pooled_upsampling(config)
        scores: Floats = _both_sides(down, coarse, across).max(axis=(1, 2))
        return scores
    maps = full_maps(coarse, config) if maps is None else maps
    if config.score is ScoreKind.MEAN:
        return np.asarray(maps.mean(axis=(1, 2), dtype=np.float64), np.float32)
    return np.asarray(maps.std(axis=(1, 2), ddof=1, dtype=np.float64), np.float32)


def score_inside(anomaly_map: Floats, inside: NDArray[np.bool_], config: UniADConfig) -> float:
    """The score of a part of a map; outside it nothing counts.

    Args:
        anomaly_map: (input_height, input_width).
        inside: the same shape, true where it counts.
        config: the architecture.

    Returns:
        The score, 0 where nothing is inside.
    """
    if not inside.any():
        return 0.0
    if config.score is ScoreKind.MAX_POOLED:
        down = pooling(inside.shape[0], config.score_pool)
        across = pooling(inside.shape[1], config.score_pool)
        share = _both_sides(down, inside.astype(np.float32), across)
        # The mean over what is inside: zeros from outside would hide a defect at the edge.
        pooled = _both_sides(down, np.where(inside, anomaly_map, np.float32(0.0)), across)
        counted = share >= min(_LEAST_INSIDE, float(share.max()))
        return float((pooled[counted] / share[counted]).max())
    values = anomaly_map[inside].astype(np.float64)
    if config.score is ScoreKind.MEAN:
        return float(values.mean())
    return float(values.std(ddof=1)) if values.size > 1 else 0.0


def _pooled_upsampling(config: UniADConfig) -> tuple[Tensor, Tensor]:
    return (
        _pooled_axis(config.grid[0], config.input_height, config.score_pool),
        _pooled_axis(config.grid[1], config.input_width, config.score_pool),
    )


@lru_cache(maxsize=64)
def _pooled_axis(tokens: int, pixels: int, pool: int) -> Tensor:
    return pooling(pixels, pool) @ upsampling(tokens, pixels)


def _both_sides(down: Tensor, values: Floats, across: Tensor) -> Floats:
    """``down @ values @ across.T`` for (…, rows, columns) values."""
    with torch.inference_mode():
        middle = torch.from_numpy(np.require(values, np.float32, ("C", "W")))
        product: Floats = (down @ middle @ across.T).numpy()
    return product
