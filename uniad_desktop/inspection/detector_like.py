"""What the station needs of a detector, so that tests and later runtimes can stand in for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.engine.prediction import ModelIdentity, Prediction


class DetectorLike(Protocol):
    """What the station needs of a detector."""

    @property
    def model(self) -> ModelIdentity:
        """Which model."""
        ...

    @property
    def runtime(self) -> str:
        """Which runtime."""
        ...

    def warm_up(self) -> None:
        """Makes the first frame as fast as the rest."""
        ...

    def predict(self, images: Sequence[NDArray[np.uint8]]) -> list[Prediction]:
        """One prediction per image."""
        ...
