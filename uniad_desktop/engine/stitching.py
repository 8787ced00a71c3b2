"""The maps of a frame's tiles blended into one map of the whole frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from uniad_desktop.engine.layout import Box, Layout, LayoutError, Tile, tiles_of

LARGEST_CANVAS = 2048

_SHIFT = 8  # binary places of a polygon's corners, in map pixels


@dataclass(frozen=True, slots=True, eq=False)
class _Patch:
    """Where one tile goes: rows and columns of the canvas, how it is sampled, its weights."""

    index: int
    rows: slice
    columns: slice
    matrix: NDArray[np.float64]
    weights: NDArray[np.float32]


class Stitcher:
    """Blends tile maps, with everything that does not depend on their values worked out before.

    Within a region the weights of overlapping tiles rise linearly over the overlap and add up to
    1. Where regions overlap the larger value stands, so that neither hides what the other found.
    Outside of all regions and polygons the map is 0. May be shared by threads.

    Args:
        layout: of the product.
        tiles: its tiles for frames of this size.
        frame_size: (width, height) of the frame in pixels.
        map_size: (h, w) of each tile's map.

    Attributes:
        size: (H, W) of the full-frame map: as fine as the finest tile, but no finer than the
            frame and no side above 2048. Where that makes it coarser than a tile's map, that
            map is read at its points only, so scores must be taken from the tiles' own maps.
        inspected: (H, W) bool, True where the frame is looked at; None: everywhere.
        tile_masks: (T, h, w) bool, True where a tile's map lies inside its region's polygon, all
            False for a tile wholly outside; None: no region has a polygon.

    Raises:
        LayoutError: a polygon covers no pixel of the map.
    """

    def __init__(
        self,
        layout: Layout,
        tiles: Sequence[Tile],
        frame_size: tuple[int, int],
        map_size: tuple[int, int],
    ) -> None:
        self._expected = (len(tiles), *map_size)
        regions = layout.inspected_regions
        self.tile_masks = _tile_masks(layout, tiles, map_size)
        self.inspected: NDArray[np.bool_] | None = None
        self._regions: list[list[_Patch]] = []
        whole = Box(0, 0, *frame_size)
        if len(tiles) == 1 and tiles[0].box == whole and not regions[0].polygon:
            self.size = map_size
            return
        self.size = _canvas_size(tiles, frame_size, map_size)
        inspected = np.zeros(self.size, dtype=np.bool_)
        for number, region in enumerate(regions):
            own = [(at, tile.box) for at, tile in enumerate(tiles) if tile.region == number]
            mask = None
            if region.polygon:
                scale = (self.size[1] / frame_size[0], self.size[0] / frame_size[1])
                mask = _polygon_mask(region.polygon, (0, 0), scale, self.size)
            self._regions.append(_patches(own, mask, frame_size, self.size, map_size))
            for patch in self._regions[-1]:
                inspected[patch.rows, patch.columns] |= patch.weights > 0.0
        if not inspected.all():
            inspected.flags.writeable = False
            self.inspected = inspected

    def stitch(self, maps: NDArray[np.float32]) -> NDArray[np.float32]:
        """One map of the whole frame.

        Args:
            maps: (T, h, w) float32, not negative, in the order of the tiles.

        Returns:
            (H, W) float32, H and W as in `size`. With one tile that covers the frame it is that
            tile's map itself. What is not a number stays so.

        Raises:
            ValueError: the maps have another number or size than the tiles.
        """
        if maps.shape != self._expected:
            raise ValueError(f"Maps of shape {self._expected} are needed, not {maps.shape}.")
        if not self._regions:
            whole: NDArray[np.float32] = maps[0]
            return whole
        canvas = np.zeros(self.size, dtype=np.float32)
        for patches in self._regions:
            # A region of its own first, since its tiles add up and regions do not.
            rows = slice(patches[0].rows.start, patches[-1].rows.stop)
            columns = slice(patches[0].columns.start, patches[-1].columns.stop)
            view = canvas[rows, columns]
            blended = np.zeros(view.shape, dtype=np.float32) if len(self._regions) > 1 else view
            for patch in patches:
                height, width = patch.weights.shape
                sampled = cv2.warpAffine(
                    maps[patch.index],
                    patch.matrix,
                    (width, height),
                    flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                    borderMode=cv2.BORDER_REPLICATE,
                )
                sampled *= patch.weights
                top, left = patch.rows.start - rows.start, patch.columns.start - columns.start
                blended[top : top + height, left : left + width] += sampled
            if blended is not view:
                np.maximum(view, blended, out=view)
        return canvas


@lru_cache(maxsize=8)
def stitcher_for(
    layout: Layout, frame_size: tuple[int, int], map_size: tuple[int, int]
) -> Stitcher:
    """The stitcher of a layout for frames of one size; kept, since making one takes a while.

    Args:
        layout: of the product.
        frame_size: (width, height) of the frame in pixels.
        map_size: (h, w) of each tile's map.

    Raises:
        LayoutError: the layout does not fit the frame.
    """
    return Stitcher(layout, tiles_of(layout, *frame_size), frame_size, map_size)


def _canvas_size(
    tiles: Sequence[Tile], frame_size: tuple[int, int], map_size: tuple[int, int]
) -> tuple[int, int]:
    """(H, W) of the full-frame map."""
    width, height = frame_size
    across = width * map_size[1] / min(tile.box.width for tile in tiles)
    down = height * map_size[0] / min(tile.box.height for tile in tiles)
    return (
        max(1, min(round(down), height, LARGEST_CANVAS)),
        max(1, min(round(across), width, LARGEST_CANVAS)),
    )


def _patches(
    tiles: Sequence[tuple[int, Box]],
    mask: NDArray[np.bool_] | None,
    frame_size: tuple[int, int],
    canvas_size: tuple[int, int],
    map_size: tuple[int, int],
) -> list[_Patch]:
    """Patches of one region's tiles, given row by row with their index among all tiles."""
    across, down = frame_size[0] / canvas_size[1], frame_size[1] / canvas_size[0]
    x_weights = _weights({(box.x, box.right) for _, box in tiles}, across, canvas_size[1])
    y_weights = _weights({(box.y, box.bottom) for _, box in tiles}, down, canvas_size[0])
    patches = []
    for index, box in tiles:
        left, x_weight = x_weights[box.x, box.right]
        top, y_weight = y_weights[box.y, box.bottom]
        rows, columns = slice(top, top + len(y_weight)), slice(left, left + len(x_weight))
        weights = np.outer(y_weight, x_weight).astype(np.float32)
        if mask is not None:
            weights *= mask[rows, columns]
        # From the centre of a canvas pixel to where it lies between the centres of map pixels.
        x_scale, y_scale = map_size[1] / box.width, map_size[0] / box.height
        x_shift = ((left + 0.5) * across - box.x) * x_scale - 0.5
        y_shift = ((top + 0.5) * down - box.y) * y_scale - 0.5
        matrix = np.array([[across * x_scale, 0.0, x_shift], [0.0, down * y_scale, y_shift]])
        patches.append(_Patch(index, rows, columns, matrix, weights))
    return patches


