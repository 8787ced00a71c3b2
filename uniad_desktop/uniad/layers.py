"""Encoder and decoder layers: post-norm, with neighbour-masked attention (section 3.2, 3.3)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from uniad_desktop.uniad.attention import MultiHeadAttention


class FeedForward(nn.Sequential):
    """Linear, ReLU, dropout, linear."""

    def __init__(self, hidden: int, width: int, dropout: float) -> None:
        super().__init__(
            nn.Linear(hidden, width), nn.ReLU(), nn.Dropout(dropout), nn.Linear(width, hidden)
        )


class EncoderLayer(nn.Module):
    """Attention, add, norm; feed-forward, add, norm."""

    def __init__(self, hidden: int, heads: int, feed_forward: int, dropout: float) -> None:
        super().__init__()
        self.attention = MultiHeadAttention(hidden, heads, dropout)
        self.feed_forward = FeedForward(hidden, feed_forward, dropout)
        self.norm1 = nn.LayerNorm(hidden)
        self.norm2 = nn.LayerNorm(hidden)
        self.drop = nn.Dropout(dropout)

    def forward(self, tokens: Tensor, position: Tensor, allowed: Tensor | None) -> Tensor:
        """(B, N, C) tokens and (N, C) positions to (B, N, C)."""
        placed = tokens + position
        tokens = self.norm1(tokens + self.drop(self.attention(placed, placed, tokens, allowed)))
        out: Tensor = self.norm2(tokens + self.drop(self.feed_forward(tokens)))
        return out


class DecoderLayer(nn.Module):
    """A layer of the layer-wise query decoder, the paper's choice.

    The layer's own learned query attends the encoder output; the result attends the output of the
    previous layer. The query carries no information of this image, which is what keeps the
    decoder from copying its input (section 3.2).
    """

    def __init__(
        self, tokens: int, hidden: int, heads: int, feed_forward: int, dropout: float
    ) -> None:
        super().__init__()
        self.query = nn.Parameter(torch.randn(tokens, hidden))
        self.attend_encoded = MultiHeadAttention(hidden, heads, dropout)
        self.attend_previous = MultiHeadAttention(hidden, heads, dropout)
        self.feed_forward = FeedForward(hidden, feed_forward, dropout)
        self.norm1 = nn.LayerNorm(hidden)
        self.norm2 = nn.LayerNorm(hidden)
        self.norm3 = nn.LayerNorm(hidden)
        self.drop = nn.Dropout(dropout)

    def forward(
        self,
        previous: Tensor,
        encoded: Tensor,
        position: Tensor,
        allowed_encoded: Tensor | None,
        allowed_previous: Tensor | None,
    ) -> Tensor:
        """One layer.

        Args:
            previous: (B, N, C) output of the layer before; the encoder output for the first.
            encoded: (B, N, C) encoder output.
            position: (N, C), added to queries and keys, never to values.
            allowed_encoded: mask of the attention on the encoder output, None for none.
            allowed_previous: mask of the attention on the layer before, None for none.

        Returns:
            (B, N, C).
        """
        query = self.query.expand(previous.shape[0], -1, -1)
        attended = self.attend_encoded(
            query + position, encoded + position, encoded, allowed_encoded
        )
        query = self.norm1(query + self.drop(attended))
        attended = self.attend_previous(
            query + position, previous + position, previous, allowed_previous
        )
        query = self.norm2(query + self.drop(attended))
        out: Tensor = self.norm3(query + self.drop(self.feed_forward(query)))
        return out


class PlainDecoderLayer(nn.Module):
    """A layer of a transformer decoder: self-attention, then attention on the encoder output.

    It serves the query designs that the paper compares its own with. What asks is the output of
    the previous layer; a learned query, where there is one, either takes its place (the start
    of the stream) or is added to it.

    Args:
        tokens: number of tokens.
        hidden, heads, feed_forward, dropout: as in the other layers.
        query: whether the layer has a learned query.
        added: whether that query is added to the previous output rather than put in its place.
    """

    def __init__(
        self,
        tokens: int,
        hidden: int,
        heads: int,
        feed_forward: int,
        dropout: float,
        *,
        query: bool = False,
        added: bool = False,
    ) -> None:
        super().__init__()
        self.added = added
        self.query = nn.Parameter(torch.randn(tokens, hidden)) if query else None
        self.attend_previous = MultiHeadAttention(hidden, heads, dropout)
        self.attend_encoded = MultiHeadAttention(hidden, heads, dropout)
        self.feed_forward = FeedForward(hidden, feed_forward, dropout)
        self.norm1 = nn.LayerNorm(hidden)
        self.norm2 = nn.LayerNorm(hidden)
        self.norm3 = nn.LayerNorm(hidden)
        self.drop = nn.Dropout(dropout)

    def forward(
        self,
        previous: Tensor,
        encoded: Tensor,
        position: Tensor,
        allowed_encoded: Tensor | None,
        allowed_previous: Tensor | None,
    ) -> Tensor:
        """One layer; arguments and result as those of `DecoderLayer`."""
        asking = previous
        if self.query is not None:
            asking = self.query.expand(previous.shape[0], -1, -1)
            if self.added:
                asking = asking + previous
            else:
                previous = asking
        attended = self.attend_previous(
            asking + position, previous + position, previous, allowed_previous
        )
        asking = self.norm1(asking + self.drop(attended))
        attended = self.attend_encoded(
            asking + position, encoded + position, encoded, allowed_encoded
        )
        asking = self.norm2(asking + self.drop(attended))
        out: Tensor = self.norm3(asking + self.drop(self.feed_forward(asking)))
        return out
