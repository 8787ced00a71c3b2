"""A folder of images as a source."""

from __future__ import annotations

import logging
import shutil
import threading

import cv2
import numpy as np
import pytest

from uniad_desktop.cameras.folder import FolderSource
from uniad_desktop.cameras.frame import SourceKind
from uniad_desktop.cameras.image_files import read_image
from uniad_desktop.cameras.source import (
    CameraError,
    CameraLostError,
    CameraNotFoundError,
    EndOfFrames,
    SourceCounters,
    TriggerMode,
)


def write(path, image):
    assert cv2.imwrite(str(path), image)


@pytest.fixture
def folder(tmp_path):
    """Grey images part1, part2, part10, whose grey value is their number."""
    for number in (10, 2, 1):
        write(tmp_path / f"part{number}.png", np.full((4, 6), number, np.uint8))
    return tmp_path


def values(source, count):
    return [int(source.next_frame(1.0).image[0, 0]) for _ in range(count)]


def test_images_come_in_natural_order_and_end(folder):
    source = FolderSource(folder, loop=False)
    assert (source.info.width, source.info.height, source.info.kind) == (6, 4, SourceKind.FILE)
    source.start(TriggerMode.FREE_RUNNING)
    assert values(source, 3) == [1, 2, 10]
    with pytest.raises(EndOfFrames):
        source.next_frame(1.0)
    assert source.counters() == SourceCounters(acquired=3)
    source.close()


def test_a_frame_says_where_it_comes_from(folder):
    source = FolderSource(folder)
    source.start(TriggerMode.FREE_RUNNING)
    frame = source.next_frame(1.0)
    assert frame.source == str(folder / "part1.png")
    assert (frame.id, frame.kind, frame.pixel_format) == (1, SourceKind.FILE, "Mono8")


def test_looping_begins_again(folder):
    source = FolderSource(folder, loop=True)
    source.start(TriggerMode.FREE_RUNNING)
    assert values(source, 5) == [1, 2, 10, 1, 2]


def test_a_damaged_file_is_named_counted_and_skipped(folder, caplog):
    (folder / "part2.png").write_bytes((folder / "part2.png").read_bytes()[:40])
    (folder / "part3.jpg").write_bytes(b"")
    source = FolderSource(folder, loop=False)
    source.start(TriggerMode.FREE_RUNNING)
    with caplog.at_level(logging.WARNING):
        assert values(source, 2) == [1, 10]
    assert source.counters() == SourceCounters(acquired=2, incomplete=2)
    assert "part2.png is no readable image" in caplog.text
    assert "part3.jpg is no readable image" in caplog.text


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp", ".tiff"])
def test_a_file_that_was_cut_off_is_never_shown_as_a_picture(tmp_path, suffix):
    noise = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    path = tmp_path / f"part{suffix}"
    write(path, noise)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 9 // 10])
    with pytest.raises(CameraError, match="cut off"):
        read_image(path)


def test_software_trigger_gives_one_image_each(folder):
    source = FolderSource(folder)
    source.start(TriggerMode.SOFTWARE)
    assert source.next_frame(0.0) is None
    for _ in range(3):
        source.trigger()
    assert values(source, 3) == [1, 2, 10]
    assert source.next_frame(0.01) is None


def test_a_trigger_from_another_thread_wakes_the_waiting_one(folder):
    source = FolderSource(folder)
    source.start(TriggerMode.SOFTWARE)
    timer = threading.Timer(0.05, source.trigger)
    timer.start()
    assert int(source.next_frame(10.0).image[0, 0]) == 1
    timer.join(5)


def test_a_trigger_outside_its_mode_is_refused(folder):
    source = FolderSource(folder)
    with pytest.raises(CameraError, match="not started"):
        source.trigger()
    source.start(TriggerMode.FREE_RUNNING)
    with pytest.raises(CameraError, match="not waiting for software triggers"):
        source.trigger()


def test_the_frame_rate_holds_images_back(folder):
    source = FolderSource(folder, frames_per_second=0.01)
    source.start(TriggerMode.FREE_RUNNING)
    assert values(source, 1) == [1]
    assert source.next_frame(0.02) is None
    with pytest.raises(CameraError, match="above 0"):
        FolderSource(folder, frames_per_second=0.0)


def test_colour_is_rgb_depth_is_scaled_and_alpha_dropped(tmp_path):
    red = np.zeros((4, 6, 3), np.uint8)
    red[..., 2] = 255
    write(tmp_path / "red.png", red)
    write(tmp_path / "alpha.png", np.dstack([red, np.full((4, 6), 3, np.uint8)]))
    write(tmp_path / "deep.png", np.full((4, 6), 0x8123, np.uint16))
    write(tmp_path / "float.tiff", np.ones((4, 6), np.float32))
    np.testing.assert_array_equal(read_image(tmp_path / "red.png")[0, 0], [255, 0, 0])
    assert read_image(tmp_path / "alpha.png").shape == (4, 6, 3)
    np.testing.assert_array_equal(read_image(tmp_path / "deep.png"), np.full((4, 6), 0x81))
    with pytest.raises(CameraError, match="float32"):
        read_image(tmp_path / "float.tiff")


def test_exif_orientation_is_honoured(tmp_path):
    path = tmp_path / "upright.jpg"
    write(path, np.zeros((4, 8, 3), np.uint8))
    jpeg = path.read_bytes()
    # APP1 with one EXIF entry: Orientation (0x0112) = 6, rotate by 90 degrees.
    exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
    app1 = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
    path.write_bytes(jpeg[:2] + app1 + jpeg[2:])
    assert read_image(path).shape == (8, 4, 3)


def test_a_folder_that_cannot_serve_is_named(tmp_path):
    with pytest.raises(CameraNotFoundError, match="does not exist"):
        FolderSource(tmp_path / "nowhere")
    with pytest.raises(CameraNotFoundError, match="holds no images"):
        FolderSource(tmp_path)
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(CameraNotFoundError, match="None of the 1 image files"):
        FolderSource(tmp_path)
    with pytest.raises(CameraNotFoundError, match="is a file"):
        FolderSource(tmp_path / "text.png")


def test_a_folder_that_vanishes_is_a_loss_and_can_come_back(folder, tmp_path_factory):
    aside = tmp_path_factory.mktemp("aside") / "parts"
    source = FolderSource(folder)
    source.start(TriggerMode.FREE_RUNNING)
    shutil.move(folder, aside)
    with pytest.raises(CameraLostError, match="can be read any more"):
        source.next_frame(1.0)
    with pytest.raises(CameraNotFoundError):
        source.reopen()
    shutil.move(aside, folder)
    source.reopen()
    source.start(TriggerMode.FREE_RUNNING)
    assert values(source, 1) == [1]


def test_close_twice_and_no_frames_afterwards(folder):
    source = FolderSource(folder)
    source.start(TriggerMode.FREE_RUNNING)
    source.close()
    source.close()
    with pytest.raises(CameraError, match="not started"):
        source.next_frame(0.1)
