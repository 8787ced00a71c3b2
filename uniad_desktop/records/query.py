"""Finds inspections: pages, ids, neighbours, counts, and what can be filtered by."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, func, select, tuple_

from uniad_desktop.engine.prediction import ModelIdentity
from uniad_desktop.records.database import Records
from uniad_desktop.records.filters import Conditions, RecordFilter, conditions
from uniad_desktop.records.pictures import heatmap_file, inside
from uniad_desktop.records.record import Record, read_records
from uniad_desktop.records.schema import (
    NO_SCORE,
    InspectionRow,
    ModelRow,
    ProductRow,
    ShiftRow,
    StationRow,
)

PAGE: Final = 100
_CHUNK: Final = 500


class Order(StrEnum):
    """What comes first."""

    NEWEST = "newest"
    OLDEST = "oldest"
    HIGHEST = "highest"  # those without a score last
    LOWEST = "lowest"  # those without a score first


class Cursor(NamedTuple):
    """A place in an order: the value that it goes by, and the id."""

    value: float
    id: int


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift; `end` is None while it runs. Times are seconds since the epoch, UTC."""

    id: int
    station: str
    start: float
    end: float | None
    who: str


@dataclass(frozen=True, slots=True)
class Choices:
    """What there is to filter by."""

    stations: tuple[str, ...]
    products: tuple[str, ...]
    models: tuple[ModelIdentity, ...]


def page(
    records: Records,
    wanted: RecordFilter,
    order: Order = Order.NEWEST,
    *,
    after: Cursor | None = None,
    before: Cursor | None = None,
    size: int = PAGE,
) -> list[Record]:
    """A page, as fast at the end of a million as at the beginning.

    Args:
        records: the database.
        wanted: which inspections.
        order: what comes first.
        after: the page that follows this place (`cursor` of the last one shown).
        before: the page that ends before this place (`cursor` of the first one shown).
        size: how many at most.

    Raises:
        RecordsError: the database cannot be read.
    """
    with records.reading() as connection:
        found = _find(connection, wanted, order, after or before, size, backward=bool(before))
        return read_records(connection, [one.id for one in found])


def cursor(record: Record, order: Order) -> Cursor:
    """The place of an inspection in an order."""
    if order in {Order.NEWEST, Order.OLDEST}:
        return Cursor(round(record.decided_at * 1e6), record.id)
    return Cursor(NO_SCORE if math.isnan(record.score) else record.score, record.id)


def matching_ids(
    records: Records, wanted: RecordFilter, order: Order = Order.NEWEST, *, most: int = 1_000_000
) -> list[int]:
    """Ids alone, for a grid that asks for the rows it shows (`fetch`). Raises RecordsError."""
    with records.reading() as connection:
        chosen = conditions(connection, wanted)
        value, descending = _column(order)
        key = (value.desc(), InspectionRow.id.desc()) if descending else (value, InspectionRow.id)
        query = select(InspectionRow.id).where(chosen.all).order_by(*key).limit(most)
        return list(connection.scalars(query))


def fetch(records: Records, ids: Sequence[int]) -> list[Record]:
    """Inspections by their ids, in this order; those that are gone are left out.

    Raises:
        RecordsError: the database cannot be read.
    """
    with records.reading() as connection:
        return [
            record
            for begin in range(0, len(ids), _CHUNK)
            for record in read_records(connection, ids[begin : begin + _CHUNK])
        ]


def neighbour(
    records: Records, record: Record, wanted: RecordFilter | None = None, *, later: bool
) -> Record | None:
    """The next or the former part of the same product, or None.

    Args:
        records: the database.
        record: where to start.
        wanted: only among these; the product is always that of `record`.
        later: the next one in time, or the one before.

    Raises:
        RecordsError: the database cannot be read.
    """
    same = replace(wanted or RecordFilter(), products=(record.product,))
    order = Order.OLDEST if later else Order.NEWEST
    found = page(records, same, order, after=cursor(record, order), size=1)
    return found[0] if found else None


