"""Where a frame is looked at: regions of interest, cut into tiles of the network's input size."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

MOST_REGIONS: Final = 64
MOST_TILES: Final = 256
MOST_POINTS: Final = 256
LONGEST_NAME: Final = 64
LARGEST_OVERLAP: Final = 0.45  # from half a tile on, three tiles would meet in one place
SMALLEST_TILE: Final = 8  # pixels per side; the least that pre-processing takes
LARGEST_SIDE: Final = 1 << 16


class LayoutError(ValueError):
    """A layout makes no sense or does not fit the frame; the message is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of full-frame pixels: x, y of its upper left corner, width, height."""

    x: int
    y: int
    width: int
    height: int

    def __post_init__(self) -> None:
        if min(self.x, self.y) < 0 or min(self.width, self.height) < 1:
            raise LayoutError(f"A box must lie inside the frame and have an area, got {self}.")
        if max(self.right, self.bottom) > LARGEST_SIDE:
            raise LayoutError(f"A box may reach to pixel {LARGEST_SIDE} at most, got {self}.")

    def __str__(self) -> str:
        return f"x {self.x}, y {self.y}, {self.width} x {self.height}"

    @property
    def right(self) -> int:
        """First column right of the box."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """First row below the box."""
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class RegionOfInterest:
    """A part of the frame that is inspected.

    Attributes:
        name: what messages call it; may be empty.
        box: where it lies in full-frame pixels; None is the whole frame.
        rows, columns: into how many tiles it is cut.
        overlap: share of a tile's side that it has in common with its neighbour, at least.
        polygon: corners (x, y) in full-frame pixels, (0, 0) the frame's upper left corner; only
            what lies inside is judged. They may not leave the box. Empty: all of the box. Where
            the outline crosses itself, what it goes around twice is outside.

    Raises:
        LayoutError: a value makes no sense.
    """

    name: str = ""
    box: Box | None = None
    rows: int = 1
    columns: int = 1
    overlap: float = 0.1
    polygon: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        if len(self.name) > LONGEST_NAME:
            raise LayoutError(
                f"The name '{self.name[:LONGEST_NAME]}…' of a region is too long; {LONGEST_NAME} "
                "characters are the most."
            )
        label = f"The region '{self.name}'" if self.name else "A region"
        if min(self.rows, self.columns) < 1 or self.rows * self.columns > MOST_TILES:
            raise LayoutError(
                f"{label} has {self.rows} x {self.columns} tiles; 1 to {MOST_TILES} are possible."
            )
        if not 0.0 <= self.overlap <= LARGEST_OVERLAP:
            raise LayoutError(
                f"{label} has an overlap of {self.overlap}; it must lie between 0 and "
                f"{LARGEST_OVERLAP} of a tile's side."
            )
        if self.polygon:
            self._check_polygon(label)
        if self.polygon and self.box is not None:
            self.check_polygon_inside(self.box, label)

    def check_polygon_inside(self, box: Box, label: str) -> None:
        """Raises LayoutError where a corner of the polygon lies outside of `box`.

        What was drawn and is not looked at would be a silent PASS.
        """
        for x, y in self.polygon:
            if not (box.x <= x <= box.right and box.y <= y <= box.bottom):
                raise LayoutError(
                    f"{label} has a polygon whose corner ({x:g}, {y:g}) lies outside of its box "
                    f"({box}); move the corner or make the box larger."
                )

    def _check_polygon(self, label: str) -> None:
        count = len(self.polygon)
        if not 3 <= count <= MOST_POINTS:
            raise LayoutError(
                f"{label} has a polygon of {count} corners; 3 to {MOST_POINTS} are possible."
            )
        if not all(math.isfinite(number) for corner in self.polygon for number in corner):
            raise LayoutError(f"{label} has a polygon with a corner that is not a number.")
        if _area(self.polygon) < 1.0:
            raise LayoutError(
                f"{label} has a polygon without an area; draw its corners in order around the part."
            )


@dataclass(frozen=True, slots=True)
class Layout:
    """How the frames of a product are cut up.

    Attributes:
        regions: what is inspected; none is the whole frame as one tile. They may overlap.
        mm_per_pixel: millimetres per full-frame pixel where the scale is known, else None.

    Raises:
        LayoutError: there are too many regions or tiles, or the scale makes no sense.
    """

    regions: tuple[RegionOfInterest, ...] = ()
    mm_per_pixel: float | None = None

    def __post_init__(self) -> None:
        if len(self.regions) > MOST_REGIONS:
            raise LayoutError(
                f"A product can have {MOST_REGIONS} regions at most, not {len(self.regions)}."
            )
        tiles = sum(region.rows * region.columns for region in self.regions)
        if tiles > MOST_TILES:
            raise LayoutError(
                f"The regions have {tiles} tiles together; {MOST_TILES} are the most. Choose fewer "
                "rows and columns."
            )
        scale = self.mm_per_pixel
        if scale is not None and not (math.isfinite(scale) and scale > 0.0):
            raise LayoutError(f"The scale must be a positive number of mm per pixel, not {scale}.")

    @property
    def inspected_regions(self) -> tuple[RegionOfInterest, ...]:
        """The regions, or the one that stands for the whole frame."""
        return self.regions or (RegionOfInterest(),)

    @property
    def tile_count(self) -> int:
        """Tiles of every frame."""
        return sum(region.rows * region.columns for region in self.inspected_regions)

    def label(self, region: int) -> str:
        """How a sentence calls the region with this index."""
        name = self.inspected_regions[region].name
        return f"The region '{name}'" if name else f"Region {region + 1}"


@dataclass(frozen=True, slots=True)
class Tile:
    """A box of the frame that is scaled to the network's input; index of the region it is of."""

    box: Box
    region: int


