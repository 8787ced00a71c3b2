"""Weights and features that a plan needs, wherever they have to come from."""

from __future__ import annotations

import logging
from collections.abc import Callable

from uniad_desktop.engine.backbone_weights import BackboneWeights, find_backbone_weights
from uniad_desktop.training.copies import check_copies
from uniad_desktop.training.datasets import DataError, ImageReader
from uniad_desktop.training.feature_cache import backbone_key, live_features, stored_features
from uniad_desktop.training.features import StoredFeatures
from uniad_desktop.training.train_plan import TrainPlan
from uniad_desktop.training.training_log import progress_bar
from uniad_desktop.uniad.features import FeaturePyramid

_log = logging.getLogger(__name__)


def find_weights(plan: TrainPlan, stop: Callable[[], bool]) -> BackboneWeights:
    """The weights of the plan's backbone, wherever they are."""
    weights = find_backbone_weights(
        plan.config,
        file=plan.weights_file,
        cache=plan.weights_cache,
        offline=plan.offline,
        stop=stop,
    )
    _log.info("Backbone: %s, %s", plan.config.backbone.name, weights.source)
    return weights


def features_of(
    plan: TrainPlan,
    pyramid: FeaturePyramid,
    weights_sha256: str,
    reader: ImageReader,
    stop: Callable[[], bool],
) -> StoredFeatures:
    """Features of all normal training pictures of a plan, from the cache or computed live.

    Raises:
        DataError: no picture of a product can be read, a region does not fit a picture, or a good
            picture is a defective one in the test.
    """
    samples = plan.data.train()
    if plan.cache is None:
        stored = live_features(samples, reader, pyramid, plan.size, plan.layout)
    else:
        with progress_bar("Features") as progress:
            stored = stored_features(
                samples,
                reader,
                pyramid,
                cache=plan.cache,
                size=plan.size,
                backbone_hash=backbone_key(plan.config.backbone, weights_sha256),
                alignment=plan.config.alignment,
                limit_bytes=plan.limit_bytes,
                layout=plan.layout,
                stop=stop,
                progress=progress,
            )
    if reader.skipped and plan.strict:
        raise DataError(reader.summary())
    if reader.skipped:
        _log.warning("%s", reader.summary())
    lost = sorted({one.product for one in samples} - {one.product for one in stored.samples})
    if lost:
        raise DataError(
            f"No training picture of {lost[0]} can be read; repair the files or leave the product "
            "out with --product."
        )
    copies = check_copies(stored.samples, stored.hashes, plan.data.test())
    if copies:
        _log.warning("%s", copies)
    return stored
