"""``review --rescore`` and ``--what-if``: another model, another limit."""

from __future__ import annotations

import math
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

from uniad_desktop.commands.outcome import EXIT_DATA, EXIT_FAILED, EXIT_OK, CommandError
from uniad_desktop.commands.review_actions import MOST_SHOWN, Review, line_of, write_json
from uniad_desktop.records.query import fetch

if TYPE_CHECKING:
    from uniad_desktop.review.rescore import Comparison, RescoreHead

_POLL_S: Final = 0.1


def rescore(review: Review) -> int:
    """Judges the inspections again and prints what changed."""
    from uniad_desktop.review.rescore import Rescoring, compare

    options = review.options
    ids = review.ids()
    running = Rescoring(
        review.source,
        ids,
        review.folder,
        options.rescore,
        who=review.who,
        runtime=options.runtime,
        device=options.device,
    )
    with closing(running):
        state = running.beat()
        while state.running:
            if review.interrupt.is_asked():
                running.cancel()
            time.sleep(_POLL_S)
            state = running.beat()
            if sys.stderr.isatty():
                sys.stderr.write(f"\r{state.done} of {state.total} images")
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")
        review.interrupt.raise_if_asked()
        if state.problem:
            raise CommandError(state.problem, EXIT_FAILED)
        result = running.result()
    _show(review, compare(fetch(review.source.records, ids), result), result.head, state.model)
    return EXIT_OK


def _show(review: Review, found: Comparison, head: RescoreHead, model: str) -> None:
    named = {f"{before} -> {after}": n for (before, after), n in sorted(found.counts.items())}
    effect = found.labels
    if review.options.json:
        write_json(
            {
                "run": head.id,
                "model": model,
                "images": len(found.pairs),
                "left_out": head.left_out,
                "changed_files": len(found.changed),
                "counts": named,
                "false_rejects": [effect.false_rejects_before, effect.false_rejects_after],
                "escapes": [effect.escapes_before, effect.escapes_after],
                "good": effect.good,
                "defects": effect.defects,
                "flips": [
                    {
                        "id": one.record.id,
                        "before": one.record.verdict.value,
                        "after": one.line.verdict.value,
                        "score_before": (
                            None if math.isnan(one.record.score) else one.record.score
                        ),
                        "score_after": one.line.score,
                        "label": one.record.label.name.lower(),
                    }
                    for one in found.flips
                ],
            }
        )
        return
    out = sys.stdout.write
    out(f"{len(found.pairs)} judged again with {model}, {len(found.flips)} flipped")
    out(f"; {head.left_out} have no image.\n" if head.left_out else ".\n")
    for name, number in named.items():
        out(f"{number:>9}  {name}\n")
    out(
        f"Good parts rejected: {effect.false_rejects_before} -> {effect.false_rejects_after} of "
        f"{effect.good}. Defects passed: {effect.escapes_before} -> {effect.escapes_after} of "
        f"{effect.defects}.\n"
    )
    for one in found.flips[:MOST_SHOWN]:
        after = "no score" if one.line.score is None else f"{one.line.score:.1f}"
        out(f"{one.record.verdict} -> {one.line.verdict:<8} now {after:<9} {line_of(one.record)}\n")


def what_if(review: Review) -> int:
    """Prints what a limit would have done; puts it into force if asked."""
    from uniad_desktop.app import DEFAULT_MODEL
    from uniad_desktop.records.database import default_station, open_records
    from uniad_desktop.review.what_if import apply, load_scores, same_network
    from uniad_desktop.teaching.limit_change import open_in_use

    options = review.options
    product = review.wanted.products[0]
    package = open_in_use(review.folder, options.model or DEFAULT_MODEL)
    entry = package.manifest.products.get(product)
    if entry is None:
        raise CommandError(
            f"{package.identity.name} {package.identity.version} does not know the product "
            f"“{product}”. It knows: {', '.join(package.manifest.products)}.",
            EXIT_DATA,
        )
    models = same_network(review.folder, package, product)
    table = load_scores(review.source.records, product, models, review.wanted)
    accept = options.accept
    try:
        then = table.at(options.what_if, accept)
    except ValueError as error:
        raise CommandError(f"These are no limits: {error}.", EXIT_DATA) from error
    now = table.at(entry.reject, entry.accept)
    shown: dict[str, Any] = {
        "inspections": len(table),
        "versions": [one.version for one in models],
        "limits": [[one.limits.accept, one.limits.reject] for one in (now, then)],
        **{
            name: [getattr(now, name), getattr(then, name)]
            for name in (
                *("passed", "review", "failed", "good", "false_rejects", "good_review"),
                *("defects", "escapes", "defect_review", "unlabelled_above", "unlabelled_below"),
            )
        },
    }
    if options.json:
        write_json(shown)
    else:
        sys.stdout.write(
            f"{len(table)} scores of {product} on record, {package.identity.name} "
            f"{', '.join(shown['versions'])}; limit {now.limits.reject:.4g} now, "
            f"{then.limits.reject:.4g} then\n{'':24}{'now':>10}{'then':>10}\n"
        )
        for name, values in shown.items():
            if name not in {"inspections", "versions", "limits"}:
                sys.stdout.write(f"{name.replace('_', ' '):24}{values[0]:>10}{values[1]:>10}\n")
    if not options.apply:
        return EXIT_OK
    kept = review.settings.records
    with closing(open_records(review.folder, kept.database)) as records:
        made = apply(
            review.folder,
            records,
            package,
            product,
            then,
            station=kept.station or default_station(),
            who=review.who,
            why=options.why,
        )
    sys.stdout.write(f"{made.identity.name} {made.identity.version} with this limit is active.\n")
    return EXIT_OK
