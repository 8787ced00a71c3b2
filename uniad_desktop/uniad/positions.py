"""Where a token is: learned rows and columns, or fixed sines."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from uniad_desktop.uniad.config import PositionKind

TEMPERATURE = 10000.0
"""Ratio of the longest to the shortest wave of the sines, as in DETR (arXiv 2005.12872)."""


class LearnedPosition(nn.Module):
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


class SinePosition(nn.Module):
    """Fixed sines and cosines of row and column, computed once; nothing to learn or to store.

    Args:
        height, width: grid of tokens.
        hidden: token width, a multiple of 4.

    Raises:
        ValueError: the width cannot be shared among sine and cosine of two axes.
    """

    table: Tensor

    def __init__(self, height: int, width: int, hidden: int) -> None:
        super().__init__()
        if hidden % 4:
            raise ValueError(
                f"Sine positions need a width that is a multiple of 4, not {hidden}; choose "
                "another width or learned positions."
            )
        rows, columns = _waves(height, hidden // 2), _waves(width, hidden // 2)
        table = torch.cat(
            (rows[:, None, :].expand(-1, width, -1), columns[None, :, :].expand(height, -1, -1)),
            dim=-1,
        )
        self.register_buffer("table", table.flatten(0, 1), persistent=False)

    def forward(self) -> Tensor:
        """Positions (height * width, hidden): the row's half first, then the column's."""
        return self.table


def _waves(length: int, features: int) -> Tensor:
    """(length, features): sine and cosine in turn, of places that run up to one full turn."""
    places = torch.arange(1, length + 1, dtype=torch.float32)
    angles = places / (places[-1] + 1e-6) * (2 * math.pi)
    exponents = torch.arange(0, features, 2, dtype=torch.float32) / features
    phases = angles[:, None] / TEMPERATURE**exponents
    return torch.stack((phases.sin(), phases.cos()), dim=-1).flatten(1)


def build_position(kind: PositionKind, height: int, width: int, hidden: int) -> nn.Module:
    """A module that gives (height * width, hidden) positions, row-major.

    Raises:
        ValueError: the width does not suit the kind.
    """
    if kind is PositionKind.SINE:
        return SinePosition(height, width, hidden)
    return LearnedPosition(height, width, hidden)
