"""What was collected of a product, read for the screen. No Qt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.teaching.checks import Reason
from uniad_desktop.teaching.collection import Counts, Part, PartCollection, State, split_parts


@dataclass(frozen=True, slots=True)
class PartList:
    """The parts of a product at one moment.

    Attributes:
        product: key.
        parts: in the order in which they were taken.
        held: ids of accepted parts that are never trained on.
        counts: how many there are of each state.
        reasons: of the doubtful ones, how many for which reason.
        problems: sentences on files that are in no order.
        folder: where the images lie.
    """

    product: str = ""
    parts: tuple[Part, ...] = ()
    held: frozenset[str] = frozenset()
    counts: Counts = field(default_factory=Counts)
    reasons: Mapping[Reason, int] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    folder: Path = Path()

    def of(self, state: State) -> tuple[Part, ...]:
        """The parts of one state, newest first."""
        return tuple(part for part in reversed(self.parts) if part.state is state)

    def path(self, part: Part) -> Path:
        """Where the image of a part lies."""
        return self.folder / f"{part.id}.png"


def read_parts(data_folder: Path, product: str) -> PartList:
    """Reads a product's collection. Raises CollectionError."""
    collection = PartCollection(data_folder, product)
    parts = collection.parts()
    accepted = [part for part in parts if part.state is State.ACCEPTED]
    _, held = split_parts(accepted)
    states = [part.state for part in parts]
    reasons = Counter(
        doubt.reason for part in parts if part.state is State.DOUBTFUL for doubt in part.doubts
    )
    return PartList(
        product=product,
        parts=parts,
        held=frozenset(part.id for part in held),
        counts=Counts(
            accepted=len(accepted),
            doubtful=states.count(State.DOUBTFUL),
            rejected=states.count(State.REJECTED),
            held_out=len(held),
        ),
        reasons=reasons,
        problems=collection.problems(),
        folder=collection.folder,
    )


def part_image(data_folder: Path, product: str, part: str) -> NDArray[np.uint8]:
    """The image of a part, (H, W) or (H, W, 3) uint8 RGB. Raises CollectionError."""
    collection = PartCollection(data_folder, product)
    return collection.image(collection.get(part))
