"""Pictures cut into the tiles that the line will see, before any of them is decoded."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import ExifTags, Image

from uniad_desktop.engine.layout import Box, Layout, LayoutError, tiles_of
from uniad_desktop.training.datasets.reader import ImageReader
from uniad_desktop.training.datasets.sample import DataError, Sample, listed, printable

WHOLE = Layout()
"""Every picture as one piece."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What one row of features is computed from.

    Attributes:
        sample: the picture.
        picture: SHA-256 of its file.
        box: the tile in pixels of the picture; None: the whole picture.
    """

    sample: Sample
    picture: bytes
    box: Box | None = None

    @property
    def key(self) -> bytes:
        """Tells it from all other pieces, 32 bytes; of a whole picture that of its file."""
        if self.box is None:
            return self.picture
        return hashlib.sha256(self.picture + str(self.box).encode()).digest()


def cut(
    pictures: Sequence[tuple[Sample, bytes]], layout: Layout, reader: ImageReader
) -> list[Piece]:
    """The pieces of pictures, picture by picture; one that cannot be read is left to the reader.

    A tile that is the whole picture counts as such, so that its row is shared with trainings
    without a layout.

    Args:
        pictures: samples and the SHA-256 of their files.
        layout: how they are cut up.
        reader: reads those whose size cannot be told without decoding.

    Raises:
        DataError: a region does not fit a picture, or a file cannot be read and the reader is
            strict.
    """
    if not layout.regions:
        return [Piece(sample, picture) for sample, picture in pictures]
    sizes = sizes_of([sample for sample, _ in pictures], reader)
    pieces = []
    for sample, picture in pictures:
        if sample not in sizes:
            continue
        width, height = sizes[sample]
        try:
            tiles = tiles_of(layout, width, height)
        except LayoutError as error:
            raise DataError(_no_fit(sample, error, set(sizes.values()))) from error
        whole = Box(0, 0, width, height)
        pieces += [
            Piece(sample, picture, None if tile.box == whole else tile.box) for tile in tiles
        ]
    return pieces


def sizes_of(samples: Sequence[Sample], reader: ImageReader) -> dict[Sample, tuple[int, int]]:
    """Width and height of pictures that can be read, as the reader gives them.

    They are taken from the files' heads, and nothing is decoded, wherever that is safe.

    Raises:
        DataError: a file cannot be read and the reader is strict.
    """
    sizes = {}
    for sample in dict.fromkeys(samples):
        size = _size_in_head(sample)
        if size is None:
            image = reader.read(sample)
            size = None if image is None else (image.shape[1], image.shape[0])
        if size is not None:
            sizes[sample] = size
    return sizes


def _size_in_head(sample: Sample) -> tuple[int, int] | None:
    """None where it is not sure that the decoded picture has this size."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of large pictures and odd heads; the reader judges
            with Image.open(sample.path) as image:
                if image.format == "PNG":  # its EXIF may follow the pixels, which PIL would decode
                    turned = b"eXIf" in sample.path.read_bytes()
                else:
                    turned = image.getexif().get(ExifTags.Base.Orientation, 1) != 1
                return None if turned else image.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def _no_fit(sample: Sample, error: LayoutError, sizes: set[tuple[int, int]]) -> str:
    sentence = f"{printable(sample.path)}: {error}"
    if len(sizes) > 1:
        shown = listed(f"{width} x {height}" for width, height in sorted(sizes))
        sentence += (
            f" The pictures have different sizes ({shown}), and one layout has to fit them all; "
            "leave out those of another size, or train them on their own."
        )
    return sentence
