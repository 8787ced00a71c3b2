"""The components of the circuit board, drawn once each: RGBA sprites, colour premultiplied."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import cv2
import numpy as np

from uniad_desktop.simulator.parts.common import Floats, Image, frozen, to_bytes
from uniad_desktop.simulator.parts.lettering import write
from uniad_desktop.simulator.parts.noise import clouds, grain

_Z = 4  # drawn this much larger, then averaged down
_PAD = 14  # px around the body for pins and shadow

Color = tuple[int, int, int]


class Sketch:
    """A sprite in the making: colour and coverage at four times the size."""

    def __init__(self, width: int, height: int) -> None:
        """Start an empty sprite whose body is ``width`` x ``height`` px."""
        self.width, self.height = width + 2 * _PAD, height + 2 * _PAD
        self.color = np.zeros((self.height * _Z, self.width * _Z, 3), np.uint8)
        self.cover = np.zeros((self.height * _Z, self.width * _Z), np.uint8)

    def box(
        self, x: float, y: float, w: float, h: float, color: Color, *, corner: float = 0
    ) -> None:
        """A box at (x, y) from the body's upper left, with rounded corners."""
        x0, y0 = round((x + _PAD) * _Z), round((y + _PAD) * _Z)
        x1, y1 = x0 + round(w * _Z) - 1, y0 + round(h * _Z) - 1
        r = round(corner * _Z)
        for canvas, value in ((self.color, color), (self.cover, 255)):
            if r == 0:
                cv2.rectangle(canvas, (x0, y0), (x1, y1), value, cv2.FILLED)
                continue
            cv2.rectangle(canvas, (x0 + r, y0), (x1 - r, y1), value, cv2.FILLED)
            cv2.rectangle(canvas, (x0, y0 + r), (x1, y1 - r), value, cv2.FILLED)
            for cx in (x0 + r, x1 - r):
                for cy in (y0 + r, y1 - r):
                    cv2.circle(canvas, (cx, cy), r, value, cv2.FILLED)

    def raised(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        color: Color,
        *,
        corner: float = 1,
        rim: float = 2,
    ) -> None:
        """A box with a lit upper left and a dark lower right edge."""
        self.box(x, y, w, h, _tone(color, 0.55), corner=corner)
        self.box(x, y, w - rim, h - rim, _tone(color, 1.5, 18), corner=corner)
        inner = max(0.0, corner - 1)
        self.box(x + rim, y + rim, w - 2 * rim, h - 2 * rim, color, corner=inner)

    def disc(self, x: float, y: float, radius: float, color: Color) -> None:
        """A disc around (x, y)."""
        centre = (round((x + _PAD) * _Z), round((y + _PAD) * _Z))
        cv2.circle(self.color, centre, round(radius * _Z), color, cv2.FILLED)
        cv2.circle(self.cover, centre, round(radius * _Z), 255, cv2.FILLED)

    def text(self, text: str, x: float, y: float, height: float, color: Color) -> None:
        """A line of letters centred on x with its baseline at y."""
        write(
            self.color,
            text,
            (x + _PAD) * _Z,
            (y + _PAD) * _Z,
            height * _Z,
            color=color,
            weight=0.12,
            center=True,
        )

    def pin(self, x: float, y: float, w: float, h: float) -> None:
        """A bent, tinned pin on its solder: bright along its middle, dark at its foot."""
        long_x = w >= h
        self.box(x - 1, y - 1, w + 2, h + 2, (150, 152, 150), corner=1)
        self.box(x, y, w, h, (188, 192, 194))
        if long_x:
            self.box(x, y + h * 0.3, w, h * 0.3, (236, 240, 244))
        else:
            self.box(x + w * 0.3, y, w * 0.3, h, (236, 240, 244))

    def sprite(self, seed: int, lift: float, texture: float = 2.5) -> Image:
        """(h, w, 4) uint8: premultiplied RGB and coverage, the cast shadow included."""
        size = (self.width, self.height)
        rng = np.random.default_rng(seed)
        alpha = cv2.resize(self.cover, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        inked = self.color.astype(np.float32) * (self.cover > 0)[..., None]
        color = cv2.resize(inked, size, interpolation=cv2.INTER_AREA)
        rough = grain(rng, self.height, self.width, (0.6, 0.6)) * texture
        rough += clouds(rng, self.height, self.width, 4) * texture * 0.8
        color += (rough * alpha)[..., None]
        shift = np.asarray([[1, 0, lift * 0.8], [0, 1, lift]], np.float32)
        shadow = cv2.GaussianBlur(cv2.warpAffine(alpha, shift, size), (0, 0), 0.8 + lift * 0.35)
        shade: Floats = 0.6 * shadow * (1 - alpha)
        return frozen(to_bytes(np.dstack((color, 255 * (alpha + shade)))))


def _tone(color: Color, gain: float, lift: float = 0) -> Color:
    r, g, b = (int(min(255, c * gain + lift)) for c in color)
    return r, g, b


def _cap_ends(s: Sketch, w: int, h: int, end: int) -> None:
    """Solder fillets and tinned ends of a chip component."""
    s.box(-4, 1, w + 8, h - 2, (128, 132, 132), corner=3)
    s.box(-3, 2, w + 6, h / 2 - 2, (206, 210, 212), corner=2)
    s.raised(0, 0, end, h, (196, 200, 204), corner=1, rim=1)
    s.raised(w - end, 0, end, h, (196, 200, 204), corner=1, rim=1)


def _resistor(text: str) -> Image:
    s = Sketch(40, 21)
    _cap_ends(s, 40, 21, 8)
    s.raised(7, 0, 26, 21, (34, 34, 38), corner=0, rim=1)
    s.text(text, 20, 14.5, 8, (222, 222, 216))
    return s.sprite(1, 2)


def _capacitor(_: str) -> Image:
    s = Sketch(38, 23)
    _cap_ends(s, 38, 23, 8)
    s.raised(8, 0, 22, 23, (168, 130, 92), corner=1, rim=2)
    return s.sprite(2, 3, 4)


def _small_chip(text: str) -> Image:
    """SOIC with seven pins on the left and on the right."""
    s = Sketch(104, 118)
    for k in range(7):
        y = 9 + 15.2 * k
        s.pin(-9, y, 17, 7)
        s.pin(96, y, 17, 7)
    s.raised(6, 0, 92, 118, (40, 41, 44), corner=2, rim=2)
    s.disc(18, 13, 4.5, (26, 26, 28))
    s.text(text, 54, 54, 12, (176, 178, 178))
    s.text("2418", 54, 76, 10, (150, 152, 152))
    return s.sprite(3, 5)


def _big_chip(text: str) -> Image:
    """QFP with pins on all four sides."""
    s = Sketch(196, 196)
    for k in range(14):
        p = 20 + 12 * k - 2.75
        s.pin(-10, p, 18, 5.5)
        s.pin(188, p, 18, 5.5)
        s.pin(p, -10, 5.5, 18)
        s.pin(p, 188, 5.5, 18)
    s.raised(6, 6, 184, 184, (37, 38, 41), corner=5, rim=3)
    s.disc(28, 168, 8, (24, 24, 26))
    s.text("UNISENS", 98, 76, 18, (186, 188, 188))
    s.text(text, 98, 106, 16, (172, 174, 174))
    s.text("2418 A3 TWN", 98, 132, 11, (150, 152, 152))
    return s.sprite(4, 5)


def _can(text: str) -> Image:
    """Electrolytic capacitor seen from above: aluminium lid with a black segment."""
    s = Sketch(86, 86)
    s.box(-9, 37, 14, 12, (196, 200, 202), corner=1)
    s.box(81, 37, 14, 12, (196, 200, 202), corner=1)
    s.raised(0, 0, 86, 86, (36, 36, 38), corner=8, rim=2)
    s.disc(43, 43, 41, (112, 114, 118))
    s.disc(42, 42, 39, (222, 224, 228))
    s.disc(43, 43, 37, (186, 189, 194))
    centre = ((43 + _PAD) * _Z, (43 + _PAD) * _Z)
    cv2.ellipse(s.color, centre, (37 * _Z, 37 * _Z), 0, 122, 238, (34, 34, 42), cv2.FILLED)
    s.text(text, 59, 42, 11, (48, 48, 56))
    s.text("25V", 57, 57, 9, (48, 48, 56))
    return s.sprite(5, 11, 3)


def _connector(_: str) -> Image:
    """White pin header along the board's edge."""
    s = Sketch(74, 232)
    for k in range(8):
        s.pin(70, 16 + 27 * k, 16, 9)
    s.raised(0, 0, 72, 232, (222, 218, 204), corner=2, rim=4)
    s.box(10, 10, 42, 212, (182, 178, 164), corner=1)
    s.box(14, 14, 36, 206, (148, 144, 132))
    for k in range(8):
        s.raised(22, 14 + 27 * k, 14, 13, (206, 170, 84), corner=1, rim=2)
    return s.sprite(6, 8)


def _crystal(text: str) -> Image:
    s = Sketch(88, 38)
    s.box(-6, 13, 12, 12, (190, 194, 196), corner=1)
    s.box(82, 13, 12, 12, (190, 194, 196), corner=1)
    s.box(0, 0, 88, 38, (104, 106, 110), corner=18)
    s.box(1, 0, 86, 36, (214, 217, 220), corner=17)
    s.box(5, 4, 78, 29, (178, 181, 185), corner=14)
    s.text(text, 44, 24, 11, (70, 70, 76))
    return s.sprite(7, 5)


def _diode(_: str) -> Image:
    s = Sketch(46, 26)
    _cap_ends(s, 46, 26, 6)
    s.raised(4, 0, 38, 26, (38, 38, 40), corner=1, rim=2)
    s.box(8, 2, 6, 22, (200, 200, 196))
    return s.sprite(8, 3)


def _lamp(_: str) -> Image:
    s = Sketch(38, 23)
    _cap_ends(s, 38, 23, 8)
    s.raised(7, 0, 24, 23, (236, 232, 216), corner=1, rim=1)
    s.disc(19, 11.5, 8, (240, 220, 120))
    return s.sprite(9, 3)


def _coil(text: str) -> Image:
    s = Sketch(78, 78)
    s.box(-7, 24, 14, 30, (190, 194, 196), corner=2)
    s.box(71, 24, 14, 30, (190, 194, 196), corner=2)
    s.raised(0, 0, 78, 78, (66, 66, 70), corner=12, rim=4)
    s.disc(39, 39, 31, (52, 52, 56))
    s.disc(38, 38, 29, (82, 82, 86))
    s.text(text, 39, 46, 17, (210, 210, 204))
    return s.sprite(10, 7)


_DRAW: dict[str, Callable[[str], Image]] = {
    "resistor": _resistor,
    "capacitor": _capacitor,
    "small chip": _small_chip,
    "big chip": _big_chip,
    "can": _can,
    "connector": _connector,
    "crystal": _crystal,
    "diode": _diode,
    "lamp": _lamp,
    "coil": _coil,
}


@lru_cache(maxsize=96)
def sprite(form: str, text: str, quarter_turns: int) -> Image:
    """Sprite (h, w, 4) uint8 of a component: premultiplied RGB and coverage with shadow.

    Args:
        form: one of the component forms of this file.
        text: lettering on the body.
        quarter_turns: how often it is turned counter-clockwise by 90 degrees.
    """
    drawn = _DRAW[form](text)
    if quarter_turns % 4 == 0:
        return drawn
    return frozen(np.ascontiguousarray(np.rot90(drawn, quarter_turns)))
