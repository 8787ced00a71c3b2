"""Trains every variant of a suite from the cached features and measures it on the way."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from uniad_desktop.training.checkpoints import load_checkpoint, set_aside
from uniad_desktop.training.compare.curves import Curve, Point, joined
from uniad_desktop.training.compare.material import ChannelRows, Material
from uniad_desktop.training.compare.measure import Examiner, Figures, TestSet
from uniad_desktop.training.compare.results import former_result, keep_result, run_key
from uniad_desktop.training.compare.step_log import StepLog
from uniad_desktop.training.compare.variants import Suite, Variant
from uniad_desktop.training.compare.watch import Watch
from uniad_desktop.training.features import Features, StoredFeatures, channel_statistics
from uniad_desktop.training.network import train_network
from uniad_desktop.training.training_log import TrainingLog
from uniad_desktop.uniad.network import ReconstructionNetwork

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Job:
    """What all trainings of a suite have in common; arguments of `train_suite`."""

    suite: Suite
    material: Material
    folder: Path
    device: torch.device
    resume: bool
    stop: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class _Run:
    """One training: a variant, a seed and, where each has its own network, a product."""

    variant: Variant
    seed: int
    product: str | None

    @property
    def title(self) -> str:
        words = [self.variant.name, self.product, f"seed {self.seed}" if self.seed else None]
        return ", ".join(one for one in words if one)


def train_suite(
    suite: Suite,
    material: Material,
    folder: Path,
    *,
    device: torch.device,
    resume: bool = True,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[tuple[Variant, Curve]]:
    """Trains a suite's variants one after the other.

    What was trained before with the same settings on the same data is not trained again, in this
    suite or another; a training that was stopped goes on where it was.

    Args:
        suite: what is compared.
        material: its features.
        folder: where results and checkpoints are kept.
        device: where the networks are trained.
        resume: whether former results and checkpoints count.
        stop: asked after every step.

    Yields:
        Every variant with its curve, as often as there are seeds.

    Raises:
        TrainingStopped: `stop` said so.
        TrainingError: a training diverged, or a checkpoint cannot be written.
        OSError: a result cannot be written.
    """
    job = _Job(suite, material, folder, device, resume, stop)
    fresh: set[str] = set()
    plan = [
        (variant, [_Run(variant, seed, product) for product in _products(variant, material)])
        for variant in suite.variants
        for seed in suite.seeds
    ]
    done, count = 0, sum(len(runs) for _, runs in plan)
    for variant, runs in plan:
        curves = []
        for run in runs:
            done += 1
            _log.info("Training %d of %d: %s", done, count, run.title)
            curves.append(_curve(job, run, fresh))
        yield variant, joined(curves)


def _products(variant: Variant, material: Material) -> tuple[str | None, ...]:
    """The products that have a training of their own; None for all of them together."""
    return material.products if variant.separate else (None,)


def _curve(job: _Job, run: _Run, fresh: set[str]) -> Curve:
    """The curve of a run, from disk where it is there; `fresh` holds what was trained just now."""
    key = run_key(
        run.variant,
        run.seed,
        run.product,
        every=job.suite.every,
        material_key=job.material.key,
    )
    place = job.folder / key[:20]
    if not job.resume and key not in fresh and place.exists():
        shutil.rmtree(place)
    former = former_result(place, key)
    if former is not None:
        _log.info("%s: trained before", run.title)
        return former
    place.mkdir(parents=True, exist_ok=True)
    curve = _train(job, run, place)
    keep_result(place, key, run.title, curve)
    fresh.add(key)
    return curve


def _train(job: _Job, run: _Run, place: Path) -> Curve:
    config, material = run.variant.config, job.material
    settings = replace(run.variant.settings, seed=run.seed)
    channels = job.suite.stage_channels(run.variant)
    features = _seen(_of(run.product, material.train).features, channels)
    scale = _scale(features, standardised=config.standardised)
    network = ReconstructionNetwork(config).to(job.device)
    examiner = Examiner(network, _test_set(run.product, material, channels), scale)
    shown = TrainingLog(
        run.title, settings.steps, settings.steps_per_epoch(len(features)), settings.batch
    )
    checkpoint = place / "checkpoint"
    with StepLog(place / "steps.jsonl") as log, shown:
        _drop_ahead(checkpoint, len(log.losses))
        watch = Watch(log, network, examiner, steps=settings.steps, every=job.suite.every)

        def report(step: int, loss: float, rate: float) -> None:
            watch(step, loss)
            shown(step, loss, rate)

        train_network(
            network,
            features,
            scale,
            settings,
            checkpoint=checkpoint,
            data_key=material.key,
            stop=job.stop,
            report=report,
        )
    # Where weights are averaged, the result is the average and not the last step's network.
    figures = {**log.figures, settings.steps - 1: examiner.measure(network)}
    return Curve(
        seed=run.seed,
        parameters=sum(one.numel() for one in network.parameters()),
        seconds=watch.seconds,
        points=_points(log.losses, figures),
    )


def _points(
    losses: Sequence[float], figures: Mapping[int, dict[str, Figures]]
) -> tuple[Point, ...]:
    points, start = [], 0
    for step in sorted(figures):
        points.append(Point(step + 1, float(np.mean(losses[start : step + 1])), figures[step]))
        start = step + 1
    return tuple(points)


def _drop_ahead(checkpoint: Path, known: int) -> None:
    """Drops a checkpoint that is ahead of the losses kept, as after a power cut."""
    found = load_checkpoint(checkpoint)
    if found is not None and int(found.get("step", 0)) > known:
        set_aside(checkpoint)


def _of(product: str | None, stored: StoredFeatures) -> StoredFeatures:
    """The pictures of one product, or all."""
    if product is None:
        return stored
    return stored.subset([row for row, one in enumerate(stored.samples) if one.product == product])


def _test_set(product: str | None, material: Material, channels: tuple[int, ...] | None) -> TestSet:
    """The test pictures of one product, or of all that are trained."""
    wanted = material.products if product is None else (product,)
    rows = [row for row, one in enumerate(material.test.samples) if one.product in wanted]
    stored = material.test.subset(rows)
    masks = [material.masks[row] for row in rows]
    return TestSet(_seen(stored.features, channels), stored.samples, masks)


def _seen(features: Features, channels: tuple[int, ...] | None) -> Features:
    return features if channels is None else ChannelRows(features, channels)


def _scale(features: Features, *, standardised: bool) -> tuple[Tensor, Tensor]:
    if standardised:
        return channel_statistics(features)
    channels = features.shape[-1]
    return torch.zeros(channels), torch.ones(channels)
