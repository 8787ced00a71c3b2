from __future__ import annotations

import io
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from uniad_desktop.engine import preprocess
from uniad_desktop.scoring.header import (
    MOST_VALUES,
    SMALLEST_SIDE,
    Header,
    HeaderError,
    check_size,
    read_header,
)


def huge_png(width: int = 30_000, height: int = 30_000) -> bytes:
    """A few bytes that say they are an enormous picture."""
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))
    return b"\x89PNG\r\n\x1a\n" + chunk


def encoded(suffix: str, image: np.ndarray) -> bytes:
    done, data = cv2.imencode(suffix, image)
    assert done
    return data.tobytes()


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".tif", ".webp"])
@pytest.mark.parametrize("channels", [1, 3])
def test_sizes_are_those_of_the_image(suffix, channels):
    shape = (37, 52) if channels == 1 else (37, 52, 3)
    image = np.random.default_rng(0).integers(0, 255, shape, np.uint8)
    # WebP has no grey.
    there = 3 if suffix == ".webp" else channels
    assert read_header(encoded(suffix, image)) == Header(52, 37, there)


def test_other_kinds_of_the_formats():
    deep = np.zeros((9, 11, 3), np.uint16)
    assert read_header(encoded(".png", deep)) == Header(11, 9, 3)
    assert read_header(encoded(".tif", deep)) == Header(11, 9, 3)
    picture = Image.fromarray(np.zeros((9, 11, 3), np.uint8))
    for options in ({"progressive": True}, {"exif": b"Exif\0\0" + bytes(300)}):
        data = io.BytesIO()
        picture.save(data, "JPEG", **options)
        assert read_header(data.getvalue()) == Header(11, 9, 3)
    data = io.BytesIO()
    picture.save(data, "TIFF", big_tiff=True)
    assert read_header(data.getvalue()) == Header(11, 9, 3)
    big_endian = b"MM\0*" + struct.pack(">IH", 8, 2)
    big_endian += struct.pack(">HHIHH", 256, 3, 1, 70, 0) + struct.pack(">HHII", 257, 4, 1, 80)
    assert read_header(big_endian) == Header(70, 80, 1)
    old_bitmap = b"BM" + bytes(12) + struct.pack("<IHHHH", 12, 30, 40, 1, 24)
    assert read_header(old_bitmap) == Header(30, 40, 3)


def test_webp_with_and_without_loss_and_cut_off():
    image = np.random.default_rng(0).integers(0, 255, (37, 52, 3), np.uint8)
    for quality in (80, 101):
        done, data = cv2.imencode(".webp", image, [cv2.IMWRITE_WEBP_QUALITY, quality])
        assert done and read_header(data.tobytes()) == Header(52, 37, 3)
        with pytest.raises(HeaderError, match="cut off"):
            read_header(data.tobytes()[:-10])
    extended = b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + struct.pack("<II", 10, 0)
    assert read_header(extended + bytes((51, 0, 0, 36, 0, 0))) == Header(52, 37, 3)
    with pytest.raises(HeaderError):
        read_header(b"RIFF" + struct.pack("<I", 8) + b"WEBPnone")


def test_the_limits_are_those_of_the_engine():
    assert SMALLEST_SIDE == preprocess.SMALLEST_SIDE
    assert MOST_VALUES == preprocess.LARGEST_PIXELS


def enormous(kind: str) -> bytes:
    if kind == "png":
        return huge_png()
    small = encoded(f".{kind}", np.zeros((16, 16, 3), np.uint8))
    if kind == "jpg":
        place = small.index(b"\xff\xc0") + 5
        return small[:place] + struct.pack(">HH", 30_000, 30_000) + small[place + 4 :]
    if kind == "bmp":
        return small[:18] + struct.pack("<ii", 30_000, -30_000) + small[26:]
    entries = struct.pack("<HHIHH", 256, 3, 1, 30_000, 0) + struct.pack("<HHII", 257, 4, 1, 30_000)
    return b"II*\0" + struct.pack("<IH", 8, 2) + entries


@pytest.mark.parametrize("kind", ["png", "jpg", "bmp", "tif"])
def test_the_enormous_is_refused_by_its_header(kind):
    header = read_header(enormous(kind))
    assert (header.width, header.height) == (30_000, 30_000)
    with pytest.raises(HeaderError, match="30000 x 30000"):
        check_size(header)


def test_one_pixel_is_refused_and_the_smallest_is_not():
    with pytest.raises(HeaderError, match="1 x 1 pixels"):
        check_size(Header(1, 1, 3))
    check_size(Header(8, 8, 3))
    check_size(Header(16_384, 16_384, 1))
    with pytest.raises(HeaderError, match="89 megapixels"):
        check_size(Header(16_384, 16_384, 3))


def test_what_is_cut_off_or_no_image():
    jpeg = encoded(".jpg", np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8))
    for part in (0.99, 0.5, 0.05):
        with pytest.raises(HeaderError, match="cut off"):
            read_header(jpeg[: int(len(jpeg) * part)])
    # The end of a small picture inside it is not its own end.
    with_thumbnail = jpeg[:2] + b"\xff\xe1\x00\x06\xff\xd8\xff\xd9" + jpeg[2:-2]
    with pytest.raises(HeaderError, match="cut off"):
        read_header(with_thumbnail)
    for data in (huge_png()[:18], b"BM12", b"II*\0", b"MM\0*\0\0\0\xff", b"II+\0\x08"):
        with pytest.raises(HeaderError, match="damaged"):
            read_header(data)
    with pytest.raises(HeaderError, match="is empty"):
        read_header(b"")
    with pytest.raises(HeaderError, match="no PNG, JPEG"):
        read_header(b"GIF89a" + bytes(50))


def test_random_bytes_never_raise_anything_else():
    rng = np.random.default_rng(1)
    starts = (b"\xff\xd8\xff", b"BM", b"II*\0", b"MM\0*", b"II+\0", b"\x89PNG\r\n\x1a\n")
    for start in starts:
        for _ in range(200):
            data = start + rng.integers(0, 256, int(rng.integers(0, 80)), np.uint8).tobytes()
            try:
                read_header(data)
            except HeaderError:
                continue
