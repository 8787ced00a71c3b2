"""How varied the collected parts are, and what is still missing, in plain words.

Every part is once held back: its distance to the nearest of the first n others tells how well
these stand for parts that were not seen. With parts that bring something new it falls; where it
stays, more of the same do not help.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.teaching.checks import distance_matrix

LEAST_PARTS: Final = 20
ADVISED_PARTS: Final = 50

_LAST = 15  # so many parts are judged together
_NOTHING_NEW = 0.005  # of the spread
_ALL_ALIKE = 0.003  # feature distance that sensor noise alone makes
_ONE_LIGHT = 0.02  # of the brightness


class Lack(StrEnum):
    """What a collection lacks."""

    TOO_FEW = "too few"
    FEW = "few"
    ALIKE = "alike"
    NOTHING_NEW = "nothing new"
    ONE_LIGHT = "one light"


@dataclass(frozen=True, slots=True)
class Coverage:
    """How varied a collection is.

    Attributes:
        parts: number of accepted parts.
        covered: for n = 1 to `parts`: the share of the parts' spread that the first n cover, 0
            to 1: one less the mean distance of a part to the nearest of the others among them,
            per mean distance of two parts. Empty where there are no two different parts.
        gain: what the last 15 parts added to the share covered; None where there are not yet
            twice as many.
        lacks: what is missing; empty where nothing is.
    """

    parts: int
    covered: tuple[float, ...]
    gain: float | None
    lacks: tuple[Lack, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """Sentences on what is missing."""
        return tuple(_WORDS[lack].format(**self.numbers) for lack in self.lacks)

    @property
    def numbers(self) -> dict[str, int]:
        """What the sentences speak of: parts, the least and the advised number, more to each."""
        return {
            "parts": self.parts,
            "least": LEAST_PARTS,
            "to_least": max(0, LEAST_PARTS - self.parts),
            "advised": ADVISED_PARTS,
            "more": max(0, ADVISED_PARTS - self.parts),
            "last": _LAST,
        }


_WORDS: Final = {
    Lack.TOO_FEW: "{parts} parts: {least} are the least ({to_least} more), {advised} or more are "
    "advised ({more} more).",
    Lack.FEW: "{parts} parts are enough to begin; {advised} or more are advised: {more} more.",
    Lack.ALIKE: "All parts look the same; show different parts, not one part again and again.",
    Lack.NOTHING_NEW: "The last {last} parts added nothing new; show parts of other batches, "
    "positions and days, or stop here.",
    Lack.ONE_LIGHT: "Only one brightness so far; if light or exposure change on the line, collect "
    "parts in the darkest and the brightest light, too.",
}


def coverage_of(
    features: NDArray[np.float32] | None, brightness: Sequence[float] = (), parts: int | None = None
) -> Coverage:
    """Measures a collection.

    Args:
        features: (n, C) pooled features of the accepted parts in the order taken; None: unknown.
        brightness: their mean grey levels, as far as they are known.
        parts: how many there are; None: as many as features.
    """
    count = parts if parts is not None else 0 if features is None else len(features)
    covered: tuple[float, ...] = ()
    gain = None
    alike = False
    if features is not None and len(features) > 1:
        nearest, spread = _nearest(features)
        alike = spread < _ALL_ALIKE
        if not alike:
            covered = tuple(float(one) for one in np.clip(1.0 - nearest / spread, 0.0, 1.0))
            gain = covered[-1] - covered[-_LAST - 1] if len(covered) >= 2 * _LAST else None
    lacks = []
    if count < ADVISED_PARTS:
        lacks.append(Lack.TOO_FEW if count < LEAST_PARTS else Lack.FEW)
    if alike:
        lacks.append(Lack.ALIKE)
    elif gain is not None and gain < _NOTHING_NEW:
        lacks.append(Lack.NOTHING_NEW)
    if _one_light(brightness):
        lacks.append(Lack.ONE_LIGHT)
    return Coverage(count, covered, gain, tuple(lacks))


def _nearest(features: NDArray[np.float32]) -> tuple[NDArray[np.float64], float]:
    """Mean distance to the nearest of the first n other parts, for each n; mean of all pairs."""
    among = distance_matrix(features).astype(np.float64)
    count = len(among)
    spread = float(among.sum() / (count * (count - 1)))
    np.fill_diagonal(among, np.inf)
    nearest = np.minimum.accumulate(among, axis=1)
    nearest[0, 0] = np.nan  # the first part has no other among the first one
    return np.nanmean(nearest, axis=0), spread


def _one_light(brightness: Sequence[float]) -> bool:
    if len(brightness) < LEAST_PARTS:
        return False
    low, middle, high = np.percentile(brightness, (5, 50, 95))
    return bool(middle > 0.0 and (high - low) / middle < _ONE_LIGHT)
