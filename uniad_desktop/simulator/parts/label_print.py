"""The print of the label: the same on every part."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from uniad_desktop.simulator.parts.common import HEIGHT, WIDTH, Image, frozen
from uniad_desktop.simulator.parts.lettering import text_width, write

EDGE = (176, 56, 784, 664)
"""Left, top, right and bottom of the label in px."""

BLOCKS = {
    "logo": (210, 84, 330, 204),
    "name": (344, 92, 752, 156),
    "claim": (344, 164, 752, 200),
    "band": (206, 240, 754, 316),
    "title": (262, 252, 698, 298),
    "text": (206, 346, 560, 486),
    "square code": (604, 348, 744, 488),
    "bar code": (212, 518, 520, 636),
    "volume": (560, 520, 752, 582),
}
"""Blocks of the print that can be missing or misprinted: left, top, right, bottom in px."""

LOT = (566, 628, 19)
"""Where the lot number goes: left end, baseline, height of the capitals in px."""

_PAPER = (243, 239, 228)
_INK = (30, 44, 66)
_GREEN = (44, 132, 84)
_ORANGE = (226, 120, 34)
_ZOOM = 3
_TEXT = (
    "FOR ALL WASHABLE SURFACES IN HOUSE",
    "AND WORKSHOP. DILUTE 20 ML IN 5 L OF",
    "WATER, APPLY, LEAVE FOR 2 MINUTES,",
    "WIPE OFF. KEEP AWAY FROM CHILDREN.",
    "CONTAINS 5-15 % SURFACTANTS, CITRIC",
    "ACID, PERFUME. STORE AT 5-30 C.",
)


@lru_cache(maxsize=1)
def shape() -> Image:
    """Coverage of the label (720, 960, 3), 255 inside; rounded corners."""
    x0, y0, x1, y1 = (v * 4 for v in EDGE)
    canvas = np.zeros((HEIGHT * 4, WIDTH * 4), np.uint8)
    r = 30 * 4
    cv2.rectangle(canvas, (x0 + r, y0), (x1 - r, y1), 255, cv2.FILLED)
    cv2.rectangle(canvas, (x0, y0 + r), (x1, y1 - r), 255, cv2.FILLED)
    for cx in (x0 + r, x1 - r):
        for cy in (y0 + r, y1 - r):
            cv2.circle(canvas, (cx, cy), r, 255, cv2.FILLED)
    small = cv2.resize(canvas, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    return frozen(cv2.merge((small, small, small)))


@lru_cache(maxsize=3)
def printed(stage: str) -> Image:
    """The label's face (720, 960, 3): "blank" paper, with the "band" alone, or "full"."""
    z = _ZOOM
    canvas = np.full((HEIGHT * z, WIDTH * z, 3), _PAPER, np.uint8)
    if stage != "blank":
        _band(canvas)
    if stage == "full":
        _title(canvas)
        _logo(canvas)
        _words(canvas)
        _bars(canvas)
        _square(canvas)
    small = cv2.resize(canvas, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    return frozen(small)


def _box(
    canvas: Image, x0: float, y0: float, x1: float, y1: float, *, color: tuple[int, ...]
) -> None:
    corners = [round(v * _ZOOM) for v in (x0, y0, x1, y1)]
    canvas[corners[1] : corners[3], corners[0] : corners[2]] = color


def _line(
    canvas: Image,
    text: str,
    x: float,
    y: float,
    height: float,
    *,
    color: tuple[int, ...],
    weight: float = 0.13,
    spread: float = 1.0,
) -> None:
    z = _ZOOM
    write(canvas, text, x * z, y * z, height * z, color=color, weight=weight, spread=spread)


def _band(canvas: Image) -> None:
    _box(canvas, 208, 242, 752, 314, color=_GREEN)
    _box(canvas, 208, 306, 752, 314, color=_ORANGE)


def _title(canvas: Image) -> None:
    text, height = "CITRUS CLEANER", 30
    left = (WIDTH - text_width(text, height, 1.5)) / 2
    _line(canvas, text, left, 289, height, color=(250, 248, 240), weight=0.15, spread=1.5)


def _logo(canvas: Image) -> None:
    z = _ZOOM
    centre = (270 * z, 144 * z)
    cv2.circle(canvas, centre, 58 * z, _GREEN, cv2.FILLED, cv2.LINE_AA)
    cv2.circle(canvas, centre, 50 * z, (240, 240, 226), 2 * z, cv2.LINE_AA)
    for k in range(8):
        a = 45 * k
        cv2.ellipse(canvas, centre, (40 * z, 40 * z), 0, a + 5, a + 40, _ORANGE, cv2.FILLED)
    cv2.circle(canvas, centre, 9 * z, (240, 240, 226), cv2.FILLED, cv2.LINE_AA)


def _words(canvas: Image) -> None:
    _line(canvas, "FERNWELL", 350, 150, 50, color=_INK, weight=0.17, spread=1.25)
    _line(canvas, "HOUSE AND WORKSHOP CARE", 352, 190, 17, color=_GREEN, weight=0.14, spread=1.3)
    for row, text in enumerate(_TEXT):
        _line(canvas, text, 212, 364 + 22.5 * row, 10.5, color=_INK, weight=0.15, spread=1.1)
    _line(canvas, "500 ML", 566, 566, 36, color=_INK, weight=0.17)
    _line(canvas, "LOT / FILLED", 566, 600, 10.5, color=_INK, weight=0.15, spread=1.1)


def _bars(canvas: Image) -> None:
    digits = "4021864305717"
    left, pitch = 232.0, 2.9
    _line(canvas, digits[0], left - 16, 632, 13, color=(22, 24, 30))
    # EAN-13: parities of the left half by the first digit, then the seven modules of each digit.
    odd = _EAN_DIGITS
    parity = _EAN_PARITY[int(digits[0])]
    flip = str.maketrans("01", "10")
    bars = "101"
    for digit, kind in zip(digits[1:7], parity, strict=True):
        code = odd[int(digit)]
        bars += code if kind == "O" else code.translate(flip)[::-1]
    bars += "01010" + "".join(odd[int(d)].translate(flip) for d in digits[7:]) + "101"
    for k, bit in enumerate(bars):
        if bit == "1":
            guard = k < 3 or k > 91 or 45 <= k <= 49
            x = left + k * pitch
            _box(canvas, x, 522, x + pitch, 622 if guard else 612, color=(22, 24, 30))
    for k, digit in enumerate(digits[1:]):
        x = left + (5 + 7 * k + (5 if k > 5 else 0)) * pitch
        _line(canvas, digit, x, 632, 13, color=(22, 24, 30))


_EAN_DIGITS = (
    "0001101", "0011001", "0010011", "0111101", "0100011",
    "0110001", "0101111", "0111011", "0110111", "0001011",
)  # fmt: skip
_EAN_PARITY = (
    "OOOOOO", "OOEOEE", "OOEEOE", "OOEEEO", "OEOOEE",
    "OEEOOE", "OEEEOO", "OEOEOE", "OEOEEO", "OEEOEO",
)  # fmt: skip


def _square(canvas: Image) -> None:
    """A square code to the eye (finder patterns and modules); it carries no message."""
    rng = np.random.default_rng(51_019)
    n, pitch, left, top = 25, 5.36, 607.0, 351.0
    cells = (rng.random((n, n)) < 0.48).astype(np.uint8)
    for row, column in ((0, 0), (0, n - 7), (n - 7, 0)):
        cells[max(0, row - 1) : row + 8, max(0, column - 1) : column + 8] = 0
        cells[row : row + 7, column : column + 7] = 1
        cells[row + 1 : row + 6, column + 1 : column + 6] = 0
        cells[row + 2 : row + 5, column + 2 : column + 5] = 1
    for row, column in zip(*np.nonzero(cells), strict=True):
        x, y = left + column * pitch, top + row * pitch
        _box(canvas, x, y, x + pitch, y + pitch, color=(22, 24, 30))
