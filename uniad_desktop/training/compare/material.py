"""What the variants of a suite are trained and tested on: cached features and masks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from uniad_desktop.engine.backbone_weights import find_backbone_weights, load_pyramid_weights
from uniad_desktop.training.compare.variants import Suite
from uniad_desktop.training.datasets import DataError, DataSet, ImageReader, Sample
from uniad_desktop.training.feature_cache import backbone_key, stored_features
from uniad_desktop.training.features import Features, StoredFeatures
from uniad_desktop.training.filling import Progress
from uniad_desktop.uniad.features import FeaturePyramid


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where things are and how much room they may take.

    Attributes:
        cache: folder of the feature caches.
        limit_bytes: the most that they may take.
        weights_cache: folder of fetched backbone weights.
        weights_file: backbone weights, or None.
        offline: whether to stay off the net.
        device: where to compute.
    """

    cache: Path
    limit_bytes: int
    weights_cache: Path
    weights_file: Path | None
    offline: bool
    device: torch.device


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Features of the training and test pictures of a suite.

    Attributes:
        train: the good training pictures.
        test: the test pictures.
        masks: of the test pictures, (height, width) of the input, true on the defect; None where
            nobody marked it.
        backbone: where the backbone's weights come from.
        key: decides, with a variant and a seed, what comes out (hex).
        remark: what was wrong with the files; empty if nothing was.
    """

    train: StoredFeatures
    test: StoredFeatures
    masks: tuple[NDArray[np.bool_] | None, ...]
    backbone: str
    key: str
    remark: str

    @property
    def products(self) -> tuple[str, ...]:
        """Names of the products that can be trained, sorted."""
        return tuple(sorted({one.product for one in self.train.samples}))


class ChannelRows:
    """Features of which only some channels are read."""

    def __init__(self, source: Features, channels: tuple[int, ...]) -> None:
        self._source, self._channels = source, np.array(channels)

    @property
    def shape(self) -> tuple[int, ...]:
        """(n, N, number of the channels)."""
        return (*self._source.shape[:-1], len(self._channels))

    def __len__(self) -> int:
        return len(self._source)

    def __getitem__(self, which: Any, /) -> NDArray[np.float32]:  # noqa: ANN401 - as numpy's
        return np.ascontiguousarray(self._source[which][..., self._channels])


def load_material(
    suite: Suite,
    data: DataSet,
    reader: ImageReader,
    places: Places,
    *,
    progress: Callable[[str], AbstractContextManager[Progress]],
    stop: Callable[[], bool] = lambda: False,
) -> Material:
    """Features from the cache, which is filled first where some are missing.

    Args:
        suite: its backbone, input and alignment count.
        data: training and test pictures.
        reader: reads them and keeps account of those it cannot read.
        places: where things are.
        progress: gives, for a title, what is told of the pictures done.
        stop: asked between two batches.

    Raises:
        DataError: there are no training or test pictures, or a file cannot be read and the
            reader is strict.
        WeightsError: no weights of the backbone are found, or those given do not fit.
        TrainingError: the cache cannot be filled.
        TrainingStopped: `stop` said so.
    """
    data.require_training()
    data.require_test()
    config = suite.config
    size = (config.input_height, config.input_width)
    weights = find_backbone_weights(
        config,
        file=places.weights_file,
        cache=places.weights_cache,
        offline=places.offline,
        stop=stop,
    )
    pyramid = FeaturePyramid(config)
    load_pyramid_weights(pyramid, weights)
    pyramid.to(places.device)
    hash_ = backbone_key(config.backbone, weights.sha256)

    def features(samples: tuple[Sample, ...], title: str) -> StoredFeatures:
        with progress(title) as told:
            return stored_features(
                samples,
                reader,
                pyramid,
                cache=places.cache,
                size=size,
                backbone_hash=hash_,
                alignment=config.alignment,
                limit_bytes=places.limit_bytes,
                stop=stop,
                progress=told,
            )

    train = features(data.train(), "Training features")
    test = features(data.test(), "Test features")
    masks = tuple(reader.mask(one, size) for one in test.samples)
    # Scaling a mask to the input is no fault of the mask.
    reader.resized_masks.clear()
    _check(train, test)
    content = {
        "backbone": [hash_, asdict(config.backbone)],
        "size": size,
        "alignment": config.alignment,
        "samples": [[[one.product, one.kind] for one in part.samples] for part in (train, test)],
        "pictures": [train.key(), test.key()],
    }
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode())
    for mask in masks:
        digest.update(b"none" if mask is None else np.packbits(mask).tobytes())
    return Material(
        train=train,
        test=test,
        masks=masks,
        backbone=f"{config.backbone.name}, {weights.source}",
        key=digest.hexdigest(),
        remark=reader.summary(),
    )


def _check(train: StoredFeatures, test: StoredFeatures) -> None:
    trained = {one.product for one in train.samples}
    good = {one.product for one in test.samples if one.good}
    bad = {one.product for one in test.samples if not one.good}
    if not trained & good & bad:
        raise DataError(
            "No product has readable training pictures and both good and defective test pictures, "
            "so nothing can be compared; name data with a test set."
        )
