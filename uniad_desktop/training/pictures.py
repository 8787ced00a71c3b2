"""Pictures of samples: known by what their files hold, read ahead while the network computes."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import groupby, islice

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from uniad_desktop.engine.layout import Box
from uniad_desktop.engine.preprocess import ImageError, View, preprocess
from uniad_desktop.training.datasets.reader import ImageReader, image_hash
from uniad_desktop.training.datasets.sample import DataError, Sample
from uniad_desktop.training.tiling import Piece

_READERS = max(1, min(8, (os.cpu_count() or 2) // 2))
_PIECES_PER_READ = 16  # more of a picture are not kept waiting in memory


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
    pieces: Sequence[Piece], reader: ImageReader, size: tuple[int, int]
) -> Generator[tuple[bytes, Tensor]]:
    """Keys and network inputs (3, H, W) in 0..1, in order, read a few files ahead.

    A file is read once for those of its pieces that follow one another. Pictures that cannot be
    read, or are too small or large, are left out and counted.

    Args:
        pieces: what is wanted.
        reader: reads and counts.
        size: height and width of the network's input.

    Raises:
        DataError: a file cannot be read and the reader is strict.
    """

    def prepare(group: Sequence[Piece]) -> list[tuple[bytes, Tensor]]:
        sample = group[0].sample
        image = reader.read(sample)
        if image is None:
            return []
        try:
            return [(piece.key, _input_of(image, piece.box, size)) for piece in group]
        except ImageError as error:
            reader.skipped.append((sample.path, f"{sample.path}: {error}"))
            return []

    with ThreadPoolExecutor(_READERS, thread_name_prefix="read") as pool:
        waiting: deque[Future[list[tuple[bytes, Tensor]]]] = deque()
        left = _reads(pieces)
        try:
            while True:
                for group in islice(left, 2 * _READERS - len(waiting)):
                    waiting.append(pool.submit(prepare, group))
                if not waiting:
                    return
                yield from waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _reads(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Pieces in order, those of a picture together."""
    for _, group in groupby(pieces, key=lambda piece: piece.sample):
        while few := list(islice(group, _PIECES_PER_READ)):
            yield few


def _input_of(image: NDArray[np.uint8], box: Box | None, size: tuple[int, int]) -> Tensor:
    if box is not None and (box.right > image.shape[1] or box.bottom > image.shape[0]):
        raise ImageError(f"It has {image.shape[1]} x {image.shape[0]} pixels, other than before.")
    return preprocess(View(image, box).pixels(), *size)
