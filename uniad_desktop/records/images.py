"""The images of the records on the disk."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import select

from uniad_desktop.files import flush_folder, make_folder
from uniad_desktop.records.database import Records
from uniad_desktop.records.entry import Entry, StoredImage
from uniad_desktop.records.heatmaps import encode_heatmap
from uniad_desktop.records.options import RecordsOptions
from uniad_desktop.records.pictures import (
    IMAGES,
    encode_image,
    heatmap_name,
    image_name,
)
from uniad_desktop.records.schema import VERDICTS, ImageState, InspectionRow

log = logging.getLogger(__name__)

RECOVERED: Final = "records/recovered"
_DAYS_LOOKED_AT: Final = 2
DAY_S: Final = 86_400.0


class ImageKeeper:
    """Writes the images of entries. One thread.

    Args:
        folder: the data folder.
        options: format, and whether heatmaps are kept.
        write: writes and flushes a file.
    """

    def __init__(
        self, folder: Path, options: RecordsOptions, write: Callable[[Path, bytes], None]
    ) -> None:
        self._folder = folder
        self._options = options
        self._write = write

    def keep(self, entries: Sequence[Entry]) -> list[Entry]:
        """Puts the images of entries on the disk, so that their rows may be committed.

        An entry whose image lies there already is left alone, so this may be tried again.

        Returns:
            Those whose image no format takes; they are on record without it.

        Raises:
            OSError: the disk refuses.
        """
        unkept = []
        for entry in entries:
            if entry.image is None:
                continue
            try:
                data = encode_image(entry.image, self._options)
            except ValueError as error:
                log.error("Inspection %d: %s", entry.inspection.number, error)
                entry.image, entry.state = None, ImageState.LOST
                unkept.append(entry)
                continue
            name = entry.name = entry.name or self._free_name(entry)
            path = self._folder / name
            make_folder(path.parent, self._folder)
            self._write(path, data)
            heatmap = self._options.heatmaps and entry.prediction is not None
            if heatmap and entry.prediction is not None:
                prediction = entry.prediction
                drawn = encode_heatmap(prediction.anomaly_map, prediction.inspected)
                self._write(self._folder / heatmap_name(name), drawn)
            entry.stored = StoredImage(name, hashlib.sha256(data).digest(), len(data), heatmap)
            entry.image = entry.prediction = None
        # Also of those written in an earlier attempt that failed before the flush.
        for folder in {(self._folder / e.stored.name).parent for e in entries if e.stored}:
            flush_folder(folder)
        return unkept

    def _free_name(self, entry: Entry) -> str:
        name = image_name(entry.inspection, self._options.image_format)
        free, number = name, 1
        while (self._folder / free).exists():  # the clock was put back
            number += 1
            free = name.with_stem(f"{name.stem}-{number}")
        return str(free)


def tidy_up(records: Records, station_id: int) -> int:
    """After a crash: removes halves of files and sets images aside that no row names.

    Those were written and never reported as stored; they lie in ``records/recovered``
    afterwards. Only the newest two days are looked at.

    Returns:
        How many were set aside.

    Raises:
        OSError: the folder cannot be changed.
        RecordsError: the database cannot be read.
    """
    root = records.folder / IMAGES
    days = sorted((one for one in root.glob("*-*-*") if one.is_dir()), reverse=True)
    aside = 0
    for day in days[:_DAYS_LOOKED_AT]:
        known = set(_names_of(records, station_id, day.name))
        for path in sorted(day.iterdir()):
            if path.name.endswith(".tmp"):
                path.unlink(missing_ok=True)
                continue
            name = f"{IMAGES}/{day.name}/{path.name}"
            if name in known:
                continue
            target = records.folder / RECOVERED / day.name / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)
            aside += 1
    if aside:
        log.warning(
            "The program ended before %d files were on record; they lie in %s.",
            aside,
            records.folder / RECOVERED,
        )
    return aside


def _names_of(records: Records, station_id: int, day: str) -> Iterator[str]:
    try:
        begin = datetime.strptime(day, "%Y-%m-%d").timestamp()
    except ValueError:
        return
    # A day more on either side: names are in local time, which may have been another one.
    query = select(InspectionRow.image, InspectionRow.heatmap).where(
        InspectionRow.station_id == station_id,
        InspectionRow.image_state.in_((int(ImageState.KEPT), int(ImageState.LEAVING))),
        InspectionRow.verdict.in_(tuple(VERDICTS)),
        InspectionRow.at_us.between(round((begin - DAY_S) * 1e6), round((begin + 2 * DAY_S) * 1e6)),
    )
    with records.reading() as connection:
        for image, heatmap in connection.execute(query):
            if image:
                yield image
            if image and heatmap:
                yield heatmap_name(image)
