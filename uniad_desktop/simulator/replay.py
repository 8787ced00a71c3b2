"""Images of a folder in front of a simulated camera, in place of drawn parts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from uniad_desktop.cameras.image_files import SUFFIXES, natural_key, read_image
from uniad_desktop.cameras.source import CameraError
from uniad_desktop.simulator.build import SimulatorError
from uniad_desktop.simulator.ring import LARGEST_SIDE, NO_PRODUCT, PartRing, PartTag

MOST_PIXELS = 5120 * 5120
"""Largest sensor, 25 megapixels."""
LEAST_SIDE = 16
BORDER_GREY = 128

_WAY_OUT = "or use --camera sim for drawn parts"


def images_in(folder: Path) -> list[Path]:
    """The image files of a folder in natural order; subfolders are not searched.

    Raises:
        SimulatorError: there is no such folder, or it holds no images.
    """
    try:
        found = [item for item in folder.iterdir() if item.suffix.lower() in SUFFIXES]
    except FileNotFoundError:
        raise SimulatorError(
            f"The folder {folder} does not exist; check its name, {_WAY_OUT}."
        ) from None
    except OSError as error:
        raise SimulatorError(
            f"The folder {folder} cannot be read ({error.strerror or error}); name a folder of "
            f"images, {_WAY_OUT}."
        ) from error
    if not found:
        raise SimulatorError(
            f"The folder {folder} holds no images to replay (PNG, JPEG, BMP or TIFF); put some "
            f"into it, {_WAY_OUT}."
        )
    return sorted(found, key=natural_key)


def sensor_size(files: list[Path]) -> tuple[int, int]:
    """Width and height of a sensor for these images: those of the first that can be read.

    Raises:
        SimulatorError: none can be read, or the first is too large.
    """
    for path in files:
        try:
            height, width = read_image(path).shape[:2]
        except CameraError:
            continue  # it is named when its turn comes
        if width * height > MOST_PIXELS or max(width, height) > LARGEST_SIDE:
            raise SimulatorError(
                f"{path} has {width} x {height} pixels, but the simulated camera replays images "
                f"of up to 25 megapixels; scale the images down, {_WAY_OUT}."
            )
        return max(width, LEAST_SIDE), max(height, LEAST_SIDE)
    raise SimulatorError(
        f"None of the {len(files)} image files in {files[0].parent} can be read; they may be "
        f"damaged. Name another folder, {_WAY_OUT}."
    )


def fitted(image: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """An image as the sensor sees it: RGB, in the middle of grey borders if it is smaller.

    Args:
        image: (H, W) or (H, W, 3) uint8; scaled down if it is larger than the sensor, never up.
        width: pixels of the sensor.
        height: rows of the sensor.

    Returns:
        (height, width, 3) uint8, RGB.
    """
    colour = image if image.ndim == 3 else np.repeat(image[..., None], 3, axis=2)
    scale = min(1.0, width / colour.shape[1], height / colour.shape[0])
    if scale < 1.0:
        size = (
            max(1, round(colour.shape[1] * scale)),
            max(1, round(colour.shape[0] * scale)),
        )
        colour = np.asarray(cv2.resize(colour, size, interpolation=cv2.INTER_AREA), np.uint8)
    if colour.shape[:2] == (height, width):
        return colour
    canvas = np.full((height, width, 3), BORDER_GREY, np.uint8)
    top, left = (height - colour.shape[0]) // 2, (width - colour.shape[1]) // 2
    canvas[top : top + colour.shape[0], left : left + colour.shape[1]] = colour
    return canvas


class ReplayFeeder:
    """Keeps the ring of one camera filled with the images of a folder, again and again."""

    def __init__(self, ring: PartRing, files: list[Path], say: Callable[[str], None]) -> None:
        """Begins with the first image.

        Args:
            ring: the camera's; its size is that of the sensor.
            files: the images in the order in which they are shown.
            say: takes a sentence for the log.
        """
        self.ring = ring
        self._files = list(files)
        self._say = say
        self._fitted: set[Path] = set()
        self._generation = 0
        self._number = 0

    def step(self) -> bool:
        """Puts one image into the ring if a slot is free; returns whether it did."""
        if not self._files or not self.ring.has_free_slot():
            return False
        settings = self.ring.settings()
        if settings.generation != self._generation:
            self._generation = settings.generation
            self._number = self._first_number(settings.first_part)
        image = self._read(self._files[self._number % len(self._files)])
        if image is None:
            return False
        self.ring.push(image, PartTag(self._generation, NO_PRODUCT, self._number, 0, ""))
        self._number += 1
        return True

    def _first_number(self, first_part: int) -> int:
        """Where to go on: a feeder that was restarted follows the images already in the ring."""
        newest = self.ring.newest()
        if newest is not None and newest.generation == self._generation:
            return newest.number + 1
        return first_part

    def _read(self, path: Path) -> NDArray[np.uint8] | None:
        """The picture of a file; one that cannot be read is left out from now on."""
        try:
            image = read_image(path)
        except CameraError as error:
            self._say(f"{error} The simulated camera leaves it out.")
            self._files.remove(path)
            if not self._files:
                self._say(f"No image in {path.parent} can be read; the camera shows nothing.")
            return None
        height, width = image.shape[:2]
        if (width, height) != (self.ring.width, self.ring.height) and path not in self._fitted:
            self._fitted.add(path)
            self._say(
                f"{path} has {width} x {height} pixels and is shown with grey borders on the "
                f"simulated sensor of {self.ring.width} x {self.ring.height}."
            )
        return fitted(image, self.ring.width, self.ring.height)
