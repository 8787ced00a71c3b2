"""The first pages of a report: what it is about, counts, labels, models, changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records.schema import Label
from uniad_desktop.records.statistics import Counts
from uniad_desktop.reports.figures import ReportFigures
from uniad_desktop.ui import text
from uniad_desktop.ui.reports.blocks import (
    Badge,
    Block,
    Column,
    Heading,
    Pair,
    Row,
    Space,
    Text,
    Tile,
    Tiles,
    table,
)
from uniad_desktop.ui.reports.chart_sections import chart_blocks
from uniad_desktop.ui.reports.pen import DIM, ERROR, FAIL, PASS, REVIEW, RIGHT, Style
from uniad_desktop.ui.reports.words import (
    action_word,
    change_words,
    filter_sentence,
    label_word,
    moment,
    product_title,
    translate,
)

_NUMBER: Final = Column(1.0, RIGHT)
_REJECTED: Final = (Verdict.FAIL, Verdict.ERROR)


def title_of(figures: ReportFigures) -> str:
    """The title of the report."""
    if figures.shift:
        return translate("Report", "Shift report")
    return translate("Report", "Inspection report")


def section_blocks(figures: ReportFigures, titles: Mapping[str, str]) -> list[Block]:
    """Everything but the pictures."""
    return [
        *_head(figures, titles),
        *_counts(figures, titles),
        *_labels(figures),
        *_in_force(figures, titles),
        *_changes(figures),
        *chart_blocks(figures, titles),
    ]


def _head(figures: ReportFigures, titles: Mapping[str, str]) -> Iterator[Block]:
    facts = figures.facts
    yield Text(title_of(figures), Style.TITLE)
    period = f"{moment(figures.begin)} – {moment(figures.end)}"
    stations = ", ".join(facts.stations) or (figures.shift.station if figures.shift else text.NONE)
    yield Text(f"{stations} · {period}", Style.BODY, DIM)
    total = figures.total.total
    if facts.simulated:
        words = translate(
            "Report",
            "SIMULATED: {n} of {total} parts were shown by the simulated camera. These figures say "
            "nothing of a real line.",
        )
        yield Space(1.5)
        yield Badge(words.format(n=text.number(facts.simulated), total=text.number(total)), REVIEW)
    yield Space(2.5)
    yield Pair(
        translate("Report", "Products"), ", ".join(product_title(k, titles) for k in figures.counts)
    )
    if figures.shift:
        shift = figures.shift
        line = f"{shift.id} · {shift.who}" if shift.who else str(shift.id)
        if shift.end is None:
            line += " · " + translate("Report", "still running")
        yield Pair(translate("Report", "Shift"), line)
    chosen = filter_sentence(figures.wanted)
    if chosen:
        yield Pair(translate("Report", "Chosen by"), chosen)
    yield Pair(
        translate("Report", "First and last part"),
        f"{moment(facts.first)} – {moment(facts.last)}" if facts.first is not None else text.NONE,
    )
    yield Pair(translate("Report", "Camera"), ", ".join(facts.cameras))
    yield Pair(translate("Report", "Operator"), ", ".join(facts.operators))
    yield Pair(translate("Report", "Program on the line"), ", ".join(facts.applications))


def _counts(figures: ReportFigures, titles: Mapping[str, str]) -> Iterator[Block]:
    total = figures.total
    yield Heading(translate("Report", "Result"), translate("Report", "counted"))
    if not total.total:
        yield Text(translate("Report", "No part was inspected in this selection."))
        return
    yield Tiles(
        (
            Tile(translate("Report", "decisions"), text.number(total.total)),
            Tile(translate("Report", "yield"), text.share(total.yield_share)),
            Tile(text.verdict_word(Verdict.PASS), text.number(total.passed), PASS),
            Tile(text.verdict_word(Verdict.REVIEW), text.number(total.review), REVIEW),
            Tile(text.verdict_word(Verdict.FAIL), text.number(total.failed), FAIL),
            Tile(text.verdict_word(Verdict.ERROR), text.number(total.error), ERROR),
        )
    )
    columns = (Column(3.0), *(_NUMBER,) * 6)
    head = (
        translate("Report", "Product"),
        translate("Report", "decisions"),
        *(text.verdict_word(one) for one in Verdict),
        translate("Report", "yield"),
    )
    rows = [_count_row(product_title(key, titles), one) for key, one in figures.counts.items()]
    blocks = table(columns, head, rows)
    yield from blocks
    if len(rows) > 1:
        cells = _count_row(translate("Report", "All"), total)
        yield Row(columns, cells, strong=True, repeat=blocks[0])
    yield Space(0.8)
    words = translate(
        "Report", "Yield is the share of passes of all decisions; ERROR counts as a reject."
    )
    yield Text(words, Style.SMALL, DIM)


def _count_row(name: str, counts: Counts) -> tuple[str, ...]:
    numbers = (counts.total, counts.passed, counts.review, counts.failed, counts.error)
    return (name, *(text.number(one) for one in numbers), text.share(counts.yield_share))


def _labels(figures: ReportFigures) -> Iterator[Block]:
    labels = figures.facts.labels
    given = [one for one in Label if one is not Label.NONE]
    if not any(labels.get((label, verdict)) for label in given for verdict in Verdict):
        return
    yield Heading(translate("Report", "What people say of the parts"))
    head = (translate("Report", "Label"), *(text.verdict_word(one) for one in Verdict))
    rows = [
        (label_word(label), *(text.number(labels.get((label, one), 0)) for one in Verdict))
        for label in (*given, Label.NONE)
    ]
    yield from table((Column(2.0), *(_NUMBER,) * 4), head, rows)
    wrong = sum(labels.get((Label.GOOD, one), 0) for one in _REJECTED)
    escaped = labels.get((Label.DEFECT, Verdict.PASS), 0)
    words = translate(
        "Report", "Good parts that were rejected: {wrong}. Real defects that passed: {escaped}."
    )
    yield Space(0.8)
    yield Text(words.format(wrong=text.number(wrong), escaped=text.number(escaped)))


def _in_force(figures: ReportFigures, titles: Mapping[str, str]) -> Iterator[Block]:
    if not figures.in_force:
        return
    yield Heading(
        translate("Report", "Models and limits in force"),
        translate("Report", "as each part was decided"),
    )
    head = (
        translate("Report", "Product"),
        translate("Report", "Model"),
        translate("Report", "Accept"),
        translate("Report", "Reject"),
        translate("Report", "Runtime"),
        translate("Report", "First part"),
        translate("Report", "Last part"),
        translate("Report", "Parts"),
    )
    columns = (
        *(Column(2.2), Column(2.2), Column(1.1, RIGHT), Column(1.1, RIGHT)),
        *(Column(2.2), Column(1.7), Column(1.7), Column(1.1, RIGHT)),
    )
    rows = [
        (
            product_title(one.product, titles),
            f"{one.model.name} {one.model.version}\n{one.model.sha256[:12]}",
            text.raw(one.limits.accept),
            text.raw(one.limits.reject),
            one.runtime,
            moment(one.first).replace(" ", "\n"),
            moment(one.last).replace(" ", "\n"),
            text.number(one.parts),
        )
        for one in figures.in_force
    ]
    yield from table(columns, head, rows)
    yield Space(0.8)
    for model in sorted({one.model for one in figures.in_force}, key=lambda one: one.version):
        line = f"{model.name} {model.version}: SHA-256 {model.sha256}"
        yield Text(line, Style.SMALL, DIM)
    words = translate(
        "Report", "Limits are raw distances; the reject limit is 50 on the scale of scores."
    )
    yield Text(words, Style.SMALL, DIM)


def _changes(figures: ReportFigures) -> Iterator[Block]:
    yield Heading(
        translate("Report", "Changes in this period"), translate("Report", "from the audit trail")
    )
    if not figures.changes:
        words = translate("Report", "Nothing that affects decisions was changed.")
        yield Text(words)
        return
    head = (
        translate("Report", "Entry"),
        translate("Report", "Time"),
        translate("Report", "Who"),
        translate("Report", "What"),
        translate("Report", "Change"),
    )
    rows = [
        (str(one.number), moment(one.at), one.who, action_word(one), change_words(one))
        for one in figures.changes
    ]
    columns = (Column(0.7, RIGHT), Column(2.0), Column(1.2), Column(2.4), Column(5.0))
    yield from table(columns, head, rows)
    if figures.more_changes:
        words = translate("Report", "{n} more are in the audit trail.")
        yield Text(words.format(n=text.number(figures.more_changes)), Style.SMALL, DIM)
