from __future__ import annotations

import pytest

from tests.records.make import NOW, entry
from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records import audit
from uniad_desktop.records.database import Records, RecordsError
from uniad_desktop.records.labels import history, set_label, undo
from uniad_desktop.records.query import fetch
from uniad_desktop.records.schema import Label
from uniad_desktop.records.writer import InspectionWriter


@pytest.fixture
def ids(writer: InspectionWriter) -> list[int]:
    return writer.store([entry(Verdict.FAIL, n, at=NOW + n) for n in range(4)])


def labels(records: Records, ids: list[int]) -> list[tuple[Label, str]]:
    return [(one.label, one.note) for one in fetch(records, ids)]


def test_many_at_once_and_back(records: Records, ids: list[int]) -> None:
    change = set_label(records, [*ids, ids[0], 999], Label.GOOD, who="Eva", note=" dust ")
    assert (change.changed, change.skipped) == (4, 1)
    assert labels(records, ids) == [(Label.GOOD, "dust")] * 4
    back = undo(records, change.id, who="Eva")
    assert (back.changed, back.skipped) == (4, 0)
    assert labels(records, ids) == [(Label.NONE, "")] * 4
    assert undo(records, back.id, who="Eva").changed == 4  # redo
    assert labels(records, ids) == [(Label.GOOD, "dust")] * 4


def test_undo_leaves_what_was_labelled_anew(records: Records, ids: list[int]) -> None:
    first = set_label(records, ids[:2], Label.GOOD, who="Eva")
    set_label(records, ids[:1], Label.DEFECT, who="Li", note="a dent")
    back = undo(records, first.id, who="Eva")
    assert (back.changed, back.skipped) == (1, 1)
    assert labels(records, ids[:2]) == [(Label.DEFECT, "a dent"), (Label.NONE, "")]


def test_history_says_who_and_what(records: Records, ids: list[int]) -> None:
    set_label(records, ids[:1], Label.UNSURE, who="Eva", note="look again")
    set_label(records, ids[:1], Label.UNSURE, who="Eva", note="look again")  # nothing new
    last = set_label(records, ids[:1], Label.DEFECT, who="Li")
    undo(records, last.id, who="Li")
    steps = history(records, ids[0])
    assert [(s.who, s.former, s.label, s.note) for s in steps] == [
        ("Eva", Label.NONE, Label.UNSURE, "look again"),
        ("Li", Label.UNSURE, Label.DEFECT, ""),
        ("Li", Label.DEFECT, Label.UNSURE, "look again"),
    ]
    assert steps[-1].undoes == last.id and history(records, 999) == []
    assert len(audit.entries(records, action="label")) == 4
    assert undo(records, 12345, who="Li").changed == 0


def test_a_thousand_labels_are_one_change(records: Records, writer: InspectionWriter) -> None:
    many = writer.store([entry(Verdict.FAIL, n, at=NOW + n) for n in range(1200)])
    change = set_label(records, many, Label.DEFECT, who="Eva")
    assert change.changed == 1200 and undo(records, change.id, who="Eva").changed == 1200


def test_history_cannot_be_rewritten(records: Records, ids: list[int]) -> None:
    set_label(records, ids, Label.GOOD, who="Eva")
    with pytest.raises(RecordsError, match="append-only"), records.writing() as connection:
        connection.exec_driver_sql("UPDATE labels SET note = 'x'")
