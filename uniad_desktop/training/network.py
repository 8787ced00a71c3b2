"""Training of the reconstruction network from cached features; stops and resumes exactly."""

from __future__ import annotations

import hashlib
import json
import logging
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from uniad_desktop.training.feature_cache import Features
from uniad_desktop.uniad.network import ReconstructionNetwork, reconstruction_loss

_log = logging.getLogger(__name__)


class TrainingError(Exception):
    """Training cannot go on; the message is a sentence for the user."""


class TrainingStopped(Exception):  # noqa: N818 - asked for, not an error
    """The user stopped the training; the checkpoint holds everything up to the last step."""


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """How a network is trained.

    The defaults are the fast recipe: features standardised per channel, a higher rate with
    warm-up and cosine decay (one cycle), weights averaged. As published: 1e-4 constant, clip 0.1.

    Attributes:
        steps: optimiser steps.
        batch: pictures per step.
        rate: peak learning rate of AdamW.
        embedding_factor: learning rate of positions and queries over that of the layers. They
            start at unit size, so at the layers' rate they would hardly move in a short training.
        warm_up: share of the steps in which the rate rises.
        weight_decay: of AdamW.
        clip: largest gradient norm.
        average: decay of the moving average of the weights, 0 for none.
        seed: decides start, order, jitter and dropout.
        save_every: steps between two checkpoints.
    """

    steps: int = 5000
    batch: int = 4
    rate: float = 2e-3
    embedding_factor: float = 25.0
    warm_up: float = 0.03
    weight_decay: float = 1e-4
    clip: float = 1.0
    average: float = 0.99
    seed: int = 0
    save_every: int = 100

    def rate_at(self, step: int) -> float:
        """Learning rate of a step: linear rise, then half a cosine down to a hundredth."""
        rise = max(1, round(self.steps * self.warm_up))
        if step < rise:
            return self.rate * (step + 1) / rise
        done = (step - rise) / max(1, self.steps - rise)
        return self.rate * (0.01 + 0.99 * 0.5 * (1.0 + math.cos(math.pi * done)))


def train_network(
    network: ReconstructionNetwork,
    features: Features,
    scale: tuple[Tensor, Tensor],
    settings: TrainSettings,
    *,
    checkpoint: Path | None = None,
    stop: Callable[[], bool] = lambda: False,
    report: Callable[[int, float], None] = lambda step, loss: None,
) -> ReconstructionNetwork:
    """Trains a network on features of normal parts of all products together.

    Every random number follows from the seed and the number of the step, so a training that was
    stopped and resumed ends with the very weights of one that was not.

    Args:
        network: the network; its start weights are drawn anew from the seed.
        features: (n, N, C_org) raw features, possibly memory-mapped.
        scale: per-channel mean and deviation that standardise them.
        settings: how to train.
        checkpoint: file to resume from and to save to; None keeps nothing.
        stop: asked after every step; true saves and raises `TrainingStopped`.
        report: called with step and loss after every step.

    Returns:
        The trained network (the average where settings ask for one), in eval mode.

    Raises:
        TrainingStopped: `stop` said so.
        TrainingError: the loss is not finite, or the checkpoint belongs to another training.
    """
    device = network.output_proj.weight.device
    mean, deviation = (one.to(device) for one in scale)
    torch.manual_seed(settings.seed)
    _reset(network)
    average = _averaged(network, settings)
    optimiser = _optimiser(network, settings)
    key = _key(network, features, settings)
    start = 0
    if checkpoint is not None and checkpoint.exists():
        start = _resume(checkpoint, key, network, average, optimiser)
        _log.info("Resumed at step %d from %s", start, checkpoint)

    network.train()
    for step in range(start, settings.steps):
        for group in optimiser.param_groups:
            group["lr"] = settings.rate_at(step) * group["factor"]
        torch.manual_seed(settings.seed * 1_000_003 + step)
        picked = np.sort(_picked(step, len(features), settings))
        tokens = torch.from_numpy(np.array(features[picked])).to(device)
        tokens = (tokens - mean) / deviation
        optimiser.zero_grad(set_to_none=True)
        loss = reconstruction_loss(tokens, network(tokens))
        value = float(loss.detach())
        if not math.isfinite(value):
            raise TrainingError(
                f"The training diverged at step {step} (the loss is {value}); "
                "choose a lower learning rate."
            )
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(network.parameters(), settings.clip)
        optimiser.step()
        if average is not None:
            average.update_parameters(network)
        report(step, value)
        done = step + 1
        stopping = done < settings.steps and stop()
        if checkpoint is not None and (
            stopping or done % settings.save_every == 0 or done == settings.steps
        ):
            _save(
                checkpoint,
                key,
                done,
                network=network,
                average=average,
                optimiser=optimiser,
            )
        if stopping:
            raise TrainingStopped(f"Stopped after {done} of {settings.steps} steps.")
    if average is not None:
        network.load_state_dict(average.module.state_dict())
    return network.eval()


