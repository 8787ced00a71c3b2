"""What is reviewed: the records of a station, a folder of images, or a zip of them."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import filelock

from uniad_desktop.records.database import Records, RecordsError, database_file, open_records
from uniad_desktop.review.errors import ReviewError
from uniad_desktop.review.place import folder_for, folder_for_hash, open_reviewed
from uniad_desktop.review.unpack import hash_file, unpack
from uniad_desktop.training.datasets.sample import printable

__all__ = ["ReviewError", "ReviewSource", "SourceKind", "open_source"]

STATION_TITLE: Final = "this station"
SERVER_TITLE: Final = "all stations of the server"
UNPACKED: Final = "files"


class SourceKind(StrEnum):
    """Where the inspections come from."""

    STATION = "station"
    FOLDER = "folder"
    ARCHIVE = "archive"


@dataclass(frozen=True, slots=True)
class ReviewSource:
    """An open source; any thread may use it. Close it at the end.

    Attributes:
        kind: of the source.
        title: what a person reads: “this station”, the path of the folder, the name of the zip.
        place: the data folder, the folder of images, or the zip.
        records: its inspections; folders and zips have a database of their own beneath
            ``reviews`` of the data folder.
    """

    kind: SourceKind
    title: str
    place: Path
    records: Records

    def close(self) -> None:
        """Closes the database."""
        self.records.close()


def open_source(
    source: str, data_folder: Path, url: str = "", *, check: Callable[[], None] = lambda: None
) -> ReviewSource:
    """Opens what is to be reviewed. Reads the disk, so the Qt thread must not call it.

    Args:
        source: folder of images, zip, or data folder of a station; empty: this station's records.
        data_folder: of this station.
        url: of this station's database where it is on a server.
        check: called often while a zip is unpacked; may raise to end it.

    Raises:
        ReviewError: it cannot be opened.
    """
    try:
        if not source:
            return ReviewSource(
                SourceKind.STATION,
                SERVER_TITLE if url else STATION_TITLE,
                data_folder,
                open_records(data_folder, url),
            )
        place = Path(source).expanduser().absolute()
        if database_file(place).is_file():
            return ReviewSource(SourceKind.STATION, str(place), place, open_records(place))
        if place.is_dir():
            records = open_reviewed(folder_for(data_folder, place), place)
            return ReviewSource(SourceKind.FOLDER, printable(place), place, records)
        if place.is_file():
            return _open_zip(place, data_folder, check)
    except RecordsError as error:
        raise ReviewError(str(error)) from error
    except OSError as error:
        raise ReviewError(
            f"{printable(source)} cannot be read: {error.strerror or error}; check the name and "
            "the access rights."
        ) from error
    raise ReviewError(
        f"{printable(source)} does not exist; give a folder of images, a zip of them, or the data "
        "folder of a station."
    )


def _open_zip(archive: Path, data_folder: Path, check: Callable[[], None]) -> ReviewSource:
    """A zip is known by its contents, so it may be moved and renamed."""
    if not zipfile.is_zipfile(archive):
        raise ReviewError(f"{printable(archive)} is neither a folder of images nor a zip of them.")
    folder = folder_for_hash(data_folder, hash_file(archive, check))
    images = folder / UNPACKED
    folder.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(folder / ".unpack.lock"):
        if not images.is_dir():
            unpack(archive, images, check)
    return ReviewSource(
        SourceKind.ARCHIVE, printable(archive.name), archive, open_reviewed(folder, images)
    )
