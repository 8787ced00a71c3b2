import numpy as np
import pytest
from PIL import Image

from uniad_desktop.engine.layout import Box
from uniad_desktop.engine.preprocess import (
    ImageError,
    View,
    preprocess,
    preprocess_batch,
    scale_view,
)


def picture(height, width, channels, seed=0):
    rng = np.random.default_rng(seed)
    shape = (height, width, 3) if channels == 3 else (height, width)
    smooth = rng.integers(0, 256, shape).astype(np.float32)
    smooth[: height // 2] = smooth[: height // 2] * 0.2 + 100
    return smooth.astype(np.uint8)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [(500, 500), (256, 256), (224, 224), (300, 200), (50, 31)])
@pytest.mark.parametrize("target", [(224, 224), (96, 128)])
def test_small_pictures_are_scaled_as_by_pil(channels, size, target):
    image = picture(*size, channels)
    pil = Image.fromarray(image).resize((target[1], target[0]), Image.Resampling.BILINEAR)
    actual = preprocess_batch([View(image)], *target)[0]
    assert np.array_equal(actual.transpose(1, 2, 0), np.asarray(pil.convert("RGB")))


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [(720, 960), (1536, 2051)])
@pytest.mark.parametrize("target", [(224, 224), (96, 128)])
def test_large_pictures_are_scaled_as_by_pil_within_one_grey_level(channels, size, target):
    image = picture(*size, channels)
    pil = Image.fromarray(image).resize((target[1], target[0]), Image.Resampling.BILINEAR)
    expected = np.asarray(pil.convert("RGB"), dtype=np.float64)
    actual = preprocess(image, *target).numpy().transpose(1, 2, 0) * 255.0
    assert actual.shape == (*target, 3)
    assert np.abs(actual - expected).max() <= 1.0 + 1e-4


def test_grey_equals_the_same_picture_as_rgb_within_one_grey_level():
    grey = picture(120, 160, 1)
    one = preprocess(grey, 48, 64).numpy() * 255
    three = preprocess(np.repeat(grey[..., None], 3, axis=2), 48, 64).numpy() * 255
    assert np.abs(one - three).max() <= 1.0 + 1e-4


def test_channels_keep_their_order_and_range():
    image = np.zeros((32, 32, 3), np.uint8)
    image[..., 0], image[..., 1] = 255, 51
    tensor = preprocess(image, 16, 16)
    assert [float(v) for v in tensor[:, 3, 3]] == pytest.approx([1.0, 0.2, 0.0])


@pytest.mark.filterwarnings("error")
def test_frames_that_are_read_only_or_views_are_fine_and_stay_as_they_are():
    image = picture(64, 80, 3)
    before = image.copy()
    expected = preprocess(image, 32, 32)
    image.setflags(write=False)
    assert np.array_equal(preprocess(image, 32, 32), expected)
    flipped = preprocess(image[:, ::-1], 32, 32)
    assert np.array_equal(flipped, preprocess(image[:, ::-1].copy(), 32, 32))
    assert np.array_equal(image, before)


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (np.zeros((32, 32), np.uint16), "8-bit"),
        (np.zeros((32, 32, 4), np.uint8), "grey"),
        (np.zeros((2, 32, 32, 3), np.uint8), "grey"),
        (np.zeros((0, 32), np.uint8), "32 x 0 pixels"),
        (np.zeros((4, 400), np.uint8), "400 x 4 pixels"),
        ("picture.png", "8-bit"),
    ],
)
def test_what_cannot_be_inspected_is_refused(image, words):
    with pytest.raises(ImageError, match=words):
        preprocess(image, 32, 32)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(
    "box", [Box(0, 0, 96, 72), Box(13, 7, 51, 33), Box(40, 20, 301, 217), Box(3, 5, 901, 703)]
)
def test_a_tile_is_what_its_part_of_the_frame_alone_would_be(channels, box):
    frame = picture(720, 910, channels)
    part = np.ascontiguousarray(frame[box.y : box.y + box.height, box.x : box.x + box.width])
    expected = preprocess_batch([View(part)], 48, 64)
    assert np.array_equal(preprocess_batch([View(frame, box)], 48, 64), expected)
    assert expected.shape == (1, 3, 48, 64)


def test_grey_frames_stay_one_channel_until_the_batch_is_made():
    grey = picture(800, 963, 1)  # a width that is no multiple of four
    assert scale_view(View(grey), 48, 64).shape == (1, 48, 64)
    batch = preprocess_batch([View(grey), View(picture(90, 90, 3))], 48, 64)
    assert np.array_equal(batch[0, 0], batch[0, 2])
    assert batch.dtype == np.uint8


def test_runtimes_and_training_start_from_the_same_numbers():
    frame = picture(300, 401, 3)
    levels = preprocess_batch([View(frame)], 48, 64)[0]
    assert np.array_equal(preprocess(frame, 48, 64).numpy(), levels.astype(np.float32) / 255)


def test_a_tile_that_is_too_small_is_refused():
    with pytest.raises(ImageError, match="region of 4 x 20"):
        preprocess_batch([View(picture(50, 50, 1), Box(0, 0, 4, 20))], 32, 32)
