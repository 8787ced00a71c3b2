"""Text in pictures: names in any script, cut to the room there is."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final

import matplotlib
from matplotlib import font_manager
from matplotlib.ft2font import FT2Font
from PIL import ImageFont

WIDE_SCRIPTS: Final = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "SimHei",
    "Yu Gothic",
    "Malgun Gothic",
    "Arial Unicode MS",
    "Droid Sans Fallback",
)
"""Fonts of the system that are tried, in this order, for what the bundled one does not have."""


def font_for(text: str, size: int) -> ImageFont.FreeTypeFont:
    """A font that has all of a text, or matplotlib's own DejaVu Sans if there is none.

    A character that no font has is drawn as an empty box.
    """
    return _font(_path_for(frozenset(shown(text))), size)


def fitted(text: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    """A text with what cannot be drawn replaced, cut in its middle to `width` pixels."""
    text = shown(text)
    kept = len(text)
    short = text
    while kept > 2 and font.getlength(short) > width:
        kept -= 1
        short = f"{text[: (kept + 1) // 2]}…{text[len(text) - kept // 2 :]}"
    return short


def shown(text: str) -> str:
    """A text on one line: line breaks, controls and bytes that are no text become ``?``."""
    return "".join(one if one.isprintable() else "?" for one in text)


@lru_cache(maxsize=16)
def _font(path: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(path), size)


@lru_cache(maxsize=256)
def _path_for(characters: frozenset[str]) -> Path:
    bundled = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    wanted = {ord(one) for one in characters}
    if wanted <= _covered(bundled):
        return bundled
    for path in _wide_fonts():
        if wanted <= _covered(path):
            return path
    return bundled


@lru_cache(maxsize=16)
def _covered(path: Path) -> frozenset[int]:
    return frozenset(FT2Font(str(path)).get_charmap())


@lru_cache(maxsize=1)
def _wide_fonts() -> tuple[Path, ...]:
    there = {one.name: Path(one.fname) for one in font_manager.fontManager.ttflist}
    return tuple(there[name] for name in WIDE_SCRIPTS if name in there)
