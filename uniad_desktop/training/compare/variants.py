"""What is compared: suites of variants, each a whole architecture and a way to train it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from uniad_desktop.training.recipes import TrainSettings
from uniad_desktop.uniad.config import UniADConfig


class CompareError(Exception):
    """A comparison cannot be made; the message is a sentence for the user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One line of a comparison.

    Attributes:
        name: what table and figure call it.
        changes: the fields that tell it from the base, as they were written.
        config: its architecture. The backbone's stages may be some of those that the suite's
            features come from.
        settings: how it is trained; the seed is that of each run.
        separate: whether every product gets a network of its own, trained on its parts alone.
    """

    name: str
    changes: Mapping[str, Any]
    config: UniADConfig
    settings: TrainSettings
    separate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """Variants that are held against each other.

    Attributes:
        name: of its folder.
        title: what table and figure say above.
        config: backbone, input and alignment of the features of all variants.
        base: what the variants begin with.
        variants: at least one, no two of the same name.
        data: sources that it is meant for, where the user names none.
        products: the products to keep; all where empty.
        seeds: every variant is trained once with each.
        every: steps between two evaluations.
    """

    name: str
    title: str
    config: UniADConfig
    base: UniADConfig
    variants: tuple[Variant, ...]
    data: tuple[str, ...]
    products: tuple[str, ...]
    seeds: tuple[int, ...]
    every: int

    def stage_channels(self, variant: Variant) -> tuple[int, ...] | None:
        """Numbers of the cached channels that a variant looks at; None for all of them."""
        whole, used = self.config.backbone, variant.config.backbone.stages
        if used == whole.stages:
            return None
        numbers: list[int] = []
        start = 0
        for stage, count in zip(whole.stages, whole.channels, strict=True):
            if stage in used:
                numbers += range(start, start + count)
            start += count
        return tuple(numbers)
