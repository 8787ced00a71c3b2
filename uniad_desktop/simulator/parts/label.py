"""A printed paper label on a coloured bottle: logo, name, text, bar code, square code, band."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from uniad_desktop.simulator.parts import defects
from uniad_desktop.simulator.parts.common import (
    HEIGHT,
    WIDTH,
    Flaw,
    Image,
    Rng,
    fixture,
    frozen,
    mix,
    moved,
    to_bytes,
)
from uniad_desktop.simulator.parts.defects import Debris, Liquid
from uniad_desktop.simulator.parts.label_print import BLOCKS, EDGE, LOT, printed, shape
from uniad_desktop.simulator.parts.lettering import write
from uniad_desktop.simulator.parts.noise import clouds, grain

DEFECTS = ("scratch", "stain", "missing", "misprint", "foreign")

_FIELD = (slice(EDGE[1] - 26, EDGE[3] + 26), slice(EDGE[0] - 26, EDGE[2] + 26))
"""Rows and columns of the frame within which the label may lie."""
_ROOM = 18  # px around a block of print that a shifted or smeared block may reach
_BODY = (96, WIDTH - 96)  # left and right side of the bottle in px


@lru_cache(maxsize=1)
def _bottle() -> Image:
    """The bottle before a light wall."""
    rng = np.random.default_rng(51_001)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    left, right = _BODY
    t = (x - (left + right) / 2) / ((right - left) / 2)
    round_ = np.sqrt(np.clip(1 - t * t, 0, 1))
    tone = 0.30 + 0.62 * round_ + 0.85 * np.exp(-(((t + 0.80) / 0.045) ** 2))
    tone += 0.35 * np.exp(-(((t - 0.86) / 0.04) ** 2))
    body = tone[..., None] * np.asarray((28, 106, 112), np.float32)
    wall = (150 - 0.05 * y + 3 * clouds(rng, HEIGHT, WIDTH, 4))[..., None]
    wall = wall * np.asarray((0.98, 1.0, 1.02), np.float32)
    wall *= (1 - 0.35 * np.exp(-np.clip(np.abs(t) - 1, 0, None) * 14))[..., None]
    inside = np.clip((1 - np.abs(t)) * (right - left) / 2, 0, 1)[..., None]
    return frozen(to_bytes(body * inside + wall * (1 - inside)))


@lru_cache(maxsize=1)
def _curvature() -> Image:
    """Gain (720, 960, 3), 200 = 1.0: the label is wrapped around the bottle."""
    x = np.arange(WIDTH, dtype=np.float32)
    left, right = _BODY
    t = (x - (left + right) / 2) / ((right - left) / 2)
    gain = 0.66 + 0.36 * np.sqrt(np.clip(1 - (t * 0.98) ** 2, 0, 1))
    gain += 0.07 * np.exp(-(((t + 0.42) / 0.13) ** 2))
    row = to_bytes(gain * 200)
    return frozen(np.ascontiguousarray(np.broadcast_to(row[None, :, None], (HEIGHT, WIDTH, 3))))


@lru_cache(maxsize=1)
def _paper() -> Image:
    """Paper grain around 128, larger than the frame."""
    rng = np.random.default_rng(51_007)
    tile = 1.6 * grain(rng, HEIGHT + 96, WIDTH + 96, (1.4, 0.9))
    tile += 1.2 * clouds(rng, HEIGHT + 96, WIDTH + 96, 60)
    return frozen(np.repeat(to_bytes(128 + tile)[..., None], 3, axis=2))


def _spoil_print(art: Image, rng: Rng, kind: str) -> None:
    """Leave out, fade, shift or smear one block of the print, in place."""
    name = sorted(BLOCKS)[int(rng.integers(len(BLOCKS)))]
    x0, y0, x1, y1 = BLOCKS[name]
    way = int(rng.integers(3))
    push = rng.uniform(11, 17, 2) * rng.choice((-1.0, 1.0), 2)
    fade, length = rng.uniform(0.1, 0.35), int(rng.uniform(30, 56))
    share, start = rng.uniform(0.45, 1.0), rng.random()
    rows, columns = slice(y0 - _ROOM, y1 + _ROOM), slice(x0 - _ROOM, x1 + _ROOM)
    full = art[rows, columns].copy()
    blank = full.copy()  # the surroundings without this block
    inner = (slice(_ROOM, _ROOM + y1 - y0), slice(_ROOM, _ROOM + x1 - x0))
    blank[inner] = printed("band" if name == "title" else "blank")[y0:y1, x0:x1]
    if kind == "missing":
        width = x1 - x0
        gap = width if width < 220 or name == "band" else int(width * share)
        left = _ROOM + int(start * (width - gap))
        full[:, left : left + gap] = blank[:, left : left + gap]
        spoiled = full
    elif way == 0:
        spoiled = cv2.addWeighted(full, fade, blank, 1 - fade, 0)
    elif way == 1:
        ink = cv2.absdiff(full, blank).max(axis=2)
        shift = np.asarray([[1, 0, push[0]], [0, 1, push[1]]], np.float32)
        size = ink.shape[::-1]
        there = cv2.warpAffine((ink > 12).astype(np.float32), shift, size)
        spoiled = mix(blank, cv2.warpAffine(full, shift, size), there)
    else:
        kernel = np.zeros((1, 2 * length + 1), np.float32)
        kernel[0, length:] = np.linspace(1, 0.15, length + 1)
        dragged = cv2.filter2D(full, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE)
        spoiled = cv2.addWeighted(np.minimum(full, dragged), 0.45, dragged, 0.55, 0)
    art[rows, columns] = spoiled


def compose(rng: Rng, flaw: Flaw | None) -> Image:
    """The scene (720, 960, 3) uint8 of one labelled bottle.

    Args:
        rng: random stream of the part.
        flaw: what to spoil, or None.
    """
    matrix = fixture(rng, shift=2.5, turn=0.35)
    lot = f"L{rng.integers(1000, 9999)} {'ABC'[int(rng.integers(3))]}"
    jitter = rng.normal(0, 0.4, 2)
    density, hue = rng.normal(0, 1, 2)
    left, top = (int(v) for v in rng.integers(0, 96, 2))
    art = printed("full").copy()
    if flaw and flaw.kind in {"missing", "misprint"}:
        _spoil_print(art, flaw.rng, flaw.kind)
    write(art, lot, LOT[0] + jitter[0], LOT[1] + jitter[1], LOT[2], color=(44, 44, 52), weight=0.12)
    art = art[_FIELD]
    paper = _paper()[top : top + art.shape[0], left : left + art.shape[1]]
    art = cv2.addWeighted(art, 1.0, paper, 1.0, -128.0)
    # Ink density and colour differ a little from print run to print run.
    lift = np.arange(256, dtype=np.float32)[:, None] + (255 - np.arange(256))[:, None] * (
        np.asarray((0.010 * hue, 0.0, -0.010 * hue)) + 0.010 * density
    )
    art = cv2.LUT(art, to_bytes(lift)[None])
    # Premultiplied, with its coverage as a fourth channel: one warp moves both.
    cover = shape()[_FIELD]
    art = cv2.multiply(art, cover, scale=1 / 255)
    red, green, blue = cv2.split(art)
    local = matrix.copy()
    corner = np.asarray((_FIELD[1].start, _FIELD[0].start), np.float64)
    local[:, 2] += matrix[:, :2] @ corner - corner
    rgba = cv2.warpAffine(
        cv2.merge((red, green, blue, np.ascontiguousarray(cover[..., 0]))), local, art.shape[1::-1]
    )
    red, green, blue, alpha = cv2.split(rgba)
    clear = cv2.bitwise_not(alpha)
    art = cv2.multiply(cv2.merge((red, green, blue)), _curvature()[_FIELD], scale=1 / 200)
    scene = _bottle().copy()
    under = cv2.multiply(scene[_FIELD], cv2.merge((clear, clear, clear)), scale=1 / 255)
    scene[_FIELD] = cv2.add(art, under)
    if flaw is None or flaw.kind in {"missing", "misprint"}:
        return scene
    x0, y0, x1, y1 = EDGE
    x, y = moved(matrix, flaw.rng.uniform(x0 + 50, x1 - 50), flaw.rng.uniform(y0 + 50, y1 - 50))
    return _SPOIL[flaw.kind](scene, flaw.rng, x, y)


def _scratch(scene: Image, rng: Rng, x: float, y: float) -> Image:
    dirt, bottle = (66, 62, 58), (28, 96, 102)
    return defects.scratch(scene, rng, x, y, tones=(dirt, bottle), fray=1.6)


def _stain(scene: Image, rng: Rng, x: float, y: float) -> Image:
    coffee, grease, ink, glue = (
        Liquid((0.62, 0.44, 0.26)),
        Liquid((0.4, 0.4, 0.42)),
        Liquid((0.34, 0.46, 0.76)),
        Liquid((0.72, 0.56, 0.26), 8),
    )
    return defects.stain(
        scene, rng, x, y, liquids=(coffee, grease, ink, glue), radius=(36, 64), strength=(0.75, 1.0)
    )


def _foreign(scene: Image, rng: Rng, x: float, y: float) -> Image:
    kinds = (
        Debris("fibre", (40, 34, 32)),
        Debris("chip", (128, 90, 54), 0.1),
        Debris("chip", (52, 56, 62), 0.4),
        Debris("fibre", (150, 40, 40)),
    )
    return defects.foreign(scene, rng, x, y, kinds=kinds)


_SPOIL = {"scratch": _scratch, "stain": _stain, "foreign": _foreign}
