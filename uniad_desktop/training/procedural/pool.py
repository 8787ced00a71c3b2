"""A pool of procedural pictures on disk, made once and read many times."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from uniad_desktop.training.procedural.generate import generate_images
from uniad_desktop.training.procedural.random import Random

_log = logging.getLogger(__name__)
_CHUNK = 32  # pictures made at a time; part of what the seed means


def make_pool(
    path: Path, count: int, size: int, seed: int, *, device: str = "cpu", stop: Sequence[int] = ()
) -> bool:
    """Generate a pool and write it as ``.npy``; the file appears only when it is complete.

    Args:
        path: The file; its folder must exist.
        count: Number of pictures.
        size: Side in pixels, even.
        seed: The same seed, count, size and device give the same file.
        device: Where to compute.
        stop: A list that another (a signal handler) fills to end the work early.

    Returns:
        True if the pool is there, False if the work was stopped and nothing was left.

    Raises:
        OSError: If the disk has too little room or cannot be written.
    """
    needed, free = count * 3 * size * size, shutil.disk_usage(path.parent).free
    if needed > free:  # writing a mapped file on a full disk would end the process
        raise OSError(
            f"{path.parent} has {free >> 20} MiB free; {count} pictures need {needed >> 20} MiB."
        )
    random = Random(seed, device)
    temporary = path.with_suffix(".tmp")
    pool = np.lib.format.open_memmap(
        temporary, mode="w+", dtype=np.uint8, shape=(count, 3, size, size)
    )
    for start in range(0, count, _CHUNK):
        if stop:
            del pool
            temporary.unlink()
            return False
        made = generate_images(random, min(_CHUNK, count - start), size)
        pool[start : start + len(made)] = made.cpu().numpy()
        if start // _CHUNK % 64 == 0:
            _log.info("%d of %d procedural pictures made", start + len(made), count)
    pool.flush()
    del pool
    temporary.replace(path)
    return True


def open_pool(path: Path) -> NDArray[np.uint8]:
    """The pictures (n, 3, size, size) of a pool, read from disk as they are asked for."""
    pool: NDArray[np.uint8] = np.load(path, mmap_mode="r")
    return pool


def draw(pool: NDArray[np.uint8], random: Random, count: int) -> torch.Tensor:
    """``count`` random pictures of a pool (count, 3, size, size), uint8, on random's device."""
    rows = random.integers(len(pool), count).cpu().numpy()
    return torch.from_numpy(pool[rows]).to(random.device)
