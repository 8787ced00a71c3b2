"""One product while it is measured: scores and pixels are counted as predictions come."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from uniad_desktop.engine.manifest import ProductEntry
from uniad_desktop.engine.prediction import Prediction
from uniad_desktop.training.evaluation.figures import ClassFigures, ImageScore, LimitFigures
from uniad_desktop.training.metrics import ImageFigures, image_figures
from uniad_desktop.training.pixel_metrics import Histogram, PixelCounter, PixelFigures

if TYPE_CHECKING:
    from uniad_desktop.training.datasets import Sample

COLOUR_QUANTILE = 0.995
"""Where a class has no limits, this share of its map values lies within the colour scale."""

_COARSE = 1 << 16  # bins of the map values that only set a colour scale


@dataclass(slots=True, eq=False)
class ClassCounter:
    """Scores and pixels of one product so far.

    Attributes:
        product: its name in the data.
        entry: its limits, or None where the package has none.
        found: number of its test images, whether they can be read or not.
        partly: whether parts of the images lie in no region of the product.
    """

    product: str
    entry: ProductEntry | None
    found: int
    unmasked: int = 0
    scores: list[ImageScore] = field(default_factory=list)
    pixels: PixelCounter = field(default_factory=PixelCounter)
    values: Histogram = field(default_factory=lambda: Histogram(_COARSE))
    partly: bool = False

    def add(
        self,
        sample: Sample,
        mask: NDArray[np.bool_] | None,
        prediction: Prediction,
        *,
        at_input: bool,
    ) -> None:
        """Counts one image.

        Args:
            sample: what is known of it.
            mask: (H, W), true on the defect, or None where nobody marked it.
            prediction: what the detector says.
            at_input: whether pixels are counted at the resolution of the map, not of the mask.
        """
        anomaly_map = prediction.anomaly_map
        self.partly |= prediction.inspected is not None
        self.scores.append(ImageScore(sample, prediction.image_score))
        self.values.add(self.values.keys(anomaly_map))
        if mask is None:
            self.unmasked += 1
        elif at_input:
            self.pixels.add(nearest_mask(mask, anomaly_map.shape), anomaly_map)
        else:
            self.pixels.add(mask, map_at(anomaly_map, mask.shape))

    def figures(self) -> ClassFigures:
        """The figures of all images so far."""
        notes: list[str] = []
        if self.partly:
            notes.append(
                "what lies outside of its regions is not looked at; such pixels count as normal."
            )
        good = np.array([one.score for one in self.scores if one.sample.good])
        bad = np.array([one.score for one in self.scores if not one.sample.good])
        return ClassFigures(
            product=self.product,
            good=good.size,
            bad=bad.size,
            unmasked=self.unmasked,
            image=self._image(good, bad, notes),
            pixel=self._pixel(bad.size, notes),
            limit=self._limit(good, bad),
            colours=self._colours(),
            notes=tuple(notes),
        )

    def _image(
        self, good: NDArray[np.float64], bad: NDArray[np.float64], notes: list[str]
    ) -> ImageFigures | None:
        if not good.size or not bad.size:
            if self.found == 0:
                notes.append("no test images.")
            elif not good.size and not bad.size:
                notes.append("none of its test images can be read.")
            else:
                notes.append(
                    "no good test images, so no image figures."
                    if bad.size
                    else "no defective test images, so no figures."
                )
            return None
        labels = np.repeat((0, 1), (good.size, bad.size))
        return image_figures(labels, np.concatenate((good, bad)))

    def _pixel(self, bad: int, notes: list[str]) -> PixelFigures | None:
        if self.unmasked:
            notes.append(
                f"{self.unmasked} of {bad} defective images have no mask and count for the image "
                "figures only."
            )
        if not self.pixels.both:
            if bad > self.unmasked:
                notes.append("masks that mark no or every pixel, so no pixel figures.")
            return None
        return self.pixels.figures()

    def _limit(self, good: NDArray[np.float64], bad: NDArray[np.float64]) -> LimitFigures | None:
        if self.entry is None:
            return None
        reject = self.entry.reject
        return LimitFigures(
            reject,
            float((good > reject).mean()) if good.size else None,
            float((bad > reject).mean()) if bad.size else None,
        )

    def _colours(self) -> tuple[float, float]:
        if self.entry is not None:
            return self.entry.map_range
        return 0.0, self.values.quantile(COLOUR_QUANTILE) or 1.0


def map_at(anomaly_map: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """A map at another resolution (h, w): bilinear with aligned corners, as in the network."""
    if anomaly_map.shape == shape:
        return anomaly_map
    source = torch.from_numpy(np.require(anomaly_map, requirements=["C", "W"]))[None, None]
    scaled = F.interpolate(source, size=shape, mode="bilinear", align_corners=True)
    out: NDArray[np.float32] = scaled[0, 0].numpy()
    return out


def nearest_mask(mask: NDArray[np.bool_], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """A mask at the map's resolution (h, w) by nearest neighbour, equal to PIL's."""
    size = (shape[1], shape[0])
    scaled = cv2.resize(mask.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST_EXACT)
    return np.asarray(scaled > 0, dtype=np.bool_)
