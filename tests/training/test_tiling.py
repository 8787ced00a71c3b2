import cv2
import numpy as np
import pytest
from PIL import Image

from uniad_desktop.engine.layout import Box, Layout, RegionOfInterest
from uniad_desktop.training.datasets import DataError, ImageReader, Sample, Split
from uniad_desktop.training.hold_out import split_hold_out
from uniad_desktop.training.starter_backbone import STARTER
from uniad_desktop.training.tile_facts import tile_facts
from uniad_desktop.training.tiling import WHOLE, Piece, cut, sizes_of
from uniad_desktop.uniad.config import UniADConfig

HASH = bytes(range(32))
HALVES = Layout((RegionOfInterest(rows=1, columns=2, overlap=0.0),))


def write(path, width=50, height=40):
    cv2.imwrite(str(path), np.full((height, width, 3), 90, np.uint8))
    return Sample(path, "cap", Split.TRAIN)


class NoReader(ImageReader):
    def read(self, sample):
        pytest.fail(f"{sample.path} was decoded")


def test_whole_pictures_are_known_by_their_file_as_ever(tmp_path):
    sample = Sample(tmp_path / "not even there.png", "cap", Split.TRAIN)
    (piece,) = cut([(sample, HASH)], WHOLE, NoReader())
    assert piece == Piece(sample, HASH) and piece.key == HASH
    (scaled,) = cut([(sample, HASH)], Layout(mm_per_pixel=0.1), NoReader())
    assert scaled.key == HASH


def test_tiles_have_keys_of_their_own_and_nothing_is_decoded_for_them(tmp_path):
    sample = write(tmp_path / "a.png")
    pieces = cut([(sample, HASH)], HALVES, NoReader())
    assert [piece.box for piece in pieces] == [Box(0, 0, 25, 40), Box(25, 0, 25, 40)]
    assert len({HASH, *(piece.key for piece in pieces)}) == 3
    assert all(len(piece.key) == 32 for piece in pieces)
    (again, _) = cut([(sample, HASH)], HALVES, NoReader())
    assert again.key == pieces[0].key


def test_a_tile_that_is_the_whole_picture_counts_as_such(tmp_path):
    sample = write(tmp_path / "a.png")
    layout = Layout((RegionOfInterest(box=Box(0, 0, 50, 40)),))
    assert cut([(sample, HASH)], layout, NoReader()) == [Piece(sample, HASH)]


def test_a_region_that_does_not_fit_names_the_picture_and_mixed_sizes(tmp_path):
    layout = Layout((RegionOfInterest(box=Box(0, 0, 50, 40)),))
    large, small = write(tmp_path / "large.png", 60, 50), write(tmp_path / "small.png", 40, 40)
    with pytest.raises(DataError, match=r"small\.png: Region 1 .* does not fit") as alone:
        cut([(small, HASH)], layout, ImageReader())
    assert "different sizes" not in str(alone.value)
    with pytest.raises(DataError, match=r"small\.png.*different sizes \(40 x 40, 60 x 50\)"):
        cut([(large, HASH), (small, HASH)], layout, ImageReader())


def test_sizes_are_those_that_the_reader_gives_however_a_file_is_turned(tmp_path):
    plain = Image.new("RGB", (50, 40), (90, 90, 90))
    turned = Image.Exif()
    turned[0x0112] = 6
    samples = []
    for name, options in (
        ("a.jpg", {}),
        ("b.jpg", {"exif": turned}),
        ("c.png", {"exif": turned}),
        ("d.bmp", {}),
        ("e.tif", {}),
    ):
        plain.save(tmp_path / name, **options)
        samples.append(Sample(tmp_path / name, "cap", Split.TRAIN))
    samples += [write(tmp_path / "broken.png"), Sample(tmp_path / "none.png", "cap", Split.TRAIN)]
    samples[-2].path.write_bytes(b"no picture")
    reader = ImageReader()
    sizes = sizes_of(samples, reader)
    assert len(reader.skipped) == 2
    for sample in samples[:-2]:
        height, width = ImageReader().read(sample).shape[:2]
        assert sizes[sample] == (width, height), sample.path.name
    assert set(sizes) == set(samples[:-2])
    assert sizes[samples[1]] == (40, 50)


def test_pictures_are_held_out_with_all_their_tiles(tmp_path):
    known = [(write(tmp_path / f"{n}.png"), bytes([n]) * 32) for n in range(10)]
    pieces = cut(known, HALVES, ImageReader())
    hashes = [piece.picture for piece in pieces]
    train, held = split_hold_out([piece.sample for piece in pieces], hashes, 0.3, 0)
    assert len(held) == 3 and len(train) == 14
    assert not {hashes[one] for one in train} & {hashes[one] for one in held}
    whole = split_hold_out([one for one, _ in known], [key for _, key in known], 0.3, 0)
    assert {hashes[one] for one in held} == {known[one][1] for one in whole[1]}


def test_what_a_layout_comes_to():
    config = UniADConfig(backbone=STARTER)
    assert tile_facts(WHOLE, [], 3, config) == {}
    whole = tile_facts(WHOLE, [(2448, 2048)], 3, config)
    assert whole == {
        "defects": "175 x 146 pixels is the smallest to rely on, in pictures of 2448 x 2048"
    }
    layout = Layout(
        (RegionOfInterest(rows=2, columns=3), RegionOfInterest(box=Box(1, 2, 9, 9))), 0.05
    )
    facts = tile_facts(layout, [(2448, 2048), (1000, 1000)], 42, config)
    assert facts["tiles"] == (
        "7 of every picture (2 x 3 of the whole picture, overlap 0.1; x 1, y 2, 9 x 9), "
        "42 rows to train on"
    )
    assert facts["defects"] == (
        "62 x 77 pixels (3.9 mm) is the smallest to rely on, in pictures of 2 sizes from "
        "1000 x 1000 to 2448 x 2048"
    )
