"""A package's own pictures, on which a runtime has to prove itself before it may judge parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from uniad_desktop.engine.package import ModelPackage
from uniad_desktop.engine.preprocess import View, preprocess_batch

MOST_PER_PRODUCT = 8
_MOST_IN_ALL = 64
_GENERATED = 8
_NO_PRODUCT = ""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Pictures ready for the network.

    Attributes:
        normal: (n, 3, H, W) uint8: normal parts as the package keeps them.
        products: key of each one's product, empty where it belongs to none.
        marked: the same pictures with a blemish each, so that agreement is seen on defects too.
        origin: where the pictures come from, in words.
    """

    normal: NDArray[np.uint8]
    products: tuple[str, ...]
    marked: NDArray[np.uint8]
    origin: str


def sample_of(package: ModelPackage) -> Sample:
    """The pictures that a package keeps; its previews; or generated ones where it has neither.

    Raises:
        PackageError: a file of the package changed or cannot be read.
    """
    config = package.manifest.architecture
    size = config.input_height, config.input_width
    kept = package.sample()
    if kept:
        products = sorted(kept)
        normal = np.concatenate([kept[key].numpy() for key in products])
        names = [key for key in products for _ in range(len(kept[key]))]
        origin = "pictures kept in the package"
    else:
        previews = list(_previews(package))
        if previews:
            origin = "previews of the package"
        else:
            origin = "generated pictures, since the package holds none"
            previews = [(_NO_PRODUCT, one) for one in _generated()]
        normal = preprocess_batch([View(image) for _, image in previews], *size)
        names = [key for key, _ in previews]
    return Sample(normal, tuple(names), _marked(normal), origin)


def kept_sample(
    pictures: Mapping[str, Sequence[NDArray[np.uint8]]], size: tuple[int, int]
) -> dict[str, Tensor]:
    """What a package keeps of its products.

    Args:
        pictures: a few normal frames or parts of frames per product, as tiles see them.
        size: height and width of the network's input.

    Returns:
        (n, 3, H, W) uint8 per product, n bounded.
    """
    each = max(1, min(MOST_PER_PRODUCT, _MOST_IN_ALL // max(1, len(pictures))))
    return {
        key: torch.from_numpy(preprocess_batch([View(one) for one in some[:each]], *size))
        for key, some in pictures.items()
        if some
    }


def _previews(package: ModelPackage) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    for key in package.manifest.products:
        path = package.preview(key)
        if path is None:
            continue
        data = np.frombuffer(path.read_bytes(), np.uint8)
        image = cv2.imdecode(data, cv2.IMREAD_COLOR_RGB)
        if image is not None:
            yield key, np.asarray(image, np.uint8)


def _generated() -> Iterator[NDArray[np.uint8]]:
    """Smooth coloured pictures of several grains, always the same."""
    generator = np.random.default_rng(0)
    for number in range(_GENERATED):
        cells = 4 << (number % 4)
        coarse = generator.integers(0, 256, (cells, cells, 3), dtype=np.uint8)
        yield np.asarray(cv2.resize(coarse, (320, 320), interpolation=cv2.INTER_CUBIC), np.uint8)


def _marked(normal: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Each picture with a dark or bright spot at a place of its own."""
    marked = normal.copy()
    generator = np.random.default_rng(1)
    height, width = normal.shape[2:]
    side = max(4, min(height, width) // 10)
    for one in marked:
        row = int(generator.integers(0, height - side))
        column = int(generator.integers(0, width - side))
        spot = one[:, row : row + side, column : column + side]
        spot[:] = 255 if spot.mean() < 128 else 0
    return marked
