"""Measures a package on a data set, through the detector that runs on the line."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.engine.detector import Detector, DetectorError
from uniad_desktop.engine.layout import Layout
from uniad_desktop.engine.manifest import ProductEntry
from uniad_desktop.engine.prediction import Prediction
from uniad_desktop.engine.preprocess import SMALLEST_SIDE
from uniad_desktop.training.datasets import DataError, product_key
from uniad_desktop.training.datasets.sample import listed, printable
from uniad_desktop.training.evaluation.count import ClassCounter
from uniad_desktop.training.evaluation.figures import ClassFigures, Evaluation, ImageScore

if TYPE_CHECKING:
    from uniad_desktop.training.datasets import DataSet, ImageReader, Sample


@dataclass(frozen=True, slots=True)
class EvaluationSettings:
    """How an evaluation is done.

    Attributes:
        batch: images per call of the detector; fewer where a product has tiles.
        at_input_size: pixels are counted at the network's input with masks scaled to it (nearest
            neighbour), as the authors do, and not at the resolution of the image.
        strict: an image that cannot be inspected ends the evaluation; else it is skipped. The
            reader has a switch of its own for files that cannot be read.
    """

    batch: int = 8
    at_input_size: bool = False
    strict: bool = False


def evaluate_data(
    detector: Detector,
    data: DataSet,
    reader: ImageReader,
    settings: EvaluationSettings = EvaluationSettings(),
    *,
    check: Callable[[], None] = lambda: None,
    done: Callable[[int], object] = lambda count: None,
) -> Evaluation:
    """Measures every product of a data set.

    Args:
        detector: the package, ready to run.
        data: its test images are used.
        reader: reads them; says afterwards what was skipped.
        settings: how.
        check: called between batches; may raise to end the work.
        done: called after each batch with its number of images, read or skipped.

    Raises:
        DataError: there is no test image, none can be read, or, where asked to be strict, one
            cannot.
        DetectorError: the model failed, or an image is none that its product was taught with.
    """
    data.require_test()
    classes: list[ClassFigures] = []
    scores: list[ImageScore] = []
    for product in data.products:
        key = known_product(product, detector.products)
        samples = data.test(product)
        entry = detector.products[key] if key is not None else None
        counter = ClassCounter(product, entry, len(samples))
        running = _predicted(detector, reader, samples, settings, product=key, done=done)
        with contextlib.closing(running) as predicted:
            for batch in predicted:
                check()
                for one, prediction in batch:
                    counter.add(one.sample, one.mask, prediction, at_input=settings.at_input_size)
        figures = counter.figures()
        if entry is None and detector.products:
            note = (
                f"the model has no such product, so no limit (it has {listed(detector.products)})."
            )
            figures = replace(figures, notes=(*figures.notes, note))
        classes.append(figures)
        scores += counter.scores
    skipped = tuple(reader.skipped)
    if not scores:
        raise DataError(f"None of the {len(data.test())} test images can be used. {skipped[0][1]}")
    return Evaluation(
        model=detector.model,
        runtime=detector.runtime,
        sources=data.sources,
        layout=data.layout,
        data_notes=data.notes,
        at_input_size=settings.at_input_size,
        classes=tuple(classes),
        scores=tuple(scores),
        skipped=skipped,
        remark=reader.summary(),
        runtime_notes=_runtime_notes(detector),
    )


def _runtime_notes(detector: Detector) -> tuple[str, ...]:
    agreement = detector.agreement
    return (*((f"{agreement.sentence()}.",) if agreement is not None else ()), *detector.remarks)


def known_product(name: str, products: Mapping[str, ProductEntry]) -> str | None:
    """The key under which a package knows a product of the data, by title or by name."""
    for key, entry in products.items():
        if name in entry.titles.values():
            return key
    key = product_key(name)
    return key if key in products else None


@dataclass(slots=True, eq=False)
class _Loaded:
    """A test image in memory; mask None where nobody marked the defect."""

    sample: Sample
    image: NDArray[np.uint8]
    mask: NDArray[np.bool_] | None


def _predicted(
    detector: Detector,
    reader: ImageReader,
    samples: Sequence[Sample],
    settings: EvaluationSettings,
    *,
    product: str | None,
    done: Callable[[int], object],
) -> Generator[list[tuple[_Loaded, Prediction]], None, None]:
    """Runs the detector on batch after batch; what cannot be read is left out."""
    layout = detector.products[product].layout if product is not None else Layout()
    size = max(1, settings.batch // layout.tile_count)
    pieces = [samples[start : start + size] for start in range(0, len(samples), size)]
    with contextlib.closing(_read_ahead(pieces, reader, strict=settings.strict)) as batches:
        for piece, batch in zip(pieces, batches, strict=True):
            predictions = _predict(detector, batch, product)
            yield list(zip(batch, predictions, strict=True))
            done(len(piece))


def _predict(detector: Detector, batch: Sequence[_Loaded], product: str | None) -> list[Prediction]:
    """Predictions of a batch; where the detector refuses it, the sentence names the image."""
    images = [one.image for one in batch]
    try:
        return detector.predict_batch(images, product)
    except DetectorError:
        for one in batch:
            try:
                detector.predict(one.image, product)
            except DetectorError as error:
                raise DetectorError(f"{printable(one.sample.path)}: {error}") from error
        raise


def _read_ahead(
    pieces: Sequence[Sequence[Sample]], reader: ImageReader, *, strict: bool
) -> Generator[list[_Loaded], None, None]:
    """Reads each piece while the one before it is being inspected."""
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="evaluation-reader") as worker:
        coming: Future[list[_Loaded]] | None = None
        for piece in pieces:
            ready, coming = coming, worker.submit(_load, piece, reader, strict=strict)
            if ready is not None:
                yield ready.result()
        if coming is not None:
            yield coming.result()


def _load(samples: Sequence[Sample], reader: ImageReader, *, strict: bool) -> list[_Loaded]:
    loaded = []
    for sample in samples:
        image = reader.read(sample)
        if image is None:
            continue
        height, width = image.shape[:2]
        if min(height, width) < SMALLEST_SIDE:
            reason = (
                f"{printable(sample.path)} of {width} x {height} pixels cannot be inspected; "
                f"{SMALLEST_SIDE} pixels per side are the least."
            )
            if strict:
                raise DataError(reason)
            reader.skipped.append((sample.path, reason))
            continue
        mask = reader.mask(sample, (height, width))
        if mask is not None and not sample.good and not mask.any():
            mask = None  # says nothing of where the defect is
        loaded.append(_Loaded(sample, image, mask))
    return loaded
