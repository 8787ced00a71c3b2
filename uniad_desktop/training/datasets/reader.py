"""Reading pictures and masks; what cannot be read is named and counted, or fatal."""

from __future__ import annotations

import hashlib
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from uniad_desktop.cameras.image_files import read_image
from uniad_desktop.cameras.source import CameraError
from uniad_desktop.training.datasets.sample import DataError, Sample, counted, listed, printable

_LOSSY = frozenset({".jpg", ".jpeg"})


def image_hash(path: Path) -> str:
    """SHA-256 (hex) of a file's bytes. Raises DataError if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"{printable(path)} cannot be read: {error.strerror or error}.") from error


class ImageReader:
    """Reads the files of samples and keeps account of those that are no good.

    Attributes:
        skipped: images that could not be read, each once, with the reason.
        unreadable_masks: masks that could not be read, each once, with the reason.
        resized_masks: masks of another size than their image, each once.
    """

    def __init__(self, strict: bool = False) -> None:
        """Args: strict: whether a file that cannot be read is fatal."""
        self.skipped: list[tuple[Path, str]] = []
        self.unreadable_masks: list[tuple[Path, str]] = []
        self.resized_masks: list[Path] = []
        self._strict = strict
        self._named: set[Path] = set()

    def read(self, sample: Sample) -> NDArray[np.uint8] | None:
        """The picture as a camera would have sent it.

        16-bit samples become 8-bit ones by dropping the lower byte, alpha is dropped, palettes are
        resolved and the EXIF orientation is applied.

        Returns:
            (H, W) grey or (H, W, 3) RGB uint8; None if the file cannot be read, which is counted.

        Raises:
            DataError: the file cannot be read and the reader is strict.
        """
        try:
            _check_file(sample.path)
            return read_image(sample.path)
        except CameraError as error:
            self._count(sample.path, str(error), self.skipped)
            return None

    def mask(self, sample: Sample, shape: tuple[int, int]) -> NDArray[np.bool_] | None:
        """Where the defect is.

        Every value but 0 is defect; in a JPEG file every value above half of full scale, as
        compression leaves traces around the edges. Alpha is not looked at. A mask of another size
        is scaled to the nearest pixel and counted. Masks are drawn on the upright picture: the
        orientation of the picture's EXIF is not applied to them.

        Args:
            sample: the sample.
            shape: height and width of its picture, as `read` gave it.

        Returns:
            (H, W) bool; all false for a good part; None for a defect without a readable mask.

        Raises:
            DataError: the mask cannot be read and the reader is strict.
        """
        if sample.good:
            return np.zeros(shape, dtype=np.bool_)
        if sample.mask is None:
            return None
        try:
            _check_file(sample.mask)
            mask = _read_mask(sample.mask)
        except CameraError as error:
            self._count(sample.mask, str(error), self.unreadable_masks)
            return None
        if mask.shape == shape:
            return mask
        if sample.mask not in self._named:
            self._named.add(sample.mask)
            self.resized_masks.append(sample.mask)
        height, width = shape
        scaled = cv2.resize(
            mask.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST_EXACT
        )
        return np.asarray(scaled, dtype=np.bool_)

    def summary(self) -> str:
        """What was wrong with the files, for the user; empty if nothing was."""
        sentences = []
        if self.skipped:
            sentences.append(
                f"{counted(len(self.skipped), 'image')} could not be read and left out: "
                f"{_reasons(self.skipped)}"
            )
        if self.unreadable_masks:
            sentences.append(
                f"{counted(len(self.unreadable_masks), 'mask')} could not be read and counted as "
                f"missing: {_reasons(self.unreadable_masks)}"
            )
        if self.resized_masks:
            sentences.append(
                f"{counted(len(self.resized_masks), 'mask')} of another size than the image "
                f"scaled to it: {listed(self.resized_masks, 3)}."
            )
        return " ".join(sentences)

    def _count(self, path: Path, reason: str, where: list[tuple[Path, str]]) -> None:
        reason = printable(reason)
        if self._strict:
            raise DataError(
                f"{reason} Repair or remove the file, or let such files be skipped (without "
                "--strict)."
            )
        if path not in self._named:
            self._named.add(path)
            where.append((path, reason))


def _check_file(path: Path) -> None:
    """Raises CameraError for what would be waited for (a pipe) or is not there."""
    try:
        there, regular = path.exists(), path.is_file()
    except OSError as error:
        raise CameraError(f"{path} cannot be read: {error.strerror or error}.") from error
    if not regular:
        raise CameraError(f"{path} is no file." if there else f"{path} does not exist.")


def _read_mask(path: Path) -> NDArray[np.bool_]:
    """(H, W) bool. Not with `read_image`: it drops the lower byte, where a mask may have its 1."""
    try:
        data = np.fromfile(path, np.uint8)
    except OSError as error:
        raise CameraError(f"{path} cannot be read: {error.strerror or error}.") from error
    try:
        decoded = (
            cv2.imdecode(data, cv2.IMREAD_ANYCOLOR | cv2.IMREAD_ANYDEPTH) if data.size else None
        )
    except cv2.error:
        decoded = None
    if decoded is None:
        raise CameraError(f"{path} is no readable image; it may be damaged or cut off.")
    values = np.asarray(decoded)
    marked = values > 127 if path.suffix.lower() in _LOSSY else values != 0
    return np.asarray(marked if marked.ndim == 2 else marked.any(axis=2), dtype=np.bool_)


def _reasons(entries: list[tuple[Path, str]], most: int = 5) -> str:
    rest = len(entries) - most
    shown = " ".join(reason for _, reason in entries[:most])
    return shown + (f" And {rest} more." if rest > 0 else "")
