"""Pixel formats: every supported one gives the picture that was put in."""

from __future__ import annotations

import numpy as np
import pytest

from uniad_desktop.cameras import pixel_formats
from uniad_desktop.cameras.conversion import deep_to_8_bit, to_image
from uniad_desktop.cameras.source import CameraError

RNG = np.random.default_rng(5)
HEIGHT, WIDTH = 6, 8
GREY = RNG.integers(0, 256, (HEIGHT, WIDTH), np.uint8)
COLOUR = RNG.integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
ALPHA = np.full((HEIGHT, WIDTH, 1), 77, np.uint8)


def convert(raw: np.ndarray, name: str, width: int = WIDTH) -> np.ndarray:
    raw = np.ascontiguousarray(raw).reshape(-1).view(np.uint8)
    return to_image(raw, pixel_formats.by_name(name), width, HEIGHT)


def lsb_packed(samples: np.ndarray, bits: int) -> np.ndarray:
    """Samples without gaps, lowest bit first, written bit by bit as the standard draws them."""
    planes = samples.reshape(-1, 1) >> np.arange(bits) & 1
    return np.packbits(planes.astype(np.uint8).reshape(-1), bitorder="little")


def nibble_packed(samples: np.ndarray, bits: int) -> np.ndarray:
    """Two samples in three bytes as GigE Vision draws them: the low bits share the middle one."""
    first, second = samples.reshape(-1, 2).T
    low = bits - 8
    mask = (1 << low) - 1
    cells = (first >> low, (first & mask) | (second & mask) << 4, second >> low)
    return np.stack(cells, 1).astype(np.uint8)


def deep(bits: int) -> np.ndarray:
    """Samples whose high bits are GREY and whose low bits differ from pixel to pixel."""
    low = RNG.integers(0, 1 << (bits - 8), GREY.shape) if bits > 8 else 0
    return (GREY.astype(np.uint16) << (bits - 8)) | low


@pytest.mark.parametrize(
    ("name", "raw", "expected"),
    [
        ("Mono8", GREY, GREY),
        ("RGB8", COLOUR, COLOUR),
        ("BGR8", COLOUR[..., ::-1].copy(), COLOUR),
        ("RGBa8", np.concatenate([COLOUR, ALPHA], 2), COLOUR),
        ("BGRa8", np.concatenate([COLOUR[..., ::-1], ALPHA], 2), COLOUR),
        ("Mono10", deep(10).astype("<u2"), GREY),
        ("Mono12", deep(12).astype("<u2"), GREY),
        ("Mono14", deep(14).astype("<u2"), GREY),
        ("Mono16", deep(16).astype("<u2"), GREY),
        ("Mono10p", lsb_packed(deep(10), 10), GREY),
        ("Mono12p", lsb_packed(deep(12), 12), GREY),
        ("Mono10Packed", nibble_packed(deep(10), 10), GREY),
        ("Mono12Packed", nibble_packed(deep(12), 12), GREY),
    ],
)
def test_the_picture_put_in_comes_out(name, raw, expected):
    image = convert(raw, name)
    np.testing.assert_array_equal(image, expected)
    assert image.dtype == np.uint8
    assert image.flags.c_contiguous
    assert raw.nbytes == pixel_formats.by_name(name).frame_bytes(WIDTH, HEIGHT)


@pytest.mark.parametrize("bits", [10, 12])
def test_rows_that_do_not_end_with_a_byte_go_on_without_a_gap(bits):
    odd = deep(bits)[:, :-1]
    raw = lsb_packed(odd, bits)
    assert raw.size == pixel_formats.by_name(f"Mono{bits}p").frame_bytes(WIDTH - 1, HEIGHT)
    np.testing.assert_array_equal(convert(raw, f"Mono{bits}p", WIDTH - 1), GREY[:, :-1])


