"""The first pages of a report: what it is about, counts, models, changes, charts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records.schema import Label
from uniad_desktop.records.statistics import Counts, ParetoBar
from uniad_desktop.reports.drifts import Drift
from uniad_desktop.reports.figures import ReportFigures
from uniad_desktop.ui import drift_words, text
from uniad_desktop.ui.reports.blocks import (
    Badge,
    Beside,
    Block,
    Column,
    Heading,
    Pair,
    Row,
    Space,
    Stack,
    Text,
    Tile,
    Tiles,
    table,
)
from uniad_desktop.ui.reports.charts import Bar, Pareto, ScoreChart
from uniad_desktop.ui.reports.pen import DIM, ERROR, FAIL, PASS, REVIEW, RIGHT, Style
from uniad_desktop.ui.reports.words import (
    action_word,
    change_words,
    filter_sentence,
    label_word,
    moment,
    region_word,
    translate,
)

_NUMBER: Final = Column(1.0, RIGHT)
_REJECTED: Final = (Verdict.FAIL, Verdict.ERROR)


def title_of(figures: ReportFigures) -> str:
    """The title of the report."""
    if figures.shift:
        return translate("Report", "Shift report")
    return translate("Report", "Inspection report")


def measured() -> str:
    """Says that figures were measured."""
    return translate("Report", "measured")


def computed() -> str:
    """Says that figures were computed."""
    return translate("Report", "computed")


def section_blocks(figures: ReportFigures, titles: Mapping[str, str]) -> list[Block]:
    """Everything but the pictures."""
    return [
        *_head(figures, titles),
        *_counts(figures, titles),
        *_labels(figures),
        *_in_force(figures, titles),
        *_changes(figures),
        *_scores(figures, titles),
        *_drifts(figures, titles),
        *_regions(figures),
        *_times(figures),
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
        translate("Report", "Products"), ", ".join(_title(k, titles) for k in figures.counts)
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
    rows = [_count_row(_title(key, titles), one) for key, one in figures.counts.items()]
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
            _title(one.product, titles),
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


def _scores(figures: ReportFigures, titles: Mapping[str, str]) -> Iterator[Block]:
    shown = [one for one in figures.scores if one.points]
    if not shown:
        return
    yield Heading(translate("Report", "Scores"), computed())
    words = translate(
        "Report",
        "A dot is a part, in the order of time; blue passed, red failed, amber needs review, "
        "purple on the lower edge had no score. The line is the moving average (EWMA, weight 0.2, "
        "of the logarithm) of the parts that passed.",
    )
    yield Text(words, Style.SMALL, DIM, keep=True)
    for one in shown:
        note = ""
        if one.left_out:
            older = translate("Report", "{n} older parts are not drawn")
            note = older.format(n=text.number(one.left_out))
        yield Space(1.5, keep=True)
        yield ScoreChart(
            one,
            _title(one.product, titles),
            moment(one.points[0].at),
            moment(one.points[-1].at),
            note,
            translate("Report", "reject limit"),
        )
    if figures.more_scores:
        words = translate("Report", "{n} more products have no chart here.")
        yield Text(words.format(n=text.number(figures.more_scores)), Style.SMALL, DIM)


def _drifts(figures: ReportFigures, titles: Mapping[str, str]) -> Iterator[Block]:
    if figures.drifts is None or not figures.total.total:
        return
    yield Heading(translate("Report", "Drift of scores, light and focus"), computed())
    if not figures.drifts:
        words = translate(
            "Report",
            "No drift in this period, as far as there were parts enough to compare with.",
        )
        yield Text(words)
        return
    head = (
        translate("Report", "Product"),
        translate("Report", "What"),
        translate("Report", "Since"),
        translate("Report", "Until"),
        translate("Report", "Mean shift"),
        translate("Report", "Parts"),
        translate("Report", "Compared with"),
    )
    rows = [_drift_row(one, titles) for one in figures.drifts]
    columns = (
        *(Column(1.8), Column(1.6), Column(2.2), Column(2.2)),
        *(Column(1.2, RIGHT), Column(0.9, RIGHT), Column(2.6)),
    )
    yield from table(columns, head, rows)
    if figures.more_drifts:
        words = translate("Report", "{n} shorter ones are not shown.")
        yield Text(words.format(n=text.number(figures.more_drifts)), Style.SMALL, DIM)
    words = translate(
        "Report",
        "σ is the spread of single parts. A drift is no reject: it says that something changed.",
    )
    yield Text(words, Style.SMALL, DIM)


def _drift_row(drift: Drift, titles: Mapping[str, str]) -> tuple[str, ...]:
    state = drift.state
    until = translate("Report", "goes on") if state.until_at is None else moment(state.until_at)
    return (
        _title(drift.product, titles),
        drift_words.name(drift.quantity),
        moment(state.since_at),
        until,
        f"{'+' if state.shift > 0 else '−'}{drift_words.sigmas(state)}\u00a0σ",
        text.number(state.parts),
        drift_words.baseline(state.baseline),
    )


def _regions(figures: ReportFigures) -> Iterator[Block]:
    if not figures.by_position:
        return
    yield Heading(translate("Report", "Where and how large: regions of rejects"), computed())
    position = _pareto(translate("Report", "Position in the frame"), figures.by_position)
    size = _pareto(translate("Report", "Size"), figures.by_size)
    kind = _pareto(translate("Report", "Shape"), figures.by_kind)
    yield Beside((position, Stack((size, kind))), keep=True)
    words = translate(
        "Report",
        "Number of regions; the percentages add up from the most frequent on. Sizes are shares of "
        "the frame.",
    )
    yield Text(words, Style.SMALL, DIM)


def _pareto(title: str, bars: tuple[ParetoBar, ...]) -> Pareto:
    return Pareto(
        title,
        tuple(Bar(region_word(b.name), b.regions, f"{b.cumulated * 100:.0f} %") for b in bars),
    )


def _times(figures: ReportFigures) -> Iterator[Block]:
    cycles, latency = figures.cycles, figures.facts.latency
    if cycles is None and latency is None:
        return
    yield Heading(translate("Report", "Times"), measured())
    if cycles is not None:
        words = translate("Report", "shortest {low} s, mean {mean} s, longest {high} s")
        line = words.format(
            low=f"{cycles.shortest:.2f}", mean=f"{cycles.mean:.2f}", high=f"{cycles.longest:.2f}"
        )
        if cycles.pauses:
            pauses = translate("Report", "{n} pauses of more than a minute are left out")
            line += "; " + pauses.format(n=text.number(cycles.pauses))
        yield Pair(translate("Report", "Between two parts"), line)
    if latency is not None:
        words = translate("Report", "mean {mean} ms, longest {high} ms")
        line = words.format(
            mean=text.milliseconds(latency.mean), high=text.milliseconds(latency.longest)
        )
        yield Pair(translate("Report", "Reception to decision"), line)


def _title(key: str, titles: Mapping[str, str]) -> str:
    return titles.get(key) or key
