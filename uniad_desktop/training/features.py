"""Features of many pictures, read row by row from wherever they lie."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from uniad_desktop.engine.layout import Box
from uniad_desktop.training.datasets.sample import Sample
from uniad_desktop.training.tiling import Piece


class Features(Protocol):
    """(n, N, C_org) float32, read by slice or by an array of row numbers."""

    @property
    def shape(self) -> tuple[int, ...]:
        """(n, N, C_org)."""
        ...

    def __len__(self) -> int: ...

    def __getitem__(self, which: Any, /) -> NDArray[np.float32]: ...  # noqa: ANN401


@dataclass(frozen=True, slots=True)
class StoredFeatures:
    """Pictures that could be read, their features and what their files hold.

    Attributes:
        samples: the picture of each row, in the order given; one after the other as often as it
            has tiles.
        features: the rows.
        hashes: SHA-256 of each row's file; equal ones are the same picture.
        boxes: the tile of each row, None for a whole picture; empty where all are whole.
    """

    samples: tuple[Sample, ...]
    features: Features
    hashes: tuple[bytes, ...]
    boxes: tuple[Box | None, ...] = ()

    @property
    def pictures(self) -> tuple[Sample, ...]:
        """The pictures, each once, however many tiles it has."""
        return tuple(dict.fromkeys(self.samples)) if self.boxes else self.samples

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """What each row was computed from."""
        boxes = self.boxes or (None,) * len(self.samples)
        return tuple(map(Piece, self.samples, self.hashes, boxes))

    def subset(self, which: Sequence[int]) -> StoredFeatures:
        """Only these rows, in this order."""
        chosen = np.asarray(which, dtype=np.int64)
        return StoredFeatures(
            tuple(self.samples[one] for one in chosen),
            PickedRows(self.features, chosen),
            tuple(self.hashes[one] for one in chosen),
            tuple(self.boxes[one] for one in chosen) if self.boxes else (),
        )

    def key(self) -> str:
        """Tells these pictures and tiles, in this order, from others (hex)."""
        return hashlib.sha256(b"".join(one.key for one in self.pieces)).hexdigest()


class PickedRows:
    """Some rows of a larger array, in an order of their own; nothing is copied until read."""

    def __init__(self, source: Features, rows: NDArray[np.int64]) -> None:
        self._source, self._rows = source, rows

    @property
    def shape(self) -> tuple[int, ...]:
        """(n, N, C_org)."""
        return (len(self._rows), *self._source.shape[1:])

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, which: Any, /) -> NDArray[np.float32]:  # noqa: ANN401 - as numpy's
        return np.array(self._source[self._rows[which]])


def channel_statistics(features: Features, batch: int = 64) -> tuple[Tensor, Tensor]:
    """Mean and deviation of every channel over all pictures and places.

    Args:
        features: (n, N, C).
        batch: pictures read at once.

    Returns:
        mean (C,) and deviation (C,) float32; a channel that never varies has deviation 1.
    """
    channels = features.shape[-1]
    total, squares, count = np.zeros(channels), np.zeros(channels), 0
    # Shifted by the first token: the plain sum of squares would lose digits.
    shift = np.asarray(features[:1][0, 0], dtype=np.float64)
    for start in range(0, len(features), batch):
        part = features[start : start + batch].reshape(-1, channels) - shift
        total += part.sum(axis=0)
        squares += np.square(part).sum(axis=0)
        count += len(part)
    mean = total / count
    deviation = np.sqrt(np.maximum(squares / count - mean**2, 0.0))
    deviation[deviation < 1e-6] = 1.0
    return torch.from_numpy(mean + shift).float(), torch.from_numpy(deviation).float()
