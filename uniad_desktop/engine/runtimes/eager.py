"""The reference: the network as it was trained, run by torch step by step, on any device."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import torch

from uniad_desktop.engine.preprocess import View, preprocess_batch
from uniad_desktop.engine.runtimes.base import MOST_AT_ONCE, Output, RuntimeFailedError
from uniad_desktop.uniad.model import UniAD


class EagerRuntime:
    """Plain eager torch in f32. Every other runtime is held against it.

    Args:
        model: trained, in eval mode.
        device: where it runs.
    """

    def __init__(self, model: UniAD, device: torch.device) -> None:
        self._model = model.to(device).eval()
        self._device = device

    @property
    def label(self) -> str:
        """For example ``torch cpu f32``."""
        return f"torch {self._device.type} f32"

    @property
    def remarks(self) -> tuple[str, ...]:
        """Nothing to say."""
        return ()

    def run(self, views: Sequence[View]) -> Output:
        """Maps and scores of views; see `Runtime.run`."""
        started = time.perf_counter()
        config = self._model.config
        pictures = preprocess_batch(views, config.input_height, config.input_width)
        prepared = time.perf_counter()
        maps, scores = [], []
        try:
            with torch.inference_mode():
                for start in range(0, len(pictures), MOST_AT_ONCE):
                    levels = torch.from_numpy(pictures[start : start + MOST_AT_ONCE])
                    images = levels.to(self._device).to(torch.float32) / 255.0
                    some_maps, some_scores = self._model(images)
                    maps.append(some_maps.cpu().numpy())
                    scores.append(some_scores.cpu().numpy())
        except RuntimeError as error:
            raise RuntimeFailedError(
                f"The model failed on {self._device} ({str(error).splitlines()[0]}); "
                "start the inspection again, or choose the device 'cpu'."
            ) from error
        ended = time.perf_counter()
        return Output(
            np.concatenate(maps),
            np.concatenate(scores),
            (prepared - started) * 1e3,
            (ended - prepared) * 1e3,
        )

    def close(self) -> None:
        """Nothing to give back."""
