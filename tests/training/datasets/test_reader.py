import hashlib
import os
import sys

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.training.datasets.trees import put, put_mask
from uniad_desktop.training.datasets import DataError, ImageReader, Sample, Split, image_hash

COLOURS = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)


def sample(path, kind="", mask=None) -> Sample:
    return Sample(path, "cap", Split.TEST, kind, mask)


def bad(mask) -> Sample:
    return sample(mask.with_name("image.png"), "scratch", mask)


@pytest.mark.parametrize("suffix", ["png", "bmp", "tif", "TIFF"])
def test_lossless_formats_give_the_pixels(tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(COLOURS).save(path)
    assert np.array_equal(ImageReader().read(sample(path)), COLOURS)


def test_jpeg_alpha_depth_palette_and_one_bit(tmp_path):
    reader = ImageReader()
    picture = Image.fromarray(COLOURS)
    smooth = Image.fromarray(np.full((20, 30, 3), (200, 100, 50), np.uint8))
    smooth.save(tmp_path / "a.jpg", quality=95)
    assert np.abs(reader.read(sample(tmp_path / "a.jpg")).astype(int) - (200, 100, 50)).max() < 5
    with_alpha = np.dstack([COLOURS, COLOURS[:, :, 0]])
    Image.fromarray(with_alpha).save(tmp_path / "alpha.png")
    assert np.array_equal(reader.read(sample(tmp_path / "alpha.png")), COLOURS)
    deep = COLOURS[:, :, ::-1].astype(np.uint16) * 256 + 77
    for name in ("deep.png", "deep.tif"):
        cv2.imwrite(str(tmp_path / name), deep)
        assert np.array_equal(reader.read(sample(tmp_path / name)), COLOURS)
    picture.quantize(16).save(tmp_path / "palette.png")
    expected = np.asarray(picture.quantize(16).convert("RGB"))
    assert np.array_equal(reader.read(sample(tmp_path / "palette.png")), expected)
    picture.convert("1").save(tmp_path / "bits.png")
    bits = reader.read(sample(tmp_path / "bits.png"))
    assert bits.shape == (20, 30)
    assert set(np.unique(bits)) == {0, 255}
    assert reader.summary() == ""


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif"])
def test_the_orientation_of_exif_is_applied(tmp_path, suffix):
    left = np.zeros((16, 32, 3), np.uint8)
    left[:, :16] = 255
    picture = Image.fromarray(left)
    exif = picture.getexif()
    exif[0x0112] = 6  # to be turned right by a quarter
    picture.save(tmp_path / f"a.{suffix}", exif=exif)
    turned = ImageReader().read(sample(tmp_path / f"a.{suffix}"))
    assert turned.shape == (32, 16, 3)
    assert turned[:12].min() > 200
    assert turned[20:].max() < 50


def spoiled(tmp_path):
    whole = put(tmp_path / "whole.png", size=(64, 64)).read_bytes()
    contents = {"cut.png": whole[: len(whole) // 2], "empty.png": b"", "text.jpg": b"hello"}
    deep = put(tmp_path / "whole.tif", size=(64, 64)).read_bytes()
    contents["cut.tif"] = deep[: len(deep) // 2]
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
    Image.fromarray(np.zeros((4, 4), np.float32)).save(tmp_path / "float.tif")
    (tmp_path / "folder.png").mkdir()
    names = [*contents, "float.tif", "folder.png", "gone.png"]
    if sys.platform != "win32":
        os.mkfifo(tmp_path / "pipe.png")
        names.append("pipe.png")
    return [tmp_path / name for name in names]


def test_what_cannot_be_read_is_skipped_named_and_counted_once(tmp_path, capfd):
    paths = spoiled(tmp_path)
    reader = ImageReader()
    for path in [*paths, *paths]:
        assert reader.read(sample(path)) is None
    assert [path for path, _ in reader.skipped] == paths
    reasons = dict(reader.skipped)
    assert "damaged or cut off" in reasons[tmp_path / "cut.png"]
    assert "float32 samples" in reasons[tmp_path / "float.tif"]
    assert "does not exist" in reasons[tmp_path / "gone.png"]
    assert "is no file" in reasons[tmp_path / "folder.png"]
    summary = reader.summary()
    assert summary.startswith(f"{len(paths)} images could not be read and left out: ")
    assert "cut.png" in summary
    assert f"And {len(paths) - 5} more." in summary
    assert capfd.readouterr() == ("", "")  # OpenCV says nothing of its own


def test_what_cannot_be_read_is_fatal_if_strict(tmp_path):
    reader = ImageReader(strict=True)
    for path in spoiled(tmp_path):
        with pytest.raises(DataError, match=path.name):
            reader.read(sample(path))
    with pytest.raises(DataError, match=r"cut\.png .*--strict"):
        reader.mask(bad(tmp_path / "cut.png"), (4, 4))
    assert reader.skipped == []


def test_masks(tmp_path):
    reader = ImageReader()
    assert not reader.mask(sample(tmp_path / "a.png"), (6, 8)).any()
    assert reader.mask(sample(tmp_path / "a.png"), (6, 8)).shape == (6, 8)
    assert reader.mask(sample(tmp_path / "a.png", "scratch"), (6, 8)) is None
    mask = reader.mask(bad(put_mask(tmp_path / "m.png")), (6, 8))
    assert mask.dtype == np.bool_
    assert mask[:3, :4].all()
    assert mask.sum() == 12
    assert reader.resized_masks == []


@pytest.mark.parametrize("value", [1, 128, 255, 256, 65535])
def test_any_value_but_zero_is_defect(tmp_path, value):
    values = np.zeros((6, 8), np.uint16 if value > 255 else np.uint8)
    values[2, 3] = value
    for name in ("m.png", "m.tif"):
        cv2.imwrite(str(tmp_path / name), values)
        mask = ImageReader().mask(bad(tmp_path / name), (6, 8))
        assert np.argwhere(mask).tolist() == [[2, 3]]


def test_masks_in_colour_with_alpha_with_palette_of_one_bit_and_floating(tmp_path):
    marked = np.zeros((6, 8), bool)
    marked[1, 2:5] = True
    colour = np.zeros((6, 8, 4), np.uint8)
    colour[:, :, 3] = 255
    colour[marked, 2] = 9
    Image.fromarray(colour).save(tmp_path / "colour.png")
    palette = Image.fromarray(marked.astype(np.uint8), mode=None)
    palette.putpalette([0, 0, 0, 0, 0, 200])
    palette.save(tmp_path / "palette.png")
    Image.fromarray(marked).save(tmp_path / "bit.png")
    Image.fromarray(marked.astype(np.float32)).save(tmp_path / "float.tif")
    reader = ImageReader()
    for name in ("colour.png", "palette.png", "bit.png", "float.tif"):
        assert np.array_equal(reader.mask(bad(tmp_path / name), (6, 8)), marked), name


def test_traces_of_compression_are_no_defect(tmp_path):
    marked = np.zeros((64, 64), np.uint8)
    marked[20:45, 13:39] = 255
    Image.fromarray(marked).save(tmp_path / "m.jpg", quality=50)
    mask = ImageReader().mask(bad(tmp_path / "m.jpg"), (64, 64))
    assert np.count_nonzero(mask != (marked > 0)) < 20


def test_a_mask_of_another_size_is_scaled_and_named_once(tmp_path):
    reader = ImageReader()
    small = bad(put_mask(tmp_path / "m.png", size=(4, 4)))
    for _ in range(2):
        mask = reader.mask(small, (8, 16))
        assert mask[:4, :8].all()
        assert mask.sum() == 32
    assert reader.resized_masks == [small.mask]
    assert "1 mask of another size than the image scaled to it" in reader.summary()


def test_a_mask_that_cannot_be_read_counts_as_missing(tmp_path):
    (tmp_path / "m.png").write_bytes(b"x")
    reader = ImageReader()
    assert reader.mask(bad(tmp_path / "m.png"), (6, 8)) is None
    assert reader.mask(bad(tmp_path / "m.png"), (6, 8)) is None
    assert reader.mask(bad(tmp_path / "gone.png"), (6, 8)) is None
    assert [path.name for path, _ in reader.unreadable_masks] == ["m.png", "gone.png"]
    assert "2 masks could not be read and counted as missing" in reader.summary()


def test_the_hash_is_that_of_the_files_bytes(tmp_path):
    path = put(tmp_path / "a.png")
    assert image_hash(path) == hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(DataError, match=r"gone.png cannot be read"):
        image_hash(tmp_path / "gone.png")
