"""Charts of a report, drawn as lines so that they stay sharp on paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records.statistics import SeriesPoint
from uniad_desktop.reports.scores import ScoreSeries
from uniad_desktop.ui.reports.blocks import Block
from uniad_desktop.ui.reports.pen import (
    DIM,
    DOT,
    ERROR,
    FAIL,
    INK,
    REVIEW,
    RIGHT,
    RULE,
    WASH,
    Colour,
    Pen,
    Style,
)

LIMIT: Final = 50.0
_AXIS: Final = 9.0
_PLOT: Final = 34.0
_COLOURS: Final = {
    Verdict.PASS: DOT,
    Verdict.REVIEW: REVIEW,
    Verdict.FAIL: FAIL,
    Verdict.ERROR: ERROR,
}


@dataclass(frozen=True, slots=True)
class ScoreChart:
    """Scores part by part on the fixed scale of 0 to 100, the reject limit, and the average.

    Attributes:
        series: what is drawn.
        title: above it.
        begin, end: below it, the times of the first and last point.
        note: below it between them; may be empty.
        limit_name: beside the line of the reject limit.
    """

    series: ScoreSeries
    title: str
    begin: str
    end: str
    note: str
    limit_name: str
    keep: bool = False
    repeat: Block | None = None

    def height(self, pen: Pen, width: float) -> float:
        """Its height in mm."""
        title = pen.height(self.title, Style.STRONG, width)
        return title + _PLOT + 5.0 + pen.height(self.note or "x", Style.SMALL, width * 0.6) + 2.0

    def paint(self, pen: Pen, x: float, y: float, width: float) -> None:
        """Draws it."""
        pen.text(x, y, width, self.title, Style.STRONG)
        top = y + pen.height(self.title, Style.STRONG, width) + 2.0
        left, wide = x + _AXIS, width - _AXIS
        self._axes(pen, left, top, wide)
        points = self.series.points
        self._points(pen, left, top, wide, points)
        step = wide / max(1, len(points))
        line = [
            (left + (n + 0.5) * step, _height(top, value))
            for n, value in enumerate(self.series.average)
            if value is not None
        ]
        if len(line) > 1:
            pen.curve(line, INK, 0.3)
        below = top + _PLOT + 1.0
        pen.text(left, below, wide * 0.2, self.begin, Style.SMALL, colour=DIM)
        pen.text(left, below, wide, self.end, Style.SMALL, colour=DIM, align=RIGHT)
        if self.note:
            pen.text(left + wide * 0.2, below, wide * 0.6, self.note, Style.SMALL, colour=DIM)

    def _axes(self, pen: Pen, left: float, top: float, wide: float) -> None:
        for value in (0, 25, 50, 75, 100):
            level = _height(top, value)
            limit = value == LIMIT
            pen.line((left, level), (left + wide, level), FAIL if limit else RULE,
                     0.25 if limit else 0.1, dashed=limit)  # fmt: skip
            half = pen.height("0", Style.SMALL, _AXIS) / 2
            pen.text(
                *(left - _AXIS, level - half, _AXIS - 1.5, str(value), Style.SMALL),
                colour=FAIL if limit else DIM,
                align=RIGHT,
            )
        name = pen.height(self.limit_name, Style.SMALL, wide)
        level = _height(top, LIMIT)
        pen.text(left + 1.0, level - name - 0.2, wide, self.limit_name, Style.SMALL, colour=FAIL)

    def _points(
        self, pen: Pen, left: float, top: float, wide: float, points: Sequence[SeriesPoint]
    ) -> None:
        step = wide / max(1, len(points))
        size = min(1.0, max(0.35, step * 0.8))
        by_colour: dict[Verdict, list[tuple[float, float]]] = {one: [] for one in Verdict}
        for number, point in enumerate(points):
            # Without a score it stands on the lower edge: it must not be overlooked.
            value = 0.0 if point.score is None else point.score
            by_colour[point.verdict].append((left + (number + 0.5) * step, _height(top, value)))
        for verdict, found in by_colour.items():  # rejects over passes
            if found:
                bold = 1.0 if verdict is Verdict.PASS else 1.6
                pen.dots(found, _COLOURS[verdict], size * bold)


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a Pareto chart: name, how many, and the share up to it as text."""

    name: str
    value: int
    cumulated: str


@dataclass(frozen=True, slots=True)
class Pareto:
    """Bars, the longest first, with the share that they add up to."""

    title: str
    bars: tuple[Bar, ...]
    colour: Colour = DOT
    keep: bool = False
    repeat: Block | None = None

    _ROW = 5.0
    _SHARES = 12.0

    def _names(self, pen: Pen, width: float) -> float:
        widest = max((pen.width(one.name, Style.SMALL) for one in self.bars), default=0.0)
        return min(0.45 * width, widest + 1.5)

    def _rows(self, pen: Pen, width: float) -> list[float]:
        names = self._names(pen, width)
        heights = (pen.height(one.name, Style.SMALL, names) for one in self.bars)
        return [max(self._ROW, tall + 1.0) for tall in heights]

    def height(self, pen: Pen, width: float) -> float:
        """Its height in mm."""
        title = pen.height(self.title, Style.STRONG, width)
        return title + 1.5 + sum(self._rows(pen, width)) + 1.0

    def paint(self, pen: Pen, x: float, y: float, width: float) -> None:
        """Draws it."""
        pen.text(x, y, width, self.title, Style.STRONG)
        line = y + pen.height(self.title, Style.STRONG, width) + 1.5
        names = self._names(pen, width)
        counts = 1.0 + max(pen.width(str(one.value), Style.SMALL) for one in self.bars)
        room = width - names - counts - self._SHARES - 3.0
        longest = max(one.value for one in self.bars) or 1
        left, bar = x + names + 1.0, self._ROW - 1.6
        for one, tall in zip(self.bars, self._rows(pen, width), strict=True):
            pen.text(x, line + 0.5, names, one.name, Style.SMALL)
            pen.box(left, line + 0.6, room, bar, fill=WASH)
            pen.box(left, line + 0.6, room * one.value / longest, bar, fill=self.colour)
            value, end = str(one.value), left + room
            pen.text(end, line + 0.5, counts + 1.0, value, Style.SMALL, align=RIGHT)
            pen.text(
                *(x + width - self._SHARES, line + 0.5, self._SHARES, one.cumulated, Style.SMALL),
                colour=DIM,
                align=RIGHT,
            )
            line += tall


def _height(top: float, score: float) -> float:
    return top + _PLOT * (1.0 - min(100.0, max(0.0, score)) / 100.0)