def _weights(
    spans: set[tuple[int, int]], step: float, count: int
) -> dict[tuple[int, int], tuple[int, NDArray[np.float64]]]:
    """Weights of tiles along one side of the canvas.

    Args:
        spans: first and past-the-end frame pixel of each tile.
        step: frame pixels per canvas pixel.
        count: canvas pixels along this side.

    Returns:
        Per span: the first canvas pixel that it has a weight at, and the weights from there on.
    """
    ordered = sorted(spans)
    centres: NDArray[np.float64] = (np.arange(count, dtype=np.float64) + 0.5) * step
    table = np.empty((len(ordered), count))
    for index, (start, end) in enumerate(ordered):
        shared_before = ordered[index - 1][1] - start if index else 0
        shared_after = end - ordered[index + 1][0] if index + 1 < len(ordered) else 0
        rise = _ramp(centres - start, shared_before)
        table[index] = np.minimum(rise, _ramp(end - centres, shared_after))
        if not table[index].any():
            # A small tile of a huge frame can lie between two pixels of the canvas.
            table[index, min(int((start + end) / 2 / step), count - 1)] = 1.0
    total = table.sum(axis=0)
    table /= np.where(total > 0.0, total, 1.0)
    found = {}
    for span, weights in zip(ordered, table, strict=True):
        used = np.flatnonzero(weights)
        first, last = (int(used[0]), int(used[-1])) if used.size else (0, -1)
        found[span] = (first, weights[first : last + 1])
    return found


def _ramp(distance: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """0 before the edge of a tile, 1 from `length` on, linear in between."""
    if length <= 0:
        return (distance >= 0.0).astype(np.float64)
    return np.clip(distance / length, 0.0, 1.0)


def _tile_masks(
    layout: Layout, tiles: Sequence[Tile], map_size: tuple[int, int]
) -> NDArray[np.bool_] | None:
    regions = layout.inspected_regions
    if not any(region.polygon for region in regions):
        return None
    masks = np.ones((len(tiles), *map_size), dtype=np.bool_)
    seen = [not region.polygon for region in regions]
    for mask, tile in zip(masks, tiles, strict=True):
        polygon, box = regions[tile.region].polygon, tile.box
        if polygon:
            scale = (map_size[1] / box.width, map_size[0] / box.height)
            mask[:] = _polygon_mask(polygon, (box.x, box.y), scale, map_size)
            seen[tile.region] |= bool(mask.any())
    if not all(seen):
        raise LayoutError(
            f"{layout.label(seen.index(False))} has a polygon that is too thin to cover a pixel of "
            "the map; draw it larger."
        )
    masks.flags.writeable = False
    return masks


def _polygon_mask(
    polygon: Sequence[tuple[float, float]],
    origin: tuple[int, int],
    scale: tuple[float, float],
    size: tuple[int, int],
) -> NDArray[np.bool_]:
    """Pixels of a map inside a polygon; those that its outline runs through belong to it.

    Args:
        polygon: corners (x, y) in full-frame pixels.
        origin: x, y of the map's upper left corner in full-frame pixels.
        scale: map pixels per full-frame pixel, across and down.
        size: (rows, columns) of the map.
    """
    corners = (np.asarray(polygon, dtype=np.float64) - origin) * scale - 0.5
    mask = np.zeros(size, dtype=np.uint8)
    cv2.fillPoly(mask, [np.round(corners * (1 << _SHIFT)).astype(np.int32)], 1, shift=_SHIFT)
    return mask.astype(np.bool_)
