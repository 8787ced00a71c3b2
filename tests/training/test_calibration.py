import numpy as np
import pytest

from uniad_desktop.training.calibration import CalibrationError, conformal_limit, describe


@pytest.mark.parametrize(
    ("parts", "rate", "rank"), [(199, 0.005, 199), (399, 0.005, 398), (99, 0.1, 90), (19, 0.05, 19)]
)
def test_limit_is_the_conformal_rank(parts, rate, rank):
    scores = np.random.default_rng(parts).permutation(np.arange(1.0, parts + 1))
    limit = conformal_limit(scores, rate)
    assert limit.limit == rank
    assert limit.enough
    assert limit.note == ""


def test_too_few_parts_are_told_with_how_many_are_missing():
    limit = conformal_limit([3.0, 1.0, 2.0], 0.005)
    assert limit.limit == 3.0
    assert not limit.enough
    assert limit.needed == 199
    assert "3 normal parts are too few" in limit.note
    assert "196 more are needed" in limit.note


def test_one_part_more_than_needed_less_one_is_enough():
    assert not conformal_limit(np.arange(198.0), 0.005).enough
    assert conformal_limit(np.arange(199.0), 0.005).enough


def test_fresh_normal_parts_exceed_the_limit_as_seldom_as_promised():
    rng = np.random.default_rng(0)
    shares = []
    for _ in range(300):
        limit = conformal_limit(rng.gamma(3.0, 2.0, 99), 0.05).limit
        shares.append((rng.gamma(3.0, 2.0, 400) > limit).mean())
    assert np.mean(shares) == pytest.approx(0.05, abs=0.005)


@pytest.mark.parametrize(
    ("scores", "rate", "words"),
    [
        ([], 0.01, "there is none"),
        ([1.0, float("nan")], 0.01, "not a number"),
        ([1.0], 0.0, "between 0 and 1"),
        ([1.0], 1.0, "between 0 and 1"),
    ],
)
def test_what_gives_no_limit_is_refused(scores, rate, words):
    with pytest.raises(CalibrationError, match=words):
        conformal_limit(scores, rate)


def test_description_is_robust_to_one_wild_score():
    scores = np.append(np.random.default_rng(1).normal(10.0, 2.0, 999), 1e6)
    described = describe(scores, conformal_limit(scores, 0.01))
    assert described.median == pytest.approx(10.0, abs=0.3)
    assert described.deviation == pytest.approx(2.0, abs=0.3)
    assert described.largest == 1e6
    assert described.parts == 1000
