"""An inspection as it is read back from the records."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from uniad_desktop.cameras.frame import SourceKind
from uniad_desktop.engine.prediction import ModelIdentity
from uniad_desktop.inspection.types import Limits, Reason, Region, Verdict
from uniad_desktop.records.labels import notes_of
from uniad_desktop.records.pictures import heatmap_name
from uniad_desktop.records.schema import (
    BRIGHTNESS,
    NO_SCORE,
    REASONS,
    SATURATED,
    SHARPNESS,
    VERDICTS,
    ImageState,
    InspectionRow,
    Label,
    ModelRow,
    ProductRow,
    RegionRow,
    SetupRow,
    StationRow,
)


@dataclass(frozen=True, slots=True)
class Setup:
    """What was in force, shared by many inspections.

    Attributes:
        station, station_folder: where, and the data folder its image paths start from.
        product, model, runtime, limits: what decided.
        kind: live, simulated or file.
        camera, camera_name: serial number and name of the camera.
        features: key features of the camera when acquisition began.
        pixel_format: as the camera sent it.
        width, height: of the frame in pixels; 0 where there was none.
        mm_per_pixel: scale of the product, or None.
        operator: who was at the station.
        application: name and version of the program.
    """

    station: str
    station_folder: str
    product: str
    model: ModelIdentity
    runtime: str
    limits: Limits
    kind: SourceKind
    camera: str
    camera_name: str
    features: dict[str, Any]
    pixel_format: str
    width: int
    height: int
    mm_per_pixel: float | None
    operator: str
    application: str


@dataclass(frozen=True, slots=True)
class Record:
    """One inspection.

    Attributes:
        id: in the database; never used twice.
        setup: what was in force.
        number: running number of the decision since the start of the station.
        frame_id, timestamp_ns: identity of the frame.
        decided_at: seconds since the epoch, UTC.
        source: path of the file, or serial number of the camera.
        verdict, reason, detail: the decision.
        score: 0-100; NaN where there is none. `raw_score` likewise.
        latency_ms: from reception to the decision.
        regions: strongest first.
        brightness: as in `ImageQuality`, like the next two; None without a frame.
        saturated: share of pixels with a channel at 255, 0 to 1.
        sharpness: without unit.
        label, note: what a person said last.
        image_state: whether there is an image, and if not why.
        image, heatmap: paths from the station's folder on; empty where there is none.
        image_sha256: hex; stays where retention removed the image.
        image_bytes: size of the file.
    """

    id: int
    setup: Setup
    number: int
    frame_id: int
    timestamp_ns: int
    decided_at: float
    source: str
    verdict: Verdict
    reason: Reason
    detail: str
    score: float
    raw_score: float
    latency_ms: float
    regions: tuple[Region, ...]
    brightness: float | None
    saturated: float | None
    sharpness: float | None
    label: Label
    note: str
    image_state: ImageState
    image: str
    heatmap: str
    image_sha256: str
    image_bytes: int

    @property
    def simulated(self) -> bool:
        """Whether the frame came from the simulated camera."""
        return self.setup.kind is SourceKind.SIMULATED

    @property
    def product(self) -> str:
        """Key of the product."""
        return self.setup.product


def read_records(connection: Connection, ids: Sequence[int]) -> list[Record]:
    """The inspections with these ids, in this order; those that are gone are left out."""
    if not ids:
        return []
    rows = {
        row.id: row
        for row in connection.execute(select(InspectionRow).where(InspectionRow.id.in_(ids)))
    }
    setups = _setups(connection, {row.setup_id for row in rows.values()})
    boxes: dict[int, list[Any]] = {}
    query = select(RegionRow).where(RegionRow.inspection_id.in_(ids))
    for box in connection.execute(query.order_by(RegionRow.inspection_id, RegionRow.place)):
        boxes.setdefault(box.inspection_id, []).append(box)
    labelled = [row.id for row in rows.values() if row.label]
    notes = notes_of(connection, labelled) if labelled else {}
    return [
        _record(rows[one], setups[rows[one].setup_id], boxes.get(one, ()), notes.get(one, ""))
        for one in ids
        if one in rows
    ]


def _record(row: Row[Any], setup: Setup, boxes: Iterable[Row[Any]], note: str) -> Record:
    # A row that retention is at work on counts as without image already.
    kept = row.image_state == ImageState.KEPT and row.image
    measured = row.brightness is not None
    return Record(
        id=row.id,
        setup=setup,
        number=row.number,
        frame_id=row.frame_id,
        timestamp_ns=row.timestamp_ns,
        decided_at=row.at_us / 1e6,
        source=row.source or setup.camera,
        verdict=VERDICTS[row.verdict],
        reason=REASONS[row.reason],
        detail=row.detail or "",
        score=math.nan if row.score == NO_SCORE else row.score,
        raw_score=math.nan if row.raw_score is None else row.raw_score,
        latency_ms=row.latency_us / 1000,
        regions=tuple(
            Region(b.x, b.y, b.width, b.height, b.area, b.peak, setup.mm_per_pixel) for b in boxes
        ),
        brightness=row.brightness / BRIGHTNESS if measured else None,
        saturated=row.saturated / SATURATED if measured else None,
        sharpness=row.sharpness / SHARPNESS if measured else None,
        label=Label(row.label),
        note=note,
        image_state=ImageState(row.image_state),
        image=row.image if kept else "",
        heatmap=heatmap_name(row.image) if kept and row.heatmap else "",
        image_sha256=row.image_sha256.hex() if row.image_sha256 else "",
        image_bytes=row.image_bytes or 0,
    )


def _setups(connection: Connection, ids: Iterable[int]) -> dict[int, Setup]:
    query = (
        select(
            SetupRow,
            StationRow.name.label("station"),
            StationRow.folder.label("station_folder"),
            ProductRow.key.label("product"),
            ModelRow.name.label("model"),
            ModelRow.version.label("version"),
            ModelRow.sha256.label("sha256"),
        )
        .join(StationRow, StationRow.id == SetupRow.station_id)
        .join(ProductRow, ProductRow.id == SetupRow.product_id)
        .join(ModelRow, ModelRow.id == SetupRow.model_id)
        .where(SetupRow.id.in_(tuple(ids)))
    )
    return {
        row.id: Setup(
            station=row.station,
            station_folder=row.station_folder,
            product=row.product,
            model=ModelIdentity(row.model, row.version, row.sha256),
            runtime=row.runtime,
            limits=Limits(row.accept, row.reject),
            kind=SourceKind(row.kind),
            camera=row.camera,
            camera_name=row.camera_name,
            features=json.loads(row.features),
            pixel_format=row.pixel_format,
            width=row.width,
            height=row.height,
            mm_per_pixel=row.mm_per_pixel,
            operator=row.operator,
            application=row.application,
        )
        for row in connection.execute(query)
    }
