"""Defects that can happen to any surface: scratch, dent, stain, foreign body.

Each takes a scene (720, 960, 3) uint8 and gives a spoiled copy. Places are in px of the scene.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from uniad_desktop.simulator.parts.common import (
    Floats,
    Image,
    Rng,
    mix,
    to_bytes,
    window,
)
from uniad_desktop.simulator.parts.noise import clouds, mottle

_LAMP = (-0.6, -0.8)  # direction towards the lamp: from the upper left


def _curve(x: float, y: float, sway: Floats, *, length: float, angle: float, bend: float) -> Floats:
    """A curved line (n, 2) through (x, y): a parabola of the given bend with a little sway."""
    t = np.linspace(-0.5, 0.5, len(sway), dtype=np.float32)
    along = t * length
    across = bend * length * (t**2 - 0.08) + sway
    c, s = math.cos(angle), math.sin(angle)
    return np.stack((x + along * c - across * s, y + along * s + across * c), axis=1)


def _brush(lines: list[tuple[Floats, Floats]]) -> tuple[slice, slice, Floats] | None:
    """Coverage 0..1 of lines, each (n, 2) points and n widths in px, in a window around them."""
    every = np.concatenate([points for points, _ in lines])
    low, high = every.min(axis=0), every.max(axis=0)
    middle = (low + high) / 2
    where = window(float(middle[0]), float(middle[1]), float((high - low).max() / 2 + 24))
    if where is None:
        return None
    rows, columns = where
    canvas = np.zeros((rows.stop - rows.start, columns.stop - columns.start), np.uint8)
    for points, widths in lines:
        local = np.round((points - (columns.start, rows.start)) * 16).astype(np.int32)
        for start, end, width in zip(local[:-1], local[1:], widths, strict=False):
            thick = max(1, round(float(width)))
            cv2.line(canvas, start.tolist(), end.tolist(), 255, thick, cv2.LINE_AA, shift=4)
    return rows, columns, canvas.astype(np.float32) / 255.0


def _relief(height: Floats) -> Floats:
    """How much lighter a relief (h, w) is than level ground, from the slope towards the lamp."""
    dx = cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3) / 4.0
    dy = cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3) / 4.0
    shade: Floats = dx * _LAMP[0] + dy * _LAMP[1]
    return -shade


def scratch(
    scene: Image,
    rng: Rng,
    x: float,
    y: float,
    *,
    tones: tuple[tuple[int, int, int], ...],
    length: tuple[float, float] = (95, 260),
    width: tuple[float, float] = (8, 13),
    strength: tuple[float, float] = (0.75, 1.0),
    fray: float = 1.0,
    strands: tuple[int, int] = (4, 6),
    only_above: int = 0,
) -> Image:
    """A scratch: a bundle of fine grooves along one slightly curved path, lit from one side.

    Args:
        scene: the scene to spoil.
        rng: random stream of the defect.
        x: middle of the scratch in px.
        y: middle of the scratch in px.
        tones: RGB of what a scratch may lay bare; one of them is taken.
        length: least and greatest length in px.
        width: least and greatest width of the bundle in px.
        strength: least and greatest opacity.
        fray: how far the single grooves stray from the path; 1 for a hard surface.
        strands: least and greatest number of grooves.
        only_above: grey level that the surface must have to be scratched, so that a scratch does
            not run on over a hole.
    """
    tone = tones[int(rng.integers(len(tones)))]
    heading, reach = rng.uniform(0, math.pi), rng.uniform(*length)
    bend, across, amount = rng.uniform(-0.25, 0.25), rng.uniform(*width), rng.uniform(*strength)
    steps, count = 40, int(rng.integers(strands[0], strands[1] + 1))
    trend = np.linspace(-1.0, 1.0, steps, dtype=np.float32)
    lines: list[tuple[Floats, Floats]] = []
    for strand in range(count):
        sway = np.cumsum(np.cumsum(rng.normal(0, 0.02 * fray, steps))).astype(np.float32)
        sway -= np.linspace(sway[0], sway[-1], steps, dtype=np.float32)
        sway += ((strand + 0.5) / count - 0.5) * across * (1.0 - 0.6 * trend**2)
        first, last = sorted(rng.uniform(0, 1, 2) * (0.3, 0.3) + (0.0, 0.7))
        points = _curve(x, y, sway, length=reach, angle=heading, bend=bend)[
            int(first * steps) : int(last * steps)
        ]
        thick = across / count * rng.uniform(0.7, 1.5)
        lines.append((points, np.full(len(points), thick, np.float32)))
    drawn = _brush(lines)
    result = scene.copy()
    if drawn is None:
        return result
    rows, columns, core = drawn
    base = scene[rows, columns]
    core = cv2.GaussianBlur(core, (0, 0), 0.7)
    core *= np.clip(
        0.9 + 0.22 * clouds(rng, core.shape[0], core.shape[1], max(core.shape) / 14), 0.3, 1.1
    )
    if only_above:
        grey = cv2.GaussianBlur(cv2.cvtColor(base, cv2.COLOR_RGB2GRAY), (5, 5), 0)
        core *= np.clip((grey.astype(np.float32) - only_above) / 15.0, 0, 1)
    patch = mix(base, tone, np.clip(core * amount, 0, 1)).astype(np.float32)
    edges = _relief(cv2.GaussianBlur(core, (0, 0), 1.0)) * 110.0 * amount
    result[rows, columns] = to_bytes(patch - edges[..., None])
    return result


def dent(
    scene: Image,
    rng: Rng,
    x: float,
    y: float,
    *,
    radius: tuple[float, float] = (22, 42),
    depth: tuple[float, float] = (0.5, 0.9),
) -> Image:
    """A dent: an irregular hollow, dark towards the lamp and bright on the far side."""
    size = rng.uniform(*radius)
    where = window(x, y, size * 2.4)
    result = scene.copy()
    amount, aspect, turn = rng.uniform(*depth), rng.uniform(0.65, 1.0), rng.uniform(0, math.pi)
    if where is None:
        return result
    rows, columns = where
    py, px = np.mgrid[rows, columns].astype(np.float32)
    c, s = math.cos(turn), math.sin(turn)
    u = ((px - x) * c + (py - y) * s) / size
    v = (-(px - x) * s + (py - y) * c) / (size * aspect)
    wobble = 1.0 + 0.06 * clouds(rng, u.shape[0], u.shape[1], 3)
    hollow = -np.exp(-((np.sqrt(u * u + v * v) * wobble) ** 2.4) * 1.1).astype(np.float32)
    shade = np.tanh(_relief(hollow) * size * 0.8)
    glint = np.clip(shade - 0.4, 0, None)
    base = scene[rows, columns].astype(np.float32)
    gain = 1.0 + amount * (0.8 * shade + 0.2 * hollow)
    lit = base * np.clip(gain, 0.15, None)[..., None] + (amount * 70.0 * glint)[..., None]
    result[rows, columns] = to_bytes(lit)
    return result


@dataclass(frozen=True, slots=True)
class Liquid:
    """What a stain is of: RGB factors on what shines through, and grey levels that it adds."""

    tint: tuple[float, float, float]
    veil: float = 0.0


def stain(
    scene: Image,
    rng: Rng,
    x: float,
    y: float,
    *,
    liquids: tuple[Liquid, ...],
    radius: tuple[float, float] = (28, 60),
    strength: tuple[float, float] = (0.65, 1.0),
    rim: float = 0.4,
) -> Image:
    """A stain: a soft irregular blot with a darker rim, as a dried drop leaves.

    Args:
        scene: the scene to spoil.
        rng: random stream of the defect.
        x: middle in px.
        y: middle in px.
        liquids: what it may be.
        radius: least and greatest mean radius in px.
        strength: least and greatest strength.
        rim: how much darker the edge dries.
    """
    size = rng.uniform(*radius)
    where = window(x, y, size * 2.2)
    result = scene.copy()
    amount = rng.uniform(*strength)
    liquid = liquids[int(rng.integers(len(liquids)))]
    aspect, turn = rng.uniform(0.6, 1.0), rng.uniform(0, math.pi)
    if where is None:
        return result
    rows, columns = where
    py, px = np.mgrid[rows, columns].astype(np.float32)
    c, s = math.cos(turn), math.sin(turn)
    u = ((px - x) * c + (py - y) * s) / size
    v = (-(px - x) * s + (py - y) * c) / (size * aspect)
    lobes = 0.13 * clouds(rng, u.shape[0], u.shape[1], 7) + 0.06 * mottle(
        rng, u.shape[0], u.shape[1], 18, 3
    )
    depth = 1.0 - (u * u + v * v) ** 0.6 + cv2.GaussianBlur(lobes, (0, 0), 0.05 * size)
    body = np.clip(depth / rng.uniform(0.18, 0.5), 0, 1)
    body = body * body * (3 - 2 * body)
    edge = np.exp(-(((depth - 0.2) / 0.1) ** 2))
    patchy = np.clip(0.72 + 0.16 * mottle(rng, u.shape[0], u.shape[1], 7, 3), 0.3, 1.0)
    cover = np.clip(amount * (body * patchy + rim * edge * body), 0, 1)[..., None]
    base = scene[rows, columns].astype(np.float32)
    soaked = base * np.asarray(liquid.tint, np.float32) + liquid.veil
    result[rows, columns] = to_bytes(base + (soaked - base) * cover)
    return result


@dataclass(frozen=True, slots=True)
class Debris:
    """What lies about near a machine: ``form`` is "fibre" or "chip"."""

    form: str
    color: tuple[int, int, int]
    gloss: float = 0.0


def foreign(scene: Image, rng: Rng, x: float, y: float, *, kinds: tuple[Debris, ...]) -> Image:
    """A foreign body on the part: a curled fibre or a chip, with its shadow."""
    body = kinds[int(rng.integers(len(kinds)))]
    if body.form == "fibre":
        return _fibre(scene, rng, x, y, body)
    return _chip(scene, rng, x, y, body)


def _cast(patch: Image, shape: Floats, body: Debris, round_px: float, lift: float) -> Image:
    """Lay a body of coverage ``shape`` on a patch: shadow first, then the body as a relief."""
    shift = np.asarray([[1, 0, lift], [0, 1, lift * 1.3]], np.float32)
    shadow = cv2.warpAffine(shape, shift, shape.shape[::-1])
    shadow = cv2.GaussianBlur(shadow, (0, 0), 1.0 + lift * 0.5)
    ground = patch.astype(np.float32) * (1.0 - 0.62 * shadow)[..., None]
    dome = cv2.GaussianBlur(shape, (0, 0), round_px)
    light = _relief(dome) * round_px
    light = -0.5 * np.tanh(light * 2.2)
    lit = np.asarray(body.color, np.float32) * (1.0 + light)[..., None]
    lit += (body.gloss * 255 * np.clip(light - 0.2, 0, None) * 1.2)[..., None]
    weight = shape[..., None]
    return to_bytes(ground * (1 - weight) + np.clip(lit, 0, 255) * weight)


def _fibre(scene: Image, rng: Rng, x: float, y: float, body: Debris) -> Image:
    steps = 70
    heading = rng.uniform(0, 2 * math.pi)
    turns = np.cumsum(rng.normal(0, 0.11, steps)) + rng.uniform(-0.035, 0.035) * np.arange(steps)
    turns = cv2.GaussianBlur(turns.astype(np.float32)[None], (0, 0), 3.0)[0] + heading
    pace = rng.uniform(110, 270) / steps
    path = np.stack((np.cumsum(np.cos(turns)), np.cumsum(np.sin(turns))), axis=1) * pace
    points = (path - path.mean(axis=0) + (x, y)).astype(np.float32)
    widths = np.full(steps, rng.uniform(6.0, 9.0), np.float32)
    widths *= np.sin(np.linspace(0.35, math.pi - 0.35, steps, dtype=np.float32)) ** 0.4
    drawn = _brush([(points, widths)])
    result = scene.copy()
    if drawn is None:
        return result
    rows, columns, shape = drawn
    shape = cv2.GaussianBlur(shape, (0, 0), 0.7)
    result[rows, columns] = _cast(scene[rows, columns], shape, body, 1.8, rng.uniform(2, 4.5))
    return result


def _chip(scene: Image, rng: Rng, x: float, y: float, body: Debris) -> Image:
    size = rng.uniform(25, 40)
    corners = int(rng.integers(6, 10))
    turn = np.sort(
        rng.uniform(0, 2 * math.pi, corners) * 0.25 + np.arange(corners) * 2 * math.pi / corners
    )
    reach = size * rng.uniform(0.6, 1.15, corners)
    squeeze, heading = rng.uniform(0.6, 1.0), rng.uniform(0, math.pi)
    u, v = np.cos(turn) * reach, np.sin(turn) * reach * squeeze
    c, s = math.cos(heading), math.sin(heading)
    outline = np.stack((x + u * c - v * s, y + u * s + v * c), axis=1)
    where = window(x, y, size * 2.2)
    result = scene.copy()
    facets = clouds(rng, 240, 240, 9)
    lift = rng.uniform(3, 6)
    if where is None:
        return result
    rows, columns = where
    shape8 = np.zeros((rows.stop - rows.start, columns.stop - columns.start), np.uint8)
    fixed = np.round((outline - (columns.start, rows.start)) * 16).astype(np.int32)
    cv2.fillPoly(shape8, [fixed], 255, cv2.LINE_AA, shift=4)
    shape = cv2.GaussianBlur(shape8.astype(np.float32) / 255.0, (0, 0), 0.8)
    patch = _cast(scene[rows, columns], shape, body, size * 0.16, lift)
    uneven = 1.0 + 0.16 * facets[: shape.shape[0], : shape.shape[1]] * shape
    result[rows, columns] = to_bytes(patch.astype(np.float32) * uneven[..., None])
    return result
