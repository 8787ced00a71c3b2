"""One part, rendered: product, seed and defect in; picture and mask out."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from uniad_desktop.simulator.parts import board, fabric, flange, label
from uniad_desktop.simulator.parts.camera import expose
from uniad_desktop.simulator.parts.common import HEIGHT, WIDTH, Flaw, Image, Rng

_COMPOSE: dict[str, Callable[[Rng, Flaw | None], Image]] = {
    "flange": flange.compose,
    "label": label.compose,
    "fabric": fabric.compose,
    "board": board.compose,
}
PRODUCTS: tuple[str, ...] = tuple(_COMPOSE)
"""Keys of the products that can be rendered."""

DEFECT_KINDS: dict[str, tuple[str, ...]] = {
    "flange": flange.DEFECTS,
    "label": label.DEFECTS,
    "fabric": fabric.DEFECTS,
    "board": board.DEFECTS,
}
"""Kinds of defects that each product can have."""

_STREAM_PART, _STREAM_CAMERA, _STREAM_FLAW, _STREAM_CHOICE = range(4)
_VISIBLE = 9  # grey levels by which a pixel must change to belong to the mask
_MODEL_SIDE = 224  # a model may see the whole frame at this size only:
_CLEAR, _ENOUGH = 20, 60  # there, so many px must change by so many grey levels
_ATTEMPTS = 8
_MAX_SIDE = 8192


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A rendered part.

    Attributes:
        product: key of the product.
        image: (H, W, 3) uint8, RGB; 720 x 960 unless another size was asked for.
        mask: (H, W) uint8, 1 where a defect changes the picture visibly, else 0.
        defect: kind of the defect; None for a good part.
        seed: the seed it was rendered from.
    """

    product: str
    image: NDArray[np.uint8]
    mask: NDArray[np.uint8]
    defect: str | None
    seed: int


def render_part(
    product: str,
    seed: int,
    *,
    defect: str | None = None,
    light: float = 1.0,
    size: tuple[int, int] = (WIDTH, HEIGHT),
) -> Part:
    """Render one part. The same arguments give the same pixels.

    The same seed with and without defect shows the same part in the same light.

    Args:
        product: one of ``PRODUCTS``.
        seed: any integer; decides the part, its place in the fixture, its light and its defect.
        defect: one of ``DEFECT_KINDS[product]``, or None for a good part.
        light: factor on the light that reaches the sensor, 1.0 is nominal, 0 is dark.
        size: width and height of the result in px.

    Returns:
        The part; its mask is all 0 without a defect and never empty with one.

    Raises:
        ValueError: unknown product or defect, or a light or size that cannot be rendered.
    """
    _check(product, defect, light, size)
    compose = _COMPOSE[product]
    scene = compose(_stream(product, seed, _STREAM_PART), None)
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    if defect is not None:
        scene, mask = _spoil(product, seed, defect, scene)
    image = expose(scene, _stream(product, seed, _STREAM_CAMERA), light)
    if size != (WIDTH, HEIGHT):
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        # A share of coverage, not the nearest pixel: small defects must not vanish when shrunk.
        mask = (cv2.resize(mask * 255, size, interpolation=cv2.INTER_AREA) > 0).astype(np.uint8)
    return Part(product, image, mask, defect, seed)


def render_random_part(
    product: str,
    seed: int,
    *,
    defect_rate: float,
    light: float = 1.0,
    size: tuple[int, int] = (WIDTH, HEIGHT),
) -> Part:
    """Render one part of a production run in which some parts are defective.

    Args:
        product: one of ``PRODUCTS``.
        seed: number of the part; decides also whether it has a defect and which.
        defect_rate: share of defective parts, 0..1.
        light: factor on the light, as in :func:`render_part`.
        size: width and height of the result in px.

    Raises:
        ValueError: as :func:`render_part`, or a rate outside 0..1.
    """
    _check(product, None, light, size)
    if not 0.0 <= defect_rate <= 1.0:
        raise ValueError(f"The defect rate must lie between 0 and 1, not {defect_rate}.")
    choice = _stream(product, seed, _STREAM_CHOICE)
    spoiled = choice.random() < defect_rate
    kinds = DEFECT_KINDS[product]
    kind = kinds[int(choice.integers(len(kinds)))]
    return render_part(product, seed, defect=kind if spoiled else None, light=light, size=size)


