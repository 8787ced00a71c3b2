import numpy as np
import pytest
import torch
from PIL import Image

from uniad_desktop.engine.layout import Box
from uniad_desktop.engine.preprocess import View, scale_view
from uniad_desktop.engine.runtimes import gpu_scaling
from uniad_desktop.engine.runtimes.gpu_scaling import (
    FrameScaling,
    filter_weights,
    full_precision,
)

CPU = torch.device("cpu")
SIZES = [(1024, 1224), (720, 960), (448, 448), (300, 200), (224, 500), (64, 64), (50, 31), (8, 9)]
SIZES += [(1000, 60), (60, 1000)]


def picture(height, width, channels, seed=0):
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (height, width, 3) if channels == 3 else (height, width))
    image[: height // 3] = image[: height // 3] // 5 + 100
    image[-height // 4 :] = 255
    return image.astype(np.uint8)


def scaled(image, boxes, size):
    tiles = torch.full((len(boxes), image.ndim if image.ndim == 3 else 1, *size), 77).byte()
    FrameScaling(boxes, size, CPU)(torch.from_numpy(image), tiles)
    return tiles.numpy()


def whole(image):
    return Box(0, 0, image.shape[1], image.shape[0])


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("target", [(224, 224), (96, 128)])
def test_scaling_is_that_of_the_host_and_pils_within_one_grey_level(channels, size, target):
    image = picture(*size, channels)
    (actual,) = scaled(image, [whole(image)], target).astype(int)
    host = scale_view(View(image), *target).numpy().astype(int)
    assert np.array_equal(actual, host)
    pil = Image.fromarray(image).resize(target[::-1], Image.Resampling.BILINEAR)
    expected = np.atleast_3d(np.asarray(pil)).transpose(2, 0, 1).astype(int)
    assert np.abs(actual - expected).max() <= 1


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("most", [1, 1 << 26])
def test_tiles_of_any_sizes_are_those_of_the_host_in_order(channels, most, monkeypatch):
    monkeypatch.setattr(gpu_scaling, "_MOST_VALUES", most)
    image = picture(200, 310, channels)
    boxes = [
        Box(0, 0, 160, 110),
        Box(150, 90, 160, 110),
        Box(7, 11, 64, 48),
        Box(3, 3, 20, 30),
        Box(0, 0, 310, 200),
        Box(10, 20, 160, 110),
    ]
    for box, actual in zip(boxes, scaled(image, boxes, (48, 64)), strict=True):
        host = scale_view(View(image, box), 48, 64).numpy()
        assert np.array_equal(actual, host)


@pytest.mark.parametrize("value", [0, 255])
def test_flat_frames_stay_flat_at_the_ends_of_the_range(value):
    for size in [(2048, 2448), (30, 40), (48, 700)]:
        image = np.full(size, value, np.uint8)
        assert (scaled(image, [whole(image)], (48, 64)) == value).all()


def test_a_frame_of_the_inputs_size_is_left_as_it_is():
    image = picture(48, 64, 3)
    assert np.array_equal(scaled(image, [whole(image)], (48, 64))[0], image.transpose(2, 0, 1))


@pytest.mark.parametrize("as_pil", [True, False])
@pytest.mark.parametrize(
    ("source", "target"), [(2448, 224), (65536, 8), (224, 224), (50, 224), (8, 7)]
)
def test_weights_sum_to_one_and_their_parts_to_whole_numbers_that_float32_holds(
    source, target, as_pil
):
    weights, bits = filter_weights(source, target, as_pil=as_pil)
    assert weights.shape == (target, source) and weights.min() >= 0
    np.testing.assert_allclose(weights.sum(axis=1) / 2.0**bits, 1.0, atol=2.0**-11)
    parts, part_bits = gpu_scaling._in_parts(weights)
    assert all(one.sum(axis=1).max() * 255 < 1 << 24 for one in parts)
    whole = sum(one << (part_bits * place) for place, one in enumerate(reversed(parts)))
    assert np.array_equal(whole, weights)


def test_the_programs_choice_of_precision_is_put_back():
    before = torch.get_float32_matmul_precision()
    try:
        torch.set_float32_matmul_precision("high")
        with pytest.raises(ValueError, match="stop"), full_precision():
            assert torch.get_float32_matmul_precision() == "highest"
            raise ValueError("stop")
        assert torch.get_float32_matmul_precision() == "high"
    finally:
        torch.set_float32_matmul_precision(before)
