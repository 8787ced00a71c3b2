"""The detector: a package made to run on frames."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from uniad_desktop.engine.folding import FoldingError, fold_batch_norms
from uniad_desktop.engine.manifest import ProductEntry
from uniad_desktop.engine.package import ModelPackage, PackageError
from uniad_desktop.engine.prediction import ModelIdentity, Prediction
from uniad_desktop.engine.preprocess import ImageError, preprocess
from uniad_desktop.uniad.config import UniADConfig
from uniad_desktop.uniad.model import UniAD
from uniad_desktop.uniad.scoring import anomaly_map, image_score

_log = logging.getLogger(__name__)


class DetectorError(Exception):
    """No trustworthy prediction could be made; the message is a sentence for the user."""


def load_model(package: ModelPackage) -> UniAD:
    """Builds the network of a package with its weights, on the CPU, in eval mode, unfolded.

    Raises:
        PackageError: the weights do not fit the architecture that the manifest names.
    """
    try:
        model = UniAD(package.manifest.architecture)
        model.load_state_dict(package.weights())
    except (ValueError, RuntimeError) as error:
        raise PackageError(
            f"The weights in {package.folder} do not fit the network that the package names "
            f"({str(error).splitlines()[0]}); import the model again."
        ) from error
    return model.eval().requires_grad_(False)


def choose_device(device: str = "auto") -> torch.device:
    """``auto`` is CUDA where there is one, else the CPU.

    Raises:
        DetectorError: torch does not know the device, or it is not there.
    """
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        chosen = torch.device(device)
        torch.empty(1, device=chosen)
    except (RuntimeError, AssertionError) as error:
        raise DetectorError(
            f"The device '{device}' cannot be used ({str(error).splitlines()[0]}); "
            "choose 'auto' or 'cpu'."
        ) from error
    return chosen


class Detector:
    """Runs one package on frames. One thread at a time.

    Args:
        package: an opened package.
        device: torch device, or ``auto``.
        threads: torch threads of this process, or None to leave them as they are.

    Raises:
        PackageError: the weights do not fit the architecture.
        DetectorError: the device cannot be used, or the optimised network does not agree with
            the plain one.
    """

    def __init__(
        self, package: ModelPackage, device: str = "auto", threads: int | None = None
    ) -> None:
        if threads is not None:
            torch.set_num_threads(threads)
        self._package = package
        self._device = choose_device(device)
        self._config = package.manifest.architecture
        model = load_model(package)
        try:
            model.pyramid.backbone = fold_batch_norms(
                model.pyramid.backbone, _example(self._config)
            )
        except FoldingError as error:
            raise DetectorError(
                f"The model {package.identity.name} cannot be made ready: {error}"
            ) from error
        model.pyramid.backbone.to(memory_format=torch.channels_last)
        self._model = model.to(self._device).eval()

    @property
    def model(self) -> ModelIdentity:
        """Name, version and hash of the package that runs."""
        return self._package.identity

    @property
    def runtime(self) -> str:
        """What runs it, where, in which precision, for example ``torch cpu f32``."""
        return f"torch {self._device.type} f32"

    @property
    def products(self) -> Mapping[str, ProductEntry]:
        """The products that the model knows, with their calibrated limits."""
        return self._package.manifest.products

    @property
    def input_size(self) -> tuple[int, int]:
        """Height and width of the network's input and of every map, in pixels."""
        return self._config.input_height, self._config.input_width

    def warm_up(self, runs: int = 2) -> None:
        """Runs on a grey picture, so that the first frame does not pay for set-up."""
        frame = np.full((64, 64), 128, dtype=np.uint8)
        for _ in range(runs):
            self.predict([frame])

    def predict(self, images: Sequence[NDArray[np.uint8]]) -> list[Prediction]:
        """Anomaly maps and scores of frames, which may differ in size.

        Args:
            images: each (H, W) or (H, W, 3) uint8, RGB.

        Returns:
            One prediction per image, in order. ``timings_ms`` are those of the whole batch.

        Raises:
            DetectorError: an image has a shape that cannot be inspected, the runtime failed, or
                the network's output is not finite (which would otherwise look like a PASS).
        """
        if not images:
            return []
        started = time.perf_counter()
        try:
            height, width = self.input_size
            batch = torch.stack([preprocess(image, height, width) for image in images])
        except ImageError as error:
            raise DetectorError(str(error)) from error
        prepared = time.perf_counter()
        try:
            with torch.inference_mode():
                difference = self._difference(batch)
                ready = time.perf_counter()
                maps, scores = self._score(difference)
        except RuntimeError as error:
            _log.exception("The network failed")
            raise DetectorError(
                f"The model failed on {self._device} ({str(error).splitlines()[0]}); "
                "start the inspection again, or choose the device 'cpu'."
            ) from error
        if not np.isfinite(scores).all() or not np.isfinite(maps).all():
            raise DetectorError(
                f"The model {self.model.name} {self.model.version} gave values that are not "
                "numbers; no decision can rest on them. Import the model again."
            )
        ended = time.perf_counter()
        timings = {
            "preprocess": (prepared - started) * 1e3,
            "network": (ready - prepared) * 1e3,
            "score": (ended - ready) * 1e3,
            "total": (ended - started) * 1e3,
        }
        return [
            Prediction(one, float(score), self.model, self.runtime, dict(timings))
            for one, score in zip(maps, scores, strict=True)
        ]

    def _difference(self, batch: Tensor) -> Tensor:
        batch = batch.to(self._device).contiguous(memory_format=torch.channels_last)
        difference = self._model.difference(self._model.pyramid(batch))
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)
        return difference

    def _score(self, difference: Tensor) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        maps = anomaly_map(difference, self._config.grid, self.input_size)
        scores = image_score(maps, self._config.score, self._config.score_pool)
        return maps.cpu().numpy(), scores.cpu().numpy()


def _example(config: UniADConfig) -> Tensor:
    """A fixed noisy picture in the range of normalised input, for checking the folding."""
    generator = torch.Generator().manual_seed(0)
    return torch.randn(1, 3, config.input_height, config.input_width, generator=generator)
