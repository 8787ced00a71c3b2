"""Training of the visualisation decoder, when the network is done."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from uniad_desktop.training.datasets.reader import ImageReader
from uniad_desktop.training.errors import TrainingError, TrainingStopped
from uniad_desktop.training.feature_cache import PREPROCESSING
from uniad_desktop.training.features import Features, StoredFeatures
from uniad_desktop.training.filling import Progress, fill_rows
from uniad_desktop.training.network import Report
from uniad_desktop.training.pictures import inputs_of
from uniad_desktop.training.recipes import Precision, Schedule, TrainSettings
from uniad_desktop.training.row_file import RowFile
from uniad_desktop.uniad.visualisation import VisualisationDecoder

Pictures = Callable[[NDArray[np.int64]], Tensor]
"""Row numbers to pictures (b, 3, H, W) in 0..1, at the size of the network's input."""


@dataclass(frozen=True, slots=True)
class VisualisationSettings:
    """How the decoder is trained: Adam, one cycle, mean squared error of the picture.

    Attributes:
        steps: optimiser steps.
        batch: pictures per step.
        rate: peak learning rate.
        precision: as in `TrainSettings`.
        seed: decides start and order.
    """

    steps: int = 600
    batch: int = 8
    rate: float = 1e-3
    precision: Precision = Precision.F32
    seed: int = 0

    def rate_at(self, step: int) -> float:
        """Learning rate of a step, counted from 0."""
        cycle = TrainSettings(
            steps=self.steps, rate=self.rate, schedule=Schedule.ONE_CYCLE, warm_up=0.05
        )
        return cycle.rate_at(step)


def train_visualisation(
    decoder: VisualisationDecoder,
    features: Features,
    pictures: Pictures,
    scale: tuple[Tensor, Tensor],
    settings: VisualisationSettings,
    *,
    seen: tuple[Tensor, Tensor] | None = None,
    stop: Callable[[], bool] = lambda: False,
    report: Report = lambda step, loss, rate: None,
) -> VisualisationDecoder:
    """Fits a decoder to the original features of normal parts and their pictures.

    Args:
        decoder: gives the shape; its start weights are drawn anew from the seed.
        features: (n, N, C_org) raw features of normal parts.
        pictures: the parts themselves.
        scale: per-channel mean and deviation of the raw features.
        settings: how to train.
        seen: mean and deviation that the network's features are standardised with; None where it
            sees raw ones.
        stop: asked before every step.
        report: told of every step.

    Returns:
        The decoder, changed in place, in eval mode.

    Raises:
        TrainingStopped: `stop` said so.
        TrainingError: the loss is no number any more.
    """
    device = decoder.mean.device
    torch.manual_seed(settings.seed)
    for module in decoder.modules():
        if isinstance(module, torch.nn.Conv2d):
            module.reset_parameters()
    mean, deviation = (one.to(device) for one in scale)
    shift, stretch = seen or (torch.zeros_like(mean), torch.ones_like(deviation))
    decoder.set_scale((mean - shift) / stretch, deviation / stretch)
    random = np.random.default_rng([settings.seed, 11])
    optimiser = torch.optim.Adam(decoder.parameters(), lr=settings.rate)
    batch = min(settings.batch, len(features))
    decoder.train()
    for step in range(settings.steps):
        if stop():
            raise TrainingStopped(
                "Stopped while training the visualisation decoder; the network is kept. Start the "
                "same command again to train the decoder from its beginning."
            )
        rate = settings.rate_at(step)
        optimiser.param_groups[0]["lr"] = rate
        picked = np.sort(random.choice(len(features), batch, replace=False))
        tokens = torch.from_numpy(np.array(features[picked])).to(device)
        with torch.autocast(
            device.type, torch.bfloat16, enabled=settings.precision is Precision.BF16
        ):
            rendered = decoder((tokens - shift) / stretch)
        loss = F.mse_loss(rendered.float(), pictures(picked).to(device))
        value = float(loss.detach())
        if not math.isfinite(value):
            raise TrainingError(
                f"The visualisation decoder diverged at step {step} (loss {value}, learning rate "
                f"{rate:.2e}); train without --decoder, the network itself is good."
            )
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(decoder.parameters(), 1.0)
        optimiser.step()
        report(step, value, rate)
    return decoder.eval()


def stored_pictures(
    stored: StoredFeatures,
    reader: ImageReader,
    size: tuple[int, int],
    *,
    cache: Path,
    limit_bytes: int,
    stop: Callable[[], bool] = lambda: False,
    progress: Progress = lambda done, count: None,
) -> Pictures:
    """The pictures or tiles of some features at the network's input size, cached as 8 bits.

    Pre-processing ends on whole grey levels, so nothing is lost.

    Raises:
        TrainingError: the cache would be too large, or the disk is full.
        TrainingStopped: `stop` said so.
    """
    store = RowFile(cache, "pictures", {"preprocessing": PREPROCESSING}, (3, *size), np.uint8)
    keys = [piece.key for piece in stored.pieces]
    wanted = dict(zip(keys, stored.pieces, strict=True))

    def inputs(missing: Sequence[bytes]) -> Generator[tuple[bytes, Tensor]]:
        return inputs_of([wanted[one] for one in missing], reader, size)

    def compute(batch: Sequence[Tensor]) -> NDArray[Any]:
        levels: NDArray[Any] = (torch.stack(list(batch)) * 255.0).round().byte().numpy()
        return levels

    fill_rows(
        store,
        list(wanted),
        inputs,
        compute,
        limit_bytes=limit_bytes,
        stop=stop,
        progress=progress,
    )
    index = store.index()
    lost = [piece.sample.path for key, piece in wanted.items() if key not in index]
    if lost:
        raise TrainingError(f"{lost[0]} could be read before and cannot be read any more.")
    rows = np.array([index[key] for key in keys], dtype=np.int64)
    whole = store.rows(len(index))
    return lambda picked: torch.from_numpy(np.array(whole[rows[picked]])).float() / 255.0


def live_pictures(stored: StoredFeatures, reader: ImageReader, size: tuple[int, int]) -> Pictures:
    """The same without a cache: read anew whenever they are asked for."""
    pieces = stored.pieces

    def pictures(picked: NDArray[np.int64]) -> Tensor:
        wanted = [pieces[int(row)] for row in picked]
        read = [one for _, one in inputs_of(wanted, reader, size)]
        if len(read) != len(picked):
            raise TrainingError(
                f"A picture that could be read before cannot be read now: {reader.summary()}"
            )
        return torch.stack(read)

    return pictures
