import os
import signal
import subprocess
import sys
import threading
import time

import cv2
import numpy as np
import pytest

from tests.helpers import tiny_config
from uniad_desktop.engine.layout import Box, Layout, RegionOfInterest
from uniad_desktop.training import filling
from uniad_desktop.training.datasets import DataError, ImageReader, Sample, Split
from uniad_desktop.training.errors import TrainingError, TrainingStopped
from uniad_desktop.training.feature_cache import (
    backbone_key,
    extract,
    live_features,
    stored_features,
)
from uniad_desktop.training.row_file import RowFile
from uniad_desktop.uniad.config import Alignment
from uniad_desktop.uniad.features import FeaturePyramid

SIZE = (64, 80)
CONFIG = tiny_config()
ROW = 20 * 24 * 4


@pytest.fixture(scope="module")
def pyramid():
    return FeaturePyramid(CONFIG).eval()


@pytest.fixture
def samples(tmp_path):
    return [write(tmp_path / f"{number}.png", number) for number in range(5)]


def write(path, seed, product="cap"):
    image = np.random.default_rng(seed).integers(0, 256, (40, 50, 3)).astype(np.uint8)
    cv2.imwrite(str(path), image)
    return Sample(path, product, Split.TRAIN)


def store(samples, pyramid, cache, **changes):
    options = {
        "cache": cache,
        "size": SIZE,
        "backbone_hash": backbone_key(CONFIG.backbone, "0" * 64),
        "alignment": Alignment.BILINEAR,
        "limit_bytes": 10**9,
    }
    reader = changes.pop("reader", None) or ImageReader()
    return stored_features(samples, reader, pyramid, **{**options, **changes})


class Counting(ImageReader):
    def __init__(self):
        super().__init__()
        self.read_paths = []

    def read(self, sample):
        self.read_paths.append(sample.path.name)
        return super().read(sample)


def test_features_are_those_of_the_pyramid_and_read_by_row(tmp_path, samples, pyramid):
    stored = store(samples, pyramid, tmp_path / "cache")
    images = [ImageReader().read(sample) for sample in samples]
    expected = np.concatenate(list(extract(pyramid, images, SIZE, batch=2)))
    assert stored.features.shape == expected.shape == (5, 20, 24)
    assert len(stored.features) == 5
    np.testing.assert_allclose(stored.features[:], expected, rtol=1e-4, atol=1e-4)
    np.testing.assert_array_equal(stored.features[np.array([3, 1])], stored.features[:][[3, 1]])
    some = stored.subset([4, 0])
    assert [one.path.name for one in some.samples] == ["4.png", "0.png"]
    np.testing.assert_array_equal(some.features[1:], stored.features[:1])
    assert some.key() != stored.key()


def test_without_a_cache_the_features_are_the_same(tmp_path, samples, pyramid):
    stored = store(samples, pyramid, tmp_path / "cache")
    live = live_features(samples, ImageReader(), pyramid, SIZE)
    assert live.features.shape == stored.features.shape
    assert live.key() == stored.key()
    picked = np.array([4, 2])
    np.testing.assert_allclose(live.features[picked], stored.features[picked], rtol=1e-4, atol=1e-4)


def test_nothing_is_computed_twice_whatever_a_file_is_called(tmp_path, samples, pyramid):
    cache = tmp_path / "cache"
    first = store(samples, pyramid, cache)
    renamed = Sample(tmp_path / "other.png", "box", Split.TRAIN)
    samples[2].path.rename(renamed.path)
    copy = Sample(tmp_path / "copy.png", "box", Split.TRAIN)
    copy.path.write_bytes(samples[0].path.read_bytes())
    fresh = write(tmp_path / "fresh.png", 99)
    reader = Counting()
    again = store([renamed, copy, samples[0], fresh], pyramid, cache, reader=reader)
    assert reader.read_paths == ["fresh.png"]
    np.testing.assert_array_equal(again.features[:2], first.features[np.array([2, 0])])
    assert again.hashes[1] == again.hashes[2]


def test_another_backbone_size_or_alignment_is_another_folder(tmp_path, samples, pyramid):
    cache = tmp_path / "cache"
    store(samples[:1], pyramid, cache)
    store(samples[:1], pyramid, cache, backbone_hash=backbone_key(CONFIG.backbone, "1" * 64))
    store(samples[:1], pyramid, cache, alignment=Alignment.AREA)
    store(samples[:1], pyramid, cache, size=(80, 64))
    assert len([one for one in cache.iterdir() if one.is_dir()]) == 4


def folder_of(cache):
    (folder,) = [one for one in cache.iterdir() if one.is_dir()]
    return folder


def test_a_stop_keeps_what_is_there_and_the_next_run_goes_on(tmp_path, pyramid):
    samples = [write(tmp_path / f"{number}.png", number) for number in range(20)]
    cache = tmp_path / "cache"
    with pytest.raises(TrainingStopped, match="after 8 of 20"):
        store(samples, pyramid, cache, stop=lambda: True)
    reader, seen = Counting(), []
    stored = store(
        samples, pyramid, cache, reader=reader, progress=lambda done, count: seen.append(count)
    )
    assert len(reader.read_paths) == 12 and set(seen) == {12}
    np.testing.assert_array_equal(
        stored.features[:], store(samples, pyramid, tmp_path / "other").features[:]
    )


