"""What is reviewed: the records of a station, a folder of images, or a zip of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from uniad_desktop.records.database import Records, RecordsError, database_file, open_records
from uniad_desktop.review.errors import ReviewError

__all__ = ["ReviewError", "ReviewSource", "SourceKind", "open_source"]

STATION_TITLE = "this station"


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
                SourceKind.STATION, STATION_TITLE, data_folder, open_records(data_folder, url)
            )
        place = Path(source).expanduser().absolute()
        if database_file(place).is_file():
            return ReviewSource(SourceKind.STATION, str(place), place, open_records(place))
    except RecordsError as error:
        raise ReviewError(str(error)) from error
    except OSError as error:
        raise ReviewError(f"{source} cannot be read: {error.strerror or error}.") from error
    raise ReviewError(f"{source} is neither a folder of images nor a zip.")
