"""Training of the reconstruction network from cached features; stops and resumes exactly."""

from __future__ import annotations

import hashlib
import json
import logging
import math
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from uniad_desktop.training.batches import pictures_of
from uniad_desktop.training.checkpoints import load_checkpoint, save_checkpoint, set_aside
from uniad_desktop.training.distributed import ALONE, Group
from uniad_desktop.training.errors import TrainingError, TrainingStopped
from uniad_desktop.training.features import Features
from uniad_desktop.training.recipes import Loss, Precision, TrainSettings
from uniad_desktop.uniad.network import ReconstructionNetwork, reconstruction_loss

__all__ = ["Report", "TrainSettings", "TrainingError", "TrainingStopped", "Watch", "train_network"]

_log = logging.getLogger(__name__)

Report = Callable[[int, float, float], None]
"""Called with the number of the step from 0, its loss and its learning rate."""

Watch = Callable[[int, ReconstructionNetwork], None]
"""Called with the steps done and the network that a training ending now would give."""


def train_network(
    network: ReconstructionNetwork,
    features: Features,
    scale: tuple[Tensor, Tensor],
    settings: TrainSettings,
    *,
    checkpoint: Path | None = None,
    data_key: str = "",
    group: Group = ALONE,
    must_resume: bool = False,
    continues: bool = False,
    stop: Callable[[], bool] = lambda: False,
    report: Report = lambda step, loss, rate: None,
    watch: Watch = lambda done, network: None,
) -> ReconstructionNetwork:
    """Trains a network on features of normal parts of all products together.

    Every random number follows from the seed, the number of the step and the process, so a
    training that was stopped and resumed ends with the very weights of one that was not.

    Args:
        network: the network; its start weights are drawn anew from the seed unless it continues.
        features: (n, N, C_org) raw features, possibly memory-mapped.
        scale: per-channel mean and deviation that standardise them; zeros and ones for raw ones.
        settings: how to train.
        checkpoint: file to resume from and to save to; None keeps nothing. One of another
            training is set aside.
        data_key: tells these features from others; without it a few of them are looked at.
        group: the processes that train together; all call this with the same arguments.
        continues: whether training goes on from the network's own weights.
        must_resume: whether a checkpoint that does not belong to this training is an error.
        stop: asked after every step; true saves and raises `TrainingStopped`.
        report: told of every step.
        watch: shown the network before the first step and after every one; it may compute with
            it, also random numbers, but leaves its weights and its mode as they are.

    Returns:
        The trained network (the average where settings ask for one), in eval mode.

    Raises:
        TrainingStopped: `stop` said so, in this process or another.
        TrainingError: the loss is no number any more, the checkpoint cannot be written or is
            that of another training where it must not be, or another process ended.
    """
    if continues:  # another start is another training
        data_key = f"{data_key} from {_weights_key(network)}"
    run = _Run(network, features, scale, settings, group, continues=continues)
    key = _key(network, features, settings, data_key, group.size)
    start = run.resume(checkpoint, key, must_resume)
    network.train()
    watch(start, run.present)
    saved = time.monotonic()
    for step in range(start, settings.steps):
        rate = settings.rate_at(step)
        try:
            loss, stopping = run.step(step, rate, stop)
        except _DivergedError as error:
            raise TrainingError(f"{error} {_kept(checkpoint)}") from error
        done = step + 1
        report(step, loss, rate)
        watch(done, run.present)
        # Of several processes all have to stop at the same step, so they ask within it.
        stopping = stop() if group.size == 1 else stopping
        stopping = stopping and done < settings.steps
        due = time.monotonic() - saved >= settings.save_every_s
        if checkpoint is not None and group.leads and (stopping or due or done == settings.steps):
            save_checkpoint(checkpoint, {"key": key, "step": done, **run.state()})
            saved = time.monotonic()
        if stopping:
            raise TrainingStopped(
                f"Stopped after {done} of {settings.steps} steps. Start the same command again to "
                "go on."
            )
    return run.result()


class _DivergedError(ArithmeticError):
    """Loss or gradient are no numbers; the weights are still those of the step before."""


