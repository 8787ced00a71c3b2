from __future__ import annotations

import math
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.records.make import NOW, entry
from uniad_desktop.inspection.spc.baseline import Baseline, BaselineSource, Quantity
from uniad_desktop.inspection.types import Limits, Verdict
from uniad_desktop.records.audit import record_change
from uniad_desktop.records.database import Records, open_records
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.records.query import Order, matching_ids
from uniad_desktop.records.schema import Label
from uniad_desktop.records.statistics import SeriesPoint
from uniad_desktop.records.writer import InspectionWriter
from uniad_desktop.reports import changes, scores
from uniad_desktop.reports.figures import REJECTS, ReportFigures, gather
from uniad_desktop.reports.scores import average_of


def figures_of(records: Records, wanted: RecordFilter = RecordFilter()) -> ReportFigures:  # noqa: B008
    return gather(records, wanted, who="Eva")


def test_counts_and_facts(stored: Records) -> None:
    found = figures_of(stored)
    assert found.total.total == 6 and found.total.passed == 2 and found.total.error == 1
    assert set(found.counts) == {"flange", "cap"} and found.counts["cap"].review == 1
    facts = found.facts
    assert facts.stations == ("Linie 1",) and facts.operators == ("Eva",)
    assert (facts.first, facts.last, facts.simulated) == (NOW, NOW + 10, 5)
    assert facts.labels[Label.DEFECT, Verdict.FAIL] == 1
    assert facts.latency is not None and facts.latency.mean == pytest.approx(30.0)
    assert (found.begin, found.end) == (NOW, NOW + 10)
    assert found.cycles is not None and found.cycles.mean == pytest.approx(2.0)
    assert found.reject_count == 4
    assert [one.score for one in found.pictures[:3]] == [90.0, 75.0, 48.0]
    assert found.filter_words == "everything"


def test_what_was_in_force(stored: Records) -> None:
    found = figures_of(stored).in_force
    assert [(one.product, one.limits, one.parts) for one in found] == [
        ("cap", Limits(0.8, 1.2), 1),
        ("cap", Limits(1.0, 1.0), 1),
        ("flange", Limits(1.0, 1.0), 4),
    ]
    assert (found[2].first, found[2].last) == (NOW, NOW + 6)


def test_regions_of_a_selection(stored: Records) -> None:
    ids = tuple(matching_ids(stored, RecordFilter(verdicts=(Verdict.FAIL,)), Order.OLDEST))
    found = figures_of(stored, RecordFilter(ids=ids[:1]))
    assert sum(one.regions for one in found.by_position) == 1
    assert found.picked and found.cycles is None and found.reject_count == 1


def test_a_filter_for_passes_has_no_rejects(stored: Records) -> None:
    found = figures_of(stored, RecordFilter(verdicts=(Verdict.PASS,)))
    assert found.total.total == 2 and not found.pictures and found.reject_count == 0


@pytest.mark.parametrize("verdict", REJECTS)
def test_a_filter_for_one_kind_of_reject(stored: Records, verdict: Verdict) -> None:
    found = figures_of(stored, RecordFilter(verdicts=(verdict,)))
    assert {one.verdict for one in found.pictures} == {verdict}


def test_changes_of_the_period_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    with closing(open_records(tmp_path)) as records:
        writer = InspectionWriter(records, "line 1")
        writer.store([entry(Verdict.PASS, 1, 20.0, at=now)])
        writer.store([entry(Verdict.FAIL, 2, at=now + 1, limits=Limits(1.0, 2.5))])
        writer.begin_shift(now + 2, "Eva")
        record_change(records, station="elsewhere", who="Bob", action="limits", new={"a": 1})
        record_change(
            records, station="line 1", who="Ann", action="limits", subject="flange",
            old={"reject": 2.5}, new={"reject": 3.0}, why="fewer false rejects",
        )  # fmt: skip
        found = figures_of(records, RecordFilter(since=now - 60, until=now + 60))
        told = [(one.action, one.who) for one in found.changes]
        assert ("in-force", "Eva") in told and told[-1] == ("limits", "Ann")
        assert all(one.action not in ("shift", "label") for one in found.changes)
        assert "elsewhere" not in {one.station for one in found.changes}
        of_limit = [one for one in found.changes if ("reject", "1", "2.5") in one.values]
        assert len(of_limit) == 1
        assert found.changes[-1].values == (("reject", "2.5", "3"),)
        assert found.changes[-1].why == "fewer false rejects"
        monkeypatch.setattr(changes, "MOST_CHANGES", 1)
        few = figures_of(records, found.wanted)
        assert len(few.changes) == 1 and few.more_changes == len(found.changes) - 1


