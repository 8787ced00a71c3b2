"""Neighbour-masked attention (section 3.2 of the paper)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def neighbour_mask(height: int, width: int, neighbour_height: int, neighbour_width: int) -> Tensor:
    """Which keys a query may attend: all but the square around the query itself.

    The square reaches half its size, rounded down, to each side of the query, so that 8 masks
    the same nine rows as 9; at the border of the grid it is cut off.

    Args:
        height: rows of the grid of tokens, which are row-major.
        width: columns of the grid.
        neighbour_height: rows of the square.
        neighbour_width: columns of the square.

    Returns:
        (height * width, height * width) bool, rows are queries, true where attention is allowed
        (the convention of ``scaled_dot_product_attention``).

    Raises:
        ValueError: some query would have no key left, and softmax nothing to sum over.
    """
    rows, columns = torch.arange(height), torch.arange(width)
    row_far = (rows[:, None] - rows[None, :]).abs() > neighbour_height // 2
    column_far = (columns[:, None] - columns[None, :]).abs() > neighbour_width // 2
    allowed = row_far[:, None, :, None] | column_far[None, :, None, :]
    allowed = allowed.reshape(height * width, height * width)
    if not bool(allowed.any(dim=1).all()):
        raise ValueError(
            f"A neighbour square of {neighbour_height} x {neighbour_width} covers the whole "
            f"{height} x {width} grid for some token; use a larger input or a smaller square."
        )
    return allowed


class MultiHeadAttention(nn.Module):
    """Scaled dot-product attention with heads, batch first.

    Parameters are laid out like those of ``nn.MultiheadAttention`` (one projection for query, key
    and value) and start from the same distributions.

    Args:
        hidden: token width.
        heads: number of heads; divides `hidden`.
        dropout: dropout on the attention weights while training.
    """

    def __init__(self, hidden: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.dropout = dropout
        self.in_proj_weight = nn.Parameter(torch.empty(3 * hidden, hidden))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * hidden))
        self.out_proj = nn.Linear(hidden, hidden)
        nn.init.xavier_uniform_(self.in_proj_weight)

    def forward(self, query: Tensor, key: Tensor, value: Tensor, allowed: Tensor | None) -> Tensor:
        """Attends.

        Args:
            query: (B, L, C) with positions added.
            key: (B, S, C) with positions added.
            value: (B, S, C) without positions.
            allowed: (L, S) bool, true where a query may look, or None for everywhere.

        Returns:
            (B, L, C).
        """
        weights = self.in_proj_weight.chunk(3)
        biases = self.in_proj_bias.chunk(3)
        attended = F.scaled_dot_product_attention(
            self._split(F.linear(query, weights[0], biases[0])),
            self._split(F.linear(key, weights[1], biases[1])),
            self._split(F.linear(value, weights[2], biases[2])),
            attn_mask=allowed,
            dropout_p=self.dropout if self.training else 0.0,
        )
        out: Tensor = self.out_proj(attended.transpose(1, 2).flatten(2))
        return out

    def _split(self, tokens: Tensor) -> Tensor:
        """(B, N, C) to (B, heads, N, C / heads)."""
        batch, length, _ = tokens.shape
        return tokens.view(batch, length, self.heads, -1).transpose(1, 2)
