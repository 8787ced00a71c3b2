"""A turned metal flange on a dark matt ground: bore, raised face, six bolt holes, chamfers."""

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
    fixture,
    frozen,
    moved,
    place,
    to_bytes,
)
from uniad_desktop.simulator.parts.defects import Debris, Liquid
from uniad_desktop.simulator.parts.lettering import text_width, write
from uniad_desktop.simulator.parts.noise import clouds, grain

DEFECTS = ("scratch", "dent", "stain", "missing", "foreign")

_CX, _CY = WIDTH / 2, HEIGHT / 2
_BORE, _HUB, _STEP, _RIM, _OUTER = 104.0, 112.0, 168.0, 176.0, 330.0
_BOLTS, _HOLE, _SINK = 250.0, 28.0, 35.0  # radius of the bolt circle, of a hole, of its chamfer
_ANGLES = 1024  # rows of the polar picture
_FINE = 2  # columns per px of radius
_RADII = int((_OUTER + 6) * _FINE)
_SPARE = 400  # columns that the tile of grooves is wider than the polar picture
_LAMP = math.radians(232.0)  # where the light comes from; image angles, y downwards


@lru_cache(maxsize=1)
def _polar_maps() -> tuple[NDArray[np.int16], NDArray[np.uint16]]:
    """Fixed-point remap tables from the polar picture to the frame."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    dx, dy = x - np.float32(_CX), y - np.float32(_CY)
    radius = np.minimum(np.sqrt(dx * dx + dy * dy) * _FINE, _RADII - 2)
    angle = np.mod(np.arctan2(dy, dx) / (2 * math.pi), 1.0) * _ANGLES
    whole, part = cv2.convertMaps(radius, angle.astype(np.float32), cv2.CV_16SC2)
    return frozen(whole), frozen(part)


@lru_cache(maxsize=1)
def _grooves() -> Floats:
    """Turning marks (2 * angles, radii + 400): long along the angle, fine along the radius."""
    rng = np.random.default_rng(31_007)
    long = grain(rng, _ANGLES, _RADII + _SPARE, (0.8, 50.0), wrap=True)
    short = grain(rng, _ANGLES, _RADII + _SPARE, (0.9, 7.0), wrap=True)
    marks = 0.7 * long + 0.4 * short
    return frozen(np.concatenate((marks, marks)).astype(np.float32))


@lru_cache(maxsize=1)
def _rings() -> Floats:
    """The feed of the turning tool: brightness along the radius, the same all round."""
    rng = np.random.default_rng(31_019)
    n = 4 * _RADII
    fine, coarse = grain(rng, 4, n, (0.8, 0.01))[0], grain(rng, 4, n, (9.0, 0.01))[0]
    feed = np.sin(np.arange(n) * (2 * math.pi / (4.4 * _FINE)))
    return frozen((0.55 * fine + 0.6 * coarse + 0.5 * feed).astype(np.float32))


@lru_cache(maxsize=1)
def _marking() -> tuple[slice, slice, Floats]:
    """The laser-marked type along an arc: rows and columns of the polar picture, and a gain."""
    text, height, zoom = "FL80  PN16  1.4404  DN65", 17.0, 6
    inner, outer = 186, 212  # px of radius that the line of letters lies between
    width = text_width(text, height, 1.3)
    canvas = np.zeros(((outer - inner) * zoom, round(width + 20) * zoom), np.uint8)
    write(canvas, text, 10 * zoom, 21.5 * zoom, height * zoom, color=255, weight=0.15, spread=1.3)
    angles = round((width + 20) / (2 * math.pi * (inner + outer) / 2) * _ANGLES)
    polar = cv2.resize(canvas, (angles, (outer - inner) * _FINE), interpolation=cv2.INTER_AREA)
    gain = 1.0 - 0.55 * (polar[::-1].T.astype(np.float32) / 255)
    first = _ANGLES * 3 // 4 - angles // 2  # around the top of the picture
    rows = slice(first, first + angles)
    return rows, slice(inner * _FINE, outer * _FINE), frozen(np.ascontiguousarray(gain))


@lru_cache(maxsize=1)
def _profile() -> tuple[Floats, Floats, Floats]:
    """Along the radius: plain brightness, gloss, and slope (+1 falls off outwards)."""
    r = np.arange(_RADII, dtype=np.float32) / _FINE

    def band(inner: float, outer: float) -> Floats:
        inside = np.clip(r - inner + 0.5, 0, 1) * np.clip(outer - r + 0.5, 0, 1)
        return np.asarray(inside, np.float32)

    base = 112 * band(_HUB, _STEP) + 88 * band(_RIM, _OUTER - 9)
    base += 110 * (band(_BORE, _HUB) + band(_STEP, _RIM) + band(_OUTER - 9, _OUTER))
    # The foot of the step lies in its shadow.
    base -= 26 * np.exp(-np.clip(r - _RIM, 0, None) / 5.0) * (r > _RIM)
    gloss = 118 * band(_HUB, _STEP) + 112 * band(_RIM, _OUTER - 9)
    slope = band(_STEP, _RIM) + band(_OUTER - 9, _OUTER) - 0.9 * band(_BORE, _HUB)
    return (
        frozen(base.astype(np.float32)),
        frozen(gloss.astype(np.float32)),
        frozen(slope.astype(np.float32)),
    )


def _metal(rng: Rng) -> Image:
    """(720, 960) grey picture of the turned part without its holes, 0 off the metal."""
    base, gloss, slope = _profile()
    turn, sharp, *shares = rng.normal(0.0, 1.0, 5)
    theta = np.arange(_ANGLES, dtype=np.float32) * (2 * math.pi / _ANGLES)
    lamp = _LAMP + 0.035 * turn
    # Round grooves send the light on in two opposite fans (a bow tie), one pair for each lamp.
    fans = np.zeros(_ANGLES, np.float32)
    for offset, power, share in ((0.0, 26, 1.0), (1.15, 44, 0.42), (-0.62, 60, 0.3)):
        fans += share * np.abs(np.cos(theta - lamp - offset)) ** (power * (1 + 0.08 * sharp))
    fans *= 1 + 0.04 * shares[0]
    facing = np.cos(theta - lamp)
    start = int(rng.integers(_ANGLES))
    step, feed = int(rng.integers(_SPARE)), int(rng.integers(3 * _RADII))
    marks = _grooves()[start : start + _ANGLES, step : step + _RADII]
    rings = _rings()[feed : feed + _RADII]
    polar = marks * (0.045 * (base + 0.25 * gloss))
    polar += np.multiply.outer(fans, gloss * (1 + 0.13 * rings))
    polar += base * (1 + 0.026 * rings)
    sloped = np.flatnonzero(slope)
    polar[:, sloped] += np.multiply.outer(88 * facing, slope[sloped])
    rows, columns, gain = _marking()
    polar[rows, columns] *= gain
    grey: Image = cv2.convertScaleAbs(np.clip(polar, 0, None))
    grey[:, base <= 0] = 0
    whole, part = _polar_maps()
    metal: Image = cv2.remap(grey, whole, part, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return metal


@lru_cache(maxsize=1)
def _tint() -> Image:
    """Colour by grey level: cool shadows, neutral lights."""
    v = np.arange(256, dtype=np.float32)
    table = np.stack((v * 0.975, v * 0.99, v * 0.99 + np.clip(v / 12, 0, 4)), axis=-1)
    return frozen(to_bytes(table)[None])


@lru_cache(maxsize=1)
def _ground() -> Image:
    """Grey picture of the dark ground with the part's shadow, 0 where metal lies."""
    rng = np.random.default_rng(31_013)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    tone = 34 + 2.0 * clouds(rng, HEIGHT, WIDTH, 5) + 2.2 * grain(rng, HEIGHT, WIDTH, (1.1, 1.1))
    far = np.hypot(x - _CX - 12, y - _CY - 16)
    shadow = np.clip((far - _OUTER + 8) / 34, 0, 1)
    shadow = 0.35 + 0.65 * shadow * shadow * (3 - 2 * shadow)
    radius = np.hypot(x - _CX, y - _CY)
    # Through the bore one sees its lit wall, then the ground in deep shade.
    wall = np.clip((radius - 0.86 * _BORE) / 5, 0, 1)
    side = 0.5 - 0.5 * np.cos(np.arctan2(y - _CY, x - _CX) - _LAMP)
    inside = tone * 0.55 + wall * (14 + 62 * side**2)
    tone = np.where(radius < _BORE + 2, inside, tone * shadow)
    free = 1 - np.clip(radius - _BORE + 0.5, 0, 1) * np.clip(_OUTER - radius + 0.5, 0, 1)
    return frozen(to_bytes(tone * free))


