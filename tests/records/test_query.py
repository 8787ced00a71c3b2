from __future__ import annotations

import math
from dataclasses import replace

import pytest

from tests.inspection.fakes import MODEL
from tests.records.make import CAMERA, NOW, entry
from uniad_desktop.cameras.frame import SourceKind
from uniad_desktop.inspection.types import Region, Verdict
from uniad_desktop.records.database import Records
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.records.labels import set_label
from uniad_desktop.records.query import (
    Order,
    choices,
    count,
    cursor,
    fetch,
    matching_ids,
    neighbour,
    page,
    shifts,
)
from uniad_desktop.records.schema import Label
from uniad_desktop.records.statistics import (
    Counts,
    RegionsBy,
    counts,
    counts_by_product,
    counts_over_time,
    cycle_times,
    pareto,
    series,
)
from uniad_desktop.records.writer import InspectionWriter

OTHER = replace(MODEL, version="2", sha256="f" * 64)


@pytest.fixture
def ids(writer: InspectionWriter) -> list[int]:
    """Twelve parts, one a second: two products, every verdict, two models."""
    made = []
    for number in range(12):
        verdict = list(Verdict)[number % 4]
        score = math.nan if verdict is Verdict.ERROR else 10.0 * (number % 4) + number
        made.append(
            entry(
                verdict,
                number + 1,
                score,
                at=NOW + number,
                product="flange" if number < 8 else "标签/..\\x",
                model=MODEL if number % 2 else OTHER,
                detail="the lamp was off" if number == 3 else "",
            )
        )
    return writer.store(made)


def test_a_record_says_everything(records: Records, writer: InspectionWriter) -> None:
    given = entry(Verdict.FAIL, 5, 61.25, at=NOW + 0.125)
    (number,) = writer.store([given])
    (record,) = fetch(records, [number, 999])
    one = given.inspection
    assert (record.verdict, record.reason, record.score) == (one.verdict, one.reason, 61.25)
    assert (record.raw_score, record.latency_ms) == (one.raw_score, one.latency_ms)
    assert (record.number, record.frame_id, record.timestamp_ns) == (5, 5, 5)
    assert record.decided_at == NOW + 0.125
    assert record.regions == one.regions and record.setup.limits == one.limits
    assert record.setup.model == MODEL and record.product == "flange" and record.simulated
    assert record.setup.station == "line 1" and record.setup.operator == "Eva"
    assert record.setup.features == CAMERA.settings and record.source == "SIM0001"
    assert record.setup.application.startswith("uniad-desktop ")
    assert not record.image and record.label is Label.NONE


@pytest.mark.parametrize("order", list(Order))
def test_pages_forward_and_back_see_each_once(
    records: Records, ids: list[int], order: Order
) -> None:
    all_ids = matching_ids(records, RecordFilter(), order)
    assert sorted(all_ids) == sorted(ids)
    seen, last = [], None
    while found := page(records, RecordFilter(), order, after=last, size=5):
        seen += [one.id for one in found]
        last = cursor(found[-1], order)
    assert seen == all_ids
    (first,) = fetch(records, [all_ids[7]])
    back = page(records, RecordFilter(), order, before=cursor(first, order), size=5)
    assert [one.id for one in back] == all_ids[2:7]


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (RecordFilter(verdicts=(Verdict.FAIL, Verdict.ERROR)), [3, 4, 7, 8, 11, 12]),
        (RecordFilter(products=("标签/..\\x",)), [9, 10, 11, 12]),
        (RecordFilter(products=("nothing",)), []),
        (RecordFilter(since=NOW + 2, until=NOW + 4), [3, 4]),
        (RecordFilter(least_score=20.0), [3, 7, 11]),
        (RecordFilter(most_score=4.0), [1, 5]),
        (RecordFilter(least_score=11, most_score=22, verdicts=(Verdict.REVIEW,)), [2, 6, 10]),
        (RecordFilter(models=(OTHER,)), [1, 3, 5, 7, 9, 11]),
        (RecordFilter(simulated=False), []),
        (RecordFilter(stations=("line 1",), simulated=True, until=NOW + 1), [1]),
        (RecordFilter(stations=("line 2",)), []),
        (RecordFilter(text="LAMP"), [4]),
        (RecordFilter(text="7"), [7]),
        (RecordFilter(text="100%"), []),
        (RecordFilter(with_image=True), []),
        (RecordFilter(labels=(Label.NONE,), until=NOW + 2), [1, 2]),
        (RecordFilter(labels=(Label.GOOD,)), []),
    ],
)
def test_filters(
    records: Records, ids: list[int], wanted: RecordFilter, numbers: list[int]
) -> None:
    found = page(records, wanted, Order.OLDEST)
    assert [one.number for one in found] == numbers
    assert count(records, wanted) == len(numbers)
    assert sorted(matching_ids(records, wanted)) == [one.id for one in found]


