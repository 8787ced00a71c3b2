"""What the network is shown while it learns another product: new parts and remembered ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from uniad_desktop.training.features import Features
from uniad_desktop.training.memory import TRAINED, memory_key, products_in

NEW_SHARE = 0.4
"""Least share of the new product among what is shown, however many others there are."""


class MixedRows:
    """Rows of several arrays in one order; nothing is copied until it is read.

    Args:
        sources: each (n, N, C_org), of any float type.
        where: (m, 2) for each row which source and which of its rows.
    """

    def __init__(self, sources: Sequence[Features], where: NDArray[np.int64]) -> None:
        self._sources, self._where = sources, where

    @property
    def shape(self) -> tuple[int, ...]:
        """(m, N, C_org)."""
        return (len(self._where), *self._sources[0].shape[1:])

    def __len__(self) -> int:
        return len(self._where)

    def __getitem__(self, which: Any, /) -> NDArray[np.float32]:  # noqa: ANN401 - as numpy's
        chosen = self._where[which]
        single = chosen.ndim == 1
        rows = chosen[None] if single else chosen
        read = np.empty((len(rows), *self.shape[1:]), np.float32)
        for number, source in enumerate(self._sources):
            here = np.flatnonzero(rows[:, 0] == number)
            if len(here):
                read[here] = source[rows[here, 1]]
        return read[0] if single else read


def rows_shown(new: int, former: Sequence[int]) -> list[int]:
    """How many rows of each product an epoch shows: of the new one, then of each former one.

    Args:
        new: rows that there are of the new product.
        former: rows that are remembered of each other one.
    """
    if not former:
        return [new]
    most = max(former)
    share = max(NEW_SHARE, 1.0 / (len(former) + 1))
    return [max(new, round(share / (1.0 - share) * most * len(former))), *([most] * len(former))]


def mix(new: Features, memory: Mapping[str, Tensor], *, leave_out: str = "") -> MixedRows:
    """New rows and remembered ones: every former product as often as any other.

    Args:
        new: (n, N, C_org) raw features of the product to learn.
        memory: of the package.
        leave_out: key of a product whose memory is not shown, because it is learned anew.
    """
    former = [
        memory[memory_key(key, TRAINED)].numpy() for key in products_in(memory) if key != leave_out
    ]
    counts = rows_shown(len(new), [len(one) for one in former])
    sources: list[Features] = [new, *former]
    where = [
        np.stack((np.full(count, number), np.resize(np.arange(len(source)), count)), axis=1)
        for number, (source, count) in enumerate(zip(sources, counts, strict=True))
    ]
    return MixedRows(sources, np.concatenate(where).astype(np.int64))
