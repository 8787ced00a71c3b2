"""Is a frame fit to be learnt from? Checked before it is taken, nothing doubtful silently.

Every check is a pure function that gives a figure and, where the figure is out of order, a
finding. Figures are compared with the median of what was accepted so far; how far a figure may be
off follows from how much those differ (median absolute deviation), with a floor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import BaseModel, ConfigDict

from uniad_desktop.engine.expectation import FrameExpectation
from uniad_desktop.inspection.image_quality import measure

REFERENCE: Final = 5
"""Accepted parts from which on others are compared with their median."""

ANY_FRAME: Final = FrameExpectation()
"""Nothing is known yet of how frames have to be."""

OUTLIER_REFERENCE: Final = 8
"""Accepted parts from which on an unusual look can be told without a model."""

_MAD_TO_DEVIATION = 1.4826  # of a normal distribution
_FOCUS_FLOOR = 0.3  # parts differ by about a tenth; a blur of one pixel's sigma halves the figure
_BRIGHTNESS_FLOOR = 0.1
_BAND = 5.0  # deviations
_DARK = 8.0
_SATURATED = 0.5
_SATURATED_MORE = 0.05
_NEAR = 0.25
_SAME = 0.003  # of a channel's deviation: below what sensor noise alone makes
_OUTLIER = 6.0


class Reason(StrEnum):
    """Why a frame is doubtful."""

    FOCUS = "focus"
    EXPOSURE = "exposure"
    BRIGHTNESS = "brightness"
    MISMATCH = "mismatch"
    NEAR_DUPLICATE = "near-duplicate"
    UNUSUAL = "unusual"
    UNCHECKED = "unchecked"
    INCOMPLETE = "incomplete"


class Finding(BaseModel):
    """A reason and a sentence for the user."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: Reason
    sentence: str


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """What the checks of a frame gave.

    Attributes:
        figures: figure per check: ``focus``, ``brightness`` (grey levels), ``saturated`` (share),
            ``nearest`` (feature distance), ``score`` (raw); one that could not be had is missing.
            ``sharpness`` is what the station's charts are compared with.
        doubts: what is out of order.
        features: (C,) pooled features, where they are known.
    """

    figures: Mapping[str, float] = field(default_factory=dict)
    doubts: tuple[Finding, ...] = ()
    features: NDArray[np.float32] | None = None

    @property
    def fit(self) -> bool:
        """Whether nothing is out of order."""
        return not self.doubts

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why it is doubtful."""
        return tuple(one.reason for one in self.doubts)


@dataclass(frozen=True, slots=True, eq=False)
class CheckContext:
    """What is known so far of a product's parts.

    Attributes:
        focus, brightness, saturated: figures of the accepted parts.
        frame: size and colour that frames must have.
        features: (n, C) pooled features of accepted parts.
        limit: raw score above which the current model rejects; None where it does not know the
            product.
    """

    focus: tuple[float, ...] = ()
    brightness: tuple[float, ...] = ()
    saturated: tuple[float, ...] = ()
    frame: FrameExpectation = ANY_FRAME
    features: NDArray[np.float32] | None = None
    limit: float | None = None

    def with_part(self, image: NDArray[np.uint8], findings: Findings) -> CheckContext:
        """The context after a frame was accepted."""
        features = self.features
        if findings.features is not None:
            row = findings.features[None]
            features = row if features is None else np.concatenate([features, row])
        frame = self.frame
        if frame == ANY_FRAME:
            frame = expectation_of(image)
        return replace(
            self,
            focus=_extended(self.focus, findings, "focus"),
            brightness=_extended(self.brightness, findings, "brightness"),
            saturated=_extended(self.saturated, findings, "saturated"),
            frame=frame,
            features=features,
        )


def expectation_of(image: NDArray[np.uint8]) -> FrameExpectation:
    """Frames like this one."""
    return FrameExpectation(image.shape[1], image.shape[0], image.ndim == 3)


def examine(
    image: NDArray[np.uint8],
    features: NDArray[np.float32] | None,
    score: float | None,
    context: CheckContext,
) -> Findings:
    """All checks of a frame.

    Args:
        image: (H, W) or (H, W, 3) uint8, RGB.
        features: (C,) pooled features, or None where they cannot be had.
        score: raw image score of the current model, or None where it does not know the product.
        context: what is known so far.
    """
    figures: dict[str, float] = {}
    doubts: list[Finding | None] = [check_size(image, context.frame)]
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if image.ndim == 3 else image
    figures["focus"], finding = check_focus(np.asarray(grey, np.uint8), context.focus)
    doubts.append(finding)
    figures["saturated"], finding = check_exposure(image, context.saturated)
    doubts.append(finding)
    figures["brightness"], finding = check_brightness(image, context.brightness)
    doubts.append(finding)
    # As the station measures every part: its charts are compared with these.
    figures["sharpness"] = measure(image).sharpness
    if features is not None and context.features is not None and len(context.features):
        figures["nearest"], finding = check_duplicate(features, context.features)
        doubts.append(finding)
    if score is not None and context.limit is not None:
        figures["score"], finding = check_score(score, context.limit)
        doubts.append(finding)
    elif features is not None and context.features is not None:
        doubts.append(check_outlier(features, context.features)[1])
    return Findings(figures, tuple(one for one in doubts if one is not None), features)


def check_size(image: NDArray[np.uint8], frame: FrameExpectation) -> Finding | None:
    """Size and colour against those of the accepted parts."""
    if not frame.problem(image):
        return None
    colour = "colour" if image.ndim == 3 else "grey"
    sides = f"{frame.width or 'any width'} x {frame.height or 'any height'}"
    kind = {True: " in colour", False: " in grey", None: ""}[frame.colour]
    return Finding(
        reason=Reason.MISMATCH,
        sentence=f"The frame has {image.shape[1]} x {image.shape[0]} pixels in {colour}, the parts "
        f"before {sides}{kind}; set the camera as it was.",
    )


def check_focus(grey: NDArray[np.uint8], accepted: Sequence[float]) -> tuple[float, Finding | None]:
    """Sharpness: variance of the Laplacian of the slightly smoothed picture per its own variance.

    Smoothing keeps sensor noise out, and dividing by the variance keeps light and contrast out.
    """
    smooth = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), 1.0)
    variance = float(smooth.var())
    if variance < 1e-3:
        return 0.0, Finding(
            reason=Reason.FOCUS,
            sentence="There is nothing to be seen in the frame, it is one flat grey; check lens "
            "cap, light and part.",
        )
    figure = float(cv2.Laplacian(smooth, cv2.CV_32F).var()) / variance
    ratio = _out_of_band(figure, accepted, _FOCUS_FLOOR)
    if ratio is None:
        return figure, None
    how, what = ("less", "clean and focus the lens") if ratio < 1 else ("more", "look at both")
    return figure, Finding(
        reason=Reason.FOCUS,
        sentence=f"The frame is {how} sharp than the parts before ({ratio:.0%} of theirs); {what}.",
    )


def check_exposure(
    image: NDArray[np.uint8], accepted: Sequence[float]
) -> tuple[float, Finding | None]:
    """Share of pixels with a channel at full scale; more than before is over-exposed."""
    full = image == 255
    figure = float((full if image.ndim == 2 else full.any(axis=2)).mean())
    most = _SATURATED
    if len(accepted) >= REFERENCE:
        middle, deviation = _robust(accepted)
        most = middle + max(_BAND * deviation, _SATURATED_MORE)
    if figure <= most:
        return figure, None
    return figure, Finding(
        reason=Reason.EXPOSURE,
        sentence=f"{figure:.0%} of the pixels are at full scale, at most {most:.0%} are usual; "
        "shorten the exposure or dim the light.",
    )


def check_brightness(
    image: NDArray[np.uint8], accepted: Sequence[float]
) -> tuple[float, Finding | None]:
    """Mean grey level against the accepted parts."""
    figure = float(image.mean())
    if figure < _DARK and len(accepted) < REFERENCE:
        return figure, Finding(
            reason=Reason.EXPOSURE,
            sentence=f"The frame is almost black (mean grey level {figure:.0f} of 255); lengthen "
            "the exposure or switch the light on.",
        )
    ratio = _out_of_band(figure, accepted, _BRIGHTNESS_FLOOR)
    if ratio is None:
        return figure, None
    return figure, Finding(
        reason=Reason.BRIGHTNESS,
        sentence=f"The frame is {'darker' if ratio < 1 else 'brighter'} than the parts before "
        f"({ratio:.0%} of theirs); check exposure and light, or take it in if the line has such "
        "light, too.",
    )


def check_duplicate(
    features: NDArray[np.float32], accepted: NDArray[np.float32]
) -> tuple[float, Finding | None]:
    """Distance to the nearest accepted part, per channel, against what is typical among them."""
    figure = float(_distances(features[None], accepted).min())
    least = _SAME
    if len(accepted) >= REFERENCE:
        least = max(least, _NEAR * float(np.median(neighbour_distances(accepted))))
    if figure >= least:
        return figure, None
    return figure, Finding(
        reason=Reason.NEAR_DUPLICATE,
        sentence="The frame is almost the same as one that was taken before; show another part.",
    )


def check_score(score: float, limit: float) -> tuple[float, Finding | None]:
    """The current model's score against the product's limit."""
    if score <= limit:
        return score, None
    return score, Finding(
        reason=Reason.UNUSUAL,
        sentence="The current model would reject this part; look for a defect before it is learnt.",
    )


def check_outlier(
    features: NDArray[np.float32], accepted: NDArray[np.float32]
) -> tuple[float, Finding | None]:
    """Distance to the nearest accepted part where no model knows the product yet."""
    if not len(accepted):
        return 0.0, None
    figure = float(_distances(features[None], accepted).min())
    if len(accepted) < OUTLIER_REFERENCE:
        return figure, None
    among = neighbour_distances(accepted)
    middle, deviation = _robust(among)
    if figure <= max(2.0 * middle, middle + _OUTLIER * deviation, _SAME):
        return figure, None
    return figure, Finding(
        reason=Reason.UNUSUAL,
        sentence="The part looks other than those before; look for a defect or a wrong part before "
        "it is learnt.",
    )


def neighbour_distances(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n,) distance of each of n >= 2 parts to the nearest other one, per channel."""
    among = distance_matrix(features)
    np.fill_diagonal(among, np.inf)
    nearest: NDArray[np.float32] = among.min(axis=1)
    return nearest


