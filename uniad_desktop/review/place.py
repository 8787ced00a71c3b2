"""The databases of folders and zips: beneath ``reviews`` of the data folder, one for each."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Final

from uniad_desktop.records.database import Records, open_records
from uniad_desktop.review.files_table import make_table

REVIEWS: Final = "reviews"
HEATMAPS: Final = "heatmaps"
MODEL_LOCK: Final = ".model.lock"
"""Held by whoever has a model in memory for review, so that it is one at a time."""

_DIGITS: Final = 24


def folder_for(data_folder: Path, place: Path) -> Path:
    """Where the database of a folder of images lies; tells by its absolute path."""
    return data_folder / REVIEWS / hashlib.sha256(os.fsencode(place)).hexdigest()[:_DIGITS]


def folder_for_hash(data_folder: Path, sha256: str) -> Path:
    """Where a zip is unpacked and its database lies; `sha256` is that of the file, hex."""
    return data_folder / REVIEWS / sha256[:_DIGITS]


def open_reviewed(folder: Path, images: Path) -> Records:
    """Opens the database of a folder or zip.

    Args:
        folder: where it lies, with the heatmaps; made where there is none.
        images: where the image paths start.

    Raises:
        RecordsError: it cannot be opened, or was written by a newer version.
    """
    opened = open_records(folder)
    records = Records(images, opened.engine, opened.place, folder / HEATMAPS)
    try:
        make_table(records)
    except BaseException:
        records.close()
        raise
    return records