def test_half_a_row_and_half_a_key_are_cut_off(tmp_path, samples, pyramid):
    cache = tmp_path / "cache"
    whole = store(samples, pyramid, cache).features[:]
    folder = folder_of(cache)
    rows, keys = folder / "rows.bin", folder / "keys.bin"
    rows.write_bytes(rows.read_bytes()[: 4 * ROW] + b"half a row")  # killed between both
    keys.write_bytes(keys.read_bytes()[: 4 * 32] + b"half a key")
    reader = Counting()
    again = store(samples, pyramid, cache, reader=reader)
    assert reader.read_paths == ["4.png"]
    np.testing.assert_allclose(again.features[:], whole, rtol=1e-5, atol=1e-5)
    assert rows.stat().st_size == 5 * ROW and keys.stat().st_size == 5 * 32


@pytest.mark.parametrize("damage", ["rows", "content", "missing"])
def test_a_damaged_cache_is_built_anew_and_said(tmp_path, samples, pyramid, damage, caplog):
    cache = tmp_path / "cache"
    whole = store(samples, pyramid, cache).features[:]
    folder = folder_of(cache)
    if damage == "rows":
        (folder / "rows.bin").write_bytes(b"too short")
    elif damage == "content":
        (folder / "content.json").write_text("{")
    else:
        (folder / "content.json").unlink()
    with caplog.at_level("INFO"):
        again = store(samples, pyramid, cache)
    np.testing.assert_array_equal(again.features[:], whole)
    assert "built anew" in caplog.text


def test_a_cache_over_its_limit_is_refused_with_the_way_out(tmp_path, samples, pyramid, caplog):
    with pytest.raises(TrainingError, match=r"would take 0\.0 MB.*--cache-limit.*--no-cache"):
        store(samples, pyramid, tmp_path / "cache", limit_bytes=5 * ROW - 1)
    with caplog.at_level("INFO"):
        store(samples, pyramid, tmp_path / "cache", limit_bytes=5 * ROW)
    assert "5 rows" in caplog.text and "limit" in caplog.text


def test_caches_unused_for_long_make_room(tmp_path, samples, pyramid):
    cache = tmp_path / "cache"
    for number, stamp in (("1", 1000), ("2", 2000)):
        before = set(cache.iterdir()) if cache.exists() else set()
        store(samples, pyramid, cache, backbone_hash=number)
        (folder,) = [one for one in set(cache.iterdir()) - before if one.is_dir()]
        os.utime(folder / "keys.bin", (stamp, stamp))
    store(samples, pyramid, cache, backbone_hash="3", limit_bytes=10 * ROW + 400)
    left = [one for one in cache.iterdir() if one.is_dir()]
    assert len(left) == 2
    reader = Counting()
    store(samples, pyramid, cache, backbone_hash="2", reader=reader)
    assert reader.read_paths == []


