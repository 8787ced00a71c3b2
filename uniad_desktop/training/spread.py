"""Training of the spread head on a network that is frozen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from uniad_desktop.training.errors import TrainingStopped
from uniad_desktop.training.feature_cache import Features
from uniad_desktop.uniad.network import ReconstructionNetwork
from uniad_desktop.uniad.spread import SpreadHead, spread_loss


@dataclass(frozen=True, slots=True)
class SpreadSettings:
    """How the head is trained: AdamW with the rate falling to zero along half a cosine."""

    steps: int = 800
    batch: int = 8
    rate: float = 3e-3
    seed: int = 0


def train_spread(
    network: ReconstructionNetwork,
    head: SpreadHead,
    features: Features,
    scale: tuple[Tensor, Tensor],
    settings: SpreadSettings,
    *,
    continues: bool = False,
    stop: Callable[[], bool] = lambda: False,
) -> SpreadHead:
    """Fits a head to the differences that the network leaves on normal parts.

    Args:
        network: trained; its weights are not touched.
        head: gives the shape; its start weights are drawn anew from the seed unless it continues.
        features: (n, N, C_org) raw features of normal parts.
        scale: per-channel mean and deviation that standardise them.
        settings: how to train.
        continues: whether training goes on from the head's own weights.
        stop: asked before every step.

    Returns:
        The head, changed in place, in eval mode.

    Raises:
        TrainingStopped: `stop` said so.
    """
    device = network.output_proj.weight.device
    mean, deviation = (one.to(device) for one in scale)
    network.eval()
    torch.manual_seed(settings.seed)
    config = network.config
    fresh = SpreadHead(config.hidden, config.backbone.feature_channels)
    if not continues:
        head.load_state_dict(fresh.state_dict())
    random = np.random.default_rng([settings.seed, 7])
    optimiser = torch.optim.AdamW(head.parameters(), lr=settings.rate, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, settings.steps)
    batch = min(settings.batch, len(features))
    for _ in range(settings.steps):
        picked = np.sort(random.choice(len(features), batch, replace=False))
        if stop():
            raise TrainingStopped("Stopped while training the spread head; the network is kept.")
        tokens = (torch.from_numpy(np.array(features[picked])).to(device) - mean) / deviation
        with torch.no_grad():
            decoded = network.decode(tokens)
            difference = tokens - network.output_proj(decoded)
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(spread_loss(difference, head(decoded)))
        optimiser.step()
        schedule.step()
    return head.eval()
