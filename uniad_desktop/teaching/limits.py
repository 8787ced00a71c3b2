"""Limits from the scores of parts, and what they come to: numbers in, numbers out, no files."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from uniad_desktop.training.calibration import CalibrationError, ConformalLimit, conformal_limit
from uniad_desktop.training.metrics import auroc

OUTLIER_Z: Final = 5.0
"""Robust z-score of the log score above which a normal part looks like none."""

FOLDS: Final = 5
_LEAST_FOR_FOLDS = 10  # fewer parts are left out one by one
_MAD_TO_DEVIATION = 1.4826  # as in training.calibration
_UNLIKELY = 3.0  # deviations of a count by chance


@dataclass(frozen=True, slots=True)
class LimitSettings:
    """What limits are wished for.

    Attributes:
        false_reject_rate: wished share of normal parts above T2, between 0 and 1.
        review_rate: wished share of normal parts above T1, larger than the former: those that go
            to review or are rejected. None: T1 = T2, no review band.
        margin: share of itself by which a limit is raised, 0 or more.

    Raises:
        CalibrationError: a value makes no sense.
    """

    false_reject_rate: float = 0.005
    review_rate: float | None = None
    margin: float = 0.0

    def __post_init__(self) -> None:
        for name, value in (("false-reject", self.false_reject_rate), ("review", self.review_rate)):
            if value is not None and not 0.0 < value < 1.0:
                raise CalibrationError(f"The {name} rate must lie between 0 and 1, not {value}.")
        if self.review_rate is not None and self.review_rate <= self.false_reject_rate:
            raise CalibrationError(
                f"The review rate ({self.review_rate:g}) must be larger than the false-reject rate "
                f"({self.false_reject_rate:g}); leave it out for no review band."
            )
        if not (math.isfinite(self.margin) and self.margin >= 0.0):
            raise CalibrationError(f"The margin must be 0 or more, not {self.margin}.")


@dataclass(frozen=True, slots=True)
class CrossValidation:
    """Limits set on a part of the parts and tried on the others.

    Attributes:
        folds: number of blocks, each of which was left out once.
        parts: number of parts, each of which was tried once.
        above: how many lay above the limit that was set without their block.
        expected: how many would by chance, were the parts alike (exchangeable) and without margin.
    """

    folds: int
    parts: int
    above: int
    expected: float

    @property
    def rate(self) -> float:
        """Share of the parts above, 0 to 1."""
        return self.above / self.parts

    @property
    def odd(self) -> bool:
        """Whether far more were above than chance explains: the parts differ from first to last."""
        return self.above > self.expected + _UNLIKELY * math.sqrt(self.expected) + 1.0

    @property
    def sentence(self) -> str:
        """What came out, for the user."""
        blocks = f"{self.folds} blocks" if self.folds < self.parts else "single parts"
        text = (
            f"Cross-validated over {blocks}, {self.above} of {self.parts} parts ({self.rate:.1%}) "
            f"lay above a limit that was set on the others; about {self.expected:.1f} were to be "
            "expected."
        )
        if self.odd:
            text += (
                " The parts are not alike from first to last, so the line may reject more than is "
                "wished; take parts from all shifts and lots."
            )
        return text


@dataclass(frozen=True, slots=True)
class Limits:
    """The two limits of a product and what they rest on.

    Attributes:
        accept: T1, raw; at or below it a part passes.
        reject: T2, raw; above it a part fails. Shown as 50.
        basis: the conformal limit before any margin.
        settings: what was wished for.
        check: the cross-validation; None where there are fewer than two parts.
    """

    accept: float
    reject: float
    basis: ConformalLimit
    settings: LimitSettings
    check: CrossValidation | None = None

    @property
    def promised_rate(self) -> float:
        """What so many parts can promise: a fresh normal part is above T2 at most so often."""
        return max(self.settings.false_reject_rate, 1.0 / (self.basis.parts + 1))

    @property
    def note(self) -> str:
        """What a person should know of these limits, sentences, or empty."""
        sentences = []
        if not self.basis.enough:
            sentences += [
                self.basis.note,
                f"It promises a false-reject rate of {self.promised_rate:.1%} at best.",
            ]
        if self.check is not None and (not self.basis.enough or self.check.odd):
            sentences.append(self.check.sentence)
        if self.settings.margin:
            sentences.append(f"A margin of {self.settings.margin:.0%} was added.")
        if self.settings.review_rate is not None and self.accept == self.reject:
            sentences.append("There are too few parts for a review band, so there is none.")
        return " ".join(sentences)


def set_limits(scores: ArrayLike, settings: LimitSettings) -> Limits:
    """Both limits by split conformal prediction.

    T2 is the conformal limit of the false-reject rate, T1 that of the review rate. With fewer than
    1/alpha - 1 parts a limit is the largest score.

    Args:
        scores: (n,) raw image scores of normal parts that the model was not trained on, in the
            order in which the parts were made: the cross-validation leaves out neighbours.
        settings: what is wished for.

    Raises:
        CalibrationError: there is no score, one is not finite, or the limit would be 0.
    """
    values = np.asarray(scores, dtype=np.float64).ravel()
    basis = conformal_limit(values, settings.false_reject_rate)
    if basis.limit <= 0.0:
        raise CalibrationError("Every normal part scores 0; the model shows no differences.")
    raised = 1.0 + settings.margin
    accept = basis.limit
    if settings.review_rate is not None:
        accept = conformal_limit(values, settings.review_rate).limit
        if accept <= 0.0:
            raise CalibrationError(
                "Most normal parts score 0, so no accept limit can be set for a review rate of "
                f"{settings.review_rate:g}; choose a smaller one or leave it out."
            )
    return Limits(
        accept=min(accept, basis.limit) * raised,
        reject=basis.limit * raised,
        basis=basis,
        settings=settings,
        check=cross_validate(values, settings),
    )


def cross_validate(scores: ArrayLike, settings: LimitSettings) -> CrossValidation | None:
    """Leaves out block after block, sets the limit on the rest and tries it on the block.

    The blocks are neighbours in the order given. Were they drawn by lot, the outcome would be
    decided by the number of parts alone; blocks in order show parts that change over time.

    Args:
        scores: (n,) finite raw scores.
        settings: what is wished for; T2 is tried, with its margin.

    Returns:
        None where there are fewer than two parts.
    """
    values = np.asarray(scores, dtype=np.float64).ravel()
    if values.size < 2:
        return None
    folds = FOLDS if values.size >= _LEAST_FOR_FOLDS else int(values.size)
    above, expected = 0, 0.0
    for block in np.array_split(np.arange(values.size), folds):
        rest = np.delete(values, block)
        basis = conformal_limit(rest, settings.false_reject_rate)
        above += int((values[block] > basis.limit * (1.0 + settings.margin)).sum())
        rank = _rank(rest.size, settings.false_reject_rate)
        expected += block.size * (1.0 - rank / (rest.size + 1))
    return CrossValidation(folds, int(values.size), above, expected)


def outliers(scores: ArrayLike, most: float = OUTLIER_Z) -> NDArray[np.bool_]:
    """Which normal parts score so high that they may be none.

    The robust z-score is the distance of the log score from the median, in deviations that are
    taken from the median absolute deviation; scores are skewed, their logarithms hardly.

    Args:
        scores: (n,) finite raw scores, 0 or more.
        most: z-score above which a part is named.

    Returns:
        (n,) bool; all false where the scores have no spread to measure by.
    """
    values = np.asarray(scores, dtype=np.float64).ravel()
    if values.size == 0:
        return np.zeros(0, dtype=np.bool_)
    logs = np.log(np.maximum(values, np.finfo(np.float64).tiny))
    middle = np.median(logs)
    deviation = np.median(np.abs(logs - middle)) * _MAD_TO_DEVIATION
    if deviation <= 0.0:
        return np.zeros(values.shape, dtype=np.bool_)
    return np.asarray((logs - middle) / deviation > most, dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a limit makes of parts of known truth.

    Attributes:
        limit: raw reject limit.
        good: number of normal parts.
        bad: number of parts with a defect.
        false_rejects: normal parts above the limit.
        escapes: parts with a defect at or below it.
    """

    limit: float
    good: int
    bad: int
    false_rejects: int
    escapes: int

    @property
    def false_reject_rate(self) -> float | None:
        """Share of the normal parts above the limit, None where there are none."""
        return self.false_rejects / self.good if self.good else None

    @property
    def catch_rate(self) -> float | None:
        """Share of the defects above the limit, None where there are none."""
        return 1.0 - self.escapes / self.bad if self.bad else None


