import numpy as np
import pytest

from uniad_desktop.engine.layout import Box, Layout, LayoutError, RegionOfInterest, tiles_of
from uniad_desktop.engine.stitching import LARGEST_CANVAS, Stitcher, stitcher_for

FRAME = (640, 480)
MAP = (56, 64)


def stitcher(*regions, frame=FRAME, map_size=MAP):
    return stitcher_for(Layout(regions), frame, map_size)


def centres(count, length, start=0.0):
    return start + (np.arange(count) + 0.5) * length / count


def sampled(layout, function, frame=FRAME, map_size=MAP):
    """What each tile would say if its map showed a function of the frame's x and y."""
    maps = []
    for tile in tiles_of(layout, *frame):
        x = centres(map_size[1], tile.box.width, tile.box.x)
        y = centres(map_size[0], tile.box.height, tile.box.y)
        maps.append(function(x[None, :], y[:, None]))
    return np.stack(maps).astype(np.float32)


def over_the_frame(made, function, frame=FRAME):
    x, y = centres(made.size[1], frame[0]), centres(made.size[0], frame[1])
    return function(x[None, :], y[:, None])


def smooth(x, y):
    return 2.0 + np.sin(x / 70.0) * np.cos(y / 50.0)


def test_one_tile_over_the_whole_frame_is_its_own_map():
    made = stitcher()
    maps = np.random.default_rng(0).random((1, *MAP), dtype=np.float32)
    result = made.stitch(maps)
    assert np.shares_memory(result, maps) and np.array_equal(result, maps[0])
    assert made.size == MAP and made.inspected is None and made.tile_masks is None
    assert stitcher(RegionOfInterest(box=Box(0, 0, *FRAME))).stitch(maps).base is maps


@pytest.mark.parametrize("overlap", [0.0, 0.1, 0.25, 0.45])
@pytest.mark.parametrize(("rows", "columns"), [(2, 3), (1, 2), (5, 4)])
def test_a_smooth_map_comes_back_without_seams(rows, columns, overlap):
    region = RegionOfInterest(rows=rows, columns=columns, overlap=overlap)
    made = stitcher(region)
    result = made.stitch(sampled(Layout((region,)), smooth))
    expected = over_the_frame(made, smooth)
    assert result.dtype == np.float32 and made.inspected is None
    assert np.abs(result - expected).max() < 0.02
    # A seam would be a step between two neighbouring pixels that the function does not have.
    for axis in (0, 1):
        steps = np.diff(result, axis=axis) - np.diff(expected, axis=axis)
        assert np.abs(steps).max() < 0.02


def test_tiles_that_disagree_are_blended_by_a_straight_ramp():
    region = RegionOfInterest(columns=2, overlap=0.25)
    made = stitcher(region)
    result = made.stitch(np.stack([np.full(MAP, 1.0), np.full(MAP, 3.0)]).astype(np.float32))
    row = result[10]
    assert row[0] == 1.0 and row[-1] == pytest.approx(3.0) and np.array_equal(result[0], row)
    first, second = (tile.box for tile in tiles_of(Layout((region,)), *FRAME))
    x = centres(made.size[1], FRAME[0])
    share = np.clip((x - second.x) / (first.right - second.x), 0, 1)
    assert row == pytest.approx(1.0 + 2.0 * share, abs=1e-5)


@pytest.mark.parametrize("seed", range(60))
def test_every_pixel_of_a_region_is_covered_with_weights_that_sum_to_one(seed):
    random = np.random.default_rng(seed)
    frame = tuple(int(side) for side in random.integers(200, 3000, 2))
    box = None
    if seed % 2:
        x, y = (int(random.integers(0, side - 150)) for side in frame)
        box = Box(x, y, int(random.integers(150, frame[0] - x + 1)), 150)
    region = RegionOfInterest(
        box=box,
        rows=int(random.integers(1, 7)),
        columns=int(random.integers(1, 7)),
        overlap=float(random.uniform(0, 0.45)),
    )
    made = stitcher(region, frame=frame)
    result = made.stitch(np.ones((region.rows * region.columns, *MAP), dtype=np.float32))
    inside = np.ones(made.size, dtype=bool)
    if box is not None:
        x, y = centres(made.size[1], frame[0]), centres(made.size[0], frame[1])
        inside = np.outer((y >= box.y) & (y <= box.bottom), (x >= box.x) & (x <= box.right))
    assert result[inside] == pytest.approx(1.0, abs=1e-5) and not result[~inside].any()
    looked_at = np.ones_like(inside) if made.inspected is None else made.inspected
    assert np.array_equal(looked_at, inside)


