"""Chunk data and multi-part payloads of the simulated camera."""

from __future__ import annotations

import sys

import numpy as np
import pytest

pytestmark = pytest.mark.skipif(
    sys.platform == "darwin", reason="genicam has no current wheels for macOS"
)

CHUNKS = ("Timestamp", "FrameID", "ExposureTime", "Gain", "LineStatusAll", "PixelFormat")
IMAGE, MULTI_PART = 1, 10
MONO8 = 0x01080001


def enable(camera, *names: str) -> None:
    camera.write(ChunkModeActive=True)
    for name in CHUNKS:
        camera.write(ChunkSelector=name, ChunkEnable=name in names)


def chunks(camera, *names: str) -> dict:
    """What the Chunk features say of the next frame."""
    camera.start()
    try:
        return camera.fetch_chunks(20.0, [f"Chunk{name}" for name in names])
    finally:
        camera.stop()


@pytest.fixture(autouse=True)
def small(camera) -> None:
    camera.write(Width=100, Height=50, PixelFormat="Mono8", TestPattern="GreyHorizontalRamp")


def test_every_chunk_is_decoded(camera):
    enable(camera, *CHUNKS)
    camera.write(SimSkipIds=41, ExposureTime=123.5, Gain=3.25, SimLine1=True)
    assert camera.get("PayloadSize") == 100 * 50 + 6 * 8
    said = chunks(camera, *CHUNKS)
    frame = said.pop("frame")
    assert said == {
        "ChunkTimestamp": frame["time_ns"],
        "ChunkFrameID": 42,
        "ChunkExposureTime": 123.5,
        "ChunkGain": 3.25,
        "ChunkLineStatusAll": 2,
        "ChunkPixelFormat": "Mono8",
    }
    assert (frame["payload_type"], frame["has_chunks"]) == (IMAGE, True)
    assert frame["size_filled"] == 100 * 50 + 6 * 8
    row = np.arange(100) * 65535 // 99 >> 8
    assert (frame["bytes"][:5000].reshape(50, 100) == row).all(), "the picture comes first"
    camera.write(SimLine1=False)


def test_only_chunks_that_are_enabled_are_sent(camera):
    enable(camera, "FrameID", "Gain")
    assert camera.get("PayloadSize") == 100 * 50 + 2 * 8
    said = chunks(camera, *CHUNKS)
    del said["frame"]
    assert said == {"ChunkFrameID": 1, "ChunkGain": 0.0}


def test_chunks_begin_at_a_multiple_of_eight(camera):
    enable(camera, "FrameID")
    camera.write(SimPaddingX=1, Height=46)
    assert 101 * 46 % 8 == 6
    assert camera.get("PayloadSize") == 101 * 46 + 2 + 8
    assert chunks(camera, "FrameID")["ChunkFrameID"] == 1


def test_without_chunk_mode_there_are_none(camera):
    enable(camera, *CHUNKS)
    camera.write(ChunkModeActive=False)
    assert camera.get("PayloadSize") == 100 * 50
    assert camera.frame()["has_chunks"] is False


@pytest.mark.parametrize("with_chunks", [False, True])
def test_multi_part(camera, with_chunks):
    if with_chunks:
        enable(camera, "FrameID")
    camera.write(SimMultiPart=True, PixelFormat="Mono12p", SimPaddingX=10)
    image = 160 * 50
    assert camera.get("PayloadSize") == image + 5000 + 8 * with_chunks
    frame = camera.frame()
    assert (frame["payload_type"], frame["has_chunks"]) == (MULTI_PART, with_chunks)
    first, second = frame["parts"]
    assert first == {
        "data_size": image,
        "data_offset": 0,
        "data_format": 0x010C0047,
        "width": 100,
        "height": 50,
        "x_padding": 10,
    }
    assert second == {
        "data_size": 5000,
        "data_offset": image,
        "data_format": MONO8,
        "width": 100,
        "height": 50,
        "x_padding": 0,
    }
    ramp = np.arange(100) * 255 // 99
    assert (frame["bytes"][image : image + 5000].reshape(50, 100) == ramp).all()
    if with_chunks:
        assert chunks(camera, "FrameID")["ChunkFrameID"] == 1
