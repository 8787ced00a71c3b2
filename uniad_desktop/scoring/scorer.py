"""From pixels to a line of the results: one model, the product's limits, never a false PASS."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.engine.detector import DetectorError
from uniad_desktop.engine.manifest import ProductEntry
from uniad_desktop.engine.prediction import ModelIdentity, Prediction
from uniad_desktop.inspection.judge import judge
from uniad_desktop.inspection.types import Limits, Region, Verdict
from uniad_desktop.scoring.decode import Decoded
from uniad_desktop.scoring.job import Job, ScoredImage
from uniad_desktop.training.datasets.sample import printable


class DetectorLike(Protocol):
    """What is needed of a detector."""

    @property
    def model(self) -> ModelIdentity:
        """Which package runs."""

    @property
    def runtime(self) -> str:
        """What runs it."""

    @property
    def products(self) -> Mapping[str, ProductEntry]:
        """The products that it knows."""

    def predict_batch(
        self, images: Sequence[NDArray[np.uint8]], product: str | None = None
    ) -> list[Prediction]:
        """Maps and scores; raises DetectorError."""


class Scorer:
    """Judges images that were read.

    Args:
        detector: ready to run.

    Attributes:
        seconds: spent in the model and in judging so far.
    """

    def __init__(self, detector: DetectorLike) -> None:
        self._detector = detector
        self.seconds = 0.0

    def score(
        self, batch: Sequence[tuple[Job, Decoded]]
    ) -> list[tuple[ScoredImage, Prediction | None]]:
        """Lines of the results in the same order, each with its prediction where there is one.

        Products must be known to the model. What could not be read, or what the model refuses, is
        an ERROR with a sentence.
        """
        scored = []
        for product, group in groupby(batch, key=lambda one: one[0].product):
            scored += self._of_product(product, list(group))
        return scored

    def _of_product(
        self, product: str, batch: list[tuple[Job, Decoded]]
    ) -> list[tuple[ScoredImage, Prediction | None]]:
        started = time.perf_counter()
        images = [decoded.image for _, decoded in batch if decoded.image is not None]
        answers = iter(self._predict(images, product))
        spent = time.perf_counter() - started
        self.seconds += spent
        each_ms = spent * 1e3 / max(1, len(images))
        return [
            self._line(job, decoded, decoded.error, each_ms)
            if decoded.image is None
            else self._line(job, decoded, next(answers), each_ms)
            for job, decoded in batch
        ]

    def _predict(self, images: Sequence[NDArray[np.uint8]], product: str) -> list[Prediction | str]:
        """A prediction or a sentence for each; one bad image does not cost the others theirs."""
        try:
            return list(self._detector.predict_batch(images, product)) if images else []
        except DetectorError as error:
            if len(images) == 1:
                return [str(error)]
        return [answer for image in images for answer in self._predict([image], product)]

    def _line(
        self, job: Job, decoded: Decoded, answer: Prediction | str, latency_ms: float
    ) -> tuple[ScoredImage, Prediction | None]:
        started = time.perf_counter()
        entry = self._detector.products[job.product]
        limits = Limits(entry.accept, entry.reject)
        verdict, score, raw, error = Verdict.ERROR, None, None, ""
        regions: tuple[Region, ...] = ()
        prediction = None
        if isinstance(answer, str):
            error = answer or "The image could not be read."
        else:
            judgement = judge(
                answer,
                limits,
                (decoded.width, decoded.height),
                pixel_limit=entry.pixel_limit,
                least_area=entry.least_area,
                mm_per_pixel=entry.layout.mm_per_pixel,
            )
            verdict, error, prediction = judgement.verdict, judgement.detail, answer
            if verdict is not Verdict.ERROR:
                score, raw, regions = judgement.score, answer.image_score, judgement.regions
        model = self._detector.model
        took = time.perf_counter() - started
        self.seconds += took
        line = ScoredImage(
            path=printable(job.path),
            sha256=decoded.sha256,
            modified_ns=decoded.modified_ns,
            product=job.product,
            label=job.label,
            verdict=verdict,
            score=score,
            raw_score=raw,
            accept=entry.accept,
            reject=entry.reject,
            regions=regions,
            model=f"{model.name}@{model.version}",
            model_sha256=model.sha256,
            runtime=self._detector.runtime,
            width=decoded.width,
            height=decoded.height,
            latency_ms=0.0 if prediction is None else latency_ms + took * 1e3,
            error=error,
        )
        return line, prediction
