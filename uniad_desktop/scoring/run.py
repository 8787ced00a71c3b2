"""Judges images one batch after another, on this machine, and keeps account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.engine.prediction import Prediction
from uniad_desktop.inspection.types import Verdict
from uniad_desktop.scoring.decode_pool import DecodePool
from uniad_desktop.scoring.job import Job, ScoredImage, ScoringError
from uniad_desktop.scoring.plan import Roots
from uniad_desktop.scoring.scorer import Scorer

Seen = Callable[[ScoredImage, NDArray[np.uint8], Prediction], None]
"""Gets a line with its image, valid during the call, and its prediction."""

Lines = list[tuple[Job, ScoredImage]]


def score_here(
    jobs: Iterable[Job],
    scorer: Scorer,
    pool: DecodePool,
    *,
    check: Callable[[], None] = lambda: None,
    seen: Seen | None = None,
) -> Iterator[Lines]:
    """Judges images on this machine; batches of lines in the order of the jobs.

    Args:
        jobs: products must be known to the model.
        scorer: has the model.
        pool: reads the files.
        check: called between batches; may wait to pause, or raise to end.
        seen: gets every image that was judged.

    Raises:
        ScoringError: no image can be read any more.
    """
    for batch in pool.batches(jobs):
        check()
        scored = scorer.score(batch)
        if seen is not None:
            for (_, decoded), (line, prediction) in zip(batch, scored, strict=True):
                if prediction is not None and decoded.image is not None:
                    seen(line, decoded.image, prediction)
        yield [(job, line) for (job, _), (line, _) in zip(batch, scored, strict=True)]


def while_there(batches: Iterable[Lines], roots: Roots) -> Iterator[list[ScoredImage]]:
    """Hands lines on until a folder of theirs is gone; what fails for that is no line.

    Raises:
        ScoringError: a drive vanished; all lines before that were handed on.
    """
    for batch in batches:
        for place, (job, line) in enumerate(batch):
            if line.verdict is Verdict.ERROR and not line.sha256:
                try:
                    roots.require(job.root)
                except ScoringError:
                    yield [before for _, before in batch[:place]]
                    raise
        yield [line for _, line in batch]


@dataclass(slots=True)
class Account:
    """What was done so far.

    Attributes:
        images: of the whole order.
        kept: lines that a former run had done.
        counts: lines per verdict, those of the former run too.
        done: lines in all.
    """

    images: int
    kept: int = 0
    counts: Counter[Verdict] = field(default_factory=Counter)
    done: int = 0

    def take(self, lines: Sequence[ScoredImage]) -> None:
        """Counts lines."""
        self.counts.update(line.verdict for line in lines)
        self.done += len(lines)

    def as_values(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "images": self.images,
            "done": self.done,
            "kept": self.kept,
            "counts": {verdict.value: self.counts[verdict] for verdict in Verdict},
        }
