"""How a network is trained: the published recipe to the letter, and a fast one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import torch

from uniad_desktop.uniad.config import Alignment


class Schedule(StrEnum):
    """How the learning rate goes."""

    STEP = "step"  # constant, then a tenth
    ONE_CYCLE = "one-cycle"  # a linear rise, then half a cosine down to a hundredth


class Loss(StrEnum):
    """What is made small."""

    MSE = "mse"  # mean squared error, as published (equation 6)


class Precision(StrEnum):
    """In what numbers the network computes while training; weights and loss stay in f32."""

    AUTO = "auto"
    F32 = "f32"
    BF16 = "bf16"


LARGEST_RATE = 1000.0
"""Far beyond what any training stands; much larger ones are no f32 any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainSettings:
    """How a network is trained, whatever its shape.

    Attributes:
        steps: optimiser steps.
        batch: pictures per step, of each process where there are several.
        rate: peak learning rate of AdamW.
        schedule: how the rate goes.
        warm_up: share of the steps in which the rate of a one-cycle schedule rises.
        drop_at: share of the steps after which the rate of a step schedule is a tenth.
        betas: of AdamW.
        weight_decay: of AdamW.
        embedding_factor: learning rate of positions and queries over that of the layers. They
            start at unit size, so at the layers' rate they hardly move in a short training.
        decay_embeddings: whether positions and queries decay as well.
        clip: largest gradient norm.
        average: decay of the moving average of the weights, which is then the result; 0 for none.
        whole_batches: epochs are laid end to end, so that every batch is whole; else each epoch
            ends with what is left over, as published.
        loss: what is made small.
        precision: `Precision.F32` or `Precision.BF16`; see `choose_precision`.
        seed: decides start, order, jitter and dropout.
        save_every_s: seconds between two checkpoints; has no influence on the weights.
    """

    steps: int = 1000
    batch: int = 8
    rate: float = 4e-4
    schedule: Schedule = Schedule.ONE_CYCLE
    warm_up: float = 0.05
    drop_at: float = 0.8
    betas: tuple[float, float] = (0.9, 0.999)
    weight_decay: float = 1e-4
    embedding_factor: float = 1.0
    decay_embeddings: bool = True
    clip: float = 1.0
    average: float = 0.99
    whole_batches: bool = True
    loss: Loss = Loss.MSE
    precision: Precision = Precision.F32
    seed: int = 0
    save_every_s: float = 60.0

    def __post_init__(self) -> None:
        if self.steps < 1 or self.batch < 1:
            raise ValueError("A training needs at least one step and one picture per step.")
        if not (math.isfinite(self.rate) and self.rate > 0.0 and self.clip > 0.0):
            raise ValueError("The learning rate and the gradient's limit must be above 0.")
        if self.rate > LARGEST_RATE:
            raise ValueError(
                f"A learning rate of {self.rate:g} makes no sense; common ones lie between 1e-5 "
                "and 1e-2."
            )
        if not (0.0 <= self.warm_up < 1.0 and 0.0 < self.drop_at <= 1.0):
            raise ValueError("Warm-up and drop are shares of the steps, between 0 and 1.")
        if not 0.0 <= self.average < 1.0:
            raise ValueError("The decay of the weights' average must be at least 0, below 1.")

    def rate_at(self, step: int) -> float:
        """Learning rate of a step, counted from 0."""
        if self.schedule is Schedule.STEP:
            return self.rate * (0.1 if step >= round(self.drop_at * self.steps) else 1.0)
        rise = max(1, round(self.steps * self.warm_up))
        if step < rise:
            return self.rate * (step + 1) / rise
        done = (step - rise) / max(1, self.steps - rise)
        return self.rate * (0.01 + 0.99 * 0.5 * (1.0 + math.cos(math.pi * done)))

    def steps_per_epoch(self, pictures: int, processes: int = 1) -> int:
        """Steps in which every picture is seen once, rounded up."""
        return math.ceil(math.ceil(pictures / processes) / self.batch)


class RecipeName(StrEnum):
    """The recipes by name."""

    PAPER = "paper"
    FAST = "fast"


@dataclass(frozen=True, slots=True)
class Recipe:
    """A way to train.

    Attributes:
        name: which one.
        settings: of the training.
        config: fields of `UniADConfig` that belong to it.
        hold_out: share of the normal pictures kept back to set the limits.
        changed: what was asked to be other than the recipe says, by name.
    """

    name: RecipeName
    settings: TrainSettings
    config: Mapping[str, Any]
    hold_out: float
    changed: Mapping[str, Any] = field(default_factory=dict)


PAPER_EPOCHS = 1000
FEWEST_STEPS, MOST_STEPS = 400, 5000
"""Bounds of the fast recipe, between which it takes a tenth of the published steps."""