@pytest.mark.parametrize("suffix", ["10", "12", "10p", "12p", "10Packed", "12Packed", "16"])
@pytest.mark.parametrize("order", ["RG", "GR", "GB", "BG"])
def test_a_deep_mosaic_gives_what_its_high_bits_give(order, suffix):
    bits = int("".join(character for character in suffix if character.isdigit()))
    samples = deep(bits)
    if suffix.endswith("Packed"):
        raw = nibble_packed(samples, bits)
    else:
        raw = lsb_packed(samples, bits) if suffix.endswith("p") else samples.astype("<u2")
    np.testing.assert_array_equal(
        convert(raw, f"Bayer{order}{suffix}"), convert(GREY, f"Bayer{order}8")
    )


# Grey stays grey, and BT.601 of a pure colour in full and in limited range.
@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("YUV422_8", True),
        ("YUV422_8_UYVY", True),
        ("YCbCr422_8", True),
        ("YCbCr422_8_CbYCrY", True),
        ("YCbCr601_422_8", False),
        ("YCbCr601_422_8_CbYCrY", False),
    ],
)
def test_422_gives_the_colour_of_both_orders(name, full):
    def pixels(brightness: float, blue: float, red: float) -> np.ndarray:
        cell = [brightness, blue, brightness, red]
        if "UYVY" in name or "CbYCrY" in name:
            cell = [blue, brightness, red, brightness]
        return np.tile(np.array(cell, np.uint8), HEIGHT * WIDTH // 2)

    assert np.ptp(convert(pixels(128, 128, 128), name)) == 0
    black, scale = (0, 1.0) if full else (16, 219 / 255)
    assert (convert(pixels(black, 128, 128), name) == 0).all()
    spread = 1.0 if full else 224 / 255
    red = pixels(black + 0.299 * 200 * scale, 128 - 0.169 * 200 * spread, 128 + 0.5 * 200 * spread)
    blue = pixels(black + 0.114 * 200 * scale, 128 + 0.5 * 200 * spread, 128 - 0.081 * 200 * spread)
    np.testing.assert_allclose(convert(red, name)[2, 3], (200, 0, 0), atol=4)
    np.testing.assert_allclose(convert(blue, name)[2, 4], (0, 0, 200), atol=4)


def test_422_keeps_the_brightness_of_every_pixel():
    cells = np.full((HEIGHT, WIDTH, 2), 128, np.uint8)
    cells[..., 0] = GREY
    image = convert(cells, "YUV422_8")
    np.testing.assert_array_equal(image, np.repeat(GREY[..., None], 3, 2))


@pytest.mark.parametrize("bits", [10, 12, 14, 16])
def test_every_deep_value_becomes_its_high_bits(bits):
    values = np.arange(1 << bits, dtype="<u2").reshape(1, -1)
    np.testing.assert_array_equal(deep_to_8_bit(values, bits), values >> (bits - 8))


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
    raw = np.full(pixel_format.frame_bytes(WIDTH, HEIGHT), 9, np.uint8)
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


def test_padded_rows_that_do_not_end_with_a_byte_are_refused():
    with pytest.raises(CameraError, match="set Width to a multiple of 8"):
        pixel_formats.rows_of(bytes(99), pixel_formats.by_name("Mono10p"), 7, 2, padding=3)


def test_an_unsupported_format_is_named_with_the_way_out():
    with pytest.raises(
        CameraError, match=r"sends Confidence1p.* set PixelFormat to one of: Mono8\."
    ):
        pixel_formats.by_name("Confidence1p", ["Mono8", "Confidence1p"])
    with pytest.raises(CameraError, match="0x010100C5"):
        pixel_formats.by_code(0x010100C5)


def test_codes_and_names_agree_with_the_driver_library():
    pfnc = pytest.importorskip("harvesters.util.pfnc", exc_type=ImportError)
    for name in pixel_formats.supported_names():
        assert pfnc.dict_by_ints[pixel_formats.by_name(name).code] == name
