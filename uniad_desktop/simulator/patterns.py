"""Reading what the simulated camera codes into its test pictures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CODE_SIDE = 8
CODE_BITS = 32


def frame_number(image: NDArray[np.uint8]) -> int:
    """The frame id in a picture of the test pattern FrameCounter.

    Its bits stand in the first row of squares of 8 x 8 pixels, the lowest first, white for 1. An
    image less than 256 pixels wide shows fewer of the 32 bits.

    Args:
        image: (H, W) grey or (H, W, 3) RGB uint8, from the upper left corner of the frame on; at
            least 8 rows.

    Raises:
        ValueError: a square is neither black nor white, so this is another picture.
    """
    middle = CODE_SIDE // 2
    count = min(CODE_BITS, image.shape[1] // CODE_SIDE)
    number = 0
    for bit in range(count):
        value = float(np.mean(image[middle, bit * CODE_SIDE + middle]))
        if 32 < value < 224:
            raise ValueError("The picture holds no frame number; set TestPattern to FrameCounter.")
        number |= int(value > 127) << bit
    return number
