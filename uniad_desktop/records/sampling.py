"""Which passes are kept with their image: an even share, the same every time."""

from __future__ import annotations

import math


class Sampling:
    """Takes an even share of the passes of each product: of 2 % every fiftieth.

    Args:
        share: 0 to 1.
    """

    def __init__(self, share: float) -> None:
        self._share = share
        self._seen: dict[str, int] = {}

    def wants(self, product: str) -> bool:
        """Counts a pass of `product` and says whether its image is kept; the first one is."""
        seen = self._seen.get(product, 0)
        self._seen[product] = seen + 1
        # Rounded: 0.1 + 0.2 must not lose a whole part.
        before, after = (math.ceil(round(n * self._share, 6)) for n in (seen, seen + 1))
        return after > before
