"""Varied copies of the parts that are learned from."""

import dataclasses

import cv2
import numpy as np
import pytest
import torch

from tests.teaching.test_teach import package, parts, plan  # noqa: F401 - fixtures
from uniad_desktop.engine.layout import Layout, RegionOfInterest
from uniad_desktop.teaching import augment, teach
from uniad_desktop.teaching.augment import Variant, light_range, variants_of, vary, with_variants
from uniad_desktop.teaching.mixture import mix
from uniad_desktop.training.errors import TrainingStopped
from uniad_desktop.training.memory import TRAINED, memory_key


def test_variants_follow_from_seed_and_picture_and_stay_within_bounds():
    picture = bytes(range(32))
    first = variants_of(picture, 50, 0, (0.9, 1.1))
    assert first == variants_of(picture, 50, 0, (0.9, 1.1))
    assert first[:3] == variants_of(picture, 3, 0, (0.9, 1.1))
    assert first != variants_of(picture, 50, 1, (0.9, 1.1))
    assert first != variants_of(picture[::-1], 50, 0, (0.9, 1.1))
    for one in first:
        assert abs(one.right) <= 0.02 and abs(one.down) <= 0.02
        assert abs(one.turn) <= 2.0 and 0.9 <= one.light <= 1.1
    assert len({one.turn for one in first}) > 20


@pytest.mark.parametrize("colours", [(), (3,)])
def test_a_picture_is_moved_turned_and_lit_and_keeps_its_shape(colours):
    image = np.random.default_rng(0).integers(0, 250, (50, 100, *colours), np.uint8)
    assert np.array_equal(vary(image, Variant(0.0, 0.0, 0.0, 1.0)), image)
    moved = vary(image, Variant(0.02, -0.02, 0.0, 1.0))
    assert moved.dtype == np.uint8 and moved.shape == image.shape
    assert np.array_equal(moved[:-1, 2:], image[1:, :-2])
    assert np.array_equal(vary(image, Variant(0.0, 0.0, 0.0, 1.2)).max(), 255)
    assert not np.array_equal(vary(image, Variant(0.0, 0.0, 2.0, 1.0)), image)


def test_light_stays_within_what_the_parts_showed_and_a_fifth():
    assert light_range(100.0, [95.0, 100.0, 110.0]) == pytest.approx((0.95, 1.1))
    assert light_range(100.0, [10.0, 100.0, 250.0]) == pytest.approx((0.8, 1.2))
    assert light_range(0.0, [0.0, 10.0]) == (1.0, 1.0)


def test_former_products_keep_their_share_and_every_variant_is_shown():
    new = np.arange(3.0, dtype=np.float32).reshape(3, 1, 1)
    memory = {memory_key("old", TRAINED): torch.full((4, 1, 1), 100.0)}
    shown = mix(new, memory)
    varied = np.array([10, 11, 12, 20, 21, 22], np.float32).reshape(6, 1, 1)
    rows = with_variants(shown, 3, len(shown) - 4, varied)
    values = rows[:][:, 0, 0]
    assert len(rows) == 3 * len(shown)
    assert (values == 100.0).mean() == (shown[:] == 100.0).mean()
    own = values[values != 100.0].tolist()
    assert own[:5] == [0, 1, 2, 0, 10]
    assert set(own) == {0, 1, 2, 10, 11, 12, 20, 21, 22}


def test_variants_are_learned_from_and_noted_and_never_remembered(plan):  # noqa: F811
    counts = []
    taught = teach.teach(
        dataclasses.replace(plan, augment=2),
        progress=lambda done, count: counts.append((done, count)),
    )
    (change,) = taught.package.manifest.training["changes"]
    assert change["augment"] == {"variants_of_each_part": 2, "variants": 36}
    assert change["parts"] == {"trained": 18, "held": 6}
    assert len(change["trained_sha256"]) == 18
    assert len(taught.package.memory()[memory_key("new", TRAINED)]) <= 18
    assert counts[-1] == (60, 60) and counts[0][1] == 60
    plain = teach.teach(dataclasses.replace(plan, run=plan.run.with_name("plain")))
    assert plain.package.manifest.training["changes"][0]["augment"]["variants"] == 0
    weights = taught.package.weights()
    assert any(not torch.equal(weights[name], one) for name, one in plain.package.weights().items())


def test_variants_are_computed_once_and_tiles_are_cut_from_them(plan, monkeypatch):  # noqa: F811
    layout = Layout((RegionOfInterest(rows=1, columns=2),))
    tiled = dataclasses.replace(plan, augment=1, layout=layout)
    first = teach.teach(tiled).package.weights()
    made = []
    real = augment.vary
    monkeypatch.setattr(augment, "vary", lambda *given: made.append(given) or real(*given))
    again = dataclasses.replace(tiled, run=plan.run.with_name("again"))
    second = teach.teach(again).package.weights()
    assert not made
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_a_stop_between_two_pictures_is_obeyed(plan):  # noqa: F811
    with pytest.raises(TrainingStopped):
        teach.teach(dataclasses.replace(plan, augment=1), stop=lambda: True)


def test_parts_of_another_size_are_named(plan, tmp_path):  # noqa: F811
    odd = plan.train[4].path
    small = cv2.resize(cv2.imread(str(odd)), (32, 24))
    odd.write_bytes(cv2.imencode(".png", small)[1].tobytes())
    (note,) = teach.teach(plan).notes
    assert "1 part of another size than the 23 of 64 x 48 pixels" in note
    assert f"{odd} (32 x 24)" in note
