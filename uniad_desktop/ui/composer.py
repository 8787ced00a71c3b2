"""Makes the picture for the screen on a thread of its own, so that the Qt thread only paints."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from uniad_desktop.inspection.types import InspectedFrame
from uniad_desktop.ui import colour_scale

_log = logging.getLogger(__name__)

NOT_INSPECTED = 0.35
"""Brightness of what lies outside of the product's regions."""


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """What to compose.

    Attributes:
        shown: decision with its frame; the frame must be there.
        width: widest the picture may be, in device pixels.
        height: highest it may be, in device pixels.
        strength: opacity of the heatmap, 0 to 1; 0 for the plain image.
        grey: drawn in dull grey, for an image that no longer says anything.
    """

    shown: InspectedFrame
    width: int
    height: int
    strength: float
    grey: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Composed:
    """A finished picture: (h, w, 4) uint8 BGRA, with the order it answers."""

    generation: int
    order: Order
    pixels: NDArray[np.uint8]


def fit(width: int, height: int, room_width: int, room_height: int) -> tuple[int, int]:
    """Largest size with the same proportions inside the room; at least one pixel."""
    scale = min(room_width / width, room_height / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def compose(order: Order) -> NDArray[np.uint8]:
    """The picture for an order: (h, w, 4) uint8 BGRA, h and w fitted into the room."""
    frame, prediction = order.shown.frame, order.shown.prediction
    if frame is None:
        raise ValueError("there is no frame to compose")
    image = frame.image
    size = fit(image.shape[1], image.shape[0], order.width, order.height)
    shrinking = size[0] < image.shape[1]
    scaled = cv2.resize(
        image, size, interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR
    )
    if order.grey:
        flat = scaled if scaled.ndim == 2 else cv2.cvtColor(scaled, cv2.COLOR_RGB2GRAY)
        dull = cv2.convertScaleAbs(flat, alpha=0.35, beta=50)
        return np.asarray(cv2.cvtColor(dull, cv2.COLOR_GRAY2BGRA), dtype=np.uint8)
    code = cv2.COLOR_GRAY2BGR if scaled.ndim == 2 else cv2.COLOR_RGB2BGR
    picture = cv2.cvtColor(scaled, code)
    if prediction is not None and prediction.inspected is not None:
        picture = _darkened(picture, prediction.inspected)
    if prediction is not None and order.strength > 0:
        picture = _overlay(
            picture,
            prediction.anomaly_map,
            order.shown.inspection.limits.reject,
            order.strength,
        )
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2BGRA), dtype=np.uint8)


def _darkened(picture: NDArray[np.uint8], inspected: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """A (h, w, 3) picture, dark where nobody looked at the part."""
    size = (picture.shape[1], picture.shape[0])
    seen = cv2.resize(inspected.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    dark = cv2.convertScaleAbs(picture, alpha=NOT_INSPECTED)
    return np.where(seen[..., None] > 0, picture, dark)


def _overlay(
    picture: NDArray[np.uint8],
    anomaly_map: NDArray[np.float32],
    reject: float,
    strength: float,
) -> NDArray[np.uint8]:
    """Lays the heatmap over a (h, w, 3) BGR picture."""
    index = colour_scale.to_index(anomaly_map, reject)
    opacity = colour_scale.cover(strength)
    if not opacity[int(index.max())]:
        return picture
    size = (picture.shape[1], picture.shape[0])
    index = cv2.resize(index, size, interpolation=cv2.INTER_LINEAR)
    alpha = cv2.cvtColor(cv2.LUT(index, opacity), cv2.COLOR_GRAY2BGR)
    heat = cv2.applyColorMap(index, colour_scale.colours())
    below = cv2.multiply(picture, cv2.subtract(np.full_like(alpha, 255), alpha), scale=1 / 255)
    return np.asarray(cv2.add(below, cv2.multiply(heat, alpha, scale=1 / 255)), dtype=np.uint8)


class Composer:
    """One worker with room for one order and one result; the newest wins on both sides."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._order: tuple[int, Order] | None = None
        self._result: Composed | None = None
        self._generation = 0
        self._cancelled_up_to = 0
        self._stopping = False
        self._thread = threading.Thread(target=self._work, name="ui-composer", daemon=True)
        self._thread.start()

    def submit(self, order: Order) -> int:
        """Asks for a picture; an order not begun yet is replaced. Returns its generation."""
        with self._changed:
            self._generation += 1
            self._order = (self._generation, order)
            self._changed.notify()
            return self._generation

    def cancel(self) -> None:
        """Forgets all orders so far; a picture still in the making is not handed out."""
        with self._changed:
            self._cancelled_up_to = self._generation
            self._order = None
            self._result = None

    def take(self, newer_than: int = 0) -> Composed | None:
        """The newest finished picture, handed out once; None when there is none."""
        with self._changed:
            result, self._result = self._result, None
        return result if result is not None and result.generation > newer_than else None

    def stop(self, timeout_s: float = 2.0) -> bool:
        """Ends the worker; returns whether it ended in time. Safe to call twice."""
        with self._changed:
            self._stopping = True
            self._order = None
            self._changed.notify()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _work(self) -> None:
        while True:
            with self._changed:
                while self._order is None and not self._stopping:
                    self._changed.wait()
                if self._stopping or self._order is None:
                    return
                (generation, order), self._order = self._order, None
            try:
                pixels = compose(order)
            except (ValueError, TypeError, ArithmeticError, MemoryError, cv2.error):
                # One picture that cannot be drawn must not end the screen; the verdict tile
                # does not depend on it.
                _log.exception("picture of part %d cannot be drawn", order.shown.inspection.number)
                continue
            with self._changed:
                if generation > self._cancelled_up_to:
                    self._result = Composed(generation, order, pixels)