@lru_cache(maxsize=1)
def _hole() -> tuple[Image, Image]:
    """A countersunk bolt hole: grey and coverage, both (2 * reach + 1) px square."""
    reach = int(_SINK) + 4
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.float32)
    radius, angle = np.hypot(x, y), np.arctan2(y, x)
    facing = np.cos(angle - _LAMP)
    sink = 128 - 92 * facing + 40 * np.abs(facing) ** 8
    wall = 26 + 70 * np.clip(-facing, 0, 1) ** 2
    deep = np.full_like(radius, 17)
    inner = np.clip(radius - _HOLE * 0.84 + 0.5, 0, 1)
    edge = np.clip(radius - _HOLE + 0.5, 0, 1)
    tone = (deep * (1 - inner) + wall * inner) * (1 - edge) + sink * edge
    alpha = np.clip(_SINK - radius + 0.5, 0, 1)
    return frozen(to_bytes(tone)), frozen(to_bytes(255 * alpha))


def _bolt(index: int) -> tuple[float, float]:
    angle = math.radians(30 + 60 * index)
    return _CX + _BOLTS * math.cos(angle), _CY + _BOLTS * math.sin(angle)


def compose(rng: Rng, flaw: Flaw | None) -> Image:
    """The scene (720, 960, 3) uint8 of one flange.

    Args:
        rng: random stream of the part.
        flaw: what to spoil, or None.
    """
    matrix = fixture(rng)
    metal = _metal(rng)
    play = rng.normal(0, 0.5, (6, 2))
    skipped = int(flaw.rng.integers(6)) if flaw and flaw.kind == "missing" else -1
    grey = cv2.add(metal, _ground())
    sprite, cover = _hole()
    hole, rest = cv2.multiply(sprite, cover, scale=1 / 255), cv2.bitwise_not(cover)
    reach = sprite.shape[0] // 2
    for index in range(6):
        if index == skipped:
            continue
        x, y = _bolt(index)
        px, py = round(x + play[index, 0]), round(y + play[index, 1])
        patch = grey[py - reach : py + reach + 1, px - reach : px + reach + 1]
        patch[:] = cv2.add(cv2.multiply(patch, rest, scale=1 / 255), hole)
    grey = place(grey, matrix)
    scene: Image = cv2.LUT(cv2.merge((grey, grey, grey)), _tint())
    if flaw is None or flaw.kind == "missing":
        return scene
    x, y = moved(matrix, *_spot(flaw.rng))
    return _SPOIL[flaw.kind](scene, flaw.rng, x, y)


