"""What a lamp and a lens do to a flat coloured picture with a relief."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from uniad_desktop.training.procedural.fields import coordinates, frequencies, per_field
from uniad_desktop.training.procedural.random import Random


def shade(random: Random, image: Tensor, height: Tensor) -> Tensor:
    """Light half of the pictures from one side (Lambert) with, at times, a highlight (Blinn).

    Args:
        random: Source of random numbers.
        image: Colours (n, 3, size, size), about 0 to 1.
        height: Relief (n, size, size), standard deviations of texture.

    Returns:
        The lit picture (n, 3, size, size), not clamped.
    """
    count, size = len(image), image.shape[-1]
    azimuth = per_field(random.uniform(count, high=2 * math.pi))
    elevation = per_field(random.uniform(count, low=0.3, high=1.2))
    steepness = per_field(random.log_uniform(count, low=0.2, high=2.0)) * size / 128
    slope_x = (torch.roll(height, -1, 2) - torch.roll(height, 1, 2)) * steepness
    slope_y = (torch.roll(height, -1, 1) - torch.roll(height, 1, 1)) * steepness
    upright = (1 + slope_x * slope_x + slope_y * slope_y).rsqrt()
    facing = -(slope_x * azimuth.cos() + slope_y * azimuth.sin()) * elevation.cos()

    ambient = per_field(random.uniform(count, low=0.2, high=0.8))
    diffuse = ((facing + elevation.sin()) * upright).clamp_min(0) / elevation.sin()
    half_length = (1 + 0.25 * elevation.cos() ** 2).sqrt()
    halfway = ((0.5 * facing + 1) * upright / half_length).clamp(0, 1)
    shininess = per_field(random.log_uniform(count, low=8.0, high=120.0))
    gloss = per_field(random.uniform(count, high=0.6) * random.chance(0.4, count))
    lit = image * (ambient + (1 - ambient) * diffuse)[:, None]
    lit = lit + (gloss * halfway**shininess)[:, None]
    return torch.where(random.chance(0.5, count)[:, None, None, None], lit, image)


def illuminate(random: Random, image: Tensor) -> Tensor:
    """Uneven light over the field: a gradient, and in 40 % a darkening towards the corners."""
    count, size = len(image), image.shape[-1]
    y, x = coordinates(size, random.device)
    gain = 1 + 0.15 * per_field(random.normal(count)) * (x - 0.5)
    gain = gain + 0.15 * per_field(random.normal(count)) * (y - 0.5)
    corner = per_field(random.uniform(count, high=0.6) * random.chance(0.4, count))
    gain = gain - corner * ((x - 0.5) ** 2 + (y - 0.5) ** 2)
    return image * gain[:, None]


def defocus(random: Random, image: Tensor) -> Tensor:
    """Blur 70 % of the pictures with a Gaussian of up to 1.1 pixels per 128 (edges wrap)."""
    count, size = len(image), image.shape[-1]
    sigma = random.uniform(count, high=1.1) * random.chance(0.7, count) / 128
    vertical, horizontal = frequencies(size, random.device)
    squared = vertical**2 + horizontal**2
    response = torch.exp(-2 * math.pi**2 * squared * per_field(sigma) ** 2)
    spectrum = torch.fft.rfft2(image) * response[:, None]
    blurred: Tensor = torch.fft.irfft2(spectrum, s=(size, size))
    return blurred
