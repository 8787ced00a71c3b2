"""The charts of a report: scores, drift, regions, times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from uniad_desktop.records.statistics import ParetoBar
from uniad_desktop.reports.drifts import Drift
from uniad_desktop.reports.figures import ReportFigures
from uniad_desktop.ui import drift_words, text
from uniad_desktop.ui.reports.blocks import (
    Beside,
    Block,
    Column,
    Heading,
    Pair,
    Space,
    Stack,
    Text,
    table,
)
from uniad_desktop.ui.reports.charts import Bar, Pareto, ScoreChart
from uniad_desktop.ui.reports.pen import DIM, RIGHT, Style
from uniad_desktop.ui.reports.words import (
    computed,
    measured,
    moment,
    product_title,
    region_word,
    together,
    translate,
)


def chart_blocks(figures: ReportFigures, titles: Mapping[str, str]) -> list[Block]:
    """Scores, drift, regions and times."""
    return [
        *_scores(figures, titles),
        *_drifts(figures, titles),
        *_regions(figures),
        *_times(figures),
    ]


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
            product_title(one.product, titles),
            moment(one.points[0].at),
            moment(one.points[-1].at),
            note,
            translate("Report", "reject limit"),
        )
        if len(one.cameras) > 1:
            yield Text(together(one.cameras), Style.SMALL, DIM)
    if figures.more_scores:
        words = translate("Report", "{n} more products have no chart here.")
        yield Text(words.format(n=text.number(figures.more_scores)), Style.SMALL, DIM)


def _drifts(figures: ReportFigures, titles: Mapping[str, str]) -> Iterator[Block]:
    if figures.drifts is None or not figures.total.total:
        return
    yield Heading(translate("Report", "Drift of scores, light and focus"), computed())
    if any(len(one.cameras) > 1 for one in figures.scores):
        words = translate(
            "Report",
            "Parts of several cameras are together here, too: what only one of them shows may be "
            "missed, and a difference between them be taken for a drift.",
        )
        yield Text(words, Style.SMALL, DIM, keep=True)
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
        "",  # what it is compared with says so itself
    )
    rows = [_drift_row(one, titles) for one in figures.drifts]
    columns = (
        *(Column(1.8), Column(1.6), Column(2.2), Column(2.2)),
        *(Column(1.6), Column(0.9, RIGHT), Column(2.6)),
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
    shift = (
        translate("Report", "{n} σ higher")
        if state.shift > 0
        else translate("Report", "{n} σ lower")
    )
    until = translate("Report", "goes on") if state.until_at is None else moment(state.until_at)
    return (
        product_title(drift.product, titles),
        drift_words.name(drift.quantity),
        moment(state.since_at),
        until,
        shift.format(n=drift_words.sigmas(state)).replace(" σ", "\u00a0σ"),
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
