"""What the viewer shows of one inspection, read and coloured on a worker thread."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage, QPainter

from uniad_desktop.cameras.image_files import read_image
from uniad_desktop.cameras.source import CameraError
from uniad_desktop.records.database import Records
from uniad_desktop.records.heatmaps import HeatmapError, decode_heatmap
from uniad_desktop.records.query import heatmap_path, image_path
from uniad_desktop.records.record import Record
from uniad_desktop.ui import colour_scale
from uniad_desktop.ui.composer import fit
from uniad_desktop.ui.pictures import scaled_picture
from uniad_desktop.ui.review.words import without_image
from uniad_desktop.ui.thumbnails import small_picture

MOST_PIXELS: Final = 150_000_000
SMALL_SIDE: Final = 1200
STRENGTH: Final = 0.6


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A picture at its full size and a reduced one, quick to paint while all of it is seen."""

    full: QImage
    small: QImage


@dataclass(frozen=True, slots=True, eq=False)
class ScoreMap:
    """The stored map of distances.

    Attributes:
        raw: (h, w) float32, over the whole frame.
        inspected: (h, w) bool, where it was looked at.
        reject: limit that was in force, raw; it is score 50.
    """

    raw: NDArray[np.float32]
    inspected: NDArray[np.bool_]
    reject: float

    def score(self, x: float, y: float) -> float | None:
        """Score 0 to 100 at a place, both 0 to 1 of the frame; None where nobody looked."""
        height, width = self.raw.shape
        row, column = math.floor(y * height), math.floor(x * width)
        if not (0 <= row < height and 0 <= column < width) or not self.inspected[row, column]:
            return None
        return min(100.0, float(self.raw[row, column]) * colour_scale.LIMIT / self.reject)


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """An inspection with its pictures; of each that is missing there is a sentence.

    Attributes:
        record: the inspection.
        path: file of the image, None where there is none.
        image: the picture, and why there is none.
        map: the stored map, and why there is none.
        heat: the map in colours; `over` the same to be laid over the image.
        intact: whether the file has the hash on record; None without either.
    """

    record: Record
    path: Path | None = None
    image: Layer | None = None
    no_image: str = ""
    map: ScoreMap | None = None
    no_map: str = ""
    heat: QImage | None = None
    over: QImage | None = None
    intact: bool | None = None


@dataclass(frozen=True, slots=True)
class Sentences:
    """Words of the screen that the worker cannot ask for itself."""

    too_large: str
    no_heatmap: str
    damaged: str
    damaged_heatmap: str


def load(records: Records, record: Record, words: Sentences) -> Loaded:
    """Reads image and heatmap; what is wrong with them becomes a sentence."""
    image, path, no_image, intact = _image(records, record, words)
    found, no_map = _map(records, record, words)
    heat = over = None
    if found is not None:
        size = _frame_size(record, image, found)
        heat, over = heat_picture(found, size), heat_over(found, size)
    return Loaded(record, path, image, no_image, found, no_map, heat, over, intact)


def layer_of(image: NDArray[np.uint8]) -> Layer:
    """A frame, (H, W) or (H, W, 3) uint8 RGB, for a pane."""
    height, width = image.shape[:2]
    full = scaled_picture(image, width, height).convertToFormat(QImage.Format.Format_RGB32)
    side = min(SMALL_SIDE, max(height, width))
    small = scaled_picture(image, side, side).convertToFormat(QImage.Format.Format_RGB32)
    return Layer(full, small)


def heat_picture(found: ScoreMap, size: tuple[int, int]) -> QImage:
    """The map in the colours of the fixed scale; what nobody looked at is black."""
    index, seen = _scaled(found, size)
    heat = cv2.applyColorMap(index, colour_scale.colours())
    heat[~seen] = 0
    return _owned(cv2.cvtColor(heat, cv2.COLOR_BGR2RGB), QImage.Format.Format_RGB888)


def heat_over(found: ScoreMap, size: tuple[int, int], strength: float = STRENGTH) -> QImage:
    """The map as a transparent picture to be laid over the image."""
    index, seen = _scaled(found, size)
    heat = cv2.cvtColor(cv2.applyColorMap(index, colour_scale.colours()), cv2.COLOR_BGR2BGRA)
    heat[..., 3] = np.where(seen, cv2.LUT(index, colour_scale.cover(strength)), 0)
    return _owned(heat, QImage.Format.Format_ARGB32)


def thumbnail(path: Path, side: int, heat: Mapping[Path, tuple[Path, float]]) -> QImage:
    """A small picture, with its heatmap where `heat` names the file and the reject limit.

    Raises:
        CameraError: the image cannot be read.
    """
    picture = small_picture(path, side)
    named = heat.get(path)
    if named is None:
        return picture
    try:
        raw, inspected = decode_heatmap(named[0].read_bytes())
    except (OSError, HeatmapError):
        return picture  # the viewer says what is wrong with it
    size = (picture.width(), picture.height())
    over = heat_over(ScoreMap(raw, inspected, named[1]), size)
    painter = QPainter(picture)
    painter.drawImage(0, 0, over)
    painter.end()
    return picture


def _image(
    records: Records, record: Record, words: Sentences
) -> tuple[Layer | None, Path | None, str, bool | None]:
    try:
        path = image_path(records, record)
    except ValueError as error:
        return None, None, str(error), None
    if path is None:
        return None, None, without_image(record.image_state), None
    if record.setup.width * record.setup.height > MOST_PIXELS:
        return None, path, words.too_large, None
    try:
        data = path.read_bytes()
        intact = not record.image_sha256 or hashlib.sha256(data).hexdigest() == record.image_sha256
        image = layer_of(read_image(path))
    except OSError as error:
        return None, path, f"{path}: {error.strerror or error}.", None
    except CameraError as error:
        return None, path, str(error), None
    return image, path, "" if intact else words.damaged, intact


def _map(records: Records, record: Record, words: Sentences) -> tuple[ScoreMap | None, str]:
    try:
        path = heatmap_path(records, record)
        if path is None:
            return None, words.no_heatmap
        raw, inspected = decode_heatmap(path.read_bytes())
    except ValueError as error:
        return None, str(error)
    except OSError as error:
        return None, f"{path}: {error.strerror or error}."
    except HeatmapError:
        return None, words.damaged_heatmap
    return ScoreMap(raw, inspected, record.setup.limits.reject), ""


def _frame_size(record: Record, image: Layer | None, found: ScoreMap) -> tuple[int, int]:
    """Size of the coloured map: the frame's proportions, no larger than is worth while."""
    if image is not None:
        width, height = image.full.width(), image.full.height()
    else:
        width, height = record.setup.width, record.setup.height
    if width < 1 or height < 1:
        height, width = found.raw.shape
    return fit(width, height, SMALL_SIDE, SMALL_SIDE)


def _scaled(found: ScoreMap, size: tuple[int, int]) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Entries of the colour table, and where somebody looked, both (h, w) of `size`."""
    index = colour_scale.to_index(found.raw, found.reject)
    index = np.asarray(cv2.resize(index, size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
    seen = cv2.resize(found.inspected.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    return index, np.asarray(seen > 0)


def _owned(pixels: NDArray[np.uint8], kind: QImage.Format) -> QImage:
    whole = cast("NDArray[np.uint8]", np.ascontiguousarray(pixels))
    height, width = whole.shape[:2]
    return QImage(whole.data, width, height, whole.strides[0], kind).copy()
