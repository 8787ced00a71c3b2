"""From a feature difference to an anomaly map and one number per image (section 4)."""

from __future__ import annotations

from torch import Tensor, linalg
from torch.nn import functional as F

from uniad_desktop.uniad.config import ScoreKind


def anomaly_map(difference: Tensor, grid: tuple[int, int], size: tuple[int, int]) -> Tensor:
    """L2 norm over channels, upsampled to the input.

    Args:
        difference: (B, N, C) features minus reconstruction, row-major over the grid.
        grid: rows and columns of tokens.
        size: height and width of the map.

    Returns:
        (B, height, width), in units of the difference.
    """
    coarse = linalg.vector_norm(difference, dim=-1).view(-1, 1, *grid)
    return F.interpolate(coarse, size=size, mode="bilinear", align_corners=True).squeeze(1)


def image_score(maps: Tensor, kind: ScoreKind, pool: int = 16) -> Tensor:
    """One number per image.

    Args:
        maps: (B, height, width).
        kind: maximum after average pooling (defects are small), mean (an image is odd as a
            whole), or standard deviation.
        pool: side of the pooling window, stride 1.

    Returns:
        (B,), in units of the map.
    """
    if kind is ScoreKind.MEAN:
        return maps.mean(dim=(1, 2))
    if kind is ScoreKind.DEVIATION:
        return maps.std(dim=(1, 2))
    return F.avg_pool2d(maps.unsqueeze(1), pool, stride=1).amax(dim=(1, 2, 3))
