"""The tables. A row per inspection stays small: what changes seldom lies in `setups`.

Codes of verdicts, reasons, labels and image states are stored numbers: never give one a new
meaning, only add others. Times are microseconds since the epoch, UTC.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from uniad_desktop.inspection.types import Reason, Verdict

NO_SCORE: Final = -1.0
"""Stored score of an inspection without one, so that sorting needs no special case."""

BRIGHTNESS: Final = 10
SATURATED: Final = 10_000
SHARPNESS: Final = 1_000_000
"""What figures of a picture are multiplied with to be stored as whole numbers."""

VERDICTS: Final = {1: Verdict.PASS, 2: Verdict.REVIEW, 3: Verdict.FAIL, 4: Verdict.ERROR}
VERDICT_CODES: Final = {verdict: code for code, verdict in VERDICTS.items()}

REASONS: Final = {
    1: Reason.NORMAL,
    2: Reason.BETWEEN_LIMITS,
    3: Reason.ABOVE_LIMIT,
    4: Reason.CAMERA_LOST,
    5: Reason.CAMERA_TIMEOUT,
    6: Reason.MODEL_FAILED,
    7: Reason.FRAME_LOST,
    8: Reason.QUEUE_FULL,
    9: Reason.STOPPED,
    10: Reason.NOT_STORED,
    11: Reason.TOO_LATE,
}
REASON_CODES: Final = {reason: code for code, reason in REASONS.items()}


class Label(IntEnum):
    """What a person says of a part."""

    NONE = 0
    GOOD = 1
    DEFECT = 2
    UNSURE = 3


class ImageState(IntEnum):
    """Where the image of an inspection is."""

    NONE = 0  # none was to be kept
    KEPT = 1  # it is on the disk
    LEAVING = 2  # retention is taking it away at this moment
    REMOVED = 3  # retention took it away
    LOST = 4  # it could not be written: no room left to wait in, or no image format took it


class Base(DeclarativeBase):
    """All tables; constraints are named, so that later migrations can name them, too."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


_Id = BigInteger().with_variant(Integer, "sqlite")


class StationRow(Base):
    """A station and the data folder that its image paths start from."""

    __tablename__ = "stations"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    folder: Mapped[str] = mapped_column(Text)


class ProductRow(Base):
    """A product by its key."""

    __tablename__ = "products"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    key: Mapped[str] = mapped_column(Text, unique=True)


class ModelRow(Base):
    """A model by name, version and hash of its package."""

    __tablename__ = "models"
    __table_args__ = (UniqueConstraint("sha256", "name", "version"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    version: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)


class SetupRow(Base):
    """What was in force: the same for many inspections, found by the hash of its values."""

    __tablename__ = "setups"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    digest: Mapped[str] = mapped_column(Text, unique=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("stations.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"))
    runtime: Mapped[str] = mapped_column(Text)
    accept: Mapped[float]
    reject: Mapped[float]
    kind: Mapped[str] = mapped_column(Text)
    camera: Mapped[str] = mapped_column(Text)
    camera_name: Mapped[str] = mapped_column(Text)
    pixel_format: Mapped[str] = mapped_column(Text)
    width: Mapped[int]
    height: Mapped[int]
    mm_per_pixel: Mapped[float | None]
    features: Mapped[str] = mapped_column(Text)
    operator: Mapped[str] = mapped_column(Text)
    application: Mapped[str] = mapped_column(Text)


class InspectionRow(Base):
    """One decision. `product_id` to `simulated` repeat the setup's: they are in the indices."""

    __tablename__ = "inspections"

    id: Mapped[int] = mapped_column(_Id, primary_key=True, autoincrement=True)
    setup_id: Mapped[int] = mapped_column(ForeignKey("setups.id"))
    station_id: Mapped[int] = mapped_column(SmallInteger)
    product_id: Mapped[int] = mapped_column(Integer)
    model_id: Mapped[int] = mapped_column(Integer)
    simulated: Mapped[int] = mapped_column(SmallInteger)
    number: Mapped[int] = mapped_column(Integer)
    frame_id: Mapped[int] = mapped_column(BigInteger)
    timestamp_ns: Mapped[int] = mapped_column(BigInteger)
    at_us: Mapped[int] = mapped_column(BigInteger)
    verdict: Mapped[int] = mapped_column(SmallInteger)
    reason: Mapped[int] = mapped_column(SmallInteger)
    detail: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str | None] = mapped_column(Text)
    score: Mapped[float]
    raw_score: Mapped[float | None]
    latency_us: Mapped[int] = mapped_column(Integer)
    brightness: Mapped[int | None] = mapped_column(SmallInteger)
    saturated: Mapped[int | None] = mapped_column(SmallInteger)
    sharpness: Mapped[int | None] = mapped_column(Integer)
    label: Mapped[int] = mapped_column(SmallInteger, default=0)
    image_state: Mapped[int] = mapped_column(SmallInteger)
    image: Mapped[str | None] = mapped_column(Text)
    image_sha256: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    image_bytes: Mapped[int | None] = mapped_column(Integer)
    heatmap: Mapped[int] = mapped_column(SmallInteger, default=0)

    # The first columns find and order, the rest answers the usual filters without the row.
    __table_args__ = (
        Index(
            "ix_inspections_by_time",
            *("product_id", "verdict", "at_us", "id"),
            *("score", "model_id", "label", "simulated", "station_id"),
        ),
        Index(
            "ix_inspections_by_score",
            *("product_id", "verdict", "score", "id"),
            *("at_us", "model_id", "label", "simulated", "station_id"),
        ),
        Index(
            "ix_inspections_labelled",
            *("label", "at_us", "id"),
            sqlite_where=text("label > 0"),
            postgresql_where=text("label > 0"),
        ),
        Index(
            "ix_inspections_with_image",
            *("station_id", "image_state", "verdict", "at_us", "id"),
            sqlite_where=text("image_state in (1, 2)"),
            postgresql_where=text("image_state in (1, 2)"),
        ),
    )