def _kept(checkpoint: Path | None) -> str:
    """What there is of a training that diverged, for the user."""
    if checkpoint is None or not checkpoint.exists():
        return "No checkpoint had been written yet."
    return f"The last good checkpoint, {checkpoint}, is kept."


class _Run:
    """Network, average and optimiser of one training, and one step of it."""

    def __init__(
        self,
        network: ReconstructionNetwork,
        features: Features,
        scale: tuple[Tensor, Tensor],
        settings: TrainSettings,
        group: Group,
        *,
        continues: bool,
    ) -> None:
        self._network, self._features = network, features
        self._settings, self._group = settings, group
        self._device = network.output_proj.weight.device
        self._mean, self._deviation = (one.to(self._device) for one in scale)
        torch.manual_seed(settings.seed)
        if not continues:
            network.load_state_dict(ReconstructionNetwork(network.config).state_dict())
        self._average = _averaged(network, settings)
        self._optimiser = _optimiser(network, settings)
        self._parameters = [one for one in network.parameters() if one.requires_grad]

    def resume(self, checkpoint: Path | None, key: str, must: bool) -> int:
        """Takes up what the leader finds; returns the step to go on from.

        Raises:
            TrainingError: it must take up one that is of another training.
        """
        found = None
        if checkpoint is not None and self._group.leads:
            found = load_checkpoint(checkpoint)
            if found is None or found.get("key") != key:
                if found is not None and must:
                    raise TrainingError(
                        f"The checkpoint {checkpoint} belongs to another training (other data or "
                        "settings), so nothing can go on from it. Give the data and settings of "
                        "that training, or leave out --resume to start anew."
                    )
                if found is not None:
                    _log.warning(
                        "The checkpoint %s belongs to another training (other data or settings). "
                        "It is kept as %s.other, and the training starts anew.",
                        checkpoint,
                        checkpoint.name,
                    )
                found = None
                set_aside(checkpoint)
        found = self._group.share(found)
        if found is None:
            return 0
        self._network.load_state_dict(found["network"])
        if self._average is not None:
            self._average.load_state_dict(found["average"])
        self._optimiser.load_state_dict(found["optimiser"])
        if self._group.leads:
            _log.info("Resumed at step %d of %d.", found["step"], self._settings.steps)
        return int(found["step"])

    def step(self, step: int, rate: float, stop: Callable[[], bool]) -> tuple[float, bool]:
        """Takes a step.

        Args:
            step: its number, from 0.
            rate: its learning rate.
            stop: whether this process was asked to stop; asked where there are several.

        Returns:
            The loss, and whether any of several processes was asked to stop.

        Raises:
            _DivergedError: loss or gradient are no numbers.
        """
        settings, group = self._settings, self._group
        for one in self._optimiser.param_groups:
            one["lr"] = rate * one["factor"]
        # Mixed, since torch's generator of the CPU looks at 32 bits of a seed only.
        mixed = np.random.SeedSequence([settings.seed, step, group.rank]).generate_state(1)
        torch.manual_seed(int(mixed[0]))
        picked = np.sort(pictures_of(step, len(self._features), settings, group))
        tokens = torch.from_numpy(np.array(self._features[picked])).to(self._device)
        tokens = (tokens - self._mean) / self._deviation
        self._optimiser.zero_grad(set_to_none=True)
        bf16 = settings.precision is Precision.BF16
        with torch.autocast(self._device.type, torch.bfloat16, enabled=bf16):
            rebuilt = self._network(tokens)
        loss = _LOSSES[settings.loss](tokens, rebuilt.float())
        torch.autograd.backward(loss)
        value, stopping = self._average_gradients(loss.detach(), stop)
        norm = nn.utils.clip_grad_norm_(self._parameters, settings.clip)
        # Looked at before the step, so that the weights stay good.
        if not (math.isfinite(value) and bool(torch.isfinite(norm))):
            raise _DivergedError(
                f"The training diverged at step {step} of {settings.steps} (loss {value}, gradient "
                f"{float(norm)}, learning rate {rate:.2e}); start again with a lower learning rate "
                "(--rate)."
            )
        self._optimiser.step()
        if self._average is not None:
            self._average.update_parameters(self._network)
        return value, stopping

    def _average_gradients(self, loss: Tensor, stop: Callable[[], bool]) -> tuple[float, bool]:
        """Averages gradients, loss and the wish to stop over all processes, in one message."""
        if self._group.size == 1:
            return float(loss), False
        gradients = [one.grad for one in self._parameters if one.grad is not None]
        wish = torch.tensor([float(stop())], device=self._device)
        flat = torch.cat([one.flatten() for one in gradients] + [loss.view(1), wish])
        self._group.average(flat)
        start = 0
        for one in gradients:
            one.copy_(flat[start : start + one.numel()].view_as(one))
            start += one.numel()
        return float(flat[-2]), bool(flat[-1] > 0)

    def state(self) -> dict[str, Any]:
        """What a checkpoint holds besides step and key.

        Raises:
            TrainingError: a weight is no number.
        """
        if not all(bool(torch.isfinite(one).all()) for one in self._parameters):
            raise TrainingError(
                "A weight is no number any more, so no checkpoint was written over the last good "
                "one; start again with a lower learning rate (--rate)."
            )
        return {
            "network": self._network.state_dict(),
            "average": self._average.state_dict() if self._average is not None else {},
            "optimiser": self._optimiser.state_dict(),
        }

    @property
    def present(self) -> ReconstructionNetwork:
        """What `result` would give now; not copied."""
        averaged = None if self._average is None else self._average.module
        return averaged if isinstance(averaged, ReconstructionNetwork) else self._network

    def result(self) -> ReconstructionNetwork:
        """The trained network."""
        if self._average is not None:
            self._network.load_state_dict(self._average.module.state_dict())
        return self._network.eval()


