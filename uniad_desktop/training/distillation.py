"""The distillation itself: student, teacher, loss and schedule; knows no command line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from uniad_desktop.training.procedural.generate import generate_images
from uniad_desktop.training.procedural.pool import draw, open_pool
from uniad_desktop.training.procedural.random import Random
from uniad_desktop.training.procedural.vary import vary
from uniad_desktop.training.starter_backbone import (
    STARTER,
    BackboneError,
    Teacher,
    create_network,
    hash_state,
    normalise,
)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that decides the result; the same settings give the same weights on a machine.

    Attributes:
        images: Pictures shown in all; the learning rate falls to zero at the last.
        seed: Seed of pictures, variations and first weights.
        pool: Procedural pictures made beforehand, varied anew each time one is shown.
        size: Side of the pictures in pixels, a multiple of 32.
        batch: Pictures per step.
        learning_rate: Highest learning rate of AdamW.
        weight_decay: AdamW's weight decay.
        clip: Largest norm of the gradient.
        stage_weights: Share of each stage's error in the loss. The deepest stage lags behind
            and has most channels, so it weighs most.
        averaging: Decay per step of the running average of the weights, which is what is saved.
        pad_type: Padding of teacher and student, timm's name.
        compiled: Whether torch compiles the networks: half as fast again, but needs a C++
            compiler, and rounds differently.
    """

    images: int = 80_000
    seed: int = 0
    pool: int = 12_288
    size: int = 128
    batch: int = 16
    learning_rate: float = 3e-3
    weight_decay: float = 0.01
    clip: float = 1.0
    stage_weights: tuple[float, float, float, float] = (0.5, 0.75, 1.0, 2.0)
    averaging: float = 0.998
    pad_type: str = "same"
    compiled: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            BackboneError: If a number is out of range.
        """
        if self.size < 64 or self.size % 32:
            raise BackboneError(f"--size {self.size}: use a multiple of 32 from 64 on.")
        if self.batch < 2 or self.images < self.batch or self.pool < self.batch:
            raise BackboneError("Use a batch of at least 2, and no fewer images than one batch.")

    @property
    def steps(self) -> int:
        """Number of optimizer steps."""
        return self.images // self.batch


class Distillation:
    """A run of the distillation: its networks, optimizer and random state after ``step`` steps."""

    def __init__(self, settings: Settings, teacher: Teacher, pool: Path, device: str) -> None:
        """Start from random weights.

        Args:
            settings: What to do.
            teacher: The network to learn from.
            pool: File of procedural pictures made with the same settings.
            device: torch's name of the device to compute on.
        """
        self.settings = settings
        self.step = 0
        self.random = Random(settings.seed + 1, device)
        self._pool = open_pool(pool)
        layout = torch.channels_last  # a third faster on a CPU than the default layout
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(settings.seed)
            self.student = create_network(settings.pad_type).to(device).to(memory_format=layout)
            self.average = create_network(settings.pad_type).to(device).to(memory_format=layout)
        self.average.load_state_dict(self.student.state_dict())
        self.student.train()
        self.average.eval().requires_grad_(False)
        self._teacher_state = hash_state(teacher.network.state_dict())
        self._teacher = teacher.network.to(device).to(memory_format=layout)
        if settings.compiled:
            self._teacher.compile(dynamic=False)
            self.student.compile(dynamic=False)
        self._optimizer = torch.optim.AdamW(
            self.student.parameters(), settings.learning_rate, weight_decay=settings.weight_decay
        )
        self.scales = self._measure_teacher(min(20, settings.steps))

    def advance(self) -> list[float]:
        """Take one step; returns each stage's share of the teacher's variance not explained."""
        settings = self.settings
        for group in self._optimizer.param_groups:
            group["lr"] = learning_rate(settings, self.step)
        pictures = self._pictures()
        with torch.no_grad():
            wanted = self._teacher(pictures)
        errors = stage_errors(self.student(pictures), wanted, self.scales)
        loss = torch.zeros((), device=self.random.device)
        for weight, error in zip(settings.stage_weights, errors, strict=True):
            loss = loss + weight * error
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        nn.utils.clip_grad_norm_(self.student.parameters(), settings.clip)
        self._optimizer.step()
        self.step += 1
        self._update_average()
        return [float(error.detach()) for error in errors]

    def settle(self, batches: int) -> None:
        """Measure the batch norms' statistics anew for the averaged weights.

        The running averages of statistics belong to other weights than the averaged ones
        (stochastic weight averaging, Izmailov et al. 2018, arXiv 1803.05407, section 3.2).
        """
        norms = [
            m for m in self.average.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)
        ]
        momenta = [norm.momentum for norm in norms]
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None  # a plain mean over all batches
        self.average.train()
        with torch.no_grad():
            for _ in range(batches):
                self.average(self._pictures())
        self.average.eval()
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum

    def unexplained(self, pictures: int) -> list[float]:
        """Each stage's unexplained variance of the averaged student on pictures never shown."""
        unseen = Random(self.settings.seed + 2, self.random.device)
        totals, count = [0.0] * len(STARTER.channels), 0
        with torch.no_grad():
            while count < pictures:
                batch = generate_images(unseen, self.settings.batch, self.settings.size)
                shown = normalise(vary(unseen, batch, self.settings.size))
                shown = shown.contiguous(memory_format=torch.channels_last)
                errors = stage_errors(self.average(shown), self._teacher(shown), self.scales)
                totals = [t + len(shown) * float(e) for t, e in zip(totals, errors, strict=True)]
                count += len(shown)
        return [total / count for total in totals]

    def state(self) -> dict[str, Any]:
        """Everything needed to go on exactly from here, of plain types and tensors."""
        return {
            "settings": asdict(self.settings),
            "teacher": self._teacher_state,
            "step": self.step,
            "student": self.student.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "random": self.random.generator.get_state(),
            "scales": self.scales,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a `state`.

        Raises:
            BackboneError: If it was made with other settings or another teacher.
        """
        for key, value in asdict(self.settings).items():
            former = state["settings"].get(key)
            if former != value:
                raise BackboneError(
                    f"The checkpoint was made with {key} {former}, not {value}. Resume with the "
                    "settings of the start, or start anew without --resume."
                )
        if state["teacher"] != self._teacher_state:
            raise BackboneError(
                "The checkpoint was made with another teacher. Resume with the same one, or "
                "start anew without --resume."
            )
        self.step = state["step"]
        self.student.load_state_dict(state["student"])
        self.average.load_state_dict(state["average"])
        self._optimizer.load_state_dict(state["optimizer"])
        self.random.generator.set_state(state["random"].cpu())
        self.scales = [scale.to(self.random.device) for scale in state["scales"]]

    def _pictures(self) -> Tensor:
        """The next varied, normalised batch."""
        drawn = draw(self._pool, self.random, self.settings.batch)
        varied = normalise(vary(self.random, drawn, self.settings.size))
        return varied.contiguous(memory_format=torch.channels_last)

    def _measure_teacher(self, batches: int) -> list[Tensor]:
        """The teacher's deviation per channel at each stage, shaped (1, c, 1, 1)."""
        values: list[list[Tensor]] = [[] for _ in STARTER.channels]
        with torch.no_grad():
            for _ in range(batches):
                for kept, features in zip(values, self._teacher(self._pictures()), strict=True):
                    kept.append(features.transpose(0, 1).flatten(1))
        # A dead channel must not divide by zero; it has nothing to teach.
        return [torch.cat(v, 1).std(1)[None, :, None, None].clamp_min(1e-3) for v in values]

    @torch.no_grad()
    def _update_average(self) -> None:
        # A young average follows faster, so that the random start is soon forgotten.
        decay = min(self.settings.averaging, (1 + self.step) / (10 + self.step))
        own = self.average.state_dict()
        for key, value in self.student.state_dict().items():
            if value.is_floating_point():
                own[key].lerp_(value, 1 - decay)
            else:
                own[key].copy_(value)


def learning_rate(settings: Settings, step: int) -> float:
    """A linear rise over 100 steps times a cosine fall to zero at the last step."""
    fall = 0.5 + 0.5 * math.cos(math.pi * step / settings.steps)
    return settings.learning_rate * min(1.0, (step + 1) / 100) * fall


def stage_errors(
    student: Sequence[Tensor], teacher: Sequence[Tensor], scales: Sequence[Tensor]
) -> list[Tensor]:
    """Mean squared error per stage in units of the teacher's variance per channel.

    Args:
        student: Feature maps (n, c, h, w) of each stage.
        teacher: The teacher's, of the same shapes.
        scales: The teacher's deviation per channel, (1, c, 1, 1) for each stage.

    Returns:
        A scalar per stage: 0 is a perfect copy, 1 as good as the teacher's mean.
    """
    return [
        ((ours - wanted) / scale).square().mean()
        for ours, wanted, scale in zip(student, teacher, scales, strict=True)
    ]
