"""Seeded random numbers on one device, with the few distributions the generator draws from."""

from __future__ import annotations

import math

import torch
from torch import Tensor


class Random:
    """A seeded source of random tensors.

    Two sources with the same seed and device give the same numbers. A CPU and a CUDA source with
    the same seed give different (equally distributed) ones, as torch's generators do.
    """

    def __init__(self, seed: int, device: torch.device | str = "cpu") -> None:
        self.device = torch.device(device)
        self.generator = torch.Generator(device=self.device).manual_seed(seed)

    def uniform(self, *shape: int, low: float = 0.0, high: float = 1.0) -> Tensor:
        """Numbers spread evenly over [low, high)."""
        drawn = torch.rand(*shape, generator=self.generator, device=self.device)
        return drawn * (high - low) + low

    def log_uniform(self, *shape: int, low: float, high: float) -> Tensor:
        """Positive numbers whose logarithm is spread evenly: each octave is equally likely."""
        return self.uniform(*shape, low=math.log(low), high=math.log(high)).exp()

    def normal(self, *shape: int) -> Tensor:
        """Numbers with mean 0 and deviation 1."""
        return torch.randn(*shape, generator=self.generator, device=self.device)

    def integers(self, count: int, *shape: int) -> Tensor:
        """Whole numbers from 0 to ``count`` - 1 (int64)."""
        return torch.randint(0, count, shape, generator=self.generator, device=self.device)

    def chance(self, probability: float, *shape: int) -> Tensor:
        """Booleans, true with the given probability."""
        return self.uniform(*shape) < probability

    def permutation(self, count: int) -> Tensor:
        """The numbers 0 to ``count`` - 1 in random order."""
        return torch.randperm(count, generator=self.generator, device=self.device)
