"""UniAD put together: images in, anomaly maps and scores out."""

from __future__ import annotations

from torch import Tensor, nn

from uniad_desktop.uniad.config import UniADConfig
from uniad_desktop.uniad.features import FeaturePyramid
from uniad_desktop.uniad.network import ReconstructionNetwork
from uniad_desktop.uniad.scoring import anomaly_map, image_score
from uniad_desktop.uniad.spread import SpreadHead


class UniAD(nn.Module):
    """Unified anomaly detection (You et al., NeurIPS 2022, arXiv 2206.03687).

    Not to be confused with the driving model of the same name.

    Args:
        config: the architecture.

    Raises:
        ValueError: the config's backbone or neighbour square cannot be built.
    """

    def __init__(self, config: UniADConfig) -> None:
        super().__init__()
        self.config = config
        self.pyramid = FeaturePyramid(config)
        self.network = ReconstructionNetwork(config)
        self.spread = (
            SpreadHead(config.hidden, config.backbone.feature_channels) if config.spread else None
        )

    def difference(self, tokens: Tensor) -> Tensor:
        """(B, N, C_org) tokens as the network sees them, to what the map is made of."""
        decoded = self.network.decode(tokens)
        difference: Tensor = tokens - self.network.output_proj(decoded)
        return difference if self.spread is None else difference / self.spread(decoded)

    def score_tokens(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Maps (B, H, W) and image scores (B,) of tokens as the network sees them."""
        config = self.config
        size = (config.input_height, config.input_width)
        maps = anomaly_map(self.difference(tokens), config.grid, size)
        return maps, image_score(maps, config.score, config.score_pool)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Detects.

        Args:
            images: (B, 3, input_height, input_width) in 0..1, RGB.

        Returns:
            Anomaly maps (B, input_height, input_width) and image scores (B,), in the config's
            units (see `UniADConfig.standardised` and `UniADConfig.spread`).
        """
        return self.score_tokens(self.pyramid(images))
