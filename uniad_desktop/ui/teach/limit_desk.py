"""Limits of a product as they are tried out on kept scores: nothing is inspected. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.engine.manifest import ProductEntry
from uniad_desktop.engine.package import ModelPackage
from uniad_desktop.teaching.limit_change import LimitChange, open_in_use
from uniad_desktop.teaching.limits import Limits, LimitSettings, Outcome, set_limits, what_if
from uniad_desktop.teaching.stored_scores import (
    CollectedParts,
    StoredPart,
    StoredScores,
    collected_parts,
    load_scores,
)
from uniad_desktop.training.calibration import CalibrationError

RATES: Final = (0.001, 0.005, 0.01, 0.02, 0.05)
"""False-reject rates to choose from."""

REVIEW_RATES: Final = (0.02, 0.05, 0.1)
"""Shares of good parts that may go to review or worse, to choose from."""

BY_HAND_BAND: Final = 0.9
"""T1 per T2 where a band is opened and no part is known to say where."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What is known of a product when its limits are shown.

    Attributes:
        product: key.
        package: the version in use.
        parts: collected parts that limits are set on and measured with.
        scores: theirs; None where they have to be scored (again).
        auroc: of good parts against defects, 0 to 1; None where one of both is missing.
    """

    product: str
    package: ModelPackage
    parts: CollectedParts
    scores: StoredScores | None = None
    auroc: float | None = None

    @property
    def entry(self) -> ProductEntry | None:
        """The product as the model knows it; None where it does not."""
        return self.package.manifest.products.get(self.product)


def load(data_folder: Path, model: str, product: str) -> Loaded:
    """Reads all that; takes a moment, not for the Qt thread.

    Raises:
        PackageError: there is no version that can be used.
        StoreError: the collected parts cannot be read.
    """
    from uniad_desktop.training.metrics import auroc

    package = open_in_use(data_folder, model)
    parts = collected_parts(data_folder, product)
    scores = load_scores(data_folder, product)
    if scores is None or not scores.fits(package, parts):
        return Loaded(product, package, parts)
    area = None
    if scores.good and scores.bad:
        values = [one.score for one in (*scores.good, *scores.bad)]
        area = auroc(np.repeat((0, 1), (len(scores.good), len(scores.bad))), values)
    return Loaded(product, package, parts, scores, area)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a pair of limits makes of the known parts.

    Attributes:
        outcome: of the reject limit.
        review: good parts between the limits.
        bad_review: defects between the limits.
    """

    outcome: Outcome
    review: int
    bad_review: int


class LimitDesk:
    """The limits being tried; those in force stay as they are.

    Args:
        loaded: of a product that the model knows.
    """

    def __init__(self, loaded: Loaded) -> None:
        entry = loaded.entry
        assert entry is not None  # the view says so before
        self.loaded, self.entry = loaded, entry
        known = loaded.scores
        self.good = _scores(known.good if known else ())
        self.bad = _scores(known.bad if known else ())
        self._sorted_good, self._sorted_bad = np.sort(self.good), np.sort(self.bad)
        self._basis: dict[float, Limits] = {}
        self.revert()

    # the limits

    def revert(self) -> None:
        """Back to the limits in force."""
        self.accept, self.reject = self.entry.accept, self.entry.reject
        self.rate: float | None = None
        self.review_rate: float | None = None
        self.band = self.accept != self.reject

    @property
    def changed(self) -> bool:
        """Whether there is something to apply."""
        return (self.accept, self.reject) != (self.entry.accept, self.entry.reject)

    def move(self, accept: float, reject: float) -> None:
        """Limits by hand, raw; T1 is never above T2."""
        if reject != self.reject:
            self.rate = None
        if accept != self.accept:
            self.review_rate = None
        self.reject = reject
        self.accept = min(accept, reject) if self.band else reject

    def choose_rate(self, rate: float) -> None:
        """T2 becomes the limit that the good parts give for a false-reject rate."""
        limits = self.basis(rate)
        if limits is None:
            return
        self.rate, self.reject = rate, limits.reject
        if self.review_rate is not None and self.review_rate <= rate:
            self.review_rate = next((one for one in REVIEW_RATES if one > rate), None)
            self.band = self.review_rate is not None
        self._follow()

    def open_band(self, rate: float | None = None) -> None:
        """A review band, with T1 for a share of good parts; None: the first that makes one."""
        self.band = True
        wished = [rate] if rate is not None else [one for one in REVIEW_RATES if self.offers(one)]
        for one in wished:
            self.review_rate = one
            self._follow()
            if self.accept < self.reject:
                return
        if rate is None:
            self.review_rate, self.accept = None, BY_HAND_BAND * self.reject

    def close_band(self) -> None:
        """T1 = T2."""
        self.band, self.review_rate, self.accept = False, None, self.reject

    def offers(self, review_rate: float) -> bool:
        """Whether a review rate makes sense: there are parts, and it is above the other rate."""
        return bool(self.good.size) and review_rate > self._present_rate()

    def basis(self, rate: float) -> Limits | None:
        """What the good parts give for a false-reject rate; None where there are none."""
        if not self.good.size:
            return None
        if rate not in self._basis:
            try:
                self._basis[rate] = set_limits(self.good, LimitSettings(rate))
            except CalibrationError:
                return None
        return self._basis[rate]

    def change(self) -> LimitChange:
        """What is to be applied."""
        band = self.accept != self.reject
        return LimitChange(
            self.loaded.product,
            self.accept,
            self.reject,
            self.rate,
            self.review_rate if band else None,
        )

    # what they come to

    def figures(self) -> Figures:
        """Of the limits being tried."""
        return self._figures(self.accept, self.reject)

    def figures_now(self) -> Figures:
        """Of the limits in force."""
        return self._figures(self.entry.accept, self.entry.reject)

    def unusual(self) -> tuple[StoredPart, ...]:
        """Good parts that look like none, the highest score first."""
        known = self.loaded.scores
        found = [one for one in known.good if one.unusual] if known else []
        return tuple(sorted(found, key=lambda one: -one.score))

    def shown(self, raw: float) -> float:
        """A raw score on the present scale, where 50 is the reject limit in force."""
        return 50.0 * raw / self.entry.reject

    def _present_rate(self) -> float:
        return self.entry.calibration.false_reject_rate if self.rate is None else self.rate

    def _follow(self) -> None:
        """T1 after T2 moved, or for another review rate."""
        if not self.band:
            self.accept, self.review_rate = self.reject, None
        elif self.review_rate is None:
            self.accept = min(self.accept, self.reject)
        else:
            limits = set_limits(self.good, LimitSettings(self._present_rate(), self.review_rate))
            self.accept = min(limits.accept, self.reject)

    def _figures(self, accept: float, reject: float) -> Figures:
        return Figures(
            what_if(self._sorted_good, self._sorted_bad, reject),
            _between(self._sorted_good, accept, reject),
            _between(self._sorted_bad, accept, reject),
        )


def _scores(parts: tuple[StoredPart, ...]) -> NDArray[np.float64]:
    return np.array([one.score for one in parts], dtype=np.float64)


def _between(values: NDArray[np.float64], accept: float, reject: float) -> int:
    """How many of sorted values are above `accept` and not above `reject`."""
    low, high = np.searchsorted(values, (accept, reject), side="right")
    return int(high - low)
