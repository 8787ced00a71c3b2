"""The bare board: mask, tracks, pads, vias, silkscreen; and the plan of its components."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from uniad_desktop.simulator.parts.common import HEIGHT, WIDTH, Floats, Image, Rng, frozen, to_bytes
from uniad_desktop.simulator.parts.lettering import write
from uniad_desktop.simulator.parts.noise import clouds, grain

EDGE = (56, 48, 904, 672)
"""Left, top, right and bottom of the board in px."""

Component = tuple[str, str, float, float, int]

COMPONENTS: tuple[Component, ...] = (
    ("connector", "", 122, 360, 0),
    ("big chip", "UX51-R2", 470, 330, 0),
    ("small chip", "LM4081", 752, 214, 0),
    ("small chip", "RS4852", 752, 420, 0),
    ("can", "470", 268, 150, 0),
    ("can", "220", 268, 556, 0),
    ("coil", "100", 384, 150, 0),
    ("crystal", "16.000", 470, 500, 0),
    ("diode", "", 258, 250, 1),
    ("diode", "", 308, 250, 1),
    ("resistor", "103", 250, 330, 0),
    ("resistor", "472", 250, 366, 0),
    ("resistor", "472", 250, 402, 0),
    ("resistor", "220", 250, 438, 0),
    ("resistor", "101", 604, 150, 1),
    ("resistor", "101", 640, 150, 1),
    ("resistor", "512", 604, 232, 1),
    ("resistor", "512", 640, 232, 1),
    ("resistor", "103", 620, 520, 0),
    ("resistor", "331", 620, 556, 0),
    ("capacitor", "", 330, 330, 1),
    ("capacitor", "", 330, 400, 1),
    ("capacitor", "", 610, 320, 1),
    ("capacitor", "", 610, 390, 1),
    ("capacitor", "", 470, 190, 0),
    ("capacitor", "", 530, 190, 0),
    ("capacitor", "", 400, 482, 1),
    ("capacitor", "", 548, 482, 1),
    ("capacitor", "", 752, 316, 0),
    ("capacitor", "", 752, 524, 0),
    ("lamp", "", 840, 580, 1),
    ("lamp", "", 796, 580, 1),
    ("lamp", "", 752, 580, 1),
)
"""Form, lettering, middle x and y in px, quarter turns."""

_BUSES = (
    (((174.0, 286.0), (392.0, 258.0)), 7),
    (((330.0, 560.0), (730.0, 600.0)), 5),
    (((560.0, 262.0), (720.0, 180.0)), 6),
    (((560.0, 420.0), (720.0, 390.0)), 5),
    (((430.0, 92.0), (830.0, 118.0)), 4),
)
"""Parallel tracks from and to (x, y) px, and how many."""

_MASK = np.asarray((22, 92, 50), np.float32)
_TRACK = np.asarray((38, 122, 66), np.float32)
_Z = 2
_PADS = {
    "resistor": ((-17, 0), (17, 0)),
    "capacitor": ((-16, 0), (16, 0)),
    "lamp": ((-16, 0), (16, 0)),
    "diode": ((-21, 0), (21, 0)),
    "crystal": ((-44, 0), (44, 0)),
    "coil": ((-38, 0), (38, 0)),
    "can": ((-42, 0), (42, 0)),
    "small chip": tuple((s * 52, -49.5 + 15.2 * k + 3.5) for s in (-1, 1) for k in range(7)),
    "big chip": (
        *((s * 99, -78 + 12 * k) for s in (-1, 1) for k in range(14)),
        *((-78 + 12 * k, s * 99) for s in (-1, 1) for k in range(14)),
    ),
    "connector": tuple((40, -95.5 + 27 * k) for k in range(8)),
}
_PAD_SIZE = {
    "resistor": (8, 12), "capacitor": (9, 12), "lamp": (9, 12), "diode": (9, 13),
    "crystal": (11, 9), "coil": (10, 18), "can": (12, 9), "small chip": (11, 5),
    "big chip": (11, 4), "connector": (11, 7),
}  # fmt: skip


def _turned(dx: float, dy: float, quarter: int) -> tuple[float, float]:
    """A vector turned counter-clockwise on the screen, as ``np.rot90`` turns a picture."""
    for _ in range(quarter % 4):
        dx, dy = dy, -dx
    return dx, dy


def _pads() -> list[tuple[float, float, float, float]]:
    """All pads: middle x, y and half width, half height in px."""
    pads: list[tuple[float, float, float, float]] = []
    for form, _, x, y, quarter in COMPONENTS:
        half_w, half_h = _PAD_SIZE[form]
        for dx, dy in _PADS[form]:
            px, py = _turned(dx, dy, quarter)
            size = (half_w, half_h) if quarter % 2 == 0 else (half_h, half_w)
            if form == "big chip" and abs(dy) > abs(dx):
                size = (half_h, half_w)
            pads.append((x + px, y + py, *size))
    return pads


def _tracks(canvas: Image, vias: Image) -> None:
    """Tracks as a router lays them: out of the pad, a 45 degree bend, and on to a via."""
    rng = np.random.default_rng(61_003)
    for form, _, x, y, quarter in COMPONENTS:
        across = rng.choice((-1.0, 1.0))
        for k, offset in enumerate(_PADS[form]):
            dx, dy = _turned(*offset, quarter)
            many = form in {"small chip", "big chip", "connector"}
            # Away from the body; neighbours run side by side.
            out = np.asarray((np.sign(dx), 0.0) if abs(dx) > abs(dy) else (0.0, np.sign(dy)))
            side = out[::-1] * across
            first = 16 + 5.0 * (k % 5) if many else rng.uniform(12, 30)
            bend = 12 + 7.0 * (k % 3) if many else rng.uniform(8, 36)
            last = 8 + 9.0 * ((k * 3) % 4) if many else rng.uniform(6, 40)
            a = np.asarray((x + dx, y + dy))
            b = a + out * first
            c = b + (out + side) * bend
            d = c + out * last
            if not (EDGE[0] + 14 < d[0] < EDGE[2] - 14 and EDGE[1] + 14 < d[1] < EDGE[3] - 14):
                continue
            line = np.round(np.asarray((a, b, c, d)) * _Z * 16).astype(np.int32)
            cv2.polylines(canvas, [line], False, 255, 4 * _Z, cv2.LINE_AA, shift=4)
            cv2.circle(vias, (round(d[0] * _Z), round(d[1] * _Z)), 5 * _Z, 255, cv2.FILLED)
    for (start, end), lanes in _BUSES:
        for k in range(lanes):
            _bus_lane(canvas, np.asarray(start), np.asarray(end), 9.0 * k)


def _bus_lane(canvas: Image, start: Floats, end: Floats, offset: float) -> None:
    """One of several parallel tracks: level, 45 degrees down or up, level again."""
    rise = end[1] - start[1]
    half = (start[0] + end[0]) / 2 - np.sign(rise) * offset * 0.42
    below = np.asarray((0.0, offset))
    a, d = start + below, end + below
    b, c = (half - abs(rise) / 2, a[1]), (half + abs(rise) / 2, d[1])
    line = np.round(np.asarray((a, b, c, d)) * _Z * 16).astype(np.int32)
    cv2.polylines(canvas, [line], False, 255, 4 * _Z, cv2.LINE_AA, shift=4)


def _silk() -> Image:
    canvas = np.zeros((HEIGHT * _Z, WIDTH * _Z), np.uint8)
    counts: dict[str, int] = {}
    letter = {
        "resistor": "R", "capacitor": "C", "diode": "D", "lamp": "LD", "coil": "L",
        "crystal": "Y", "small chip": "U", "big chip": "U", "can": "C", "connector": "J",
    }  # fmt: skip
    reach = {
        "resistor": (28, 14), "capacitor": (27, 15), "diode": (32, 17), "lamp": (27, 15),
        "coil": (48, 42), "crystal": (54, 23), "small chip": (66, 62), "big chip": (114, 114),
        "can": (56, 47), "connector": (56, 120),
    }  # fmt: skip
    for form, _, x, y, quarter in COMPONENTS:
        name = letter[form]
        counts[name] = counts.get(name, 0) + 1
        w, h = reach[form] if quarter % 2 == 0 else reach[form][::-1]
        corners = [round(v * _Z) for v in (x - w, y - h, x + w, y + h)]
        cv2.rectangle(canvas, tuple(corners[:2]), tuple(corners[2:]), 230, _Z + 1)
        write(
            canvas,
            f"{name}{counts[name]}",
            *_name_place(form, corners),
            10 * _Z,
            color=235,
            weight=0.11,
        )
    write(canvas, "UNIAD DEMO-01", 560 * _Z, 646 * _Z, 16 * _Z, color=240, weight=0.13)
    write(canvas, "REV C", 762 * _Z, 646 * _Z, 16 * _Z, color=240, weight=0.13)
    return canvas


def _name_place(form: str, corners: list[int]) -> tuple[float, float]:
    """Left end and baseline of a component's name: above its frame, or beside it in a column."""
    if form == "resistor" and corners[2] - corners[0] > corners[3] - corners[1]:
        return corners[0] - 21 * _Z, corners[3] - 9 * _Z
    return corners[0] + 2, corners[1] - 4 * _Z


