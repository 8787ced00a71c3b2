"""What the simulated camera should send for a picture, worked out independently with numpy."""

from __future__ import annotations

import re

import numpy as np

COLOURS = {"RG": "RGGB", "GR": "GRBG", "GB": "GBRG", "BG": "BGGR"}
NAME = re.compile(r"(Mono|Bayer(?:RG|GR|GB|BG))(8|10|12|16)(p|Packed)?")


def luma(rgb: np.ndarray) -> np.ndarray:
    weighted = rgb.astype(int) @ np.array([77, 150, 29])
    return (weighted + 128) >> 8


def deep(values: np.ndarray) -> np.ndarray:
    """16-bit samples whose upper half is the 8-bit value; black and white are the ends."""
    y, x = np.indices(values.shape)
    mixed = values.astype(int) << 8 | ((x * 37 + y * 101) & 255)
    return np.where(values == 0, 0, np.where(values == 255, 65535, mixed))


def samples_of(rgb: np.ndarray, name: str) -> np.ndarray:
    """Samples of a mono or Bayer format before packing, in its own number of bits."""
    family, bits, _ = NAME.fullmatch(name).groups()
    if family == "Mono":
        values = luma(rgb)
    else:
        order = COLOURS[family[-2:]]
        values = np.empty(rgb.shape[:2], np.uint8)
        for index, colour in enumerate(order):
            rows, columns = slice(index // 2, None, 2), slice(index % 2, None, 2)
            values[rows, columns] = rgb[rows, columns, "RGB".index(colour)]
    return deep(values) >> (16 - int(bits))


def pack(samples: np.ndarray, bits: int, packing: str | None) -> np.ndarray:
    """(H, bytes per row) uint8."""
    height = len(samples)
    if bits == 8:
        return samples.astype(np.uint8)
    if packing is None:
        return samples.astype("<u2").view(np.uint8).reshape(height, -1)
    if packing == "p":
        each = samples.astype("<u2").view(np.uint8).reshape(*samples.shape, 2)
        stream = np.unpackbits(each, axis=-1, bitorder="little")[..., :bits]
        return np.packbits(stream.reshape(height, -1), axis=1, bitorder="little")
    low = bits - 8
    first, second = samples[:, 0::2], samples[:, 1::2]
    mask = (1 << low) - 1
    middle = (first & mask) | (second & mask) << 4
    return np.stack([first >> low, middle, second >> low], -1).astype(np.uint8).reshape(height, -1)


def rows_of(rgb: np.ndarray, name: str) -> np.ndarray:
    """The rows that the camera sends for an RGB picture, (H, bytes per row) uint8."""
    if matched := NAME.fullmatch(name):
        _, bits, packing = matched.groups()
        return pack(samples_of(rgb, name), int(bits), packing)
    if name == "RGB8":
        return rgb.reshape(len(rgb), -1)
    if name == "BGR8":
        return rgb[..., ::-1].reshape(len(rgb), -1)
    mean = (rgb[:, 0::2].astype(int) + rgb[:, 1::2] + 1) // 2
    u = (mean @ np.array([-43, -85, 128]) + (128 << 8) + 128) >> 8
    v = (mean @ np.array([128, -107, -21]) + (128 << 8) + 128) >> 8
    u, v = u.clip(0, 255), v.clip(0, 255)
    grey = luma(rgb)
    parts = [grey[:, 0::2], u, grey[:, 1::2], v]
    if name.endswith("UYVY"):
        parts = [u, grey[:, 0::2], v, grey[:, 1::2]]
    return np.stack(parts, -1).astype(np.uint8).reshape(len(rgb), -1)
