"""What frames a product was taught with, so that others are not judged by its limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class FrameExpectation:
    """What the frames of a product look like; None is whatever comes.

    Attributes:
        width, height: in pixels.
        colour: whether they have three channels; False is one grey channel.

    Raises:
        ValueError: a size is not positive.
    """

    width: int | None = None
    height: int | None = None
    colour: bool | None = None

    def __post_init__(self) -> None:
        if any(side is not None and side < 1 for side in (self.width, self.height)):
            raise ValueError("The expected width and height of a frame must be positive.")

    def problem(self, image: NDArray[Any]) -> str:
        """A sentence for the user where a frame is not as expected, else empty.

        Args:
            image: (H, W) grey or (H, W, 3) RGB.
        """
        height, width = image.shape[:2]
        if self.width not in (None, width) or self.height not in (None, height):
            wanted = f"{self.width or 'any width'} x {self.height or 'any height'}"
            return (
                f"The frame has {width} x {height} pixels, but the product was taught with "
                f"{wanted}; set the camera's Width and Height to that, or teach the product anew."
            )
        if self.colour is True and image.ndim == 2:
            return (
                "The frame is grey, but the product was taught in colour; set the camera's "
                "PixelFormat to a colour format such as RGB8, or teach the product anew."
            )
        if self.colour is False and image.ndim == 3:
            return (
                "The frame is in colour, but the product was taught in grey; set the camera's "
                "PixelFormat to Mono8, or teach the product anew."
            )
        return ""
