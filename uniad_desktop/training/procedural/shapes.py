"""Outlines as distance fields: negative inside, positive outside, in image widths."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from uniad_desktop.training.procedural.fields import coordinates, per_field
from uniad_desktop.training.procedural.random import Random

_LINES, _MANHATTAN, _RAYS, _CURVE = range(4)


def outline_distance(random: Random, count: int, size: int) -> Tensor:
    """Distance-like fields of random outlines, a quarter of them repeated as a tiling.

    Superellipses (from diamond over ellipse to rounded rectangle), regular polygons, wavy
    contours and straight edges; some hollowed to a ring.

    Args:
        random: Source of random numbers; also gives the device.
        count: Number of outlines.
        size: Side of the fields in pixels.

    Returns:
        Float fields (count, size, size); exact distances only near the outline.
    """
    y, x = coordinates(size, random.device)
    x = x - per_field(random.uniform(count, low=0.15, high=0.85))
    y = y - per_field(random.uniform(count, low=0.15, high=0.85))
    theta = per_field(random.uniform(count, high=math.pi) * ~random.chance(0.4, count))
    radius = per_field(random.log_uniform(count, low=0.08, high=0.5))
    aspect = per_field(random.log_uniform(count, low=0.5, high=2.0))
    period = radius * per_field(random.uniform(count, low=2.3, high=3.5))
    tiled = per_field(random.chance(0.25, count))
    x = torch.where(tiled, x - period * (x / period).round(), x)
    y = torch.where(tiled, y - period * (y / period).round(), y)
    u = x * theta.cos() + y * theta.sin()
    v = (-x * theta.sin() + y * theta.cos()) * aspect

    power = per_field(random.log_uniform(count, low=1.0, high=10.0))
    superellipse = ((u.abs() + 1e-5) ** power + (v.abs() + 1e-5) ** power) ** (1 / power) - radius
    rho, phi = (u * u + v * v).sqrt(), torch.atan2(v, u)
    half_side = math.pi / (3 + per_field(random.integers(5, count)))
    sector = (phi + half_side) % (2 * half_side) - half_side
    polygon = rho * sector.cos() - 0.8 * radius
    wavy = rho - radius
    for wave in range(2, 6):
        phase = per_field(random.uniform(count, high=2 * math.pi))
        amplitude = 0.12 * radius * per_field(random.normal(count))
        wavy = wavy - amplitude * torch.cos(wave * phi + phase)
    edge = u + 0.3 * v

    kind = per_field(random.integers(8, count))
    distance = torch.where(kind < 7, wavy, edge)
    distance = torch.where(kind < 5, polygon, distance)
    distance = torch.where(kind < 3, superellipse, distance)
    ring = per_field(random.chance(0.15, count))
    return torch.where(ring, distance.abs() - 0.2 * radius, distance)


def segment_distance(random: Random, count: int, size: int, segments: int) -> Tensor:
    """Distance to the nearest of ``segments`` random line segments, (count, size, size) >= 0.

    Each field is one of four kinds: scattered segments, a chain in steps of 45 degrees (like a
    trace on a circuit board), rays from one point, or a chain that keeps its direction.
    """
    y, x = coordinates(size, random.device)
    kind = random.integers(4, count)[:, None]
    start = random.uniform(count, segments + 1, 2)
    turn = random.uniform(count, segments, high=2 * math.pi)
    right_angled = random.integers(8, count, segments) * (math.pi / 4)
    steady = random.uniform(count, 1, high=math.pi) + random.uniform(
        count, segments, low=-1.0, high=1.0
    )
    angle = torch.where(kind == _MANHATTAN, right_angled, turn)
    angle = torch.where(kind == _CURVE, steady, angle)
    length = random.uniform(count, 1, low=0.1, high=0.6) * random.uniform(
        count, segments, low=0.3, high=1.0
    )
    step = torch.stack((angle.cos() * length, angle.sin() * length), -1)

    # Chains are walked and reflected at the border, so that they stay in the image.
    walked = torch.cat((torch.zeros_like(step[:, :1]), step.cumsum(1)), 1) + start[:, :1]
    walked = walked % 2
    walked = torch.where(walked > 1, 2 - walked, walked)
    lone, rays = (kind == _LINES)[..., None], (kind == _RAYS)[..., None]
    first = torch.where(lone, start[:, :-1], walked[:, :-1])
    first = torch.where(rays, start[:, :1].expand_as(first), first)
    last = torch.where(lone | rays, first + step, walked[:, 1:])

    px, py = x.reshape(1, 1, -1), y.reshape(1, 1, -1)
    ax, ay = first[..., :1], first[..., 1:]
    dx, dy = (last - first)[..., :1], (last - first)[..., 1:]
    along = ((px - ax) * dx + (py - ay) * dy) / (dx * dx + dy * dy + 1e-6)
    along = along.clamp(0, 1)
    squared = (px - ax - along * dx) ** 2 + (py - ay - along * dy) ** 2
    return squared.amin(1).sqrt().reshape(count, size, size)
