"""The replay memory: a bounded sample of each product's normal features, kept in the package.

Whoever teaches the model another product shows it these beside the new ones, so that it forgets
nothing, and sees on those that were held back whether it did.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from uniad_desktop.training.features import Features, PickedRows, StoredFeatures

MOST_TRAINED, MOST_HELD = 32, 32
"""Pictures kept per product: those trained on, and those held back."""

LARGEST_BYTES = 512 << 20
"""Of all products together."""

TRAINED, HELD = "trained", "held"


def memory_key(product: str, part: str) -> str:
    """Name of a tensor: the product's key, and whether it was trained on or held back."""
    return f"{product}.{part}"


def choose_varied(pooled: NDArray[np.floating], count: int) -> list[int]:
    """Pictures that differ most: farthest-first, beginning with the one nearest to the mean.

    Args:
        pooled: (n, C) one vector per picture.
        count: how many.

    Returns:
        Row numbers, at most `count`, in the order of choice.
    """
    if len(pooled) == 0 or count < 1:
        return []
    scale = np.maximum(pooled.std(axis=0), 1e-6)
    points = (pooled - pooled.mean(axis=0)) / scale
    chosen = [int(np.linalg.norm(points, axis=1).argmin())]
    nearest = np.linalg.norm(points - points[chosen[0]], axis=1)
    while len(chosen) < min(count, len(points)):
        following = int(nearest.argmax())
        if nearest[following] == 0.0:  # only copies of what was chosen are left
            break
        chosen.append(following)
        nearest = np.minimum(nearest, np.linalg.norm(points - points[following], axis=1))
    return chosen


def remember(features: Features, count: int, tiles: int = 1) -> Tensor:
    """A varied part of a product's features.

    Args:
        features: (n * tiles, N, C_org) raw, the tiles of a picture one after the other.
        count: pictures to keep at most.
        tiles: of each picture.

    Returns:
        (m * tiles, N, C_org) float16, all tiles of m pictures.
    """
    pictures = len(features) // tiles
    pooled = np.stack(
        [
            np.asarray(features[one * tiles : (one + 1) * tiles], np.float32).mean(axis=(0, 1))
            for one in range(pictures)
        ]
    )
    rows = [
        one * tiles + tile for one in sorted(choose_varied(pooled, count)) for tile in range(tiles)
    ]
    kept = np.asarray(features[np.array(rows, np.int64)], np.float32)
    # Beyond the largest float16 there is nothing but infinity.
    largest = float(np.finfo(np.float16).max)
    return torch.from_numpy(kept.clip(-largest, largest)).to(torch.float16)


def remember_all(
    stored: StoredFeatures,
    trained: Sequence[int],
    held: Sequence[int],
    keys: Mapping[str, str],
    tiles: int = 1,
) -> dict[str, Tensor]:
    """The memory of a training's products.

    Args:
        stored: pictures and their features.
        trained: numbers of the rows that were trained on.
        held: numbers of rows of the pictures that were held back, one of each at least.
        keys: key in the manifest per product.
        tiles: rows of each picture.

    Returns:
        Tensors as `memory_key` names them.
    """
    grid, channels = stored.features.shape[1:]
    most = pictures_each(len(keys), 2 * grid * channels, dict.fromkeys(keys, tiles))
    back = {stored.hashes[one] for one in held}
    parts = {
        TRAINED: sorted(trained),
        HELD: [one for one, picture in enumerate(stored.hashes) if picture in back],
    }
    memory = {}
    for part, rows in parts.items():
        for product, key in keys.items():
            own = [one for one in rows if stored.samples[one].product == product]
            complete = _whole_pictures(stored, own, tiles)
            if complete:
                features = PickedRows(stored.features, np.array(complete, np.int64))
                memory[memory_key(key, part)] = remember(features, most, tiles)
    return memory


def _whole_pictures(stored: StoredFeatures, rows: Sequence[int], tiles: int) -> list[int]:
    """Rows of those pictures all tiles of which are there, each picture once."""
    pictures: dict[bytes, list[int]] = {}
    for row in rows:
        pictures.setdefault(stored.hashes[row], []).append(row)
    return [row for own in pictures.values() if len(own) >= tiles for row in own[:tiles]]


def pictures_each(products: int, row_bytes: int, tiles: Mapping[str, int]) -> int:
    """How many pictures of each product fit, trained and held each, within all bounds.

    Args:
        products: how many there are.
        row_bytes: bytes of one tile's features in float16.
        tiles: tiles of a picture per product.
    """
    per_picture = 2 * row_bytes * max([1, *tiles.values()]) * max(1, products)
    return max(1, min(MOST_TRAINED, MOST_HELD, LARGEST_BYTES // per_picture))


def products_in(memory: Mapping[str, Tensor]) -> Sequence[str]:
    """Products that a memory holds trained pictures of."""
    ending = f".{TRAINED}"
    return sorted(name.removesuffix(ending) for name in memory if name.endswith(ending))
