"""What the first bytes of an image file say, so that nothing huge or cut off is decoded."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

SMALLEST_SIDE: Final = 8
MOST_VALUES: Final = 1 << 28
"""The limits of the engine (`engine.preprocess`), which loads torch; this does not."""

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_WITHOUT_LENGTH: Final = frozenset({0x01, *range(0xD0, 0xD9)})
_SCAN, _END, _FILL = 0xDA, 0xD9, 0xFF
_MOST_TAGS: Final = 4096
_WIDTH, _HEIGHT, _SAMPLES = 256, 257, 277


class HeaderError(ValueError):
    """The file is no image that is read; the message is the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Header:
    """Size of an image as its file says: pixels, and 1 (grey) or 3 (colour) values each."""

    width: int
    height: int
    channels: int


def read_header(data: bytes) -> Header:
    """Size of a PNG, JPEG, BMP, TIFF or WebP image from the bytes of its file.

    Raises:
        HeaderError: it is none of these, or cut off.
    """
    try:
        if data.startswith(_PNG):
            return _png(data)
        if data.startswith(b"\xff\xd8\xff"):
            return _jpeg(data)
        if data.startswith(b"BM"):
            return _bmp(data)
        if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
            return _webp(data)
        if data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
            return _tiff(data)
    except (struct.error, IndexError, OverflowError) as error:
        raise HeaderError("is damaged or cut off") from error
    raise HeaderError("is no PNG, JPEG, BMP, TIFF or WebP image" if data else "is empty")


def check_size(header: Header) -> None:
    """Refuses what cannot be inspected, before memory is taken for it.

    Raises:
        HeaderError: it is too small or too large.
    """
    size = f"has {header.width} x {header.height} pixels and is not decoded"
    if min(header.width, header.height) < SMALLEST_SIDE:
        raise HeaderError(f"{size}; {SMALLEST_SIDE} pixels per side are the least")
    if header.width * header.height * header.channels > MOST_VALUES:
        kind = "grey" if header.channels == 1 else "colour"
        most = MOST_VALUES // header.channels // 1_000_000
        raise HeaderError(f"{size}; {most} megapixels are the most for {kind} images")


def _png(data: bytes) -> Header:
    width, height, _, colour = struct.unpack_from(">IIBB", data, 16)
    return Header(width, height, 1 if colour in (0, 4) else 3)


def _bmp(data: bytes) -> Header:
    (header,) = struct.unpack_from("<I", data, 14)
    if header == 12:  # of OS/2
        width, height, _, bits = struct.unpack_from("<HHHH", data, 18)
    else:
        width, height, _, bits = struct.unpack_from("<iiHH", data, 18)
    return Header(abs(width), abs(height), 1 if bits <= 8 else 3)


def _webp(data: bytes) -> Header:
    if struct.unpack_from("<I", data, 4)[0] + 8 > len(data):
        raise HeaderError("is damaged or cut off")
    kind = data[12:16]
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return Header((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, 3)
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return Header(width & 0x3FFF, height & 0x3FFF, 3)
    if kind == b"VP8X":
        sides = [int.from_bytes(data[place : place + 3], "little") + 1 for place in (24, 27)]
        return Header(sides[0], sides[1], 3)
    raise HeaderError("is damaged")


def _jpeg(data: bytes) -> Header:
    place, header = 2, None
    while True:
        if data[place] != _FILL:
            raise HeaderError("is damaged")
        marker = data[place + 1]
        if marker == _FILL:  # may stand any number of times before a marker
            place += 1
            continue
        if marker in _WITHOUT_LENGTH:
            place += 2
            continue
        if marker == _END:
            raise HeaderError("is damaged or cut off")
        (length,) = struct.unpack_from(">H", data, place + 2)
        if marker in _FRAMES:
            height, width, components = struct.unpack_from(">HHB", data, place + 5)
            header = Header(width, height, 1 if components == 1 else 3)
        elif marker == _SCAN:
            break
        place += 2 + length
    # Some decoders fill up with grey what is missing; grey looks like a good part. Inside the
    # coded data these two bytes cannot stand.
    if header is None or data.find(bytes((_FILL, _END)), place) < 0:
        raise HeaderError("is damaged or cut off")
    return header


def _tiff(data: bytes) -> Header:
    order = "<" if data[:2] == b"II" else ">"
    if data[2:4] in (b"*\0", b"\0*"):
        (first,) = struct.unpack_from(f"{order}I", data, 4)
        (count,) = struct.unpack_from(f"{order}H", data, first)
        start, step, value_at = first + 2, 12, 8
    else:
        (first,) = struct.unpack_from(f"{order}Q", data, 8)
        (count,) = struct.unpack_from(f"{order}Q", data, first)
        start, step, value_at = first + 8, 20, 12
    values = {_SAMPLES: 1}
    for number in range(min(count, _MOST_TAGS)):
        place = start + number * step
        tag, kind = struct.unpack_from(f"{order}HH", data, place)
        if tag in (_WIDTH, _HEIGHT, _SAMPLES):
            code = {1: "B", 3: "H", 16: "Q"}.get(kind, "I")
            (values[tag],) = struct.unpack_from(f"{order}{code}", data, place + value_at)
    if _WIDTH not in values or _HEIGHT not in values:
        raise HeaderError("is damaged")
    return Header(values[_WIDTH], values[_HEIGHT], 1 if values[_SAMPLES] < 3 else 3)