def count(records: Records, wanted: RecordFilter) -> int:
    """How many there are. Of a million it takes some tens of ms. Raises RecordsError."""
    with records.reading() as connection:
        chosen = conditions(connection, wanted)
        return int(
            connection.scalar(select(func.count()).select_from(InspectionRow).where(chosen.all))
            or 0
        )


def shifts(records: Records, *, station: str = "", most: int = 100) -> list[Shift]:
    """Shifts, newest first. Raises RecordsError."""
    query = (
        select(ShiftRow, StationRow.name)
        .join(StationRow, StationRow.id == ShiftRow.station_id)
        .order_by(ShiftRow.start_us.desc())
        .limit(most)
    )
    if station:
        query = query.where(StationRow.name == station)
    with records.reading() as connection:
        return [
            Shift(
                row.id,
                row.name,
                row.start_us / 1e6,
                None if row.end_us is None else row.end_us / 1e6,
                row.who,
            )
            for row in connection.execute(query)
        ]


def choices(records: Records) -> Choices:
    """Stations, products and models on record. Raises RecordsError."""
    with records.reading() as connection:
        models = connection.execute(select(ModelRow).order_by(ModelRow.name, ModelRow.id.desc()))
        return Choices(
            tuple(connection.scalars(select(StationRow.name).order_by(StationRow.name))),
            tuple(connection.scalars(select(ProductRow.key).order_by(ProductRow.key))),
            tuple(ModelIdentity(one.name, one.version, one.sha256) for one in models),
        )


def image_path(records: Records, record: Record) -> Path | None:
    """The image of an inspection, or None where there is none.

    Raises:
        ValueError: the database names a file outside the station's folder.
    """
    return inside(_folder(records, record), record.image) if record.image else None


def heatmap_path(records: Records, record: Record) -> Path | None:
    """The heatmap of an inspection (`heatmaps.decode_heatmap` reads it), or None.

    Raises:
        ValueError: the database names a file outside the station's folder.
    """
    if not record.heatmap:
        return None
    if records.heatmaps is not None:
        return records.heatmaps / heatmap_file(record.image)
    return inside(_folder(records, record), record.heatmap)


def _folder(records: Records, record: Record) -> Path:
    """In the data folder the images lie beside the database, wherever that was moved to."""
    return records.folder if records.sqlite else Path(record.setup.station_folder)


def _column(order: Order) -> tuple[Any, bool]:
    value = InspectionRow.at_us if order in {Order.NEWEST, Order.OLDEST} else InspectionRow.score
    return value, order in {Order.NEWEST, Order.HIGHEST}


def _find(
    connection: Connection,
    wanted: RecordFilter,
    order: Order,
    place: Cursor | None,
    size: int,
    *,
    backward: bool,
) -> list[Cursor]:
    """Every product and verdict is a stretch of an index in order; merged like sorted lists."""
    chosen = conditions(connection, wanted)
    value, descending = _column(order)
    descending ^= backward
    key = (value.desc(), InspectionRow.id.desc()) if descending else (value, InspectionRow.id)
    rest = list(chosen.rest)
    if place is not None:
        here: Any = tuple_(value, InspectionRow.id)
        there = (int(place.value) if value is InspectionRow.at_us else place.value, place.id)
        rest.append(here < there if descending else here > there)
    if wanted.ids is not None or wanted.disagrees or (wanted.labels and all(wanted.labels)):
        # Labelled ones are few and have an index of their own; chosen ones are found by id.
        stretches = [Conditions(chosen.products, chosen.verdicts, tuple(rest)).all]
    else:
        stretches = [_stretch(p, v, rest) for p in chosen.products for v in chosen.verdicts]
    parts = [
        [
            Cursor(*row)
            for row in connection.execute(
                select(value, InspectionRow.id).where(stretch).order_by(*key).limit(size)
            )
        ]
        for stretch in stretches
    ]
    found = list(islice(heapq.merge(*parts, reverse=descending), size))
    return found[::-1] if backward else found


def _stretch(product: int, verdict: int, rest: list[ColumnElement[bool]]) -> ColumnElement[bool]:
    return Conditions((product,), (verdict,), tuple(rest)).all
