"""What is taught, with what, and what comes of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from uniad_desktop.engine.layout import Layout
from uniad_desktop.engine.package import ModelPackage
from uniad_desktop.teaching.challenge import ChallengeSet
from uniad_desktop.teaching.former_products import ProductCheck
from uniad_desktop.training.datasets import Sample
from uniad_desktop.training.recipes import Precision, TrainSettings, choose_precision

LEAST_PARTS = 20
"""Normal parts that are the least to teach a product with; 50 or more are advised."""

FEWEST_STEPS, MOST_STEPS = 200, 1500
_EPOCHS = 30


class TeachError(Exception):
    """A product cannot be taught; the message is a sentence for the user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeachPlan:
    """What to teach, to which model, with what.

    Attributes:
        package: the version to go on from.
        models: folder of all models, which the next version goes to.
        key: of the product in the manifest; one that is there already is learned anew.
        titles: per language code.
        train: normal parts to learn from.
        held: normal parts that the limit is set on; never trained on.
        layout: regions and tiles.
        least_area: full-frame pixels that a region must cover to be reported.
        run: folder of checkpoint and log.
        cache: folder of the feature caches.
        limit_bytes: the most that they may take together.
        device: where the network is trained.
        steps: of the training; None: by the number of parts.
        replay: whether the former products are shown as well; without, they are forgotten.
        false_reject_rate: wished share of normal parts above the limit.
        precision: of the network's arithmetic while training.
        seed: of all random numbers.
        augment: varied copies of every part that is learned from, besides the part itself.
        note: who, when, why and the like; goes into the package.
        challenges: kept images of known truth per product, judged before and after.
    """

    package: ModelPackage
    models: Path
    key: str
    titles: dict[str, str]
    train: Sequence[Sample]
    held: Sequence[Sample]
    layout: Layout = field(default_factory=Layout)
    least_area: float = 0.0
    run: Path
    cache: Path
    limit_bytes: int = 20 << 30
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    steps: int | None = None
    replay: bool = True
    false_reject_rate: float = 0.005
    precision: Precision = Precision.AUTO
    seed: int = 0
    augment: int = 0
    note: dict[str, Any] = field(default_factory=dict)
    challenges: Mapping[str, ChallengeSet] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Taught:
    """The next version and how every product fares with it.

    Attributes:
        package: the version that was written.
        checks: of every product.
        odd: files of normal parts whose score is far above that of the others; they may show a
            defect, and then the model took it for normal.
        notes: what else is to be known about the parts, a sentence each.
    """

    package: ModelPackage
    checks: tuple[ProductCheck, ...]
    odd: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def problems(self) -> tuple[str, ...]:
        """Why it should not go live, a sentence each; empty where nothing got worse."""
        return tuple(check.worse for check in self.checks if check.worse)


def teach_settings(rows: int, plan: TeachPlan) -> TrainSettings:
    """How long and how fast: gentler than from the start, since the network knows its trade."""
    steps = plan.steps or min(MOST_STEPS, max(FEWEST_STEPS, _EPOCHS * math.ceil(rows / 8)))
    return TrainSettings(
        steps=steps,
        batch=8,
        rate=5e-4,
        warm_up=0.1,
        embedding_factor=10.0,
        decay_embeddings=False,
        clip=0.1,
        average=0.98,
        precision=choose_precision(plan.precision, plan.device),
        seed=plan.seed,
        save_every_s=15.0,
    )
