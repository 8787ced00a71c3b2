"""Rendered parts for training, calibration and test, with seeds that never overlap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.engine.expectation import FrameExpectation
from uniad_desktop.simulator.parts import DEFECT_KINDS, PRODUCTS, Part, render_part

TITLES: dict[str, dict[str, str]] = {
    "flange": {"en": "Machined flange", "zh_CN": "机加工法兰"},
    "label": {"en": "Printed label", "zh_CN": "印刷标签"},
    "fabric": {"en": "Woven fabric", "zh_CN": "编织布料"},
    "board": {"en": "Circuit board", "zh_CN": "电路板"},
}

FRAME = FrameExpectation(colour=True)
"""All parts are rendered in colour; the simulated camera can show them at several sizes."""

_RANGE = 1_000_000
"""Seeds per use; the simulated camera counts from 0, below the first range."""


class Use(Enum):
    """What a rendered part is for; the value numbers its range of seeds."""

    TRAIN = 11
    CALIBRATION = 12
    TEST = 13
    TUNE = 14


@dataclass(frozen=True, slots=True)
class Light:
    """Light factors that parts are rendered with, evenly drawn from lowest to highest."""

    lowest: float = 1.0
    highest: float = 1.0

    def of(self, seed: int) -> float:
        """The factor of a part, decided by its seed."""
        return float(np.random.default_rng([20, seed]).uniform(self.lowest, self.highest))


def seed_of(use: Use, number: int) -> int:
    """Seed of the n-th part of a use.

    Raises:
        ValueError: the number lies outside the range of the use.
    """
    if not 0 <= number < _RANGE:
        raise ValueError(f"A part's number must lie in 0..{_RANGE - 1}, not {number}.")
    return use.value * _RANGE + number


def normal_images(use: Use, count: int, light: Light) -> Iterator[NDArray[np.uint8]]:
    """`count` normal parts of every product, one product after the other, (720, 960, 3) uint8."""
    for product in PRODUCTS:
        yield from normal_parts(product, use, count, light)


def normal_parts(product: str, use: Use, count: int, light: Light) -> Iterator[NDArray[np.uint8]]:
    """`count` normal parts of one product, (720, 960, 3) uint8."""
    for number in range(count):
        seed = seed_of(use, number)
        yield render_part(product, seed, light=light.of(seed)).image


def sample_parts(product: str, light: Light) -> Iterator[NDArray[np.uint8]]:
    """The normal parts of a product that its package keeps, of the first calibration seeds."""
    # Loads torch, which whoever only reads data need not wait for.
    from uniad_desktop.engine.sample import MOST_PER_PRODUCT

    return normal_parts(product, Use.CALIBRATION, MOST_PER_PRODUCT, light)


def test_parts(product: str, use: Use, good: int, per_kind: int, light: Light) -> Iterator[Part]:
    """Good parts of a product, then as many defective ones of every kind, all of fresh seeds."""
    number = 0
    for kind, count in ((None, good), *((kind, per_kind) for kind in DEFECT_KINDS[product])):
        for _ in range(count):
            seed = seed_of(use, number)
            yield render_part(product, seed, defect=kind, light=light.of(seed))
            number += 1
