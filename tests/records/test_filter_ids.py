from __future__ import annotations

from tests.records.make import NOW, entry
from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records.database import Records
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.records.query import Order, count, matching_ids, page
from uniad_desktop.records.statistics import RegionsBy, counts, pareto
from uniad_desktop.records.writer import InspectionWriter


def test_chosen_ones(records: Records, writer: InspectionWriter) -> None:
    ids = writer.store([entry(Verdict.FAIL, n, at=NOW + n) for n in range(1, 9)])
    chosen = RecordFilter(ids=(ids[6], ids[1], 999_999))
    assert matching_ids(records, chosen, Order.OLDEST) == [ids[1], ids[6]]
    assert [one.id for one in page(records, chosen)] == [ids[6], ids[1]]
    assert counts(records, chosen).failed == 2 == pareto(records, chosen, RegionsBy.SIZE)[0].regions
    assert count(records, RecordFilter(ids=())) == 0


def test_more_than_a_statement_has_places_for(records: Records, writer: InspectionWriter) -> None:
    ids = writer.store([entry(Verdict.PASS, n, at=NOW + n) for n in range(1, 4)])
    assert count(records, RecordFilter(ids=tuple(range(ids[0], ids[0] + 300_000)))) == 3
