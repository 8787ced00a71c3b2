from pathlib import Path

import pytest

from uniad_desktop.training.datasets import Sample, Split
from uniad_desktop.training.hold_out import split_hold_out


def parts(**products):
    """Samples and hashes: product to a text of one letter per picture."""
    samples, hashes = [], []
    for product, letters in products.items():
        for number, letter in enumerate(letters):
            samples.append(Sample(Path(f"{product}/{number}.png"), product, Split.TRAIN))
            hashes.append(letter.encode() * 32)
    return samples, hashes


@pytest.mark.parametrize("seed", range(5))
def test_equal_pictures_are_never_on_both_sides(seed):
    samples, hashes = parts(cap="aabbccddee", box="efghijae")
    train, held = split_hold_out(samples, hashes, 0.3, seed)
    trained, kept = ({hashes[one] for one in part} for part in (train, held))
    assert not trained & kept
    assert len(held) == len(kept)  # each once
    assert trained | kept == set(hashes)
    for product in ("cap", "box"):
        assert any(samples[one].product == product for one in (*train, *held))


def test_at_least_one_is_held_out_and_one_is_trained_on():
    for letters in ("ab", "abcde"):
        train, held = split_hold_out(*parts(cap=letters), 0.01, 0)
        assert len(held) == 1
        train, held = split_hold_out(*parts(cap=letters), 0.99, 0)
        assert len(train) == 1


def test_a_single_picture_is_trained_on_and_a_share_of_nothing_holds_out_nothing():
    assert split_hold_out(*parts(cap="a"), 0.5, 0) == ([0], [])
    assert split_hold_out(*parts(cap="aaa"), 0.5, 0) == ([0, 1, 2], [])
    assert split_hold_out(*parts(cap="abc", box="d"), 0.0, 0) == ([0, 1, 2, 3], [])


def test_another_product_does_not_change_the_split():
    samples, hashes = parts(cap="abcdefgh")
    alone = split_hold_out(samples, hashes, 0.3, 1)[1]
    more, others = parts(cap="abcdefgh", zip="ijklmnop")
    both = [one for one in split_hold_out(more, others, 0.3, 1)[1] if one < 8]
    assert alone == both
    assert alone != split_hold_out(samples, hashes, 0.3, 2)[1]
