"""One case as a picture: image, mask, heatmap and expected appearance, with a caption."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from uniad_desktop.training.evaluation.text import fitted, font_for

Pixels = NDArray[np.uint8]

PANEL_WIDTH, PANEL_HEIGHT = 360, 320
_GAP, _LINE, _SIZE = 12, 20, 14
_LEAST_WIDTH = 560  # room for the caption, however narrow the image
_BAR_HEIGHT = 10
_BACK, _FRONT, _DULL = (22, 24, 29), (236, 238, 242), (160, 166, 178)
_TRANSPARENT_BELOW, _FULL_FROM, _STRENGTH = 0.25, 0.5, 0.75
_OUTLINE, _OUTLINE_EDGE = (0, 255, 255), (0, 0, 0)


@dataclass(frozen=True, slots=True, eq=False)
class CasePicture:
    """What is drawn.

    Attributes:
        image: (H, W) or (H, W, 3) uint8, RGB.
        mask: (H, W) bool, or None where nobody marked the defect.
        good: whether the part is good.
        anomaly_map: (h, w) float32, raw, covering the whole image.
        colours: raw values at both ends of the colour scale.
        reject: the limit, raw, marked on the colour scale, or None.
        expected: (h, w, 3) uint8, RGB, the appearance that the model expects, or None.
        caption: lines of text.
    """

    image: Pixels
    mask: NDArray[np.bool_] | None
    good: bool
    anomaly_map: NDArray[np.float32]
    colours: tuple[float, float]
    reject: float | None
    expected: Pixels | None
    caption: tuple[str, ...]


def draw_case(case: CasePicture) -> Image.Image:
    """Puts the panels side by side under their caption."""
    size = _fit(case.image.shape[1], case.image.shape[0])
    plain = _scaled(_as_rgb(case.image), size)
    panels = [("image", plain), _marked(case, plain), ("anomaly map", _heated(case, plain))]
    if case.expected is not None:
        panels.append(("expected appearance", _scaled(case.expected, size)))
    top = _GAP + _LINE * len(case.caption)
    width = max(_LEAST_WIDTH, _GAP + len(panels) * (size[0] + _GAP))
    canvas = Image.new("RGB", (width, top + _LINE + size[1] + _GAP + 2 * _LINE), _BACK)
    draw = ImageDraw.Draw(canvas)
    for number, line in enumerate(case.caption):
        place = (_GAP, _GAP // 2 + number * _LINE)
        _write(draw, place, line, width - 2 * _GAP, _FRONT if number == 0 else _DULL)
    for number, (title, pixels) in enumerate(panels):
        left = _GAP + number * (size[0] + _GAP)
        _write(draw, (left, top), title, size[0], _DULL)
        canvas.paste(Image.fromarray(pixels), (left, top + _LINE))
        if title == "anomaly map":
            _draw_scale(canvas, draw, (left, top + _LINE + size[1] + 4), size[0], case)
    return canvas


def heat_index(
    anomaly_map: NDArray[np.float32], colours: tuple[float, float]
) -> NDArray[np.float32]:
    """Where raw values lie on a colour scale: 0 at its lower end, 1 at and beyond the upper."""
    low, high = colours
    share = (anomaly_map - np.float32(low)) / np.float32(high - low)
    return np.asarray(np.clip(share, 0.0, 1.0), dtype=np.float32)


def _heated(case: CasePicture, plain: Pixels) -> Pixels:
    """The heatmap over the dulled image; transparent low on the scale, as on the line."""
    size = (plain.shape[1], plain.shape[0])
    share = cv2.resize(
        heat_index(case.anomaly_map, case.colours), size, interpolation=cv2.INTER_LINEAR
    )
    rise = (share - _TRANSPARENT_BELOW) / (_FULL_FROM - _TRANSPARENT_BELOW)
    cover = (_STRENGTH * np.clip(rise, 0.0, 1.0))[..., None]
    mixed = plain * (1.0 - cover) + _inferno(share) * cover
    return np.asarray(np.round(mixed), dtype=np.uint8)


def _marked(case: CasePicture, plain: Pixels) -> tuple[str, Pixels]:
    if case.good:
        return "good part", plain
    if case.mask is None:
        return "defect, not marked", plain
    size = (plain.shape[1], plain.shape[0])
    # Shrunk by area and kept wherever anything is left, so that a tiny defect stays to be seen.
    share = cv2.resize(case.mask.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    outlines, _ = cv2.findContours(
        (share > 0).astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE
    )
    picture = plain.copy()
    cv2.drawContours(picture, outlines, -1, _OUTLINE_EDGE, 3)
    cv2.drawContours(picture, outlines, -1, _OUTLINE, 1)
    return "defect as marked", picture


def _draw_scale(
    canvas: Image.Image,
    draw: ImageDraw.ImageDraw,
    place: tuple[int, int],
    width: int,
    case: CasePicture,
) -> None:
    """The colour scale with its ends and, as a white line, the limit."""
    left, top = place
    ramp = np.tile(np.linspace(0.0, 1.0, width, dtype=np.float32), (_BAR_HEIGHT, 1))
    canvas.paste(Image.fromarray(_inferno(ramp)), place)
    low, high = case.colours
    below = top + _BAR_HEIGHT + 2
    _write(draw, (left, below), f"{low:.3g}", width // 3, _DULL)
    last = f"{high:.3g}"
    font = font_for(last, _SIZE)
    draw.text((left + width - draw.textlength(last, font=font), below), last, _DULL, font=font)
    if case.reject is not None and low <= case.reject <= high:
        at = left + round((case.reject - low) / (high - low) * (width - 1))
        draw.line((at, top - 2, at, top + _BAR_HEIGHT + 1), fill=(255, 255, 255), width=2)
        text = f"limit {case.reject:.3g}"
        half = draw.textlength(text, font=font) / 2
        if left + 60 < at - half and at + half < left + width - 60:
            draw.text((at - half, below), text, _FRONT, font=font)


def _inferno(share: NDArray[np.float32]) -> Pixels:
    """Colours (..., 3) RGB of values 0 to 1: perceptually uniform, as on the line."""
    index = np.round(share * 255.0).astype(np.uint8)
    return np.asarray(
        cv2.cvtColor(cv2.applyColorMap(index, cv2.COLORMAP_INFERNO), cv2.COLOR_BGR2RGB), np.uint8
    )


def _write(
    draw: ImageDraw.ImageDraw,
    place: tuple[int, int],
    text: str,
    width: int,
    colour: tuple[int, int, int],
) -> None:
    font = font_for(text, _SIZE)
    draw.text(place, fitted(text, font, width), colour, font=font)


def _as_rgb(image: Pixels) -> Pixels:
    if image.ndim == 3:
        return image
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2RGB), dtype=np.uint8)


def _fit(width: int, height: int) -> tuple[int, int]:
    scale = min(PANEL_WIDTH / width, PANEL_HEIGHT / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _scaled(image: Pixels, size: tuple[int, int]) -> Pixels:
    shrinking = size[0] < image.shape[1]
    way = cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, size, interpolation=way), dtype=np.uint8)
