"""Pictures of samples: known by what their files hold, read ahead while the network computes."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice

from torch import Tensor

from uniad_desktop.engine.preprocess import ImageError, preprocess
from uniad_desktop.training.datasets.reader import ImageReader, image_hash
from uniad_desktop.training.datasets.sample import DataError, Sample

_READERS = max(1, min(8, (os.cpu_count() or 2) // 2))


def hashed(samples: Sequence[Sample], reader: ImageReader) -> list[tuple[Sample, bytes]]:
    """Samples with the SHA-256 of their files; one that cannot be read is left to the reader.

    Raises:
        DataError: a file cannot be read and the reader is strict.
    """
    found = []
    for sample in samples:
        try:
            found.append((sample, bytes.fromhex(image_hash(sample.path))))
        except DataError:
            reader.read(sample)  # names it, counts it, or raises
    return found


def inputs_of(
    wanted: Sequence[tuple[bytes, Sample]], reader: ImageReader, size: tuple[int, int]
) -> Generator[tuple[bytes, Tensor]]:
    """Keys and network inputs (3, H, W) in 0..1, in order, read a few files ahead.

    Pictures that cannot be read, or are too small or large, are left out and counted.

    Args:
        wanted: keys and samples.
        reader: reads and counts.
        size: height and width of the network's input.

    Raises:
        DataError: a file cannot be read and the reader is strict.
    """

    def prepare(sample: Sample) -> Tensor | None:
        image = reader.read(sample)
        if image is None:
            return None
        try:
            return preprocess(image, *size)
        except ImageError as error:
            reader.skipped.append((sample.path, f"{sample.path}: {error}"))
            return None

    with ThreadPoolExecutor(_READERS, thread_name_prefix="read") as pool:
        waiting: deque[tuple[bytes, Future[Tensor | None]]] = deque()
        left = iter(wanted)
        try:
            while True:
                for key, sample in islice(left, 2 * _READERS - len(waiting)):
                    waiting.append((key, pool.submit(prepare, sample)))
                if not waiting:
                    return
                key, future = waiting.popleft()
                prepared = future.result()
                if prepared is not None:
                    yield key, prepared
        finally:
            for _, future in waiting:
                future.cancel()
