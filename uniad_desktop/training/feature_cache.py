"""Features of the frozen backbone, computed once per picture and read many times."""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from uniad_desktop.engine.folding import FoldingError, fold_batch_norms
from uniad_desktop.engine.layout import Layout
from uniad_desktop.engine.preprocess import preprocess
from uniad_desktop.training.datasets.reader import ImageReader
from uniad_desktop.training.datasets.sample import DataError, Sample
from uniad_desktop.training.errors import TrainingError
from uniad_desktop.training.features import (
    Features,
    PickedRows,
    StoredFeatures,
    channel_statistics,
)
from uniad_desktop.training.filling import Progress, fill_rows
from uniad_desktop.training.pictures import hashed, inputs_of
from uniad_desktop.training.row_file import RowFile, fingerprint
from uniad_desktop.training.tiling import WHOLE, Piece, cut
from uniad_desktop.uniad.config import Alignment, BackboneConfig
from uniad_desktop.uniad.features import FeaturePyramid

__all__ = [
    "Features",
    "StoredFeatures",
    "backbone_key",
    "channel_statistics",
    "extract",
    "fill_features",
    "live_features",
    "stored_features",
]

_log = logging.getLogger(__name__)

PREPROCESSING = 2
"""Number of the way from picture to features; a change of it makes every cache anew."""


def backbone_key(config: BackboneConfig, weights_sha256: str) -> str:
    """What decides a picture's features besides its size: the backbone's shape and its weights."""
    return fingerprint({"config": asdict(config), "weights": weights_sha256})


def extract(
    pyramid: FeaturePyramid,
    images: Iterable[NDArray[np.uint8]],
    size: tuple[int, int],
    batch: int = 8,
) -> Iterator[NDArray[np.float32]]:
    """Raw feature tokens of pictures, batch by batch, with the detector's own pre-processing.

    Args:
        pyramid: the frozen backbone.
        images: each (H, W) or (H, W, 3) uint8.
        size: height and width of the network's input.
        batch: pictures per pass.

    Yields:
        (b, N, C_org) float32, before standardisation.
    """
    source = iter(images)
    while pictures := list(islice(source, batch)):
        yield raw_features(pyramid, [preprocess(picture, *size) for picture in pictures])


def raw_features(pyramid: FeaturePyramid, inputs: Sequence[Tensor]) -> NDArray[np.float32]:
    """(b, N, C_org) raw tokens of b inputs (3, H, W) in 0..1.

    Raises:
        TrainingError: they are not finite.
    """
    batch = torch.stack(list(inputs)).to(pyramid.mean.device)
    with torch.inference_mode():
        tokens = pyramid.raw(batch.contiguous(memory_format=torch.channels_last))
    features: NDArray[np.float32] = tokens.float().cpu().numpy()
    if not np.isfinite(features).all():
        raise TrainingError(
            "The backbone gives values that are not numbers; choose other weights for it."
        )
    return features


def folded(pyramid: FeaturePyramid, size: tuple[int, int]) -> FeaturePyramid:
    """A copy made as fast as the detector's; not folded where that changes the features.

    Args:
        pyramid: with its weights; not changed.
        size: height and width of the network's input.
    """
    fast = copy.deepcopy(pyramid)
    example = torch.randn(1, 3, *size, generator=torch.Generator().manual_seed(0))
    try:
        fast.backbone = fold_batch_norms(pyramid.backbone, example.to(pyramid.mean.device))
    except FoldingError as error:
        _log.info("The backbone runs unfolded: %s", error)
    fast.backbone.to(memory_format=torch.channels_last)
    return fast


def stored_features(
    samples: Sequence[Sample],
    reader: ImageReader,
    pyramid: FeaturePyramid,
    *,
    cache: Path,
    size: tuple[int, int],
    backbone_hash: str,
    alignment: Alignment,
    limit_bytes: int,
    layout: Layout = WHOLE,
    stop: Callable[[], bool] = lambda: False,
    progress: Progress = lambda done, count: None,
) -> StoredFeatures:
    """Features of pictures from the cache, which is filled first where some are missing.

    A picture is known by its file's bytes, and a tile by these and its box, so renamed files and
    duplicates cost nothing. What was computed before a stop, a kill or a full disk is kept.

    Args:
        samples: the pictures.
        reader: reads them; those it cannot read are left out.
        pyramid: the frozen backbone with its weights.
        cache: folder of all caches.
        size: height and width of the network's input.
        backbone_hash: `backbone_key` of the pyramid's backbone.
        alignment: how the stages are brought to one grid.
        limit_bytes: the most that the caches may take on the disk.
        layout: how pictures are cut up; every tile has a row of its own.
        stop: asked between two batches.
        progress: told of every batch.

    Raises:
        TrainingError: the cache would be too large, or the disk is full.
        TrainingStopped: `stop` said so.
        DataError: a region does not fit a picture, or a picture cannot be read and the reader is
            strict.
    """
    store = feature_rows(pyramid, cache, size, backbone_hash, alignment)
    known = [(piece.key, piece) for piece in cut(hashed(samples, reader), layout, reader)]
    wanted = dict(known)

    def inputs(missing: Sequence[bytes]) -> Generator[tuple[bytes, Tensor]]:
        return inputs_of([wanted[one] for one in missing], reader, size)

    fill_features(
        store, list(wanted), inputs, pyramid, limit_bytes=limit_bytes, stop=stop, progress=progress
    )
    index = store.index()
    kept = [(key, piece) for key, piece in known if key in index]
    rows = np.array([index[key] for key, _ in kept], dtype=np.int64)
    return _stored([piece for _, piece in kept], PickedRows(store.rows(len(index)), rows), reader)


