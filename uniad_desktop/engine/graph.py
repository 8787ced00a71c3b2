"""A trained model as one graph from grey levels to the coarse map, for the exported runtimes."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from uniad_desktop.engine.fused import fused_network
from uniad_desktop.uniad.features import align_features
from uniad_desktop.uniad.model import UniAD

GRAPH_VERSION = 1
"""Counts up whenever the graph's arithmetic changes, so that cached exports are made anew."""


class InspectionGraph(nn.Module):
    """Scaled pictures to distances per token; what follows is linear and done in `map_making`.

    The modules are named after the stages that a benchmark tells apart: ``backbone``, ``network``;
    everything else belongs to the map.

    Args:
        model: trained, in eval mode. Its modules are shared, not copied.
        backbone: what runs in place of the model's own backbone, for example a folded copy.
    """

    scale: Tensor
    shift: Tensor
    gain: Tensor
    offset: Tensor

    def __init__(self, model: UniAD, backbone: nn.Module | None = None) -> None:
        super().__init__()
        pyramid = model.pyramid
        self.grid = pyramid.grid
        self.alignment = pyramid.alignment
        self.standardised = pyramid.standardised
        self.backbone = pyramid.backbone if backbone is None else backbone
        self.network = fused_network(model.network)
        self.output_proj = model.network.output_proj
        self.spread = model.spread
        self.register_buffer("scale", 1.0 / (255.0 * pyramid.image_deviation))
        self.register_buffer("shift", -pyramid.image_mean / pyramid.image_deviation)
        self.register_buffer("gain", 1.0 / pyramid.deviation)
        self.register_buffer("offset", -pyramid.mean / pyramid.deviation)

    def forward(self, pictures: Tensor) -> Tensor:
        """Distances per token.

        Args:
            pictures: (B, 3, H, W) in grey levels 0..255, uint8 or float.

        Returns:
            (B, rows, columns) float32: L2 norm over the channels of feature minus reconstruction.
        """
        images = pictures.to(self.scale.dtype) * self.scale + self.shift
        tokens = align_features(self.backbone(images), self.grid, self.alignment)
        if self.standardised:
            tokens = tokens * self.gain + self.offset
        decoded = self.network(tokens)
        difference = tokens - self.output_proj(decoded)
        if self.spread is not None:
            difference = difference / self.spread(decoded)
        squares = difference.to(torch.float32).square().sum(dim=-1)
        coarse: Tensor = squares.sqrt().reshape(-1, *self.grid)
        return coarse
