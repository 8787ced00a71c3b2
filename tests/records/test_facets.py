"""Counts per choice of a filter, and labels that disagree."""

from __future__ import annotations

import pytest

from tests.records.make import entry
from uniad_desktop.engine.prediction import ModelIdentity
from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records.database import Records
from uniad_desktop.records.facets import COLUMNS, facets
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.records.labels import history, set_label
from uniad_desktop.records.query import fetch, matching_ids, page
from uniad_desktop.records.schema import Label

OTHER = ModelIdentity("test", "2", "1" * 64)


@pytest.fixture
def ids(records: Records, writer) -> list[int]:
    """Four passes, three fails of another model, an error; newest first."""
    made = [entry(Verdict.PASS, n, 10.0 * n, at=1000.0 + n) for n in range(4)]
    made += [
        entry(Verdict.FAIL, n, 90.0, at=1000.0 + n, product="label", model=OTHER)
        for n in range(4, 7)
    ]
    made.append(entry(Verdict.ERROR, 7, float("nan"), at=1007.0))
    writer.store(made)
    return matching_ids(records, RecordFilter())


def test_everything_is_counted(records, ids):
    found = facets(records, RecordFilter())
    assert found.verdicts == {Verdict.PASS: 4, Verdict.FAIL: 3, Verdict.ERROR: 1}
    assert found.labels == {Label.NONE: 8}
    assert found.products == {"flange": 5, "label": 3}
    assert found.models[OTHER] == 3 and sum(found.models.values()) == 8
    assert len(found.scores) == COLUMNS and sum(found.scores) == 7  # one has no score
    # 0, 10, 20, 30 and three times 90, in columns of 4 points
    assert [place for place, count in enumerate(found.scores) if count] == [0, 2, 5, 7, 22]
    assert (found.disagree, found.with_image) == (0, 0)


def test_a_choice_does_not_hide_its_neighbours(records, ids):
    found = facets(records, RecordFilter(verdicts=(Verdict.FAIL,), least_score=95.0))
    assert found.verdicts == {}  # nothing from 95 on
    assert found.scores[22] == 3  # the histogram goes on beyond its own range
    found = facets(records, RecordFilter(verdicts=(Verdict.FAIL,)))
    assert found.verdicts == {Verdict.PASS: 4, Verdict.FAIL: 3, Verdict.ERROR: 1}
    assert found.products == {"label": 3}


def test_the_highest_score_stands_in_the_last_column(records, writer):
    writer.store([entry(Verdict.FAIL, 1, 100.0)])
    assert facets(records, RecordFilter()).scores[-1] == 1


def test_labels_that_disagree_are_found(records, ids):
    passed = matching_ids(records, RecordFilter(verdicts=(Verdict.PASS,)))
    failed = matching_ids(records, RecordFilter(verdicts=(Verdict.FAIL,)))
    set_label(records, [passed[0], failed[0]], Label.DEFECT, who="Eva")
    set_label(records, [passed[1], failed[1]], Label.GOOD, who="Eva")
    set_label(records, [failed[2]], Label.UNSURE, who="Eva")
    wanted = RecordFilter(disagrees=True)
    assert {one.id for one in page(records, wanted)} == {passed[0], failed[1]}
    assert set(matching_ids(records, wanted)) == {passed[0], failed[1]}
    assert facets(records, RecordFilter()).disagree == 2


def test_a_label_keeps_the_note_and_a_note_the_label(records, ids):
    set_label(records, ids[:2], Label.GOOD, who="Eva", note="dust")
    set_label(records, ids[:2], Label.DEFECT, who="Eva", note=None)
    assert [(one.label, one.note) for one in fetch(records, ids[:2])] == [
        (Label.DEFECT, "dust")
    ] * 2
    change = set_label(records, ids[:3], None, who="Eva", note="scratch")
    assert change.changed == 3
    assert [(one.label, one.note) for one in fetch(records, ids[:3])] == [
        (Label.DEFECT, "scratch"),
        (Label.DEFECT, "scratch"),
        (Label.NONE, "scratch" if ids[2] else ""),
    ] or fetch(records, ids[2:3])[0].label is Label.NONE
    assert history(records, ids[2])[-1].note == "scratch"