def distance_matrix(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, n) root mean square differences over the channels of (n, C)."""
    return _distances(features, features)


def _distances(some: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    # Around a common centre, or the differences would drown in the values' own size.
    centre = others.mean(axis=0, dtype=np.float64)
    a, b = some - centre, others - centre
    squares = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1)[None] - 2.0 * a @ b.T
    return np.asarray(np.sqrt(np.maximum(squares, 0.0) / some.shape[1]), np.float32)


def _out_of_band(figure: float, accepted: Sequence[float], floor: float) -> float | None:
    """Figure per median where it lies outside of what is usual, else None."""
    if len(accepted) < REFERENCE:
        return None
    middle, deviation = _robust(accepted)
    if middle <= 0.0 or abs(figure - middle) <= max(_BAND * deviation, floor * middle):
        return None
    return figure / middle


def _robust(values: ArrayLike) -> tuple[float, float]:
    """Median, and deviation from the median absolute deviation."""
    numbers = np.asarray(values, np.float64)
    middle = float(np.median(numbers))
    return middle, _MAD_TO_DEVIATION * float(np.median(np.abs(numbers - middle)))


def _extended(values: tuple[float, ...], findings: Findings, name: str) -> tuple[float, ...]:
    return (*values, findings.figures[name]) if name in findings.figures else values
