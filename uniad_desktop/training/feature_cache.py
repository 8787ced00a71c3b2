"""Features of the frozen backbone, computed once and read many times."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from uniad_desktop.engine.preprocess import preprocess
from uniad_desktop.uniad.features import FeaturePyramid

_log = logging.getLogger(__name__)

Features = NDArray[np.float32]


def fingerprint(what: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of JSON values that decide a cache's content."""
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()


def extract(
    pyramid: FeaturePyramid,
    images: Iterable[NDArray[np.uint8]],
    size: tuple[int, int],
    batch: int = 8,
) -> Iterator[Features]:
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
    device = pyramid.mean.device
    while pictures := list(islice(source, batch)):
        inputs = torch.stack([preprocess(picture, *size) for picture in pictures])
        with torch.inference_mode():
            yield pyramid.raw(inputs.to(device)).cpu().numpy()


def cached_features(
    path: Path,
    key: str,
    *,
    count: int,
    pyramid: FeaturePyramid,
    images: Iterable[NDArray[np.uint8]],
    size: tuple[int, int],
) -> Features:
    """Opens the cache at `path`, or fills it first; memory-mapped, so it may exceed the memory.

    A cache is complete or not there: it is written under another name and renamed at the end.

    Args:
        path: the ``.npy`` file; its key lies beside it.
        key: fingerprint of all that decides the content; another key makes a new cache.
        count: number of pictures.
        pyramid: the frozen backbone.
        images: the pictures, read only where the cache has to be filled.
        size: height and width of the network's input.

    Returns:
        (count, N, C_org) float32, read-only.

    Raises:
        ValueError: there are not as many pictures as `count` says.
    """
    note = path.with_suffix(".key")
    if not (path.exists() and note.exists() and note.read_text() == key):
        path.parent.mkdir(parents=True, exist_ok=True)
        note.unlink(missing_ok=True)
        partial = path.with_suffix(".partial")
        _fill(partial, count, pyramid, images, size)
        partial.replace(path)
        note.write_text(key)
        _log.info("Wrote the features of %d pictures to %s", count, path)
    features: Features = np.load(path, mmap_mode="r")
    return features


def _fill(
    path: Path,
    count: int,
    pyramid: FeaturePyramid,
    images: Iterable[NDArray[np.uint8]],
    size: tuple[int, int],
) -> None:
    rows, columns = pyramid.grid
    shape = (count, rows * columns, pyramid.mean.shape[0])
    target = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=shape)
    done = 0
    for features in extract(pyramid, images, size):
        if done + len(features) > count:
            raise ValueError(f"There are more pictures than the {count} that were announced.")
        target[done : done + len(features)] = features
        done += len(features)
    if done != count:
        raise ValueError(f"There are {done} pictures, {count} were announced.")
    target.flush()


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
    shift = np.asarray(features[0, 0], dtype=np.float64)
    for start in range(0, len(features), batch):
        part = features[start : start + batch].reshape(-1, channels) - shift
        total += part.sum(axis=0)
        squares += np.square(part).sum(axis=0)
        count += len(part)
    mean = total / count
    deviation = np.sqrt(np.maximum(squares / count - mean**2, 0.0))
    deviation[deviation < 1e-6] = 1.0
    return torch.from_numpy(mean + shift).float(), torch.from_numpy(deviation).float()
