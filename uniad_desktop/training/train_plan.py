"""What a training was asked to do, and what it would come to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from uniad_desktop.engine.layout import Layout
from uniad_desktop.engine.package import find_packages, version_number
from uniad_desktop.training.datasets import DataSet, ImageReader, Sample, product_key
from uniad_desktop.training.filling import size_text
from uniad_desktop.training.hold_out import split_hold_out
from uniad_desktop.training.pictures import hashed
from uniad_desktop.training.recipes import Precision, Recipe
from uniad_desktop.training.tile_facts import tile_facts
from uniad_desktop.training.tiling import WHOLE, cut, sizes_of
from uniad_desktop.uniad.config import UniADConfig, VisualisationConfig
from uniad_desktop.uniad.network import ReconstructionNetwork


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainPlan:
    """All that decides a training and its package.

    Attributes:
        data: where the normal parts are.
        config: the architecture.
        recipe: from the number of pictures and processes to how they are trained on.
        hold_out: share of each product's pictures for its limit; None: as the recipe says.
        false_reject_rate: wished share of normal parts above the limit.
        layout: how the pictures of all products are cut up.
        least_area: full-frame pixels that a marked region must cover to be reported.
        models: folder of all models.
        name: name of the model.
        version: of the package; empty: the next free one.
        title: what a person reads in a list.
        run: folder of checkpoint and log.
        must_resume: whether a checkpoint of another training is an error, not set aside.
        cache: folder of the feature caches; None: no cache.
        limit_bytes: the most that the caches may take.
        weights_cache: folder of fetched backbone weights.
        weights_file: backbone weights, or None.
        offline: whether to stay off the net.
        device: where to compute.
        precision: while training.
        visualisation: shape of the visualisation decoder, or None for none.
        decoder_steps: optimiser steps of the visualisation decoder.
        seed: of all random numbers.
        strict: whether a picture that cannot be read is fatal.
        tensorboard: whether to write events besides the CSV file.
    """

    data: DataSet
    config: UniADConfig
    recipe: Callable[[int, int], Recipe]
    hold_out: float | None = None
    false_reject_rate: float = 0.005
    layout: Layout = WHOLE
    least_area: float = 0.0
    models: Path
    name: str
    version: str = ""
    title: str = ""
    run: Path
    must_resume: bool = False
    cache: Path | None
    limit_bytes: int
    weights_cache: Path
    weights_file: Path | None = None
    offline: bool = False
    device: torch.device
    precision: Precision = Precision.F32
    visualisation: VisualisationConfig | None = None
    decoder_steps: int = 600
    seed: int = 0
    strict: bool = False
    tensorboard: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the network's input."""
        return self.config.input_height, self.config.input_width

    @property
    def checkpoint(self) -> Path:
        """Where the training is kept between stop and resume."""
        return self.run / "network.checkpoint"

    def share(self, recipe: Recipe) -> float:
        """The share to hold out."""
        return recipe.hold_out if self.hold_out is None else self.hold_out

    def split(
        self, samples: Sequence[Sample], hashes: Sequence[bytes]
    ) -> tuple[list[int], list[int]]:
        """Numbers of the rows to train on, and of one row of every picture held out."""
        share = self.share(self.recipe(len(samples), 1))
        return split_hold_out(samples, hashes, share, self.seed)


def describe(plan: TrainPlan, processes: int = 1) -> str:
    """What would be done, as text; nothing is computed, and hardly a picture is decoded.

    Raises:
        DataError: a region does not fit a picture, or a file cannot be read and the plan is
            strict.
    """
    reader = ImageReader(plan.strict)
    pieces = cut(hashed(plan.data.train(), reader), plan.layout, reader)
    samples = [piece.sample for piece in pieces]
    train, held = plan.split(samples, [piece.picture for piece in pieces])
    recipe = plan.recipe(max(1, len(train)), processes)
    settings = recipe.settings
    network = ReconstructionNetwork(plan.config)
    parameters = sum(one.numel() for one in network.parameters())
    rows, columns = plan.config.grid
    channels = plan.config.backbone.feature_channels
    distinct = len({piece.key for piece in pieces})
    bytes_ = distinct * rows * columns * channels * 4
    per_epoch = settings.steps_per_epoch(max(1, len(train)), processes)
    unit = "tiles" if plan.layout.regions else "pictures"
    lines = [f"{'product':32}{'train':>8}{'held out':>10}"]
    shown = [[samples[one] for one in part] for part in (train, held)]
    if plan.layout.regions:
        shown = [list(dict.fromkeys(part)) for part in shown]
    trained, kept = (Counter(sample.product for sample in part) for part in shown)
    lines += [f"{name:32}{trained[name]:>8}{kept[name]:>10}" for name in plan.data.products]
    lines += [f"{'all':32}{trained.total():>8}{kept.total():>10}", ""]
    sizes = set(sizes_of(samples, reader).values())
    backbone = plan.config.backbone
    facts = {
        "data": f"{plan.data.layout}: {', '.join(plan.data.sources)}",
        "backbone": f"{backbone.name}, stages {', '.join(map(str, backbone.stages))}",
        **tile_facts(plan.layout, sizes, len(train), plan.config),
        "input": f"{plan.size[0]} x {plan.size[1]} pixels, {rows} x {columns} tokens of {channels}",
        "network": f"{parameters:,} parameters",
        "recipe": f"{recipe.name} ({settings.schedule}, rate {settings.rate:g}, batch "
        f"{settings.batch}{f' in each of {processes} processes' if processes > 1 else ''}, "
        f"{settings.precision})",
        "length": f"{settings.steps:,} steps, {settings.steps / per_epoch:.0f} epochs of "
        f"{per_epoch}",
        "cache": f"{distinct} {unit} x {rows * columns} x {channels} x 4 bytes = "
        f"{size_text(bytes_)}, limit {size_text(plan.limit_bytes)}, in {plan.cache}"
        if plan.cache is not None
        else "none: features are computed anew for every step",
        "run": str(plan.run),
        "package": str(plan.models / plan.name / (plan.version or next_version(plan))),
    }
    return "\n".join([*lines, *(f"{name:10}{fact}" for name, fact in facts.items())])


def next_version(plan: TrainPlan) -> str:
    """The version after the newest of that name: its minor number is one higher."""
    numbers = [
        version_number(version) or (0, 0, 0)
        for name, version, _ in find_packages([plan.models])
        if name == plan.name
    ]
    if not numbers:
        return "1.0.0"
    major, minor, _ = max(numbers)
    return f"{major}.{minor + 1}.0"


def keys_of(names: Sequence[str]) -> dict[str, str]:
    """A manifest key for every product name, no two the same."""
    keys: dict[str, str] = {}
    taken: set[str] = set()
    for name in sorted(names):
        key = plain = product_key(name)
        number = 2
        while key in taken:
            suffix = f"-{number}"
            key = plain[: 64 - len(suffix)] + suffix
            number += 1
        taken.add(key)
        keys[name] = key
    return keys
