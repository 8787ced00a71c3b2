"""The network with its sums done ahead: for running, not for learning.

Positions and learned queries are the same for every picture, so whatever is computed from them
alone is computed once: (x + p) W + b is x W + (p W + b), and the projected queries of a decoder
layer are a constant. Projections that read the same tokens become one larger product.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from uniad_desktop.uniad.attention import MultiHeadAttention
from uniad_desktop.uniad.config import Attention, NetworkKind, QueryDesign
from uniad_desktop.uniad.layers import DecoderLayer, EncoderLayer
from uniad_desktop.uniad.network import ReconstructionNetwork

_QUERY, _KEY, _VALUE = range(3)


def fused_network(network: ReconstructionNetwork) -> nn.Module:
    """The same function of tokens with fewer and larger steps.

    Args:
        network: trained, in eval mode; it is not changed.

    Returns:
        A module from (B, N, C_org) tokens to the decoder's (B, N, hidden) output, like
        `ReconstructionNetwork.decode`. Other designs than the paper's are run as they are.
    """
    config = network.config
    paper = config.network is NetworkKind.TRANSFORMER and config.query is QueryDesign.LAYER_ATTENDED
    return _FusedNetwork(network).eval() if paper else _Decode(network)


class _Decode(nn.Module):
    def __init__(self, network: ReconstructionNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, tokens: Tensor) -> Tensor:
        return self.network.decode(tokens)


class _FusedNetwork(nn.Module):
    def __init__(self, network: ReconstructionNetwork) -> None:
        super().__init__()
        config = network.config
        position = network.position().detach()
        masks = {place: _additive(network, place) for place in Attention}
        self.input_proj = network.input_proj
        self.encoder = nn.ModuleList(
            _FusedEncoderLayer(layer, position, masks[Attention.ENCODER])
            for layer in network.encoder
            if isinstance(layer, EncoderLayer)
        )
        layers = [layer for layer in network.decoder if isinstance(layer, DecoderLayer)]
        # Keys and values of the encoder's output, of all decoder layers at once.
        self.encoded = _Projection(
            [(layer.attend_encoded, part) for layer in layers for part in (_KEY, _VALUE)], position
        )
        self.decoder = nn.ModuleList(
            _FusedDecoderLayer(
                layer,
                position,
                masks[Attention.DECODER_ENCODED],
                masks[Attention.DECODER_PREVIOUS],
            )
            for layer in layers
        )
        self.norm = network.norm
        self.hidden = config.hidden

    def forward(self, tokens: Tensor) -> Tensor:
        encoded = self.input_proj(tokens)
        for layer in self.encoder:
            encoded = layer(encoded)
        known = self.encoded(encoded).split(2 * self.hidden, dim=-1)
        decoded = encoded
        for layer, keys_values in zip(self.decoder, known, strict=True):
            decoded = layer(decoded, keys_values)
        out: Tensor = self.norm(decoded)
        return out


class _Projection(nn.Module):
    """Some of the query, key and value projections of one or more attentions as one product.

    Args:
        parts: which attentions, and which of their three projections, in order.
        position: (N, C), added to queries and keys, never to values.
    """

    bias: Tensor

    def __init__(self, parts: list[tuple[MultiHeadAttention, int]], position: Tensor) -> None:
        super().__init__()
        weights, biases = [], []
        for attention, part in parts:
            weight = attention.in_proj_weight.detach().chunk(3)[part]
            bias = attention.in_proj_bias.detach().chunk(3)[part]
            weights.append(weight)
            biases.append(
                bias.expand(len(position), -1)
                if part == _VALUE
                else F.linear(position, weight, bias)
            )
        self.weight = nn.Parameter(torch.cat(weights), requires_grad=False)
        self.register_buffer("bias", torch.cat(biases, dim=-1).contiguous())

    def forward(self, tokens: Tensor) -> Tensor:
        return F.linear(tokens, self.weight) + self.bias


class _FusedEncoderLayer(nn.Module):
    mask: Tensor | None

    def __init__(self, layer: EncoderLayer, position: Tensor, mask: Tensor | None) -> None:
        super().__init__()
        attention = layer.attention
        self.heads = attention.heads
        self.project = _Projection(
            [(attention, _QUERY), (attention, _KEY), (attention, _VALUE)], position
        )
        self.out_proj = attention.out_proj
        self.norm1, self.norm2 = layer.norm1, layer.norm2
        self.feed_forward = layer.feed_forward
        self.register_buffer("mask", mask)

    def forward(self, tokens: Tensor) -> Tensor:
        query, key, value = self.project(tokens).chunk(3, dim=-1)
        attended = _attend(query, key, value, self.heads, self.mask)
        tokens = self.norm1(tokens + self.out_proj(attended))
        out: Tensor = self.norm2(tokens + self.feed_forward(tokens))
        return out


class _FusedDecoderLayer(nn.Module):
    mask_encoded: Tensor | None
    mask_previous: Tensor | None
    query: Tensor
    asking: Tensor

    def __init__(
        self,
        layer: DecoderLayer,
        position: Tensor,
        mask_encoded: Tensor | None,
        mask_previous: Tensor | None,
    ) -> None:
        super().__init__()
        self.heads = layer.attend_encoded.heads
        query = layer.query.detach()
        projected = _Projection([(layer.attend_encoded, _QUERY)], position)
        self.register_buffer("query", query[None])
        self.register_buffer("asking", projected(query[None]))
        self.out_encoded = layer.attend_encoded.out_proj
        self.project_query = _Projection([(layer.attend_previous, _QUERY)], position)
        self.project_previous = _Projection(
            [(layer.attend_previous, _KEY), (layer.attend_previous, _VALUE)], position
        )
        self.out_previous = layer.attend_previous.out_proj
        self.norm1, self.norm2, self.norm3 = layer.norm1, layer.norm2, layer.norm3
        self.feed_forward = layer.feed_forward
        self.register_buffer("mask_encoded", mask_encoded)
        self.register_buffer("mask_previous", mask_previous)

    def forward(self, previous: Tensor, keys_values: Tensor) -> Tensor:
        asking = self.asking.expand(previous.shape[0], -1, -1)
        key, value = keys_values.chunk(2, dim=-1)
        attended = _attend(asking, key, value, self.heads, self.mask_encoded)
        tokens = self.norm1(self.query + self.out_encoded(attended))
        key, value = self.project_previous(previous).chunk(2, dim=-1)
        query = self.project_query(tokens)
        attended = _attend(query, key, value, self.heads, self.mask_previous)
        tokens = self.norm2(tokens + self.out_previous(attended))
        out: Tensor = self.norm3(tokens + self.feed_forward(tokens))
        return out


def _attend(query: Tensor, key: Tensor, value: Tensor, heads: int, mask: Tensor | None) -> Tensor:
    attended = F.scaled_dot_product_attention(
        _split(query, heads), _split(key, heads), _split(value, heads), attn_mask=mask
    )
    return attended.transpose(1, 2).flatten(2)


def _split(tokens: Tensor, heads: int) -> Tensor:
    """(B, N, C) to (B, heads, N, C / heads)."""
    batch, length, _ = tokens.shape
    return tokens.reshape(batch, length, heads, -1).transpose(1, 2)


def _additive(network: ReconstructionNetwork, place: Attention) -> Tensor | None:
    """The mask of an attention as what is added to its scores: 0 or minus infinity."""
    if network.allowed is None or place not in network.config.masked:
        return None
    blocked = torch.zeros(network.allowed.shape)
    return blocked.masked_fill_(~network.allowed.cpu(), float("-inf"))
