"""What waits to be put on record."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.cameras.source import SourceInfo
from uniad_desktop.engine.prediction import Prediction
from uniad_desktop.inspection.image_quality import ImageQuality
from uniad_desktop.inspection.types import Inspection
from uniad_desktop.records.schema import ImageState


@dataclass(frozen=True, slots=True)
class StoredImage:
    """An image that lies on the disk.

    Attributes:
        name: path from the data folder on, with ``/``.
        sha256: of the bytes of the file.
        size: bytes.
        heatmap: whether its heatmap lies beside it.
    """

    name: str
    sha256: bytes
    size: int
    heatmap: bool


@dataclass(slots=True, eq=False)
class Entry:
    """A decision and what is to be stored of it; one thread at a time uses it.

    Attributes:
        inspection: the decision.
        since: monotonic seconds when it came.
        operator: who was at the station.
        camera: who delivered the frame and what it was set to, where it is known.
        size: (width, height) of the frame; zeros where there is none.
        quality: figures of the picture.
        image: the picture to keep, (H, W) or (H, W, 3) uint8 RGB; None: none, or not any more.
        prediction: whose heatmap is to be kept beside it.
        state: what becomes of the image.
        name: path of the image once it was chosen, so that another attempt takes the same.
        stored: the image once it lies on the disk.
        counted: whether it was counted as not stored in full; picture and row may be lost apart.
    """

    inspection: Inspection
    since: float
    operator: str = ""
    camera: SourceInfo | None = None
    size: tuple[int, int] = (0, 0)
    quality: ImageQuality | None = None
    image: NDArray[np.uint8] | None = None
    prediction: Prediction | None = None
    state: ImageState = ImageState.NONE
    name: str = ""
    stored: StoredImage | None = None
    counted: bool = False
