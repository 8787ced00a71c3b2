"""Puts blocks on pages and draws those on paper, into a PDF, or on pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtGui import QPaintDevice, QPainter

from uniad_desktop.ui.reports.blocks import Block
from uniad_desktop.ui.reports.pen import DIM, MM_PER_INCH, RIGHT, RULE, Pen, Style

SIDE: Final = 15.0
TOP: Final = 13.0
BOTTOM: Final = 19.0
"""Margins in mm; the footer stands in the lower one."""

_FOOTER: Final = 14.0  # its upper edge, above the lower edge of the page
_PAGE_NUMBER: Final = 30.0


@dataclass(frozen=True, slots=True)
class Footer:
    """What stands below every page: `left`, two lines at most, and the number of the page.

    Attributes:
        left: where the report comes from.
        page: of a page, with ``{page}`` and ``{pages}``.
    """

    left: str
    page: str


@dataclass(frozen=True, slots=True)
class Size:
    """Of a page, in mm."""

    width: float
    height: float


A4: Final = Size(210.0, 297.0)


@dataclass(frozen=True, slots=True)
class _Placed:
    block: Block
    y: float


def draw(
    blocks: Sequence[Block],
    footer: Footer,
    device: QPaintDevice,
    size: Size,
    *,
    new_page: Callable[[], bool],
    check: Callable[[], None] = lambda: None,
) -> int:
    """Draws a document.

    Args:
        blocks: from top to bottom.
        footer: of every page.
        device: its origin is the corner of the page.
        size: of its pages.
        new_page: begins another page; whether that worked.
        check: called before every block; may raise to end it.

    Returns:
        How many pages; 0 where the device cannot be painted on.
    """
    painter = QPainter()
    if not painter.begin(device):
        return 0
    try:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        pen = Pen(painter, device.logicalDpiX() / MM_PER_INCH)
        width = size.width - 2 * SIDE
        sheets = paginate(pen, blocks, width, size.height - TOP - BOTTOM)
        for number, sheet in enumerate(sheets, 1):
            if number > 1 and not new_page():
                return 0
            for placed in sheet:
                check()
                placed.block.paint(pen, SIDE, TOP + placed.y, width)
            _draw_footer(pen, footer, size, number, len(sheets))
    finally:
        painter.end()
    return len(sheets)


def paginate(pen: Pen, blocks: Sequence[Block], width: float, height: float) -> list[list[_Placed]]:
    """Which block stands where; headings stay with what follows, heads of tables come again."""
    sheets: list[list[_Placed]] = [[]]
    y = 0.0
    for group in _groups(blocks):
        heights = [one.height(pen, width) for one in group]
        if y > 0.0 and y + sum(heights) > height:
            sheets.append([])
            y = 0.0
            above = group[0].repeat
            if above is not None:
                sheets[-1].append(_Placed(above, 0.0))
                y = above.height(pen, width)
        for block, tall in zip(group, heights, strict=True):
            sheets[-1].append(_Placed(block, y))
            y += tall
    return sheets


def _groups(blocks: Sequence[Block]) -> list[list[Block]]:
    """Blocks that stand on one page."""
    groups: list[list[Block]] = []
    tied = False
    for block in blocks:
        if tied:
            groups[-1].append(block)
        else:
            groups.append([block])
        tied = block.keep
    return groups


def _draw_footer(pen: Pen, footer: Footer, size: Size, page: int, pages: int) -> None:
    y = size.height - _FOOTER
    width = size.width - 2 * SIDE
    pen.line((SIDE, y - 1.2), (SIDE + width, y - 1.2), RULE, 0.2)
    pen.text(SIDE, y, width - _PAGE_NUMBER, footer.left, Style.TINY, colour=DIM, most=9.0)
    number = footer.page.format(page=page, pages=pages)
    left = SIDE + width - _PAGE_NUMBER
    pen.text(left, y, _PAGE_NUMBER, number, Style.SMALL, colour=DIM, align=RIGHT)
