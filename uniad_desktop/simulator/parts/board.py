"""A small green circuit board with its components on a dark carrier."""

from __future__ import annotations

import math

import cv2
import numpy as np

from uniad_desktop.simulator.parts import defects
from uniad_desktop.simulator.parts.board_base import COMPONENTS, EDGE, bare
from uniad_desktop.simulator.parts.board_parts import sprite
from uniad_desktop.simulator.parts.common import Flaw, Image, Rng, fixture, moved, place
from uniad_desktop.simulator.parts.defects import Debris, Liquid

_LETTERING = ((470, 328, 76, 46), (752, 214, 38, 28), (752, 420, 38, 28), (690, 638, 140, 14))
"""Lettering that can be misprinted: middle x and y, half width, half height in px."""

_FORGOTTEN = (
    (0,),
    (1,),
    (2,),
    (3,),
    (4,),
    (5,),
    (6,),
    (7,),
    (8, 9),
    (10, 11, 12, 13),
    (30, 31, 32),
)
"""What a placement machine leaves out: a component, or all from the feeder that ran empty."""

DEFECTS = ("scratch", "stain", "missing", "misprint", "foreign")


def _put(scene: Image, rgba: Image, x: float, y: float, turn: float) -> None:
    """Lay a sprite with its middle on (x, y) px, turned by ``turn`` degrees."""
    h, w = rgba.shape[:2]
    left, top = math.floor(x - w / 2), math.floor(y - h / 2)
    matrix = cv2.getRotationMatrix2D(((w - 1) / 2, (h - 1) / 2), turn, 1.0)
    matrix[0, 2] += x - w / 2 - left
    matrix[1, 2] += y - h / 2 - top
    fine = cv2.warpAffine(rgba, matrix, (w, h), flags=cv2.INTER_LINEAR)
    rows = slice(max(0, top), min(scene.shape[0], top + h))
    columns = slice(max(0, left), min(scene.shape[1], left + w))
    fine = fine[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    clear = cv2.bitwise_not(np.ascontiguousarray(fine[..., 3]))
    patch = scene[rows, columns]
    under = cv2.multiply(patch, cv2.merge((clear, clear, clear)), scale=1 / 255)
    scene[rows, columns] = cv2.add(under, np.ascontiguousarray(fine[..., :3]))


def compose(rng: Rng, flaw: Flaw | None) -> Image:
    """The scene (720, 960, 3) uint8 of one populated board.

    Args:
        rng: random stream of the part.
        flaw: what to spoil, or None.
    """
    matrix = fixture(rng, shift=2.0, turn=0.3)
    play = np.clip(rng.normal(0, 0.4, (len(COMPONENTS), 2)), -2, 2)
    turns = np.clip(rng.normal(0, 0.3, len(COMPONENTS)), -1.0, 1.0)
    skipped: tuple[int, ...] = ()
    scene = bare().copy()
    if flaw and flaw.kind == "missing":
        skipped = _FORGOTTEN[int(flaw.rng.integers(len(_FORGOTTEN)))]
    for index, (form, text, x, y, quarter) in enumerate(COMPONENTS):
        if index in skipped:
            continue
        image = sprite(form, text, quarter)
        _put(scene, image, x + play[index, 0], y + play[index, 1], float(turns[index]))
    if flaw and flaw.kind == "misprint":
        _misprint(scene, flaw.rng)
    scene = place(scene, matrix)
    if flaw is None or flaw.kind in {"missing", "misprint"}:
        return scene
    x0, y0, x1, y1 = EDGE
    margin = 112 if flaw.kind == "scratch" else 50  # a long scratch must not run off the board
    nominal_x = flaw.rng.uniform(x0 + margin, x1 - margin)
    nominal_y = flaw.rng.uniform(y0 + margin, y1 - margin)
    x, y = moved(matrix, nominal_x, nominal_y)
    return _SPOIL[flaw.kind](scene, flaw.rng, x, y)


def _misprint(scene: Image, rng: Rng) -> None:
    """Lettering of a chip, or the board's own, smeared while the ink was wet."""
    length = int(rng.uniform(18, 36))
    x, y, half_w, half_h = _LETTERING[int(rng.integers(len(_LETTERING)))]
    rows, columns = slice(y - half_h, y + half_h), slice(x - half_w, x + half_w)
    patch = scene[rows, columns].copy()
    # Wet ink dragged along: it covers more than it should, and fades.
    ground = np.median(patch, axis=(0, 1)).astype(np.uint8)
    ink = cv2.subtract(patch, np.broadcast_to(ground, patch.shape).copy())
    drag = cv2.blur(cv2.dilate(ink, np.ones((3, length), np.uint8)), (length, 3))
    weak = cv2.subtract(patch, ink // 2)
    scene[rows, columns] = cv2.addWeighted(weak, 1.0, drag, 0.9, 0)


def _scratch(scene: Image, rng: Rng, x: float, y: float) -> Image:
    copper, torn_mask = (214, 152, 92), (178, 204, 168)
    return defects.scratch(
        scene, rng, x, y, tones=(copper, torn_mask), length=(95, 220), strength=(0.75, 1.0)
    )


def _stain(scene: Image, rng: Rng, x: float, y: float) -> Image:
    flux, residue, burn = (
        Liquid((0.5, 0.3, 0.12), 4),
        Liquid((0.5, 0.5, 0.5), 112),
        Liquid((0.26, 0.22, 0.2), 6),
    )
    return defects.stain(
        scene, rng, x, y, liquids=(flux, residue, burn), radius=(34, 64), strength=(0.8, 1.0)
    )


def _foreign(scene: Image, rng: Rng, x: float, y: float) -> Image:
    kinds = (
        Debris("chip", (198, 202, 206), 0.9),  # a splash of solder
        Debris("fibre", (206, 120, 66), 0.5),  # a clipping of wire
        Debris("fibre", (226, 224, 216)),
        Debris("chip", (196, 160, 110), 0.1),
    )
    return defects.foreign(scene, rng, x, y, kinds=kinds)


_SPOIL = {"scratch": _scratch, "stain": _stain, "foreign": _foreign}
