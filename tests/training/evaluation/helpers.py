"""A data set whose truth is known and a detector that anyone can follow."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch

from tests.helpers import tiny_config
from uniad_desktop.engine.manifest import Calibration, ProductEntry
from uniad_desktop.engine.package import ModelPackage, write_package
from uniad_desktop.engine.prediction import ModelIdentity, Prediction
from uniad_desktop.training.datasets import open_data
from uniad_desktop.uniad.config import VisualisationConfig
from uniad_desktop.uniad.model import UniAD
from uniad_desktop.uniad.visualisation import VisualisationDecoder

SIDE = 32
MODEL = ModelIdentity("bright", "1.2.3", "ab" * 32)


class BrightDetector:
    """Brightness is the anomaly: the map is the grey image at half size, the score its maximum."""

    def __init__(self, **limits: float) -> None:
        self.products = {key: entry_of(key, limit) for key, limit in limits.items()}
        self.model = MODEL
        self.runtime = "fake"
        self.agreement = None
        self.remarks: tuple[str, ...] = ()
        self.batches: list[int] = []

    def predict(self, image, product=None):
        return self.predict_batch([image], product)[0]

    def predict_batch(self, images, product=None):
        self.batches.append(len(images))
        return [self._predict(image) for image in images]

    def _predict(self, image):
        grey = image if image.ndim == 2 else image[..., 0]
        half = np.ascontiguousarray(grey[::2, ::2], np.float32)
        return Prediction(half, float(half.max()), MODEL, "fake")


def entry_of(key: str, limit: float) -> ProductEntry:
    return ProductEntry(
        titles={"en": f"The {key}"},
        accept=limit,
        reject=limit,
        map_range=(0.0, 2.0 * limit),
        calibration=Calibration(
            parts=9, false_reject_rate=0.1, median=1.0, deviation=1.0, largest=2.0
        ),
    )


def write_image(path: Path, image: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    done, data = cv2.imencode(path.suffix, image)
    assert done
    path.write_bytes(data.tobytes())


def add_part(
    folder: Path, number: int, kind: str, brightest: int, *, masked: bool = True, side: int = SIDE
) -> None:
    """A grey part in MVTec AD layout: 20 everywhere, `brightest` in a square of 8 x 8 pixels."""
    image = np.full((side, side), 20, np.uint8)
    image[8:16, 4:12] = brightest
    write_image(folder / "test" / kind / f"{number:03d}.png", image)
    if masked and kind != "good":
        mask = np.zeros((side, side), np.uint8)
        mask[8:16, 4:12] = 255
        write_image(folder / "ground_truth" / kind / f"{number:03d}_mask.png", mask)


def make_class(folder: Path, good=(22, 24, 26, 60), bad=(40, 120, 200), **options) -> Path:
    """Good and defective parts whose brightest value is given; one training image."""
    write_image(folder / "train" / "good" / "000.png", np.full((SIDE, SIDE), 20, np.uint8))
    for number, value in enumerate(good):
        add_part(folder, number, "good", value)
    for number, value in enumerate(bad):
        add_part(folder, number, "spot", value, **options)
    return folder


def opened(root: Path, *sources: Path):
    return open_data([str(one) for one in sources or (root,)], work=root / "work")


def package_with_decoder(folder: Path, width: int = 16) -> ModelPackage:
    """A package with a visualisation decoder, without products; its width may be a lie."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = UniAD(tiny_config()).eval()
        decoder = VisualisationDecoder(
            VisualisationConfig(width=16),
            model.config.backbone.feature_channels,
            model.config.grid,
            (64, 80),
        )
    return write_package(
        folder,
        name="tiny",
        version="0.0.1",
        architecture=model.config,
        weights=model.state_dict(),
        products={},
        backbone_source="random weights",
        backbone_licence="Apache-2.0",
        visualisation=(VisualisationConfig(width=width), decoder.state_dict()),
    )
