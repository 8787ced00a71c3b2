"""The engine: a trained model made to run on frames.

    from uniad_desktop.engine import Detector

    detector = Detector.open("models/unified/1.0.1")
    prediction = detector.predict(image)  # (H, W) or (H, W, 3) uint8 RGB

Usable without Qt and without cameras; see docs/engine.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from uniad_desktop.engine.detector import Detector, DetectorError
    from uniad_desktop.engine.prediction import Prediction

__all__ = ["Detector", "DetectorError", "Prediction"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever was asked for
    """Loads what is asked for only then: the command line imports this package, too."""
    if name in ("Detector", "DetectorError"):
        from uniad_desktop.engine import detector

        return getattr(detector, name)
    if name == "Prediction":
        from uniad_desktop.engine.prediction import Prediction

        return Prediction
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
