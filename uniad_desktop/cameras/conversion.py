"""From what the camera sent to 8-bit grey or RGB pictures.

The rule for deep formats: a sample of N bits becomes 8 bits by dropping the N - 8 lowest bits, so
that full scale stays full scale and the same light gives the same grey value in every frame.
Mosaics are reduced first and then interpolated along edges.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from uniad_desktop.cameras.pixel_formats import Colour, Packing, PixelFormat

# OpenCV's short Bayer names count from the second row; its four-letter names agree with PFNC.
_TO_RGB = {
    Colour.BGR: cv2.COLOR_BGR2RGB,
    Colour.RGBA: cv2.COLOR_RGBA2RGB,
    Colour.BGRA: cv2.COLOR_BGRA2RGB,
    Colour.BAYER_GR: cv2.COLOR_BayerGRBG2RGB_EA,
    Colour.BAYER_RG: cv2.COLOR_BayerRGGB2RGB_EA,
    Colour.BAYER_GB: cv2.COLOR_BayerGBRG2RGB_EA,
    Colour.BAYER_BG: cv2.COLOR_BayerBGGR2RGB_EA,
    Colour.YUYV_LIMITED: cv2.COLOR_YUV2RGB_YUYV,
    Colour.UYVY_LIMITED: cv2.COLOR_YUV2RGB_UYVY,
}


def to_image(
    raw: NDArray[np.uint8], pixel_format: PixelFormat, width: int, height: int
) -> NDArray[np.uint8]:
    """Turns raw rows into a picture that belongs to the caller.

    Args:
        raw: at least `pixel_format.frame_bytes` uint8, contiguous, rows without padding.
        pixel_format: its format.
        width: pixels per row.
        height: rows.

    Returns:
        (H, W) grey or (H, W, 3) RGB uint8, contiguous, never sharing memory with `raw`.
    """
    pixels = raw.reshape(-1)[: pixel_format.frame_bytes(width, height)]
    samples = _to_bytes(pixels, pixel_format)
    channels = samples.size // (height * width)
    shape = (height, width) if channels == 1 else (height, width, channels)
    picture = samples[: height * width * channels].reshape(shape)
    colour = pixel_format.colour
    if colour in (Colour.YUYV, Colour.UYVY):
        return _full_range(picture, brightness_first=colour is Colour.YUYV)
    code = _TO_RGB.get(colour)
    if code is None:
        return picture.copy() if np.may_share_memory(picture, raw) else picture
    return np.asarray(cv2.cvtColor(picture, code), dtype=np.uint8)


def deep_to_8_bit(words: NDArray[np.uint16], bits: int) -> NDArray[np.uint8]:
    """Drops the `bits` - 8 lowest bits of each 16-bit word; values above full scale saturate."""
    step = 1 << (bits - 8)
    # OpenCV scales, rounds and saturates at once; half a step less makes rounding drop the bits.
    dropped = cv2.convertScaleAbs(words, alpha=1.0 / step, beta=0.5 / step - 0.5)
    return np.asarray(dropped, dtype=np.uint8).reshape(words.shape)


def _to_bytes(pixels: NDArray[np.uint8], pixel_format: PixelFormat) -> NDArray[np.uint8]:
    """The 8 highest bits of each sample; of whole bytes a view of `pixels`."""
    bits = pixel_format.bits
    match pixel_format.packing:
        case Packing.BYTES:
            return pixels
        case Packing.WORDS:
            return deep_to_8_bit(pixels.view("<u2"), bits)
        case Packing.NIBBLES:
            return _unpack(pixels, 3, (0, 2))
        case Packing.LSB:
            return _unpack_lsb(pixels, bits)


def _unpack(pixels: NDArray[np.uint8], group: int, high: tuple[int, ...]) -> NDArray[np.uint8]:
    """Takes the bytes `high` of every `group`, in which the high bits of the samples lie."""
    cells = _whole(pixels, group).reshape(-1, group)
    found = np.empty((len(cells), len(high)), np.uint8)
    for place, byte in enumerate(high):
        found[:, place] = cells[:, byte]
    return found.reshape(-1)


def _unpack_lsb(pixels: NDArray[np.uint8], bits: int) -> NDArray[np.uint8]:
    """Samples of 10 or 12 bits, lowest bit first, without gaps: four in five or two in three.

    Each sample's eight high bits are those of a 16-bit word that begins at some byte of the group,
    shifted; read so in strides, nothing is copied but the result.
    """
    group = {10: 5, 12: 3}[bits]
    samples = 8 * group // bits
    cells = _whole(pixels, group)
    count = cells.size // group
    found = np.empty((count, samples), np.uint8)
    for place in range(samples):
        first = place * bits + bits - 8
        byte, shift = divmod(first, 8)
        if shift == 0:
            found[:, place] = cells[byte::group]
            continue
        words = np.ndarray((count,), "<u2", buffer=cells, offset=byte, strides=(group,))
        _high_byte(words, shift, found[:, place])
    return found.reshape(-1)


def _high_byte(words: NDArray[np.uint16], shift: int, out: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The 8 bits above the `shift` lowest ones."""
    return np.right_shift(words, np.uint16(shift), out=out, casting="unsafe")


def _whole(pixels: NDArray[np.uint8], group: int) -> NDArray[np.uint8]:
    """`pixels`, filled up with zeros where the last group is not whole."""
    missing = -pixels.size % group
    return np.pad(pixels, (0, missing)) if missing else pixels


def _full_range(picture: NDArray[np.uint8], *, brightness_first: bool) -> NDArray[np.uint8]:
    """RGB of a full-range YUV 4:2:2 picture; each colour sample serves two pixels.

    OpenCV knows 4:2:2 in limited range only, but full-range YCrCb with all samples.
    """
    height, width = picture.shape[:2]
    brightness, colour = (0, 1) if brightness_first else (1, 0)
    whole = np.empty((height, width, 3), np.uint8)
    whole[..., 0] = picture[..., brightness]
    pairs = width // 2
    blue, red = picture[:, 0 : 2 * pairs : 2, colour], picture[:, 1 : 2 * pairs : 2, colour]
    for first in (0, 1):
        whole[:, first : 2 * pairs : 2, 1] = red
        whole[:, first : 2 * pairs : 2, 2] = blue
    if width % 2:
        whole[:, -1, 1:] = whole[:, -2, 1:] if pairs else 128
    return np.asarray(cv2.cvtColor(whole, cv2.COLOR_YCrCb2RGB), dtype=np.uint8)
