"""Draws the parts that simulated cameras show: a process of its own.

Run as ``python -m uniad_desktop.simulator.feeder [--images PATH] FOLDER SERIAL...``; it ends when
its standard input does, which happens however its parent ends. Every line on its standard output
is a sentence for the log. Neither Qt nor torch is loaded here.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
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


class Feeder(Protocol):
    """Keeps the ring of one camera filled."""

    @property
    def ring(self) -> PartRing:
        """The camera's."""
        ...

    def step(self) -> bool:
        """Puts one picture into the ring if a slot is free; returns whether it did."""
        ...


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


def feed(feeders: Sequence[Feeder], render: Renderer | None, ended: threading.Event) -> None:
    """Keeps all rings filled, in turn, until `ended`; `render` is what draws parts, if any do."""
    # The first part of a product takes long, because what all its parts share is made then: do
    # it for every product in the first idle moments, so that a change of product is quick.
    cold = [] if render is None else list(PRODUCTS)
    while not ended.is_set():
        if any([feeder.step() for feeder in feeders]):
            continue
        if cold and render is not None:
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
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--images", type=Path, help="folder of images to show instead of parts")
    parser.add_argument("folder", type=Path)
    parser.add_argument("serials", nargs="+")
    asked = parser.parse_args(arguments)
    # Ctrl-C in the terminal goes to the whole group; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ended = threading.Event()
    threading.Thread(target=_wait_for_end, args=(ended,), daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    rings = [PartRing(asked.folder / f"{serial}.ring") for serial in asked.serials]
    # After the priority is set, because loading takes the longest.
    import cv2

    cv2.setNumThreads(1)
    if asked.images is not None:
        from uniad_desktop.simulator.replay import ReplayFeeder, images_in

        files = images_in(asked.images)
        feed([ReplayFeeder(ring, files, _say) for ring in rings], None, ended)
        return 0
    from uniad_desktop.simulator.parts import render_random_part

    feed([LineFeeder(ring, render_random_part) for ring in rings], render_random_part, ended)
    return 0


def _say(sentence: str) -> None:
    """Hands a sentence to the parent, which logs it."""
    with contextlib.suppress(OSError):
        sys.stdout.write(f"{sentence}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
