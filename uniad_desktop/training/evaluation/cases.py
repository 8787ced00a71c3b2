"""Which images of a class are worth a look: the worst and the best."""

from __future__ import annotations

from dataclasses import dataclass

from uniad_desktop.training.evaluation.figures import ClassFigures, ImageScore


@dataclass(frozen=True, slots=True)
class Case:
    """An image to be shown.

    Attributes:
        result: the image and its score.
        name: what it is, unique in its class; names sort worst first.
        verdict: what the limit makes of it, or empty where there is none.
    """

    result: ImageScore
    name: str
    verdict: str


def choose_cases(figures: ClassFigures, scores: list[ImageScore], number: int) -> list[Case]:
    """The worst and best cases of a class.

    In turn: the defect with the lowest score, the good part with the highest, the defect with the
    highest, the good part with the lowest, then the next of each. No image comes twice.

    Args:
        figures: the class.
        scores: its images.
        number: most cases wanted.
    """
    rising = sorted(scores, key=lambda one: one.score)
    good = [one for one in rising if one.sample.good]
    bad = [one for one in rising if not one.sample.good]
    queues = (bad, good[::-1], bad[::-1], good)
    taken: list[list[ImageScore]] = [[], [], [], []]
    seen: set[int] = set()
    while len(seen) < min(number, len(scores)):
        for queue, group in zip(queues, taken, strict=True):
            following = next((one for one in queue if id(one) not in seen), None)
            if following is not None and len(seen) < number:
                seen.add(id(following))
                group.append(following)
    return [
        _case(figures, one, group, place)
        for group, results in enumerate(taken)
        for place, one in enumerate(results, start=1)
    ]


def _case(figures: ClassFigures, one: ImageScore, group: int, place: int) -> Case:
    """Names a case; it is called missed or a false alarm only where the limit makes it so."""
    verdict, name = (
        "",
        ("weakest-defect", "highest-good", "clearest-defect", "clearest-good")[group],
    )
    if figures.limit is not None:
        above = one.score > figures.limit.reject
        if one.sample.good:
            verdict = "false alarm" if above else "passed"
        else:
            verdict = "caught" if above else "missed"
        if group == 0 and not above:
            name = "missed-defect"
        if group == 1 and above:
            name = "false-alarm"
    return Case(one, f"{group + 1}-{name}-{place:02d}", verdict)