def test_a_disk_without_room_is_refused_beforehand(tmp_path, samples, pyramid, monkeypatch):
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr(filling.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(TrainingError, match=r"only 0\.0 MB are free.*--no-cache"):
        store(samples, pyramid, tmp_path / "cache")


def test_a_disk_that_fills_up_keeps_what_is_whole(tmp_path, pyramid, monkeypatch):
    from uniad_desktop.training import row_file

    samples = [write(tmp_path / f"{number}.png", number) for number in range(20)]
    cache = tmp_path / "cache"
    plain, written = row_file._write, []

    def full(file, data):
        if len(written) == 3:  # rows and keys of 8 pictures, rows of 8 more, and no keys
            raise OSError(28, "No space left on device")
        written.append(len(data))
        plain(file, data)

    with monkeypatch.context() as patched:
        patched.setattr(row_file, "_write", full)
        with pytest.raises(TrainingError, match="is full; what was computed is kept"):
            store(samples, pyramid, cache)
    assert (folder_of(cache) / "rows.bin").stat().st_size == 8 * ROW
    reader = Counting()
    store(samples, pyramid, cache, reader=reader)
    assert len(reader.read_paths) == 12


def test_what_cannot_be_read_is_left_out_or_fatal(tmp_path, samples, pyramid):
    samples[1].path.write_bytes(b"no picture")
    samples[3].path.unlink()
    cv2.imwrite(str(samples[4].path), np.zeros((4, 4, 3), np.uint8))
    reader = ImageReader()
    stored = store(samples, pyramid, tmp_path / "cache", reader=reader)
    assert [one.path.name for one in stored.samples] == ["0.png", "2.png"]
    assert len(stored.features) == 2 and len(reader.skipped) == 3
    live = live_features(samples, ImageReader(), pyramid, SIZE)
    assert live.key() == stored.key()
    with pytest.raises(DataError):
        store(samples, pyramid, tmp_path / "strict", reader=ImageReader(strict=True))
    with pytest.raises(DataError, match=r"no picture left.*1 image could not be read.*1\.png"):
        store(samples[1:2], pyramid, tmp_path / "none")


def test_a_second_process_waits_and_can_be_stopped(tmp_path, samples, pyramid, caplog):
    content = {"some": "thing"}
    file = RowFile(tmp_path, "features", content, (2, 3))
    entered, release = threading.Event(), threading.Event()

    def hold():
        with RowFile(tmp_path, "features", content, (2, 3)).locked(lambda: False):
            entered.set()
            release.wait(20)

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert entered.wait(20)
        with (
            caplog.at_level("INFO"),
            pytest.raises(TrainingStopped, match="waiting"),
            file.locked(lambda: True),
        ):
            pytest.fail("both had the lock")
    finally:
        release.set()
        thread.join(20)
    assert "Another process writes" in caplog.text
    with file.locked(lambda: False), file.appending() as append:
        append([b"k" * 32], np.ones((1, 2, 3), np.float32))
    assert file.index() == {b"k" * 32: 0}


def test_rows_and_keys_must_fit(tmp_path):
    file = RowFile(tmp_path, "features", {}, (2, 3))
    with (
        file.locked(lambda: False),
        pytest.raises(ValueError, match="do not fit"),
        file.appending() as append,
    ):
        append([b"k" * 32], np.ones((2, 2, 3), np.float32))
    assert file.index() == {}


ENDLESS = """
import sys, numpy as np
from pathlib import Path
from uniad_desktop.training.row_file import RowFile
file = RowFile(Path(sys.argv[1]), "features", {}, (64, 64))
with file.locked(lambda: False), file.appending() as append:
    for n in range(len(file.index()), 10**9):
        append([n.to_bytes(32, "big")], np.full((1, 64, 64), n, np.float32))
"""


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is a thing of POSIX")
def test_after_kill_9_every_row_that_counts_is_whole(tmp_path):
    file = RowFile(tmp_path, "features", {}, (64, 64))
    for _ in range(2):
        former = len(file.index())
        child = subprocess.Popen([sys.executable, "-c", ENDLESS, str(tmp_path)])
        deadline = time.monotonic() + 60
        while len(file.index()) < former + 3 and time.monotonic() < deadline:
            time.sleep(0.005)
        child.send_signal(signal.SIGKILL)
        child.wait()
        count = len(file.index())
        assert count >= former + 3
        rows = file.rows(count)
        for key, row in file.index().items():
            assert row == int.from_bytes(key, "big")
            assert (rows[row] == np.float32(row)).all()


def test_every_tile_has_a_row_as_the_line_would_see_it(tmp_path, samples, pyramid):
    layout = Layout((RegionOfInterest(box=Box(5, 3, 40, 30), rows=2, columns=2, overlap=0.2),))
    reader = Counting()
    cache = tmp_path / "cache"
    stored = store(samples, pyramid, cache, layout=layout, reader=reader)
    assert stored.features.shape == (20, 20, 24)
    assert sorted(reader.read_paths) == sorted(one.path.name for one in samples)  # once each
    assert stored.pictures == tuple(samples)
    assert [one.path.name for one in stored.samples[:5]] == ["0.png"] * 4 + ["1.png"]
    crops = []
    for sample, box in zip(stored.samples, stored.boxes, strict=True):
        image = ImageReader().read(sample)
        crops.append(image[box.y : box.bottom, box.x : box.right])
    expected = np.concatenate(list(extract(pyramid, crops, SIZE)))
    np.testing.assert_allclose(stored.features[:], expected, rtol=1e-4, atol=1e-4)

    # Whole pictures lie beside them under the keys that they always had.
    whole = store(samples, pyramid, cache)
    assert whole.boxes == () and whole.key() != stored.key()
    assert set(whole.hashes) == set(stored.hashes)
    assert len([one for one in cache.iterdir() if one.is_dir()]) == 1
    again = Counting()
    store(samples, pyramid, cache, layout=layout, reader=again)
    assert again.read_paths == []
    some = stored.subset([7, 2])
    assert some.boxes == (stored.boxes[7], stored.boxes[2])
    assert some.key() != stored.subset([6, 2]).key()

    live = live_features(samples, ImageReader(), pyramid, SIZE, layout)
    assert live.key() == stored.key()
    picked = np.array([17, 2])
    np.testing.assert_allclose(live.features[picked], stored.features[picked], rtol=1e-4, atol=1e-4)


def test_many_tiles_of_a_picture_are_read_in_parts(tmp_path, samples, pyramid):
    layout = Layout((RegionOfInterest(rows=4, columns=5, overlap=0.0),))
    reader = Counting()
    stored = store(samples[:1], pyramid, tmp_path / "cache", layout=layout, reader=reader)
    assert len(stored.features) == 20
    assert reader.read_paths == ["0.png", "0.png"]