def paper_settings(images: int, processes: int = 1) -> TrainSettings:
    """The published training (section 4 and the authors' configuration).

    Batch 8 is per process, as there; 1000 epochs whatever the number of pictures.

    Args:
        images: normal pictures of all products.
        processes: how many train together.
    """
    settings = TrainSettings(
        batch=8,
        rate=1e-4,
        schedule=Schedule.STEP,
        drop_at=0.8,
        embedding_factor=1.0,
        clip=0.1,
        average=0.0,
        whole_batches=False,
    )
    return replace(settings, steps=PAPER_EPOCHS * settings.steps_per_epoch(images, processes))


def fast_settings(images: int, processes: int = 1) -> TrainSettings:
    """At most a tenth of the published steps (but at least `FEWEST_STEPS`).

    Args:
        images: normal pictures of all products.
        processes: how many train together.
    """
    published = paper_settings(images, processes).steps
    steps = min(MOST_STEPS, max(FEWEST_STEPS, published // 10))
    return TrainSettings(
        steps=steps,
        batch=8,
        rate=1e-3,
        embedding_factor=25.0,
        decay_embeddings=False,
        clip=0.1,
        average=0.98,
    )


def paper_recipe(images: int, processes: int = 1) -> Recipe:
    """All of the published: every picture trains, raw features, no averaging."""
    config = {
        "alignment": Alignment.BILINEAR,
        "standardised": False,
        "dropout": 0.1,
        "jitter_scale": 20.0,
        "jitter_probability": 1.0,
    }
    return Recipe(RecipeName.PAPER, paper_settings(images, processes), config, 0.0)


def fast_recipe(images: int, processes: int = 1) -> Recipe:
    """What reaches the published recipe's figures in a tenth of its steps.

    ``docs/recipes.md`` says what was tried and what it gave.
    """
    config = {
        "alignment": Alignment.BILINEAR,
        "standardised": True,
        "dropout": 0.0,
        "jitter_scale": 10.0,
        "jitter_probability": 1.0,
    }
    return Recipe(RecipeName.FAST, fast_settings(images, processes), config, 0.1)


def make_recipe(
    name: RecipeName,
    images: int,
    processes: int = 1,
    *,
    epochs: int | None = None,
    steps: int | None = None,
    batch: int | None = None,
    rate: float | None = None,
    precision: Precision = Precision.F32,
    seed: int = 0,
) -> Recipe:
    """A recipe for so many pictures, with what was asked to be other.

    Args:
        name: which recipe.
        images: normal pictures to train on.
        processes: how many train together.
        epochs: times that every picture is seen; the schedule is stretched to fit.
        steps: optimiser steps, instead of epochs.
        batch: pictures per step and process. The number of epochs stays that of the recipe.
        rate: peak learning rate.
        precision: of the network's arithmetic, as `choose_precision` gives it.
        seed: of all random numbers.

    Raises:
        ValueError: epochs and steps are both given, or a value makes no sense.
    """
    if epochs is not None and steps is not None:
        raise ValueError("Give the length of the training in epochs or in steps, not both.")
    recipe = (paper_recipe if name is RecipeName.PAPER else fast_recipe)(images, processes)
    asked = {"epochs": epochs, "steps": steps, "batch": batch, "rate": rate}
    changed = {one: value for one, value in asked.items() if value is not None}
    settings = replace(recipe.settings, seed=seed, precision=precision)
    if rate is not None:
        settings = replace(settings, rate=rate)
    if batch is not None:
        settings = replace(settings, batch=batch)
    per_epoch = settings.steps_per_epoch(images, processes)
    if epochs is not None:
        settings = replace(settings, steps=epochs * per_epoch)
    elif steps is not None:
        settings = replace(settings, steps=steps)
    elif batch is not None and name is RecipeName.PAPER:
        settings = replace(settings, steps=PAPER_EPOCHS * per_epoch)
    return replace(recipe, settings=settings, changed=changed)


def choose_precision(
    asked: Precision, device: torch.device, name: RecipeName = RecipeName.FAST
) -> Precision:
    """What `Precision.AUTO` means here: bf16 where the device computes in it, for the fast recipe.

    Args:
        asked: what the user wants; anything but `Precision.AUTO` is what comes back.
        device: where the network is trained.
        name: the published recipe stays in f32.
    """
    if asked is not Precision.AUTO:
        return asked
    if name is RecipeName.PAPER:
        return Precision.F32
    if device.type == "cuda":
        able = torch.cuda.is_bf16_supported(including_emulation=False)
    elif device.type == "cpu":
        able = _cpu_has_bf16()
    else:
        able = False
    return Precision.BF16 if able else Precision.F32


def _cpu_has_bf16() -> bool:
    """Whether the processor multiplies in bf16 (AVX-512 or AMX); torch has no public question."""
    questions = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(bool(getattr(torch.cpu, one, lambda: False)()) for one in questions)
