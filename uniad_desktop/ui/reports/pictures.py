"""Pictures of rejects: the image with its boxes beside the heatmap, read when they are drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, cast

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records.heatmaps import HeatmapError, decode_heatmap
from uniad_desktop.records.record import Record
from uniad_desktop.reports.archive_image import FoundImage
from uniad_desktop.ui.colour_scale import colours, to_index
from uniad_desktop.ui.pictures import scaled_picture
from uniad_desktop.ui.reports.blocks import Block
from uniad_desktop.ui.reports.pen import (
    DIM,
    ERROR,
    FAIL,
    PASS,
    REVIEW,
    RULE,
    WASH,
    Pen,
    Style,
)

VERDICT_COLOURS: Final = {
    Verdict.PASS: PASS,
    Verdict.REVIEW: REVIEW,
    Verdict.FAIL: FAIL,
    Verdict.ERROR: ERROR,
}
MOST_PIXELS: Final = 120_000_000
"""A larger image is not decoded for a thumbnail on paper; the report says so."""

_TALLEST: Final = 46.0
_LEAST: Final = 26.0  # room for the words
_GAP: Final = 3.0
_UNSEEN = (205, 208, 212)  # parts of the frame that are not inspected


@dataclass(frozen=True, slots=True)
class PictureWords:
    """What is written beside a picture, and in place of one."""

    head: str
    lines: tuple[str, ...]
    no_heatmap: str
    too_large: str
    unreadable: str
    why_none: Callable[[FoundImage], str]


@dataclass(frozen=True, slots=True)
class Picture:
    """An inspection: image with boxes, heatmap, words.

    Attributes:
        record: the inspection.
        words: beside it.
        find: reads its files.
    """

    record: Record
    words: PictureWords
    find: Callable[[Record], FoundImage]
    keep: bool = False
    repeat: Block | None = None

    def _room(self, width: float) -> tuple[float, float]:
        """Width and height in mm of the image."""
        wide = (width - 2 * _GAP) * 0.33
        setup = self.record.setup
        if not self.record.image or not setup.width or not setup.height:
            return wide, _LEAST
        ratio = setup.height / setup.width
        tall = wide * ratio
        return (wide, tall) if tall <= _TALLEST else (_TALLEST / ratio, _TALLEST)

    def height(self, pen: Pen, width: float) -> float:
        """Its height in mm."""
        wide = width - 2 * ((width - 2 * _GAP) * 0.33 + _GAP)
        words = sum(pen.height(one, Style.SMALL, wide) + 0.3 for one in self.words.lines)
        words += pen.height(self.words.head, Style.STRONG, wide) + 0.8
        return max(self._room(width)[1], words) + 4.0

    def paint(self, pen: Pen, x: float, y: float, width: float) -> None:
        """Draws it."""
        column = (width - 2 * _GAP) * 0.33
        wide, tall = self._room(width)
        found = self.find(self.record)
        image, why = self._image(found, pen.pixels(wide), pen.pixels(tall))
        if image is None:
            _frame_with(pen, (x, y, column, tall), why)
        else:
            pen.image(x, y, wide, tall, image)
            self._boxes(pen, x, y, wide, tall)
        left = x + column + _GAP
        if image is not None:
            heat = self._heatmap(found, pen.pixels(wide, 150.0), pen.pixels(tall, 150.0))
            if heat is None:
                _frame_with(pen, (left, y, wide, tall), self.words.no_heatmap)
            else:
                pen.image(left, y, wide, tall, heat)
        self._write(pen, left + column + _GAP, y, width - 2 * (column + _GAP))

    def _write(self, pen: Pen, x: float, y: float, width: float) -> None:
        colour = VERDICT_COLOURS[self.record.verdict]
        pen.text(x, y - 0.5, width, self.words.head, Style.STRONG, colour=colour)
        y += pen.height(self.words.head, Style.STRONG, width) + 0.3
        for line in self.words.lines:
            pen.text(x, y, width, line, Style.SMALL)
            y += pen.height(line, Style.SMALL, width) + 0.3

    def _boxes(self, pen: Pen, x: float, y: float, width: float, height: float) -> None:
        setup = self.record.setup
        if not setup.width or not setup.height:
            return
        across, down = width / setup.width, height / setup.height
        for region in self.record.regions:
            place = (x + region.x * across, y + region.y * down)
            size = (max(0.8, region.width * across), max(0.8, region.height * down))
            # White below: a box must be seen on dark parts, too.
            pen.box(*place, *size, edge="white", line=0.7)
            pen.box(*place, *size, edge=FAIL, line=0.35)

    def _image(self, found: FoundImage, width: int, height: int) -> tuple[QImage | None, str]:
        if found.image is None:
            return None, self.words.why_none(found)
        setup = self.record.setup
        if setup.width * setup.height > MOST_PIXELS:
            return None, self.words.too_large
        data = np.frombuffer(found.image, np.uint8)
        try:
            pixels = cv2.imdecode(data, cv2.IMREAD_COLOR_RGB)
        except cv2.error:
            pixels = None
        if pixels is None:
            return None, self.words.unreadable
        return scaled_picture(cast("NDArray[np.uint8]", pixels), width, height), ""

    def _heatmap(self, found: FoundImage, width: int, height: int) -> QImage | None:
        if found.heatmap is None:
            return None
        try:
            values, inspected = decode_heatmap(found.heatmap)
        except HeatmapError:
            return None
        index = to_index(values, self.record.setup.limits.reject)
        table = colours()[:, 0, ::-1]
        pixels = np.where(inspected[..., None], table[index], np.array(_UNSEEN, np.uint8))
        return scaled_picture(cast("NDArray[np.uint8]", pixels.astype(np.uint8)), width, height)


def _frame_with(pen: Pen, place: tuple[float, float, float, float], words: str) -> None:
    """A frame with a sentence where a picture is missing."""
    x, y, width, height = place
    pen.box(x, y, width, height, fill=WASH, edge=RULE)
    pen.text(x + 2.0, y + 2.0, width - 4.0, words, Style.SMALL, colour=DIM, most=height - 3.0)
