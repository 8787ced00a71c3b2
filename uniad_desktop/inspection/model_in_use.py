"""The model that decides: loaded on demand, replaced while running."""

from __future__ import annotations

import logging

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.engine.prediction import Prediction
from uniad_desktop.inspection.decisions import DecisionMaker
from uniad_desktop.inspection.detector_like import DetectorLike, Load
from uniad_desktop.inspection.types import RuntimeState

log = logging.getLogger(__name__)


class ModelInUse:
    """Holds the detector of a station. One thread, but `runtime_state` may be read by any.

    Args:
        load: makes the detector; may raise anything.
        decisions: told which model decides.
    """

    def __init__(self, load: Load, decisions: DecisionMaker) -> None:
        self._load, self._decisions = load, decisions
        self._detector: DetectorLike | None = None
        self.runtime_state = RuntimeState()

    @property
    def ready(self) -> bool:
        """Whether it is loaded."""
        return self._detector is not None

    def make_ready(self) -> None:
        """Loads and warms it up. Raises what the loading raises."""
        detector = self._load()
        detector.warm_up()
        self._show(detector)

    def replace(self, detector: DetectorLike, load: Load) -> None:
        """Puts another detector, warmed up, in the place of this one, which is closed."""
        former, self._load = self._detector, load
        self._show(detector)
        self._log_change(detector)
        if former is not None:
            former.close()

    def refresh(self) -> None:
        """Takes over what a detector that is shared with other cameras has become."""
        if self._detector is not None:
            self._show(self._detector)
            self._log_change(self._detector)

    def predict(self, image: NDArray[np.uint8], product: str) -> Prediction:
        """Map and score of a frame. Raises RuntimeError where none is loaded, or what it raises."""
        if self._detector is None:
            raise RuntimeError("No model is loaded.")
        return self._detector.predict(image, product)

    def close(self) -> None:
        """Gives back what it holds."""
        if self._detector is not None:
            self._detector.close()

    def _log_change(self, detector: DetectorLike) -> None:
        log.info(
            "%s %s decides from part %d on",
            detector.model.name,
            detector.model.version,
            self._decisions.next_number,
        )

    def _show(self, detector: DetectorLike) -> None:
        self._detector = detector
        self._decisions.model = detector.model
        self._decisions.runtime = detector.runtime
        agreement = detector.agreement
        self.runtime_state = RuntimeState(
            detector.runtime,
            None if agreement is None else agreement.score_difference,
            () if detector.as_asked else tuple(detector.remarks),
        )
