"""A woven twill, filling the frame: coloured warp, light weft, every yarn drawn."""

from __future__ import annotations

import math
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from uniad_desktop.simulator.parts import defects
from uniad_desktop.simulator.parts.common import (
    HEIGHT,
    WIDTH,
    Flaw,
    Floats,
    Image,
    Rng,
    frozen,
    to_bytes,
)
from uniad_desktop.simulator.parts.defects import Debris, Liquid
from uniad_desktop.simulator.parts.noise import clouds, grain

DEFECTS = ("scratch", "stain", "missing", "foreign")

_PITCH = 15.0  # px from yarn to yarn
_TILE_W, _TILE_H = 1344, 1088  # the piece of cloth that parts are cut from
_WARP = np.asarray((62, 84, 118), np.float32)
_WEFT = np.asarray((196, 190, 174), np.float32)


@lru_cache(maxsize=1)
def _yarns() -> tuple[Floats, Floats]:
    """Position of every px in yarns: across the warp (u) and across the weft (v)."""
    rng = np.random.default_rng(41_003)
    y, x = np.mgrid[0:_TILE_H, 0:_TILE_W].astype(np.float32)
    u = (
        x / _PITCH
        + 0.16 * clouds(rng, _TILE_H, _TILE_W, 9)
        + 0.05 * clouds(rng, _TILE_H, _TILE_W, 60)
    )
    v = (
        y / _PITCH
        + 0.16 * clouds(rng, _TILE_H, _TILE_W, 9)
        + 0.05 * clouds(rng, _TILE_H, _TILE_W, 60)
    )
    # Some yarns lie closer together than others.
    u += np.interp(u, np.arange(-2, 120), np.cumsum(rng.normal(0, 0.05, 122)) * 0.4)
    v += np.interp(v, np.arange(-2, 120), np.cumsum(rng.normal(0, 0.05, 122)) * 0.4)
    return frozen(u.astype(np.float32)), frozen(v.astype(np.float32))


def _system(
    rng: Rng, across: Floats, along: Floats, color: Floats, *, twist: float, upright: bool
) -> tuple[Floats, Floats]:
    """One set of parallel yarns: how high each px stands 0..1 (h, w), and its colour (h, w, 3)."""
    height, width = across.shape
    number = np.floor(across).astype(np.int32) % 128
    offset = across - np.floor(across) - 0.5
    thickness = (1.0 + 0.09 * rng.normal(0, 1, 128)).astype(np.float32)[number]
    thickness *= 1.0 + 0.05 * clouds(rng, height, width, 55)
    round_ = np.sqrt(np.clip(1.0 - (offset * 2.02 / thickness) ** 2, 0.0, 1.0))
    ply = np.sin(2 * math.pi * (along * twist + offset * 1.3) + rng.uniform(0, 6.28, 128)[number])
    shade = 0.34 + 0.66 * round_ - 0.28 * offset + 0.10 * ply * round_
    shade *= (1.0 + 0.055 * rng.normal(0, 1, 128)).astype(np.float32)[number]
    # Fibres run along the yarn.
    fibres = grain(rng, height, width, (0.6, 3.0) if upright else (3.0, 0.6))
    shade *= 1.0 + 0.09 * fibres + 0.04 * grain(rng, height, width, (0.7, 0.7))
    return round_.astype(np.float32), (shade[..., None] * color).astype(np.float32)


@lru_cache(maxsize=3)
def _cloth(without: str = "") -> Image:
    """The tile (1088, 1344, 3); ``without`` leaves out the "warp" or the "weft"."""
    rng = np.random.default_rng(41_011)
    u, v = _yarns()
    warp_round, warp = _system(rng, u, v, _WARP, twist=0.85, upright=True)
    weft_round, weft = _system(rng, v, u, _WEFT, twist=0.75, upright=False)
    # 2/2 twill with the warp a little in front: each yarn rides over two and under two.
    i, j = np.floor(u), np.floor(v)
    warp_lift = np.sin(math.pi / 2 * np.mod(v + i, 4.0)) + 0.25
    weft_lift = -np.sin(math.pi / 2 * np.mod(u + j, 4.0))
    warp_top = warp_lift + 1.2 * warp_round
    weft_top = weft_lift + 1.2 * weft_round
    warp *= (0.80 + 0.20 * np.clip(warp_lift, -1, 1))[..., None]
    weft *= (0.80 + 0.20 * np.clip(weft_lift, -1, 1))[..., None]
    if without == "warp":
        cloth = weft * (0.45 + 0.55 * np.clip(weft_round * 3, 0, 1))[..., None]
    elif without == "weft":
        cloth = warp * (0.45 + 0.55 * np.clip(warp_round * 3, 0, 1))[..., None]
    else:
        cloth = np.where((warp_top > weft_top)[..., None], warp, weft)
        dip = np.abs(warp_top - weft_top)
        cloth *= (0.72 + 0.28 * np.clip(dip / 0.5, 0, 1))[..., None]
    return frozen(to_bytes(cv2.GaussianBlur(cloth, (0, 0), 0.7)))


