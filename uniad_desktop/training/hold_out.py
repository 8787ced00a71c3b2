"""Which normal pictures are kept back from training, so that limits can be set on them."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

from uniad_desktop.training.datasets.sample import Sample

DEFAULT_NOTE = (
    "The limit was set on parts that the network was trained on, so it is too low for others. Set "
    "it anew on fresh normal parts."
)


def split_hold_out(
    samples: Sequence[Sample], hashes: Sequence[bytes], share: float, seed: int
) -> tuple[list[int], list[int]]:
    """Splits each product's pictures by what their files hold.

    Equal files are never on both sides, whatever their names and products, and each is held out
    once. Of a product with two different pictures or more, at least one is held out and at least
    one is trained on; a single picture is trained on.

    Args:
        samples: normal pictures of all products.
        hashes: SHA-256 of each file.
        share: share of each product's pictures to hold out; 0 for none.
        seed: decides which.

    Returns:
        Numbers of the pictures to train on, and of those held out, in order.
    """
    held: dict[bytes, bool] = {}
    for product in sorted({sample.product for sample in samples}):
        pairs = zip(samples, hashes, strict=True)
        own = list(dict.fromkeys(key for sample, key in pairs if sample.product == product))
        free = [key for key in own if key not in held]
        count = max(1, round(share * len(own))) if share > 0.0 and len(own) > 1 else 0
        count = min(count, len(own) - 1, len(free))
        order = np.random.default_rng([seed, zlib.crc32(product.encode())]).permutation(len(free))
        chosen = {free[int(number)] for number in order[:count]}
        held.update((key, key in chosen) for key in free)
    train = [number for number, key in enumerate(hashes) if not held[key]]
    kept: dict[bytes, int] = {}
    for number, key in enumerate(hashes):
        if held[key]:
            kept.setdefault(key, number)
    return train, sorted(kept.values())