def _spot(rng: Rng) -> tuple[float, float]:
    """A place on the metal, off the bolt holes."""
    radius, where = rng.uniform(_HUB + 20, _OUTER - 40), rng.uniform(-1, 1)
    sector = int(rng.integers(6))
    spread = 11.0 if radius > _BOLTS - _SINK - 25 else 30.0
    angle = math.radians(60 * sector + spread * where)
    return _CX + radius * math.cos(angle), _CY + radius * math.sin(angle)


def _scratch(scene: Image, rng: Rng, x: float, y: float) -> Image:
    bright, burnt = (240, 242, 245), (48, 48, 52)
    return defects.scratch(scene, rng, x, y, tones=(bright, burnt, bright), only_above=52)


def _stain(scene: Image, rng: Rng, x: float, y: float) -> Image:
    rust, oil, coolant = (
        Liquid((0.62, 0.36, 0.18), 8),
        Liquid((0.28, 0.28, 0.30)),
        Liquid((0.5, 0.42, 0.22), 4),
    )
    return defects.stain(scene, rng, x, y, liquids=(rust, oil, coolant))


def _foreign(scene: Image, rng: Rng, x: float, y: float) -> Image:
    kinds = (
        Debris("chip", (196, 158, 84), 0.7),
        Debris("fibre", (32, 30, 36)),
        Debris("fibre", (168, 44, 40)),
        Debris("chip", (58, 62, 74), 0.8),
    )
    return defects.foreign(scene, rng, x, y, kinds=kinds)


_SPOIL = {
    "scratch": _scratch,
    "dent": defects.dent,
    "stain": _stain,
    "foreign": _foreign,
}
