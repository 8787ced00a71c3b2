"""How far off the reconstruction typically is, place by place: an addition to the paper.

Edges and loose texture are never rebuilt as well as flat ground, and how well depends on product
and place. This head reads it off the decoder's tokens, which know both, so that the map can count
typical differences instead of raw distance. One model still serves all products, and without the
head (``UniADConfig.spread`` false, the default) the network is the paper's.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

LEAST, MOST = 0.1, 20.0
"""Bounds of a spread, in units of the features; the lower one keeps flat ground from shouting."""


class SpreadHead(nn.Module):
    """Predicts the deviation of every channel's difference on normal parts.

    Args:
        hidden: width of the decoder's tokens.
        channels: C_org.
    """

    def __init__(self, hidden: int, channels: int) -> None:
        super().__init__()
        last = nn.Linear(2 * hidden, channels)
        # Every spread starts at 1.
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)
        self.layers = nn.Sequential(nn.Linear(hidden, 2 * hidden), nn.ReLU(), last)

    def forward(self, decoded: Tensor) -> Tensor:
        """(B, N, hidden) tokens of `ReconstructionNetwork.decode` to (B, N, C_org) > 0."""
        logarithm: Tensor = self.layers(decoded)
        return torch.exp(logarithm.clamp(math.log(LEAST), math.log(MOST)))


def spread_loss(difference: Tensor, spread: Tensor) -> Tensor:
    """Negative log-likelihood of the difference under a normal distribution of that spread.

    Args:
        difference: (B, N, C) features minus reconstruction.
        spread: (B, N, C), positive.
    """
    return torch.mean(0.5 * (difference / spread) ** 2 + spread.log())
