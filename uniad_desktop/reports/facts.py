"""What the parts of a report have in common, and which models and limits decided on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select

from uniad_desktop.cameras.frame import SourceKind
from uniad_desktop.engine.prediction import ModelIdentity
from uniad_desktop.inspection.types import Limits, Verdict
from uniad_desktop.records.database import Records
from uniad_desktop.records.filters import RecordFilter, conditions
from uniad_desktop.records.schema import (
    VERDICTS,
    InspectionRow,
    Label,
    ModelRow,
    ProductRow,
    SetupRow,
    StationRow,
)


@dataclass(frozen=True, slots=True)
class InForce:
    """What decided on some of the parts.

    Attributes:
        station, product, model, limits, runtime: what.
        first, last: seconds since the epoch of its first and last part here.
        parts: how many.
    """

    station: str
    product: str
    model: ModelIdentity
    limits: Limits
    runtime: str
    first: float
    last: float
    parts: int


@dataclass(frozen=True, slots=True)
class Latencies:
    """Milliseconds from reception to the decision, measured."""

    mean: float
    longest: float


@dataclass(frozen=True, slots=True)
class Facts:
    """What the parts have in common.

    Attributes:
        stations, operators, applications, cameras: names, sorted.
        first, last: seconds since the epoch of the first and last part; None without any.
        simulated: how many parts the simulated camera showed.
        latency: None without any.
        labels: how many parts of a verdict have a label.
    """

    stations: tuple[str, ...]
    operators: tuple[str, ...]
    applications: tuple[str, ...]
    cameras: tuple[str, ...]
    first: float | None
    last: float | None
    simulated: int
    latency: Latencies | None
    labels: dict[tuple[Label, Verdict], int]


def facts_of(records: Records, wanted: RecordFilter) -> tuple[Facts, tuple[InForce, ...]]:
    """What parts have in common, and what decided on them. Raises RecordsError."""
    row = InspectionRow
    with records.reading() as connection:
        chosen = conditions(connection, wanted)
        per_setup = (
            select(
                row.setup_id,
                func.count().label("parts"),
                func.min(row.at_us).label("first"),
                func.max(row.at_us).label("last"),
                func.sum(row.latency_us).label("latency"),
                func.max(row.latency_us).label("longest"),
            )
            .where(chosen.all)
            .group_by(row.setup_id)
            .subquery()
        )
        setups = connection.execute(
            select(
                per_setup,
                *(SetupRow.runtime, SetupRow.accept, SetupRow.reject, SetupRow.kind),
                *(SetupRow.camera, SetupRow.camera_name, SetupRow.operator, SetupRow.application),
                StationRow.name.label("station"),
                ProductRow.key.label("product"),
                *(ModelRow.name.label("model"), ModelRow.version, ModelRow.sha256),
            )
            .join(SetupRow, SetupRow.id == per_setup.c.setup_id)
            .join(StationRow, StationRow.id == SetupRow.station_id)
            .join(ProductRow, ProductRow.id == SetupRow.product_id)
            .join(ModelRow, ModelRow.id == SetupRow.model_id)
        ).all()
        labels = connection.execute(
            select(row.label, row.verdict, func.count())
            .where(chosen.all)
            .group_by(row.label, row.verdict)
        ).all()
    facts = Facts(
        stations=_names(one.station for one in setups),
        operators=_names(one.operator for one in setups),
        applications=_names(one.application for one in setups),
        cameras=_names(" ".join(filter(None, (o.camera_name, o.camera))) for o in setups),
        first=min((one.first / 1e6 for one in setups), default=None),
        last=max((one.last / 1e6 for one in setups), default=None),
        simulated=sum(one.parts for one in setups if one.kind == SourceKind.SIMULATED),
        latency=_latencies(setups),
        labels={(Label(one[0]), VERDICTS[one[1]]): one[2] for one in labels},
    )
    return facts, tuple(_in_force(setups))


def _in_force(setups: Sequence[Any]) -> Iterator[InForce]:
    """Setups that differ in what decides; operators and cameras do not."""
    found: dict[tuple[Any, ...], InForce] = {}
    for one in setups:
        model = ModelIdentity(one.model, one.version, one.sha256)
        limits = Limits(one.accept, one.reject)
        key = (one.station, one.product, model, limits, one.runtime)
        this = InForce(*key, one.first / 1e6, one.last / 1e6, one.parts)
        other = found.get(key)
        found[key] = (
            this
            if other is None
            else replace(
                this,
                first=min(this.first, other.first),
                last=max(this.last, other.last),
                parts=this.parts + other.parts,
            )
        )
    yield from sorted(found.values(), key=lambda one: (one.product, one.first, one.station))


def _latencies(setups: Sequence[Any]) -> Latencies | None:
    parts = sum(one.parts for one in setups)
    if not parts:
        return None
    mean = float(sum(one.latency for one in setups)) / parts / 1000
    return Latencies(mean, max(one.longest for one in setups) / 1000)


def _names(values: Iterator[str]) -> tuple[str, ...]:
    return tuple(sorted({one for one in values if one}))
