"""The visualisation decoder of a package: trained with it, or added to one that is there."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from torch import Tensor

from uniad_desktop.engine.detector import load_model
from uniad_desktop.engine.layout import Layout
from uniad_desktop.engine.package import ModelPackage
from uniad_desktop.engine.package_copy import write_next
from uniad_desktop.training.datasets import ImageReader
from uniad_desktop.training.errors import TrainingError
from uniad_desktop.training.features import StoredFeatures, channel_statistics
from uniad_desktop.training.plan_features import features_of
from uniad_desktop.training.train_plan import TrainPlan
from uniad_desktop.training.training_log import TrainingLog, progress_bar
from uniad_desktop.training.visualisation import (
    VisualisationSettings,
    live_pictures,
    stored_pictures,
    train_visualisation,
)
from uniad_desktop.uniad.config import VisualisationConfig
from uniad_desktop.uniad.features import FeaturePyramid
from uniad_desktop.uniad.visualisation import VisualisationDecoder

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FittedDecoder:
    """A trained decoder, as `write_package` takes it.

    Attributes:
        config: its shape.
        weights: its tensors.
        provenance: how it was trained, JSON values.
    """

    config: VisualisationConfig
    weights: dict[str, Tensor]
    provenance: dict[str, Any]


def fit_decoder(
    plan: TrainPlan,
    config: VisualisationConfig,
    fit: StoredFeatures,
    pyramid: FeaturePyramid,
    *,
    reader: ImageReader,
    stop: Callable[[], bool],
) -> FittedDecoder:
    """Trains a decoder on the features and pictures of normal parts.

    Args:
        plan: what to do.
        config: the decoder's shape.
        fit: pictures to learn from.
        pyramid: of the network that the decoder belongs to.
        reader: reads the pictures.
        stop: whether the user wants to end.

    Raises:
        TrainingStopped: `stop` said so.
        TrainingError: the loss is no number any more, or the cache has no room.
    """
    settings = VisualisationSettings(
        steps=plan.decoder_steps, precision=plan.precision, seed=plan.seed
    )
    channels = plan.config.backbone.feature_channels
    decoder = VisualisationDecoder(config, channels, plan.config.grid, plan.size).to(plan.device)
    if plan.cache is None:
        pictures = live_pictures(fit, reader, plan.size)
    else:
        with progress_bar("Pictures") as progress:
            pictures = stored_pictures(
                fit,
                reader,
                plan.size,
                cache=plan.cache,
                limit_bytes=plan.limit_bytes,
                stop=stop,
                progress=progress,
            )
    standardised = plan.config.standardised
    _log.info("Training the visualisation decoder, %d steps", settings.steps)
    batch = min(settings.batch, len(fit.samples))
    with TrainingLog("Decoder", settings.steps, max(1, len(fit.samples) // batch), batch) as log:
        train_visualisation(
            decoder,
            fit.features,
            pictures,
            channel_statistics(fit.features),
            settings,
            seen=(pyramid.mean, pyramid.deviation) if standardised else None,
            stop=stop,
            report=log,
        )
    weights = {name: value.detach().cpu() for name, value in decoder.state_dict().items()}
    provenance = {"visualisation": {**asdict(settings), "pictures": len(fit.pictures)}}
    return FittedDecoder(config, weights, provenance)


def add_decoder(
    plan: TrainPlan,
    package: ModelPackage,
    config: VisualisationConfig,
    stop: Callable[[], bool],
) -> ModelPackage:
    """Writes the package's next version, which is the same with a visualisation decoder.

    Pictures are cut up as the package says, so that the decoder sees what the network does.

    Args:
        plan: data, caches and device; its config is the package's.
        package: the package to build on.
        config: the decoder's shape.
        stop: whether the user wants to end.

    Raises:
        TrainingStopped: `stop` said so.
        TrainingError: as in `fit_decoder`, or the package's products are cut up differently.
        DataError: no picture of a product can be read, or a region does not fit one.
        PackageError: a package cannot be read or written.
    """
    plan.data.require_training()
    plan = replace(plan, layout=_layout_of(package))
    model = load_model(package).to(plan.device)
    reader = ImageReader(plan.strict)
    stored = features_of(plan, model.pyramid, package.manifest.backbone.sha256, reader, stop)
    decoder = fit_decoder(plan, config, stored, model.pyramid, reader=reader, stop=stop)
    return write_next(
        package,
        plan.models,
        version=plan.version,
        note={"what": "a visualisation decoder was added", **decoder.provenance},
        visualisation=(decoder.config, decoder.weights),
    )


def _layout_of(package: ModelPackage) -> Layout:
    """How the frames of all products are cut up."""
    entries = package.manifest.products.items()
    found = {entry.layout.regions: (key, entry.layout) for key, entry in entries}
    if len(found) > 1:
        (one, _), (other, _), *_ = found.values()
        raise TrainingError(
            f"The products {one} and {other} of {package.manifest.name} have different regions or "
            "tiles; a decoder can be added only where all products have the same."
        )
    return next((layout for _, layout in found.values()), Layout())
