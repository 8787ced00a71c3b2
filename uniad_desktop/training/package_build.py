"""From a trained network to a package with calibrated limits and measured figures."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from uniad_desktop.engine.detector import Detector
from uniad_desktop.engine.expectation import FrameExpectation
from uniad_desktop.engine.layout import Layout
from uniad_desktop.engine.manifest import Calibration, ProductEntry
from uniad_desktop.engine.package import ModelPackage, open_package, write_package
from uniad_desktop.engine.preprocess import View
from uniad_desktop.engine.sample import MOST_PER_PRODUCT, kept_sample, tile_views
from uniad_desktop.training.calibration import CalibrationError, conformal_limit, describe
from uniad_desktop.training.evaluate import ProductFigures, TestPart, evaluate_product
from uniad_desktop.training.seen_frames import SeenFrames
from uniad_desktop.training.tiling import WHOLE
from uniad_desktop.uniad.config import VisualisationConfig
from uniad_desktop.uniad.model import UniAD

_log = logging.getLogger(__name__)

_PREVIEW_WIDTH = 480
_FRAMES_PER_BATCH = 8  # fewer where they have many tiles


@dataclass(frozen=True, slots=True)
class ProductData:
    """What is needed of a product to set its limit and to measure it.

    Attributes:
        titles: title per language code.
        calibration: normal parts that the network was not trained on, read once.
        preview: picture of a normal part.
        test: parts of known truth, read once; None where nothing is to be measured.
        note: what a person should know of the limit, a sentence, or empty.
        layout: how its frames are cut up.
        least_area: full-frame pixels that a marked region must cover to be reported.
        sample: a few normal parts to be kept in the package, read once, a few of them at most.
        sizes: (width, height) of more frames that it was taught with.
        frame: what frames to expect; None: what all frames here have in common.
    """

    titles: dict[str, str]
    calibration: Iterable[NDArray[np.uint8]]
    preview: NDArray[np.uint8]
    test: Iterable[TestPart] | None = None
    note: str = ""
    layout: Layout = WHOLE
    least_area: float = 0.0
    sample: Iterable[NDArray[np.uint8]] = ()
    sizes: Collection[tuple[int, int]] = ()
    frame: FrameExpectation | None = None


@dataclass(frozen=True, slots=True)
class PackageNaming:
    """Name, version, title and where the backbone's weights come from."""

    name: str
    version: str
    title: str
    backbone_source: str
    backbone_licence: str


@dataclass(frozen=True, slots=True)
class BuiltPackage:
    """The package and what was measured on each product."""

    package: ModelPackage
    figures: dict[str, ProductFigures] = field(default_factory=dict)


