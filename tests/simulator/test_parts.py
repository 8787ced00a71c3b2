"""The simulated parts: the same every time, spoiled only where the mask says so."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache

import cv2
import numpy as np
import pytest

from uniad_desktop.simulator.parts import (
    DEFECT_KINDS,
    PRODUCTS,
    render_part,
    render_random_part,
)

KNOWN_KINDS = {"scratch", "dent", "stain", "missing", "misprint", "foreign"}
CASES = [(product, kind) for product in PRODUCTS for kind in DEFECT_KINDS[product]]


@cache
def good_part(product: str, seed: int) -> np.ndarray:
    image = render_part(product, seed).image
    image.setflags(write=False)
    return image


def grey_change(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return cv2.absdiff(first, second).max(axis=2)


def test_products_and_their_defects():
    assert PRODUCTS == ("flange", "label", "fabric", "board")
    assert set(DEFECT_KINDS) == set(PRODUCTS)
    for kinds in DEFECT_KINDS.values():
        assert len(set(kinds)) == len(kinds) >= 4
        assert set(kinds) <= KNOWN_KINDS


@pytest.mark.parametrize("product", PRODUCTS)
def test_good_part(product):
    part = render_part(product, 5)
    assert part.image.shape == (720, 960, 3)
    assert part.mask.shape == (720, 960)
    assert part.image.dtype == part.mask.dtype == np.uint8
    assert part.image.flags.writeable and part.image.flags.c_contiguous
    assert not part.mask.any()
    assert (part.product, part.defect, part.seed) == (product, None, 5)
    # A picture, not a flat field; neither black nor blown out.
    assert part.image.std() > 15
    assert 25 < part.image.mean() < 200
    assert (part.image == 255).mean() < 0.05


@pytest.mark.parametrize("product", PRODUCTS)
def test_same_arguments_give_the_same_pixels(product):
    kind = DEFECT_KINDS[product][0]
    first = render_part(product, 11, defect=kind, light=0.9)
    render_part(product, 12)  # what is rendered in between must not matter
    second = render_part(product, 11, defect=kind, light=0.9)
    assert np.array_equal(first.image, second.image)
    assert np.array_equal(first.mask, second.mask)


def test_threads_do_not_disturb_each_other():
    jobs = [(product, seed) for seed in (2, 9) for product in PRODUCTS]
    with ThreadPoolExecutor(4) as pool:
        images = list(pool.map(lambda job: render_part(*job).image, jobs))
    for job, image in zip(jobs, images, strict=True):
        assert np.array_equal(image, good_part(*job))


@pytest.mark.parametrize("product", PRODUCTS)
def test_result_is_the_callers_own(product):
    part = render_part(product, 3)
    before = part.image.copy()
    part.image[:] = 0
    assert np.array_equal(render_part(product, 3).image, before)


@pytest.mark.parametrize("product", PRODUCTS)
def test_good_parts_vary_moderately(product):
    images = [good_part(product, seed).astype(np.int16) for seed in (2, 3, 9)]
    for first, second in ((0, 1), (1, 2), (0, 2)):
        change = np.abs(images[first] - images[second])
        assert change.mean() > 1.5  # more than nothing
        brightness = images[first].mean() / images[second].mean()
        assert 0.85 < brightness < 1.18  # and the same product in about the same light


@pytest.mark.parametrize(("product", "kind"), CASES)
def test_defect_lies_within_its_mask(product, kind):
    masks = []
    for seed in (2, 9):
        good, bad = good_part(product, seed), render_part(product, seed, defect=kind)
        assert bad.defect == kind
        assert set(np.unique(bad.mask)) == {0, 1}
        assert 300 < int(bad.mask.sum()) < 0.15 * bad.mask.size
        change = grey_change(good, bad.image)
        assert change[bad.mask == 1].mean() > 10
        # The faintest edges may reach beyond the mask, nothing that one could see.
        outside = change[bad.mask == 0]
        assert outside.max() <= 14
        assert outside.mean() < 0.05
        # Still there when a model sees the whole frame at its own size.
        small = [
            cv2.resize(image, (224, 224), interpolation=cv2.INTER_AREA)
            for image in (good, bad.image)
        ]
        assert np.count_nonzero(grey_change(*small) >= 12) >= 10
        masks.append(bad.mask)
    assert not np.array_equal(*masks)


def test_light_scales_the_picture():
    means = [render_part("label", 1, light=light).image.mean() for light in (0.0, 0.5, 1.0, 1.3)]
    assert means[0] < 4
    assert means[1] == pytest.approx(means[2] / 2, rel=0.05)
    assert means[3] > means[2]


def test_light_leaves_the_mask_alone():
    dim = render_part("board", 6, defect="foreign", light=0.3)
    bright = render_part("board", 6, defect="foreign")
    assert np.array_equal(dim.mask, bright.mask)


@pytest.mark.parametrize("product", PRODUCTS)
def test_other_size(product):
    kind = DEFECT_KINDS[product][-1]
    part = render_part(product, 8, defect=kind, size=(320, 240))
    assert part.image.shape == (240, 320, 3)
    assert part.mask.shape == (240, 320)
    assert set(np.unique(part.mask)) == {0, 1}


def test_negative_and_huge_seeds():
    images = [render_part("board", seed).image for seed in (-7, 7, 2**63 + 7)]
    assert not np.array_equal(images[0], images[1])
    assert not np.array_equal(images[1], images[2])


def test_random_parts_follow_the_rate():
    size = (96, 72)
    for product in PRODUCTS:
        always = [render_random_part(product, s, defect_rate=1.0, size=size) for s in range(5)]
        never = [render_random_part(product, s, defect_rate=0.0, size=size) for s in range(2)]
        assert all(part.defect in DEFECT_KINDS[product] and part.mask.any() for part in always)
        assert len({part.defect for part in always}) > 1
        assert all(part.defect is None and not part.mask.any() for part in never)
    some = [render_random_part("fabric", s, defect_rate=0.3, size=size).defect for s in range(40)]
    assert 5 <= sum(kind is not None for kind in some) <= 20


def test_random_part_is_the_part_of_its_seed():
    drawn = render_random_part("label", 17, defect_rate=1.0)
    named = render_part("label", 17, defect=drawn.defect)
    assert np.array_equal(drawn.image, named.image)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: render_part("gear", 1), ("gear", *PRODUCTS)),
        (lambda: render_part("fabric", 1, defect="dent"), ("dent", *DEFECT_KINDS["fabric"])),
        (lambda: render_random_part("gear", 1, defect_rate=0.1), ("gear", "board")),
        (lambda: render_random_part("board", 1, defect_rate=1.5), ("1.5", "between 0 and 1")),
        (lambda: render_random_part("board", 1, defect_rate=float("nan")), ("nan",)),
        (lambda: render_part("board", 1, light=-1.0), ("light", "-1.0")),
        (lambda: render_part("board", 1, light=float("inf")), ("light", "inf")),
        (lambda: render_part("board", 1, size=(0, 720)), ("size", "720")),
    ],
)
def test_bad_arguments_are_named(call, words):
    with pytest.raises(ValueError) as caught:
        call()
    for word in words:
        assert word in str(caught.value)