def test_resolution_is_that_of_the_finest_tile_within_bounds():
    small = RegionOfInterest(box=Box(0, 0, 128, 112))
    assert stitcher(RegionOfInterest(), small).size == (480 * 56 // 112, 640 * 64 // 128)
    tiny = RegionOfInterest(box=Box(0, 0, 16, 16))
    assert stitcher(RegionOfInterest(), tiny).size == (480, 640)
    fine = stitcher(RegionOfInterest(rows=16, columns=16), frame=(20000, 9000), map_size=(224, 224))
    assert fine.size == (LARGEST_CANVAS, LARGEST_CANVAS)
    assert fine.stitch(np.ones((256, 224, 224), dtype=np.float32)) == pytest.approx(1.0, abs=1e-5)


def test_a_small_region_of_a_huge_frame_does_not_vanish():
    made = stitcher(RegionOfInterest(box=Box(24, 0, 8, 8)), frame=(65536, 64))
    assert made.stitch(np.ones((1, *MAP), dtype=np.float32)).max() == pytest.approx(1.0)


def test_regions_combine_by_the_larger_value_and_the_rest_is_zero():
    left, right = (
        RegionOfInterest(box=Box(0, 0, 320, 480)),
        RegionOfInterest(box=Box(160, 0, 320, 480)),
    )
    made = stitcher(left, right)
    for low, high in ((0, 1), (1, 0)):
        values = np.zeros((2, *MAP), dtype=np.float32)
        values[low], values[high] = 1.0, 4.0
        row = made.stitch(values)[20]
        across = centres(made.size[1], FRAME[0])
        assert (row[(across > 160) & (across < 320)] == 4.0).all()
        assert (row[across < 160] == values[0, 0, 0]).all()
        assert (row[(across > 320) & (across < 480)] == values[1, 0, 0]).all()
        assert not row[across > 480].any()
    assert np.array_equal(made.inspected[5], across <= 480)


def test_only_the_inside_of_a_polygon_is_kept():
    corners = ((100.0, 50.0), (500.0, 80.0), (300.0, 400.0))
    region = RegionOfInterest(rows=2, columns=3, polygon=corners)
    layout = Layout((region,))
    made = stitcher(region)
    result = made.stitch(np.ones((6, *MAP), dtype=np.float32))
    assert np.array_equal(result > 0, made.inspected)

    def depth(x, y):
        """Frame pixels from the nearest edge, positive inside."""
        edges = zip(corners, corners[1:] + corners[:1], strict=True)
        return np.min(
            [
                ((bx - ax) * (y - ay) - (by - ay) * (x - ax)) / np.hypot(bx - ax, by - ay)
                for (ax, ay), (bx, by) in edges
            ],
            axis=0,
        )

    away = over_the_frame(made, depth)
    assert made.inspected[away >= 0].all() and not made.inspected[away < -2 * 480 / 56].any()
    assert made.tile_masks.shape == (6, *MAP)
    for mask, tile_depth in zip(made.tile_masks, sampled(layout, depth), strict=True):
        assert mask[tile_depth >= 0.1].all() and not mask[tile_depth < -10].any()


def test_tiles_outside_a_polygon_and_regions_without_one():
    cut = RegionOfInterest(columns=2, polygon=((400, 100), (600, 100), (500, 300)))
    masks = stitcher(cut, RegionOfInterest(box=Box(0, 0, 100, 100))).tile_masks
    assert not masks[0].any() and masks[1].any() and not masks[1].all() and masks[2].all()


def test_a_polygon_too_thin_for_the_map_is_refused_not_ignored(monkeypatch):
    from uniad_desktop.engine import stitching

    region = RegionOfInterest("gap", polygon=((1, 1), (600, 1), (600, 2)))
    assert stitcher(region).tile_masks.any()  # the outline itself counts
    monkeypatch.setattr(stitching, "_polygon_mask", lambda *args: np.zeros(args[-1], dtype=bool))
    with pytest.raises(LayoutError, match="'gap' has a polygon that is too thin"):
        Stitcher(Layout((region,)), tiles_of(Layout((region,)), *FRAME), FRAME, MAP)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_a_number_stays_so(bad):
    region = RegionOfInterest(rows=2, columns=2)
    maps = np.ones((4, *MAP), dtype=np.float32)
    maps[2, 30, 30] = bad
    assert not np.isfinite(stitcher(region).stitch(maps)).all()
    above = RegionOfInterest(box=Box(0, 0, 600, 400))
    both = np.concatenate([maps, np.ones((1, *MAP), dtype=np.float32)])
    assert not np.isfinite(stitcher(region, above).stitch(both)).all()


def test_other_maps_than_expected_are_refused():
    with pytest.raises(ValueError, match=r"\(2, 56, 64\) are needed, not \(1, 56, 64\)"):
        stitcher(RegionOfInterest(columns=2)).stitch(np.zeros((1, *MAP), dtype=np.float32))


def test_a_stitcher_is_made_once_and_what_it_hands_out_cannot_be_changed():
    region = RegionOfInterest(rows=2, polygon=((0, 0), (600, 0), (0, 400)))
    made = stitcher(region)
    assert stitcher(region) is made
    for shared in (made.inspected, made.tile_masks):
        with pytest.raises(ValueError, match="read-only"):
            shared[0] = False
    with pytest.raises(LayoutError, match="does not fit"):
        stitcher(RegionOfInterest(box=Box(0, 0, 641, 10)))
