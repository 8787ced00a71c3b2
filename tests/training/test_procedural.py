from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from uniad_desktop.training.procedural import Random, generate_images
from uniad_desktop.training.procedural import pool as pool_module
from uniad_desktop.training.procedural.fields import coordinates
from uniad_desktop.training.procedural.light import defocus, illuminate, shade
from uniad_desktop.training.procedural.pool import draw, make_pool, open_pool
from uniad_desktop.training.procedural.shapes import outline_distance, segment_distance
from uniad_desktop.training.procedural.textures import FAMILIES, make_textures
from uniad_desktop.training.procedural.vary import vary


def test_the_same_seed_gives_the_same_pictures_and_another_seed_others() -> None:
    first = generate_images(Random(3), 8, 64)
    assert torch.equal(first, generate_images(Random(3), 8, 64))
    assert not torch.equal(first, generate_images(Random(4), 8, 64))


def test_torchs_global_random_state_is_neither_used_nor_changed() -> None:
    torch.manual_seed(1)
    first = generate_images(Random(3), 4, 32)
    after = torch.rand(1)
    torch.manual_seed(1)
    assert torch.equal(after, torch.rand(1))
    assert torch.equal(first, generate_images(Random(3), 4, 32))


@pytest.mark.parametrize(("count", "size"), [(1, 16), (3, 50), (5, 96)])
def test_pictures_have_the_asked_shape_and_type(count: int, size: int) -> None:
    images = generate_images(Random(0), count, size)
    assert images.shape == (count, 3, size, size)
    assert images.dtype == torch.uint8


@pytest.mark.parametrize(("count", "size"), [(0, 64), (4, 8), (4, 65)])
def test_impossible_sizes_are_refused_with_the_number(count: int, size: int) -> None:
    with pytest.raises(ValueError, match=str(count if count < 1 else size)):
        generate_images(Random(0), count, size)


def test_pictures_are_varied() -> None:
    images = generate_images(Random(5), 64, 64).float()
    contrast = images.std((1, 2, 3))
    assert (contrast > 2).float().mean() > 0.9  # hardly one is blank
    assert images.mean((1, 2, 3)).std() > 30  # from dark to bright
    grey = (images.amax(1) - images.amin(1)).amax((1, 2)) <= 1
    assert 0.15 < grey.float().mean() < 0.75  # both grey and coloured ones
    flat = images.flatten(1)
    nearest = torch.cdist(flat, flat) + torch.eye(64) * 1e9
    assert nearest.min() > 100  # no two alike


@pytest.mark.parametrize("family", [family for family, _ in FAMILIES])
def test_each_texture_family_fills_its_fields(family: Callable[[Random, int, int], Tensor]) -> None:
    field = family(Random(1), 6, 64)
    assert field.shape == (6, 64, 64)
    assert torch.isfinite(field).all()
    assert (field.std((1, 2)) > 0).all()


def test_textures_are_standardised_and_bounded_and_shares_add_up() -> None:
    assert sum(share for _, share in FAMILIES) == pytest.approx(1.0)
    for count in (1, 7, 40):
        field = make_textures(Random(2), count, 32)
        assert field.shape == (count, 32, 32)
        assert field.abs().max() <= 3


def test_outlines_have_an_inside_and_an_outside() -> None:
    distance = outline_distance(Random(1), 64, 64)
    assert torch.isfinite(distance).all()
    crossing = (distance.amin((1, 2)) < 0) & (distance.amax((1, 2)) > 0)
    assert crossing.float().mean() > 0.9


def test_segment_distance_is_a_distance() -> None:
    distance = segment_distance(Random(1), 8, 64, 5)
    assert (distance >= 0).all()
    assert (distance.amin((1, 2)) < 0.1).all()  # every field has a segment in it
    # A distance never changes faster than the place: one pixel is 1/64 of the width.
    assert distance.diff(dim=1).abs().max() <= 1 / 64 + 1e-4
    assert distance.diff(dim=2).abs().max() <= 1 / 64 + 1e-4


def test_a_flat_relief_is_lit_evenly() -> None:
    image = torch.full((16, 3, 32, 32), 0.5)
    lit = shade(Random(1), image, torch.zeros(16, 32, 32))
    assert lit.std((2, 3)).max() < 1e-5


def test_a_relief_shows_in_about_half_of_the_pictures() -> None:
    y, _ = coordinates(32, torch.device("cpu"))
    relief = torch.sin(20 * y).expand(64, -1, -1)
    lit = shade(Random(1), torch.full((64, 3, 32, 32), 0.5), relief)
    share = (lit.std((1, 2, 3)) > 1e-3).float().mean()
    assert 0.3 < share < 0.7


def test_uneven_light_changes_slowly_and_keeps_black_black() -> None:
    gain = illuminate(Random(1), torch.ones(8, 3, 64, 64))
    assert gain.diff(dim=2).abs().max() < 0.05
    assert illuminate(Random(1), torch.zeros(8, 3, 64, 64)).abs().max() == 0


def test_defocus_softens_and_keeps_the_brightness() -> None:
    image = torch.rand(16, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    soft = defocus(Random(1), image)
    assert torch.allclose(soft.mean((2, 3)), image.mean((2, 3)), atol=1e-5)
    assert (soft.std((2, 3)) <= image.std((2, 3)) + 1e-5).all()
    assert (soft.std((1, 2, 3)) < 0.9 * image.std((1, 2, 3))).any()


def test_variations_keep_range_and_size_and_follow_the_seed() -> None:
    images = generate_images(Random(0), 8, 64)
    random, again = Random(7), Random(7)
    seen = [vary(random, images, 64) for _ in range(12)]
    for varied in seen:
        assert varied.shape == (8, 3, 64, 64)
        assert varied.min() >= 0
        assert varied.max() <= 1
        assert torch.equal(varied, vary(again, images, 64))
    assert not torch.equal(seen[0], seen[1])


def test_a_pool_is_reproducible_and_drawn_from(tmp_path: Path) -> None:
    for name in ("a.npy", "b.npy"):
        assert make_pool(tmp_path / name, 40, 32, seed=9)
    pool = open_pool(tmp_path / "a.npy")
    assert pool.shape == (40, 3, 32, 32)
    assert np.array_equal(pool, open_pool(tmp_path / "b.npy"))
    drawn = draw(pool, Random(1), 16)
    assert torch.equal(drawn, draw(pool, Random(1), 16))
    for picture in drawn.numpy():
        assert any(np.array_equal(picture, one) for one in pool)


def test_an_interrupted_pool_leaves_no_file_that_looks_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def fail_later(random: Random, count: int, size: int) -> Tensor:
        calls.append(count)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return generate_images(random, count, size)

    monkeypatch.setattr(pool_module, "generate_images", fail_later)
    with pytest.raises(KeyboardInterrupt):
        make_pool(tmp_path / "pool.npy", 64, 32, seed=0)
    assert not (tmp_path / "pool.npy").exists()


def test_a_pool_stops_when_asked_and_cleans_up(tmp_path: Path) -> None:
    assert not make_pool(tmp_path / "pool.npy", 64, 32, seed=0, stop=[2])
    assert list(tmp_path.glob("pool*")) == []


def test_a_pool_that_does_not_fit_on_the_disk_is_refused_before_it_is_begun(
    tmp_path: Path,
) -> None:
    with pytest.raises(OSError, match="MiB free"):
        make_pool(tmp_path / "pool.npy", 10**12, 128, seed=0)
    assert list(tmp_path.glob("pool*")) == []
