"""What the detector says of one frame, before any limit."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Which model spoke: name, version and the SHA-256 of its package (hex)."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """Anomaly of one frame in raw distance units.

    Attributes:
        anomaly_map: (h, w) float32, raw distance (L2 over channels of feature minus
            reconstruction); covers the whole frame. Of a frame that is looked at as one tile it
            has the model's input size; of several tiles or regions it has the finest tile's
            resolution, and is 0 where nothing was inspected.
        image_score: raw image score (UniAD: maximum of the 16x16 average-pooled map); of several
            tiles the highest.
        timings_ms: milliseconds per stage: ``preprocess``, ``network``, ``score``, ``total``.
        model: which model.
        runtime: for example ``torch cpu f32``.
        inspected: (h, w) bool, true where the frame was looked at; None for everywhere.
    """

    anomaly_map: NDArray[np.float32]
    image_score: float
    model: ModelIdentity
    runtime: str
    timings_ms: dict[str, float] = field(default_factory=dict)
    inspected: NDArray[np.bool_] | None = None
