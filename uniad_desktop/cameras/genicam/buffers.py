"""What a GenTL buffer says of the frame in it. Runs in the camera process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from genicam import gentl

from uniad_desktop.cameras.genicam.features import DRIVER_ERRORS
from uniad_desktop.cameras.source import CameraError

Buffer: TypeAlias = Any  # genicam.gentl.Buffer; genicam has no types

_PICTURES = (
    int(gentl.PAYLOADTYPE_INFO_IDS.PAYLOAD_TYPE_IMAGE),
    # A picture followed by chunk data, as GenTL before 1.5 calls it.
    int(gentl.PAYLOADTYPE_INFO_IDS.PAYLOAD_TYPE_CHUNK_DATA),
)


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


def describe(buffer: Buffer, received_ns: int) -> RawFrame:
    """Reads the BUFFER_INFO entries of a complete buffer.

    Raises:
        CameraError: it holds no plain picture.
    """
    payload = int(buffer.payload_type)
    if payload not in _PICTURES:
        raise CameraError(
            f"The camera sends payloads of GenTL type {payload}, but only plain pictures are "
            "supported; switch off its multi-part, GenDC or compressed transfer."
        )
    return RawFrame(
        buffer=buffer,
        width=int(buffer.width),
        height=_number(buffer, "delivered_image_height") or int(buffer.height),
        format_code=int(buffer.pixel_format),
        offset=_number(buffer, "image_offset"),
        padding=_number(buffer, "padding_x"),
        frame_id=int(buffer.frame_id),
        timestamp_ns=_number(buffer, "timestamp_ns"),
        received_ns=received_ns,
    )


def _number(buffer: Buffer, attribute: str) -> int:
    """A number that producers may leave out; 0 then."""
    try:
        return int(getattr(buffer, attribute))
    except DRIVER_ERRORS:
        return 0
