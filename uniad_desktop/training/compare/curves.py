"""What a training showed: loss and test figures over the steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from uniad_desktop.training.compare.measure import Figures


@dataclass(frozen=True, slots=True)
class Point:
    """One evaluation.

    Attributes:
        step: optimiser steps done.
        loss: mean training loss of the steps since the point before.
        products: figures of each product.
    """

    step: int
    loss: float
    products: Mapping[str, Figures]

    @property
    def image(self) -> float | None:
        """Mean image AUROC of the products that have one."""
        return _mean([one.image for one in self.products.values()])

    @property
    def pixel(self) -> float | None:
        """Mean pixel AUROC of the products that have one."""
        return _mean([one.pixel for one in self.products.values()])


@dataclass(frozen=True, slots=True)
class Curve:
    """The training of a variant with one seed.

    Attributes:
        seed: of all its random numbers.
        parameters: of the network, or of all where there is one for every product.
        seconds: per optimiser step without the evaluations; None where none was timed.
        points: by rising step; the last is of the finished network.
    """

    seed: int
    parameters: int
    seconds: float | None
    points: tuple[Point, ...]


def joined(curves: Sequence[Curve]) -> Curve:
    """One curve from those of networks for different products, trained alike."""
    points = []
    for same in zip(*(one.points for one in curves), strict=True):
        products = {name: figures for one in same for name, figures in one.products.items()}
        loss = float(np.mean([one.loss for one in same]))
        points.append(Point(same[0].step, loss, dict(sorted(products.items()))))
    return Curve(
        seed=curves[0].seed,
        parameters=sum(one.parameters for one in curves),
        seconds=_mean([one.seconds for one in curves]),
        points=tuple(points),
    )


def averaged(curves: Sequence[Curve]) -> tuple[Point, ...]:
    """The mean of curves that differ in their seed."""
    points = []
    for same in zip(*(one.points for one in curves), strict=True):
        products = {
            name: Figures(
                image=_mean([one.products[name].image for one in same]),
                pixel=_mean([one.products[name].pixel for one in same]),
            )
            for name in same[0].products
        }
        points.append(Point(same[0].step, float(np.mean([one.loss for one in same])), products))
    return tuple(points)


def curve_as_json(curve: Curve) -> dict[str, Any]:
    """JSON values of a curve, exact."""
    return {
        "seed": curve.seed,
        "parameters": curve.parameters,
        "seconds_per_step": curve.seconds,
        "points": [
            {
                "step": one.step,
                "loss": one.loss,
                "image_auroc": one.image,
                "pixel_auroc": one.pixel,
                "products": {
                    name: {"image_auroc": figures.image, "pixel_auroc": figures.pixel}
                    for name, figures in one.products.items()
                },
            }
            for one in curve.points
        ],
    }


def curve_from_json(values: Mapping[str, Any]) -> Curve:
    """The curve again. Raises KeyError, TypeError or ValueError where the values are others."""
    return Curve(
        seed=int(values["seed"]),
        parameters=int(values["parameters"]),
        seconds=_number(values["seconds_per_step"]),
        points=tuple(
            Point(
                int(one["step"]),
                float(one["loss"]),
                {
                    name: Figures(_number(each["image_auroc"]), _number(each["pixel_auroc"]))
                    for name, each in one["products"].items()
                },
            )
            for one in values["points"]
        ),
    )


def _number(value: Any) -> float | None:  # noqa: ANN401 - a JSON value
    return None if value is None else float(value)


def _mean(values: Sequence[float | None]) -> float | None:
    there = [one for one in values if one is not None]
    return float(np.mean(there)) if there else None
