"""The replay memory of the simulated products."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from uniad_desktop.simulator.parts import PRODUCTS
from uniad_desktop.training.feature_cache import extract
from uniad_desktop.training.memory import HELD, TRAINED, memory_key, remember
from uniad_desktop.training.simulated_data import Light, Use, normal_parts
from uniad_desktop.uniad.features import FeaturePyramid

LOOKED_AT, KEPT = 32, 16
"""Parts of each use that the memory is chosen from, and how many it keeps."""


def simulated_memory(
    pyramid: FeaturePyramid, size: tuple[int, int], shone: Light, light: Light
) -> dict[str, Tensor]:
    """Features of parts of the first training and calibration seeds.

    Args:
        pyramid: the frozen backbone with its weights.
        size: height and width of the network's input.
        shone: light of the training parts.
        light: of the calibration parts.
    """
    memory = {}
    uses = ((TRAINED, Use.TRAIN, shone), (HELD, Use.CALIBRATION, light))
    for product in PRODUCTS:
        for part, use, factor in uses:
            images = normal_parts(product, use, LOOKED_AT, factor)
            features = np.concatenate(list(extract(pyramid, images, size)))
            memory[memory_key(product, part)] = remember(features, KEPT)
    return memory
