"""What a network in training is worth on the test pictures, from their cached features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from uniad_desktop.training.datasets import Sample
from uniad_desktop.training.features import Features
from uniad_desktop.training.metrics import auroc
from uniad_desktop.training.pixel_metrics import PixelCounter
from uniad_desktop.uniad.network import ReconstructionNetwork
from uniad_desktop.uniad.scoring import anomaly_map, image_score

_BINS = 1 << 16
_BATCH = 32


@dataclass(frozen=True, slots=True)
class Figures:
    """AUROC of images and of pixels, 0 to 1; None where the test set does not give one."""

    image: float | None
    pixel: float | None


@dataclass(frozen=True, slots=True, eq=False)
class TestSet:
    """Test pictures as a variant sees them.

    Attributes:
        features: (n, N, C) raw features.
        samples: what the pictures are.
        masks: (height, width) each, true on the defect, or None.
    """

    __test__ = False  # its name is no test to pytest

    features: Features
    samples: Sequence[Sample]
    masks: Sequence[NDArray[np.bool_] | None]


class Examiner:
    """Measures networks of one shape; works on a copy and draws no random numbers.

    Args:
        network: one of that shape; it is not touched.
        test: the test pictures.
        scale: mean and deviation that the network's features are standardised with.
    """

    def __init__(
        self, network: ReconstructionNetwork, test: TestSet, scale: tuple[Tensor, Tensor]
    ) -> None:
        with torch.random.fork_rng(devices=[]):
            self._copy = ReconstructionNetwork(network.config).eval()
        self._test = test
        self._scale = scale

    def measure(self, network: ReconstructionNetwork) -> dict[str, Figures]:
        """The figures of every product, for the network as it is now; products sorted.

        Raises:
            ValueError: a score is no number.
        """
        self._copy.to(network.output_proj.weight.device)
        self._copy.load_state_dict(network.state_dict())
        products = sorted({one.product for one in self._test.samples})
        scores: dict[str, list[float]] = {one: [] for one in products}
        labels: dict[str, list[bool]] = {one: [] for one in products}
        pixels = {one: PixelCounter(_BINS) for one in products}
        with torch.random.fork_rng(devices=[]), torch.inference_mode():
            for start in range(0, len(self._test.features), _BATCH):
                maps, values = self._score(slice(start, start + _BATCH))
                for row, (one, value) in enumerate(zip(maps, values, strict=True), start):
                    sample, mask = self._test.samples[row], self._test.masks[row]
                    scores[sample.product].append(float(value))
                    labels[sample.product].append(not sample.good)
                    if mask is not None:
                        pixels[sample.product].add(mask, one)
        return {
            one: Figures(
                image=auroc(labels[one], scores[one]) if len(set(labels[one])) == 2 else None,
                pixel=pixels[one].auroc() if pixels[one].both else None,
            )
            for one in products
        }

    def _score(self, rows: slice) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Maps (b, height, width) and scores (b,) of some test pictures."""
        config = self._copy.config
        device = self._copy.output_proj.weight.device
        mean, deviation = (one.to(device) for one in self._scale)
        raw = torch.from_numpy(np.array(self._test.features[rows])).to(device)
        tokens = (raw - mean) / deviation
        size = (config.input_height, config.input_width)
        maps = anomaly_map(tokens - self._copy(tokens), config.grid, size)
        scores = image_score(maps, config.score, config.score_pool)
        return maps.float().cpu().numpy(), scores.float().cpu().numpy()
