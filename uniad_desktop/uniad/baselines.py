"""What the paper's network is held against: plain stacks without attention (section 3.1).

Both can pass their input on unchanged, which is what makes them learn the identical shortcut:
the training loss falls, and defects are rebuilt as well as everything else.
"""

from __future__ import annotations

from torch import Tensor, nn

from uniad_desktop.uniad.config import NetworkKind, UniADConfig


class TokenMLP(nn.Sequential):
    """Fully connected layers, each token by itself.

    Args:
        hidden: token width.
        layers: number of layers; all but the last are followed by ReLU and dropout.
        dropout: dropout probability while training.
    """

    def __init__(self, hidden: int, layers: int, dropout: float) -> None:
        steps: list[nn.Module] = []
        for _ in range(layers - 1):
            steps += [nn.Linear(hidden, hidden), nn.ReLU(), nn.Dropout(dropout)]
        super().__init__(*steps, nn.Linear(hidden, hidden))


class TokenCNN(nn.Module):
    """3 x 3 convolutions over the grid of tokens.

    Args:
        grid: rows and columns.
        hidden: token width.
        layers: number of layers; all but the last are followed by ReLU and dropout.
        dropout: dropout probability while training.
    """

    def __init__(self, grid: tuple[int, int], hidden: int, layers: int, dropout: float) -> None:
        super().__init__()
        self.grid = grid
        steps: list[nn.Module] = []
        for _ in range(layers - 1):
            steps += [nn.Conv2d(hidden, hidden, 3, padding=1), nn.ReLU(), nn.Dropout(dropout)]
        self.convolutions = nn.Sequential(*steps, nn.Conv2d(hidden, hidden, 3, padding=1))

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, N, hidden) to (B, N, hidden), row-major over the grid."""
        maps = tokens.transpose(1, 2).reshape(len(tokens), -1, *self.grid)
        out: Tensor = self.convolutions(maps).flatten(2).transpose(1, 2)
        return out


def build_baseline(config: UniADConfig) -> nn.Module:
    """The stack of a config whose network is no transformer.

    It has as many layers as the transformer would have in encoder and decoder together.

    Returns:
        A module from (B, N, hidden) to (B, N, hidden).
    """
    layers = config.encoder_layers + config.decoder_layers
    if config.network is NetworkKind.MLP:
        return TokenMLP(config.hidden, layers, config.dropout)
    return TokenCNN(config.grid, config.hidden, layers, config.dropout)
