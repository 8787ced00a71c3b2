"""A process that reads files into shared memory, one after another, until its pipe closes.

``python -m uniad_desktop.scoring.decode_worker PIPE AREA…``; started by `decode_pool`.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from uniad_desktop.cameras.genicam.pipes import connection_from
from uniad_desktop.cameras.genicam.shared import SharedArea
from uniad_desktop.scoring.decode import Decoded, decode_file

_ROUND_UP = 1 << 20


class Slot:
    """Shared memory for one image, which grows when a larger one comes."""

    def __init__(self, token: str) -> None:
        self._area = SharedArea(token)
        self._bytes = np.empty(0, np.uint8)
        self._generation = 0

    def put(self, decoded: Decoded) -> tuple[int, int, tuple[int, ...]]:
        """Copies the image; returns size and generation of the memory, and the image's shape."""
        image = decoded.image
        if image is None:
            return 0, 0, ()
        if image.nbytes > len(self._bytes):
            self._generation += 1
            size = -(-image.nbytes // _ROUND_UP) * _ROUND_UP
            self._bytes = np.empty(0, np.uint8)
            self._bytes = self._area.ring(size, self._generation)
        self._bytes[: image.nbytes].reshape(image.shape)[:] = image
        return len(self._bytes), self._generation, image.shape


def main(arguments: list[str]) -> None:
    """Obeys (slot, path) messages until there are no more."""
    handle, *tokens = arguments
    cv2.setNumThreads(1)  # there are as many processes as are wanted
    pipe = connection_from(int(handle))
    slots = [Slot(token) for token in tokens]
    try:
        pipe.send("ready")
        while True:
            number, path = pipe.recv()
            decoded = decode_file(Path(os.fsdecode(path)))
            try:
                placed = slots[number].put(decoded)
            except (OSError, MemoryError) as error:
                placed = (0, 0, ())
                decoded.error = f"{path!r} needs more memory than there is: {error}."
            pipe.send((replace(decoded, image=None), placed))
    except (EOFError, BrokenPipeError, ConnectionError):
        return  # whoever started this has ended, or wants no more


if __name__ == "__main__":
    main(sys.argv[1:])