def _check(product: str, defect: str | None, light: float, size: tuple[int, int]) -> None:
    if product not in _COMPOSE:
        raise ValueError(f"Unknown product {product!r}; known are {', '.join(PRODUCTS)}.")
    if defect is not None and defect not in DEFECT_KINDS[product]:
        known = ", ".join(DEFECT_KINDS[product])
        raise ValueError(f"Unknown defect {defect!r} of product {product!r}; known are {known}.")
    if not (math.isfinite(light) and light >= 0.0):
        raise ValueError(f"The light must be a number of 0 or more, not {light}.")
    if len(size) != 2 or not all(1 <= side <= _MAX_SIDE for side in size):
        raise ValueError(f"The size must be two numbers from 1 to {_MAX_SIDE} px, not {size}.")


def _stream(product: str, seed: int, purpose: int, *detail: int) -> Rng:
    """An independent random stream; seeds may be negative, numpy's entropy may not."""
    sign, number = (1, -seed) if seed < 0 else (0, seed)
    return np.random.default_rng([PRODUCTS.index(product), purpose, sign, number, *detail])


def _spoil(product: str, seed: int, kind: str, good: Image) -> tuple[Image, NDArray[np.uint8]]:
    """The scene with a defect, and its mask; the most visible of a few attempts at most.

    A stain may happen to fall on black ground, where nobody would see it: then it is tried again.
    """
    small_good = cv2.resize(good, (_MODEL_SIDE, _MODEL_SIDE), interpolation=cv2.INTER_AREA)
    most, worst = -1, good
    for attempt in range(_ATTEMPTS):
        flaw = Flaw(
            kind, _stream(product, seed, _STREAM_FLAW, DEFECT_KINDS[product].index(kind), attempt)
        )
        bad = _COMPOSE[product](_stream(product, seed, _STREAM_PART), flaw)
        small = cv2.resize(bad, (_MODEL_SIDE, _MODEL_SIDE), interpolation=cv2.INTER_AREA)
        clear = int(np.count_nonzero(_change(small, small_good) >= _CLEAR))
        if clear > most:
            most, worst = clear, bad
        if clear >= _ENOUGH:
            break
    return worst, _mask_of(_change(good, worst), kind)


def _change(first: Image, second: Image) -> NDArray[np.uint8]:
    """Greatest change of the three channels, per px."""
    red, green, blue = cv2.split(cv2.absdiff(first, second))
    change: NDArray[np.uint8] = cv2.max(cv2.max(red, green), blue)
    return change


def _mask_of(change: NDArray[np.uint8], kind: str) -> NDArray[np.uint8]:
    """Mask of the changed pixels as a person would outline them: gaps closed, inside filled."""
    changed = (change >= _VISIBLE).astype(np.uint8)
    mask = np.zeros_like(changed)
    left, top, width, height = cv2.boundingRect(changed)
    rows, columns = slice(top, top + height), slice(left, left + width)
    reach = 21 if kind in {"misprint", "missing"} else 9
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    padded = cv2.copyMakeBorder(
        changed[rows, columns], reach, reach, reach, reach, cv2.BORDER_CONSTANT
    )
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, brush)
    outlines, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = cv2.drawContours(np.zeros_like(closed), outlines, -1, 1, cv2.FILLED)
    grown = cv2.dilate(filled, np.ones((3, 3), np.uint8))
    # Only what changed and its near surroundings are worked on; the rest of the frame stays 0.
    over = min(top, reach), min(left, reach)
    under = min(HEIGHT - rows.stop, reach), min(WIDTH - columns.stop, reach)
    mask[top - over[0] : rows.stop + under[0], left - over[1] : columns.stop + under[1]] = grown[
        reach - over[0] : reach + height + under[0], reach - over[1] : reach + width + under[1]
    ]
    return mask
