"""Moving and resizing regions of interest, in full-frame pixels. No Qt."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from uniad_desktop.engine.layout import Box, Layout, LayoutError, RegionOfInterest, tiles_of


class Handle(NamedTuple):
    """What of a region is dragged: -1 the left or upper side, 1 the other one, 0 neither."""

    x: int
    y: int


HANDLES = tuple(Handle(x, y) for y in (-1, 0, 1) for x in (-1, 0, 1) if (x, y) != (0, 0))

Regions = tuple[RegionOfInterest, ...]
Size = tuple[int, int]
"""Width and height of the frame in pixels."""

Point = tuple[float, float]
"""x and y in full-frame pixels."""


def box_of(region: RegionOfInterest, size: Size) -> Box:
    """The box of a region, or the whole frame of this size."""
    return region.box or Box(0, 0, *size)


def between(one: Point, other: Point, size: Size) -> Box | None:
    """The box between two points, cut to the frame; None where nothing is left of it."""
    left, right = sorted(_clamped(x, size[0]) for x in (one[0], other[0]))
    top, bottom = sorted(_clamped(y, size[1]) for y in (one[1], other[1]))
    if right <= left or bottom <= top:
        return None
    return Box(left, top, right - left, bottom - top)


def moved(region: RegionOfInterest, by: Point, size: Size) -> RegionOfInterest:
    """The region shifted, as far as the frame allows; its polygon goes with it."""
    box = box_of(region, size)
    x = _clamped(box.x + by[0], max(0, size[0] - box.width))
    y = _clamped(box.y + by[1], max(0, size[1] - box.height))
    return with_box(region, Box(x, y, box.width, box.height), size)


def resized(
    region: RegionOfInterest, handle: Handle, by: Point, size: Size
) -> RegionOfInterest | None:
    """The region with a handle dragged, cut to the frame; None where nothing is left of it."""
    box = box_of(region, size)
    left, right = box.x + by[0] * (handle.x < 0), box.right + by[0] * (handle.x > 0)
    top, bottom = box.y + by[1] * (handle.y < 0), box.bottom + by[1] * (handle.y > 0)
    if right <= left or bottom <= top:
        return None
    made = between((left, top), (right, bottom), size)
    return None if made is None else with_box(region, made, size)


def with_box(region: RegionOfInterest, box: Box, size: Size) -> RegionOfInterest:
    """The region in another box; its polygon is shifted and scaled along."""
    former = box_of(region, size)
    if box == former:
        return region
    sx, sy = box.width / former.width, box.height / former.height
    # Rounding must not put a corner outside of the box, which a layout refuses.
    polygon = tuple(
        (
            min(max(box.x + (x - former.x) * sx, box.x), box.right),
            min(max(box.y + (y - former.y) * sy, box.y), box.bottom),
        )
        for x, y in region.polygon
    )
    return replace(region, box=box, polygon=polygon)


def problem_of(regions: Regions, before: Regions, size: Size | None) -> str:
    """Why a change makes no sense; empty where it does.

    What was there before is not looked at: regions drawn for another frame are mended one by one.

    Args:
        regions: after the change.
        before: and before it.
        size: of the frame; None where it is not known.
    """
    try:
        Layout(regions)
        if size is not None:
            for region in regions:
                if region not in before:
                    tiles_of(Layout((region,)), *size)
    except LayoutError as error:
        return str(error)
    return ""


def _clamped(value: float, most: int) -> int:
    return min(max(0, round(value)), most)
