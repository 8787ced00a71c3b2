"""How many inspections each choice of a filter would leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sqlalchemy import Connection, Integer, cast, func, select

from uniad_desktop.engine.prediction import ModelIdentity
from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records.cameras import camera_names, cameras_of_setups
from uniad_desktop.records.database import Records
from uniad_desktop.records.filters import RecordFilter, conditions
from uniad_desktop.records.schema import VERDICTS, InspectionRow, Label, ModelRow, ProductRow

COLUMNS: Final = 25
"""Columns of the histogram over scores 0 to 100; a score of 100 stands in the last one."""


@dataclass(frozen=True, slots=True)
class CameraCount:
    """What a camera is called, empty where that is not on record, and how many it took."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Facets:
    """Counts per choice. Of each kind of choice, the others' conditions hold, not its own.

    Attributes:
        verdicts, labels, products, models: how many of each; what there is none of is left out.
        disagree: whose label says otherwise than the verdict.
        with_image: whose image is there.
        scores: per column of 4 points.
        cameras: by serial number, sorted by it; all that are on record, those with none left too.
            Empty where one camera at most is on record: then there is nothing to choose.
    """

    verdicts: Mapping[Verdict, int]
    labels: Mapping[Label, int]
    products: Mapping[str, int]
    models: Mapping[ModelIdentity, int]
    disagree: int
    with_image: int
    scores: tuple[int, ...]
    cameras: Mapping[str, CameraCount] = field(default_factory=dict)


def facets(records: Records, wanted: RecordFilter) -> Facets:
    """Counts for every kind of choice; of a million inspections it takes some tenths of a second.

    Raises:
        RecordsError: the database cannot be read.
    """
    row = InspectionRow
    with records.reading() as connection:
        products = {one.id: one.key for one in connection.execute(select(ProductRow))}
        models = {
            one.id: ModelIdentity(one.name, one.version, one.sha256)
            for one in connection.execute(select(ModelRow))
        }
        verdicts = _by(connection, replace(wanted, verdicts=()), row.verdict)
        labels = _by(connection, replace(wanted, labels=(), disagrees=False), row.label)
        by_product = _by(connection, replace(wanted, products=()), row.product_id)
        by_model = _by(connection, replace(wanted, models=()), row.model_id)
        disagree = _by(connection, replace(wanted, labels=(), disagrees=True), row.label)
        images = _by(connection, replace(wanted, with_image=True), row.verdict)
        any_score = replace(wanted, least_score=0.0, most_score=100.0)
        place = row.score * (COLUMNS / 100.0)
        # SQLite cuts off where PostgreSQL rounds; not every SQLite knows floor.
        whole = place if connection.dialect.name == "sqlite" else func.floor(place)
        column = cast(whole, Integer)
        scores = _by(connection, any_score, column)
        cameras = _by_camera(connection, wanted)
    columns = [0] * COLUMNS
    for column_of, found in scores.items():
        columns[min(max(column_of, 0), COLUMNS - 1)] += found
    return Facets(
        verdicts={VERDICTS[code]: found for code, found in verdicts.items()},
        labels={Label(code): found for code, found in labels.items()},
        products={products[number]: found for number, found in by_product.items()},
        models={models[number]: found for number, found in by_model.items()},
        disagree=sum(disagree.values()),
        with_image=sum(images.values()),
        scores=tuple(columns),
        cameras=cameras,
    )


def _by_camera(connection: Connection, wanted: RecordFilter) -> dict[str, CameraCount]:
    """How many each camera took.

    No index has the setup, so every row that the filter leaves is looked at. A station with one
    camera has nothing to choose and does not pay for that: counted is only where several are on
    record.
    """
    names = camera_names(connection)
    if len(names) < 2:
        return {}
    of_setup = cameras_of_setups(connection)
    found = dict.fromkeys(names, 0)
    by_setup = _by(connection, replace(wanted, cameras=()), InspectionRow.setup_id)
    for setup, number in by_setup.items():
        if of_setup[setup] in found:
            found[of_setup[setup]] += number
    return {serial: CameraCount(names[serial], number) for serial, number in found.items()}


def _by(connection: Connection, wanted: RecordFilter, value: Any) -> dict[int, int]:  # noqa: ANN401 - a column or an expression of one
    chosen = conditions(connection, wanted)
    query = select(value, func.count()).where(chosen.all).group_by(value)
    return {int(key): int(found) for key, found in connection.execute(query)}
