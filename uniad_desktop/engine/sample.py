"""A package's own pictures, on which a runtime has to prove itself before it may judge parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from uniad_desktop.engine.layout import Layout, tiles_of
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


def kept_sample(views: Mapping[str, Iterable[View]], size: tuple[int, int]) -> dict[str, Tensor]:
    """What a package keeps of its products.

    Args:
        views: what tiles see of a few normal frames, per product; taken one product after the
            other, and no more of each than are kept.
        size: height and width of the network's input.

    Returns:
        (n, 3, H, W) uint8 per product, n bounded; a product without views is left out.
    """
    each = max(1, min(MOST_PER_PRODUCT, _MOST_IN_ALL // max(1, len(views))))
    kept = {}
    for key, some in views.items():
        few = list(islice(some, each))
        if few:
            kept[key] = torch.from_numpy(preprocess_batch(few, *size))
    return kept


def tile_views(frames: Sequence[NDArray[np.uint8]], layout: Layout) -> Iterator[View]:
    """What the tiles of some frames see: first one of each frame, then another of each.

    Frames begin with different tiles, so that the first few already come from all over a part.

    Args:
        frames: each (H, W) or (H, W, 3) uint8, RGB.
        layout: of their product.

    Raises:
        LayoutError: the layout does not fit a frame.
    """
    for turn in range(layout.tile_count):
        for number, frame in enumerate(frames):
            tiles = tiles_of(layout, frame.shape[1], frame.shape[0])
            yield View(frame, tiles[(turn + number) % len(tiles)].box)


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
