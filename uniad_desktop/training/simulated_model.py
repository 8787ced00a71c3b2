"""The shipped model, step by step: features, training, calibration, figures, package."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from uniad_desktop.engine.preprocess import preprocess
from uniad_desktop.simulator.parts import PRODUCTS, render_part
from uniad_desktop.training.evaluate import GOOD, TestPart
from uniad_desktop.training.feature_cache import backbone_key, feature_rows, fill_features
from uniad_desktop.training.features import Features, PickedRows, channel_statistics
from uniad_desktop.training.network import train_network
from uniad_desktop.training.package_build import (
    BuiltPackage,
    PackageNaming,
    ProductData,
    build_package,
)
from uniad_desktop.training.recipes import TrainSettings
from uniad_desktop.training.simulated_data import (
    FRAME,
    TITLES,
    Light,
    Use,
    normal_parts,
    sample_parts,
    seed_of,
    test_parts,
)
from uniad_desktop.training.simulated_memory import simulated_memory
from uniad_desktop.training.spread import SpreadSettings, train_spread
from uniad_desktop.training.starter_backbone import STARTER, load_weights
from uniad_desktop.training.training_log import TrainingLog
from uniad_desktop.uniad.config import Alignment, UniADConfig
from uniad_desktop.uniad.features import FeaturePyramid
from uniad_desktop.uniad.model import UniAD

_log = logging.getLogger(__name__)

SHIPPED = UniADConfig(
    backbone=STARTER,
    alignment=Alignment.AREA,
    hidden=128,
    heads=4,
    encoder_layers=2,
    decoder_layers=2,
    feed_forward=512,
    dropout=0.0,
    jitter_scale=10.0,
    standardised=True,
    spread=True,
)
"""The shipped architecture: the paper's at half the width and depth, so that one core can train it.

The differences to the paper and what each is good for are listed in ``docs/model.md``.
"""


SETTINGS = TrainSettings(
    steps=5000,
    batch=4,
    rate=2e-3,
    warm_up=0.03,
    embedding_factor=25.0,
    decay_embeddings=False,
)
"""How the shipped package was trained."""

_CACHE_LIMIT = 20_000_000_000


@dataclass(frozen=True, slots=True)
class Amounts:
    """Parts per product for each use; of the test's defects per kind."""

    train: int = 300
    calibration: int = 400
    test_good: int = 60
    test_defects: int = 20


@dataclass(frozen=True, slots=True)
class Job:
    """All that decides the package.

    Attributes:
        backbone: weights of the starter backbone.
        models: folder of all models.
        work: folder of caches and checkpoint.
        naming: name, version and title.
        amounts: parts per use.
        settings: of the training.
        light: light factors of the training parts, a little wider than the camera's.
        nominal: light factors of calibration and test: what the camera really shows.
        false_reject_rate: wished share of normal parts above the limit.
        replace: whether the same version may be replaced.
        config: the architecture.
        spread: how the spread head is trained, where the config has one.
    """

    backbone: Path
    models: Path
    work: Path
    naming: PackageNaming
    amounts: Amounts
    settings: TrainSettings
    light: Light
    nominal: Light
    false_reject_rate: float
    replace: bool = False
    config: UniADConfig = SHIPPED
    spread: SpreadSettings = field(default_factory=SpreadSettings)


def run(job: Job, stop: threading.Event) -> BuiltPackage:
    """Trains, calibrates, measures and writes the package.

    Args:
        job: what to make.
        stop: set to stop the training after the current step.

    Raises:
        BackboneError: the backbone's weights cannot be used.
        TrainingStopped: `stop` was set; the checkpoint is kept in the work folder.
        TrainingError, CalibrationError, DetectorError, PackageError: see there.
    """
    model = UniAD(job.config)
    model.pyramid.backbone.load_state_dict(load_weights(job.backbone).state_dict())
    features = _train_features(job, model.pyramid, stop.is_set)
    scale = channel_statistics(features)
    model.pyramid.mean.copy_(scale[0])
    model.pyramid.deviation.copy_(scale[1])
    _log.info("Training on %d parts", len(features))
    settings = job.settings
    per_epoch = settings.steps_per_epoch(len(features))
    with TrainingLog("Network", settings.steps, per_epoch, settings.batch) as report:
        train_network(
            model.network,
            features,
            scale,
            settings,
            checkpoint=checkpoint_of(job),
            stop=stop.is_set,
            report=report,
        )
    if model.spread is not None:
        _log.info("Training the spread head")
        train_spread(model.network, model.spread, features, scale, job.spread, stop=stop.is_set)
    products = {product: _product_data(job, product) for product in PRODUCTS}
    return build_package(
        job.models,
        job.naming,
        model.eval(),
        products,
        false_reject_rate=job.false_reject_rate,
        training=_provenance(job, len(features)),
        memory=simulated_memory(
            model.pyramid,
            (job.config.input_height, job.config.input_width),
            job.light,
            job.nominal,
        ),
        replace=job.replace,
    )


def _train_features(job: Job, pyramid: FeaturePyramid, stop: Callable[[], bool]) -> Features:
    config, amounts = job.config, job.amounts
    size = (config.input_height, config.input_width)
    weights = backbone_key(config.backbone, hashlib.sha256(job.backbone.read_bytes()).hexdigest())
    store = feature_rows(pyramid, job.work / "cache", size, weights, config.alignment)
    look = f"{renderer_hash()} {job.light}"
    parts = {
        hashlib.sha256(f"{look} {product} {number}".encode()).digest(): (product, number)
        for product in PRODUCTS
        for number in range(amounts.train)
    }

    def inputs(missing: Sequence[bytes]) -> Generator[tuple[bytes, Tensor]]:
        for key in missing:
            product, number = parts[key]
            seed = seed_of(Use.TRAIN, number)
            part = render_part(product, seed, light=job.light.of(seed))
            yield key, preprocess(part.image, *size)

    fill_features(store, list(parts), inputs, pyramid, limit_bytes=_CACHE_LIMIT, stop=stop)
    index = store.index()
    rows = np.array([index[key] for key in parts], dtype=np.int64)
    return PickedRows(store.rows(len(index)), rows)


def renderer_hash() -> str:
    """Changes when the look of a part changes, so that no cache outlives it."""
    digest = hashlib.sha256()
    for product in PRODUCTS:
        digest.update(render_part(product, seed_of(Use.TRAIN, 0)).image.tobytes())
    return digest.hexdigest()


def _product_data(job: Job, product: str) -> ProductData:
    amounts = job.amounts

    def tests() -> Iterator[TestPart]:
        for part in test_parts(
            product, Use.TEST, amounts.test_good, amounts.test_defects, job.nominal
        ):
            yield TestPart(part.image, part.mask, part.defect or GOOD)

    return ProductData(
        titles=TITLES[product],
        calibration=normal_parts(product, Use.CALIBRATION, amounts.calibration, job.nominal),
        test=tests(),
        preview=render_part(product, seed_of(Use.TRAIN, 0)).image,
        sample=sample_parts(product, job.nominal),
        frame=FRAME,
    )


def _provenance(job: Job, parts: int) -> dict[str, Any]:
    return {
        "data": "rendered normal parts of the simulated camera",
        "renderer_sha256": renderer_hash(),
        "train_parts": parts,
        "amounts_per_product": asdict(job.amounts),
        "train_light": asdict(job.light),
        "light": asdict(job.nominal),
        "settings": asdict(job.settings),
        "spread_settings": asdict(job.spread),
        "torch": torch.__version__,
    }


def checkpoint_of(job: Job) -> Path:
    """Where a job's training is kept between stop and resume."""
    return job.work / "network.pt"
