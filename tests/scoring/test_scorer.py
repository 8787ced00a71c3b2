from __future__ import annotations

import numpy as np

from tests.scoring.helpers import FakeDetector, jobs_of
from uniad_desktop.inspection.types import Verdict
from uniad_desktop.scoring.decode import Decoded
from uniad_desktop.scoring.job import Job
from uniad_desktop.scoring.scorer import Scorer


def decoded(value: int) -> Decoded:
    image = np.full((12, 16, 3), value, np.uint8)
    return Decoded(image, sha256="cd" * 32, modified_ns=7, width=16, height=12)


def test_verdicts_follow_from_the_limits(tmp_path):
    values = (10, 11, 20, 21)
    jobs = jobs_of(*(tmp_path / f"{value}.png" for value in values))
    scored = Scorer(FakeDetector()).score(
        [(job, decoded(value)) for job, value in zip(jobs, values, strict=True)]
    )
    lines = [line for line, _ in scored]
    assert [line.verdict.value for line in lines] == ["PASS", "REVIEW", "REVIEW", "FAIL"]
    assert [line.score for line in lines] == [25.0, 27.5, 50.0, 52.5]
    last = lines[-1]
    assert (last.raw_score, last.accept, last.reject, last.model) == (21, 10, 20, "test@1.0.0")
    assert (last.width, last.height, last.modified_ns, last.runtime) == (16, 12, 7, "fake")
    assert last.regions[0].width == 16 and last.regions[0].peak == 52.5
    assert last.path == str(tmp_path / "21.png") and last.latency_ms > 0


def test_whatever_fails_is_an_error_and_costs_nobody_else(tmp_path):
    detector = FakeDetector()
    values = (5, 255, 254, 6)
    jobs = jobs_of(*(tmp_path / f"{number}.png" for number in range(5)))
    batch = [(job, decoded(value)) for job, value in zip(jobs, values, strict=False)]
    batch.append((jobs[4], Decoded(error="x.png cannot be read.")))
    lines = [line for line, _ in Scorer(detector).score(batch)]
    verdicts = [line.verdict.value for line in lines]
    assert verdicts == ["PASS", "ERROR", "ERROR", "PASS", "ERROR"]
    assert "does not want" in lines[1].error and "not a number" in lines[2].error
    assert lines[4].error == "x.png cannot be read."
    assert all(line.score is None and line.raw_score is None for line in lines if line.error)
    assert detector.batches == [4, 1, 1, 1, 1]
    # An image without a sentence is no PASS either.
    ((line, prediction),) = Scorer(detector).score([(jobs[0], Decoded())])
    assert line.verdict is Verdict.ERROR and line.error and prediction is None


def test_products_do_not_mix(tmp_path):
    detector = FakeDetector()
    jobs = [
        Job(number, tmp_path / "a.png", tmp_path, product)
        for number, product in enumerate(("flange", "label", "label", "flange"))
    ]
    lines = [line for line, _ in Scorer(detector).score([(job, decoded(25)) for job in jobs])]
    assert [line.verdict.value for line in lines] == ["FAIL", "PASS", "PASS", "FAIL"]
    assert detector.batches == [1, 2, 1]
