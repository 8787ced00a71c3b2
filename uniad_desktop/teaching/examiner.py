"""Runs all checks on the frames of a product, one after the other, and keeps account."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.engine.expectation import FrameExpectation
from uniad_desktop.teaching.checks import (
    ANY_FRAME,
    CheckContext,
    Finding,
    Findings,
    Reason,
    examine,
)
from uniad_desktop.teaching.collection import Part, PartCollection, State
from uniad_desktop.teaching.products import Product

if TYPE_CHECKING:
    from collections.abc import Mapping

    from uniad_desktop.engine.manifest import ProductEntry
    from uniad_desktop.engine.prediction import Prediction
    from uniad_desktop.teaching.feature_probe import FeatureProbe


class Scorer(Protocol):
    """What is needed of a detector."""

    @property
    def products(self) -> Mapping[str, ProductEntry]:
        """The products that the model knows."""
        ...

    def predict(self, image: NDArray[np.uint8], product: str | None = None) -> Prediction:
        """Score of a frame. Raises DetectorError."""
        ...


class FrameExaminer:
    """Examines frames against what a product's collection holds.

    Args:
        product: what they are collected for.
        collection: its parts.
        probe: computes pooled features.
        detector: the current model; None: none. It is asked only where it knows the product with
            the same regions and tiles.

    Raises:
        CollectionError: the collection cannot be read.
    """

    def __init__(
        self,
        product: Product,
        collection: PartCollection,
        probe: FeatureProbe,
        detector: Scorer | None = None,
    ) -> None:
        from uniad_desktop.teaching.feature_probe import PooledFeatures

        self._product, self._collection, self._probe = product, collection, probe
        entry = detector.products.get(product.key) if detector is not None else None
        fits = entry is not None and entry.layout == product.layout
        self._detector = detector if fits else None
        self._limit = entry.reject if fits and entry is not None else None
        self._frame = (entry.frame if fits and entry is not None else None) or ANY_FRAME
        self._pooled = PooledFeatures(collection, probe, product.layout)
        self.refresh()

    @property
    def context(self) -> CheckContext:
        """What frames are compared with."""
        return self._context

    def refresh(self) -> None:
        """Reads the collection anew, after parts were accepted, deleted or an action undone."""
        parts = self._collection.parts(State.ACCEPTED)
        frame = self._frame
        if parts and frame == ANY_FRAME:
            shapes = Counter((part.width, part.height, part.colour) for part in parts)
            frame = FrameExpectation(*shapes.most_common(1)[0][0])
        self._context = CheckContext(
            focus=figures_of(parts, "focus"),
            brightness=figures_of(parts, "brightness"),
            saturated=figures_of(parts, "saturated"),
            frame=frame,
            features=self._pooled.all_of(parts),
            limit=self._limit,
        )
        self._pooled.save()

    def examine(self, image: NDArray[np.uint8], score: float | None = None) -> Findings:
        """All checks of a frame.

        What cannot be checked is doubtful. A frame of another size is not shown to the model.

        Args:
            image: (H, W) or (H, W, 3) uint8, RGB.
            score: raw score of the current model where it is known already, which is not asked
                again then.
        """
        from uniad_desktop.engine.detector import DetectorError
        from uniad_desktop.teaching.feature_probe import ProbeError
        from uniad_desktop.training.errors import TrainingError

        features = None
        unchecked: tuple[Finding, ...] = ()
        if not self._context.frame.problem(image):
            try:
                features = self._probe.pooled(image, self._product.layout)
                if self._detector is not None and score is None:
                    prediction = self._detector.predict(image, self._product.key)
                    score = prediction.image_score
            except (ProbeError, DetectorError, TrainingError) as error:
                unchecked = (Finding(reason=Reason.UNCHECKED, sentence=str(error)),)
        found = examine(image, features, score, self._context)
        return replace(found, doubts=(*found.doubts, *unchecked))

    def took(self, part: Part, image: NDArray[np.uint8], findings: Findings) -> None:
        """Takes account of a part that was added after `examine`."""
        if findings.features is not None:
            self._pooled.put(part, findings.features)
        if part.state is State.ACCEPTED:
            self._context = self._context.with_part(image, findings)

    def save(self) -> None:
        """Keeps the features for the next time."""
        self._pooled.save()


def figures_of(parts: tuple[Part, ...], name: str) -> tuple[float, ...]:
    """A figure of the checks of all parts that have it."""
    return tuple(part.figures[name] for part in parts if name in part.figures)
