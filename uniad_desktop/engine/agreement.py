"""Whether a runtime gives the reference's answer, in units of the product's own spread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict

from uniad_desktop.engine.preprocess import View
from uniad_desktop.engine.runtimes.base import Output, Runtime
from uniad_desktop.engine.sample import Sample

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from uniad_desktop.engine.manifest import ProductEntry

SCORE_TOLERANCE = 0.25
"""Largest difference of an image score, in deviations of the product's normal scores.

Of a picture whose score is several times a normal part's median, as many times that: so far above
the limit a rounding error that grows with the score decides nothing.
"""

MAP_TOLERANCE = 1.0
"""Largest difference at any pixel of a map, in the same unit."""

_BATCH = 4
_LEAST_SPREAD = 1e-30
_ASSUMED_SHARE = 0.1  # of the median score; shipped products have 0.07 to 0.22


class Agreement(BaseModel):
    """The result of a comparison, kept with the export.

    Attributes:
        runtime: label of what was compared.
        pictures: number of pictures compared, normal and marked.
        origin: where they come from.
        score_difference: largest difference of a score, in deviations of normal scores.
        map_difference: largest difference at a pixel, likewise.
        score_tolerance, map_tolerance: what would have been allowed.
        spread_assumed: whether some product had no known spread, so that a tenth of the median
            score stood in.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    runtime: str
    pictures: int
    origin: str
    score_difference: float
    map_difference: float
    score_tolerance: float = SCORE_TOLERANCE
    map_tolerance: float = MAP_TOLERANCE
    spread_assumed: bool = False

    @property
    def passed(self) -> bool:
        """Whether the runtime may be used; a difference that is no number never passes."""
        return (
            self.score_difference <= self.score_tolerance
            and self.map_difference <= self.map_tolerance
        )

    def sentence(self) -> str:
        """The result for a person."""
        verdict = "agrees" if self.passed else "does NOT agree"
        unit = "a tenth of the median score" if self.spread_assumed else "the normal scores' spread"
        return (
            f"{self.runtime} {verdict} with the reference: on {self.pictures} pictures scores "
            f"differ by at most {self.score_difference:.3f} and maps by {self.map_difference:.3f} "
            f"of {unit} (allowed {self.score_tolerance} and {self.map_tolerance}; {self.origin})"
        )


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """What the reference gives for a package's sample.

    Attributes:
        sample: normal and marked pictures.
        views: the frames that they were made into, normal ones first.
        output: the reference's maps and scores of them.
    """

    sample: Sample
    views: tuple[View, ...]
    output: Output


def expect(reference: Runtime, sample: Sample, *, enlarge: float = 1.0) -> Expected:
    """Runs the reference on a sample.

    Args:
        reference: the plain network.
        sample: normal and marked pictures.
        enlarge: how much larger than the network's input the frames are made, where scaling is
            to be compared as well.

    Raises:
        RuntimeFailedError: it failed.
    """
    pictures = np.concatenate((sample.normal, sample.marked))
    views = tuple(View(_frame(one, enlarge)) for one in pictures)
    return Expected(sample, views, _in_pieces(reference, views))


def compare(runtime: Runtime, wanted: Expected, products: Mapping[str, ProductEntry]) -> Agreement:
    """Runs a runtime on the package's sample.

    Args:
        runtime: what wants to be used.
        wanted: what the reference gives.
        products: the package's products; their calibration tells the spread.

    Raises:
        RuntimeFailedError: it failed.
    """
    sample, expected = wanted.sample, wanted.output
    actual = _in_pieces(runtime, wanted.views)
    names = (*sample.products, *sample.products)
    spreads = np.empty(len(names))
    assumed = False
    typical = float(np.median(expected.scores[: len(sample.normal)]))
    for place, name in enumerate(names):
        median, spread = typical, max(_ASSUMED_SHARE * typical, _LEAST_SPREAD)
        entry = products.get(name)
        if entry is not None and entry.calibration.deviation > 0.0:
            median, spread = entry.calibration.median, entry.calibration.deviation
        else:
            assumed = True
        above = float(expected.scores[place]) / median if median > 0.0 else 1.0
        spreads[place] = spread * max(1.0, above)
    score = np.abs(actual.scores.astype(np.float64) - expected.scores) / spreads
    per_map = np.abs(actual.maps.astype(np.float64) - expected.maps).max(axis=(1, 2)) / spreads
    return Agreement(
        runtime=runtime.label,
        pictures=len(names),
        origin=sample.origin,
        # A value that is no number stays one under max, and then fails.
        score_difference=_json_number(score.max()),
        map_difference=_json_number(per_map.max()),
        spread_assumed=assumed,
    )


def _in_pieces(runtime: Runtime, views: Sequence[View]) -> Output:
    """Normal frames one at a time, as on the line; the marked ones in batches, as tiles are."""
    half = len(views) // 2
    pieces: list[Sequence[View]] = [[one] for one in views[:half]]
    pieces += [views[start : start + _BATCH] for start in range(half, len(views), _BATCH)]
    outputs = [runtime.run(piece) for piece in pieces]
    return Output(
        np.concatenate([one.maps for one in outputs]),
        np.concatenate([one.scores for one in outputs]),
        sum(one.preprocess_ms for one in outputs),
        sum(one.network_ms for one in outputs),
    )


def _json_number(value: float) -> float:
    """JSON knows no NaN and no infinity."""
    return float(value) if np.isfinite(value) else float(np.finfo(np.float64).max)


def _frame(picture: NDArray[np.uint8], enlarge: float) -> NDArray[np.uint8]:
    """(3, H, W) as a frame; at its own size scaling leaves it as it is."""
    image = np.ascontiguousarray(picture.transpose(1, 2, 0))
    if enlarge == 1.0:
        return image
    larger = cv2.resize(image, None, fx=enlarge, fy=enlarge, interpolation=cv2.INTER_CUBIC)
    return np.asarray(larger, np.uint8)