def what_if(scores_good: ArrayLike, scores_bad: ArrayLike, limit: float) -> Outcome:
    """What a limit would give on parts whose scores are known; nothing is inspected anew.

    Args:
        scores_good: raw scores of normal parts.
        scores_bad: raw scores of parts with a defect; may be empty.
        limit: raw reject limit to try.

    Raises:
        CalibrationError: a score is not finite, or the limit is not above 0.
    """
    good, bad = _finite(scores_good), _finite(scores_bad)
    if not (math.isfinite(limit) and limit > 0.0):
        raise CalibrationError(f"A limit must be a number above 0, not {limit}.")
    return Outcome(
        limit=float(limit),
        good=int(good.size),
        bad=int(bad.size),
        false_rejects=int((good > limit).sum()),
        escapes=int((bad <= limit).sum()),
    )


@dataclass(frozen=True, slots=True)
class Roc:
    """Every limit that makes a difference, from the highest to the lowest.

    Attributes:
        auroc: area under the curve, 0 to 1.
        limits: raw; what lies above is rejected.
        false_rejects: share of the normal parts above each.
        caught: share of the defects above each.
    """

    auroc: float
    limits: tuple[float, ...]
    false_rejects: tuple[float, ...]
    caught: tuple[float, ...]


def roc(scores_good: ArrayLike, scores_bad: ArrayLike) -> Roc | None:
    """The ROC curve (scikit-learn); None where good or bad parts are missing.

    Raises:
        CalibrationError: a score is not finite.
    """
    from sklearn.metrics import roc_curve

    good, bad = _finite(scores_good), _finite(scores_bad)
    if not good.size or not bad.size:
        return None
    values = np.concatenate((good, bad))
    labels = np.concatenate((np.zeros(good.size), np.ones(bad.size)))
    rejected, caught, thresholds = roc_curve(labels, values)
    # scikit-learn rejects from the threshold on, we only what lies above; it begins at infinity.
    limits = np.nextafter(thresholds, -np.inf)
    limits[0] = values.max()
    return Roc(
        auroc=auroc(labels, values),
        limits=tuple(map(float, limits)),
        false_rejects=tuple(map(float, rejected)),
        caught=tuple(map(float, caught)),
    )


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts of scores for a chart.

    Attributes:
        edges: raw scores between the columns, one more than there are columns.
        good: normal parts per column.
        bad: parts with a defect per column.
    """

    edges: tuple[float, ...]
    good: tuple[int, ...]
    bad: tuple[int, ...]


def histogram(
    scores_good: ArrayLike,
    scores_bad: ArrayLike = (),
    *,
    limits: Sequence[float] = (),
    columns: int = 40,
) -> Histogram:
    """Counts in columns of equal width that hold all scores and the limits.

    Args:
        scores_good: raw scores of normal parts.
        scores_bad: raw scores of parts with a defect.
        limits: raw values that have to be within the chart.
        columns: how many, 1 or more.

    Raises:
        CalibrationError: there is nothing to show, or a score is not finite.
    """
    good, bad = _finite(scores_good), _finite(scores_bad)
    everything = np.concatenate((good, bad, _finite(limits)))
    if not everything.size:
        raise CalibrationError("There are no scores to show; calibrate the product first.")
    edges = np.histogram_bin_edges(everything, columns)
    return Histogram(
        edges=tuple(map(float, edges)),
        good=tuple(map(int, np.histogram(good, edges)[0])),
        bad=tuple(map(int, np.histogram(bad, edges)[0])),
    )


def _finite(scores: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(scores, dtype=np.float64).ravel()
    if not np.isfinite(values).all():
        raise CalibrationError("A score is not a number; check the model.")
    return values


def _rank(parts: int, rate: float) -> int:
    """Rank of the conformal limit among so many scores, as `conformal_limit` takes it."""
    return min(math.ceil(round((parts + 1) * (1.0 - rate), 9)), parts)