@lru_cache(maxsize=64)
def tiles_of(layout: Layout, frame_width: int, frame_height: int) -> tuple[Tile, ...]:
    """The tiles of a frame, region by region, each row by row.

    Those of one region have the same size and cover it exactly; neighbours have at least the
    region's overlap in common, rounded to whole pixels (at least one where it is above 0).

    Args:
        layout: of the product.
        frame_width: of the frame in pixels.
        frame_height: likewise.

    Returns:
        One tile or more, none of which leaves the frame.

    Raises:
        LayoutError: a region or its polygon leaves the frame, or its tiles would be too small.
    """
    tiles: list[Tile] = []
    for index, region in enumerate(layout.inspected_regions):
        label = layout.label(index)
        box = region.box or Box(0, 0, frame_width, frame_height)
        if box.right > frame_width or box.bottom > frame_height:
            raise LayoutError(
                f"{label} ({box}) does not fit into the frame of {frame_width} x {frame_height} "
                "pixels; choose another region, or set the camera's Width and Height to what the "
                "region was drawn for."
            )
        region.check_polygon_inside(box, label)
        width = _tile_side(box.width, region.columns, region.overlap)
        height = _tile_side(box.height, region.rows, region.overlap)
        if min(width, height) < SMALLEST_TILE:
            raise LayoutError(
                f"{label} ({box}) would have tiles of {width} x {height} pixels; "
                f"{SMALLEST_TILE} per side are the least. Choose fewer rows and columns or a "
                "larger region."
            )
        tiles += [
            Tile(Box(box.x + x, box.y + y, width, height), index)
            for y in _starts(box.height, height, region.rows)
            for x in _starts(box.width, width, region.columns)
        ]
    return tuple(tiles)


@dataclass(frozen=True, slots=True)
class DefectSize:
    """Extent of a defect: width and height in full-frame pixels, scale where it is known."""

    width: float
    height: float
    mm_per_pixel: float | None = None

    @property
    def side(self) -> float:
        """The larger of width and height, in full-frame pixels."""
        return max(self.width, self.height)

    @property
    def side_mm(self) -> float | None:
        """The same in millimetres, None without a scale."""
        return None if self.mm_per_pixel is None else self.side * self.mm_per_pixel


