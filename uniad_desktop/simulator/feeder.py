"""Draws the parts that simulated cameras show: a process of its own.

Run as ``python -m uniad_desktop.simulator.feeder FOLDER SERIAL...``; it ends when its standard
input does, which happens however its parent ends. Neither Qt nor torch is loaded here.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.simulator.native.features import PRODUCTS
from uniad_desktop.simulator.ring import LineSettings, PartRing, PartTag

IDLE_S = 0.004
ASLEEP_S = 0.025
NICENESS = 5
LEAST_LIGHT = 0.1
MOST_LIGHT = 2.0

logger = logging.getLogger(__name__)


class DrawnPart(Protocol):
    """What a renderer gives back."""

    @property
    def image(self) -> NDArray[np.uint8]:
        """(H, W, 3) uint8, RGB."""
        ...

    @property
    def defect(self) -> str | None:
        """Kind of defect, None for a good part."""
        ...


class Renderer(Protocol):
    """Draws one part; the same arguments give the same part."""

    def __call__(
        self,
        product: str,
        seed: int,
        *,
        defect_rate: float,
        light: float = 1.0,
        size: tuple[int, int] = (960, 720),
    ) -> DrawnPart:
        """Draws a part of `product`; see `uniad_desktop.simulator.parts.render_random_part`."""
        ...


def part_seed(seed: int, number: int) -> int:
    """Seed of the part with a running number: the same pair gives the same part."""
    return int(np.random.SeedSequence([seed, number]).generate_state(1, np.uint64)[0] >> 1)


def light_at(settings: LineSettings, number: int) -> float:
    """Brightness of the lighting for a part, 1 at the beginning (SimLightingDrift)."""
    light = 1.0 + settings.lighting_drift / 100.0 * number / 1000.0
    return min(max(light, LEAST_LIGHT), MOST_LIGHT)


class LineFeeder:
    """Keeps the ring of one camera filled."""

    def __init__(self, ring: PartRing, render: Renderer) -> None:
        self.ring = ring
        self._render = render
        self._generation = 0
        self._number = 0

    def step(self) -> bool:
        """Draws one part if a slot is free; returns whether it did."""
        if not self.ring.has_free_slot():
            return False
        settings = self.ring.settings()
        if settings.generation != self._generation:
            self._generation = settings.generation
            self._number = self._first_number(settings)
        seed = part_seed(settings.seed, self._number)
        part = self._render(
            settings.product,
            seed,
            defect_rate=settings.defect_rate / 100.0,
            light=light_at(settings, self._number),
            size=(self.ring.width, self.ring.height),
        )
        tag = PartTag(settings.generation, settings.product, self._number, seed, part.defect or "")
        self.ring.push(part.image, tag)
        self._number += 1
        return True

    def _first_number(self, settings: LineSettings) -> int:
        """Where to go on: a feeder that was restarted follows the parts already in the ring."""
        newest = self.ring.newest()
        if newest is not None and newest.generation == settings.generation:
            return newest.number + 1
        return settings.first_part


def feed(feeders: list[LineFeeder], render: Renderer, ended: threading.Event) -> None:
    """Keeps all rings filled, in turn, until `ended`."""
    # The first part of a product takes long, because what all its parts share is made then: do
    # it for every product in the first idle moments, so that a change of product is quick.
    cold = list(PRODUCTS)
    while not ended.is_set():
        if any([feeder.step() for feeder in feeders]):
            continue
        if cold:
            render(cold.pop(0), 0, defect_rate=0.0)
            continue
        busy = any(feeder.ring.settings().streaming for feeder in feeders)
        ended.wait(IDLE_S if busy else ASLEEP_S)


def _wait_for_end(ended: threading.Event) -> None:
    """Sets `ended` once the parent has closed the pipe or is gone."""
    with contextlib.suppress(OSError, ValueError):
        while sys.stdin.buffer.read(1):
            pass
    ended.set()


def main(arguments: list[str] | None = None) -> int:
    """Feeds the cameras named on the command line; returns the exit status."""
    folder, *serials = sys.argv[1:] if arguments is None else arguments
    # Ctrl-C in the terminal goes to the whole group; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ended = threading.Event()
    threading.Thread(target=_wait_for_end, args=(ended,), daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    # After the priority is set, because loading takes the longest.
    import cv2

    from uniad_desktop.simulator.parts import render_random_part

    cv2.setNumThreads(1)
    rings = [PartRing(Path(folder) / f"{serial}.ring") for serial in serials]
    feed([LineFeeder(ring, render_random_part) for ring in rings], render_random_part, ended)
    return 0


if __name__ == "__main__":
    sys.exit(main())