class RegionRow(Base):
    """A region of an inspection, strongest first."""

    __tablename__ = "regions"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy wants just this

    inspection_id: Mapped[int] = mapped_column(
        ForeignKey("inspections.id", ondelete="CASCADE"), primary_key=True
    )
    place: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    x: Mapped[int]
    y: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    area: Mapped[int]
    peak: Mapped[float]


class ShiftRow(Base):
    """A shift: from one reset of the counters to the next."""

    __tablename__ = "shifts"
    __table_args__ = (Index("ix_shifts_station", "station_id", "start_us"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("stations.id"))
    start_us: Mapped[int] = mapped_column(BigInteger)
    end_us: Mapped[int | None] = mapped_column(BigInteger)
    who: Mapped[str] = mapped_column(Text)


class LabelChangeRow(Base):
    """One action of a person: a label on one or on many inspections, or taking one back."""

    __tablename__ = "label_changes"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    at_us: Mapped[int] = mapped_column(BigInteger)
    who: Mapped[str] = mapped_column(Text)
    undoes: Mapped[int | None] = mapped_column(ForeignKey("label_changes.id"))


class LabelRow(Base):
    """What a change did to one inspection; never changed afterwards."""

    __tablename__ = "labels"
    __table_args__ = (Index("ix_labels_inspection", "inspection_id", "id"),)

    id: Mapped[int] = mapped_column(_Id, primary_key=True, autoincrement=True)
    change_id: Mapped[int] = mapped_column(ForeignKey("label_changes.id"), index=True)
    inspection_id: Mapped[int] = mapped_column(ForeignKey("inspections.id"))
    former: Mapped[int] = mapped_column(SmallInteger)
    former_note: Mapped[str] = mapped_column(Text)
    label: Mapped[int] = mapped_column(SmallInteger)
    note: Mapped[str] = mapped_column(Text)


class AuditRow(Base):
    """An entry of the audit trail; the database refuses to change or remove one."""

    __tablename__ = "audit"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[str] = mapped_column(Text)
    station: Mapped[str] = mapped_column(Text)
    who: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    old: Mapped[str] = mapped_column(Text)
    new: Mapped[str] = mapped_column(Text)
    why: Mapped[str] = mapped_column(Text)
    former: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)


class AuditHeadRow(Base):
    """Number and hash of the last entry, so that one cut off at the end shows."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[int]
    sha256: Mapped[str] = mapped_column(Text)
