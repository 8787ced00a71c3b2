from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from tests.helpers import make_tiny_package
from tests.records.make import entry
from uniad_desktop.engine.package import open_package
from uniad_desktop.inspection.types import Limits, Verdict
from uniad_desktop.records.audit import entries
from uniad_desktop.records.database import open_records
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.records.labels import set_label
from uniad_desktop.records.schema import VERDICT_CODES, Label
from uniad_desktop.records.writer import InspectionWriter
from uniad_desktop.review.errors import ReviewError
from uniad_desktop.review.what_if import ScoreTable, apply, load_scores, same_network
from uniad_desktop.teaching.limit_change import open_in_use


def table(*rows: tuple[float, Label, Verdict]) -> ScoreTable:
    raw, label, verdict = zip(*rows, strict=True)
    return ScoreTable(
        np.array(raw, float),
        np.array([int(one) for one in label], np.uint8),
        np.array([VERDICT_CODES[one] for one in verdict], np.uint8),
    )


def test_a_limit_is_counted_by_label_and_verdict():
    found = table(
        (1.0, Label.GOOD, Verdict.PASS),
        (3.0, Label.GOOD, Verdict.FAIL),
        (2.0, Label.DEFECT, Verdict.FAIL),
        (4.0, Label.DEFECT, Verdict.FAIL),
        (1.5, Label.NONE, Verdict.PASS),
        (3.5, Label.NONE, Verdict.FAIL),
        (2.5, Label.UNSURE, Verdict.FAIL),
    )
    one = found.at(3.0)
    assert (one.passed, one.review, one.failed) == (5, 0, 2)
    # At the limit itself a part passes, as on the line.
    assert (one.good, one.false_rejects, one.defects, one.escapes) == (2, 0, 2, 1)
    assert (one.unlabelled_above, one.unlabelled_below, one.unsure) == (1, 1, 1)
    assert one.changes == {(Verdict.FAIL, Verdict.PASS): 3}
    band = found.at(3.0, 1.5)
    assert (band.passed, band.review, band.failed) == (2, 3, 2)
    assert (band.good_review, band.defect_review, band.escapes) == (1, 1, 0)
    assert band.changes == {(Verdict.FAIL, Verdict.REVIEW): 3}


def test_the_curve_is_what_each_limit_gives():
    rng = np.random.default_rng(0)
    labels = rng.choice([Label.NONE, Label.GOOD, Label.DEFECT], 500)
    found = table(
        *(
            (float(v), Label(one), Verdict.PASS)
            for v, one in zip(rng.random(500), labels, strict=True)
        )
    )
    limits = np.linspace(0.01, 1.0, 50)
    rejects, escapes = found.curve(limits)
    for limit, reject, escape in zip(limits, rejects, escapes, strict=True):
        one = found.at(float(limit))
        assert (one.false_rejects, one.escapes) == (reject, escape)


@pytest.mark.parametrize("limits", [(0.0, None), (-1.0, None), (1.0, 2.0), (float("nan"), None)])
def test_what_is_no_limit_is_refused(limits):
    with pytest.raises(ValueError, match="limit"):
        table((1.0, Label.NONE, Verdict.PASS)).at(*limits)


def test_nothing_on_record_is_no_failure(data):
    with closing(open_records(data)) as records:
        found = load_scores(records, "flange", ())
    assert len(found) == 0 and found.at(1.0).passed == 0


def test_scores_come_from_the_records(data):
    with closing(open_records(data)) as records:
        writer = InspectionWriter(records, "line 1")
        ids = writer.store(
            [
                entry(Verdict.PASS, 1, 40.0),
                entry(Verdict.FAIL, 2, 80.0),
                entry(Verdict.FAIL, 3, 90.0, product="label"),
                entry(Verdict.ERROR, 4, float("nan")),
            ]
        )
        set_label(records, ids[:1], Label.DEFECT, who="Eva")
        found = load_scores(records, "flange", ())
        assert found.raw.tolist() == [0.8, 1.6]
        assert found.scores(Label.DEFECT).tolist() == [0.8]
        only = load_scores(records, "flange", (), RecordFilter(verdicts=(Verdict.FAIL,)))
        assert only.raw.tolist() == [1.6]


def test_a_limit_goes_into_force_and_on_record(data):
    package = open_package(make_tiny_package(data / "models"))
    with closing(open_records(data)) as records:
        seen = replace(table((1.0, Label.GOOD, Verdict.PASS)).at(2.5), limits=Limits(2.5, 2.5))
        with pytest.raises(ReviewError, match="why"):
            apply(data, records, package, "flange", seen, station="a", who="Eva", why=" ")
        made = apply(data, records, package, "flange", seen, station="a", who="Eva", why="dust")
        assert open_in_use(data, "tiny").identity == made.identity
        assert made.manifest.products["flange"].reject == 2.5
        (told,) = entries(records)
        assert (told.action, told.subject, told.who, told.why) == (
            "limits",
            "flange",
            "Eva",
            "dust",
        )
        assert told.old["reject"] == package.manifest.products["flange"].reject
        assert told.new["reject"] == 2.5 and told.new["seen"]["good"] == 1
        # Another version came into use: nothing is changed behind anybody's back.
        with pytest.raises(ReviewError, match="meanwhile"):
            apply(data, records, package, "flange", seen, station="a", who="Eva", why="again")
        # Scores of the former version count for the new one: only the limit differs.
        both = same_network(data, made, "flange")
        assert {one.version for one in both} == {package.identity.version, made.identity.version}
        with pytest.raises(ReviewError, match="does not know"):
            apply(data, records, made, "cap", seen, station="a", who="Eva", why="x")
