"""The detector: a package made to run on frames."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from math import ceil
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from uniad_desktop.engine.agreement import Agreement
from uniad_desktop.engine.batch_size import best_batch
from uniad_desktop.engine.expectation import FrameExpectation
from uniad_desktop.engine.layout import Layout, LayoutError, Tile, tiles_of
from uniad_desktop.engine.manifest import ProductEntry
from uniad_desktop.engine.map_making import score_inside
from uniad_desktop.engine.package import ModelPackage, PackageError, open_package
from uniad_desktop.engine.prediction import ModelIdentity, Prediction
from uniad_desktop.engine.preprocess import ImageError, View, check_image
from uniad_desktop.engine.runtimes.base import (
    Output,
    RuntimeFailedError,
    RuntimeUnavailableError,
)
from uniad_desktop.engine.runtimes.choice import RuntimeRequest, choose_runtime
from uniad_desktop.engine.runtimes.names import AUTO, TORCH
from uniad_desktop.engine.stitching import stitcher_for
from uniad_desktop.uniad.config import UniADConfig
from uniad_desktop.uniad.model import UniAD

_log = logging.getLogger(__name__)

_USUAL_WIDTH, _USUAL_HEIGHT = 1280, 1024  # of a frame whose size nothing is known of


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
    """Runs one package on frames. Calls from several threads wait for one another.

    Args:
        package: an opened package.
        device: torch device, or ``auto``.
        threads: of the processor, or None to leave them as they are.
        runtime: a name of `RUNTIMES`, or ``auto`` for the fastest that this machine has. The
            default is the reference, which training and calibration use.

    Raises:
        PackageError: the weights do not fit the architecture.
        DetectorError: the device or the runtime cannot be used.
    """

    def __init__(
        self,
        package: ModelPackage,
        device: str = "auto",
        threads: int | None = None,
        *,
        runtime: str = TORCH,
    ) -> None:
        if threads is not None:
            torch.set_num_threads(threads)  # of the pre-processing too
        self._package = package
        self._config: UniADConfig = package.manifest.architecture
        self._lock = threading.Lock()
        request = RuntimeRequest(
            package, lambda: load_model(package), choose_device(device), threads
        )
        try:
            chosen = choose_runtime(request, runtime)
        except (RuntimeUnavailableError, RuntimeFailedError) as error:
            raise DetectorError(str(error)) from error
        self._runtime = chosen.runtime
        self._agreement = chosen.agreement
        self._remarks = chosen.remarks
        self._as_asked = chosen.as_asked

    @classmethod
    def open(
        cls,
        package: ModelPackage | Path | str,
        *,
        runtime: str = AUTO,
        device: str = "auto",
        threads: int | None = None,
    ) -> Detector:
        """Opens a package and makes it ready to run.

        Args:
            package: an opened package, or the folder ``NAME/VERSION`` of one.
            runtime: a name of `RUNTIMES`, or ``auto``.
            device: torch device, or ``auto``.
            threads: of the processor, or None to leave them as they are.

        Raises:
            PackageError: the package is missing, damaged or does not fit.
            DetectorError: the device or the runtime cannot be used.
        """
        if not isinstance(package, ModelPackage):
            package = open_package(package)
        return cls(package, device, threads, runtime=runtime)

    @property
    def model(self) -> ModelIdentity:
        """Name, version and hash of the package that runs."""
        return self._package.identity

    @property
    def runtime(self) -> str:
        """What runs it, where, in which precision, for example ``torch cpu f32``."""
        return self._runtime.label

    @property
    def agreement(self) -> Agreement | None:
        """How the runtime compared with the reference; None for the reference itself."""
        return self._agreement

    @property
    def remarks(self) -> tuple[str, ...]:
        """Sentences for the user on what did not agree or failed, and on smaller batches."""
        return (*self._remarks, *self._runtime.remarks)

    @property
    def as_asked(self) -> bool:
        """Whether what was asked for runs as it should."""
        return self._as_asked and not self._runtime.remarks

    @property
    def products(self) -> Mapping[str, ProductEntry]:
        """The products that the model knows, with their calibrated limits."""
        return self._package.manifest.products

    @property
    def input_size(self) -> tuple[int, int]:
        """Height and width of the network's input and of every tile's map, in pixels."""
        return self._config.input_height, self._config.input_width

    def close(self) -> None:
        """Gives back what the runtime holds; the detector cannot be used afterwards."""
        with self._lock:
            self._runtime.close()

    def warm_up(self, runs: int = 2) -> None:
        """Runs on flat pictures, so that the first frame does not pay for set-up.

        Every layout of a product is run, with frames as the product expects them.
        """
        entries = {(one.layout, one.frame): one for one in self.products.values()}
        for (layout, expected), entry in entries.items():
            frame = _flat_frame(layout, expected)
            views = [View(frame, tile.box) for tile in self._tiles(frame, entry, layout)]
            for _ in range(runs):
                with self._lock:
                    self._run(views)
        if not any(layout == Layout() for layout, _ in entries):
            frame = _flat_frame(Layout(), None)
            for _ in range(runs):
                with self._lock:
                    self._run([View(frame)])

    def frames_at_once(self, most: int) -> int:
        """How many of `most` frames that wait at the same time are best judged in one run.

        Measured here and now with frames as the first product expects them; a second or so.

        Raises:
            DetectorError: see `predict_batch`.
        """
        product = next(iter(self.products), None)
        entry = self.products[product] if product is not None else None
        frame = _flat_frame(entry.layout if entry else Layout(), entry.frame if entry else None)
        return best_batch(lambda size: self.predict_mixed([frame] * size, [product] * size), most)

    def predict(self, image: NDArray[np.uint8], product: str | None = None) -> Prediction:
        """Anomaly map and score of a frame.

        Args:
            image: (H, W) or (H, W, 3) uint8, RGB.
            product: key of the product whose regions and tiles are looked at; None, or a product
                that the model does not know, is the whole frame as one tile.

        Raises:
            DetectorError: see `predict_batch`.
        """
        return self.predict_batch([image], product)[0]

    def predict_batch(
        self, images: Sequence[NDArray[np.uint8]], product: str | None = None
    ) -> list[Prediction]:
        """Anomaly maps and scores of frames, which may differ in size.

        Args:
            images: each (H, W) or (H, W, 3) uint8, RGB.
            product: as in `predict`.

        Returns:
            One prediction per image, in order. ``timings_ms`` are those of the whole batch.

        Raises:
            DetectorError: an image has a shape that cannot be inspected or that the product was
                not taught with, a region leaves it, the runtime failed, or the network's output
                is not finite (which would otherwise look like a PASS).
        """
        return self.predict_mixed(images, [product] * len(images))

    def predict_mixed(
        self, images: Sequence[NDArray[np.uint8]], products: Sequence[str | None]
    ) -> list[Prediction]:
        """Anomaly maps and scores of frames of several products in one run of the network.

        Args:
            images: each (H, W) or (H, W, 3) uint8, RGB.
            products: of each image, as in `predict`.

        Returns:
            One prediction per image, in order. ``timings_ms`` are those of the whole batch.

        Raises:
            DetectorError: see `predict_batch`; one image that cannot be inspected fails them all.
            ValueError: there are not as many products as images.
        """
        if not images:
            return []
        started = time.perf_counter()
        entries = [self.products.get(one) if one is not None else None for one in products]
        layouts = [entry.layout if entry is not None else Layout() for entry in entries]
        try:
            tiles = [
                self._tiles(image, entry, layout)
                for image, entry, layout in zip(images, entries, layouts, strict=True)
            ]
            views = [
                View(image, tile.box)
                for image, own in zip(images, tiles, strict=True)
                for tile in own
            ]
            with self._lock:
                output = self._run(views)
        except (ImageError, LayoutError, RuntimeUnavailableError) as error:
            raise DetectorError(str(error)) from error
        ran = time.perf_counter()
        assembled = []
        done = 0
        for image, own, layout in zip(images, tiles, layouts, strict=True):
            piece = slice(done, done + len(own))
            done += len(own)
            assembled.append(_assemble(image, layout, self._config, output, piece))
        ended = time.perf_counter()
        timings = {
            "preprocess": output.preprocess_ms,
            "network": output.network_ms,
            "score": (ended - ran) * 1e3,
            "total": (ended - started) * 1e3,
        }
        return [
            Prediction(one, score, self.model, self.runtime, dict(timings), inspected)
            for one, score, inspected in assembled
        ]

    def _tiles(
        self, image: NDArray[np.uint8], entry: ProductEntry | None, layout: Layout
    ) -> tuple[Tile, ...]:
        check_image(image)
        problem = entry.frame.problem(image) if entry is not None and entry.frame else ""
        if problem:
            raise ImageError(problem)
        height, width = image.shape[:2]
        return tiles_of(layout, width, height)

    def _run(self, views: Sequence[View]) -> Output:
        try:
            output = self._runtime.run(views)
        except RuntimeFailedError as error:
            _log.exception("The runtime failed")
            raise DetectorError(str(error)) from error
        if not np.isfinite(output.scores).all() or not np.isfinite(output.maps).all():
            raise DetectorError(
                f"The model {self.model.name} {self.model.version} gave values that are not "
                "numbers; no decision can rest on them. Import the model again."
            )
        return output


def _flat_frame(layout: Layout, expected: FrameExpectation | None) -> NDArray[np.uint8]:
    """A frame as a product expects it, large enough for its regions."""
    boxes = [region.box for region in layout.regions if region.box is not None]
    corners = [point for region in layout.regions for point in region.polygon]
    width = max((_USUAL_WIDTH, *(box.right for box in boxes), *(ceil(x) for x, _ in corners)))
    height = max((_USUAL_HEIGHT, *(box.bottom for box in boxes), *(ceil(y) for _, y in corners)))
    colour = True
    if expected is not None:
        width, height = expected.width or width, expected.height or height
        colour = expected.colour is not False
    return np.full((height, width, 3) if colour else (height, width), 128, dtype=np.uint8)


def _assemble(
    image: NDArray[np.uint8],
    layout: Layout,
    config: UniADConfig,
    output: Output,
    piece: slice,
) -> tuple[NDArray[np.float32], float, NDArray[np.bool_] | None]:
    """Full-frame map, score and what was inspected, from the tiles of one frame."""
    maps, scores = output.maps[piece], output.scores[piece]
    height, width = image.shape[:2]
    stitcher = stitcher_for(layout, (width, height), (config.input_height, config.input_width))
    if stitcher.tile_masks is None:
        score = float(scores.max())
    else:
        score = max(
            score_inside(one, inside, config)
            for one, inside in zip(maps, stitcher.tile_masks, strict=True)
        )
    return stitcher.stitch(maps), score, stitcher.inspected