def _reset(network: ReconstructionNetwork) -> None:
    fresh = ReconstructionNetwork(network.config)
    network.load_state_dict(fresh.state_dict())


def _optimiser(network: ReconstructionNetwork, settings: TrainSettings) -> torch.optim.AdamW:
    """AdamW with two groups: layers, and the learned positions and queries."""
    layers: list[nn.Parameter] = []
    embeddings: list[nn.Parameter] = []
    for name, parameter in network.named_parameters():
        learned = name.startswith("position.") or name.endswith(".query")
        (embeddings if learned else layers).append(parameter)
    return torch.optim.AdamW(
        [
            {"params": layers, "factor": 1.0},
            {"params": embeddings, "factor": settings.embedding_factor, "weight_decay": 0.0},
        ],
        lr=settings.rate,
        weight_decay=settings.weight_decay,
    )


def _averaged(network: ReconstructionNetwork, settings: TrainSettings) -> AveragedModel | None:
    if settings.average == 0.0:
        return None
    blend = get_ema_multi_avg_fn(settings.average)  # type: ignore[no-untyped-call]
    return AveragedModel(network, multi_avg_fn=blend)


def _picked(step: int, count: int, settings: TrainSettings) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Pictures of a step: epochs of shuffled order, laid end to end."""
    positions = np.arange(step * settings.batch, (step + 1) * settings.batch)
    orders = {
        int(epoch): np.random.default_rng([settings.seed, int(epoch)]).permutation(count)
        for epoch in np.unique(positions // count)
    }
    return np.array([orders[int(p // count)][int(p % count)] for p in positions])


def _key(network: ReconstructionNetwork, features: Features, settings: TrainSettings) -> str:
    """Tells one training from another; how the result is scored later does not matter."""
    later = ("spread", "score", "score_pool")
    shape = {one: value for one, value in asdict(network.config).items() if one not in later}
    # The order of a set of strings differs from process to process.
    shape["masked"] = sorted(shape["masked"])
    values = {one: value for one, value in asdict(settings).items() if one != "save_every"}
    sample = np.ascontiguousarray(features[:: max(1, len(features) // 8)])
    text = json.dumps([shape, values, features.shape], sort_keys=True)
    return hashlib.sha256(text.encode() + sample.tobytes()).hexdigest()


def _save(
    path: Path,
    key: str,
    step: int,
    *,
    network: nn.Module,
    average: AveragedModel | None,
    optimiser: torch.optim.Optimizer,
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    state = {
        "key": key,
        "step": step,
        "network": network.state_dict(),
        "average": average.state_dict() if average is not None else {},
        "optimiser": optimiser.state_dict(),
    }
    torch.save(state, partial)
    partial.replace(path)


def _resume(
    path: Path,
    key: str,
    network: nn.Module,
    average: AveragedModel | None,
    optimiser: torch.optim.Optimizer,
) -> int:
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        found, step = state["key"], int(state["step"])
    except (OSError, RuntimeError, KeyError, EOFError, ValueError) as error:
        raise TrainingError(
            f"The checkpoint {path} cannot be read ({error}); delete it to start over."
        ) from error
    if found != key:
        raise TrainingError(
            f"The checkpoint {path} belongs to another training (other data or settings); "
            "delete it to start over."
        )
    network.load_state_dict(state["network"])
    if average is not None:
        average.load_state_dict(state["average"])
    optimiser.load_state_dict(state["optimiser"])
    return step
