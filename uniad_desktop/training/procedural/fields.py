"""Small helpers on batches of scalar fields, tensors of shape (n, size, size)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from uniad_desktop.training.procedural.random import Random


def per_field(values: Tensor) -> Tensor:
    """One number per field, (n,), shaped (n, 1, 1) so that it spreads over the field."""
    return values[:, None, None]


def coordinates(size: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Pixel centres (y, x) of a square image, each (size, size), in image widths from 0 to 1."""
    axis = (torch.arange(size, device=device) + 0.5) / size
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    return y, x


def frequencies(size: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Frequencies (vertical (size, 1), horizontal (1, size // 2 + 1)) of ``rfft2``.

    The unit is cycles per image width.
    """
    vertical = torch.fft.fftfreq(size, device=device)[:, None] * size
    horizontal = torch.fft.rfftfreq(size, device=device)[None] * size
    return vertical, horizontal


def filter_field(field: Tensor, response: Tensor) -> Tensor:
    """Multiply the spectrum of (n, size, size) fields by a response (n, size, size // 2 + 1)."""
    size = field.shape[-1]
    filtered: Tensor = torch.fft.irfft2(torch.fft.rfft2(field) * response, s=(size, size))
    return filtered


def standardise(field: Tensor) -> Tensor:
    """Each field with mean 0 and deviation 1."""
    centred = field - field.mean((1, 2), keepdim=True)
    return centred / (centred.std((1, 2), keepdim=True) + 1e-5)


def resize(field: Tensor, size: int) -> Tensor:
    """Fields (n, h, w) resampled bilinearly to (n, size, size)."""
    grown = F.interpolate(field[:, None], size=(size, size), mode="bilinear", align_corners=False)
    return grown[:, 0]


def smooth_noise(random: Random, count: int, size: int, knots: int = 5) -> Tensor:
    """Slowly varying noise: ``knots`` x ``knots`` random heights joined by a bicubic surface."""
    heights = random.normal(count, 1, knots, knots)
    surface = F.interpolate(heights, size=(size, size), mode="bicubic", align_corners=True)
    return surface[:, 0]
