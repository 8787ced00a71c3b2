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
            reconstruction), h and w the model's input size; covers the whole frame.
        image_score: raw image score (UniAD: maximum of the 16x16 average-pooled map).
        timings_ms: milliseconds per stage: ``preprocess``, ``network``, ``score``, ``total``.
        model: which model.
        runtime: for example ``torch cpu f32``.
    """

    anomaly_map: NDArray[np.float32]
    image_score: float
    model: ModelIdentity
    runtime: str
    timings_ms: dict[str, float] = field(default_factory=dict)
