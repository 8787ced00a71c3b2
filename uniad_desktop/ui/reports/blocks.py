"""What a page is made of: blocks from top to bottom, in millimetres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from PySide6.QtCore import Qt

from uniad_desktop.ui.reports.pen import DIM, INK, LEFT, RULE, WASH, Colour, Pen, Style

_PADDING: Final = 0.9
_CELL_GAP: Final = 2.0


class Block(Protocol):
    """Something of a certain height that is not torn apart."""

    @property
    def keep(self) -> bool:
        """Whether it must stand on the same page as the next one."""
        ...

    @property
    def repeat(self) -> Block | None:
        """What stands above it again where it begins a page."""
        ...

    def height(self, pen: Pen, width: float) -> float:
        """Its height in mm."""
        ...

    def paint(self, pen: Pen, x: float, y: float, width: float) -> None:
        """Draws it."""
        ...


@dataclass(frozen=True, slots=True)
class Space:
    """Empty room of `size` mm."""

    size: float
    keep: bool = False
    repeat: Block | None = None

    def height(self, pen: Pen, width: float) -> float:
        """Its height in mm."""
        return self.size

    def paint(self, pen: Pen, x: float, y: float, width: float) -> None:
        """Draws nothing."""


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    text: str
    style: Style = Style.BODY
    colour: Colour = INK
    keep: bool = False
    repeat: Block | None = None

    def height(self, pen: Pen, width: float) -> float:
        """Its height in mm."""
        return pen.height(self.text, self.style, width) + 0.6

    def paint(self, pen: Pen, x: float, y: float, width: float) -> None:
        """Draws it."""
        pen.text(x, y, width, self.text, self.style, colour=self.colour)


@dataclass(frozen=True, slots=True)
class Heading:
    """Title of a section; `tag` says at the right where the figures come from."""

    text: str
    tag: str = ""
    keep: bool = True
    repeat: Block | None = None

    def height(self, pen: Pen, width: float) -> float:
        """Its height in mm."""
        return 5.0 + pen.height(self.text, Style.HEADING, width) + 1.8

    def paint(self, pen: Pen, x: float, y: float, width: float) -> None:
        """Draws it."""
        line = y + self.height(pen, width) - 1.4
        pen.text(x, y + 5.0, width, self.text, Style.HEADING)
        if self.tag:
            down = pen.height("x", Style.HEADING, width) - pen.height("x", Style.SMALL, width)
            pen.text(
                *(x, y + 5.0 + down - 0.4, width, self.tag, Style.SMALL),
                colour=DIM,
                align=Qt.AlignmentFlag.AlignRight,
            )
        pen.line((x, line), (x + width, line), RULE, 0.25)


@dataclass(frozen=True, slots=True)
class Badge:
    """A sentence in a frame that nobody overlooks."""

    text: str
    colour: Colour
    keep: bool = False
    repeat: Block | None = None

    def height(self, pen: Pen, width: float) -> float:
        """Its height in mm."""
        return pen.height(self.text, Style.STRONG, width - 6.0) + 6.0

    def paint(self, pen: Pen, x: float, y: float, width: float) -> None:
        """Draws it."""
        tall = self.height(pen, width) - 3.0
        pen.box(x, y + 1.0, width, tall, edge=self.colour, line=0.5)
        pen.text(x + 3.0, y + 2.4, width - 6.0, self.text, Style.STRONG, colour=self.colour)


@dataclass(frozen=True, slots=True)
class Pair:
    """A name and its value."""

    name: str
    value: str
    keep: bool = False
    repeat: Block | None = None

    _NAME_WIDTH = 40.0

    def height(self, pen: Pen, width: float) -> float:
        """Its height in mm."""
        inside = width - self._NAME_WIDTH
        tall = max(
            pen.height(self.value or "–", Style.BODY, inside),
            pen.height(self.name, Style.BODY, self._NAME_WIDTH - 2.0),
        )
        return tall + 1.0

    def paint(self, pen: Pen, x: float, y: float, width: float) -> None:
        """Draws it."""
        left = self._NAME_WIDTH
        pen.text(x, y, left - 2.0, self.name, colour=DIM)
        pen.text(x + left, y, width - left, self.value or "–")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its share of the width and how it is aligned."""

    share: float
    align: Qt.AlignmentFlag = LEFT


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table; `colours` for cells that tell a state."""

    columns: tuple[Column, ...]
    cells: tuple[str, ...]
    head: bool = False
    strong: bool = False
    colours: tuple[Colour | None, ...] = ()
    repeat: Block | None = None
    keep: bool = False

    @property
    def _style(self) -> Style:
        return Style.STRONG if self.strong else Style.SMALL if self.head else Style.BODY

    def _widths(self, width: float) -> list[float]:
        whole = sum(one.share for one in self.columns)
        return [width * one.share / whole for one in self.columns]

    def height(self, pen: Pen, width: float) -> float:
        """Its height in mm."""
        cells = zip(self.cells, self._widths(width), strict=True)
        tall = (pen.height(cell or "x", self._style, wide - _CELL_GAP) for cell, wide in cells)
        return max(tall) + 2 * _PADDING

    def paint(self, pen: Pen, x: float, y: float, width: float) -> None:
        """Draws it."""
        tall = self.height(pen, width)
        if self.head:
            pen.box(x, y, width, tall, fill=WASH)
        else:
            pen.line((x, y + tall), (x + width, y + tall), RULE, 0.1)
        left = x
        colours = self.colours or (None,) * len(self.cells)
        given = zip(self.columns, self.cells, colours, self._widths(width), strict=True)
        for column, cell, colour, wide in given:
            ink = colour or (DIM if self.head else INK)
            pen.text(
                *(left + _CELL_GAP / 2, y + _PADDING, wide - _CELL_GAP, cell, self._style),
                colour=ink,
                align=column.align,
            )
            left += wide


def table(
    columns: Sequence[Column], head: Sequence[str], rows: Sequence[Sequence[str]]
) -> list[Block]:
    """A table whose head stands on every page that it reaches."""
    top = Row(tuple(columns), tuple(head), head=True, keep=True)
    return [top, *(Row(tuple(columns), tuple(cells), repeat=top) for cells in rows)]


@dataclass(frozen=True, slots=True)
class Tile:
    """A large figure with its name below."""

    name: str
    value: str
    colour: Colour = INK


@dataclass(frozen=True, slots=True)
class Tiles:
    """Large figures side by side."""

    tiles: tuple[Tile, ...]
    keep: bool = False
    repeat: Block | None = None

    def height(self, pen: Pen, width: float) -> float:
        """Its height in mm."""
        names = max(pen.height(one.name, Style.SMALL, width) for one in self.tiles)
        return pen.height("0", Style.FIGURE, width) + names + 2.0

    def paint(self, pen: Pen, x: float, y: float, width: float) -> None:
        """Draws it; what has longer figures gets more room."""
        needs = [
            max(pen.width(one.value, Style.FIGURE), pen.width(one.name, Style.SMALL)) + 1.0
            for one in self.tiles
        ]
        gap = max(2.0, (width - sum(needs)) / len(needs))
        below = y + pen.height("0", Style.FIGURE, width)
        left = x
        for number, (one, need) in enumerate(zip(self.tiles, needs, strict=True)):
            if number:
                line = left - gap / 2
                pen.line((line, y + 1.0), (line, y + self.height(pen, width) - 2.0))
            pen.text(left, y, need, one.value, Style.FIGURE, colour=one.colour)
            pen.text(left, below, need, one.name, Style.SMALL, colour=DIM)
            left += need + gap


@dataclass(frozen=True, slots=True)
class Beside:
    """Blocks side by side in columns of the same width."""

    blocks: tuple[Block, ...]
    gap: float = 8.0
    keep: bool = False
    repeat: Block | None = None

    def _width(self, width: float) -> float:
        return (width - self.gap * (len(self.blocks) - 1)) / len(self.blocks)

    def height(self, pen: Pen, width: float) -> float:
        """Its height in mm."""
        return max(one.height(pen, self._width(width)) for one in self.blocks)

    def paint(self, pen: Pen, x: float, y: float, width: float) -> None:
        """Draws it."""
        wide = self._width(width)
        for number, one in enumerate(self.blocks):
            one.paint(pen, x + number * (wide + self.gap), y, wide)


@dataclass(frozen=True, slots=True)
class Stack:
    """Blocks on top of each other that stand together."""

    blocks: tuple[Block, ...]
    keep: bool = False
    repeat: Block | None = None

    def height(self, pen: Pen, width: float) -> float:
        """Its height in mm."""
        return sum(one.height(pen, width) for one in self.blocks)

    def paint(self, pen: Pen, x: float, y: float, width: float) -> None:
        """Draws it."""
        for one in self.blocks:
            one.paint(pen, x, y, width)
            y += one.height(pen, width)
