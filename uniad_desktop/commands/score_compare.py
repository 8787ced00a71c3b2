"""``score --compare BEFORE AFTER``: what changed between two runs, for a person or as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from uniad_desktop.commands.outcome import EXIT_OK, writing

if TYPE_CHECKING:
    from uniad_desktop.scoring.compare import Comparison
    from uniad_desktop.scoring.job import ScoredImage

_MOST_SHOWN: Final = 50


def compare_files(before: Path, after: Path, out: Path | None) -> int:
    """Compares two result files and says so; may raise ScoringError or `CommandError`."""
    from uniad_desktop.files import write_durably
    from uniad_desktop.scoring.compare import compare_results
    from uniad_desktop.scoring.result_file import read_results

    former, later = read_results(before), read_results(after)
    comparison = compare_results(former, later)
    for name, lines in ((before, former), (after, later)):
        sys.stdout.write(f"{name}: {_models(lines)}\n")
    sys.stdout.write(as_text(comparison))
    sys.stdout.flush()
    if out is not None:
        text = json.dumps(comparison.as_values(), indent=2, ensure_ascii=False, allow_nan=False)
        with writing(out):
            write_durably(out, f"{text}\n".encode())
    return EXIT_OK


def as_text(comparison: Comparison) -> str:
    """Counts by product and label, then every flip."""
    from uniad_desktop.inspection.types import Verdict

    words = [f"{len(comparison.pairs)} images in both, {len(comparison.flips)} flipped."]
    for many, what in (
        (comparison.only_before, "only in the first"),
        (comparison.only_after, "only in the second"),
        (comparison.changed, "whose file changed in between; they are not compared"),
    ):
        if many:
            words.append(f"{len(many)} {what}.")
    for (product, label), counts in comparison.groups.items():
        words += ["", f"{product}{f', {label}' if label else ''} (before: lines, after: columns)"]
        words.append("        " + "".join(f"{verdict.value:>8}" for verdict in Verdict))
        for one in Verdict:
            row = "".join(f"{counts.get((one, other), 0):>8}" for other in Verdict)
            words.append(f"{one.value:<8}{row}")
    flips = comparison.flips
    if flips:
        words.append("")
    for pair in flips[:_MOST_SHOWN]:
        scores = " -> ".join(
            "no score" if line.score is None else f"{line.score:.1f}"
            for line in (pair.before, pair.after)
        )
        verdicts = f"{pair.before.verdict} -> {pair.after.verdict}"
        words.append(f"{verdicts:<16} {scores:<16} {pair.after.path}")
    if len(flips) > _MOST_SHOWN:
        words.append(f"and {len(flips) - _MOST_SHOWN} more; --json has all of them.")
    return "\n".join(words) + "\n"


def _models(lines: list[ScoredImage]) -> str:
    models = sorted({f"{line.model} ({line.runtime})" for line in lines})
    return ", ".join(models) or "no images"
