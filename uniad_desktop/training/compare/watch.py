"""Looks at a training after every step: keeps the loss, measures now and then, times."""

from __future__ import annotations

import time

from uniad_desktop.training.compare.measure import Examiner
from uniad_desktop.training.compare.step_log import StepLog
from uniad_desktop.uniad.network import ReconstructionNetwork


class Watch:
    """Told of every step.

    Args:
        log: where losses and figures go.
        network: what is trained.
        examiner: measures it.
        steps: of the whole training; after the last one nothing is measured here.
        every: steps between two evaluations.
    """

    def __init__(
        self,
        log: StepLog,
        network: ReconstructionNetwork,
        examiner: Examiner,
        *,
        steps: int,
        every: int,
    ) -> None:
        self._log, self._network, self._examiner = log, network, examiner
        self._steps, self._every = steps, every
        self._since: float | None = None
        self._timed, self._time = 0, 0.0

    def __call__(self, step: int, loss: float) -> None:
        """Takes a step, counted from 0, and its loss."""
        if self._since is not None:
            self._time += time.monotonic() - self._since
            self._timed += 1
        done = step + 1
        figures = None
        if done % self._every == 0 and done < self._steps:
            figures = self._examiner.measure(self._network)
        self._log.add(step, loss, figures)
        self._since = time.monotonic()

    @property
    def seconds(self) -> float | None:
        """Mean time of a step, evaluations not counted; None where none was timed."""
        return self._time / self._timed if self._timed else None
