"""Takes images of a product in, one after the other: examined, kept, accounted for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.cameras.frame import SourceKind
from uniad_desktop.teaching.collection import Added, Origin, Part, PartCollection, State
from uniad_desktop.teaching.examiner import FrameExaminer
from uniad_desktop.teaching.products import Feature
from uniad_desktop.training.datasets import ImageReader, Sample, Split


class PartIntake:
    """Images go through the checks into a collection. One thread.

    Args:
        collection: where they go.
        examiner: of the same collection.

    Attributes:
        taken: parts that were accepted.
        aside: parts that are doubtful.
        duplicates: images whose very pixels were there already.
    """

    def __init__(self, collection: PartCollection, examiner: FrameExaminer) -> None:
        self._collection, self.examiner = collection, examiner
        self._reader = ImageReader()
        self.taken: list[Part] = []
        self.aside: list[Part] = []
        self.duplicates = 0

    @property
    def unreadable(self) -> int:
        """Files that could not be read."""
        return len(self._reader.skipped)

    def summary(self) -> str:
        """What was wrong with files, for the user; empty if nothing was."""
        return self._reader.summary()

    def take(
        self,
        image: NDArray[np.uint8],
        origin: Origin,
        camera: Mapping[str, Feature],
        score: float | None = None,
    ) -> Added:
        """Examines an image and keeps it.

        Args:
            image: (H, W) or (H, W, 3) uint8, RGB.
            origin: where it comes from.
            camera: values of the camera's features.
            score: raw score of the current model where it is known already.

        Raises:
            CollectionError: the disk refuses; the image is not kept.
        """
        findings = self.examiner.examine(image, score)
        added = self._collection.add(image, origin, camera, findings)
        if added.duplicate:
            self.duplicates += 1
        else:
            self.examiner.took(added.part, image, findings)
            accepted = added.part.state is State.ACCEPTED
            (self.taken if accepted else self.aside).append(added.part)
        return added

    def take_file(self, path: Path) -> Added | None:
        """Takes an image file in; None where it cannot be read, which is counted.

        Raises:
            CollectionError: the disk refuses; the image is not kept.
        """
        image = self._reader.read(Sample(path, self._collection.product, Split.TRAIN))
        if image is None:
            return None
        origin = Origin(
            source=str(path.absolute()),
            kind=SourceKind.FILE,
            pixel_format="Mono8" if image.ndim == 2 else "RGB8",
        )
        return self.take(image, origin, {})
