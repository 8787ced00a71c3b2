"""What a GenTL buffer says of its picture: plain, with chunk data, among other parts."""

from __future__ import annotations

import pytest

from uniad_desktop.cameras.frame import Chunks
from uniad_desktop.cameras.pixel_formats import by_name
from uniad_desktop.cameras.source import CameraError

pytest.importorskip("genicam", reason="GenICam is not available on this system")

from genicam import genapi, gentl

from uniad_desktop.cameras.genicam.buffers import describe
from uniad_desktop.cameras.genicam.chunks import ChunkReader

IMAGE, CHUNKED, MULTI_PART, GENDC = 1, 4, 10, 11
CONFIDENCE8 = 0x010800C6


class Module:
    """A buffer or part; what it was not given is not told, as producers may do."""

    def __init__(self, **known):
        self.__dict__.update(known)

    def __getattr__(self, name):
        raise gentl.NotAvailableException("not told")


def buffer(payload, **known):
    return Module(payload_type=payload, frame_id=7, **known)


def part(code, width=8, height=4, **known):
    size = width * height * (code >> 16 & 0xFF) // 8
    known = {"data_offset": 0, "data_size": size, **known}
    return Module(data_format=code, width=width, height=height, **known)


def test_a_plain_picture_is_told_by_the_buffer():
    plain = buffer(IMAGE, width=8, height=6, pixel_format=by_name("Mono8").code, timestamp_ns=5)
    frame = describe(plain, 11)
    assert (frame.width, frame.height, frame.offset, frame.padding) == (8, 6, 0, 0)
    assert (frame.frame_id, frame.timestamp_ns, frame.received_ns) == (7, 5, 11)
    assert frame.chunks is None


def test_the_stamp_of_the_camera_counts_before_that_of_the_producer():
    chunked = buffer(CHUNKED, width=8, height=6, pixel_format=by_name("Mono8").code, timestamp_ns=5)
    assert describe(chunked, 11, Chunks(timestamp_ns=3)).timestamp_ns == 3
    assert describe(chunked, 11, Chunks(exposure_us=40.0)).timestamp_ns == 5


def test_of_several_parts_the_first_picture_counts():
    confidence = part(CONFIDENCE8)
    picture = part(by_name("Mono12p").code, data_offset=64, data_size=4 * (12 + 2))
    frame = describe(buffer(MULTI_PART, parts=[confidence, picture]), 0)
    assert (frame.width, frame.height, frame.offset) == (8, 4, 64)
    assert frame.padding == 2
    assert frame.format_code == by_name("Mono12p").code


def test_parts_without_a_picture_are_refused_with_the_way_out():
    with pytest.raises(CameraError, match=r"none of them is a picture .* switch on its"):
        describe(buffer(MULTI_PART, parts=[part(CONFIDENCE8)]), 0)


def test_other_payloads_are_named():
    with pytest.raises(CameraError, match=r"payloads of GenTL type 11.* switch off its GenDC"):
        describe(buffer(GENDC), 0)


class FakeNodes:
    """A node map with these values; an error is one that its node raises."""

    def __init__(self, **values):
        self.values = values

    def has_node(self, name):
        return name in self.values

    def get_node(self, name):
        return FakeNode(self.values[name])


class FakeNode(genapi.IBoolean):
    def __init__(self, kept):
        self.kept = kept

    def get_access_mode(self):
        return genapi.EAccessMode.RO

    @property
    def value(self):
        if isinstance(self.kept, Exception):
            raise self.kept
        return self.kept


def test_chunks_are_read_where_the_camera_sends_them():
    reader = ChunkReader(
        FakeNodes(
            ChunkModeActive=True,
            ChunkTimestamp=123,
            ChunkExposureTime=250.5,
            ChunkLineStatusAll=5,
            ChunkGain=genapi.AccessException("not enabled"),
        )
    )
    assert reader.read() == Chunks(timestamp_ns=123, exposure_us=250.5, line_status=5)


@pytest.mark.parametrize("nodes", [{}, {"ChunkModeActive": False, "ChunkTimestamp": 1}])
def test_no_chunks_where_they_are_switched_off(nodes):
    assert ChunkReader(FakeNodes(**nodes)).read() is None


def test_chunks_that_are_all_disabled_are_none():
    off = genapi.AccessException("not enabled")
    assert ChunkReader(FakeNodes(ChunkModeActive=True, ChunkTimestamp=off)).read() is None
