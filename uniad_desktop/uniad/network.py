"""The reconstruction network: neighbour-masked encoder and layer-wise query decoder."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from uniad_desktop.uniad.attention import neighbour_mask
from uniad_desktop.uniad.baselines import build_baseline
from uniad_desktop.uniad.config import Attention, NetworkKind, QueryDesign, UniADConfig
from uniad_desktop.uniad.jitter import jitter_features
from uniad_desktop.uniad.layers import DecoderLayer, EncoderLayer, PlainDecoderLayer
from uniad_desktop.uniad.positions import build_position


class ReconstructionNetwork(nn.Module):
    """Rebuilds feature tokens from far-away context and learned queries.

    It is trained on normal parts of all products together; what it has not learned as normal, it
    does not rebuild. The baselines of the paper are other values of the same config: between the
    two outer projections they have ``layers`` in place of encoder, decoder, position and norm.

    Args:
        config: the architecture.

    Raises:
        ValueError: the neighbour square leaves some token nothing to attend, or the width does
            not suit the positions.
    """

    allowed: Tensor | None

    def __init__(self, config: UniADConfig) -> None:
        super().__init__()
        self.config = config
        height, width = config.grid
        channels, hidden = config.backbone.feature_channels, config.hidden
        transformer = config.network is NetworkKind.TRANSFORMER
        self.input_proj = nn.Linear(channels, hidden)
        if transformer:
            self.position = build_position(config.position, height, width, hidden)
            self.encoder = nn.ModuleList(
                EncoderLayer(hidden, config.heads, config.feed_forward, config.dropout)
                for _ in range(config.encoder_layers)
            )
            self.decoder = nn.ModuleList(
                build_decoder_layer(config, number) for number in range(config.decoder_layers)
            )
            self.norm = nn.LayerNorm(hidden)
        else:
            self.layers = build_baseline(config)
        self.output_proj = nn.Linear(hidden, channels)
        # Follows from the config alone, so it is not stored with the weights.
        self.register_buffer(
            "allowed",
            neighbour_mask(height, width, config.neighbour_height, config.neighbour_width)
            if transformer and config.masked
            else None,
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
        tokens = self.input_proj(features)
        if self.config.network is NetworkKind.TRANSFORMER:
            return self._attend(tokens)
        out: Tensor = self.layers(tokens)
        return out

    def _attend(self, tokens: Tensor) -> Tensor:
        """Encoder and decoder: (B, N, hidden) to (B, N, hidden)."""
        position = self.position()
        encoded = tokens
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


def build_decoder_layer(config: UniADConfig, number: int) -> DecoderLayer | PlainDecoderLayer:
    """A layer of the decoder, according to the config's query design.

    Args:
        config: the architecture.
        number: its place in the decoder, from 0.
    """
    height, width = config.grid
    shape = (height * width, config.hidden, config.heads, config.feed_forward, config.dropout)
    match config.query:
        case QueryDesign.LAYER_ATTENDED:
            return DecoderLayer(*shape)
        case QueryDesign.LAYER_ADDED:
            return PlainDecoderLayer(*shape, query=True, added=True)
        case QueryDesign.SINGLE:
            return PlainDecoderLayer(*shape, query=number == 0)
        case QueryDesign.NONE:
            return PlainDecoderLayer(*shape)


def _initialise(module: nn.Module) -> None:
    """Xavier-uniform weights and zero biases for every linear layer, as published."""
    if isinstance(module, nn.Linear | nn.Conv2d):
        nn.init.xavier_uniform_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


def reconstruction_loss(features: Tensor, rebuilt: Tensor) -> Tensor:
    """Mean squared error between features and their reconstruction (equation 6)."""
    return torch.mean((features - rebuilt) ** 2)
