"""Lettering drawn from strokes of our own.

OpenCV's fonts changed their shape between its versions 4 and 5. A model trained on lettering of
one would reject parts rendered with the other, so the letters are kept here.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from uniad_desktop.simulator.parts.common import Floats, Image

# Points "x,y" on a grid 4 wide and 6 high, y upwards. "~" rounds the corners, "@" closes a stroke.
_STROKES = {
    "A": "0,0 2,6 4,0|.7,2 3.3,2",
    "B": "2.2,0 0,0 0,6 2.2,6|0,3.2 2.2,3.2|"
    "~2.2,6 3.7,6 3.7,3.2 2.2,3.2|~2.2,3.2 4.1,3.2 4.1,0 2.2,0",
    "C": "~4,4.8 3.6,6 .0,6.4 0,3 0,-.4 3.6,0 4,1.2",
    "D": "1.5,0 0,0 0,6 1.5,6|~1.5,6 3.4,6 4.1,5 4.1,1 3.4,0 1.5,0",
    "E": "3.7,0 0,0 0,6 3.7,6|0,3.1 3.1,3.1",
    "F": "0,0 0,6 3.7,6|0,3 3.1,3",
    "G": "~4,4.8 3.6,6 .0,6.4 0,3 0,-.4 4,-.3 4,2|4,2 4,2.7 2.3,2.7",
    "H": "0,0 0,6|4,0 4,6|0,3.1 4,3.1",
    "I": "1,0 1,6",
    "J": "3,6 3,2|~3,2 3,0 1.5,0 0,0 0,1.6",
    "K": "0,0 0,6|3.8,6 0,2.4|1.3,3.6 4,0",
    "L": "0,6 0,0 3.5,0",
    "M": "0,0 0,6 2.2,2 4.4,6 4.4,0",
    "N": "0,0 0,6 4,0 4,6",
    "O": "~@0,1.4 0,4.6 .6,6 3.4,6 4,4.6 4,1.4 3.4,0 .6,0",
    "P": "0,0 0,6 2,6|~2,6 4.1,6 4.1,2.7 2,2.7|2,2.7 0,2.7",
    "Q": "~@0,1.4 0,4.6 .6,6 3.4,6 4,4.6 4,1.4 3.4,0 .6,0|2.6,1.5 4.2,-.3",
    "R": "0,0 0,6 2,6|~2,6 4,6 4,2.9 2,2.9|2,2.9 0,2.9|2.1,2.9 4,0",
    "S": "~3.7,4.9 3.4,6 .2,6.3 .1,3.6 2,3.1 4.1,2.5 4,-.3 .5,0 .1,1.2",
    "T": "0,6 4,6|2,6 2,0",
    "U": "0,6 0,2|~0,2 0,0 2,0 4,0 4,2|4,2 4,6",
    "V": "0,6 2,0 4,6",
    "W": "0,6 1.3,0 2.6,5 3.9,0 5.2,6",
    "X": "0,0 4,6|0,6 4,0",
    "Y": "0,6 2,2.9 4,6|2,2.9 2,0",
    "Z": "0,6 4,6 0,0 4,0",
    "0": "~@0,1.6 0,4.4 .5,6 3.1,6 3.6,4.4 3.6,1.6 3.1,0 .5,0",
    "1": ".4,4.8 2,6 2,0",
    "2": "~.1,4.6 .3,6 3.7,6.3 3.6,4 3,2.8 .1,0|.1,0 3.7,0",
    "3": "~.2,5.2 1,6 3.6,6.2 3.6,3.3 1.6,3.2|~1.6,3.2 4,3.2 4,-.2 1,-.1 .1,1",
    "4": "2.8,0 2.8,6 0,1.6 3.9,1.6",
    "5": "3.4,6 .5,6 .3,3.2|~.3,3.2 1,3.8 3.8,4 3.8,1.9 3.7,-.2 .9,-.2 .1,.9",
    "6": "~3.2,6 .6,5 0,3 0,-.2 1.9,0 3.8,-.1 3.8,3.7 1.8,3.6 .4,3.4 .1,2.2",
    "7": "0,6 3.7,6 1.3,0",
    "8": "~@1.9,3.3 .1,3.3 .1,6 1.9,6 3.7,6 3.7,3.3|~@1.9,3.3 -.2,3.3 -.2,0 1.9,0 4,0 4,3.3",
    "9": "~.6,0 3.2,1 3.8,3 3.8,6.2 1.9,6 0,6.1 0,2.3 2,2.4 3.4,2.6 3.7,3.8",
    "-": ".6,2.8 2.8,2.8",
    "+": ".4,2.8 3.6,2.8|2,1.2 2,4.4",
    ".": ".4,0 .5,0",
    ",": ".6,.2 .2,-1",
    ":": ".4,.8 .5,.8|.4,4 .5,4",
    "/": "0,-.6 2.6,6.4",
    "%": "0,0 4,6|~@0,4 0,6 1.6,6 1.6,4|~@2.4,0 2.4,2 4,2 4,0",
    "(": "~1.4,7 0,5 0,1 1.4,-1",
    ")": "~0,7 1.4,5 1.4,1 0,-1",
}  # fmt: skip
_SPACE = 2.2
_GAP = 1.6  # between letters, in grid units


def _rounded(points: Floats, closed: bool) -> Floats:
    """Corners cut four times (Chaikin), which tends to a quadratic spline."""
    for _ in range(4):
        ahead = np.roll(points, -1, axis=0)
        pairs = np.stack((0.75 * points + 0.25 * ahead, 0.25 * points + 0.75 * ahead), axis=1)
        if closed:
            points = pairs.reshape(-1, 2)
        else:
            inner = pairs[:-1].reshape(-1, 2)
            points = np.concatenate((points[:1], inner, points[-1:]))
    return points


@lru_cache(maxsize=64)
def _glyph(letter: str) -> tuple[tuple[tuple[bool, Floats], ...], float]:
    """Strokes (closed?, (n, 2) points) of a letter and its width, in grid units."""
    strokes = []
    for text in _STROKES[letter].split("|"):
        smooth, closed = "~" in text, "@" in text
        numbers = [[float(v) for v in pair.split(",")] for pair in text.strip("~@").split()]
        points = np.asarray(numbers, np.float32)
        strokes.append((closed, _rounded(points, closed) if smooth else points))
    width = max(float(points[:, 0].max()) for _, points in strokes)
    return tuple(strokes), width


def text_width(text: str, height: float, spread: float = 1.0) -> float:
    """Width of a line of text in px; ``height`` is that of its capitals."""
    total = sum(_SPACE if c == " " else _glyph(c)[1] for c in text.upper())
    return (total + _GAP * (len(text) - 1) * spread) * height / 6.0


def write(
    canvas: Image,
    text: str,
    x: float,
    y: float,
    height: float,
    *,
    color: tuple[int, ...] | int,
    weight: float = 0.13,
    spread: float = 1.0,
    center: bool = False,
) -> None:
    """Draw a line of capitals and digits into ``canvas``.

    Args:
        canvas: (H, W) or (H, W, 3) uint8, drawn into.
        text: letters known here; lower case is drawn as capitals.
        x: left end of the line in px, or its middle with ``center``.
        y: baseline in px.
        height: height of the capitals in px.
        color: grey level or RGB.
        weight: width of the strokes as a share of the height.
        spread: factor on the gaps between letters.
        center: whether x is the middle of the line.

    Raises:
        KeyError: a letter that has no strokes here.
    """
    scale = height / 6.0
    if center:
        x -= text_width(text, height, spread) / 2
    thick = max(1, round(weight * height))
    for letter in text.upper():
        if letter == " ":
            x += (_SPACE + _GAP * spread) * scale
            continue
        strokes, width = _glyph(letter)
        for closed, points in strokes:
            pixels = np.empty_like(points)
            pixels[:, 0] = x + points[:, 0] * scale
            pixels[:, 1] = y - points[:, 1] * scale
            fixed = np.round(pixels * 16).astype(np.int32)
            cv2.polylines(canvas, [fixed], closed, color, thick, cv2.LINE_AA, shift=4)
        x += (width + _GAP * spread) * scale
