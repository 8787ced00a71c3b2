"""The reconstruction network: neighbour-masked encoder and layer-wise query decoder."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from uniad_desktop.uniad.attention import neighbour_mask
from uniad_desktop.uniad.config import Attention, UniADConfig
from uniad_desktop.uniad.jitter import jitter_features
from uniad_desktop.uniad.layers import DecoderLayer, EncoderLayer, PositionEmbedding


class ReconstructionNetwork(nn.Module):
    """Rebuilds feature tokens from far-away context and learned queries.

    It is trained on normal parts of all products together; what it has not learned as normal, it
    does not rebuild.

    Args:
        config: the architecture.
    """

    allowed: Tensor

    def __init__(self, config: UniADConfig) -> None:
        super().__init__()
        self.config = config
        height, width = config.grid
        channels, hidden = config.backbone.feature_channels, config.hidden
        shape = (hidden, config.heads, config.feed_forward, config.dropout)
        self.input_proj = nn.Linear(channels, hidden)
        self.position = PositionEmbedding(height, width, hidden)
        self.encoder = nn.ModuleList(EncoderLayer(*shape) for _ in range(config.encoder_layers))
        self.decoder = nn.ModuleList(
            DecoderLayer(height * width, *shape) for _ in range(config.decoder_layers)
        )
        self.norm = nn.LayerNorm(hidden)
        self.output_proj = nn.Linear(hidden, channels)
        # Follows from the config alone, so it is not stored with the weights.
        self.register_buffer(
            "allowed",
            neighbour_mask(height, width, config.neighbour_height, config.neighbour_width),
            persistent=False,
        )
        self.apply(_initialise)

    def forward(self, features: Tensor) -> Tensor:
        """Rebuilds features.

        Args:
            features: (B, N, C_org) tokens, row-major over the grid, standardised where the config
                says so. Jittered first while training.

        Returns:
            (B, N, C_org) reconstruction.
        """
        out: Tensor = self.output_proj(self.decode(features))
        return out

    def decode(self, features: Tensor) -> Tensor:
        """The decoder's output (B, N, hidden), before it is projected back to features."""
        if self.training:
            features = jitter_features(
                features, self.config.jitter_scale, self.config.jitter_probability
            )
        position = self.position()
        encoded = self.input_proj(features)
        for layer in self.encoder:
            encoded = layer(encoded, position, self._mask(Attention.ENCODER))
        decoded = encoded
        for layer in self.decoder:
            decoded = layer(
                decoded,
                encoded,
                position,
                self._mask(Attention.DECODER_ENCODED),
                self._mask(Attention.DECODER_PREVIOUS),
            )
        out: Tensor = self.norm(decoded)
        return out

    def _mask(self, place: Attention) -> Tensor | None:
        return self.allowed if place in self.config.masked else None


def _initialise(module: nn.Module) -> None:
    """Xavier-uniform weights and zero biases for every linear layer, as published."""
    if isinstance(module, nn.Linear):
        nn.init.xavier_uniform_(module.weight)
        nn.init.zeros_(module.bias)


def reconstruction_loss(features: Tensor, rebuilt: Tensor) -> Tensor:
    """Mean squared error between features and their reconstruction (equation 6)."""
    return torch.mean((features - rebuilt) ** 2)
