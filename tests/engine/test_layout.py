from itertools import pairwise

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from uniad_desktop.engine.layout import (
    LARGEST_OVERLAP,
    MOST_REGIONS,
    SMALLEST_TILE,
    Box,
    Layout,
    LayoutError,
    RegionOfInterest,
    smallest_defect,
    tiles_needed,
    tiles_of,
)


def test_without_regions_the_whole_frame_is_one_tile():
    (tile,) = tiles_of(Layout(), 640, 480)
    assert tile.box == Box(0, 0, 640, 480) and tile.region == 0


def test_two_rows_of_three_tiles_share_a_tenth():
    tiles = tiles_of(Layout((RegionOfInterest(rows=2, columns=3),)), 2448, 2048)
    assert [(t.box.x, t.box.y) for t in tiles] == [(x, y) for y in (0, 970) for x in (0, 786, 1573)]
    assert {(t.box.width, t.box.height) for t in tiles} == {(875, 1078)}


@pytest.mark.parametrize("seed", range(200))
def test_tiles_cover_their_region_exactly_and_stay_inside(seed):
    random = np.random.default_rng(seed)
    width, height = (int(side) for side in random.integers(200, 3000, 2))
    x, y = int(random.integers(0, width - 150)), int(random.integers(0, height - 150))
    box = Box(
        x, y, int(random.integers(150, width - x + 1)), int(random.integers(150, height - y + 1))
    )
    region = RegionOfInterest(
        box=box if seed % 3 else None,
        rows=int(random.integers(1, 9)),
        columns=int(random.integers(1, 9)),
        overlap=float(random.choice([0.0, 0.001, 0.1, 0.3, LARGEST_OVERLAP])),
    )
    tiles = tiles_of(Layout((region,)), width, height)
    whole = region.box or Box(0, 0, width, height)
    assert len(tiles) == region.rows * region.columns
    assert len({(t.box.width, t.box.height) for t in tiles}) == 1
    assert min(t.box.x for t in tiles) == whole.x and min(t.box.y for t in tiles) == whole.y
    assert max(t.box.right for t in tiles) == whole.right
    assert max(t.box.bottom for t in tiles) == whole.bottom
    seen = np.zeros((height, width), dtype=bool)
    for tile in tiles:
        seen[tile.box.y : tile.box.bottom, tile.box.x : tile.box.right] = True
    assert seen.sum() == whole.width * whole.height
    for before, after in pairwise(tiles):
        if after.box.y == before.box.y:
            shared = before.box.right - after.box.x
            assert shared >= (1 if region.overlap else 0)
            assert shared >= region.overlap * before.box.width - 1


def test_regions_follow_one_another():
    layout = Layout((RegionOfInterest(columns=2), RegionOfInterest("hole", Box(10, 20, 30, 40))))
    assert [tile.region for tile in tiles_of(layout, 100, 100)] == [0, 0, 1]
    assert layout.label(0) == "Region 1" and layout.label(1) == "The region 'hole'"


@pytest.mark.parametrize(
    ("region", "words"),
    [
        (RegionOfInterest("left", Box(600, 0, 100, 80)), r"'left' .*100 x 80.*640 x 480.*Width"),
        (RegionOfInterest(box=Box(0, 400, 100, 81)), r"Region 1 .* does not fit"),
        (RegionOfInterest(polygon=((0, 0), (640, 0), (0, 481))), r"corner \(0, 481\) lies outside"),
        (RegionOfInterest(rows=80), r"tiles of 640 x \d pixels; 8 per side.*fewer rows"),
    ],
)
def test_what_does_not_fit_the_frame_is_named_with_the_way_out(region, words):
    with pytest.raises(LayoutError, match=words):
        tiles_of(Layout((region,)), 640, 480)


