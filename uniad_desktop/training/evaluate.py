"""How well a package finds defects, measured through the detector that runs on the line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from uniad_desktop.engine.prediction import Prediction
from uniad_desktop.training.metrics import auroc, pixel_auroc

Predict = Callable[[Sequence[NDArray[np.uint8]]], list[Prediction]]

GOOD = ""
"""The kind of a part without defect."""


@dataclass(frozen=True, slots=True, eq=False)
class TestPart:
    """A part whose truth is known.

    Attributes:
        image: (H, W) or (H, W, 3) uint8.
        mask: (H, W), not zero on the defect.
        kind: kind of the defect, `GOOD` for none.
    """

    __test__ = False  # its name is no test to pytest

    image: NDArray[np.uint8]
    mask: NDArray[np.uint8]
    kind: str


@dataclass(frozen=True, slots=True)
class KindFigures:
    """One kind of defect: number of parts, AUROC against the good ones, share above the limit."""

    parts: int
    image_auroc: float
    caught: float


@dataclass(frozen=True, slots=True)
class ProductFigures:
    """What was measured on one product.

    Attributes:
        good: number of good parts.
        bad: number of defective parts.
        image_auroc: over all parts.
        pixel_auroc: over all pixels of all parts, at map resolution.
        false_rejects: share of good parts above the limit.
        caught: share of defective parts above the limit.
        kinds: per kind of defect.
    """

    good: int
    bad: int
    image_auroc: float
    pixel_auroc: float
    false_rejects: float
    caught: float
    kinds: dict[str, KindFigures]

    def as_json(self) -> dict[str, Any]:
        """JSON values, rounded to four digits."""
        values: dict[str, Any] = _rounded(asdict(self))
        return values


def evaluate_product(
    predict: Predict, parts: Iterable[TestPart], reject: float, batch: int = 8
) -> ProductFigures:
    """Measures one product.

    Args:
        predict: `Detector.predict_batch`.
        parts: good and defective parts, read once.
        reject: the product's limit, raw.
        batch: parts per call of `predict`.

    Raises:
        ValueError: good or defective parts are missing.
    """
    kinds: list[str] = []
    scores: list[float] = []

    def pixels() -> Iterator[tuple[NDArray[np.bool_], NDArray[np.float32]]]:
        for part, prediction in _predicted(predict, parts, batch):
            kinds.append(part.kind)
            scores.append(prediction.image_score)
            yield mask_at(part.mask, prediction.anomaly_map.shape), prediction.anomaly_map

    pixel = pixel_auroc(pixels())
    values = np.array(scores)
    names = np.array(kinds)
    good = names == GOOD
    figures = {}
    for kind in sorted(set(kinds) - {GOOD}):
        chosen = names == kind
        labels = np.concatenate((np.zeros(good.sum()), np.ones(chosen.sum())))
        figures[kind] = KindFigures(
            parts=int(chosen.sum()),
            image_auroc=auroc(labels, np.concatenate((values[good], values[chosen]))),
            caught=float((values[chosen] > reject).mean()),
        )
    return ProductFigures(
        good=int(good.sum()),
        bad=int((~good).sum()),
        image_auroc=auroc(~good, values),
        pixel_auroc=pixel,
        false_rejects=float((values[good] > reject).mean()),
        caught=float((values[~good] > reject).mean()),
        kinds=figures,
    )


def mask_at(mask: NDArray[np.uint8], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """A mask at the map's resolution: true where at least half of the pixel is defect."""
    share = cv2.resize(
        (mask > 0).astype(np.float32), (shape[1], shape[0]), interpolation=cv2.INTER_AREA
    )
    return np.asarray(share >= 0.5, dtype=np.bool_)


def table(figures: dict[str, ProductFigures]) -> str:
    """The figures as text, one line per product and per kind of defect."""
    lines = [
        f"{'':24}{'parts':>7}{'image AUROC':>13}{'pixel AUROC':>13}{'above limit':>13}",
    ]
    for product, one in figures.items():
        lines.append(
            f"{product:24}{one.bad:>7}{one.image_auroc:>13.4f}{one.pixel_auroc:>13.4f}"
            f"{one.caught:>13.1%}"
        )
        lines.append(f"{'  good':24}{one.good:>7}{'':>26}{one.false_rejects:>13.1%}")
        for kind, figure in one.kinds.items():
            name = f"  {kind}"
            lines.append(
                f"{name:24}{figure.parts:>7}{figure.image_auroc:>13.4f}{'':>13}"
                f"{figure.caught:>13.1%}"
            )
    image = np.mean([one.image_auroc for one in figures.values()])
    pixel = np.mean([one.pixel_auroc for one in figures.values()])
    lines.append(f"{'mean':24}{'':>7}{image:>13.4f}{pixel:>13.4f}")
    return "\n".join(lines)


def _predicted(
    predict: Predict, parts: Iterable[TestPart], batch: int
) -> Iterator[tuple[TestPart, Prediction]]:
    waiting: list[TestPart] = []
    for part in parts:
        waiting.append(part)
        if len(waiting) == batch:
            yield from zip(waiting, predict([one.image for one in waiting]), strict=True)
            waiting = []
    if waiting:
        yield from zip(waiting, predict([one.image for one in waiting]), strict=True)


def _rounded(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    return round(value, 4) if isinstance(value, float) else value