@lru_cache(maxsize=1)
def bare() -> Image:
    """The board without components on its carrier, (720, 960, 3) uint8."""
    rng = np.random.default_rng(61_001)
    big = (HEIGHT * _Z, WIDTH * _Z)
    tracks, vias, pads = (np.zeros(big, np.uint8) for _ in range(3))
    _tracks(tracks, vias)
    for x, y, half_w, half_h in _pads():
        a = (round((x - half_w) * _Z), round((y - half_h) * _Z))
        b = (round((x + half_w) * _Z), round((y + half_h) * _Z))
        cv2.rectangle(pads, a, b, 255, cv2.FILLED)
    size = (WIDTH, HEIGHT)

    def share(canvas: Image) -> Floats:
        small = cv2.resize(canvas, size, interpolation=cv2.INTER_AREA)
        return np.asarray(small, np.float32)[..., None] / np.float32(255)

    weave = grain(rng, HEIGHT, WIDTH, (0.8, 0.8)) * 1.6 + clouds(rng, HEIGHT, WIDTH, 6) * 2
    board = _MASK + (_TRACK - _MASK) * share(tracks)
    relief = cv2.GaussianBlur(share(tracks)[..., 0], (0, 0), 0.8)
    edge = cv2.Sobel(relief, cv2.CV_32F, 1, 0) + cv2.Sobel(relief, cv2.CV_32F, 0, 1)
    board += (edge * 9)[..., None] + weave[..., None]
    ring, hole = share(vias), share(cv2.erode(vias, np.ones((5, 5), np.uint8), iterations=3))
    board += (np.asarray((150, 158, 120), np.float32) - board) * ring
    board += (np.asarray((20, 26, 22), np.float32) - board) * hole
    tin = np.asarray((176, 180, 178), np.float32) + clouds(rng, HEIGHT, WIDTH, 90)[..., None] * 22
    board += (tin - board) * share(pads)
    board += (np.asarray((226, 230, 222), np.float32) - board) * share(_silk()) * 0.92
    return frozen(to_bytes(_on_carrier(board, rng)))


