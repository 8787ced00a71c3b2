"""Random variations of pictures, so that a bounded pool of them shows ever new ones."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from uniad_desktop.training.procedural.random import Random


def vary(random: Random, images: Tensor, size: int) -> Tensor:
    """Turn, scale, combine and recolour a batch of pictures.

    Args:
        random: Source of random numbers, on the device of the images.
        images: RGB (n, 3, side, side), uint8.
        size: Side of the result in pixels, a multiple of 32.

    Returns:
        RGB (n, 3, size, size), float, 0 to 1.
    """
    pictures = images.to(torch.float32) / 255
    pictures = _combine(random, _scale(random, _turn(random, pictures), size))
    return _recolour(random, pictures)


def _turn(random: Random, pictures: Tensor) -> Tensor:
    """Each picture in one of the eight ways a square can lie."""
    count = len(pictures)
    for flipped in (pictures.flip(3), pictures.flip(2), pictures.transpose(2, 3)):
        pictures = torch.where(_some(random, 0.5, count), flipped, pictures)
    return pictures


def _scale(random: Random, pictures: Tensor, size: int) -> Tensor:
    """The whole batch resampled to 0.75 to 1.5 times ``size``, then cropped or mirrored out."""
    scaled = round(size * float(random.uniform(1, low=0.65, high=1.6)) / 32) * 32
    scaled = max(size * 3 // 4, min(scaled, size * 3 // 2))
    if scaled != pictures.shape[-1]:
        pictures = F.interpolate(
            pictures, size=(scaled, scaled), mode="bilinear", antialias=True, align_corners=False
        )
    if scaled < size:
        before = int(random.integers(size - scaled + 1, 1))
        after = size - scaled - before
        return F.pad(pictures, (before, after, before, after), mode="reflect")
    top, left = random.integers(scaled - size + 1, 2).tolist()
    return pictures[:, :, top : top + size, left : left + size]


def _combine(random: Random, pictures: Tensor) -> Tensor:
    """Some pictures blended with another, pasted into with another, or four small ones in one."""
    count, half = len(pictures), pictures.shape[-1] // 2
    other = pictures[random.permutation(count)]
    weight = random.uniform(count, 1, 1, 1)
    blended = weight * pictures + (1 - weight) * other
    pasted = pictures.clone()
    pasted[:, :, :half, :half] = other[:, :, -half:, -half:]
    small = F.avg_pool2d(pictures, 2)
    rows = [
        torch.cat((small[random.permutation(count)], small[random.permutation(count)]), 3)
        for _ in range(2)
    ]
    mosaic = torch.cat(rows, 2)
    choice = random.uniform(count, 1, 1, 1)
    result = torch.where(choice < 0.55, mosaic, pictures)
    result = torch.where(choice < 0.45, pasted, result)
    return torch.where(choice < 0.25, blended, result)


def _recolour(random: Random, pictures: Tensor) -> Tensor:
    """Gain per colour, brightness, at times grey, at times sensor noise."""
    count = len(pictures)
    gain = random.uniform(count, 3, 1, 1, low=0.8, high=1.2)
    offset = random.uniform(count, 1, 1, 1, low=-0.15, high=0.15)
    pictures = (pictures * gain + offset).clamp(0, 1)
    grey = pictures.mean(1, keepdim=True).expand_as(pictures)
    pictures = torch.where(_some(random, 0.3, count), grey, pictures)
    deviation = random.uniform(count, 1, 1, 1, high=0.05) * _some(random, 0.3, count)
    return (pictures + deviation * random.normal(*pictures.shape)).clamp(0, 1)


def _some(random: Random, probability: float, count: int) -> Tensor:
    """Booleans (count, 1, 1, 1), true with the given probability."""
    return random.chance(probability, count, 1, 1, 1)
