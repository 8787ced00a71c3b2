"""Light and focus of a frame."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from uniad_desktop.inspection.image_quality import measure


def scene(seed: int = 0, shape: tuple[int, ...] = (720, 960)) -> np.ndarray:
    """Blobs with edges."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(40, 200, (shape[0] // 24, shape[1] // 24), dtype=np.uint8)
    image = cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_NEAREST)
    return np.repeat(image[..., None], 3, axis=2) if len(shape) == 3 else image


@pytest.mark.parametrize("shape", [(720, 960), (720, 960, 3)])
def test_brightness_is_the_mean(shape):
    image = scene(1, shape)
    assert measure(image).brightness == pytest.approx(image.mean(), rel=0.02)


def test_colour_counts_as_the_mean_of_its_channels():
    image = np.zeros((50, 60, 3), np.uint8)
    image[..., 0] = 90
    assert measure(image).brightness == pytest.approx(30.0)


def test_a_blur_lowers_sharpness_and_light_does_not():
    image = scene()
    sharp = measure(image).sharpness
    assert measure(cv2.GaussianBlur(image, (0, 0), 1.0)).sharpness < 0.7 * sharp
    assert measure((image * 0.7).astype(np.uint8)).sharpness == pytest.approx(sharp, rel=0.05)
    noise = np.random.default_rng(0).normal(0, 2, image.shape)
    noisy = np.clip(image + noise, 0, 255).astype(np.uint8)
    assert measure(noisy).sharpness == pytest.approx(sharp, rel=0.05)


def test_saturated_share():
    image = np.full((400, 300), 100, np.uint8)
    image[:, :75] = 255
    assert measure(image).saturated == pytest.approx(0.25)
    colour = np.full((400, 300, 3), 100, np.uint8)
    colour[:, :75, 2] = 255
    assert measure(colour).saturated == pytest.approx(0.25)
    assert measure(np.full((40, 40), 254, np.uint8)).saturated == 0.0


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (3, 2, 3), (63, 64), (65, 200, 3)])
def test_any_size(shape):
    image = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    found = measure(image)
    assert found.brightness == pytest.approx(image.mean())
    assert np.isfinite(found.sharpness) and found.sharpness >= 0.0


def test_a_flat_frame_has_no_sharpness():
    assert measure(np.full((300, 300), 17, np.uint8)).sharpness == 0.0


def test_a_view_of_a_larger_picture():
    image = scene()[10:610:2, 5:805:2]
    assert measure(image) == measure(np.ascontiguousarray(image))
