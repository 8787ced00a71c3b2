"""Which inspections: the filter of the review page as conditions of the database.

The indices begin with product and verdict. So a filter that names none of them is spelt out over
all products and verdicts, of which there are few: every condition then finds its place in an
index, whatever is asked for.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    and_,
    any_,
    bindparam,
    exists,
    func,
    or_,
    select,
    text,
)

from uniad_desktop.engine.prediction import ModelIdentity
from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records.schema import (
    VERDICT_CODES,
    InspectionRow,
    Label,
    LabelRow,
    ModelRow,
    ProductRow,
    SetupRow,
    ShiftRow,
    StationRow,
)


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """What is asked for; an empty field asks for everything.

    Attributes:
        since, until: seconds since the epoch, UTC; `until` itself is not included.
        shift: id of a shift; its station and its time.
        stations: names.
        products: keys.
        verdicts: verdicts.
        labels: labels; ``Label.NONE`` finds those without one.
        models: models, by name, version and hash.
        cameras: serial numbers. Looks at every row that the rest of the filter leaves.
        least_score, most_score: on the scale 0-100, both included; those without a score are
            left out then.
        simulated: only simulated ones, or only others.
        with_image: only those whose image is there.
        disagrees: only those whose label says otherwise: good parts that failed, defects that
            passed.
        ids: only these, as chosen one by one; None: no such choice, empty: none at all.
        text: part of a file name, a sentence, a note, an operator, name or serial number of a
            camera; or the id of a frame. Looks at every row that the rest of the filter leaves, so
            it takes longer.
    """

    since: float | None = None
    until: float | None = None
    shift: int | None = None
    stations: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    labels: tuple[Label, ...] = ()
    models: tuple[ModelIdentity, ...] = ()
    least_score: float | None = None
    most_score: float | None = None
    simulated: bool | None = None
    with_image: bool = False
    disagrees: bool = False
    ids: tuple[int, ...] | None = None
    text: str = ""
    cameras: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conditions:
    """A filter in terms of one database: the leading columns of the indices, and the rest."""

    products: tuple[int, ...]
    verdicts: tuple[int, ...]
    rest: tuple[ColumnElement[bool], ...]

    @property
    def all(self) -> ColumnElement[bool]:
        """Everything as one condition."""
        return and_(
            InspectionRow.product_id.in_(self.products),
            InspectionRow.verdict.in_(self.verdicts),
            *self.rest,
        )


def conditions(connection: Connection, wanted: RecordFilter) -> Conditions:
    """Looks up the names of a filter in a database."""
    row = InspectionRow
    products = select(ProductRow.id)
    if wanted.products:
        products = products.where(ProductRow.key.in_(wanted.products))
    rest: list[ColumnElement[bool]] = []
    if wanted.since is not None:
        rest.append(row.at_us >= round(wanted.since * 1e6))
    if wanted.until is not None:
        rest.append(row.at_us < round(wanted.until * 1e6))
    if wanted.shift is not None:
        rest.extend(_of_shift(connection, wanted.shift))
    if wanted.stations:
        names = select(StationRow.id).where(StationRow.name.in_(wanted.stations))
        rest.append(row.station_id.in_(connection.scalars(names).all()))
    if wanted.labels:
        rest.append(row.label.in_([int(one) for one in wanted.labels]))
        if Label.NONE not in wanted.labels:
            rest.append(text("label > 0"))  # type: ignore[arg-type]  # as in the partial index
    if wanted.models:
        found = select(ModelRow.id).where(or_(*(_is_model(one) for one in wanted.models)))
        rest.append(row.model_id.in_(connection.scalars(found).all()))
    if wanted.cameras:
        of_camera = select(SetupRow.id).where(SetupRow.camera.in_(wanted.cameras))
        rest.append(row.setup_id.in_(of_camera))
    if wanted.least_score is not None or wanted.most_score is not None:
        rest.append(row.score >= max(0.0, wanted.least_score or 0.0))
    if wanted.most_score is not None:
        rest.append(row.score <= wanted.most_score)
    if wanted.simulated is not None:
        rest.append(row.simulated == int(wanted.simulated))
    if wanted.with_image:
        rest.append(row.image_state == 1)
    if wanted.disagrees:
        rest.extend(_disagrees())
    if wanted.ids is not None:
        rest.append(_one_of(connection, wanted.ids))
    if wanted.text.strip():
        rest.append(_has_text(wanted.text.strip()))
    return Conditions(
        tuple(connection.scalars(products).all()),
        tuple(VERDICT_CODES[one] for one in wanted.verdicts or VERDICT_CODES),
        tuple(rest),
    )


def _of_shift(connection: Connection, shift: int) -> list[ColumnElement[bool]]:
    found = connection.execute(select(ShiftRow).where(ShiftRow.id == shift)).first()
    if found is None:
        return [InspectionRow.id < 0]
    limits = [InspectionRow.at_us >= found.start_us, InspectionRow.station_id == found.station_id]
    if found.end_us is not None:
        limits.append(InspectionRow.at_us < found.end_us)
    return limits


def _is_model(model: ModelIdentity) -> ColumnElement[bool]:
    return and_(
        ModelRow.sha256 == model.sha256,
        ModelRow.name == model.name,
        ModelRow.version == model.version,
    )


def _one_of(connection: Connection, ids: tuple[int, ...]) -> ColumnElement[bool]:
    """As one value, for databases bound the number of values in a statement."""
    if connection.dialect.name == "postgresql":
        return InspectionRow.id == any_(bindparam(None, list(ids), ARRAY(BigInteger)))
    chosen = func.json_each(json.dumps(ids)).table_valued("value")
    return InspectionRow.id.in_(select(chosen.c.value))


def _disagrees() -> list[ColumnElement[bool]]:
    row = InspectionRow
    return [
        or_(
            and_(row.label == int(Label.GOOD), row.verdict == VERDICT_CODES[Verdict.FAIL]),
            and_(row.label == int(Label.DEFECT), row.verdict == VERDICT_CODES[Verdict.PASS]),
        ),
        text("label > 0"),  # type: ignore[list-item]  # as in the partial index
    ]


def _has_text(words: str) -> ColumnElement[bool]:
    row = InspectionRow
    places: list[ColumnElement[bool]] = [
        row.source.icontains(words, autoescape=True),
        row.detail.icontains(words, autoescape=True),
        row.setup_id.in_(
            select(SetupRow.id).where(
                or_(
                    SetupRow.operator.icontains(words, autoescape=True),
                    SetupRow.camera.icontains(words, autoescape=True),
                    SetupRow.camera_name.icontains(words, autoescape=True),
                )
            )
        ),
        # The note in force: no newer step of the same inspection.
        row.id.in_(
            select(LabelRow.inspection_id).where(
                LabelRow.note.icontains(words, autoescape=True), ~_has_newer()
            )
        ),
    ]
    if words.isdecimal() and len(words) < 19:
        places.append(row.frame_id == int(words))
    return or_(*places)


def _has_newer() -> ColumnElement[bool]:
    newer = LabelRow.__table__.alias("newer")
    return exists().where(newer.c.inspection_id == LabelRow.inspection_id, newer.c.id > LabelRow.id)
