"""Scores of the parts of a data set, each file once, through the detector of the line."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.engine.detector import DetectorError
from uniad_desktop.engine.manifest import ProductEntry
from uniad_desktop.engine.prediction import Prediction
from uniad_desktop.engine.preprocess import SMALLEST_SIDE
from uniad_desktop.training.calibration import CalibrationError
from uniad_desktop.training.datasets import DataError, ImageReader, Sample
from uniad_desktop.training.datasets.sample import counted, listed, printable
from uniad_desktop.training.pictures import hashed

_SHOWN = 3


class Predicts(Protocol):
    """What is needed of a detector."""

    @property
    def products(self) -> Mapping[str, ProductEntry]:
        """The products that it knows."""

    def predict_batch(
        self, images: Sequence[NDArray[np.uint8]], product: str | None = None
    ) -> list[Prediction]:
        """Maps and scores; raises DetectorError."""


@dataclass(frozen=True, slots=True)
class PartScore:
    """A part that was inspected.

    Attributes:
        sample: where its picture is and whether it has a defect.
        sha256: of the file, hex.
        score: raw image score.
        shape: of the picture, (H, W) or (H, W, 3).
    """

    sample: Sample
    sha256: str
    score: float
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ChosenParts:
    """The parts that may be used, each file once, in the order of the data.

    Attributes:
        parts: samples and the SHA-256 of their files.
        twice: those left out since an equal file is among the parts.
        trained: those left out since the model was trained on them.
    """

    parts: tuple[tuple[Sample, bytes], ...]
    twice: tuple[Sample, ...]
    trained: tuple[Sample, ...]

    def notes(self) -> list[str]:
        """What was left out, sentences for the user."""
        notes = []
        if self.twice:
            one = len(self.twice) == 1
            notes.append(
                f"{counted(len(self.twice), 'picture')} {'holds' if one else 'hold'} the same as "
                f"another one and {'is' if one else 'are'} not counted again: "
                f"{_named(self.twice)}."
            )
        if self.trained:
            notes.append(
                f"{counted(len(self.trained), 'good picture')} left out, as the model was trained "
                f"on them and a limit from them would be too low: {_named(self.trained)}."
            )
        return notes


def choose_parts(
    samples: Sequence[Sample], trained: Collection[str], reader: ImageReader
) -> ChosenParts:
    """Leaves out equal files, and good ones that the model was trained on.

    Args:
        samples: of one product, good and defective.
        trained: SHA-256 (hex) of pictures that the model was trained on, as far as it says.
        reader: names and counts files that cannot be read.

    Raises:
        DataError: the same picture is good in one place and defective in another, or a file
            cannot be read and the reader is strict.
    """
    kept: dict[bytes, Sample] = {}
    twice, known = [], []
    for sample, key in hashed(samples, reader):
        first = kept.get(key)
        if first is not None and first.good != sample.good:
            raise DataError(
                f"{printable(first.path)} and {printable(sample.path)} are the same picture, one "
                "as good and one as defective; remove the wrong one."
            )
        if first is not None:
            twice.append(sample)
        elif sample.good and key.hex() in trained:
            known.append(sample)
        else:
            kept[key] = sample
    parts = tuple((sample, key) for key, sample in kept.items())
    return ChosenParts(parts, tuple(twice), tuple(known))


def score_parts(
    detector: Predicts,
    product: str,
    parts: Sequence[tuple[Sample, bytes]],
    reader: ImageReader,
    *,
    batch: int = 8,
    strict: bool = False,
    check: Callable[[], None] = lambda: None,
    done: Callable[[int], object] = lambda count: None,
) -> list[PartScore]:
    """Inspects parts; pictures that cannot be read or are too small are named by the reader.

    Args:
        detector: ready to run.
        product: key of the product whose regions and tiles are looked at.
        parts: samples and the SHA-256 of their files.
        reader: reads; a strict one ends the work at the first bad file.
        batch: pictures at a time; fewer where they have many tiles.
        strict: a picture that is too small ends the work, too.
        check: called between batches; may raise to end the work.
        done: called after each batch with its number of pictures, read or not.

    Raises:
        DataError: a picture cannot be used, and reader or call are strict.
        DetectorError: the model failed, or a region does not fit a picture.
        CalibrationError: a score is not finite.
    """
    size = max(1, batch // detector.products[product].layout.tile_count)
    scores: list[PartScore] = []
    for start in range(0, len(parts), size):
        check()
        piece = parts[start : start + size]
        loaded = [
            (sample, key, image)
            for sample, key in piece
            if (image := _image(sample, reader, strict=strict)) is not None
        ]
        predictions = _predict(detector, product, [(one, image) for one, _, image in loaded])
        for (sample, key, image), prediction in zip(loaded, predictions, strict=True):
            if not np.isfinite(prediction.image_score):
                raise CalibrationError(
                    f"{printable(sample.path)} has a score that is not a number; check the model."
                )
            scores.append(PartScore(sample, key.hex(), prediction.image_score, image.shape))
        done(len(piece))
    return scores


def trained_pictures(training: Mapping[str, Any]) -> frozenset[str]:
    """SHA-256 (hex) of the pictures that a package says it was trained on; empty if it is silent.

    They are looked for as a list ``trained_sha256`` in the provenance, its ``data`` and each of its
    ``changes``. The ``train_sha256`` of a whole training cannot tell single pictures.
    """
    changes = training.get("changes")
    places = [training, training.get("data"), *(changes if isinstance(changes, list) else [])]
    found: set[str] = set()
    for place in places:
        listed_here = place.get("trained_sha256") if isinstance(place, dict) else None
        if isinstance(listed_here, list):
            found.update(one for one in listed_here if isinstance(one, str))
    return frozenset(found)


def _image(sample: Sample, reader: ImageReader, *, strict: bool) -> NDArray[np.uint8] | None:
    image = reader.read(sample)
    if image is None or min(image.shape[:2]) >= SMALLEST_SIDE:
        return image
    height, width = image.shape[:2]
    reason = (
        f"{printable(sample.path)} of {width} x {height} pixels cannot be inspected; "
        f"{SMALLEST_SIDE} pixels per side are the least."
    )
    if strict:
        raise DataError(reason)
    reader.skipped.append((sample.path, reason))
    return None


def _predict(
    detector: Predicts, product: str, loaded: Sequence[tuple[Sample, NDArray[np.uint8]]]
) -> list[Prediction]:
    """Predictions of a batch; where the detector refuses it, the sentence names the picture."""
    try:
        return detector.predict_batch([image for _, image in loaded], product)
    except DetectorError:
        for sample, image in loaded:
            try:
                detector.predict_batch([image], product)
            except DetectorError as error:
                raise DetectorError(f"{printable(sample.path)}: {error}") from error
        raise


def spread_out(parts: Sequence[PartScore], most: int) -> Iterator[PartScore]:
    """At most so many, evenly from first to last."""
    count = min(most, len(parts))
    return (parts[number * len(parts) // count] for number in range(count))


def _named(samples: Sequence[Sample]) -> str:
    return listed([sample.path for sample in samples], _SHOWN)
