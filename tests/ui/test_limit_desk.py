"""Limits being tried on kept scores."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.helpers import make_tiny_package
from tests.teaching.test_limit_change import BAD, GOOD, stored
from uniad_desktop.engine.package import ModelPackage, open_package
from uniad_desktop.teaching.limit_change import LimitChange, calibrated_by
from uniad_desktop.teaching.limits import LimitSettings, set_limits, what_if
from uniad_desktop.teaching.stored_scores import CollectedParts
from uniad_desktop.ui.teach.limit_desk import LimitDesk, Loaded
from uniad_desktop.ui.teach.limit_words import of_all, promise, rows, unusual


@pytest.fixture
def package(tmp_path: Path) -> ModelPackage:
    return open_package(make_tiny_package(tmp_path / "models"))


def desk_of(package: ModelPackage, good=GOOD, bad=BAD) -> LimitDesk:
    scores = stored(good, bad) if len(good) else None
    return LimitDesk(Loaded("flange", package, CollectedParts((), (), "p"), scores))


def test_figures_are_those_of_what_if(package):
    desk = desk_of(package)
    for reject in (0.5, 1.0, 1.5, 1.9967, 2.0, 4.0, 9.0):
        desk.move(reject, reject)
        assert desk.figures().outcome == what_if(GOOD, BAD, reject)
        assert (desk.figures().review, desk.figures().bad_review) == (0, 0)
    desk.open_band()
    desk.move(1.4, 1.8)
    found = desk.figures()
    assert found.review == sum(1.4 < one <= 1.8 for one in GOOD) and found.bad_review == 1
    assert desk.figures_now().outcome == what_if(GOOD, BAD, desk.entry.reject)


def test_a_rate_moves_t2_to_the_conformal_limit_and_what_is_applied_is_that(package):
    desk = desk_of(package)
    assert not desk.changed
    for rate in (0.001, 0.01, 0.05):
        desk.choose_rate(rate)
        assert desk.reject == desk.accept == set_limits(GOOD, LimitSettings(rate)).reject
        assert desk.rate == rate and desk.changed
        done = calibrated_by(package, desk.change(), desk.loaded.scores)
        assert (done.entry.accept, done.entry.reject) == (desk.accept, desk.reject)
    desk.open_band(0.1)
    assert desk.accept == set_limits(GOOD, LimitSettings(0.05, 0.1)).accept < desk.reject
    assert calibrated_by(package, desk.change(), desk.loaded.scores).entry.accept == desk.accept
    # A limit by hand is no longer that of a rate; T1 of a review rate stays where it is.
    desk.move(desk.accept, 3.0)
    assert desk.rate is None and desk.review_rate == 0.1
    assert calibrated_by(package, desk.change(), desk.loaded.scores).entry.reject == 3.0
    desk.move(1.2, 3.0)
    assert desk.review_rate is None
    assert desk.change() == LimitChange("flange", 1.2, 3.0)
    desk.revert()
    assert not desk.changed and not desk.band


def test_a_review_rate_is_always_above_the_other_rate(package):
    desk = desk_of(package)
    desk.choose_rate(0.01)
    desk.open_band(0.02)
    assert desk.offers(0.02)
    desk.choose_rate(0.05)
    assert desk.review_rate == 0.1 and not desk.offers(0.02) and not desk.offers(0.05)
    desk.close_band()
    assert desk.accept == desk.reject
    desk.open_band()
    assert desk.review_rate == 0.1


def test_few_parts_open_the_band_by_hand(package):
    desk = desk_of(package, good=[1.0, 1.1, 1.2])
    desk.choose_rate(0.005)
    assert desk.reject == 1.2
    desk.open_band()
    assert desk.review_rate is None and desk.accept == pytest.approx(0.9 * 1.2)
    assert "3 good parts are too few for 0.5 %: 196 more are needed" in promise(desk)
    assert "promises 25.0 % at best" in promise(desk)


def test_without_scores_lines_can_be_moved_and_rates_cannot(package):
    desk = desk_of(package, good=[], bad=[])
    desk.choose_rate(0.01)
    assert not desk.changed and desk.rate is None
    assert not desk.offers(0.1)
    assert "Random weights, for tests only." in promise(desk) and "25" in promise(desk)
    desk.open_band()
    assert desk.accept == pytest.approx(0.9 * desk.reject)
    assert len(rows(desk)) == 3 and rows(desk)[1][1] == "–"


def test_words_say_what_was_set_by_hand_and_what_it_costs(package):
    desk = desk_of(package)
    assert "in force rests on 1 good parts" in promise(desk)
    desk.move(1.5, 1.5)
    assert "Set by hand" in promise(desk) and "Cross-validated" in promise(desk)
    desk.choose_rate(0.05)
    assert "5 % or fewer" in promise(desk)
    desk.move(1.9, 1.9)
    shown = {row[0]: row[1:] for row in rows(desk)}
    over = sum(one > 1.9 for one in GOOD)
    assert shown["False rejects"][1] == of_all(over, 300)
    assert shown["Defects escaped"][1] == "1 of 3 · 33.3 %"
    assert of_all(0, 0) == "–"


def test_odd_parts_are_named(package):
    desk = desk_of(package)
    assert unusual(desk) == ""
    odd = stored([*GOOD, 50.0])
    parts = tuple(
        one.model_copy(update={"unusual": one.score == 50.0, "path": f"a/{one.path}"})
        for one in odd.parts
    )
    scores = odd.model_copy(update={"parts": parts})
    desk = LimitDesk(Loaded("flange", package, CollectedParts((), (), "p"), scores))
    assert [one.score for one in desk.unusual()] == [50.0]
    assert "1 good parts look unlike" in unusual(desk) and "300 (" in unusual(desk)


def test_thousands_of_parts_are_counted_without_a_pause(package):
    good = np.random.default_rng(1).gamma(9.0, 0.1, 5000).tolist()
    desk = desk_of(package, good=good)
    for reject in np.linspace(0.5, 3.0, 200):
        desk.move(reject, reject)
        desk.figures()
    assert desk.figures().outcome == what_if(good, BAD, 3.0)
