import numpy as np
import torch

from uniad_desktop.teaching.mixture import MixedRows, mix
from uniad_desktop.training.memory import (
    HELD,
    LARGEST_BYTES,
    TRAINED,
    choose_varied,
    memory_key,
    pictures_each,
    remember,
)


def rows(count, value):
    return np.full((count, 4, 3), value, np.float32)


def test_every_former_product_is_shown_as_often_as_the_others_and_the_new_one_enough():
    memory = {
        memory_key("a", TRAINED): torch.full((10, 4, 3), 1.0).half(),
        memory_key("b", TRAINED): torch.full((4, 4, 3), 2.0).half(),
        memory_key("b", HELD): torch.full((9, 4, 3), 9.0).half(),
    }
    mixed = mix(rows(5, 3.0), memory)
    values = mixed[:][:, 0, 0]
    counts = {value: int((values == value).sum()) for value in np.unique(values)}
    assert counts[1.0] == counts[2.0] == 10 and 9.0 not in counts
    assert counts[3.0] / len(mixed) >= 0.38
    assert mixed.shape == (len(mixed), 4, 3) and mixed[0].dtype == np.float32


def test_a_product_that_is_learned_anew_is_not_remembered_beside_itself():
    memory = {memory_key("a", TRAINED): torch.ones(3, 4, 3).half()}
    assert set(np.unique(mix(rows(5, 3.0), memory, leave_out="a")[:])) == {3.0}
    assert len(mix(rows(5, 3.0), {})) == 5


def test_rows_are_read_in_the_order_that_was_asked_for():
    where = np.array([[1, 0], [0, 1], [1, 1], [0, 0]])
    mixed = MixedRows([rows(2, 0.0) + np.arange(2)[:, None, None], rows(2, 10.0)], where)
    assert mixed[np.array([3, 1, 0])][:, 0, 0].tolist() == [0.0, 1.0, 10.0]
    assert mixed[::2][:, 0, 0].tolist() == [10.0, 10.0]
    assert mixed[1][0, 0] == 1.0


def test_what_is_remembered_differs_most_and_copies_are_not_kept():
    points = np.array([[0.0, 0], [0, 0], [10, 0], [0, 10], [0.1, 0.1], [10, 0]])
    chosen = choose_varied(points, 3)
    assert sorted(map(tuple, points[chosen].tolist())) in (
        [(0.0, 0.0), (0.0, 10.0), (10.0, 0.0)],
        [(0.0, 10.0), (0.1, 0.1), (10.0, 0.0)],
    )
    assert len(choose_varied(points, 99)) == 4
    assert choose_varied(np.zeros((0, 2)), 3) == []


def test_all_tiles_of_a_picture_are_kept_together():
    features = np.arange(12, dtype=np.float32)[:, None, None] * np.ones((1, 4, 3), np.float32)
    kept = remember(features, 2, tiles=3)
    assert kept.dtype == torch.float16 and len(kept) == 6
    firsts = kept[:, 0, 0].reshape(2, 3)
    assert (firsts[:, 0] % 3 == 0).all()
    assert (firsts[:, 1] - firsts[:, 0] == 1).all() and (firsts[:, 2] - firsts[:, 0] == 2).all()


def test_the_memory_is_bounded():
    assert pictures_each(4, 100_000, {}) == 32
    few = pictures_each(100, 10 << 20, {"a": 4})
    assert few * 2 * 4 * 100 * (10 << 20) <= LARGEST_BYTES or few == 1
