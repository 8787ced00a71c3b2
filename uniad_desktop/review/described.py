"""Decisions that a file tells: the JSON beside an image, or a line of an exported manifest."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from uniad_desktop.cameras.frame import SourceKind
from uniad_desktop.cameras.source import SourceInfo
from uniad_desktop.engine.prediction import ModelIdentity
from uniad_desktop.inspection.types import (
    Inspection,
    LatencyStart,
    Limits,
    Reason,
    Region,
    Verdict,
)
from uniad_desktop.records.labels import LONGEST_NOTE
from uniad_desktop.records.schema import Label

LARGEST: Final = 1_000_000
MOST_REGIONS: Final = 1000

_Text = Annotated[str, Field(max_length=4000)]
_Pixels = Annotated[int, Field(ge=0, le=1_000_000)]
_Hash = Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]
_Raw = Annotated[float, Field(ge=0, le=1e30)]


class _Read(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


class _Region(_Read):
    x: _Pixels
    y: _Pixels
    width: _Pixels
    height: _Pixels
    area: Annotated[int, Field(ge=0, le=10**12)]
    peak: Annotated[float, Field(ge=0, le=100)]


class _Limits(_Read):
    accept: _Raw
    reject: Annotated[float, Field(gt=0, le=1e30)]


class _Model(_Read):
    name: _Text
    version: _Text
    sha256: _Hash


class Described(_Read):
    """A decision in plain values, as `records.describe` writes them, and what reports add.

    Attributes:
        image: path of the image from the file's folder on; empty where there is none.
        image_sha256: of that file, hex; empty where it is not told.
        heatmap: path of the heatmap likewise.
        station, operator: where known.
        camera, camera_number, camera_name, camera_features: who took it and how.
        width, height: of the frame.
        label, note: what a person said.
        mm_per_pixel: scale of the product.
    """

    number: Annotated[int, Field(ge=0, lt=2**63)] = 0
    frame_id: Annotated[int, Field(ge=-1, lt=2**63)] = -1
    verdict: Verdict
    reason: Reason
    detail: _Text = ""
    score: Annotated[float, Field(ge=0, le=100)] | None = None
    raw_score: _Raw | None = None
    product: Annotated[str, Field(min_length=1, max_length=200)]
    kind: SourceKind
    latency_ms: Annotated[float, Field(ge=0, le=1e9)] = 0.0
    latency_from: LatencyStart = LatencyStart.RECEPTION
    limits: _Limits
    regions: Annotated[tuple[_Region, ...], Field(max_length=MOST_REGIONS)] = ()
    model: _Model
    runtime: _Text = ""
    source: _Text = ""
    pixel_format: _Text = ""
    timestamp_ns: Annotated[int, Field(ge=0, lt=2**63)] = 0
    decided_at: datetime
    image: _Text = ""
    image_sha256: _Hash = ""
    heatmap: _Text = ""
    station: _Text = ""
    operator: _Text = ""
    camera: _Text = ""
    camera_number: Annotated[int, Field(ge=1, le=1000)] = 1
    camera_name: _Text = ""
    camera_features: dict[str, str | int | float | bool] = Field(default_factory=dict)
    width: _Pixels = 0
    height: _Pixels = 0
    label: _Text = ""
    note: Annotated[str, Field(max_length=LONGEST_NOTE)] = ""
    mm_per_pixel: Annotated[float, Field(gt=0, le=1e6)] | None = None

    @property
    def taken_by(self) -> SourceInfo | None:
        """The camera and what it was set to; None where it is not told, or for files."""
        if not self.camera or self.kind is SourceKind.FILE:
            return None
        return SourceInfo(
            name=self.camera_name,
            vendor="",
            serial=self.camera,
            kind=self.kind,
            width=self.width,
            height=self.height,
            pixel_format=self.pixel_format,
            settings=self.camera_features,
        )

    @property
    def said(self) -> Label:
        """What a person said of it."""
        return Label.__members__.get(self.label.upper(), Label.NONE)

    def inspection(self) -> Inspection:
        """As the decision that it was."""
        nan = float("nan")
        return Inspection(
            number=self.number,
            frame_id=self.frame_id,
            timestamp_ns=self.timestamp_ns,
            decided_at=self.decided_at.timestamp(),
            source=self.source,
            kind=self.kind,
            verdict=self.verdict,
            reason=self.reason,
            detail=self.detail,
            score=nan if self.score is None else self.score,
            raw_score=nan if self.raw_score is None else self.raw_score,
            regions=tuple(
                Region(r.x, r.y, r.width, r.height, r.area, r.peak, self.mm_per_pixel)
                for r in self.regions
            ),
            limits=Limits(self.limits.accept, self.limits.reject),
            product=self.product,
            model=ModelIdentity(self.model.name, self.model.version, self.model.sha256),
            runtime=self.runtime,
            latency_ms=self.latency_ms,
            latency_from=self.latency_from,
            camera=self.camera_number,
            pixel_format=self.pixel_format,
        )


def described_beside(image: Path) -> Described | None:
    """What the JSON beside an image tells; None where there is none that this program wrote."""
    path = image.with_suffix(".json")
    try:
        if path.stat().st_size > LARGEST:
            return None
        data = path.read_bytes()
    except OSError:
        return None
    found = parse(data)
    # Another image of the same name in another format is not the one that was judged.
    return found if found is not None and found.image in ("", image.name) else None


def parse(data: bytes | str) -> Described | None:
    """A decision from JSON; None where it is something else."""
    try:
        found = Described.model_validate_json(data)
        found.decided_at.timestamp()
    except (ValidationError, ValueError, OverflowError, OSError):
        return None
    return found


def from_manifest(line: str) -> Described | None:
    """A line of the manifest of an exported zip (docs/reports.md); None where it is something else.

    ``archive_image`` and ``archive_heatmap`` say where the files lie in the zip.
    """
    try:
        told = json.loads(line)
        names = ("name", "version", "sha256")
        values = told | {
            "decided_at": told["decided_at_utc"],
            "limits": {"accept": told["accept_limit"], "reject": told["reject_limit"]},
            "model": {name: told[f"model_{name}"] for name in names},
            "image": told.get("archive_image", ""),
            "image_sha256": told.get("archive_image_sha256", ""),
            "heatmap": told.get("archive_heatmap", ""),
        }
        found = Described.model_validate(values)
        found.decided_at.timestamp()
    except (ValidationError, ValueError, OverflowError, OSError, KeyError, TypeError):
        return None
    except RecursionError:  # a line of brackets only
        return None
    return found
