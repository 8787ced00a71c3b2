"""From a plan to a package: features, network, spread, decoder, limits."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from uniad_desktop.engine.backbone_weights import load_pyramid_weights
from uniad_desktop.engine.package import ModelPackage
from uniad_desktop.engine.sample import MOST_PER_PRODUCT
from uniad_desktop.training.datasets import DataError, ImageReader, Sample
from uniad_desktop.training.decoder import fit_decoder
from uniad_desktop.training.distributed import Group
from uniad_desktop.training.errors import TrainingStopped
from uniad_desktop.training.features import StoredFeatures, channel_statistics
from uniad_desktop.training.hold_out import DEFAULT_NOTE
from uniad_desktop.training.memory import remember_all
from uniad_desktop.training.network import train_network
from uniad_desktop.training.package_build import PackageNaming, ProductData, build_package
from uniad_desktop.training.plan_features import features_of, find_weights
from uniad_desktop.training.recipes import Recipe
from uniad_desktop.training.spread import SpreadSettings, train_spread
from uniad_desktop.training.tiling import sizes_of
from uniad_desktop.training.train_plan import TrainPlan, keys_of, next_version
from uniad_desktop.training.training_log import TrainingLog
from uniad_desktop.uniad.model import UniAD

_log = logging.getLogger(__name__)

_Result = TypeVar("_Result")


def train_package(plan: TrainPlan, group: Group, stop: Callable[[], bool]) -> ModelPackage | None:
    """Trains, sets the limits and writes the package.

    Args:
        plan: what to do.
        group: the processes that train together; the leader writes.
        stop: whether the user wants to end.

    Returns:
        The package; None in a process that does not lead.

    Raises:
        TrainingStopped: `stop` said so; what was done is kept.
        TrainingError: as the steps say.
        DataError: a product has no picture that can be read, or a region does not fit one.
        WeightsError: no weights of the backbone are found.
        CalibrationError: a limit cannot be set.
        DetectorError: the trained network gives no finite values.
        PackageError: the package cannot be written.
    """
    plan.data.require_training()
    config = plan.config
    weights = leader_first(group, lambda: find_weights(plan, stop))
    model = UniAD(config).to(plan.device)
    load_pyramid_weights(model.pyramid, weights)
    reader = ImageReader(plan.strict)
    stored = leader_first(
        group, lambda: features_of(plan, model.pyramid, weights.sha256, reader, stop)
    )
    train, held = plan.split(stored.samples, stored.hashes)
    fit = stored.subset(train)
    recipe = plan.recipe(len(fit.samples), group.size)
    if config.standardised:
        scale = channel_statistics(fit.features)
        model.pyramid.mean.copy_(scale[0])
        model.pyramid.deviation.copy_(scale[1])
    else:
        scale = (torch.zeros_like(model.pyramid.mean), torch.ones_like(model.pyramid.deviation))
    _train(plan, model, fit, scale, recipe, group=group, stop=stop)
    package = None
    if group.leads:
        spread = SpreadSettings(seed=plan.seed)
        if model.spread is not None:
            _log.info("Training the spread head, %d steps", spread.steps)
            train_spread(model.network, model.spread, fit.features, scale, spread, stop=stop)
        decoder = None
        if plan.visualisation is not None:
            decoder = fit_decoder(
                plan, plan.visualisation, fit, model.pyramid, reader=reader, stop=stop
            )
        samples = [stored.samples[one] for one in held]
        package = build_package(
            plan.models,
            PackageNaming(
                plan.name,
                plan.version or next_version(plan),
                plan.title or plan.name,
                weights.source,
                weights.licence,
            ),
            model.cpu().eval(),
            _products(plan, fit.pictures, samples, reader, stop),
            false_reject_rate=plan.false_reject_rate,
            training={
                **_provenance(plan, recipe, fit, samples, group),
                **({"spread_settings": asdict(spread)} if config.spread else {}),
                **(decoder.provenance if decoder is not None else {}),
            },
            visualisation=(decoder.config, decoder.weights) if decoder is not None else None,
            memory=_memory(plan, stored, train, held),
            device=str(plan.device),
        ).package
    group.wait()
    return package


def _memory(
    plan: TrainPlan, stored: StoredFeatures, train: Sequence[int], held: Sequence[int]
) -> dict[str, Tensor]:
    keys = keys_of(sorted({sample.product for sample in stored.samples}))
    return remember_all(stored, train, held, keys, plan.layout.tile_count)


def leader_first(group: Group, action: Callable[[], _Result]) -> _Result:
    """Does it in the leader, then in the others, who find on the disk what the leader left."""
    if group.leads:
        result = action()
        group.wait()
        return result
    group.wait()
    return action()


def _train(
    plan: TrainPlan,
    model: UniAD,
    fit: StoredFeatures,
    scale: tuple[Tensor, Tensor],
    recipe: Recipe,
    *,
    group: Group,
    stop: Callable[[], bool],
) -> None:
    settings = recipe.settings
    per_epoch = settings.steps_per_epoch(len(fit.samples), group.size)
    log = TrainingLog(
        "Training",
        settings.steps,
        per_epoch,
        settings.batch * group.size,
        table=plan.run / "training.csv",
        board=plan.run / "tensorboard" if plan.tensorboard and group.leads else None,
    )
    if group.leads:
        _log.info(
            "Training on %s: %d steps of %d, recipe %s, %s on %s; everything of this run is in %s",
            f"{len(fit.samples)} {'tiles' if fit.boxes else 'pictures'}",
            settings.steps,
            settings.batch * group.size,
            recipe.name,
            settings.precision,
            plan.device,
            plan.run,
        )
    with log:
        train_network(
            model.network,
            fit.features,
            scale,
            settings,
            checkpoint=plan.checkpoint,
            data_key=fit.key(),
            group=group,
            must_resume=plan.must_resume,
            stop=stop,
            report=log if group.leads else _silent,
        )


def _silent(step: int, loss: float, rate: float) -> None:
    """What the processes that do not lead report."""


def _products(
    plan: TrainPlan,
    trained: Sequence[Sample],
    held: Sequence[Sample],
    reader: ImageReader,
    stop: Callable[[], bool],
) -> dict[str, ProductData]:
    products = {}
    keys = keys_of(sorted({sample.product for sample in (*trained, *held)}))
    sizes = sizes_of((*trained, *held), reader)
    for name, key in keys.items():
        fresh = [sample for sample in held if sample.product == name]
        known = [sample for sample in trained if sample.product == name]
        products[key] = ProductData(
            titles={"en": name},
            calibration=_pictures(fresh or known, reader, stop),
            preview=next(_pictures(known or fresh, reader, stop)),
            note="" if fresh else DEFAULT_NOTE,
            layout=plan.layout,
            least_area=plan.least_area,
            sample=_pictures(_spread_out(known or fresh, MOST_PER_PRODUCT), reader, stop),
            sizes={sizes[sample] for sample in (*known, *fresh) if sample in sizes},
        )
    return products


def _spread_out(samples: Sequence[Sample], most: int) -> list[Sample]:
    """At most so many, evenly from first to last."""
    count = min(most, len(samples))
    return [samples[number * len(samples) // count] for number in range(count)]


def _pictures(
    samples: Sequence[Sample], reader: ImageReader, stop: Callable[[], bool]
) -> Iterator[NDArray[np.uint8]]:
    for sample in samples:
        if stop():
            raise TrainingStopped(
                "Stopped while the limits were set; the trained network is kept. Start the same "
                "command again to go on."
            )
        image = reader.read(sample)
        if image is None:
            raise DataError(f"{sample.path} could be read before and cannot be read any more.")
        yield image


def _provenance(
    plan: TrainPlan,
    recipe: Recipe,
    fit: StoredFeatures,
    held: Sequence[Sample],
    group: Group,
) -> dict[str, Any]:
    def counts(samples: Sequence[Sample]) -> dict[str, int]:
        names = [sample.product for sample in samples]
        return {name: names.count(name) for name in sorted(set(names))}

    settings = asdict(recipe.settings)
    settings.pop("save_every_s")
    return {
        "data": {
            "sources": list(plan.data.sources),
            "layout": plan.data.layout,
            "train": counts(fit.pictures),
            **({"train_tiles": counts(fit.samples)} if fit.boxes else {}),
            "held_out": counts(held),
            "train_sha256": fit.key(),
        },
        "recipe": recipe.name.value,
        "changed": dict(recipe.changed),
        "settings": settings,
        "processes": group.size,
        "torch": torch.__version__,
    }
