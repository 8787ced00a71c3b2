import numpy as np
import pytest

from uniad_desktop.teaching.limits import (
    LimitSettings,
    cross_validate,
    histogram,
    outliers,
    roc,
    set_limits,
    what_if,
)
from uniad_desktop.training.calibration import CalibrationError


def shuffled(count):
    return np.random.default_rng(count).permutation(np.arange(1.0, count + 1))


def test_one_limit_unless_a_review_band_is_wished():
    limits = set_limits(shuffled(199), LimitSettings(0.005))
    assert limits.accept == limits.reject == 199
    assert limits.note == ""
    assert limits.promised_rate == 0.005
    band = set_limits(shuffled(199), LimitSettings(0.005, review_rate=0.05))
    assert (band.accept, band.reject) == (190, 199)
    assert band.note == ""


def test_a_margin_raises_both_limits_and_is_told():
    limits = set_limits(shuffled(199), LimitSettings(0.005, 0.05, margin=0.1))
    assert (limits.accept, limits.reject) == pytest.approx((209, 218.9))
    assert limits.basis.limit == 199
    assert "margin of 10%" in limits.note


def test_few_parts_say_how_many_are_missing_what_is_promised_and_what_came_out():
    limits = set_limits(shuffled(20), LimitSettings(0.005))
    assert limits.reject == 20
    assert "179 more are needed" in limits.note
    assert "4.8% at best" in limits.note
    assert "Cross-validated over 5 blocks" in limits.note
    assert limits.check is not None and limits.check.above >= 1


def test_one_part_has_nothing_to_be_tried_on():
    limits = set_limits([3.0], LimitSettings(0.005, 0.1))
    assert limits.reject == limits.accept == 3.0
    assert limits.check is None
    assert "1 normal part is too few" in limits.note and "too few parts for a review" in limits.note
    assert limits.promised_rate == 0.5


def test_few_parts_are_left_out_one_by_one():
    check = cross_validate([1.0, 5.0, 2.0, 3.0], LimitSettings(0.01))
    assert (check.folds, check.above) == (4, 1)
    assert check.expected == pytest.approx(1.0)
    assert "single parts" in check.sentence


def test_alike_parts_are_not_odd_and_parts_that_change_over_time_are():
    alike = np.random.default_rng(0).gamma(9.0, 1.0, 400)
    assert not cross_validate(alike, LimitSettings(0.01)).odd
    drifting = np.linspace(1.0, 2.0, 400) * alike
    limits = set_limits(np.sort(drifting), LimitSettings(0.01))
    assert limits.check.odd
    assert "not alike from first to last" in limits.note


def test_the_promise_is_kept_on_average():
    rng = np.random.default_rng(1)
    observed = []
    for _ in range(200):
        limits = set_limits(rng.gamma(3.0, 2.0, 99), LimitSettings(0.05))
        fresh = what_if(rng.gamma(3.0, 2.0, 300), (), limits.reject)
        observed.append(fresh.false_reject_rate)
    assert np.mean(observed) == pytest.approx(0.05, abs=0.007)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ((0.0, None, 0.0), "between 0 and 1"),
        ((0.01, 1.0, 0.0), "between 0 and 1"),
        ((0.01, 0.01, 0.0), "larger than the false-reject rate"),
        ((0.01, None, -0.1), "margin"),
        ((0.01, None, float("nan")), "margin"),
    ],
)
def test_wishes_that_make_no_sense_are_refused(values, words):
    with pytest.raises(CalibrationError, match=words):
        LimitSettings(*values)


@pytest.mark.parametrize(
    ("scores", "words"),
    [([], "there is none"), ([1.0, np.nan], "not a number"), ([0.0, 0.0], "scores 0")],
)
def test_scores_that_give_no_limit_are_refused(scores, words):
    with pytest.raises(CalibrationError, match=words):
        set_limits(scores, LimitSettings())


def test_no_accept_limit_at_zero():
    with pytest.raises(CalibrationError, match="Most normal parts score 0"):
        set_limits([0.0] * 19 + [1.0], LimitSettings(0.01, 0.3))


def test_outliers_are_told_on_the_logarithm_and_only_above():
    scores = np.exp(np.random.default_rng(2).normal(2.0, 0.1, 200))
    assert not outliers(scores).any()
    odd = outliers([*scores, np.exp(2.7), np.exp(1.0), 0.0])
    assert list(np.flatnonzero(odd)) == [200]
    assert not outliers([2.0, 2.0, 2.0, 9.0]).any()  # no spread to measure by
    assert outliers([]).size == 0


def test_what_another_limit_would_give():
    outcome = what_if([1.0, 2.0, 3.0, 4.0], [3.0, 5.0], 3.0)
    assert (outcome.false_rejects, outcome.escapes) == (1, 1)
    assert outcome.false_reject_rate == 0.25 and outcome.catch_rate == 0.5
    assert what_if([1.0], (), 2.0).catch_rate is None
    assert what_if((), [1.0], 2.0).false_reject_rate is None
    for limit in (0.0, np.nan, np.inf):
        with pytest.raises(CalibrationError, match="above 0"):
            what_if([1.0], [], limit)
    with pytest.raises(CalibrationError, match="not a number"):
        what_if([np.nan], [], 1.0)


def test_the_curve_agrees_with_what_its_limits_give():
    rng = np.random.default_rng(3)
    good, bad = rng.gamma(4.0, 1.0, 60).round(1) + 0.1, rng.gamma(6.0, 1.0, 40).round(1) + 0.1
    curve = roc(good, bad)
    assert curve.false_rejects[0] == curve.caught[0] == 0.0
    for limit, rejected, caught in zip(
        curve.limits, curve.false_rejects, curve.caught, strict=True
    ):
        outcome = what_if(good, bad, limit)
        assert outcome.false_reject_rate == pytest.approx(rejected)
        assert outcome.catch_rate == pytest.approx(caught)
    pairs = good[:, None] < bad[None], good[:, None] == bad[None]
    assert curve.auroc == pytest.approx((pairs[0] + 0.5 * pairs[1]).mean())
    assert roc(good, ()) is None and roc((), bad) is None


def test_the_histogram_holds_all_scores_and_the_limits():
    shown = histogram([1.0, 2.0, 2.0], [8.0], limits=(3.0, 10.0), columns=9)
    assert len(shown.edges) == 10
    assert (shown.edges[0], shown.edges[-1]) == (1.0, 10.0)
    assert sum(shown.good) == 3 and shown.bad[7] == 1
    assert sum(histogram([2.0, 2.0]).good) == 2
    with pytest.raises(CalibrationError, match="no scores"):
        histogram(())
