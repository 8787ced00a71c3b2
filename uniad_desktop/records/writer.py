"""Puts inspections into the database, many in one transaction."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from uniad_desktop import __version__
from uniad_desktop.cameras.frame import SourceKind
from uniad_desktop.inspection.types import Inspection
from uniad_desktop.records import audit
from uniad_desktop.records.database import Records, RecordsError, UnstorableError
from uniad_desktop.records.entry import Entry
from uniad_desktop.records.schema import (
    BRIGHTNESS,
    NO_SCORE,
    REASON_CODES,
    SATURATED,
    SHARPNESS,
    VERDICT_CODES,
    Base,
    ImageState,
    InspectionRow,
    ModelRow,
    ProductRow,
    RegionRow,
    SetupRow,
    ShiftRow,
    StationRow,
)

APPLICATION: Final = f"uniad-desktop {__version__}"
_MOST_SETUPS: Final = 2000
_MOST_INT: Final = 2**31 - 1
_INT64: Final = 2**63 - 1


class InspectionWriter:
    """Writes for one station. One thread.

    Args:
        records: the database.
        station: name of the station.

    Raises:
        RecordsError: the database cannot be written, or another data folder has this name.
    """

    def __init__(self, records: Records, station: str) -> None:
        self._records = records
        self.station = station
        self.station_id = _find_station(records, station)
        self._ids: dict[tuple[object, ...], int] = {}
        self._in_force: dict[str, dict[str, Any]] = {}
        self._products: dict[int, str] = {}
        self._unsure = False

    def store(self, entries: Sequence[Entry]) -> list[int]:
        """Stores entries in one transaction; their images must lie on the disk already.

        A change of what decides (product, model, limits, runtime) becomes an entry of the audit
        trail in the same transaction.

        After a failure the same entries may be given again: a server that went away may have
        committed them before.

        Returns:
            The ids of the inspections; empty where they had been committed before.

        Raises:
            UnstorableError: the database will never take one of them; none is stored.
            RecordsError: it does not take them now; none is stored.
        """
        try:
            with self._records.writing() as connection:
                if self._unsure and self._is_stored(connection, entries[0].inspection):
                    self._unsure = False
                    return []
                rows = [self._row(connection, entry) for entry in entries]
                result = connection.execute(
                    insert(InspectionRow).returning(InspectionRow.id, sort_by_parameter_order=True),
                    rows,
                )
                ids = [int(one) for one in result.scalars()]
                regions = [
                    region
                    for number, entry in zip(ids, entries, strict=True)
                    for region in _regions(number, entry.inspection)
                ]
                if regions:
                    connection.execute(insert(RegionRow), regions)
        except BaseException as error:
            # What was looked up in a transaction that was taken back may not exist.
            self._forget()
            self._unsure = True
            if isinstance(error, ValueError | OverflowError):
                raise UnstorableError(f"It has values that cannot be stored: {error}.") from error
            raise
        self._unsure = False
        if len(self._ids) > _MOST_SETUPS:
            self._ids.clear()
        return ids

    def begin_shift(self, at: float, who: str) -> None:
        """Ends the running shift of this station and begins another. Raises RecordsError."""
        at_us = round(at * 1e6)
        with self._records.writing() as connection:
            connection.execute(
                update(ShiftRow)
                .where(ShiftRow.station_id == self.station_id, ShiftRow.end_us.is_(None))
                .values(end_us=at_us)
            )
            connection.execute(
                insert(ShiftRow).values(station_id=self.station_id, start_us=at_us, who=who)
            )
            audit.append(connection, station=self.station, who=who, action="shift")

    def note_options(self, options: dict[str, Any], who: str) -> None:
        """Puts what is recorded on the audit trail if it is other than before."""
        with self._records.writing() as connection:
            self._note(connection, "records-options", "", options, who)

    def _forget(self) -> None:
        self._ids.clear()
        self._in_force.clear()
        self._products.clear()

    def _is_stored(self, connection: Connection, one: Inspection) -> bool:
        """A transaction is stored as a whole, so its first inspection tells."""
        query = (
            select(InspectionRow.id)
            .join(ProductRow, ProductRow.id == InspectionRow.product_id)
            .where(
                ProductRow.key == one.product,
                InspectionRow.verdict == VERDICT_CODES[one.verdict],
                InspectionRow.at_us == round(one.decided_at * 1e6),
                InspectionRow.number == one.number,
                InspectionRow.station_id == self.station_id,
            )
        )
        return connection.execute(query).first() is not None

    def _row(self, connection: Connection, entry: Entry) -> dict[str, Any]:
        one = entry.inspection
        product = self._find(connection, ProductRow, {"key": one.product})
        identity = {"name": one.model.name, "version": one.model.version}
        model = self._find(connection, ModelRow, {**identity, "sha256": one.model.sha256})
        self._note_in_force(connection, entry)
        stored, quality = entry.stored, entry.quality
        camera = entry.camera.serial if entry.camera is not None else one.source
        return {
            "setup_id": self._setup(connection, entry, product, model),
            "station_id": self.station_id,
            "product_id": product,
            "model_id": model,
            "simulated": int(one.simulated),
            "number": min(one.number, _MOST_INT),
            "frame_id": min(one.frame_id, _INT64),
            "timestamp_ns": min(one.timestamp_ns, _INT64),
            "at_us": round(one.decided_at * 1e6),
            "verdict": VERDICT_CODES[one.verdict],
            "reason": REASON_CODES[one.reason],
            "detail": _text(one.detail) or None,
            "source": _text(one.source) if one.source != camera or _from_file(one) else None,
            "score": one.score if math.isfinite(one.score) else NO_SCORE,
            "raw_score": one.raw_score if math.isfinite(one.raw_score) else None,
            "latency_us": min(max(0, round(one.latency_ms * 1000)), _MOST_INT),
            "brightness": round(quality.brightness * BRIGHTNESS) if quality else None,
            "saturated": round(quality.saturated * SATURATED) if quality else None,
            "sharpness": round(quality.sharpness * SHARPNESS) if quality else None,
            "label": 0,
            "image_state": ImageState.KEPT if stored else entry.state,
            "image": stored.name if stored else None,
            "image_sha256": stored.sha256 if stored else None,
            "image_bytes": stored.size if stored else None,
            "heatmap": int(stored.heatmap) if stored else 0,
        }

    def _setup(self, connection: Connection, entry: Entry, product: int, model: int) -> int:
        one, camera = entry.inspection, entry.camera
        width, height = entry.size
        scale = one.regions[0].mm_per_pixel if one.regions else None
        features = dict(camera.settings) if camera else {}
        values: dict[str, Any] = {
            "station_id": self.station_id,
            "product_id": product,
            "model_id": model,
            "runtime": one.runtime,
            "accept": one.limits.accept,
            "reject": one.limits.reject,
            "kind": one.kind.value,
            "camera": _text(camera.serial if camera else "" if _from_file(one) else one.source),
            "camera_name": _text(camera.name if camera else ""),
            "pixel_format": one.pixel_format,
            "width": width,
            "height": height,
            "mm_per_pixel": scale,
            "features": json.dumps(features, ensure_ascii=False, default=str),
            "operator": _text(entry.operator),
            "application": APPLICATION,
        }
        plain = json.dumps(values, sort_keys=True, ensure_ascii=False)
        digest = hashlib.sha256(plain.encode()).hexdigest()[:32]
        return self._find(connection, SetupRow, {"digest": digest}, values)

    def _find(
        self,
        connection: Connection,
        table: type[Base],
        key: dict[str, Any],
        others: dict[str, Any] | None = None,
    ) -> int:
        """The id of the row with this key, which is added where there is none."""
        cached = (table, *key.values())
        if cached not in self._ids:
            self._ids[cached] = find_or_add(connection, table, key, others)
        return self._ids[cached]

    def _note_in_force(self, connection: Connection, entry: Entry) -> None:
        one = entry.inspection
        since: dict[str, Any] = {"number": one.number, "at": round(one.decided_at, 3)}
        # Each camera of a station has a product and numbers of its own.
        camera = "" if one.camera == 1 else f"camera {one.camera}"
        if camera:
            since["camera"] = one.camera
        if one.product != self._products.get(one.camera):
            now = {"product": one.product}
            self._note(connection, "product", camera, now, entry.operator, since)
            self._products[one.camera] = one.product
        in_force = {
            "model": one.model.name,
            "version": one.model.version,
            "sha256": one.model.sha256,
            "accept": one.limits.accept,
            "reject": one.limits.reject,
        }
        if one.runtime:  # empty in an error before the model was loaded
            in_force["runtime"] = one.runtime
            if self._in_force.get(one.product) != in_force:
                self._note(connection, "in-force", one.product, in_force, entry.operator, since)
                self._in_force[one.product] = in_force

    def _note(  # noqa: PLR0917
        self,
        connection: Connection,
        action: str,
        subject: str,
        new: dict[str, Any],
        who: str,
        since: dict[str, Any] | None = None,
    ) -> None:
        old = audit.newest_of(connection, self.station, action, subject) or {}
        former = {name: value for name, value in old.items() if name != "from"}
        if former == new:
            return
        audit.append(
            connection,
            station=self.station,
            who=who,
            action=action,
            subject=subject,
            old=former,
            new={**new, "from": since} if since else new,
        )


def find_or_add(
    connection: Connection,
    table: type[Base],
    key: dict[str, Any],
    others: dict[str, Any] | None = None,
) -> int:
    """The id of the row with this unique key, added where there is none, whoever else adds it."""
    columns: Any = table.__table__.c
    query = select(columns.id).where(*(columns[name] == value for name, value in key.items()))
    found = connection.scalar(query)
    if found is None:
        insert_into: Any = (
            sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
        )
        connection.execute(
            insert_into(table).values(**key, **(others or {})).on_conflict_do_nothing()
        )
        found = connection.execute(query).scalar_one()
    return int(found)


def _find_station(records: Records, name: str) -> int:
    folder = str(records.folder.absolute())
    with records.writing() as connection:
        number = find_or_add(connection, StationRow, {"name": name}, {"folder": folder})
        known = connection.scalar(select(StationRow.folder).where(StationRow.id == number))
        if known == folder:
            return number
        if not records.sqlite:
            raise RecordsError(
                f"In {records.place} the station “{name}” keeps its images in {known}, and this "
                f"one in {folder}; give this station another name in its settings "
                "(records, station)."
            )
        connection.execute(update(StationRow).where(StationRow.id == number).values(folder=folder))
    return number


def _regions(number: int, inspection: Inspection) -> list[dict[str, Any]]:
    return [
        {
            "inspection_id": number,
            "place": place,
            "x": region.x,
            "y": region.y,
            "width": region.width,
            "height": region.height,
            "area": region.area,
            "peak": region.peak,
        }
        for place, region in enumerate(inspection.regions)
    ]


def _from_file(inspection: Inspection) -> bool:
    return inspection.kind is SourceKind.FILE


def _text(text: str) -> str:
    """What every database takes: no NUL, nothing that is no character (odd file names)."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
