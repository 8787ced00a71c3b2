"""What the frames have in common that a product is taught with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.engine.expectation import FrameExpectation


class SeenFrames:
    """Notes size and colour of every frame that passes.

    Args:
        sizes: (width, height) of frames that are known without being seen.
    """

    def __init__(self, sizes: Iterable[tuple[int, int]] = ()) -> None:
        self._sizes = set(sizes)
        self._colours: set[bool] = set()

    def watch(self, frames: Iterable[NDArray[np.uint8]]) -> Iterator[NDArray[np.uint8]]:
        """Passes frames (H, W) or (H, W, 3) on."""
        for frame in frames:
            self._sizes.add((frame.shape[1], frame.shape[0]))
            self._colours.add(frame.ndim == 3)
            yield frame

    def expectation(self) -> FrameExpectation | None:
        """What all have in common: their size, whether they are in colour; None where nothing."""
        width, height = next(iter(self._sizes)) if len(self._sizes) == 1 else (None, None)
        colour = next(iter(self._colours)) if len(self._colours) == 1 else None
        if width is None and colour is None:
            return None
        return FrameExpectation(width, height, colour)
