"""The fixed share of good images that is kept for testing where nobody made a split."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence

HELD_OUT = 0.2
"""Share of the good images that become test images."""


def held_out(names: Sequence[str]) -> frozenset[str]:
    """Which of a product's good images are for testing.

    The hash of its name decides for each image alone, so an image stays where it is when others
    are added: the first 8 bytes of the SHA-256 of the name, as a fraction of their range, lie
    below `HELD_OUT`. Of two images or more at least one is held out (that of the lowest hash)
    and at least one is not.

    Args:
        names: path of every image under the folder of good ones, with ``/``.
    """
    by_place = sorted((_place(name), name) for name in names)
    if len(by_place) < 2:
        return frozenset()
    count = sum(place < HELD_OUT for place, _ in by_place)
    count = min(max(count, 1), len(by_place) - 1)
    return frozenset(name for _, name in by_place[:count])


def _place(name: str) -> float:
    """0 to 1; the same for both ways in which file systems store accents."""
    text = unicodedata.normalize("NFC", name)
    digest = hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
