"""How well scores tell bad from good: figures of images, from scikit-learn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from uniad_desktop.training.pixel_metrics import BINS, PixelCounter


@dataclass(frozen=True, slots=True)
class ImageFigures:
    """What one score per image is worth, each 0 to 1.

    Attributes:
        auroc: area under the ROC curve.
        ap: average precision, the area under the precision-recall curve taken in steps.
        f1_max: highest F1 score of any limit.
    """

    auroc: float
    ap: float
    f1_max: float


def image_figures(labels: ArrayLike, scores: ArrayLike) -> ImageFigures:
    """All figures of a set of images.

    Args:
        labels: (n,) bool or 0/1, true for a defect; any shape, flattened.
        scores: as many numbers, higher = more anomalous.

    Raises:
        ValueError: the counts differ, a score is not finite, or one of both classes is missing.
    """
    from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score

    truth, values = _checked(labels, scores)
    precision, recall, _ = precision_recall_curve(truth, values)
    both = precision + recall
    f1 = 2.0 * precision * recall / np.where(both > 0.0, both, 1.0)
    return ImageFigures(
        auroc=float(roc_auc_score(truth, values)),
        ap=float(average_precision_score(truth, values)),
        f1_max=float(f1.max()),
    )


def auroc(labels: ArrayLike, scores: ArrayLike) -> float:
    """Area under the ROC curve, ties counted half.

    Args:
        labels: (n,) bool or 0/1, true for a defect; any shape, flattened.
        scores: as many numbers, higher = more anomalous.

    Returns:
        The probability, 0 to 1, that a defect scores above a good one.

    Raises:
        ValueError: the counts differ, a score is not finite, or one of both classes is missing.
    """
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(*_checked(labels, scores)))


def pixel_auroc(
    masks_and_maps: Iterable[tuple[NDArray[np.bool_], NDArray[np.floating]]],
    bins: int = BINS,
) -> float:
    """AUROC over all pixels of many images, in memory that does not grow with their number.

    Args:
        masks_and_maps: pairs of a mask (h, w), true on the defect, and a map (h, w) >= 0.
        bins: see `PixelCounter`.

    Raises:
        ValueError: shapes differ, a value is negative or not finite, or a class is missing.
    """
    counter = PixelCounter(bins)
    for mask, anomaly_map in masks_and_maps:
        counter.add(mask, anomaly_map)
    return counter.auroc()


def _checked(labels: ArrayLike, scores: ArrayLike) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    truth = np.asarray(labels).ravel().astype(bool)
    values = np.asarray(scores, dtype=np.float64).ravel()
    if truth.shape != values.shape:
        raise ValueError(f"{truth.size} labels do not fit {values.size} scores.")
    if not np.isfinite(values).all():
        raise ValueError("The scores hold NaN or infinity; figures of them mean nothing.")
    if truth.all() or not truth.any():
        raise ValueError("The figures need both good and bad examples; one kind is missing.")
    return truth, values
