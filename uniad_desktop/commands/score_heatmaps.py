"""Pictures of judged images with the heatmap on its fixed colour scale, as the window shows it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from uniad_desktop.cameras.frame import Frame, SourceKind
from uniad_desktop.commands.outcome import writing
from uniad_desktop.engine.prediction import Prediction
from uniad_desktop.files import write_durably
from uniad_desktop.inspection.types import InspectedFrame, Inspection, Limits, Reason, Verdict
from uniad_desktop.scoring.job import ScoredImage
from uniad_desktop.ui.composer import Order, compose

_STRENGTH: Final = 0.6
_PNG_LEVEL: Final = 1
_REASONS: Final = {Verdict.REVIEW: Reason.BETWEEN_LIMITS, Verdict.FAIL: Reason.ABOVE_LIMIT}


class HeatmapFolder:
    """Writes a PNG for every image that does not pass, in folders like those of the images.

    Args:
        folder: where they go; made when the first is written.
        sources: the folders that the images lie in.
    """

    def __init__(self, folder: Path, sources: Sequence[Path]) -> None:
        self._folder = folder
        self._roots = [source.expanduser().absolute() for source in sources]

    def take(self, line: ScoredImage, image: NDArray[np.uint8], prediction: Prediction) -> None:
        """Writes the picture of an image. Raises CommandError when the disk refuses."""
        if line.verdict is Verdict.PASS:
            return
        height, width = image.shape[:2]
        shown = InspectedFrame(_inspection(line, prediction), _frame(line, image), prediction)
        pixels = compose(Order(shown, width, height, _STRENGTH))
        done, encoded = cv2.imencode(
            ".png", pixels[..., :3], [cv2.IMWRITE_PNG_COMPRESSION, _PNG_LEVEL]
        )
        path = self._path(Path(line.path))
        with writing(path):
            if not done:
                raise OSError("the picture could not be encoded")
            path.parent.mkdir(parents=True, exist_ok=True)
            write_durably(path, encoded.tobytes())

    def _path(self, image: Path) -> Path:
        for root in self._roots:
            if image != root and image.is_relative_to(root):
                return self._folder / image.relative_to(root).with_name(f"{image.name}.png")
        # Of a single file or a list: files of several folders may have the same name.
        mark = hashlib.sha256(str(image.parent).encode()).hexdigest()[:8]
        return self._folder / mark / f"{image.name}.png"


def _frame(line: ScoredImage, image: NDArray[np.uint8]) -> Frame:
    return Frame(
        image=image,
        id=0,
        timestamp_ns=0,
        received_ns=0,
        source=line.path,
        kind=SourceKind.FILE,
        pixel_format="Mono8" if image.ndim == 2 else "RGB8",
    )


def _inspection(line: ScoredImage, prediction: Prediction) -> Inspection:
    return Inspection(
        number=0,
        frame_id=0,
        timestamp_ns=0,
        decided_at=0.0,
        source=line.path,
        kind=SourceKind.FILE,
        verdict=line.verdict,
        reason=_REASONS.get(line.verdict, Reason.MODEL_FAILED),
        detail=line.error,
        score=float("nan") if line.score is None else line.score,
        raw_score=float("nan") if line.raw_score is None else line.raw_score,
        regions=line.regions,
        limits=Limits(line.accept, line.reject),
        product=line.product,
        model=prediction.model,
        runtime=line.runtime,
        latency_ms=line.latency_ms,
        pixel_format="",
    )