def test_charts_are_bounded(stored: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scores, "MOST_CHARTS", 1)
    monkeypatch.setattr(scores, "MOST_POINTS", 3)
    found = figures_of(stored)
    assert [one.product for one in found.scores] == ["flange"] and found.more_scores == 1
    assert len(found.scores[0].points) == 3 and found.scores[0].left_out == 1


def test_the_average_is_of_accepted_parts_on_the_logarithm() -> None:
    nothing = (None, None, None, None)
    a = SeriesPoint(1, 0.0, Verdict.PASS, 10.0, *nothing)
    b = replace(a, id=2, verdict=Verdict.FAIL, score=90.0)
    c = replace(a, id=3, score=20.0)
    d = replace(a, id=4, verdict=Verdict.ERROR, score=None)
    first, *between, last = average_of([a, b, d, c])
    assert first == pytest.approx(10.0) and between == [None, None]
    assert last == pytest.approx(10.0 * 2.0**0.2)


def test_it_works_on_a_server(records: Records, writer: InspectionWriter) -> None:
    writer.store([entry(Verdict.FAIL, n, at=NOW + n) for n in range(1, 5)])
    found = figures_of(records)
    assert found.total.failed == 4 and found.in_force[0].parts == 4
    assert found.by_kind and found.scores[0].points


def test_progress_can_end_it(stored: Records) -> None:
    told: list[tuple[int, int]] = []
    gather(stored, RecordFilter(), who="Eva", tell=lambda done, total: told.append((done, total)))
    assert told[-1] == (9, 9) and len(told) == 9


def test_a_drift_of_scores_says_since_when(records: Records, writer: InspectionWriter) -> None:
    def score(number: int) -> float:
        return 20.0 + (number * 7 % 5) * 0.4 + (8.0 if number > 150 else 0.0)

    ids = writer.store([entry(Verdict.PASS, n, score(n), at=NOW + n) for n in range(1, 301)])
    found = figures_of(records)
    assert found.drifts is not None
    of_scores = [one for one in found.drifts if one.quantity is Quantity.SCORE]
    assert len(of_scores) == 1 and of_scores[0].product == "flange"
    state = of_scores[0].state
    assert ids[145] <= state.since_number <= ids[152] and state.shift > 0 and not state.over
    assert figures_of(records, RecordFilter(verdicts=(Verdict.PASS,))).drifts is None


def test_a_known_baseline_is_used(records: Records, writer: InspectionWriter) -> None:
    """All parts are far from what was calibrated: their own first ones would not show it."""
    writer.store([entry(Verdict.PASS, n, 30.0 + n % 3, at=NOW + n) for n in range(1, 101)])
    known = Baseline(math.log(0.4), 0.05, 60, BaselineSource.CALIBRATION_SUMMARY)
    found = gather(
        records, RecordFilter(), who="Eva", known=lambda product, model: {Quantity.SCORE: known}
    )
    assert found.drifts is not None and found.drifts[0].state.parts == 100
    assert not figures_of(records).drifts


def test_a_chart_knows_whose_parts_are_together(tmp_path: Path) -> None:
    with closing(open_records(tmp_path)) as records:
        writer = InspectionWriter(records, "line 1")
        writer.store([entry(Verdict.PASS, 1, 20.0, at=NOW)])
        writer.store([entry(Verdict.PASS, 2, 20.0, at=NOW + 1, source="SIM0002")])
        writer.store([entry(Verdict.PASS, 3, 20.0, at=NOW + 2, product="cap")])
        found = figures_of(records)
        cameras = {one.product: one.cameras for one in found.scores}
        assert cameras == {"flange": ("SIM0001", "SIM0002"), "cap": ("SIM0001",)}
        found = figures_of(records, RecordFilter(cameras=("SIM0002",)))
        assert found.total.total == 1 and found.scores[0].cameras == ("SIM0002",)
        assert found.facts.cameras == ("Side view SIM0002",)
        assert found.filter_words == "cameras SIM0002"
