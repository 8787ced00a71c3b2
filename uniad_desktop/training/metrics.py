"""How well scores tell bad from good: area under the ROC curve, exact and memory-bounded."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray


def auroc(labels: ArrayLike, scores: ArrayLike) -> float:
    """Area under the ROC curve by ranks, ties counted half (Mann-Whitney).

    Args:
        labels: (n,) bool or 0/1, true for a defect; any shape, flattened.
        scores: as many numbers, higher = more anomalous.

    Returns:
        The probability, 0 to 1, that a defect scores above a good one.

    Raises:
        ValueError: the counts differ, a score is not finite, or one of both classes is missing.
    """
    truth = np.asarray(labels).ravel().astype(bool)
    values = np.asarray(scores).ravel()
    if truth.shape != values.shape:
        raise ValueError(f"{truth.size} labels do not fit {values.size} scores.")
    if not np.isfinite(values).all():
        raise ValueError("The scores hold NaN or infinity; an AUROC of them means nothing.")
    positives = int(truth.sum())
    negatives = truth.size - positives
    if positives == 0 or negatives == 0:
        raise ValueError("An AUROC needs both good and bad examples; one kind is missing.")
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    # Mean rank of every distinct value: half-way through its run of equals.
    ranks = np.cumsum(counts) - (counts - 1) / 2.0
    rank_sum = float(ranks[inverse.ravel()][truth].sum())
    return (rank_sum - positives * (positives + 1) / 2.0) / (positives * negatives)


def pixel_auroc(
    masks_and_maps: Iterable[tuple[NDArray[np.bool_], NDArray[np.floating]]],
    bins: int = 1 << 16,
) -> float:
    """AUROC over all pixels of many images, in memory that does not grow with their number.

    The maps' values are float32, whose bit patterns order like the numbers themselves for values
    >= 0; the histogram is taken over the upper bits, so a bin is narrow (relative width 1/256
    with the default) wherever the values lie and no range has to be known in advance. Values of
    one bin count as ties.

    Args:
        masks_and_maps: pairs of a mask (h, w), true on the defect, and a map (h, w) >= 0.
        bins: number of bins, a power of two up to 2**24.

    Raises:
        ValueError: shapes differ, a value is negative or not finite, or a class is missing.
    """
    shift = 32 - int(bins).bit_length() + 1
    good = np.zeros(bins, dtype=np.int64)
    bad = np.zeros(bins, dtype=np.int64)
    for mask, anomaly_map in masks_and_maps:
        if mask.shape != anomaly_map.shape:
            raise ValueError(f"Mask {mask.shape} and map {anomaly_map.shape} differ in shape.")
        values = np.ascontiguousarray(anomaly_map, dtype=np.float32)
        if not np.isfinite(values).all() or (values < 0).any():
            raise ValueError("A map holds negative, NaN or infinite values.")
        keys = (np.abs(values).view(np.uint32) >> shift).astype(np.int64)
        truth = np.asarray(mask, dtype=bool)
        good += np.bincount(keys[~truth], minlength=bins)
        bad += np.bincount(keys[truth], minlength=bins)
    if good.sum() == 0 or bad.sum() == 0:
        raise ValueError("A pixel AUROC needs both good and bad pixels; one kind is missing.")
    below = np.cumsum(good) - good
    wins = float((bad * (below + good / 2.0)).sum())
    return wins / (float(good.sum()) * float(bad.sum()))
