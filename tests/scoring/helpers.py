from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from uniad_desktop.engine.detector import DetectorError
from uniad_desktop.engine.manifest import Calibration, ProductEntry
from uniad_desktop.engine.prediction import ModelIdentity, Prediction
from uniad_desktop.inspection.types import Region, Verdict
from uniad_desktop.scoring.job import Job, ScoredImage

MODEL = ModelIdentity("test", "1.0.0", "ab" * 32)


def entry(accept: float = 10.0, reject: float = 20.0, title: str = "Flange") -> ProductEntry:
    return ProductEntry(
        titles={"en": title},
        accept=accept,
        reject=reject,
        map_range=(0.0, 40.0),
        calibration=Calibration(
            parts=1, false_reject_rate=0.1, median=1.0, deviation=1.0, largest=2.0
        ),
    )


class FakeDetector:
    """The score is the image's mean; 255 fails, 254 is not a number."""

    model = MODEL
    runtime = "fake"

    def __init__(self) -> None:
        self.products: Mapping[str, ProductEntry] = {"flange": entry(), "label": entry(30, 30)}
        self.batches: list[int] = []

    def predict_batch(
        self, images: Sequence[np.ndarray], product: str | None = None
    ) -> list[Prediction]:
        self.batches.append(len(images))
        if any(image.max() == 255 for image in images):
            raise DetectorError("the model does not want this image")
        answers = []
        for image in images:
            value = math.nan if image.max() == 254 else float(image.mean())
            answers.append(
                Prediction(np.full((4, 4), value, np.float32), value, MODEL, self.runtime)
            )
        return answers


def write_image(path: Path, value: int = 5, size: tuple[int, int] = (16, 12)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = np.full((size[1], size[0], 3), value, np.uint8)
    done, data = cv2.imencode(path.suffix, image)
    assert done
    path.write_bytes(data.tobytes())
    return path


def jobs_of(*paths: Path, product: str = "flange") -> list[Job]:
    return [Job(number, path, path.parent, product) for number, path in enumerate(paths)]


def line(path: str = "/a.png", verdict: Verdict = Verdict.FAIL, **changes: object) -> ScoredImage:
    good = verdict is not Verdict.ERROR
    values = {
        "path": path,
        "sha256": "01" * 32,
        "modified_ns": 123,
        "product": "flange",
        "label": "",
        "verdict": verdict,
        "score": 62.5 if good else None,
        "raw_score": 25.0 if good else None,
        "accept": 10.0,
        "reject": 20.0,
        "regions": (Region(1, 2, 3, 4, 12, 70.25), Region(5, 6, 7, 8, 9, 55.5, 0.05)),
        "model": "test@1.0.0",
        "model_sha256": "ab" * 32,
        "runtime": "fake",
        "width": 16,
        "height": 12,
        "latency_ms": 1.25,
        "error": "" if good else "it failed",
    }
    return ScoredImage(**{**values, **changes})