def test_labels_and_notes_are_found(records: Records, ids: list[int]) -> None:
    set_label(records, ids[:3], Label.DEFECT, who="Eva", note="scratch on the rim")
    set_label(records, [ids[1]], Label.UNSURE, who="Eva", note="")
    labelled = RecordFilter(labels=(Label.DEFECT, Label.UNSURE))
    assert [one.number for one in page(records, labelled)] == [3, 2, 1]
    found = page(records, RecordFilter(text="Scratch"))
    assert [(one.number, one.note) for one in found] == [
        (3, "scratch on the rim"),
        (1, "scratch on the rim"),
    ]


def test_neighbours_are_of_the_same_product(records: Records, ids: list[int]) -> None:
    (eighth,) = fetch(records, [ids[7]])
    assert neighbour(records, eighth, later=True) is None
    former = neighbour(records, eighth, later=False)
    assert former is not None and former.number == 7
    passed = RecordFilter(verdicts=(Verdict.PASS,))
    former = neighbour(records, eighth, passed, later=False)
    assert former is not None and former.number == 5


def test_shifts_bound_what_is_found(
    records: Records, writer: InspectionWriter, ids: list[int]
) -> None:
    writer.begin_shift(NOW + 1, "Eva")
    writer.begin_shift(NOW + 4, "Li")
    late, early = shifts(records)
    assert (early.end, late.end, late.who) == (NOW + 4, None, "Li")
    assert count(records, RecordFilter(shift=early.id)) == 3
    assert count(records, RecordFilter(shift=late.id)) == 8
    assert count(records, RecordFilter(shift=99)) == 0


def test_choices(records: Records, ids: list[int]) -> None:
    found = choices(records)
    assert found.stations == ("line 1",)
    assert set(found.products) == {"flange", "标签/..\\x"}
    assert set(found.models) == {MODEL, OTHER}


def test_counts_and_yield(records: Records, ids: list[int]) -> None:
    assert counts(records, RecordFilter()) == Counts(3, 3, 3, 3)
    assert counts(records, RecordFilter()).yield_share == 0.25
    assert counts(records, RecordFilter(products=("no",))).yield_share is None
    assert counts_by_product(records, RecordFilter())["flange"] == Counts(2, 2, 2, 2)
    over = counts_over_time(records, RecordFilter(until=NOW + 8), 4.0)
    assert over == [(NOW, Counts(1, 1, 1, 1)), (NOW + 4, Counts(1, 1, 1, 1))]


def test_series_and_cycle_times(records: Records, ids: list[int]) -> None:
    dots = series(records, RecordFilter(), most=3)
    assert [one.score for one in dots] == [19.0, 30.0, None]
    found = cycle_times(records, RecordFilter())
    assert found is not None
    assert (found.shortest, found.mean, found.longest, found.pauses) == (1.0, 1.0, 1.0, 0)
    assert cycle_times(records, RecordFilter(until=NOW + 0.5)) is None


def test_pauses_are_no_cycles(records: Records, writer: InspectionWriter) -> None:
    writer.store(
        [entry(Verdict.PASS, n, 1.0, at=NOW + at) for n, at in enumerate((0, 2, 400, 403))]
    )
    found = cycle_times(records, RecordFilter())
    assert found is not None
    assert (found.shortest, found.mean, found.longest, found.pauses) == (2.0, 2.5, 3.0, 1)


def test_pareto_of_regions(records: Records, writer: InspectionWriter) -> None:
    corner, middle = Region(0, 0, 2, 2, 1, 80.0), Region(7, 5, 2, 2, 2, 60.0)
    line = Region(1, 0, 1, 4, 1, 55.0)
    writer.store(
        [
            entry(Verdict.FAIL, 1, at=NOW, regions=(corner, line)),
            entry(Verdict.FAIL, 2, at=NOW + 1, regions=(middle,)),
        ]
    )
    by_position = pareto(records, RecordFilter(), RegionsBy.POSITION)
    assert [(b.name, b.regions, b.inspections) for b in by_position] == [
        ("top-left", 2, 1),
        ("middle", 1, 1),
    ]
    assert [b.cumulated for b in by_position] == pytest.approx([2 / 3, 1.0])
    assert [b.name for b in pareto(records, RecordFilter(), RegionsBy.KIND)] == ["spot", "line"]
    assert {b.name: b.regions for b in pareto(records, RecordFilter(), RegionsBy.SIZE)} == {
        "medium": 2,
        "large": 1,
    }
    assert pareto(records, RecordFilter(products=("no",)), RegionsBy.SIZE) == []


def test_files_keep_their_own_source(records: Records, writer: InspectionWriter) -> None:
    odd = "/pictures/\udcff名前.png"
    (number,) = writer.store(
        [entry(Verdict.FAIL, 1, source=odd, kind=SourceKind.FILE, detail="nul \0 in it")]
    )
    (record,) = fetch(records, [number])
    assert record.source == "/pictures/?名前.png" and not record.simulated
    assert record.detail == "nul  in it"
