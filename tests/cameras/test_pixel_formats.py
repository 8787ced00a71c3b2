"""Pixel formats: every supported one gives the picture that was put in."""

from __future__ import annotations

import numpy as np
import pytest

from uniad_desktop.cameras import pixel_formats
from uniad_desktop.cameras.conversion import to_image
from uniad_desktop.cameras.source import CameraError

RNG = np.random.default_rng(5)
HEIGHT, WIDTH = 6, 8
GREY = RNG.integers(0, 256, (HEIGHT, WIDTH), np.uint8)
COLOUR = RNG.integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
ALPHA = np.full((HEIGHT, WIDTH, 1), 77, np.uint8)


def convert(raw: np.ndarray, name: str) -> np.ndarray:
    return to_image(raw.reshape(-1).view(np.uint8), pixel_formats.by_name(name), WIDTH, HEIGHT)


@pytest.mark.parametrize(
    ("name", "raw", "expected"),
    [
        ("Mono8", GREY, GREY),
        ("RGB8", COLOUR, COLOUR),
        ("BGR8", COLOUR[..., ::-1].copy(), COLOUR),
        ("RGBa8", np.concatenate([COLOUR, ALPHA], 2), COLOUR),
        ("BGRa8", np.concatenate([COLOUR[..., ::-1], ALPHA], 2), COLOUR),
        ("Mono10", (GREY.astype("<u2") << 2) | 3, GREY),
        ("Mono12", (GREY.astype("<u2") << 4) | 15, GREY),
        ("Mono14", (GREY.astype("<u2") << 6) | 63, GREY),
        ("Mono16", (GREY.astype("<u2") << 8) | 255, GREY),
    ],
)
def test_the_picture_put_in_comes_out(name, raw, expected):
    image = convert(raw, name)
    np.testing.assert_array_equal(image, expected)
    assert image.dtype == np.uint8
    assert image.flags.c_contiguous


def test_samples_above_full_scale_saturate_instead_of_wrapping():
    raw = np.full((HEIGHT, WIDTH), 0x1000, "<u2")  # bit 12 set in a 12-bit format
    assert (convert(raw, "Mono12") == 255).all()


# Where the red sample of each 2 x 2 cell lies: (row, column), by the PFNC name.
@pytest.mark.parametrize(
    ("name", "red"),
    [("BayerRG8", (0, 0)), ("BayerGR8", (0, 1)), ("BayerGB8", (1, 0)), ("BayerBG8", (1, 1))],
)
def test_bayer_red_and_blue_are_where_the_name_says(name, red):
    size = 16
    mosaic = np.zeros((size, size), np.uint8)
    mosaic[red[0] :: 2, red[1] :: 2] = 200
    mosaic[1 - red[0] :: 2, 1 - red[1] :: 2] = 60
    image = to_image(mosaic.reshape(-1), pixel_formats.by_name(name), size, size)
    inner = image[4:-4, 4:-4]
    assert (inner[..., 0] == 200).all()
    assert (inner[..., 1] == 0).all()
    assert (inner[..., 2] == 60).all()


@pytest.mark.parametrize("name", pixel_formats.supported_names())
def test_the_result_owns_its_memory(name):
    pixel_format = pixel_formats.by_name(name)
    raw = np.full(HEIGHT * WIDTH * pixel_format.bytes_per_pixel, 9, np.uint8)
    image = to_image(raw, pixel_format, WIDTH, HEIGHT)
    before = image.copy()
    raw[:] = 250
    np.testing.assert_array_equal(image, before)


def test_row_padding_and_offset_are_removed():
    buffer = np.full(3 + HEIGHT * (WIDTH + 5), 255, np.uint8)
    rows = buffer[3:].reshape(HEIGHT, WIDTH + 5)
    rows[:, :WIDTH] = GREY
    view = pixel_formats.rows_of(
        buffer.tobytes(), pixel_formats.by_name("Mono8"), WIDTH, HEIGHT, offset=3, padding=5
    )
    np.testing.assert_array_equal(view, GREY)


def test_a_buffer_smaller_than_announced_is_refused():
    with pytest.raises(CameraError, match=r"8 x 6 pixels of Mono8 .* holds only 47 bytes"):
        pixel_formats.rows_of(bytes(47), pixel_formats.by_name("Mono8"), WIDTH, HEIGHT)


def test_an_unsupported_format_is_named_with_the_way_out():
    with pytest.raises(CameraError, match=r"sends Mono12p.* set PixelFormat to one of: Mono8\."):
        pixel_formats.by_name("Mono12p", ["Mono8", "Mono12p"])
    with pytest.raises(CameraError, match="0x010C0047"):
        pixel_formats.by_code(0x010C0047)


def test_codes_and_names_agree_with_the_driver_library():
    pfnc = pytest.importorskip("harvesters.util.pfnc", exc_type=ImportError)
    for name in pixel_formats.supported_names():
        assert pfnc.dict_by_ints[pixel_formats.by_name(name).code] == name