def smallest_defect(
    width: int,
    height: int,
    *,
    rows: int = 1,
    columns: int = 1,
    overlap: float = 0.1,
    input_height: int = 224,
    input_width: int = 224,
    stride: int = 16,
    mm_per_pixel: float | None = None,
) -> DefectSize:
    """The smallest defect that can be relied on to be seen: one that covers a token.

    The network compares *tokens*, squares of `stride` pixels of its input; a tile has
    ``input / stride`` of them along each side, whatever its size in the frame. A defect that
    covers less than a token shares it with normal surroundings, which thin out its difference: in
    docs/figures.md such ones (below about 70 of 960 pixels scaled to 224) are what is missed most.
    So the size of a token in the frame is taken as the limit. It is a rule, not a guarantee: a
    smaller defect of strong contrast is often found, a larger one of little contrast may not be;
    only parts with real defects tell.

    Args:
        width: of the region in full-frame pixels.
        height: likewise.
        rows: of tiles that it is cut into.
        columns: likewise.
        overlap: share of a tile's side that it has in common with its neighbour. From
            ``stride / input`` on (0.07 at 224) a defect of this size lies whole in some tile.
        input_height: rows of the network's input in pixels.
        input_width: its columns.
        stride: input pixels per token.
        mm_per_pixel: millimetres per full-frame pixel, or None.

    Returns:
        Width and height of a token in the frame.

    Raises:
        LayoutError: a count or the overlap makes no sense.
    """
    RegionOfInterest(rows=rows, columns=columns, overlap=overlap)  # checks them
    return DefectSize(
        _tile_side(width, columns, overlap) * stride / input_width,
        _tile_side(height, rows, overlap) * stride / input_height,
        mm_per_pixel,
    )


def tiles_needed(
    width: int,
    height: int,
    defect: float,
    *,
    overlap: float = 0.1,
    input_height: int = 224,
    input_width: int = 224,
    stride: int = 16,
) -> tuple[int, int]:
    """The fewest tiles with which defects of a given size can be relied on to be seen.

    The inverse of `smallest_defect`, by the same rule.

    Args:
        width: of the region in full-frame pixels.
        height: likewise.
        defect: side of the smallest defect to find, in full-frame pixels; a size in millimetres
            is divided by the scale first.
        overlap: as in `smallest_defect`.
        input_height: likewise.
        input_width: likewise.
        stride: likewise.

    Returns:
        (rows, columns).

    Raises:
        LayoutError: the size is no positive number, or even the most tiles would not do.
    """
    if not (math.isfinite(defect) and defect > 0.0):
        raise LayoutError(f"The size of a defect must be a positive number, not {defect}.")
    RegionOfInterest(overlap=overlap)  # checks it
    rows = _fewest(height, defect * input_height / stride, overlap)
    columns = _fewest(width, defect * input_width / stride, overlap)
    if rows * columns > MOST_TILES:
        raise LayoutError(
            f"A defect of {defect:g} pixels in a region of {width} x {height} would take more than "
            f"{MOST_TILES} tiles; choose a smaller region, a larger defect or a larger input."
        )
    return rows, columns


def _fewest(length: int, largest_tile: float, overlap: float) -> int:
    """Least number of tiles along a side none of which is longer than `largest_tile`."""
    for count in range(1, MOST_TILES + 1):
        if _tile_side(length, count, overlap) <= largest_tile:
            return count
    return MOST_TILES + 1


def _tile_side(length: int, count: int, overlap: float) -> int:
    """Side of `count` equal tiles that cover `length` with the overlap, in whole pixels."""
    # The small number keeps what rounding errors add from making a tile a pixel longer.
    side = min(length, math.ceil(length / (count - (count - 1) * overlap) - 1e-9))
    # Starts are rounded to pixels, which may eat a small overlap up.
    while (
        count > 1 and overlap > 0.0 and side < length and _largest_step(length, side, count) >= side
    ):
        side += 1
    return side


def _largest_step(length: int, side: int, count: int) -> int:
    return -(-(length - side) // (count - 1))


def _starts(length: int, side: int, count: int) -> list[int]:
    """First pixels of the tiles: the first at 0, the last ends at `length`."""
    if count == 1:
        return [0]
    return [index * (length - side) // (count - 1) for index in range(count)]


def _area(polygon: Sequence[tuple[float, float]]) -> float:
    """Area of a polygon (shoelace formula)."""
    following = (*polygon[1:], polygon[0])
    pairs = zip(polygon, following, strict=True)
    return abs(sum(x * v - u * y for (x, y), (u, v) in pairs)) / 2.0