def build_package(
    models: Path,
    naming: PackageNaming,
    model: UniAD,
    products: Mapping[str, ProductData],
    *,
    false_reject_rate: float,
    training: Mapping[str, Any],
    visualisation: tuple[VisualisationConfig, Mapping[str, Tensor]] | None = None,
    memory: Mapping[str, Tensor] | None = None,
    device: str = "cpu",
    replace: bool = False,
) -> BuiltPackage:
    """Calibrates, measures and writes a package.

    The network is first packed without limits and opened by the detector, so that limits and
    figures come from the very code that runs on the line, with each product's regions and tiles.

    Args:
        models: folder of all models.
        naming: names and provenance.
        model: the trained model, with its statistics.
        products: data per product key.
        false_reject_rate: wished share of normal parts above the limit.
        training: provenance, JSON values; the figures are added under ``figures``.
        visualisation: the visualisation decoder, its shape and its weights.
        memory: the products' replay memory, see `training.memory`.
        device: of the detector.
        replace: whether the same version may be replaced.

    Raises:
        PackageError: the package cannot be written.
        CalibrationError: a product has no calibration parts, or no spread to set a limit from.
        DetectorError: the model gives no finite values.
    """
    common: dict[str, Any] = {
        "name": naming.name,
        "version": naming.version,
        "title": naming.title,
        "architecture": model.config,
        "weights": model.state_dict(),
        "backbone_source": naming.backbone_source,
        "backbone_licence": naming.backbone_licence,
    }
    with tempfile.TemporaryDirectory(prefix="uniad-staging-") as folder:
        unset = {
            key: without_limit(data.titles, data.layout, data.least_area)
            for key, data in products.items()
        }
        staged = write_package(folder, products=unset, **common)
        detector = Detector(open_package(staged.folder), device=device)
        seen = {key: SeenFrames(data.sizes) for key, data in products.items()}
        sample = kept_sample(
            {key: _sample_views(data, seen[key]) for key, data in products.items()},
            detector.input_size,
        )
        entries = {}
        figures = {}
        for key, data in products.items():
            normal = seen[key].watch(data.calibration)
            entry = calibrate(
                detector, data.titles, normal, false_reject_rate, data.note, product=key
            )
            frame = data.frame or seen[key].expectation()
            entries[key] = entry.model_copy(update={"frame": frame})
            _log.info("%s: limit %.4f", key, entry.reject)
            if data.test is not None:
                figures[key] = evaluate_product(
                    partial(detector.predict_batch, product=key),
                    data.test,
                    entry.reject,
                    batch=max(1, _FRAMES_PER_BATCH // data.layout.tile_count),
                )
                _log.info("%s: image AUROC %.4f", key, figures[key].image_auroc)
    for note, keys in _notes(entries).items():
        _log.warning("%s: %s", ", ".join(keys), note)
    provenance = {**training, "runtime": detector.runtime}
    if figures:
        provenance["figures"] = {key: one.as_json() for key, one in figures.items()}
    previews = {key: preview_png(data.preview) for key, data in products.items()}
    package = write_package(
        models,
        products=entries,
        training=provenance,
        previews=previews,
        visualisation=visualisation,
        memory=memory,
        sample=sample,
        replace=replace,
        **common,
    )
    return BuiltPackage(package, figures)


def calibrate(
    detector: Detector,
    titles: dict[str, str],
    normal: Iterable[NDArray[np.uint8]],
    false_reject_rate: float,
    note: str = "",
    *,
    product: str | None = None,
) -> ProductEntry:
    """A product's limits from held-out normal parts; T1 = T2, so there is no review band.

    The heatmap's range runs from 0 to twice the limit: the 0-100 scale with the limit at 50.

    Args:
        detector: the network as it runs on the line.
        titles: title per language code.
        normal: normal parts.
        false_reject_rate: wished share of normal parts above the limit.
        note: a sentence that is kept with the limit.
        product: key under which the detector knows the product; its regions and tiles are looked
            at and kept. None: whole frames.

    Raises:
        CalibrationError: there is no part, or the scores are all zero.
        DetectorError: the model gives no finite values, or a region does not fit a part.
    """
    known = detector.products[product] if product is not None else None
    scores = [detector.predict(image, product).image_score for image in normal]
    limit = conformal_limit(scores, false_reject_rate)
    basis = describe(scores, limit)
    if note:
        basis = basis.model_copy(update={"note": f"{note} {basis.note}".strip()})
    if limit.limit <= 0.0:
        raise CalibrationError("Every normal part scores 0; the model shows no differences.")
    return ProductEntry(
        titles=titles,
        accept=limit.limit,
        reject=limit.limit,
        map_range=(0.0, 2.0 * limit.limit),
        calibration=basis,
        layout=known.layout if known is not None else WHOLE,
        least_area=known.least_area if known is not None else 0.0,
    )


def _sample_views(data: ProductData, seen: SeenFrames) -> Iterator[View]:
    """What the tiles of the product's sample see; nothing is read before it is asked for."""
    yield from tile_views(list(islice(seen.watch(data.sample), MOST_PER_PRODUCT)), data.layout)


def _notes(entries: Mapping[str, ProductEntry]) -> dict[str, list[str]]:
    """What a person should know of limits, each once, with the products that it is true of."""
    notes: dict[str, list[str]] = {}
    for key, entry in entries.items():
        if entry.calibration.note:
            notes.setdefault(entry.calibration.note, []).append(key)
    return notes


def without_limit(titles: dict[str, str], layout: Layout, least_area: float) -> ProductEntry:
    """A product as it stands in a package before its limit is set."""
    return ProductEntry(
        titles=titles,
        accept=1.0,
        reject=1.0,
        map_range=(0.0, 2.0),
        calibration=Calibration(
            parts=1,
            false_reject_rate=0.5,
            median=0.0,
            deviation=0.0,
            largest=0.0,
            note="Not calibrated yet.",
        ),
        layout=layout,
        least_area=least_area,
    )


def preview_png(image: NDArray[np.uint8]) -> bytes:
    """The picture that a package shows of a product."""
    height = max(1, round(image.shape[0] * _PREVIEW_WIDTH / image.shape[1]))
    small = cv2.resize(image, (_PREVIEW_WIDTH, height), interpolation=cv2.INTER_AREA)
    ordered = cv2.cvtColor(small, cv2.COLOR_RGB2BGR) if small.ndim == 3 else small
    return bytes(cv2.imencode(".png", ordered)[1].tobytes())
