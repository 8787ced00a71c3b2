"""Which pictures a step shows: it follows from the seed and the step alone."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.training.distributed import ALONE, Group
from uniad_desktop.training.recipes import TrainSettings


def pictures_of(
    step: int, count: int, settings: TrainSettings, group: Group = ALONE
) -> NDArray[np.int64]:
    """Row numbers of a step's pictures in one process.

    Either epochs of shuffled order laid end to end, or epochs that each end with what is left
    over; then the processes share an epoch evenly, a few pictures being shown twice where needed.
    """
    if settings.whole_batches:
        first = (step * group.size + group.rank) * settings.batch
        positions = np.arange(first, first + settings.batch)
        orders = {
            int(epoch): _order(settings.seed, int(epoch), count)
            for epoch in np.unique(positions // count)
        }
        return np.array([orders[int(p // count)][int(p % count)] for p in positions])
    epoch, place = divmod(step, settings.steps_per_epoch(count, group.size))
    order = _order(settings.seed, epoch, count)
    share = np.resize(order, math.ceil(count / group.size) * group.size)[group.rank :: group.size]
    return share[place * settings.batch : (place + 1) * settings.batch]


def _order(seed: int, epoch: int, count: int) -> NDArray[np.int64]:
    return np.random.default_rng([seed, epoch]).permutation(count)