def _on_carrier(board: Floats, rng: Rng) -> Floats:
    """Cut the board to its outline, drill its corners and lay it on the carrier."""
    x0, y0, x1, y1 = EDGE
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    far = np.maximum(np.maximum(x0 - x, x - x1), np.maximum(y0 - y, y - y1))
    carrier = 46 + 1.8 * grain(rng, HEIGHT, WIDTH, (1.2, 1.2)) + 2 * clouds(rng, HEIGHT, WIDTH, 5)
    shadow_far = np.maximum(
        np.maximum(x0 - x + 8, x - x1 - 8), np.maximum(y0 - y + 10, y - y1 - 10)
    )
    carrier *= 1 - 0.6 * np.clip(1 - shadow_far / 14, 0, 1)
    scene = carrier[..., None] * np.asarray((1.0, 1.0, 1.04), np.float32)
    rim = np.clip(1 - np.abs(far + 2) / 2, 0, 1)[..., None]
    board = board + (np.asarray((150, 160, 110), np.float32) - board) * rim * 0.7
    scene += (board - scene) * np.clip(0.5 - far, 0, 1)[..., None]
    for cx, cy in ((x0 + 34, y0 + 34), (x1 - 34, y0 + 34), (x0 + 34, y1 - 34), (x1 - 34, y1 - 34)):
        radius = np.hypot(x - cx, y - cy)[..., None]
        scene += (np.asarray((206, 176, 96), np.float32) - scene) * np.clip(25 - radius, 0, 1)
        scene += (np.asarray((26, 26, 28), np.float32) - scene) * np.clip(14 - radius, 0, 1)
    return scene
