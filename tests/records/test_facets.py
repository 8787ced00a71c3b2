"""Counts per choice of a filter, and labels that disagree."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.records.make import CAMERA, entry
from uniad_desktop.cameras.frame import SourceKind
from uniad_desktop.engine.prediction import ModelIdentity
from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records.database import Records
from uniad_desktop.records.facets import COLUMNS, CameraCount, facets
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.records.labels import history, set_label
from uniad_desktop.records.query import fetch, matching_ids, page
from uniad_desktop.records.schema import Label
from uniad_desktop.records.statistics import cameras_among, series

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


def test_one_camera_is_no_choice_and_is_not_counted(records, ids, writer, monkeypatch):
    writer.store([entry(Verdict.PASS, 8, 5.0, source="a.png", kind=SourceKind.FILE)])
    shown = entry(Verdict.PASS, 9, 5.0, source="/parts/b.png", kind=SourceKind.FILE)
    shown.camera = replace(CAMERA, name="parts", serial="/parts", kind=SourceKind.FILE)
    writer.store([shown])  # a folder in the place of a camera is none
    monkeypatch.setattr("uniad_desktop.records.facets.cameras_of_setups", _not_asked)
    assert facets(records, RecordFilter()).cameras == {}


def _not_asked(connection) -> dict[int, str]:
    raise AssertionError("every inspection would be looked at")


def test_several_cameras_are_counted_by_serial_number(records, ids, writer):
    second = {"source": "SIM0002"}
    writer.store([entry(Verdict.FAIL, n, 80.0, at=2000.0 + n, **second) for n in range(2)])
    writer.store([entry(Verdict.PASS, 9, 5.0, source="a.png", kind=SourceKind.FILE)])
    found = facets(records, RecordFilter())
    assert found.cameras == {
        "SIM0001": CameraCount("SimCam U5", 8),
        "SIM0002": CameraCount("Side view", 2),
    }
    of_second = RecordFilter(cameras=("SIM0002",))
    found = facets(records, of_second)
    assert found.cameras["SIM0001"].count == 8  # a choice does not hide its neighbours
    assert found.verdicts == {Verdict.FAIL: 2} and found.products == {"flange": 2}
    assert len(matching_ids(records, of_second)) == 2
    found = facets(records, RecordFilter(products=("label",)))
    assert [one.count for one in found.cameras.values()] == [3, 0]  # none left is told, too


def test_a_camera_keeps_the_name_that_was_told(records, writer):
    writer.store([entry(Verdict.PASS, 1, 5.0), entry(Verdict.PASS, 2, 5.0, source="SIM0002")])
    lost = entry(Verdict.ERROR, 3, float("nan"), source="SIM0002")
    lost.camera = None  # it went away before it could be asked
    writer.store([lost])
    assert facets(records, RecordFilter()).cameras["SIM0002"] == CameraCount("Side view", 2)


def test_points_of_a_chart_know_their_camera(records, writer):
    writer.store([entry(Verdict.PASS, 1, 5.0, at=1.0)])
    writer.store([entry(Verdict.PASS, 2, 5.0, at=2.0, source="SIM0002")])
    writer.store([entry(Verdict.PASS, 3, 5.0, at=3.0, source="a.png", kind=SourceKind.FILE)])
    points = series(records, RecordFilter())
    assert [one.camera for one in points] == ["SIM0001", "SIM0002", ""]
    assert cameras_among(points) == ("SIM0001", "SIM0002")
