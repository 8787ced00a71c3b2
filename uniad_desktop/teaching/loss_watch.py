"""How well the network rebuilds parts that it does not learn from, while it is being taught."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor

from uniad_desktop.files import write_durably
from uniad_desktop.teaching.former_products import kept_rows
from uniad_desktop.teaching.teach_events import LossPoint
from uniad_desktop.training.features import Features
from uniad_desktop.uniad.network import ReconstructionNetwork

_log = logging.getLogger(__name__)

MOST_ROWS: Final = 16
"""Rows of the new product, and of all former ones together."""

POINTS: Final = 60
LEAST_STEPS: Final = 10
"""Between two points: what is looked at costs about as much as a step and a third."""

FILE: Final = "losses.jsonl"


class LossWatch:
    """A `Watch` of a training that looks now and then and leaves nothing changed.

    It computes without gradient, jitter or dropout, with the network that a training ending now
    would give. The points are kept in a file, so that a training that goes on after a stop or a
    kill tells the earlier ones again.

    Args:
        new: (n, N, C_org) raw features of held-out parts of the product that is taught.
        former: (m, N, C_org) of former products; None where nothing is remembered.
        scale: per-channel mean and deviation that standardise them.
        steps: of the training.
        file: where the points are kept.
        tell: told of each, the earlier ones of the same training first.
        points: how many there are at most, about.
        least_steps: the fewest between two.
    """

    def __init__(
        self,
        new: Tensor,
        former: Tensor | None,
        scale: tuple[Tensor, Tensor],
        steps: int,
        *,
        file: Path,
        tell: Callable[[LossPoint], None],
        points: int = POINTS,
        least_steps: int = LEAST_STEPS,
    ) -> None:
        self._new, self._former, self._scale = new, former, scale
        self._steps, self._file, self._tell = steps, file, tell
        self._every = max(least_steps, math.ceil(steps / points))
        self._begun = False
        self._writable = True

    def __call__(self, done: int, network: ReconstructionNetwork) -> None:
        """Looks, if it is time to."""
        known = False
        if not self._begun:
            self._begun = True
            known = self._tell_again(done)
        if known or (done % self._every and done != self._steps):
            return
        point = self._look(done, network)
        if point is not None:
            self._keep(json.dumps(asdict(point)) + "\n")
            self._tell(point)

    def _look(self, done: int, network: ReconstructionNetwork) -> LossPoint | None:
        training = network.training
        network.eval()
        try:
            new = self._loss(network, self._new)
            former = None if self._former is None else self._loss(network, self._former)
        finally:
            network.train(training)
        # One that is no number ends the training at its next step, with a sentence.
        finite = math.isfinite(new) and (former is None or math.isfinite(former))
        return LossPoint(done, new, former) if finite else None

    def _loss(self, network: ReconstructionNetwork, rows: Tensor) -> float:
        device = network.output_proj.weight.device
        mean, deviation = (one.to(device) for one in self._scale)
        with torch.no_grad():
            tokens = (rows.to(device).float() - mean) / deviation
            return float((tokens - network(tokens)).square().mean(dtype=torch.float64))

    def _tell_again(self, done: int) -> bool:
        """Tells what is kept up to a step; returns whether that step is among it."""
        kept = [one for one in read_points(self._file) if one.step <= done] if done else []
        text = "".join(json.dumps(asdict(one)) + "\n" for one in kept)
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_durably(self._file, text.encode())
        except OSError as error:
            self._give_up(error)
        for one in kept:
            self._tell(one)
        return any(one.step == done for one in kept)

    def _keep(self, line: str) -> None:
        if not self._writable:
            return
        try:
            with self._file.open("a", encoding="utf-8") as file:
                file.write(line)
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        """A curve that is not kept is no reason to end a training."""
        self._writable = False
        _log.warning("The losses are not kept: %s: %s", self._file, error.strerror or error)


def read_points(file: Path) -> list[LossPoint]:
    """The points of a file that are whole, up to the first that is not; none without a file."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    points: list[LossPoint] = []
    for line in lines:
        try:
            told = json.loads(line)
            former = told["former"]
            point = LossPoint(
                int(told["step"]), float(told["new"]), None if former is None else float(former)
            )
        except (ValueError, TypeError, KeyError):  # cut off by a kill
            break
        points.append(point)
    return points


def some_rows(features: Features, most: int = MOST_ROWS) -> Tensor:
    """(m, N, C_org) float32 rows from all over an array, at most `most`."""
    rows = np.unique(np.linspace(0, len(features) - 1, min(most, len(features))).round())
    return torch.from_numpy(np.array(features[rows.astype(np.int64)], np.float32))


def former_rows(
    memory: Mapping[str, Tensor], products: list[str], most: int = MOST_ROWS
) -> Tensor | None:
    """Rows remembered of former products, the same number of each, those held back if there are.

    Args:
        memory: of the package.
        products: keys of the former products.
        most: rows of all together.

    Returns:
        (m, N, C_org) float32; None where nothing is remembered.
    """
    kept = [rows for key in products if (rows := kept_rows(memory, key)[0]) is not None]
    if not kept:
        return None
    if len(kept) > most:
        kept = [kept[int(one)] for one in np.linspace(0, len(kept) - 1, most).round()]
    return torch.cat([some_rows(rows.numpy(), most // len(kept)) for rows in kept])