def test_the_smallest_tile_is_what_preprocessing_takes():
    from uniad_desktop.engine import preprocess

    assert SMALLEST_TILE >= preprocess.SMALLEST_SIDE


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Box(-1, 0, 5, 5), "inside the frame"),
        (lambda: Box(0, 0, 0, 5), "have an area"),
        (lambda: Box(65000, 0, 1000, 5), "at most"),
        (lambda: RegionOfInterest("x" * 65), "too long"),
        (lambda: RegionOfInterest(rows=0), "0 x 1 tiles"),
        (lambda: RegionOfInterest(rows=17, columns=16), "17 x 16 tiles"),
        (lambda: RegionOfInterest(overlap=-0.1), "overlap of -0.1"),
        (lambda: RegionOfInterest(overlap=0.5), "overlap of 0.5"),
        (lambda: RegionOfInterest(overlap=float("nan")), "overlap of nan"),
        (lambda: RegionOfInterest("a", polygon=((0, 0), (1, 1))), "'a' has a polygon of 2"),
        (lambda: RegionOfInterest(polygon=((0, 0), (1, 1), (2, 2))), "without an area"),
        (lambda: RegionOfInterest(polygon=((0, 0), (9, 9), (0, float("inf")))), "not a number"),
        (
            lambda: RegionOfInterest(box=Box(5, 5, 9, 9), polygon=((4, 5), (9, 9), (5, 9))),
            r"A region .*corner \(4, 5\) lies outside",
        ),
        (lambda: Layout((RegionOfInterest(),) * (MOST_REGIONS + 1)), "at most"),
        (lambda: Layout((RegionOfInterest(rows=9, columns=9),) * 4), "324 tiles"),
        (lambda: Layout(mm_per_pixel=0.0), "scale"),
        (lambda: Layout(mm_per_pixel=float("nan")), "scale"),
    ],
)
def test_values_that_make_no_sense_are_refused_in_a_sentence(make, words):
    with pytest.raises(LayoutError, match=words):
        make()


def test_a_layout_survives_json_and_a_misspelt_field_is_refused():
    layout = Layout(
        (
            RegionOfInterest(
                "a", Box(1, 2, 30, 40), 2, 3, 0.2, ((1.0, 2.0), (9.5, 2.0), (9.0, 9.0))
            ),
        ),
        mm_per_pixel=0.05,
    )
    adapter = TypeAdapter(Layout)
    assert adapter.validate_json(adapter.dump_json(layout)) == layout
    with pytest.raises(ValidationError, match="overlap of 2"):
        adapter.validate_python({"regions": [{"overlap": 2}]})


def test_the_smallest_defect_is_a_token():
    whole = smallest_defect(960, 720)
    assert whole.width == pytest.approx(960 * 16 / 224)
    assert whole.height == pytest.approx(720 * 16 / 224)
    assert whole.side == whole.width and whole.side_mm is None
    tiled = smallest_defect(960, 720, rows=2, columns=3, mm_per_pixel=0.05)
    (tile, *_) = tiles_of(Layout((RegionOfInterest(rows=2, columns=3),)), 960, 720)
    assert tiled.width == pytest.approx(tile.box.width / 14)
    assert tiled.height == pytest.approx(tile.box.height / 14)
    assert tiled.side_mm == pytest.approx(tiled.side * 0.05)
    assert smallest_defect(960, 720, input_width=448, stride=8).width == pytest.approx(960 / 56)
    with pytest.raises(LayoutError, match="tiles"):
        smallest_defect(960, 720, rows=0)


@pytest.mark.parametrize("defect", [400.0, 69.0, 40.0, 25.5, 12.0])
@pytest.mark.parametrize("overlap", [0.0, 0.1, 0.4])
def test_tiles_needed_is_the_least_that_does(defect, overlap):
    rows, columns = tiles_needed(960, 720, defect, overlap=overlap)
    seen = smallest_defect(960, 720, rows=rows, columns=columns, overlap=overlap)
    assert seen.side <= defect
    if rows > 1:
        fewer = smallest_defect(960, 720, rows=rows - 1, columns=columns, overlap=overlap)
        assert fewer.height > defect
    if columns > 1:
        fewer = smallest_defect(960, 720, rows=rows, columns=columns - 1, overlap=overlap)
        assert fewer.width > defect


@pytest.mark.parametrize(
    ("defect", "words"),
    [(1.0, "more than 256 tiles"), (0.0, "positive"), (float("nan"), "positive")],
)
def test_a_defect_that_no_tiling_shows_is_refused(defect, words):
    with pytest.raises(LayoutError, match=words):
        tiles_needed(2448, 2048, defect)


def test_the_figures_of_the_documentation_hold():
    assert smallest_defect(1100, 900, rows=2, columns=3, mm_per_pixel=0.05).side_mm == (
        pytest.approx(1.69, abs=0.005)
    )
    assert tiles_needed(1100, 900, 2.0 / 0.05) == (2, 3)
