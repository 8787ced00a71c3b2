"""Every pixel format, chunk data and several parts, through the producer and the camera process."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from tests.cameras.conftest import first_frame
from uniad_desktop.cameras.frame import Frame
from uniad_desktop.cameras.producers import SimulatorProducer
from uniad_desktop.cameras.source import TriggerMode

pytest.importorskip("genicam", reason="GenICam is not available on this system")

from uniad_desktop.cameras.genicam.source import GenicamSource
from uniad_desktop.cameras.open import open_source
from uniad_desktop.simulator.camera import SimulatedCamera
from uniad_desktop.simulator.native.formats import LAYOUTS
from uniad_desktop.simulator.patterns import frame_number


@pytest.fixture(scope="module")
def source() -> Iterator[GenicamSource]:
    """The simulated camera with a picture that stays, not started."""
    with SimulatedCamera(seed=1, frame_rate=100.0) as line:
        simulator = SimulatorProducer(line.producer, line.environment)
        opened = open_source("sim", simulator=simulator, environ={})
        assert isinstance(opened, GenicamSource)
        opened.write_feature("TestPattern", "ColorBar")
        opened.write_feature("Width", 320)
        opened.write_feature("Height", 240)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def pictures(source) -> dict[str, np.ndarray]:
    """What formats of one byte per sample show, as far as others are compared with them."""
    return {}


def take(source: GenicamSource, **features: str | float | bool) -> Frame:
    for name, value in features.items():
        source.write_feature(name, value)
    source.start(TriggerMode.FREE_RUNNING)
    frame = first_frame(source)
    source.stop()
    return frame


def of_one_byte(name: str) -> str:
    """The format of the same colours with 8 bits."""
    return name.rstrip("pPacked0123456789") + "8" if name.startswith(("Mono", "Bayer")) else "RGB8"


@pytest.mark.parametrize("padding", [0, 8])
@pytest.mark.parametrize("name", [one.name for one in LAYOUTS])
def test_every_format_gives_the_same_picture(source, pictures, name, padding):
    frame = take(source, PixelFormat=name, SimPaddingX=padding)
    assert frame.pixel_format == name
    other = of_one_byte(name)
    if other not in pictures:
        pictures[other] = take(source, PixelFormat=other, SimPaddingX=0).image
    shown, expected = frame.image, pictures[other]
    assert shown.shape == expected.shape
    if not name.startswith("YUV"):
        np.testing.assert_array_equal(shown, expected)
        return
    # Two pixels share their colour, so that those at the edges of the bars differ.
    away = np.abs(shown.astype(int) - expected).max(2)
    assert (away > 6).mean() < 0.03


def test_chunks_and_parts_arrive_with_their_frame(source):
    source.write_feature("SimMultiPart", True)
    source.write_feature("ChunkModeActive", True)
    for chunk in ("Timestamp", "FrameID", "ExposureTime", "LineStatusAll"):
        source.write_feature("ChunkSelector", chunk)
        source.write_feature("ChunkEnable", True)
    source.write_feature("SimLine1", True)
    frame = take(
        source,
        PixelFormat="Mono12p",
        SimPaddingX=4,
        ExposureTime=1500.0,
        TestPattern="FrameCounter",
    )
    assert frame_number(frame.image) == frame.id
    chunks = frame.chunks
    assert chunks is not None
    assert (chunks.frame_id, chunks.exposure_us) == (frame.id, 1500.0)
    assert chunks.line_status == 0b10
    assert chunks.timestamp_ns == frame.timestamp_ns > 0
    assert chunks.gain is None
