import numpy as np
import pytest

from uniad_desktop.teaching.coverage import coverage_of


def features(count, seed=0, spread=1.0):
    return (np.random.default_rng(seed).normal(0, spread, (count, 3))).astype(np.float32)


def test_covered_share_rises_with_varied_parts():
    found = coverage_of(features(60), list(np.linspace(80, 120, 60)))
    assert len(found.covered) == found.parts == 60
    assert all(0.0 <= one <= 1.0 for one in found.covered)
    assert list(found.covered) == sorted(found.covered)
    assert found.covered[-1] > found.covered[9] > found.covered[1]
    assert found.gain > 0.005 and found.words == ()


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 parts: 20 are the least (20 more), 50 or more are advised (50 more)."),
        (18, "18 parts: 20 are the least (2 more), 50 or more are advised (32 more)."),
        (20, "20 parts are enough to begin; 50 or more are advised: 30 more."),
    ],
)
def test_how_many_more(count, words):
    assert coverage_of(features(count)).words == (words,)
    assert coverage_of(None, parts=count).words == (words,)


def test_parts_that_add_nothing_new_are_told():
    varied = features(45)
    copies = varied[:15] + np.float32(1e-5)
    found = coverage_of(
        np.concatenate([varied, np.full((15, 3), 30, np.float32) + features(15, 1)])
    )
    assert found.gain > 0.005
    # Of clusters that were there before, more parts at the same places bring nothing.
    clusters = np.repeat(features(6, 2, 5.0), 10, axis=0)[np.random.default_rng(0).permutation(60)]
    found = coverage_of(clusters + features(60, 3, 1e-6))
    assert found.gain < 0.005
    assert found.words == (
        "The last 15 parts added nothing new; show parts of other batches, positions and days, or "
        "stop here.",
    )
    assert coverage_of(copies).gain is None


def test_one_part_again_and_again():
    found = coverage_of(np.ones((55, 3), np.float32) + features(55, 0, 1e-4))
    assert found.covered == () and found.gain is None
    assert found.words[0].startswith("All parts look the same")


def test_one_light_only():
    same = [100.0, 100.5] * 30
    (words,) = coverage_of(features(60), same).words
    assert words.startswith("Only one brightness so far")
    assert len(coverage_of(features(10), same[:10]).words) == 1  # too few to tell
    assert coverage_of(features(60), [100.0, 105.0] * 30).words == ()


def test_one_or_two_parts():
    assert coverage_of(features(1)).covered == ()
    first, second = coverage_of(features(2)).covered
    assert (first, second) == (0.0, 0.0)
