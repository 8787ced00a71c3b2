"""The network as the GPU runs it: half precision where it is heavy, full where it decides."""

from __future__ import annotations

import copy
import logging
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from uniad_desktop.engine.folding import FoldingError, fold_batch_norms
from uniad_desktop.engine.graph import InspectionGraph
from uniad_desktop.engine.map_making import pooling, upsampling
from uniad_desktop.engine.runtimes.gpu_scaling import full_precision
from uniad_desktop.uniad.config import ScoreKind
from uniad_desktop.uniad.features import align_features
from uniad_desktop.uniad.model import UniAD

_log = logging.getLogger(__name__)

_ATTENTION = [SDPBackend.FLASH_ATTENTION, SDPBackend.EFFICIENT_ATTENTION, SDPBackend.MATH]
"""Ways to compute attention; cuDNN's makes a plan per shape, for no gain at so few tokens."""

_ALIGNMENT = 16  # elements; fused attention copies a mask whose rows start elsewhere, every time


class GpuNetwork(nn.Module):
    """Scaled pictures to maps and scores.

    Backbone and transformer, which take the time, run in `dtype`. Grey levels are put on the
    backbone's scale, features averaged over tokens and standardised, differences taken and summed
    up, and maps and scores made in float32: a difference of two nearly equal numbers would keep
    little of eight bits.

    Args:
        model: trained, in eval mode, on the CPU. Its modules are copied, not shared.
        device: where it runs.
        dtype: of backbone and transformer.
    """

    scale: Tensor
    shift: Tensor
    gain: Tensor
    offset: Tensor
    down: Tensor
    across: Tensor
    pooled_down: Tensor
    pooled_across: Tensor

    def __init__(self, model: UniAD, device: torch.device, dtype: torch.dtype) -> None:
        super().__init__()
        config = model.config
        graph = InspectionGraph(model, _folded(model))
        self.config = config
        self.dtype = dtype
        # Copied one by one: some networks hold the last projection too, which stays in float32.
        self.backbone = graph.backbone
        self.network = copy.deepcopy(graph.network)
        self.output_proj = copy.deepcopy(graph.output_proj)
        self.spread = copy.deepcopy(graph.spread)
        for name in ("scale", "shift", "gain", "offset"):
            self.register_buffer(name, getattr(graph, name).clone())
        height, width = config.input_height, config.input_width
        down, across = upsampling(config.grid[0], height), upsampling(config.grid[1], width)
        self.register_buffer("down", down.clone())
        self.register_buffer("across", across.clone())
        self.register_buffer("pooled_down", pooling(height, config.score_pool) @ down)
        self.register_buffer("pooled_across", pooling(width, config.score_pool) @ across)
        self.eval().requires_grad_(False)
        self.to(device)
        to: Any = self.backbone.to  # torch's types do not know this combination
        to(dtype=dtype, memory_format=torch.channels_last)
        self.network.to(dtype)
        _align_masks(self.network)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Detects.

        Args:
            pictures: (B, 3, H, W) uint8 grey levels, best channels-last.

        Returns:
            Maps (B, H, W) and scores (B,), float32.
        """
        with full_precision(), sdpa_kernel(_ATTENTION):
            coarse = self._coarse(pictures)
            maps = self.down @ coarse @ self.across.T
            return maps, self._scores(coarse, maps)

    def _coarse(self, pictures: Tensor) -> Tensor:
        """Distances per token (B, rows, columns) float32; see `InspectionGraph.forward`."""
        images = (pictures.to(torch.float32) * self.scale + self.shift).to(self.dtype)
        features = self.backbone(images.contiguous(memory_format=torch.channels_last))
        full = [one.to(torch.float32) for one in features]
        tokens = align_features(full, self.config.grid, self.config.alignment)
        if self.config.standardised:
            tokens = tokens * self.gain + self.offset
        decoded = self.network(tokens.to(self.dtype)).to(torch.float32)
        difference = tokens - self.output_proj(decoded)
        if self.spread is not None:
            difference = difference / self.spread(decoded)
        coarse: Tensor = difference.square().sum(dim=-1).sqrt()
        return coarse.reshape(-1, *self.config.grid)

    def _scores(self, coarse: Tensor, maps: Tensor) -> Tensor:
        """One number per picture (B,); see `map_making.scores_of`."""
        if self.config.score is ScoreKind.MAX_POOLED:
            return (self.pooled_down @ coarse @ self.pooled_across.T).amax(dim=(1, 2))
        exact = maps.to(torch.float64)
        if self.config.score is ScoreKind.MEAN:
            return exact.mean(dim=(1, 2)).to(torch.float32)
        return exact.std(dim=(1, 2), correction=1).to(torch.float32)


def _folded(model: UniAD) -> nn.Module:
    """A copy of the backbone with batch norms folded, or as it is where that cannot be done."""
    config = model.config
    generator = torch.Generator().manual_seed(0)
    example = torch.randn((1, 3, config.input_height, config.input_width), generator=generator)
    try:
        return fold_batch_norms(model.pyramid.backbone, example.to(model.pyramid.mean.device))
    except FoldingError as error:
        _log.info("The backbone runs with its batch norms: %s", error)
        return copy.deepcopy(model.pyramid.backbone)


def _align_masks(network: nn.Module) -> None:
    """Lets every row of the masks that are added begin at an aligned place in memory."""
    for module in network.modules():
        for name, mask in list(module.named_buffers(recurse=False)):
            if not name.startswith("mask") or not mask.is_floating_point():
                continue
            rows, columns = mask.shape
            room = -(-columns // _ALIGNMENT) * _ALIGNMENT
            padded = torch.zeros((rows, room), dtype=mask.dtype, device=mask.device)
            aligned = padded[:, :columns]
            aligned.copy_(mask)
            setattr(module, name, aligned)
