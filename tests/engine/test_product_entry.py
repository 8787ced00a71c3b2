"""What a manifest says of a product beyond its limits."""

import json

import numpy as np
import pytest

from tests.helpers import make_tiny_package
from uniad_desktop.app import product_list
from uniad_desktop.engine.expectation import FrameExpectation
from uniad_desktop.engine.layout import Box, Layout, RegionOfInterest
from uniad_desktop.engine.package import PackageError, open_package

NEW_FIELDS = ("layout", "pixel_limit", "least_area", "frame")


@pytest.fixture
def folder(tmp_path):
    return make_tiny_package(tmp_path / "models")


def rewritten(folder, **values):
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["products"]["board"].update(values)
    path.write_text(json.dumps(manifest))
    return open_package(folder)


def test_a_manifest_from_before_these_fields_still_opens_and_keeps_its_bytes(folder):
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    for product in manifest["products"].values():
        for name in NEW_FIELDS:
            del product[name]
    path.write_text(json.dumps(manifest))
    data = path.read_bytes()
    entry = open_package(folder).manifest.products["board"]
    assert entry.layout == Layout() and entry.pixel_limit is None
    assert entry.least_area == 0.0 and entry.frame is None
    assert path.read_bytes() == data


def test_the_fields_reach_the_station(folder):
    package = rewritten(
        folder,
        layout={
            "regions": [
                {"name": "plate", "box": {"x": 8, "y": 9, "width": 90, "height": 80}, "rows": 2}
            ],
            "mm_per_pixel": 0.05,
        },
        pixel_limit=1.5,
        least_area=40,
        frame={"width": 640, "height": 480, "colour": False},
    )
    entry = package.manifest.products["board"]
    assert entry.layout == Layout((RegionOfInterest("plate", Box(8, 9, 90, 80), rows=2),), 0.05)
    assert entry.frame == FrameExpectation(640, 480, False)
    products = {product.key: product for product in product_list(package)}
    board, label = products["board"], products["label"]
    assert (board.pixel_limit, board.least_area, board.mm_per_pixel) == (1.5, 40.0, 0.05)
    assert (label.pixel_limit, label.least_area, label.mm_per_pixel) == (None, 0.0, None)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"layout": {"regions": [{"rows": 0}]}}, "layout.regions.0.*0 x 1 tiles"),
        ({"layout": {"regions": [{"row": 2}]}}, "row"),
        ({"layout": {"mm_per_pixel": -1}}, "scale must be a positive"),
        ({"pixel_limit": 0}, "pixel_limit"),
        ({"pixel_limit": float("inf")}, "pixel_limit"),
        ({"least_area": -1}, "least_area"),
        ({"least_area": float("nan")}, "least_area"),
        ({"frame": {"width": 0}}, "width and height of a frame must be positive"),
    ],
)
def test_values_that_make_no_sense_are_refused(folder, values, words):
    with pytest.raises(PackageError, match=words):
        rewritten(folder, **values)


GREY = np.zeros((480, 640), dtype=np.uint8)
COLOUR = np.zeros((480, 640, 3), dtype=np.uint8)


@pytest.mark.parametrize("image", [GREY, COLOUR])
def test_without_wishes_every_frame_will_do(image):
    assert FrameExpectation().problem(image) == ""
    assert FrameExpectation(640, 480, image.ndim == 3).problem(image) == ""


@pytest.mark.parametrize(
    ("expected", "image", "words"),
    [
        (FrameExpectation(800, 600), GREY, ("640 x 480", "800 x 600", "Width and Height")),
        (FrameExpectation(width=641), COLOUR, ("641 x any height",)),
        (FrameExpectation(height=479), COLOUR, ("any width x 479",)),
        (FrameExpectation(colour=True), GREY, ("is grey", "RGB8")),
        (FrameExpectation(colour=False), COLOUR, ("is in colour", "Mono8")),
    ],
)
def test_another_frame_is_named_with_the_way_out(expected, image, words):
    sentence = expected.problem(image)
    assert sentence.endswith("teach the product anew.")
    assert all(word in sentence for word in words)
