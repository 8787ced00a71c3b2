"""Looks whether records are whole: the database, every image and its hash."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select, text

from uniad_desktop.records.database import Records
from uniad_desktop.records.pictures import heatmap_name, inside
from uniad_desktop.records.schema import ImageState, InspectionRow, StationRow

_CHUNK: Final = 1000
MOST_NAMED: Final = 20


@dataclass(frozen=True, slots=True)
class RecordsCheck:
    """What `check_records` found.

    Attributes:
        inspections: rows looked at.
        images: images looked at.
        missing: images or heatmaps that a row names and that are not there.
        changed: images whose bytes are not those that were stored.
        damage: what the database says of itself; empty if it is whole.
    """

    inspections: int
    images: int
    missing: tuple[str, ...]
    changed: tuple[str, ...]
    damage: str

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.missing or self.changed or self.damage)


def check_records(
    records: Records, *, hashes: bool = True, stop: Callable[[], bool] = lambda: False
) -> RecordsCheck:
    """Looks at every row and at the images that lie in this data folder.

    Args:
        records: the database.
        hashes: whether images are read and their SHA-256 compared.
        stop: asked between images; True ends early.

    Raises:
        RecordsError: the database cannot be read.
        OSError: an image cannot be read.
    """
    damage = _damage(records)
    inspections, images, last = 0, 0, 0
    missing: list[str] = []
    changed: list[str] = []
    here = str(records.folder.absolute())
    query = (
        select(
            *(InspectionRow.id, InspectionRow.image, InspectionRow.image_sha256),
            *(InspectionRow.image_state, InspectionRow.heatmap, StationRow.folder),
        )
        .join(StationRow, StationRow.id == InspectionRow.station_id)
        .order_by(InspectionRow.id)
        .limit(_CHUNK)
    )
    while not stop():
        with records.reading() as connection:
            rows = connection.execute(query.where(InspectionRow.id > last)).all()
        if not rows:
            break
        last = rows[-1].id
        inspections += len(rows)
        for row in rows:
            if row.image_state != ImageState.KEPT or (not records.sqlite and row.folder != here):
                continue
            if stop():
                break
            images += 1
            path = inside(records.folder, row.image)
            if not path.is_file():
                missing.append(row.image)
            elif hashes and hashlib.sha256(path.read_bytes()).digest() != row.image_sha256:
                changed.append(row.image)
            if row.heatmap and not inside(records.folder, heatmap_name(row.image)).is_file():
                missing.append(heatmap_name(row.image))
    return RecordsCheck(inspections, images, tuple(missing), tuple(changed), damage)


def _damage(records: Records) -> str:
    if not records.sqlite:
        return ""  # a server looks after its own files
    with records.reading() as connection:
        told = connection.scalars(text("PRAGMA integrity_check(10)")).all()
        broken = connection.execute(text("PRAGMA foreign_key_check")).first()
    if list(told) != ["ok"]:
        return "; ".join(str(one) for one in told)
    return "" if broken is None else f"a row of {broken[0]} points to nothing"
