"""Compose textures, shapes and light into pictures that look like parts on a background."""

from __future__ import annotations

import torch
from torch import Tensor

from uniad_desktop.training.procedural.fields import per_field, smooth_noise, standardise
from uniad_desktop.training.procedural.light import defocus, illuminate, shade
from uniad_desktop.training.procedural.random import Random
from uniad_desktop.training.procedural.shapes import outline_distance
from uniad_desktop.training.procedural.textures import make_textures

_LAYERS = 3  # a background and up to two sheets of shapes on it


def generate_images(random: Random, count: int, size: int) -> Tensor:
    """Make pictures without any file: textured, coloured shapes in relief under a lamp.

    Args:
        random: Source of random numbers; also gives the device. The same source state, count
            and size give the same pictures.
        count: Number of pictures, at least 1. Batches of about 32 are fastest on a CPU.
        size: Side in pixels, even and at least 16.

    Returns:
        RGB pictures (count, 3, size, size), uint8.

    Raises:
        ValueError: If count or size is out of range.
    """
    if count < 1:
        raise ValueError(f"Cannot make {count} pictures: ask for at least 1.")
    if size < 16 or size % 2:
        raise ValueError(f"Cannot make pictures of {size} px: the side must be even, 16 or more.")
    texture = make_textures(random, count * _LAYERS, size).reshape(count, _LAYERS, size, size)
    sheets = random.integers(_LAYERS, count)  # how many sheets of shapes each picture gets
    image, height = _paint(random, texture[:, 0])
    for layer in range(1, _LAYERS):
        present = per_field((sheets >= layer).to(image.dtype))
        painted = _paint(random, texture[:, layer])
        image, height = _lay(random, (image, height), painted, present)
    image = illuminate(random, shade(random, image, height))
    grey = random.chance(0.35, count)[:, None, None, None]
    image = torch.where(grey, image.mean(1, keepdim=True), image).clamp(0, 1)
    image = defocus(random, image).clamp(0, 1)
    return (image * 255 + 0.5).to(torch.uint8)


def _paint(random: Random, texture: Tensor) -> tuple[Tensor, Tensor]:
    """Colour (n, 3, size, size) and relief (n, size, size) of one texture in two colours."""
    count = len(texture)
    dark, bright = _two_colours(random, count)
    contrast = per_field(random.log_uniform(count, low=0.6, high=5.0))
    share = torch.sigmoid(texture * contrast)[:, None]
    colour = dark[..., None, None] * (1 - share) + bright[..., None, None] * share
    return colour, texture * per_field(random.log_uniform(count, low=0.1, high=2.0))


def _lay(
    random: Random, below: tuple[Tensor, Tensor], sheet: tuple[Tensor, Tensor], present: Tensor
) -> tuple[Tensor, Tensor]:
    """Lay one sheet of shapes on the pictures, with a bevelled rim and at times a shadow.

    ``below``, ``sheet`` and the result are each a colour (n, 3, size, size) and a relief
    (n, size, size); ``present`` (n, 1, 1) is 1 where a picture gets the sheet, else 0.
    """
    (image, height), (colour, relief) = below, sheet
    count, size = len(image), image.shape[-1]
    distance = outline_distance(random, count, size)
    islands = 0.1 * standardise(smooth_noise(random, count, size, knots=6))
    distance = torch.where(per_field(random.chance(0.15, count)), islands, distance)
    softness = per_field(random.log_uniform(count, low=0.002, high=0.01))
    cover = torch.sigmoid(-distance / softness) * present
    bevel = per_field(random.log_uniform(count, low=0.005, high=0.06))
    rise = 3 * per_field(random.uniform(count, low=-1.0, high=3.0))
    rim = (-distance / bevel).clamp(0, 1) * rise
    relief = relief * per_field(random.chance(0.6, count)) + rim
    depth = per_field(random.uniform(count, high=0.5) * random.chance(0.3, count)) * present
    shadow = depth * torch.exp(-distance.clamp_min(0) / 0.02)
    image = image * (1 - shadow)[:, None]
    image = image * (1 - cover[:, None]) + colour * cover[:, None]
    return image, height * (1 - cover) + relief * cover


def _two_colours(random: Random, count: int) -> tuple[Tensor, Tensor]:
    """Two related colours (n, 3) each, 0 to 1; 40 % are pure greys, or differ in brightness only.

    Contrasts are log-uniform, so that faint textures are as common as strong ones.
    """
    tint = 0.25 * random.uniform(count, 1) * ~random.chance(0.4, count)[:, None]
    base = random.uniform(count, 1) + random.normal(count, 3) * tint
    sign = random.chance(0.5, count, 1) * 2.0 - 1.0
    contrast = random.log_uniform(count, 1, low=0.03, high=0.6) * sign
    shift = 0.4 * random.normal(count, 3) * ~random.chance(0.4, count)[:, None]
    return base.clamp(0, 1), (base + contrast * (1 + shift)).clamp(0, 1)
