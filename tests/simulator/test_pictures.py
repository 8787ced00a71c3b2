"""Pixel formats, sensors and test patterns of the simulated camera, byte by byte."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from tests.simulator.host import HostError
from tests.simulator.pixels import luma, rows_of
from uniad_desktop.simulator.native.formats import LAYOUTS
from uniad_desktop.simulator.parts import render_random_part
from uniad_desktop.simulator.patterns import frame_number

pytestmark = pytest.mark.skipif(
    sys.platform == "darwin", reason="genicam has no current wheels for macOS"
)

NAMES = [layout.name for layout in LAYOUTS]
CODES = {layout.name: layout.code for layout in LAYOUTS}


def rows(frame: dict, padding: int = 0) -> np.ndarray:
    """(H, bytes per row) without the padding, whose bytes must be there."""
    lines = frame["bytes"].reshape(frame["height"], -1)
    assert frame["padding_x"] == padding
    if padding:
        assert (lines[:, -padding:] == 0xA5).all()
    return lines[:, : lines.shape[1] - padding]


def drawn(camera, frame: dict) -> np.ndarray:
    part = camera.part(frame)
    return render_random_part(part.product, part.seed, defect_rate=0.05).image


def test_codes_are_those_of_pfnc():
    from harvesters.util._pfnc import symbolics

    assert {code: name for name, code in CODES.items()}.items() <= symbolics.items()


@pytest.mark.parametrize("name", NAMES)
def test_every_format_is_the_part_to_the_last_bit(camera, name):
    camera.write(PixelFormat=name, Width=64, Height=48, OffsetX=300, OffsetY=250, SimPaddingX=5)
    frame = camera.frame()
    picture = drawn(camera, frame)[250:298, 300:364]
    assert np.ptp(picture) > 20, "the cut-out has something to show"
    wanted = rows_of(picture, name)
    assert frame["format"] == CODES[name]
    assert (frame["width"], frame["height"]) == (64, 48)
    assert (frame["offset_x"], frame["offset_y"]) == (300, 250)
    assert camera.get("PayloadSize") == frame["size_filled"] == wanted.size + 48 * 5
    np.testing.assert_array_equal(rows(frame, 5), wanted)


def test_deep_formats_have_low_bits_that_differ(camera):
    camera.write(PixelFormat="Mono12", Width=64, Height=48, OffsetX=300, OffsetY=250)
    samples = rows(camera.frame()).copy().view("<u2")
    assert samples.max() < 4096
    assert len(np.unique(samples & 15)) == 16


def test_a_larger_sensor_stretches_the_parts(camera):
    camera.write(SimSensor="FiveMegapixel", PixelFormat="RGB8")
    assert (camera.get("WidthMax"), camera.get("Width")) == (2448, 2448)
    assert (camera.get("HeightMax"), camera.get("Height")) == (2048, 2048)
    frame = camera.frame()
    picture = drawn(camera, frame)
    x = np.arange(2448) * 960 // 2448
    y = np.arange(2048) * 720 // 2048
    np.testing.assert_array_equal(rows(frame).reshape(2048, 2448, 3), picture[y][:, x])
    camera.write(SimSensor="Standard")
    assert (camera.get("Width"), camera.get("Height")) == (960, 720)


def test_sensor_and_padding_are_locked_while_streaming(camera):
    camera.start()
    try:
        for name, value in (("SimSensor", "FiveMegapixel"), ("SimPaddingX", 8)):
            with pytest.raises(HostError, match="AccessException"):
                camera.set(name, value)
    finally:
        camera.stop()


@pytest.mark.parametrize("name", ["Mono8", "Mono12", "BayerRG8", "RGB8", "YUV422_8"])
def test_frame_counter_names_every_frame(camera, name):
    camera.write(PixelFormat=name, TestPattern="FrameCounter", Width=256, Height=16)
    camera.write(SimSkipIds=0x12344)
    frame = camera.frame()
    assert frame["id"] == 0x12345
    lines = rows(frame)
    grey = {"Mono12": lines.copy().view("<u2") >> 4, "RGB8": lines[:, 1::3]}.get(name, lines)
    grey = lines[:, 0::2] if name == "YUV422_8" else grey
    assert frame_number(grey.astype(np.uint8)) == 0x12345
    assert (grey[8:] == 128).all()


def ramp(size: int) -> np.ndarray:
    return np.arange(size) * 65535 // (size - 1)


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ("Black", lambda h, w: np.zeros((h, w), int)),
        ("White", lambda h, w: np.full((h, w), 65535)),
        ("GreyHorizontalRamp", lambda h, w: np.tile(ramp(w), (h, 1))),
        ("GreyVerticalRamp", lambda h, w: np.tile(ramp(h)[:, None], (1, w))),
        ("GreyHorizontalRampMoving", lambda h, w: np.tile(np.roll(ramp(w), -4), (h, 1))),
        ("GreyVerticalRampMoving", lambda h, w: np.tile(np.roll(ramp(h), -4)[:, None], (1, w))),
        ("HorizontalLineMoving", lambda h, w: (np.indices((h, w))[0] == 4) * 65535),
        ("VerticalLineMoving", lambda h, w: (np.indices((h, w))[1] == 4) * 65535),
    ],
)
def test_grey_patterns(camera, pattern, wanted):
    shown = camera.get("SimPartsShown")
    camera.write(TestPattern=pattern, PixelFormat="Mono16", ExposureTime=100.0)
    frame = camera.frame()
    samples = rows(frame).copy().view("<u2")
    np.testing.assert_array_equal(samples, wanted(720, 960))
    camera.write(PixelFormat="RGB8")
    colours = rows(camera.frame()).reshape(720, 960, 3)
    np.testing.assert_array_equal(colours, np.stack([samples >> 8] * 3, -1))
    assert camera.get("SimPartsShown") == shown, "no part passes an eye that is shut"


def test_colour_bars(camera):
    camera.write(TestPattern="ColorBar", PixelFormat="RGB8")
    bars = rows(camera.frame()).reshape(720, 960, 3)
    assert (bars == bars[0]).all()
    assert len({tuple(colour) for colour in bars[0]}) == 8
    camera.write(PixelFormat="Mono8")
    np.testing.assert_array_equal(rows(camera.frame()), luma(bars))


def test_five_megapixels_in_a_row_lose_nothing(camera):
    camera.write(SimSensor="FiveMegapixel", PixelFormat="Mono8", TestPattern="FrameCounter")
    camera.write(AcquisitionFrameRateEnable=False, ExposureTime=20000.0)
    camera.start()
    try:
        frames = [camera.fetch_raw(20.0) for _ in range(5)]
    finally:
        camera.stop()
    assert [frame["id"] for frame in frames] == [1, 2, 3, 4, 5]
    assert [frame_number(rows(frame)) for frame in frames] == [1, 2, 3, 4, 5]
    assert frames[0]["size_filled"] == 2448 * 2048