def _without_yarn(flaw: Flaw, back: NDArray[np.float64]) -> Image:
    """The tile with one or two neighbouring yarns missing over a length inside the frame."""
    rng = flaw.rng
    kind = "weft" if rng.random() < 0.5 else "warp"
    centre = back @ (rng.uniform(0.25, 0.75) * WIDTH, rng.uniform(0.25, 0.75) * HEIGHT, 1.0)
    column, row = int(centre[0]), int(centre[1])
    weft = kind == "weft"
    count, half = int(rng.integers(2, 4)), rng.uniform(7.0, 16.0)
    # A window that holds the gap for sure; yarns are nowhere 1.4 times as far apart as usual.
    length, width = int((half + 1) * 1.4 * _PITCH), int((count + 1) * 1.4 * _PITCH)
    reach_x, reach_y = (length, width) if weft else (width, length)
    rows = slice(max(0, row - reach_y), row + reach_y)
    columns = slice(max(0, column - reach_x), column + reach_x)
    u, v = _yarns()
    across, along = (v, u) if weft else (u, v)
    first, middle = math.floor(across[row, column]), along[row, column]
    across, along = across[rows, columns], along[rows, columns]
    inside = np.clip((across - first) * 6, 0, 1) * np.clip((first + count - across) * 6, 0, 1)
    inside *= np.clip((half - np.abs(along - middle)) * 3, 0, 1)
    gap = inside[..., None]
    tile = _cloth().copy()
    bare = _cloth(kind)[rows, columns].astype(np.float32) * 0.62
    tile[rows, columns] = to_bytes(tile[rows, columns].astype(np.float32) * (1 - gap) + bare * gap)
    return tile


def compose(rng: Rng, flaw: Flaw | None) -> Image:
    """The scene (720, 960, 3) uint8 of one piece of cloth.

    Args:
        rng: random stream of the part.
        flaw: what to spoil, or None.
    """
    spare_x, spare_y = _TILE_W - WIDTH, _TILE_H - HEIGHT
    left, top = rng.uniform(0.1, 0.9) * spare_x, rng.uniform(0.1, 0.9) * spare_y
    angle, stretch = np.clip(rng.normal(0, 0.3), -1, 1), 1 + 0.003 * rng.normal()
    back = np.asarray(
        cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), float(angle), float(stretch))
    )
    back[:, 2] += (left, top)
    shades = clouds(rng, 9, 12, 4)
    tile = _without_yarn(flaw, back) if flaw and flaw.kind == "missing" else _cloth()
    cut = cv2.warpAffine(
        tile,
        back,
        (WIDTH, HEIGHT),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    level = cv2.resize(to_bytes(128 * (1 + 0.02 * shades)), (WIDTH, HEIGHT))
    scene: Image = cv2.multiply(cut, cv2.merge((level, level, level)), scale=1 / 128)
    if flaw is None or flaw.kind == "missing":
        return scene
    x = flaw.rng.uniform(110, WIDTH - 110)
    y = flaw.rng.uniform(110, HEIGHT - 110)
    return _SPOIL[flaw.kind](scene, flaw.rng, x, y)


def _scratch(scene: Image, rng: Rng, x: float, y: float) -> Image:
    # Rubbed open: fibres of the light core stand out.
    return defects.scratch(
        scene,
        rng,
        x,
        y,
        tones=((214, 212, 206),),
        width=(18, 28),
        length=(130, 280),
        strength=(0.85, 1.0),
        fray=9.0,
        strands=(16, 24),
    )


def _stain(scene: Image, rng: Rng, x: float, y: float) -> Image:
    tea, oil, bleach = (
        Liquid((0.36, 0.22, 0.12)),
        Liquid((0.18, 0.18, 0.2)),
        Liquid((0.5, 0.5, 0.5), 112),
    )
    return defects.stain(
        scene,
        rng,
        x,
        y,
        liquids=(tea, oil, bleach),
        radius=(50, 82),
        strength=(0.85, 1.0),
        rim=0.12,
    )


def _foreign(scene: Image, rng: Rng, x: float, y: float) -> Image:
    kinds = (
        Debris("fibre", (182, 40, 44)),
        Debris("fibre", (24, 22, 24)),
        Debris("chip", (98, 74, 46)),
        Debris("fibre", (214, 176, 60)),
    )
    return defects.foreign(scene, rng, x, y, kinds=kinds)


_SPOIL = {"scratch": _scratch, "stain": _stain, "foreign": _foreign}
