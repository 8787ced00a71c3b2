"""Pixel formats of GenICam cameras (PFNC 2.4) and how they lie in a buffer.

The camera process imports this too, hence no OpenCV here; `conversion` makes pictures of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.cameras.source import CameraError


class Packing(Enum):
    """How samples lie in bytes.

    Attributes:
        BYTES: one sample per byte.
        WORDS: one sample per 16-bit little-endian word, in its lowest bits.
        LSB: without gaps, lowest bit first (names that end in ``p``).
        NIBBLES: two samples in three bytes, high bits in the outer ones (GigE Vision's
            ``Packed``).
    """

    BYTES = auto()
    WORDS = auto()
    LSB = auto()
    NIBBLES = auto()


class Colour(Enum):
    """What the samples of a pixel are, or which of them comes first in a mosaic.

    Full range is 0 to 255 for all components; the limited one has 16 to 235 for brightness
    (ITU-R BT.601).
    """

    GREY = auto()
    RGB = auto()
    BGR = auto()
    RGBA = auto()
    BGRA = auto()
    BAYER_RG = auto()
    BAYER_GR = auto()
    BAYER_GB = auto()
    BAYER_BG = auto()
    YUYV = auto()
    UYVY = auto()
    YUYV_LIMITED = auto()
    UYVY_LIMITED = auto()


@dataclass(frozen=True, slots=True)
class PixelFormat:
    """How one pixel lies in the buffer.

    Attributes:
        name: PFNC name.
        code: PFNC 32-bit value.
        colour: what its samples are.
        bits: meaningful bits per sample.
        packing: how samples lie in bytes.
    """

    name: str
    code: int
    colour: Colour = Colour.GREY
    bits: int = 8
    packing: Packing = Packing.BYTES

    @property
    def bits_per_pixel(self) -> int:
        """Bits of one pixel in the buffer, which PFNC codes in bits 16 to 23 of the value."""
        return self.code >> 16 & 0xFF

    def frame_bytes(self, width: int, height: int) -> int:
        """Bytes of a picture of `width` x `height` pixels without padding."""
        return -(-width * height * self.bits_per_pixel // 8)


def _greys() -> Iterable[PixelFormat]:
    for name, code, bits, packing in (
        ("Mono8", 0x01080001, 8, Packing.BYTES),
        ("Mono10", 0x01100003, 10, Packing.WORDS),
        ("Mono10p", 0x010A0046, 10, Packing.LSB),
        ("Mono10Packed", 0x010C0004, 10, Packing.NIBBLES),
        ("Mono12", 0x01100005, 12, Packing.WORDS),
        ("Mono12p", 0x010C0047, 12, Packing.LSB),
        ("Mono12Packed", 0x010C0006, 12, Packing.NIBBLES),
        ("Mono14", 0x01100025, 14, Packing.WORDS),
        ("Mono16", 0x01100007, 16, Packing.WORDS),
    ):
        yield PixelFormat(name, code, bits=bits, packing=packing)


def _colours() -> Iterable[PixelFormat]:
    for name, code, colour in (
        ("RGB8", 0x02180014, Colour.RGB),
        ("BGR8", 0x02180015, Colour.BGR),
        ("RGBa8", 0x02200016, Colour.RGBA),
        ("BGRa8", 0x02200017, Colour.BGRA),
        ("YUV422_8", 0x02100032, Colour.YUYV),
        ("YUV422_8_UYVY", 0x0210001F, Colour.UYVY),
        ("YCbCr422_8", 0x0210003B, Colour.YUYV),
        ("YCbCr422_8_CbYCrY", 0x02100043, Colour.UYVY),
        ("YCbCr601_422_8", 0x0210003E, Colour.YUYV_LIMITED),
        ("YCbCr601_422_8_CbYCrY", 0x02100044, Colour.UYVY_LIMITED),
    ):
        yield PixelFormat(name, code, colour)


def _mosaics() -> Iterable[PixelFormat]:
    """All depths and packings of the four orders; PFNC numbers GR, RG, GB, BG in a row."""
    orders = (
        ("GR", Colour.BAYER_GR),
        ("RG", Colour.BAYER_RG),
        ("GB", Colour.BAYER_GB),
        ("BG", Colour.BAYER_BG),
    )
    for place, (order, colour) in enumerate(orders):
        for suffix, first, bits, packing in (
            ("8", 0x01080008, 8, Packing.BYTES),
            ("10", 0x0110000C, 10, Packing.WORDS),
            ("10Packed", 0x010C0026, 10, Packing.NIBBLES),
            ("12", 0x01100010, 12, Packing.WORDS),
            ("12Packed", 0x010C002A, 12, Packing.NIBBLES),
            ("16", 0x0110002E, 16, Packing.WORDS),
        ):
            yield PixelFormat(f"Bayer{order}{suffix}", first + place, colour, bits, packing)
    # The newer ones are numbered by the alphabet, 10 and 12 bits in turn.
    for place, (order, colour) in enumerate(sorted(orders)):
        for bits, first in ((10, 0x010A0052), (12, 0x010C0053)):
            code = first + 2 * place
            yield PixelFormat(f"Bayer{order}{bits}p", code, colour, bits, Packing.LSB)


_FORMATS = (*_greys(), *_colours(), *_mosaics())
_BY_NAME = {entry.name: entry for entry in _FORMATS}
_BY_CODE = {entry.code: entry for entry in _FORMATS}


def supported_names() -> tuple[str, ...]:
    """PFNC names of the formats that can be shown."""
    return tuple(_BY_NAME)


def by_name(name: str, offered: Iterable[str] = ()) -> PixelFormat:
    """The format called `name` in PFNC.

    Args:
        name: PFNC name as the camera's PixelFormat feature gives it.
        offered: the other formats the camera can send, to name a way out.

    Raises:
        CameraError: the format is not supported.
    """
    if name in _BY_NAME:
        return _BY_NAME[name]
    usable = [other for other in offered if other in _BY_NAME]
    way_out = (
        f"set PixelFormat to one of: {', '.join(usable)}."
        if usable
        else f"supported are: {', '.join(_BY_NAME)}."
    )
    raise CameraError(f"The camera sends {name}, a pixel format not supported here; {way_out}")


def knows(code: int) -> bool:
    """Whether the format with this PFNC value can be shown."""
    return code in _BY_CODE


def by_code(code: int) -> PixelFormat:
    """The format with PFNC value `code`, as BUFFER_INFO_PIXELFORMAT gives it.

    Raises:
        CameraError: the format is not supported.
    """
    try:
        return _BY_CODE[code]
    except KeyError:
        raise CameraError(
            f"The camera sent a frame of pixel format 0x{code:08X}, which is not supported here; "
            f"supported are: {', '.join(_BY_NAME)}."
        ) from None


def rows_of(
    buffer: bytes | memoryview,
    pixel_format: PixelFormat,
    width: int,
    height: int,
    *,
    offset: int = 0,
    padding: int = 0,
) -> NDArray[np.uint8]:
    """A view of the rows in a GenTL buffer without the padding at their ends.

    Args:
        buffer: the whole buffer.
        pixel_format: its format.
        width: pixels per row.
        height: rows.
        offset: BUFFER_INFO_IMAGEOFFSET in bytes.
        padding: BUFFER_INFO_XPADDING in bytes.

    Returns:
        (height, bytes per row) uint8; a view, not a copy. Packed pixels whose rows do not end with
        a byte lie without gaps from row to row and give one row, (1, bytes of the picture).

    Raises:
        CameraError: the buffer is too small for what the camera says is in it, or rows that do not
            end with a byte are padded.
    """
    rows, bits = height, width * pixel_format.bits_per_pixel
    if bits % 8:
        if padding:
            raise CameraError(
                f"The camera pads rows of {width} pixels of {pixel_format.name}, which do not end "
                "with a byte; set Width to a multiple of 8."
            )
        rows, bits = 1, 8 * pixel_format.frame_bytes(width, height)
    row = bits // 8
    try:
        return np.ndarray(
            (rows, row), np.uint8, buffer=buffer, offset=offset, strides=(row + padding, 1)
        )
    except (TypeError, ValueError):
        raise CameraError(
            f"The camera announced {width} x {height} pixels of {pixel_format.name} but its "
            f"buffer holds only {len(buffer)} bytes."
        ) from None
