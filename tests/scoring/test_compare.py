from __future__ import annotations

import json

from tests.scoring.helpers import line
from uniad_desktop.inspection.types import Verdict
from uniad_desktop.scoring.compare import compare_results

PASS, REVIEW, FAIL, ERROR = Verdict


def run(*verdicts: Verdict, **changes):
    return [
        line(f"/{number}.png", verdict, sha256=f"{number:064}", **changes)
        for number, verdict in enumerate(verdicts)
    ]


def test_flips_counts_and_scores():
    before = run(PASS, FAIL, REVIEW, FAIL, PASS, ERROR)
    after = run(PASS, PASS, FAIL, FAIL, ERROR, REVIEW)
    labels = {"/1.png": "defect", "/0.png": "good"}
    found = compare_results(before, after, labels)
    assert found.counts == {
        (PASS, PASS): 1,
        (FAIL, PASS): 1,
        (REVIEW, FAIL): 1,
        (FAIL, FAIL): 1,
        (PASS, ERROR): 1,
        (ERROR, REVIEW): 1,
    }
    assert found.groups["flange", "defect"] == {(FAIL, PASS): 1}
    assert found.groups["flange", "good"] == {(PASS, PASS): 1}
    assert sum(found.groups["flange", ""].values()) == 4
    # What was rejected and passes now comes first.
    assert [pair.after.path for pair in found.flips] == ["/1.png", "/5.png", "/2.png", "/4.png"]
    assert [pair.scores is None for pair in found.pairs] == [False] * 4 + [True] * 2
    assert found.pairs[3].scores == (62.5, 62.5)
    assert (found.only_before, found.only_after, found.changed) == ((), (), ())


def test_images_that_one_run_lacks_that_moved_or_changed():
    before = run(PASS, PASS, PASS, PASS)
    after = run(PASS, PASS, FAIL)
    after[0] = line("/new/0.png", FAIL, sha256=before[0].sha256)  # moved
    after[1] = line("/1.png", FAIL, sha256="ff" * 32)  # another picture of the same name
    after.append(line("/added.png", FAIL, sha256="ee" * 32))
    found = compare_results(before, after)
    assert [(pair.before.path, pair.after.path) for pair in found.pairs] == [
        ("/0.png", "/new/0.png"),
        ("/2.png", "/2.png"),
    ]
    assert [one.path for one in found.only_before] == ["/3.png"]
    assert [one.path for one in found.only_after] == ["/added.png"]
    assert [one.path for one in found.changed] == ["/1.png"]


def test_copies_are_not_taken_for_moved_ones():
    twin = "aa" * 32
    before = [line("/a.png", PASS, sha256=twin)]
    after = [line("/a.png", FAIL, sha256=twin), line("/copy.png", FAIL, sha256=twin)]
    found = compare_results(before, after)
    assert [pair.after.path for pair in found.pairs] == ["/a.png"]
    assert [one.path for one in found.only_after] == ["/copy.png"]


def test_unreadable_files_are_still_compared():
    found = compare_results(run(PASS), [line("/0.png", ERROR, sha256="")])
    assert found.counts == {(PASS, ERROR): 1} and len(found.flips) == 1


def test_labels_of_the_lines_and_json():
    found = compare_results(run(PASS, FAIL, label="unsure"), run(FAIL, FAIL))
    assert list(found.groups) == [("flange", "unsure")]
    values = json.loads(json.dumps(found.as_values(), allow_nan=False))
    assert values["images"] == 2
    assert values["counts"] == [
        {"before": "PASS", "after": "FAIL", "images": 1},
        {"before": "FAIL", "after": "FAIL", "images": 1},
    ]
    assert [flip["path"] for flip in values["flips"]] == ["/0.png"]
    assert compare_results([], []).as_values()["images"] == 0
