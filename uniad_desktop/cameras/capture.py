"""OpenCV's VideoCapture, quiet and bounded: what video files and webcams share."""

from __future__ import annotations

import os
from typing import Protocol

# Read by OpenCV when it first opens a video: what is wrong with a file is said once, in our words.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")

import cv2
import numpy as np
from numpy.typing import NDArray

from uniad_desktop.cameras.source import CameraError

cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

MOST_PIXELS = 1 << 28
_LONGEST_SIDE = 1 << 15


class Capture(Protocol):
    """What is used of ``cv2.VideoCapture``, so that a test can bring its own."""

    def isOpened(self) -> bool:  # noqa: N802
        """Whether it was opened."""
        ...

    def grab(self) -> bool:
        """Waits for the next frame."""
        ...

    def retrieve(self) -> tuple[bool, NDArray[np.uint8] | None]:
        """Decodes the frame that was grabbed: (H, W, 3) BGR or (H, W)."""
        ...

    def get(self, prop: int, /) -> float:
        """A property, 0 or -1 where it is not known."""
        ...

    def set(self, prop: int, value: float, /) -> bool:
        """Sets a property."""
        ...

    def release(self) -> None:
        """Gives it back."""
        ...


def check_size(capture: Capture, what: str) -> None:
    """Raises CameraError where frames are too large to be decoded, before any is."""
    width = int(capture.get(cv2.CAP_PROP_FRAME_WIDTH))
    height = int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT))
    if max(width, height) > _LONGEST_SIDE or width * height > MOST_PIXELS:
        raise CameraError(
            f"{what} has frames of {width} x {height} pixels; more than {MOST_PIXELS} pixels in a "
            "frame are not read."
        )


def decode(capture: Capture) -> NDArray[np.uint8] | None:
    """The grabbed frame as (H, W) grey or (H, W, 3) RGB uint8 of its own; None if damaged."""
    try:
        good, image = capture.retrieve()
    except cv2.error:
        return None
    if not good or image is None or image.size == 0 or image.dtype != np.uint8:
        return None
    if image.ndim == 2:
        return image.copy()
    if image.shape[2] != 3:
        return None
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), dtype=np.uint8)
