"""A profile of a model, summed up by the modules of `InspectionGraph`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

BACKBONE, NETWORK, REST = "backbone", "network", "rest"

MODULES: Final = {
    "backbone": BACKBONE,
    "network": NETWORK,
    "output_proj": NETWORK,
    "spread": NETWORK,
}
"""Which stage a module of the graph belongs to; what is in none is the rest."""


@dataclass(frozen=True, slots=True)
class Split:
    """Milliseconds by stage; `copy` is the way to a GPU."""

    backbone: float
    network: float
    rest: float
    copy: float = 0.0

    @property
    def total(self) -> float:
        """All stages together."""
        return self.backbone + self.network + self.rest + self.copy

    def scaled_to(self, total: float) -> Split:
        """The same shares of another total: profiling costs time itself."""
        factor = total / self.total if self.total > 0.0 else 0.0
        return Split(
            self.backbone * factor, self.network * factor, self.rest * factor, self.copy * factor
        )


def fastest(runs: Sequence[Sequence[tuple[str, float]]]) -> Split:
    """Adds up the shortest time of every node.

    Between nodes threads wait for one another, and where another program has a processor that
    takes longer than a small node itself; the shortest of some runs tells what a node needs.

    Args:
        runs: stage and milliseconds of every node, of every run in the same order.

    Raises:
        ValueError: the runs have different numbers of nodes.
    """
    sums = {BACKBONE: 0.0, NETWORK: 0.0, REST: 0.0}
    for node in zip(*runs, strict=True):
        sums[node[0][0]] += min(milliseconds for _, milliseconds in node)
    return Split(sums[BACKBONE], sums[NETWORK], sums[REST])
