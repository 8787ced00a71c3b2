"""Encoder and decoder layers: post-norm, with neighbour-masked attention (section 3.2, 3.3)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from uniad_desktop.uniad.attention import MultiHeadAttention


class PositionEmbedding(nn.Module):
    """Learned positions: one vector per column and per row, each of half the token width.

    Args:
        height, width: grid of tokens.
        hidden: token width, even.
    """

    def __init__(self, height: int, width: int, hidden: int) -> None:
        super().__init__()
        self.row = nn.Parameter(torch.empty(height, hidden // 2).uniform_(0.0, 1.0))
        self.column = nn.Parameter(torch.empty(width, hidden // 2).uniform_(0.0, 1.0))

    def forward(self) -> Tensor:
        """Positions (height * width, hidden): the column's half first, then the row's."""
        height, width = self.row.shape[0], self.column.shape[0]
        columns = self.column[None, :, :].expand(height, -1, -1)
        rows = self.row[:, None, :].expand(-1, width, -1)
        return torch.cat((columns, rows), dim=-1).flatten(0, 1)


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
    """A layer of the layer-wise query decoder.

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
