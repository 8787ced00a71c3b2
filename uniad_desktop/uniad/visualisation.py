"""The visualisation decoder: from features back to a picture (appendix of the paper).

It is trained when everything else is done and takes no part in any decision. Given rebuilt
features, it shows what a normal part would look like here.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from uniad_desktop.uniad.config import VisualisationConfig

_NARROWEST = 16


class VisualisationDecoder(nn.Module):
    """Convolutions that double the size until it is that of the input.

    Args:
        config: its width.
        channels: C_org.
        grid: rows and columns of tokens.
        size: height and width of the picture in pixels.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(
        self,
        config: VisualisationConfig,
        channels: int,
        grid: tuple[int, int],
        size: tuple[int, int],
    ) -> None:
        super().__init__()
        self.grid = grid
        # Puts the features on one scale; identity until `set_scale`. Stored with the weights.
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("deviation", torch.ones(channels))
        width = config.width
        steps: list[nn.Module] = [nn.Conv2d(channels, width, 1), Residual(width)]
        for stage in _sizes(grid, size):
            narrower = max(_NARROWEST, width // 2)
            steps += [Enlarge(width, narrower, stage), Residual(narrower)]
            width = narrower
        self.steps = nn.Sequential(*steps, nn.Conv2d(width, 3, 3, padding=1))

    def set_scale(self, mean: Tensor, deviation: Tensor) -> None:
        """Per-channel mean and deviation (C_org,) of the tokens that `forward` will be given."""
        self.mean.copy_(mean)
        self.deviation.copy_(deviation)

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, N, C_org) tokens as the network sees them, to pictures (B, 3, H, W) in 0..1."""
        scaled = (tokens - self.mean) / self.deviation
        maps = scaled.transpose(1, 2).reshape(scaled.shape[0], -1, *self.grid)
        picture: Tensor = torch.sigmoid(self.steps(maps))
        return picture


class Residual(nn.Module):
    """Two 3x3 convolutions whose result is added to what came in."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, maps: Tensor) -> Tensor:
        """(B, width, h, w) to the same shape."""
        added: Tensor = self.second(F.relu(self.first(F.relu(maps))))
        return maps + added


class Enlarge(nn.Module):
    """Bilinear enlargement and a 3x3 convolution, which leaves no chequered pattern."""

    def __init__(self, width: int, narrower: int, size: tuple[int, int]) -> None:
        super().__init__()
        self.size = size
        self.narrow = nn.Conv2d(width, narrower, 3, padding=1)

    def forward(self, maps: Tensor) -> Tensor:
        """(B, width, h, w) to (B, narrower, *size)."""
        # Narrowed first: the same arithmetic on a quarter of the pixels.
        enlarged: Tensor = F.interpolate(
            self.narrow(maps), size=self.size, mode="bilinear", align_corners=False
        )
        return enlarged


def _sizes(grid: tuple[int, int], size: tuple[int, int]) -> list[tuple[int, int]]:
    """Doublings of the grid; the last is the size itself, whatever the stride is."""
    sizes = []
    height, width = grid
    while 2 * height < size[0] or 2 * width < size[1]:
        height, width = 2 * height, 2 * width
        sizes.append((height, width))
    return [*sizes, size]
