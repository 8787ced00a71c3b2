"""What the station needs of a detector, so that tests and later runtimes can stand in for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.engine.agreement import Agreement
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

    @property
    def agreement(self) -> Agreement | None:
        """How the runtime compared with the reference; None for the reference itself."""
        ...

    @property
    def remarks(self) -> tuple[str, ...]:
        """Sentences for the user on what did not agree or failed."""
        ...

    @property
    def as_asked(self) -> bool:
        """Whether what was asked for runs as it should."""
        ...

    def predict(self, image: NDArray[np.uint8], product: str | None = None) -> Prediction:
        """Map and score of a frame of a product."""
        ...

    def close(self) -> None:
        """Gives back what it holds."""
        ...


Load: TypeAlias = Callable[[], DetectorLike]
"""Makes a detector; may take long and may raise."""
