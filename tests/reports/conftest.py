"""A station with some inspections on record."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.records.conftest import records, server, server_url, writer  # noqa: F401
from tests.records.make import NOW, shown
from uniad_desktop.cameras.frame import SourceKind
from uniad_desktop.inspection.types import Limits, Region, Verdict
from uniad_desktop.records.database import Records, open_records
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.records.labels import set_label
from uniad_desktop.records.options import RecordsOptions
from uniad_desktop.records.query import Order, page
from uniad_desktop.records.recorder import Recorder
from uniad_desktop.records.schema import Label

BOX = Region(1, 2, 3, 4, 10, 80.0, 0.5)


def record_shift(folder: Path) -> None:
    """Six inspections: passes, two rejects, an error without score, another product, a label."""
    keeping = Recorder(folder, RecordsOptions(station="Linie 1", pass_share=0.0), operator="Eva")
    keeping.take(shown(Verdict.PASS, 1, 20.0, at=NOW))
    keeping.take(shown(Verdict.FAIL, 2, 75.0, at=NOW + 2, regions=(BOX,)))
    keeping.take(shown(Verdict.ERROR, 3, float("nan"), at=NOW + 4, detail="=1+1 went wrong"))
    keeping.take(shown(Verdict.PASS, 4, 30.0, at=NOW + 6))
    keeping.take(
        shown(
            *(Verdict.FAIL, 5, 90.0),
            at=NOW + 8,
            product="cap",
            source="法兰.png",
            kind=SourceKind.FILE,
            limits=Limits(0.8, 1.2),
        )
    )
    keeping.take(shown(Verdict.REVIEW, 6, 48.0, at=NOW + 10, product="cap"))
    assert keeping.close() == 0
    with contextlib.closing(open_records(folder)) as opened:
        second = page(opened, RecordFilter(), Order.OLDEST)[1]
        set_label(opened, [second.id], Label.DEFECT, who="Eva", note="-2 mm, „Kratzer“,\nzwei")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    record_shift(tmp_path / "station")
    return tmp_path / "station"


@pytest.fixture
def stored(folder: Path) -> Iterator[Records]:
    with contextlib.closing(open_records(folder)) as opened:
        yield opened
