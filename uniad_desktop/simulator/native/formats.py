"""The pixel formats of the simulated camera: names and codes of PFNC 2.4, and how pixels lie."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Layout:
    """How the pixels of a format lie in a buffer.

    Attributes:
        name: PFNC name.
        code: PFNC 32-bit value.
        family: MONO, BAYER, RGB, BGR, YUYV or UYVY.
        packing: BYTES, WORDS (little endian), LSB_PACKED (``Mono12p``: a stream of bits, the
            lowest first) or GEV_PACKED (``Mono12Packed`` of GigE Vision: two pixels in three
            bytes).
        bits: meaningful bits of a sample.
        colours: of a Bayer format, the colours of the first two pixels of the first two rows.
    """

    name: str
    code: int
    family: str
    packing: str
    bits: int
    colours: str = "RGGB"


_ORDERS = {"GR": "GRBG", "RG": "RGGB", "GB": "GBRG", "BG": "BGGR"}
_PACKING = {"": "WORDS", "p": "LSB_PACKED", "Packed": "GEV_PACKED"}
_MONO = {
    ("8", ""): 0x01080001,
    ("10", ""): 0x01100003,
    ("12", ""): 0x01100005,
    ("16", ""): 0x01100007,
    ("10", "p"): 0x010A0046,
    ("12", "p"): 0x010C0047,
    ("10", "Packed"): 0x010C0004,
    ("12", "Packed"): 0x010C0006,
}
# Codes in the order of _ORDERS.
_BAYER = {
    ("8", ""): (0x01080008, 0x01080009, 0x0108000A, 0x0108000B),
    ("10", ""): (0x0110000C, 0x0110000D, 0x0110000E, 0x0110000F),
    ("12", ""): (0x01100010, 0x01100011, 0x01100012, 0x01100013),
    ("16", ""): (0x0110002E, 0x0110002F, 0x01100030, 0x01100031),
    ("10", "p"): (0x010A0056, 0x010A0058, 0x010A0054, 0x010A0052),
    ("12", "p"): (0x010C0057, 0x010C0059, 0x010C0055, 0x010C0053),
    ("10", "Packed"): (0x010C0026, 0x010C0027, 0x010C0028, 0x010C0029),
    ("12", "Packed"): (0x010C002A, 0x010C002B, 0x010C002C, 0x010C002D),
}


def _packing(bits: str, suffix: str) -> str:
    return "BYTES" if bits == "8" else _PACKING[suffix]


def _all() -> tuple[Layout, ...]:
    layouts = [
        Layout(f"Mono{bits}{suffix}", code, "MONO", _packing(bits, suffix), int(bits))
        for (bits, suffix), code in _MONO.items()
    ]
    for (bits, suffix), codes in _BAYER.items():
        layouts += [
            Layout(
                f"Bayer{order}{bits}{suffix}",
                code,
                "BAYER",
                _packing(bits, suffix),
                int(bits),
                colours,
            )
            for (order, colours), code in zip(_ORDERS.items(), codes, strict=True)
        ]
    layouts += [
        Layout("RGB8", 0x02180014, "RGB", "BYTES", 8),
        Layout("BGR8", 0x02180015, "BGR", "BYTES", 8),
        Layout("YUV422_8", 0x02100032, "YUYV", "BYTES", 8),
        Layout("YUV422_8_UYVY", 0x0210001F, "UYVY", "BYTES", 8),
    ]
    return tuple(layouts)


LAYOUTS = _all()
RGB8 = 0x02180014