def live_features(
    samples: Sequence[Sample],
    reader: ImageReader,
    pyramid: FeaturePyramid,
    size: tuple[int, int],
    layout: Layout = WHOLE,
) -> StoredFeatures:
    """Features computed anew from the pictures whenever they are asked for: slow, needs no disk.

    Raises:
        DataError: no picture can be read, a region does not fit one, or one cannot be read and the
            reader is strict.
    """
    known = [(piece.key, piece) for piece in cut(hashed(samples, reader), layout, reader)]
    distinct = dict(known)
    readable = {key for key, _ in inputs_of(list(distinct.values()), reader, size)}
    kept = [piece for key, piece in known if key in readable]
    rows = _LiveRows(kept, reader, folded(pyramid, size), size)
    return _stored(kept, rows, reader)


def feature_rows(
    pyramid: FeaturePyramid,
    cache: Path,
    size: tuple[int, int],
    backbone_hash: str,
    alignment: Alignment,
) -> RowFile:
    """The cache of one backbone and input size."""
    rows, columns = pyramid.grid
    content = {
        "backbone": backbone_hash,
        "size": list(size),
        "alignment": alignment.value,
        "preprocessing": PREPROCESSING,
    }
    return RowFile(cache, "features", content, (rows * columns, pyramid.mean.shape[0]))


def fill_features(
    store: RowFile,
    keys: Sequence[bytes],
    inputs: Callable[[Sequence[bytes]], Generator[tuple[bytes, Tensor]]],
    pyramid: FeaturePyramid,
    *,
    limit_bytes: int,
    stop: Callable[[], bool],
    progress: Progress = lambda done, count: None,
) -> None:
    """Computes the features that a cache has not yet.

    Args:
        store: the cache.
        keys: of all pictures wanted.
        inputs: gives the network's inputs (3, H, W) of some keys; may leave some out.
        pyramid: the frozen backbone with its weights.
        limit_bytes: the most that the caches may take on the disk.
        stop: asked between two batches.
        progress: told of every batch.

    Raises:
        TrainingError: the cache would be too large, or the disk is full.
        TrainingStopped: `stop` said so.
    """
    fast: list[FeaturePyramid] = []  # made when it is needed

    def compute(batch: Sequence[Tensor]) -> NDArray[np.float32]:
        if not fast:
            fast.append(folded(pyramid, (batch[0].shape[1], batch[0].shape[2])))
        return raw_features(fast[0], batch)

    fill_rows(store, keys, inputs, compute, limit_bytes=limit_bytes, stop=stop, progress=progress)


class _LiveRows:
    """Features without a cache."""

    def __init__(
        self,
        pieces: Sequence[Piece],
        reader: ImageReader,
        pyramid: FeaturePyramid,
        size: tuple[int, int],
    ) -> None:
        self._pieces, self._reader, self._pyramid, self._size = pieces, reader, pyramid, size

    @property
    def shape(self) -> tuple[int, ...]:
        rows, columns = self._pyramid.grid
        return (len(self._pieces), rows * columns, self._pyramid.mean.shape[0])

    def __len__(self) -> int:
        return len(self._pieces)

    def __getitem__(self, which: Any, /) -> NDArray[np.float32]:  # noqa: ANN401 - as numpy's
        rows = np.arange(len(self._pieces))[which]
        wanted = [self._pieces[row] for row in rows]
        inputs = [one for _, one in inputs_of(wanted, self._reader, self._size)]
        if len(inputs) != len(rows):
            raise TrainingError(
                "A picture that could be read before cannot be read any more: "
                f"{self._reader.summary()}"
            )
        return raw_features(self._pyramid, inputs)


def _stored(kept: Sequence[Piece], features: Features, reader: ImageReader) -> StoredFeatures:
    if not kept:
        raise DataError(f"There is no picture left to learn from. {reader.summary()}".strip())
    return StoredFeatures(
        tuple(piece.sample for piece in kept),
        features,
        tuple(piece.picture for piece in kept),
        tuple(piece.box for piece in kept) if any(piece.box for piece in kept) else (),
    )
