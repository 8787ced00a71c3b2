"""Which image files are meant by folders and names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from uniad_desktop.cameras.image_files import SUFFIXES, natural_key
from uniad_desktop.teaching.image_folder import StoreError


def images_in(places: Sequence[Path]) -> list[Path]:
    """The image files of folders, in natural order of their names, and files as they are.

    Raises:
        StoreError: a place is missing, cannot be read or holds no image.
    """
    found: list[Path] = []
    for place in places:
        if place.is_file():
            found.append(place)
            continue
        if not place.is_dir():
            raise StoreError(f"{place} does not exist; give a folder of images.")
        try:
            files = [one for one in place.iterdir() if one.suffix.lower() in SUFFIXES]
        except OSError as error:
            raise StoreError(
                f"The folder {place} cannot be read: {error.strerror or error}; check the access "
                "rights, or choose another one."
            ) from error
        if not files:
            raise StoreError(
                f"The folder {place} holds no images (PNG, JPEG, BMP or TIFF); subfolders are not "
                "searched."
            )
        found += sorted(files, key=natural_key)
    return found
