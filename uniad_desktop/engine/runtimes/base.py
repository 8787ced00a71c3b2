"""What every runtime offers, and what those that start from the host's pre-processing share."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.engine.map_making import full_maps, scores_of
from uniad_desktop.engine.preprocess import View, preprocess_batch
from uniad_desktop.uniad.config import UniADConfig

MOST_AT_ONCE = 64
"""Largest batch that a runtime is given at once; more views are run in pieces."""


class RuntimeUnavailableError(Exception):
    """A runtime cannot be used on this machine; the message is a sentence for the user."""


class RuntimeFailedError(Exception):
    """A runtime failed while it ran; the message is a sentence for the user."""


@dataclass(frozen=True, slots=True, eq=False)
class Output:
    """What a runtime makes of a batch of views.

    Attributes:
        maps: (B, H, W) float32 at the model's input size, raw distance.
        scores: (B,) float32, raw.
        preprocess_ms: time until the batch was ready for the network.
        network_ms: time from there until maps and scores were on the host.
    """

    maps: NDArray[np.float32]
    scores: NDArray[np.float32]
    preprocess_ms: float
    network_ms: float


class Runtime(Protocol):
    """Runs one model. One thread at a time."""

    @property
    def label(self) -> str:
        """What runs it, where, in which precision, for example ``openvino cpu bf16``."""
        ...

    @property
    def remarks(self) -> tuple[str, ...]:
        """Sentences for the user on what is not as was asked, for example smaller batches."""
        ...

    def run(self, views: Sequence[View]) -> Output:
        """Maps and scores of views.

        Raises:
            ImageError: a view cannot be inspected.
            RuntimeFailedError: the device failed.
        """
        ...

    def close(self) -> None:
        """Gives back what it holds; it cannot be used afterwards."""
        ...


class HostRuntime(ABC):
    """A runtime that gets scaled pictures from the host and gives back distances per token.

    Args:
        config: the architecture.
        label: see `Runtime.label`.
    """

    def __init__(self, config: UniADConfig, label: str) -> None:
        self._config = config
        self._label = label

    @property
    def label(self) -> str:
        """What runs it, where, in which precision."""
        return self._label

    @property
    def remarks(self) -> tuple[str, ...]:
        """Nothing to say."""
        return ()

    @abstractmethod
    def coarse(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Distances per token (B, rows, columns) of pictures (B, 3, H, W) in grey levels.

        Raises:
            RuntimeFailedError: the device failed.
        """

    def run(self, views: Sequence[View]) -> Output:
        """Maps and scores of views; see `Runtime.run`."""
        started = time.perf_counter()
        config = self._config
        pictures = preprocess_batch(views, config.input_height, config.input_width)
        prepared = time.perf_counter()
        coarse = np.concatenate(
            [
                self.coarse(pictures[start : start + MOST_AT_ONCE])
                for start in range(0, len(pictures), MOST_AT_ONCE)
            ]
        )
        maps = full_maps(coarse, config)
        scores = scores_of(coarse, config, maps)
        ended = time.perf_counter()
        return Output(maps, scores, (prepared - started) * 1e3, (ended - prepared) * 1e3)

    def close(self) -> None:
        """Gives back what it holds; most hold nothing."""
        return
