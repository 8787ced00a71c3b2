"""Values of the command line, checked while they are read: for ``argparse``'s ``type``."""

from __future__ import annotations

import argparse
import math
import re


def numbers(text: str) -> tuple[int, ...]:
    """Whole numbers with commas between them."""
    try:
        return tuple(int(one) for one in text.split(","))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is no list of numbers like 0,1,2,3") from error


def size(text: str) -> tuple[int, int]:
    """One side or HEIGHTxWIDTH, as (height, width)."""
    parts = text.lower().split("x")
    try:
        sides = [int(one) for one in parts]
    except ValueError:
        sides = []
    if len(sides) not in (1, 2) or min(sides) < 1:
        raise argparse.ArgumentTypeError(f"{text} is neither a number nor HEIGHTxWIDTH")
    return sides[0], sides[-1]


def tiles(text: str) -> tuple[int, int]:
    """ROWSxCOLUMNS, as (rows, columns)."""
    found = re.fullmatch(r"([1-9]\d{0,2})x([1-9]\d{0,2})", text.lower(), re.ASCII)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text} is not ROWSxCOLUMNS like 2x3")
    return int(found[1]), int(found[2])


def rectangle(text: str) -> tuple[int, int, int, int]:
    """X,Y,WIDTH,HEIGHT in pixels."""
    parts = numbers(text)
    if len(parts) != 4 or min(parts) < 0 or min(parts[2:]) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not X,Y,WIDTH,HEIGHT like 300,200,1100,900")
    return parts[0], parts[1], parts[2], parts[3]


def _float(text: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is no number") from error
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"{text} is not finite")
    return value


def positive(text: str) -> float:
    """A finite number above 0."""
    value = _float(text)
    if value <= 0.0:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return value


def not_negative(text: str) -> float:
    """A finite number, at least 0."""
    value = _float(text)
    if value < 0.0:
        raise argparse.ArgumentTypeError(f"{text} is below 0")
    return value


def share(text: str) -> float:
    """At least 0, below 1."""
    value = _float(text)
    if not 0.0 <= value < 1.0:
        raise argparse.ArgumentTypeError(f"{text} is not at least 0 and below 1")
    return value


def rate(text: str) -> float:
    """Between 0 and 1, both left out."""
    value = share(text)
    if value == 0.0:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return value


def whole(text: str) -> int:
    """A whole number from 0 to 2147483647."""
    value = int(text) if text.isdecimal() else -1
    if not 0 <= value < 2**31:
        raise argparse.ArgumentTypeError(f"{text} is no whole number from 0 to 2147483647")
    return value


def count(text: str) -> int:
    """A whole number, at least 1."""
    value = whole(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return value


def version(text: str) -> str:
    """Like 1.0.0."""
    if not re.fullmatch(r"\d{1,6}\.\d{1,6}\.\d{1,6}", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"{text} is no version like 1.0.0")
    return text


def key(text: str) -> str:
    """A key of the manifest: small letters, digits, - and _."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", text):
        raise argparse.ArgumentTypeError(
            f"{text} may have small letters, digits, - and _ only, and 64 of them at most"
        )
    return text


def percent(text: str) -> float:
    """From 0 to 100."""
    value = _float(text)
    if not 0.0 <= value <= 100.0:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 100")
    return value
