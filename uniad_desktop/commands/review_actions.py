"""What ``review`` does with the inspections that were chosen."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from uniad_desktop.commands.outcome import EXIT_DATA, EXIT_OK, CommandError
from uniad_desktop.commands.packages import open_named_package
from uniad_desktop.inspection.types import Verdict
from uniad_desktop.interrupt import Interrupt
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.records.query import Order, count, fetch, matching_ids
from uniad_desktop.records.record import Record
from uniad_desktop.records.schema import Label
from uniad_desktop.review.source import ReviewSource
from uniad_desktop.settings import Settings

MOST_SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Review:
    """What is reviewed and how."""

    options: argparse.Namespace
    folder: Path
    settings: Settings
    source: ReviewSource
    wanted: RecordFilter
    interrupt: Interrupt

    @property
    def who(self) -> str:
        """Name on record."""
        from uniad_desktop.records.recorder import login_name

        return str(self.options.who or login_name())

    def ids(self, most: int = 1_000_000) -> list[int]:
        """The inspections that are meant."""
        order = Order(self.options.order)
        if self.options.ids is None:
            return matching_ids(self.source.records, self.wanted, order, most=most)
        named = set(self.options.ids)
        found = matching_ids(self.source.records, self.wanted, order)
        missing = named.difference(found)
        if missing:
            raise CommandError(
                f"No inspection {min(missing)} is on record, or the filter leaves it out; see "
                "--list.",
                EXIT_DATA,
            )
        return [one for one in found if one in named][:most]


def listing(review: Review) -> int:
    """Prints the inspections."""
    records, most = review.source.records, review.options.most
    for record in fetch(records, review.ids(most)):
        if review.options.json:
            write_json(as_values(record))
        else:
            sys.stdout.write(line_of(record) + "\n")
    if not review.options.json and review.options.ids is None:
        total = count(records, review.wanted)
        more = f"; --most {total} shows all" if total > most else ""
        sys.stdout.write(
            f"{min(total, most)} of {total} inspections of {review.source.title}{more}.\n"
        )
    return EXIT_OK


def as_values(record: Record) -> dict[str, Any]:
    """An inspection as JSON values: what its decision told, and what is known besides."""
    setup = record.setup
    return {
        "id": record.id,
        "decided_at": _iso(record.decided_at),
        "product": record.product,
        "verdict": record.verdict.value,
        "reason": record.reason.value,
        "detail": record.detail,
        "score": None if math.isnan(record.score) else round(record.score, 2),
        "raw_score": None if math.isnan(record.raw_score) else round(record.raw_score, 6),
        "limits": {"accept": setup.limits.accept, "reject": setup.limits.reject},
        "regions": len(record.regions),
        "model": f"{setup.model.name}@{setup.model.version}",
        "runtime": setup.runtime,
        "kind": setup.kind.value,
        "station": setup.station,
        "source": record.source,
        "image": record.image,
        "image_sha256": record.image_sha256,
        "label": record.label.name.lower(),
        "note": record.note,
    }


def counts(review: Review) -> int:
    """Prints how many there are of each verdict and label."""
    verdicts: Counter[str] = Counter()
    labels: Counter[str] = Counter()
    for verdict in review.wanted.verdicts or tuple(Verdict):
        wanted = replace(review.wanted, verdicts=(verdict,))
        verdicts[verdict.value] = count(review.source.records, wanted)
    for label_ in review.wanted.labels or tuple(Label):
        wanted = replace(review.wanted, labels=(label_,))
        labels[label_.name.lower()] = count(review.source.records, wanted)
    total = sum(verdicts.values())
    if review.options.json:
        write_json({"inspections": total, "verdicts": verdicts, "labels": labels})
        return EXIT_OK
    sys.stdout.write(f"{total} inspections of {review.source.title}\n")
    for name, number in (*verdicts.items(), *labels.items()):
        sys.stdout.write(f"{number:>9}  {name}\n")
    return EXIT_OK


def label(review: Review) -> int:
    """Labels the inspections; only those named one by one or filtered, never all by accident."""
    from uniad_desktop.records.labels import set_label

    if review.wanted == RecordFilter():
        raise CommandError(
            "Say which inspections are meant: --ids, or a filter such as --verdict.", EXIT_DATA
        )
    change = set_label(
        review.source.records,
        review.ids(),
        Label[review.options.set_label.upper()],
        who=review.who,
        note=review.options.note,
        station=review.settings.records.station,
    )
    sys.stdout.write(f"{change.changed} labelled, {change.skipped} as they were.\n")
    return EXIT_OK


def send_to_teaching(review: Review) -> int:
    """Sends what is labelled good or defect among them to teaching."""
    from uniad_desktop.review.to_teaching import send

    wanted = review.wanted
    if review.options.ids is None and not wanted.labels:
        review = replace(review, wanted=replace(wanted, labels=(Label.GOOD, Label.DEFECT)))
    package = open_named_package(review.options.model, review.folder)
    sent = send(
        review.source.records,
        review.ids(),
        review.folder,
        review.who,
        known=dict(package.manifest.products),
        kind=review.options.kind,
        check=review.interrupt.raise_if_asked,
    )
    sys.stdout.write(
        f"{len(sent.parts)} good parts sent to the collections, {len(sent.challenge)} defects to "
        f"the challenge sets, {len(sent.there_already)} there already, {len(sent.problems)} not "
        "sent.\n"
    )
    for what, sentences in (("taken all the same", sent.doubts), ("not sent", sent.problems)):
        for number, sentence in list(sentences.items())[:MOST_SHOWN]:
            sys.stderr.write(f"inspection {number}, {what}: {sentence}\n")
    nothing = not (sent.parts or sent.challenge or sent.there_already)
    return EXIT_DATA if sent.problems and nothing else EXIT_OK


def line_of(record: Record) -> str:
    """An inspection for a person."""
    score = "     –" if math.isnan(record.score) else f"{record.score:6.1f}"
    said = "" if record.label is Label.NONE else f"  [{record.label.name.lower()}]"
    note = f"  {record.note}" if record.note else ""
    when = datetime.fromtimestamp(record.decided_at).strftime("%Y-%m-%d %H:%M:%S")
    what = f"{record.verdict:<6} {score}  {record.product}  {record.image or record.detail}"
    return f"{record.id:>8}  {when}  {what}{said}{note}"


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at).astimezone().isoformat(timespec="milliseconds")


def write_json(values: dict[str, Any]) -> None:
    """Prints values as a line of JSON."""
    sys.stdout.write(json.dumps(values, ensure_ascii=False) + "\n")
