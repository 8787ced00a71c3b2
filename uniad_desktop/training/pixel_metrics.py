"""How well maps tell defect pixels from good ones, counted in memory that does not grow.

Sorting the 1.6 billion pixels of 2,000 images of 900 x 900 would take tens of gigabytes. Counting
them takes three histograms. The values are float32 and not negative, so their bit patterns order
like the numbers; the upper bits are the bin. No range has to be known in advance, and a bin is
narrow wherever the values lie. Values of one bin count as ties.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

BINS = 1 << 20
"""Relative width of a bin: 1/4096."""

PRO_LIMIT = 0.3
"""False-positive rate up to which the PRO curve is integrated."""

_AT_ONCE = 1 << 22  # pixels per piece of a map, so that a huge picture needs no huge buffers


@dataclass(frozen=True, slots=True)
class PixelFigures:
    """What maps are worth, each 0 to 1.

    Attributes:
        auroc: area under the ROC curve over all pixels.
        ap: average precision over all pixels.
        f1_max: highest F1 score over all pixels of any limit.
        au_pro: area under the per-region-overlap curve up to a false-positive rate of
            `PRO_LIMIT`, divided by it (Bergmann et al., MVTec AD, IJCV 2021). Regions are
            8-connected as in MVTec's own evaluation code, and each weighs the same.
    """

    auroc: float
    ap: float
    f1_max: float
    au_pro: float


class Histogram:
    """How often values >= 0 occurred, in bins of equal relative width.

    Args:
        bins: number of bins, a power of two from 2**8 to 2**31.
        weighted: whether values have weights; else they are counted exactly.
    """

    def __init__(self, bins: int = BINS, *, weighted: bool = False) -> None:
        bits = max(1, bins).bit_length() - 1
        if bins != 1 << bits or not 8 <= bits <= 31:
            raise ValueError(f"The bins must be a power of two from 2**8 to 2**31, not {bins}.")
        self._shift = 31 - bits
        self.counts = np.zeros(bins, dtype=np.float64 if weighted else np.int64)

    def keys(self, values: NDArray[np.floating]) -> NDArray[np.uint32]:
        """The bin of every value, in the same shape.

        Raises:
            ValueError: a value is negative or not finite.
        """
        numbers = np.ascontiguousarray(values, dtype=np.float32)
        # One pass each, and NaN fails both.
        if numbers.size and not (numbers.min() >= 0.0 and numbers.max() < np.inf):
            raise ValueError("A map holds negative, NaN or infinite values.")
        # -0.0 is not negative, but its sign bit would make it the largest of all.
        bits = np.abs(numbers).view(np.uint32)
        return np.asarray(bits >> np.uint32(self._shift), dtype=np.uint32)

    def add(self, keys: NDArray[np.uint32], weights: NDArray[np.float64] | None = None) -> None:
        """Counts bins given by `keys`, any shape."""
        if not keys.size:
            return
        low = int(keys.min())
        counted = np.bincount((keys - np.uint32(low)).ravel(), weights)
        self.counts[low : low + counted.size] += counted.astype(self.counts.dtype, copy=False)

    def quantile(self, share: float) -> float:
        """The upper edge of the bin below which a share of all values lies; 0.0 if none came."""
        total = self.counts.sum()
        if total == 0:
            return 0.0
        key = int(np.searchsorted(np.cumsum(self.counts), share * total))
        edge = np.array([min(key + 1, self.counts.size)], np.uint64) << np.uint64(self._shift)
        return float(edge.astype(np.uint32).view(np.float32)[0])


class PixelCounter:
    """Counts pixels of masks and maps, image by image.

    Args:
        bins: number of bins, a power of two.
    """

    def __init__(self, bins: int = BINS) -> None:
        self._good = Histogram(bins)
        self._bad = Histogram(bins)
        self._overlap = Histogram(bins, weighted=True)
        self.regions = 0

    def add(self, mask: NDArray[np.bool_], anomaly_map: NDArray[np.floating]) -> None:
        """Counts one image.

        Args:
            mask: (h, w), true on the defect.
            anomaly_map: (h, w) >= 0, higher = more anomalous; taken as float32.

        Raises:
            ValueError: the shapes differ, or a value is negative or not finite. The counter is
                then of no more use.
        """
        if mask.shape != anomaly_map.shape or mask.ndim != 2:
            raise ValueError(f"Mask {mask.shape} and map {anomaly_map.shape} differ in shape.")
        truth = np.ascontiguousarray(mask, dtype=np.bool_)
        regions, labels, share = 1, truth, np.zeros(1)
        if truth.any():
            # Every pixel of a region stands for an equal share of that region.
            regions, labels, stats, _ = cv2.connectedComponentsWithStats(
                truth.view(np.uint8), connectivity=8, ltype=cv2.CV_32S
            )
            share = 1.0 / stats[:, cv2.CC_STAT_AREA]
        self.regions += regions - 1
        for rows in _pieces(truth.shape):
            keys = self._good.keys(anomaly_map[rows])
            if regions == 1:
                self._good.add(keys)
                continue
            bad = truth[rows]
            on_defect = keys[bad]
            self._good.add(keys[~bad])
            self._bad.add(on_defect)
            self._overlap.add(on_defect, share[labels[rows][bad]])

    @property
    def both(self) -> bool:
        """Whether good and defect pixels came, so that there are figures."""
        return bool(self._good.counts.any() and self._bad.counts.any())

    def auroc(self) -> float:
        """Area under the ROC curve. Raises ValueError if good or defect pixels are missing."""
        good, bad, _ = self._falling()
        wins = (bad * (good.sum() - np.cumsum(good) + good / 2.0)).sum()
        return float(wins / (good.sum() * bad.sum()))

    def figures(self) -> PixelFigures:
        """All figures. Raises ValueError if good or defect pixels are missing."""
        good, bad, overlap = self._falling()
        false, true = np.cumsum(good), np.cumsum(bad)
        precision = true / (true + false)
        recall = true / true[-1]
        # 2 TP / (2 TP + FP + FN), with TP + FN the number of defect pixels.
        f1 = 2.0 * true / (true + false + true[-1])
        return PixelFigures(
            auroc=self.auroc(),
            ap=float((np.diff(recall, prepend=0.0) * precision).sum()),
            f1_max=float(f1.max()),
            au_pro=_area_up_to(
                PRO_LIMIT, false / false[-1], np.cumsum(overlap) / float(self.regions)
            ),
        )

    def _falling(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Good pixels, defect pixels and region shares of every used bin, highest values first."""
        good, bad = self._good.counts, self._bad.counts
        if not self.both:
            raise ValueError("The figures need both good and bad pixels; one kind is missing.")
        used = np.flatnonzero(good + bad)[::-1]
        return (
            good[used].astype(np.float64),
            bad[used].astype(np.float64),
            self._overlap.counts[used].astype(np.float64),
        )


def _pieces(shape: tuple[int, ...]) -> Iterator[slice]:
    step = max(1, _AT_ONCE // max(1, shape[1]))
    return (slice(row, row + step) for row in range(0, shape[0], step))


def _area_up_to(limit: float, rate: NDArray[np.float64], overlap: NDArray[np.float64]) -> float:
    """Mean height of a rising curve from (0, 0) up to `limit`, where it is interpolated."""
    rate = np.concatenate(((0.0,), rate))
    overlap = np.concatenate(((0.0,), np.minimum(overlap, 1.0)))
    beyond = int(np.searchsorted(rate, limit, side="right"))
    across = (limit - rate[beyond - 1]) / (rate[beyond] - rate[beyond - 1])
    end = overlap[beyond - 1] + across * (overlap[beyond] - overlap[beyond - 1])
    x, y = np.append(rate[:beyond], limit), np.append(overlap[:beyond], end)
    return float((np.diff(x) * (y[1:] + y[:-1]) / 2.0).sum() / limit)
