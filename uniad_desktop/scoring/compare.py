"""Two result files of the same images: what changed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from uniad_desktop.inspection.types import Verdict
from uniad_desktop.scoring.job import ScoredImage
from uniad_desktop.scoring.result_lines import as_values


@dataclass(frozen=True, slots=True)
class Pair:
    """One image, judged twice.

    Attributes:
        before, after: the two lines.
        label: what a person said of it, or empty.
    """

    before: ScoredImage
    after: ScoredImage
    label: str = ""

    @property
    def flipped(self) -> bool:
        """Whether the verdict is another one."""
        return self.before.verdict is not self.after.verdict

    @property
    def scores(self) -> tuple[float, float] | None:
        """Both scores (0-100) for a scatter; None where one is an ERROR."""
        if self.before.score is None or self.after.score is None:
            return None
        return self.before.score, self.after.score


Flip = tuple[Verdict, Verdict]
Group = tuple[str, str]
"""Product (of the second run) and label."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed from one run to another.

    Attributes:
        pairs: images of both, in the order of the second.
        counts: pairs per verdict before and after, also those that did not change.
        groups: the same by product and label.
        only_before: images that the second run did not see.
        only_after: images that the first run did not see.
        changed: images whose file is another one now; they are in no other place.
    """

    pairs: tuple[Pair, ...]
    counts: Mapping[Flip, int]
    groups: Mapping[Group, Mapping[Flip, int]]
    only_before: tuple[ScoredImage, ...]
    only_after: tuple[ScoredImage, ...]
    changed: tuple[ScoredImage, ...]

    @property
    def flips(self) -> tuple[Pair, ...]:
        """Images with another verdict; worst first: what was rejected and now passes."""
        flipped = [pair for pair in self.pairs if pair.flipped]
        return tuple(
            sorted(flipped, key=lambda pair: _HARM[pair.before.verdict, pair.after.verdict])
        )

    def as_values(self) -> dict[str, Any]:
        """As JSON values, without the images that stayed as they were."""
        return {
            "images": len(self.pairs),
            "counts": _named(self.counts),
            "groups": [
                {"product": product, "label": label, "counts": _named(counts)}
                for (product, label), counts in self.groups.items()
            ],
            "flips": [
                {
                    "path": pair.after.path,
                    "label": pair.label,
                    "before": as_values(pair.before),
                    "after": as_values(pair.after),
                }
                for pair in self.flips
            ],
            "only_before": [line.path for line in self.only_before],
            "only_after": [line.path for line in self.only_after],
            "changed": [line.path for line in self.changed],
        }


def compare_results(
    before: Sequence[ScoredImage],
    after: Sequence[ScoredImage],
    labels: Mapping[str, str] | None = None,
) -> Comparison:
    """Compares two runs over the same images.

    Images are the same by path and hash; one that was moved is found by its hash.

    Args:
        before: of the first run.
        after: of the second.
        labels: what people said of images, by path of the second run; what the lines say, the
            second first, counts where it says nothing.
    """
    by_path = {line.path: line for line in before}
    by_hash = {line.sha256: line for line in before if line.sha256}
    here = {line.path for line in after}
    pairs, only_after, changed = [], [], []
    met: set[str] = set()
    for line in after:
        former = by_path.get(line.path)
        if former is None:
            moved = by_hash.get(line.sha256) if line.sha256 else None
            former = moved if moved is not None and moved.path not in here | met else None
        if former is None:
            only_after.append(line)
            continue
        met.add(former.path)
        if former.sha256 and line.sha256 and former.sha256 != line.sha256:
            changed.append(line)
            continue
        label = (labels or {}).get(line.path) or line.label or former.label
        pairs.append(Pair(former, line, label))
    groups: defaultdict[Group, Counter[Flip]] = defaultdict(Counter)
    for pair in pairs:
        flip = (pair.before.verdict, pair.after.verdict)
        groups[pair.after.product, pair.label][flip] += 1
    counts: Counter[Flip] = Counter()
    for one in groups.values():
        counts.update(one)
    return Comparison(
        pairs=tuple(pairs),
        counts=dict(counts),
        groups={group: dict(groups[group]) for group in sorted(groups)},
        only_before=tuple(line for line in before if line.path not in met),
        only_after=tuple(only_after),
        changed=tuple(changed),
    )


def _order_of_harm() -> dict[Flip, int]:
    """An escape is worse than a false reject; a step across review is in between."""
    severity = {Verdict.PASS: 0, Verdict.REVIEW: 1, Verdict.FAIL: 2, Verdict.ERROR: 3}
    flips = [(one, other) for one in Verdict for other in Verdict]

    def harm(flip: Flip) -> tuple[bool, bool, int]:
        one, other = severity[flip[0]], severity[flip[1]]
        return other > one, flip[1] is not Verdict.PASS, other - one

    return {flip: place for place, flip in enumerate(sorted(flips, key=harm))}


_HARM = _order_of_harm()


def _named(counts: Mapping[Flip, int]) -> list[dict[str, Any]]:
    order = [(one, other) for one in Verdict for other in Verdict]
    return [
        {"before": one.value, "after": other.value, "images": counts[one, other]}
        for one, other in order
        if counts.get((one, other))
    ]
