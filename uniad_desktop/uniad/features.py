"""Features of the frozen backbone, aligned to one grid (section 3.1)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from uniad_desktop.uniad.config import Alignment, BackboneConfig, UniADConfig


def build_backbone(config: BackboneConfig, input_size: tuple[int, int] = (224, 224)) -> nn.Module:
    """Builds the timm backbone without weights and without anything after its last stage.

    Args:
        config: the backbone.
        input_size: rows and columns of the pictures; models with position embeddings are built
            for one size.

    Returns:
        A module from (B, 3, H, W) to a list of feature maps (B, C, h, w), frozen and in eval
        mode. Its weights are random until some are loaded.

    Raises:
        ValueError: timm has no such model, or its channels are not those of the config.
    """
    return _build(config, input_size, "cpu")


def backbone_shapes(config: BackboneConfig, input_size: tuple[int, int]) -> dict[str, Tensor]:
    """The state that `build_backbone` wants: names, shapes and types; values mean nothing.

    Raises:
        ValueError: as `build_backbone`.
    """
    return _build(config, input_size, "meta").state_dict()


def _build(config: BackboneConfig, input_size: tuple[int, int], device: str) -> nn.Module:
    # Not above: a model that was exported before starts without timm, in half the time.
    from uniad_desktop.uniad.timm_models import create_features

    backbone = create_features(
        config.name, input_size, stages=config.stages, pad_type=config.pad_type, device=device
    )
    information: Any = backbone.feature_info
    channels = tuple(information.channels())
    if channels != config.channels:
        raise ValueError(
            f"The backbone '{config.name}' has channels {channels} in stages {config.stages}, "
            f"not {config.channels}."
        )
    if config.padded_for > 0:
        from uniad_desktop.uniad.padding import use_fixed_padding

        use_fixed_padding(backbone, config.padded_for)
    return backbone


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
            aligned.append(_area_means(one, grid))
        else:
            aligned.append(F.interpolate(one, size=grid, mode="bilinear", align_corners=True))
    return torch.cat(aligned, dim=1).flatten(2).transpose(1, 2).contiguous()


def _area_means(features: Tensor, grid: tuple[int, int]) -> Tensor:
    """(B, C, H, W) to (B, C, *grid), each value the mean over one token's area."""
    height, width = int(features.shape[-2]), int(features.shape[-1])
    if height % grid[0] or width % grid[1]:
        return F.adaptive_avg_pool2d(features, grid)
    # The same means; what exported graphs are run by has this step, but not the adaptive one.
    return F.avg_pool2d(features, (height // grid[0], width // grid[1]))


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
        self.backbone = build_backbone(config.backbone, (config.input_height, config.input_width))
        channels = config.backbone.feature_channels
        for name, values in (
            ("image_mean", config.backbone.image_mean),
            ("image_deviation", config.backbone.image_deviation),
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
