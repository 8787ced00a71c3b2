"""The checks of parts made ready beside a running station: late, and on one processor thread."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.teaching.collection import PartCollection
from uniad_desktop.teaching.coverage import Coverage, coverage_of
from uniad_desktop.teaching.examiner import FrameExaminer
from uniad_desktop.teaching.part_intake import PartIntake
from uniad_desktop.teaching.products import Product

if TYPE_CHECKING:
    from uniad_desktop.engine.detector import Detector
    from uniad_desktop.engine.manifest import ProductEntry
    from uniad_desktop.engine.package import ModelPackage
    from uniad_desktop.engine.prediction import Prediction

THREADS: Final = 1
"""Of the processor; the station needs the others."""


class LateDetector:
    """A detector that is loaded when a frame comes that has no score yet.

    Args:
        package: an opened package.
    """

    def __init__(self, package: ModelPackage) -> None:
        self._package = package
        self._detector: Detector | None = None

    @property
    def products(self) -> Mapping[str, ProductEntry]:
        """The products that the model knows."""
        return self._package.manifest.products

    def predict(self, image: NDArray[np.uint8], product: str | None = None) -> Prediction:
        """Score of a frame. Raises DetectorError, PackageError."""
        from uniad_desktop.engine.detector import Detector

        if self._detector is None:
            self._detector = Detector(self._package, "cpu", THREADS)
        return self._detector.predict(image, product)

    def close(self) -> None:
        """Gives back what it holds."""
        if self._detector is not None:
            self._detector.close()
            self._detector = None


class PartChecks:
    """Everything that examines and keeps the parts of one product. One thread.

    Args:
        product: what is collected.
        collection: its parts.
        package: whose backbone and, where it knows the product, limit is used.

    Raises:
        PackageError: the weights do not fit.
        CollectionError: the collection cannot be read.
    """

    def __init__(self, product: Product, collection: PartCollection, package: ModelPackage) -> None:
        from uniad_desktop.teaching.feature_probe import FeatureProbe

        self._detector = LateDetector(package)
        self._examiner = FrameExaminer(
            product, collection, FeatureProbe(package, THREADS), self._detector
        )
        self.intake = PartIntake(collection, self._examiner)

    def coverage(self) -> Coverage:
        """Of the accepted parts, without a look at the disk."""
        context = self._examiner.context
        return coverage_of(context.features, context.brightness, len(context.focus))

    def refresh(self) -> None:
        """Reads the collection anew. Raises CollectionError."""
        self._examiner.refresh()

    def save(self) -> None:
        """Keeps the features for the next time."""
        self._examiner.save()

    def close(self) -> None:
        """Keeps the features and gives back what it holds."""
        self._examiner.save()
        self._detector.close()
