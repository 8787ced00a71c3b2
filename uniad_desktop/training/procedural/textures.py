"""Texture families: each makes a batch of grey relief fields (n, size, size) from formulas.

Every family takes a random source, the number of fields and their side in pixels. Lengths are in
image widths and frequencies in cycles per image width.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from uniad_desktop.training.procedural.fields import (
    coordinates,
    filter_field,
    frequencies,
    per_field,
    resize,
    smooth_noise,
    standardise,
)
from uniad_desktop.training.procedural.random import Random
from uniad_desktop.training.procedural.shapes import segment_distance

Texture = Callable[[Random, int, int], Tensor]


def spectral_noise(random: Random, count: int, size: int) -> Tensor:
    """Noise with a chosen spectrum: power law or one band, often with a preferred direction.

    Covers cast, ground, brushed and cloudy surfaces.
    """
    vertical, horizontal = frequencies(size, random.device)
    radius = (vertical**2 + horizontal**2).sqrt().clamp_min(0.5)
    angle = torch.atan2(vertical, horizontal.expand(size, -1))
    slope = per_field(random.uniform(count, low=0.5, high=4.0))
    centre = per_field(random.log_uniform(count, low=2.0, high=size / 4))
    width = per_field(random.uniform(count, low=0.1, high=0.7))
    power_law = radius**-slope * torch.exp(-((radius / (size * 0.4)) ** 2))
    band = torch.exp(-0.5 * ((radius / centre).log() / width) ** 2)
    response = torch.where(per_field(random.chance(0.5, count)), band, power_law)
    direction = per_field(random.uniform(count, high=math.pi))
    strength = random.log_uniform(count, low=1.0, high=60.0) * random.chance(0.5, count)
    response = response * torch.exp(per_field(strength) * (torch.cos(2 * (angle - direction)) - 1))
    response[:, 0, 0] = 0
    return filter_field(random.normal(count, size, size), response)


def lattice(random: Random, count: int, size: int) -> Tensor:
    """Periodic patterns, turned and slightly bent: lines, grids, dots, bricks, weaves, knurls."""
    y, x = coordinates(size, random.device)
    theta = per_field(random.uniform(count, high=math.pi) * ~random.chance(0.35, count))
    frequency = per_field(random.log_uniform(count, low=2.0, high=28.0))
    aspect = per_field(random.log_uniform(count, low=0.4, high=2.5))
    bend_strength = random.uniform(count, high=0.03) * random.chance(0.5, count)
    bend = smooth_noise(random, count, size) * per_field(bend_strength)
    u = ((x + bend) * theta.cos() + (y + bend) * theta.sin()) * frequency
    v = (-(x + bend) * theta.sin() + (y - bend) * theta.cos()) * frequency * aspect
    brick = per_field(random.chance(0.3, count))
    v = torch.where(brick, v + 0.5 * (u.floor() % 2), v)
    cell_u, cell_v = u - u.floor() - 0.5, v - v.floor() - 0.5

    def wave(phase: Tensor) -> Tensor:
        return torch.cos(2 * math.pi * phase)

    wave_u, wave_v = wave(u), wave(v)
    kinds = (
        wave_u,
        wave_u * wave_v,
        torch.maximum(wave_u, wave_v),
        0.4 - (cell_u**2 + cell_v**2).sqrt(),
        wave_u + wave(u * 0.5 + v * 0.866) + wave(-u * 0.5 + v * 0.866),
        torch.maximum(cell_u.abs(), cell_v.abs()),
        torch.where(wave(0.5 * u) * wave(0.5 * v) > 0, wave_u, wave_v),
        torch.minimum(cell_u.abs(), cell_v.abs()),
    )
    return _choose(random, kinds)


def cells(random: Random, count: int, size: int) -> Tensor:
    """Cells around 4 to 27 random points (Worley noise): grains, cracks, scales, mosaics."""
    half, most = size // 2, 28
    y, x = coordinates(half, random.device)
    points = random.uniform(count, 2, most)
    unused = torch.arange(most, device=random.device)[None] >= (
        4 + random.integers(most - 4, count)
    ).unsqueeze(1)
    px, py = points[:, 0] + unused * 9.0, points[:, 1]
    stretch = random.log_uniform(count, 1, 1, low=0.5, high=2.0)
    squared = (x.reshape(1, -1, 1) - px[:, None]) ** 2
    squared = squared + stretch * (y.reshape(1, -1, 1) - py[:, None]) ** 2
    nearest = squared.topk(2, dim=2, largest=False)
    first, second = nearest.values.clamp_min(0).sqrt().unbind(2)
    shade = torch.gather(random.uniform(count, most), 1, nearest.indices[..., 0])
    ridge = second - first
    fields = (first, ridge, shade, ridge.clamp_max(0.03) / 0.03 + 0.7 * shade)
    kinds = tuple(field.reshape(count, half, half) for field in fields)
    return resize(_choose(random, kinds), size)


def reaction(random: Random, count: int, size: int) -> Tensor:
    """Spots and labyrinths: a band-pass filter and a saturation, repeated (Turing patterns)."""
    vertical, horizontal = frequencies(size, random.device)
    theta = per_field(random.uniform(count, high=math.pi))
    squeeze = per_field(random.uniform(count, low=0.6, high=1.0))
    along = horizontal * theta.cos() + vertical * theta.sin()
    across = (-horizontal * theta.sin() + vertical * theta.cos()) * squeeze
    radius = (along**2 + across**2).sqrt().clamp_min(0.5)
    centre = per_field(random.log_uniform(count, low=4.0, high=size / 6))
    response = torch.exp(-0.5 * ((radius / centre).log() / 0.35) ** 2)
    response[:, 0, 0] = 0
    bias = per_field(random.uniform(count, low=-0.6, high=0.6))
    field = random.normal(count, size, size)
    for _ in range(4):
        field = filter_field(field, response)
        field = torch.tanh(2.5 * field / (field.std((1, 2), keepdim=True) + 1e-6) + bias)
    return field


def strokes(random: Random, count: int, size: int) -> Tensor:
    """Twenty strokes: scattered lines, right-angled traces, rays from a point, or a long curve."""
    distance = resize(segment_distance(random, count, size // 2, 20), size)
    width = per_field(random.log_uniform(count, low=0.006, high=0.05))
    softness = per_field(random.log_uniform(count, low=0.003, high=0.02))
    return torch.sigmoid((width - distance) / softness)


def fractal(random: Random, count: int, size: int) -> Tensor:
    """The density of points sent through three random affine maps again and again."""
    particles, steps, settle, maps = 192, 40, 8, 3
    matrix = random.uniform(count, maps, 2, 2, low=-0.85, high=0.85)
    norm = matrix.flatten(2).norm(dim=2)[..., None, None]
    matrix = matrix / norm.clamp_min(0.9)
    shift = random.uniform(count, maps, 2, low=-1.0, high=1.0)
    position = random.uniform(count, particles, 2)
    rows = torch.arange(count, device=random.device)[:, None]
    visited = []
    for step in range(steps):
        chosen = random.integers(maps, count, particles)
        moved = (matrix[rows, chosen] @ position[..., None])[..., 0]
        position = moved + shift[rows, chosen]
        if step >= settle:
            visited.append(position)
    path = torch.cat(visited, 1)
    low, high = path.amin(1, keepdim=True), path.amax(1, keepdim=True)
    pixel = ((path - low) / (high - low + 1e-4) * (size - 1)).long().clamp(0, size - 1)
    index = pixel[..., 1] * size + pixel[..., 0]
    density = torch.zeros(count, size * size, device=random.device)
    density.scatter_add_(1, index, torch.ones_like(index, dtype=density.dtype))
    blurred = F.avg_pool2d(density.reshape(count, 1, size, size), 3, 1, 1)[:, 0]
    return (1 + 4 * blurred).log()


def terraces(random: Random, count: int, size: int) -> Tensor:
    """Spectral noise cut into steps with soft edges: islands, contour lines, camouflage."""
    height = standardise(spectral_noise(random, count, size))
    height = height * per_field(random.uniform(count, low=0.6, high=3.0))
    step = height.round()
    return 0.3 * torch.tanh(4 * (height - step)) + step


def grain(random: Random, count: int, size: int) -> Tensor:
    """Almost nothing: pixel noise on a slow gradient, as on a plain sheet."""
    return 0.3 * random.normal(count, size, size) + smooth_noise(random, count, size)


#: Each family with the share of all textures it makes.
FAMILIES: tuple[tuple[Texture, float], ...] = (
    (spectral_noise, 0.28),
    (lattice, 0.20),
    (cells, 0.10),
    (reaction, 0.12),
    (strokes, 0.10),
    (fractal, 0.05),
    (terraces, 0.07),
    (grain, 0.08),
)


def make_textures(random: Random, count: int, size: int) -> Tensor:
    """Textures of all families in random order.

    Args:
        random: Source of random numbers; also gives the device.
        count: How many, at least 1.
        size: Side in pixels, an even number.

    Returns:
        Float fields (count, size, size) of mean about 0 and deviation about 1, within [-3, 3].
    """
    made, done, share = [], 0, 0.0
    for family, weight in FAMILIES:
        share += weight
        upto = min(count, round(share * count))
        if upto > done:
            made.append(family(random, upto - done, size))
            done = upto
    field = standardise(torch.cat(made))[random.permutation(count)]
    # A random tone curve: as it is, pushed towards two levels, or with lines where it is near 0.
    curve = per_field(random.integers(4, count))
    gain = per_field(random.log_uniform(count, low=0.7, high=4.0))
    pushed = torch.tanh(gain * field)
    lines = 0.7 * (field.abs() + 0.02).log()
    return torch.where(curve == 1, pushed, torch.where(curve == 2, lines, field)).clamp(-3, 3)


def _choose(random: Random, kinds: tuple[Tensor, ...]) -> Tensor:
    """For each field of the batch one of the kinds, all of shape (n, h, w)."""
    chosen = per_field(random.integers(len(kinds), len(kinds[0])))
    result = kinds[0]
    for number, kind in enumerate(kinds[1:], 1):
        result = torch.where(chosen == number, kind, result)
    return result
