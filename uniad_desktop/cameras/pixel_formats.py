"""Pixel formats of GenICam cameras (PFNC 2.4) and how they lie in a buffer.

The camera process imports this too, hence no OpenCV here; `conversion` makes pictures of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.cameras.source import CameraError


@dataclass(frozen=True, slots=True)
class PixelFormat:
    """How one pixel lies in the buffer.

    Attributes:
        name: PFNC name.
        code: PFNC 32-bit value.
        channels: samples per pixel in the buffer.
        bits: meaningful bits per sample; samples above 8 bits lie in 16-bit little-endian words.
    """

    name: str
    code: int
    channels: int = 1
    bits: int = 8

    @property
    def bytes_per_pixel(self) -> int:
        """Bytes of one pixel in the buffer."""
        return self.channels * (1 if self.bits == 8 else 2)


_FORMATS = (
    PixelFormat("Mono8", 0x01080001),
    PixelFormat("Mono10", 0x01100003, bits=10),
    PixelFormat("Mono12", 0x01100005, bits=12),
    PixelFormat("Mono14", 0x01100025, bits=14),
    PixelFormat("Mono16", 0x01100007, bits=16),
    PixelFormat("RGB8", 0x02180014, channels=3),
    PixelFormat("BGR8", 0x02180015, channels=3),
    PixelFormat("RGBa8", 0x02200016, channels=4),
    PixelFormat("BGRa8", 0x02200017, channels=4),
    PixelFormat("BayerGR8", 0x01080008),
    PixelFormat("BayerRG8", 0x01080009),
    PixelFormat("BayerGB8", 0x0108000A),
    PixelFormat("BayerBG8", 0x0108000B),
)
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
        (height, width * bytes per pixel) uint8; a view, not a copy.

    Raises:
        CameraError: the buffer is too small for what the camera says is in it.
    """
    row = width * pixel_format.bytes_per_pixel
    try:
        return np.ndarray(
            (height, row), np.uint8, buffer=buffer, offset=offset, strides=(row + padding, 1)
        )
    except (TypeError, ValueError):
        raise CameraError(
            f"The camera announced {width} x {height} pixels of {pixel_format.name} but its "
            f"buffer holds only {len(buffer)} bytes."
        ) from None