_LOSSES: dict[Loss, Callable[[Tensor, Tensor], Tensor]] = {Loss.MSE: reconstruction_loss}


def _optimiser(network: ReconstructionNetwork, settings: TrainSettings) -> torch.optim.AdamW:
    """AdamW with two groups: layers, and the learned positions and queries."""
    layers: list[nn.Parameter] = []
    embeddings: list[nn.Parameter] = []
    for name, parameter in network.named_parameters():
        learned = name.startswith("position.") or name.endswith(".query")
        (embeddings if learned else layers).append(parameter)
    decay = settings.weight_decay
    groups: list[dict[str, Any]] = [
        {"params": layers, "factor": 1.0},
        {
            "params": embeddings,
            "factor": settings.embedding_factor,
            "weight_decay": decay if settings.decay_embeddings else 0.0,
        },
    ]
    return torch.optim.AdamW(
        [one for one in groups if one["params"]],
        lr=settings.rate,
        betas=settings.betas,
        weight_decay=decay,
    )


def _averaged(network: ReconstructionNetwork, settings: TrainSettings) -> AveragedModel | None:
    if settings.average == 0.0:
        return None
    blend = get_ema_multi_avg_fn(settings.average)  # type: ignore[no-untyped-call]
    return AveragedModel(network, multi_avg_fn=blend)


def _weights_key(network: ReconstructionNetwork) -> str:
    digest = hashlib.sha256()
    for name, tensor in sorted(network.state_dict().items()):
        digest.update(name.encode() + tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def _key(
    network: ReconstructionNetwork,
    features: Features,
    settings: TrainSettings,
    data_key: str = "",
    processes: int = 1,
) -> str:
    """Tells one training from another; how the result is scored later does not matter."""
    later = ("spread", "score", "score_pool")
    shape = {one: value for one, value in asdict(network.config).items() if one not in later}
    # The order of a set of strings differs from process to process.
    shape["masked"] = sorted(shape["masked"])
    values = {one: value for one, value in asdict(settings).items() if one != "save_every_s"}
    sample = np.ascontiguousarray(features[:: max(1, len(features) // 8)])
    text = json.dumps([shape, values, features.shape, data_key, processes], sort_keys=True)
    return hashlib.sha256(text.encode() + sample.tobytes()).hexdigest()
