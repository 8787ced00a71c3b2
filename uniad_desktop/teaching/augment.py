"""Varied copies of the parts to learn from: a little moved, turned, brighter or darker."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Generator, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from uniad_desktop.engine.preprocess import View, preprocess
from uniad_desktop.teaching.mixture import MixedRows
from uniad_desktop.training.datasets import DataError, ImageReader, Sample
from uniad_desktop.training.errors import TrainingStopped
from uniad_desktop.training.feature_cache import fill_features
from uniad_desktop.training.features import Features, PickedRows, StoredFeatures
from uniad_desktop.training.filling import Progress
from uniad_desktop.training.row_file import RowFile
from uniad_desktop.training.tiling import Piece
from uniad_desktop.uniad.features import FeaturePyramid

LARGEST_SHIFT: Final = 0.02
"""Of each side."""

LARGEST_TURN: Final = 2.0
"""Degrees."""

LARGEST_LIGHT: Final = 0.2
"""Share that the brightness changes by at most."""

_VERSION = 1  # of what a variant looks like; another one is computed anew


@dataclass(frozen=True, slots=True)
class Variant:
    """What is done to a picture.

    Attributes:
        right, down: shift in shares of the width and of the height.
        turn: degrees, counter-clockwise, about the centre.
        light: factor of all pixel values.
    """

    right: float
    down: float
    turn: float
    light: float


def variants_of(
    picture: bytes, count: int, seed: int, light: tuple[float, float] = (1.0, 1.0)
) -> tuple[Variant, ...]:
    """The variants of a picture: the same ones whenever they are asked for.

    Args:
        picture: SHA-256 of its file.
        count: how many.
        seed: of a teaching.
        light: lowest and highest factor of the brightness.
    """
    found = []
    for number in range(count):
        entropy = [seed, number, int.from_bytes(picture[:16], "big")]
        right, down, turn, bright = np.random.default_rng(entropy).uniform(-1.0, 1.0, 4)
        low, high = light
        found.append(
            Variant(
                round(LARGEST_SHIFT * float(right), 4),
                round(LARGEST_SHIFT * float(down), 4),
                round(LARGEST_TURN * float(turn), 2),
                # Hundredths, so that one part more does not make all variants anew.
                round(low + (high - low) * (float(bright) + 1.0) / 2.0, 2),
            )
        )
    return tuple(found)


def vary(image: NDArray[np.uint8], variant: Variant) -> NDArray[np.uint8]:
    """A varied copy of a picture, (H, W) or (H, W, 3); what comes in at a border is mirrored."""
    height, width = image.shape[:2]
    centre = ((width - 1) / 2.0, (height - 1) / 2.0)
    matrix = cv2.getRotationMatrix2D(centre, variant.turn, 1.0)
    matrix[:, 2] += (variant.right * width, variant.down * height)
    moved = cv2.warpAffine(
        image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
    )
    lit = np.rint(moved.astype(np.float32) * np.float32(variant.light))
    varied: NDArray[np.uint8] = lit.clip(0, 255).astype(np.uint8)
    return varied


def light_range(brightness: float, all_parts: Sequence[float]) -> tuple[float, float]:
    """The factors that bring a part to the darkest and to the brightest of all, within bounds.

    Args:
        brightness: mean of the part's pixels.
        all_parts: of all parts.
    """
    if brightness <= 0.0:
        return (1.0, 1.0)
    low, high = (
        float(np.clip(one / brightness, 1.0 - LARGEST_LIGHT, 1.0 + LARGEST_LIGHT))
        for one in (min(all_parts), max(all_parts))
    )
    return low, high


@dataclass(frozen=True, slots=True)
class Varied:
    """The features of all variants.

    Attributes:
        features: (count * n, N, C_org) of the first variant of all n rows, then of the second.
        key: tells these variants from others (hex).
    """

    features: Features
    key: str


def varied_features(
    stored: StoredFeatures,
    reader: ImageReader,
    pyramid: FeaturePyramid,
    store: RowFile,
    *,
    count: int,
    seed: int,
    size: tuple[int, int],
    limit_bytes: int,
    stop: Callable[[], bool],
    progress: Progress,
) -> Varied:
    """Features of varied copies of pictures, from the cache where they are there.

    Whole pictures are varied, and then cut into their tiles as the line cuts them.

    Args:
        stored: the pictures; those that are learned from.
        reader: reads the pictures.
        pyramid: the frozen backbone with its weights.
        store: the cache.
        count: variants of each.
        seed: decides them, together with what the files hold.
        size: height and width of the network's input.
        limit_bytes: the most that the caches may take on the disk.
        stop: asked between two pictures.
        progress: told of every batch.

    Raises:
        DataError: a picture that could be read before cannot be read any more.
        TrainingStopped: `stop` said so.
        TrainingError: the cache would be too large, or the disk is full.
    """
    light = _brightness(stored.pictures, reader, stop)
    known: dict[bytes, tuple[Piece, Variant]] = {}
    keys: list[bytes] = []
    pieces = stored.pieces
    variants = {
        piece.picture: variants_of(
            piece.picture, count, seed, light_range(light[piece.sample], [*light.values()])
        )
        for piece in pieces
    }
    for number in range(count):
        for piece in pieces:
            variant = variants[piece.picture][number]
            key = _key(piece, variant)
            keys.append(key)
            known[key] = piece, variant

    def inputs(missing: Sequence[bytes]) -> Generator[tuple[bytes, Tensor]]:
        wanted = [(key, *known[key]) for key in missing]
        for (sample, variant), group in groupby(wanted, key=lambda one: (one[1].sample, one[2])):
            image = vary(_read(sample, reader), variant)
            for key, piece, _ in group:
                yield key, preprocess(View(image, piece.box).pixels(), *size)

    fill_features(
        store, keys, inputs, pyramid, limit_bytes=limit_bytes, stop=stop, progress=progress
    )
    index = store.index()
    rows = np.array([index[key] for key in keys], dtype=np.int64)
    digest = hashlib.sha256(b"".join(keys)).hexdigest()
    return Varied(PickedRows(store.rows(len(index)), rows), digest)


def with_variants(shown: MixedRows, new: int, first: int, varied: Features) -> MixedRows:
    """What is shown, as often over as there are variants and once, with these in their places.

    So the former products keep their share of what is shown.

    Args:
        shown: rows of the new product, then those of the former ones.
        new: how many different rows there are of the new product.
        first: how many rows it takes up in `shown`, the different ones over and over.
        varied: (count * new, N, C_org).
    """
    count = len(varied) // new
    own = np.arange(len(shown))
    where = [np.stack((np.zeros_like(own), own), axis=1)]
    for number in range(count):
        again = where[0].copy()
        again[:first] = np.stack((np.ones(first), number * new + own[:first] % new), axis=1)
        where.append(again)
    return MixedRows([shown, varied], np.concatenate(where).astype(np.int64))


def _brightness(
    samples: Sequence[Sample], reader: ImageReader, stop: Callable[[], bool]
) -> dict[Sample, float]:
    found = {}
    for sample in samples:
        if stop():
            raise TrainingStopped(
                "Stopped while the parts were looked at. Start the same command again to go on."
            )
        found[sample] = float(_read(sample, reader).mean())
    return found


def _read(sample: Sample, reader: ImageReader) -> NDArray[np.uint8]:
    image = reader.read(sample)
    if image is None:
        raise DataError(f"{sample.path} could be read before and cannot be read any more.")
    return image


def _key(piece: Piece, variant: Variant) -> bytes:
    told = json.dumps([_VERSION, piece.key.hex(), asdict(variant)], sort_keys=True)
    return hashlib.sha256(told.encode()).digest()
