"""Features of the frozen backbone, aligned to one grid (section 3.1)."""

from __future__ import annotations

from typing import Any

import timm
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from uniad_desktop.uniad.config import Alignment, BackboneConfig, UniADConfig

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_DEVIATION = (0.229, 0.224, 0.225)


def build_backbone(config: BackboneConfig) -> nn.Module:
    """Builds the timm backbone without weights and without anything after its last stage.

    Returns:
        A module from (B, 3, H, W) to a list of feature maps, frozen and in eval mode.

    Raises:
        ValueError: timm has no such model, or its channels are not those of the config.
    """
    options: dict[str, Any] = {"pad_type": config.pad_type} if config.pad_type else {}
    try:
        backbone = timm.create_model(
            config.name,
            pretrained=False,
            features_only=True,
            out_indices=config.stages,
            **options,
        )
    except (RuntimeError, TypeError, IndexError, AssertionError) as error:
        raise ValueError(f"The backbone '{config.name}' cannot be built: {error}") from error
    channels = tuple(backbone.feature_info.channels())
    if channels != config.channels:
        raise ValueError(
            f"The backbone '{config.name}' has channels {channels} in stages {config.stages}, "
            f"not {config.channels}."
        )
    _cut_after(backbone, backbone.feature_info.module_name()[-1])
    backbone.requires_grad_(False)
    built: nn.Module = backbone.eval()
    return built


def _cut_after(backbone: nn.Module, last: str) -> None:
    """Removes the blocks after the last feature: some timm models build and run them all."""
    container, _, index = last.rpartition(".")
    if container and index.isdigit():
        blocks = backbone.get_submodule(container)
        if isinstance(blocks, nn.Sequential | nn.ModuleList):
            del blocks[int(index) + 1 :]


def align_features(maps: list[Tensor], grid: tuple[int, int], alignment: Alignment) -> Tensor:
    """Brings each map to the grid and concatenates their channels.

    Args:
        maps: feature maps (B, C_i, H_i, W_i).
        grid: rows and columns.
        alignment: bilinear, or mean over each token's area; maps that are smaller than the grid
            are always enlarged bilinearly.

    Returns:
        (B, rows * columns, sum of C_i) tokens, row-major.
    """
    aligned = []
    for one in maps:
        if tuple(one.shape[-2:]) == grid:
            aligned.append(one)
        elif alignment is Alignment.AREA and one.shape[-2] >= grid[0] and one.shape[-1] >= grid[1]:
            aligned.append(F.adaptive_avg_pool2d(one, grid))
        else:
            aligned.append(F.interpolate(one, size=grid, mode="bilinear", align_corners=True))
    return torch.cat(aligned, dim=1).flatten(2).transpose(1, 2).contiguous()


class FeaturePyramid(nn.Module):
    """Image to feature tokens: normalisation, frozen backbone, alignment, standardisation.

    Args:
        config: the architecture.
    """

    image_mean: Tensor
    image_deviation: Tensor
    mean: Tensor
    deviation: Tensor

    def __init__(self, config: UniADConfig) -> None:
        super().__init__()
        self.grid = config.grid
        self.alignment = config.alignment
        self.standardised = config.standardised
        self.backbone = build_backbone(config.backbone)
        channels = config.backbone.feature_channels
        for name, values in (
            ("image_mean", IMAGENET_MEAN),
            ("image_deviation", IMAGENET_DEVIATION),
        ):
            self.register_buffer(name, torch.tensor(values).view(1, 3, 1, 1), persistent=False)
        # Identity until the training set's statistics are put in; stored with the weights.
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("deviation", torch.ones(channels))

    def train(self, mode: bool = True) -> FeaturePyramid:
        """Stays in eval mode: the backbone is frozen, its batch norms included."""
        return super().train(False)

    def raw(self, images: Tensor) -> Tensor:
        """(B, 3, H, W) images in 0..1 to (B, N, C_org) tokens before standardisation."""
        images = (images - self.image_mean) / self.image_deviation
        return align_features(self.backbone(images), self.grid, self.alignment)

    def standardise(self, tokens: Tensor) -> Tensor:
        """Puts raw tokens on the scale that the network sees."""
        return (tokens - self.mean) / self.deviation if self.standardised else tokens

    def forward(self, images: Tensor) -> Tensor:
        """(B, 3, H, W) images in 0..1 to (B, N, C_org) tokens as the network sees them."""
        return self.standardise(self.raw(images))
