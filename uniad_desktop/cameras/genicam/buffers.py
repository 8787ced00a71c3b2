"""What a GenTL buffer says of the frame in it. Runs in the camera process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from genicam import gentl

from uniad_desktop.cameras import pixel_formats
from uniad_desktop.cameras.frame import Chunks
from uniad_desktop.cameras.genicam.features import DRIVER_ERRORS
from uniad_desktop.cameras.source import CameraError

Buffer: TypeAlias = Any  # genicam.gentl.Buffer; genicam has no types
Part: TypeAlias = Any

_PICTURES = (
    int(gentl.PAYLOADTYPE_INFO_IDS.PAYLOAD_TYPE_IMAGE),
    # A picture followed by chunk data, as GenTL before 1.5 calls it.
    int(gentl.PAYLOADTYPE_INFO_IDS.PAYLOAD_TYPE_CHUNK_DATA),
)
_MULTI_PART = int(gentl.PAYLOADTYPE_INFO_IDS.PAYLOAD_TYPE_MULTI_PART)


@dataclass(frozen=True, slots=True)
class RawFrame:
    """A complete frame in a buffer that still belongs to the producer.

    Attributes:
        buffer: to be given back with `Camera.give_back`.
        width: pixels per row.
        height: rows that arrived.
        format_code: PFNC 32-bit value.
        offset: bytes before the first pixel.
        padding: bytes after each row.
        frame_id: block id.
        timestamp_ns: camera clock, 0 where there is none.
        received_ns: ``time.monotonic_ns`` when it was fetched.
        chunks: what the camera sent with it; None where it sends no chunk data.
    """

    buffer: Buffer
    width: int
    height: int
    format_code: int
    offset: int
    padding: int
    frame_id: int
    timestamp_ns: int
    received_ns: int
    chunks: Chunks | None = None


def describe(buffer: Buffer, received_ns: int, chunks: Chunks | None = None) -> RawFrame:
    """Reads the BUFFER_INFO entries of a complete buffer.

    Of a multi-part buffer the first picture of a supported format counts.

    Raises:
        CameraError: it holds no picture.
    """
    payload = int(buffer.payload_type)
    if payload == _MULTI_PART:
        place = _part_place(_first_picture(buffer))
    elif payload in _PICTURES:
        place = _place(buffer)
    else:
        raise CameraError(
            f"The camera sends payloads of GenTL type {payload}, but only pictures, alone or among "
            "other parts, are supported; switch off its GenDC or compressed transfer."
        )
    width, height, format_code, offset, padding = place
    stamped = chunks.timestamp_ns if chunks is not None else None
    return RawFrame(
        buffer=buffer,
        width=width,
        height=height,
        format_code=format_code,
        offset=offset,
        padding=padding,
        frame_id=int(buffer.frame_id),
        # The camera stamps the exposure itself; a producer may do so on arrival.
        timestamp_ns=_number(buffer, "timestamp_ns") if stamped is None else stamped,
        received_ns=received_ns,
        chunks=chunks,
    )


def _place(buffer: Buffer) -> tuple[int, int, int, int, int]:
    """Width, height, PFNC value, offset and padding of the picture that is the whole payload."""
    return (
        int(buffer.width),
        _number(buffer, "delivered_image_height") or int(buffer.height),
        int(buffer.pixel_format),
        _number(buffer, "image_offset"),
        _number(buffer, "padding_x"),
    )


def _part_place(part: Part) -> tuple[int, int, int, int, int]:
    """The same of a part.

    GenTL gives the padding of parts in pixels and producers in bytes, so it is taken from the size.
    """
    width = int(part.width)
    height = _number(part, "delivered_image_height") or int(part.height)
    format_code = int(part.data_format)
    row, rest = divmod(int(part.data_size), max(1, height))
    bits = width * (format_code >> 16 & 0xFF)
    padding = max(0, row - bits // 8) if rest == 0 and bits % 8 == 0 else 0
    return width, height, format_code, int(part.data_offset), padding


def _first_picture(buffer: Buffer) -> Part:
    # genicam 1.6 does not tell the type of a part, so that its format has to.
    for part in buffer.parts:
        if pixel_formats.knows(int(part.data_format)):
            return part
    raise CameraError(
        "The camera sends several parts in one buffer and none of them is a picture of a supported "
        "format; switch on its component Intensity (ComponentSelector, ComponentEnable) or set "
        "another PixelFormat."
    )


def _number(module: Buffer | Part, attribute: str) -> int:
    """A number that producers may leave out; 0 then."""
    try:
        return int(getattr(module, attribute))
    except DRIVER_ERRORS:
        return 0
