"""A video file as a source."""

from __future__ import annotations

import logging
import math
import threading

import cv2
import numpy as np
import pytest

from uniad_desktop.cameras import capture
from uniad_desktop.cameras.frame import SourceKind
from uniad_desktop.cameras.source import (
    CameraError,
    CameraLostError,
    CameraNotFoundError,
    EndOfFrames,
    SourceCounters,
    TriggerMode,
)
from uniad_desktop.cameras.video import VideoSource

COUNT = 6


@pytest.fixture
def video(tmp_path):
    """Six frames of 32 x 24 pixels at 50 Hz, lossless; frame N is grey 20 N with a blue left."""
    path = tmp_path / "parts.mkv"
    writer = cv2.VideoWriter(
        str(path), cv2.CAP_FFMPEG, cv2.VideoWriter_fourcc(*"FFV1"), 50, (32, 24)
    )
    assert writer.isOpened()
    for number in range(COUNT):
        picture = np.full((24, 32, 3), 20 * number, np.uint8)
        picture[:, :16] = (255, 0, 0)  # BGR
        writer.write(picture)
    writer.release()
    return path


def fast(path, **more):
    return VideoSource(path, frames_per_second=math.inf, **more)


def greys(source, count):
    return [int(source.next_frame(1.0).image[0, -1, 0]) for _ in range(count)]


def test_every_frame_comes_once_in_order_and_then_the_end(video):
    source = fast(video, loop=False)
    assert (source.info.width, source.info.height) == (32, 24)
    assert (source.info.kind, source.info.name) == (SourceKind.FILE, "parts.mkv")
    source.start(TriggerMode.FREE_RUNNING)
    assert greys(source, COUNT) == [0, 20, 40, 60, 80, 100]
    for _ in range(2):
        with pytest.raises(EndOfFrames):
            source.next_frame(1.0)
    assert source.counters() == SourceCounters(acquired=COUNT)
    source.close()


def test_a_frame_is_rgb_and_says_where_and_when_it_is_from(video):
    source = fast(video)
    source.start(TriggerMode.FREE_RUNNING)
    first, second = source.next_frame(1.0), source.next_frame(1.0)
    np.testing.assert_array_equal(first.image[0, 0], [0, 0, 255])
    assert (first.id, first.source, first.kind) == (1, str(video), SourceKind.FILE)
    assert first.pixel_format == "RGB8"
    assert (first.timestamp_ns, second.timestamp_ns) == (0, 20_000_000)
    source.close()


def test_looping_begins_again_with_new_numbers(video):
    source = fast(video, loop=True)
    source.start(TriggerMode.FREE_RUNNING)
    assert greys(source, COUNT + 2) == [0, 20, 40, 60, 80, 100, 0, 20]
    assert source.next_frame(1.0).id == COUNT + 3
    assert source.counters().incomplete == 0
    source.close()


def test_software_trigger_gives_one_frame_each(video):
    source = VideoSource(video)
    source.start(TriggerMode.SOFTWARE)
    assert source.next_frame(0.0) is None
    for _ in range(3):
        source.trigger()
    assert greys(source, 3) == [0, 20, 40]
    assert source.next_frame(0.01) is None
    timer = threading.Timer(0.05, source.trigger)
    timer.start()
    assert int(source.next_frame(10.0).image[0, -1, 0]) == 60
    timer.join(5)
    source.start(TriggerMode.FREE_RUNNING)
    with pytest.raises(CameraError, match="not waiting for software triggers"):
        source.trigger()
    source.close()


class FakeCapture:
    """Frames from a list; None is a frame that cannot be decoded."""

    def __init__(self, pictures, rate=0.0, announced=0, size=(8, 8)):
        self.pictures, self.rate, self.announced, self.size = list(pictures), rate, announced, size
        self.at, self.released = -1, False

    def isOpened(self):  # noqa: N802
        return True

    def grab(self):
        assert not self.released
        self.at += 1
        return self.at < len(self.pictures)

    def retrieve(self):
        picture = self.pictures[self.at]
        return picture is not None, picture

    def get(self, prop):
        return {
            cv2.CAP_PROP_FPS: self.rate,
            cv2.CAP_PROP_FRAME_COUNT: self.announced,
            cv2.CAP_PROP_FRAME_WIDTH: self.size[0],
            cv2.CAP_PROP_FRAME_HEIGHT: self.size[1],
        }.get(prop, 0.0)

    def set(self, prop, value):
        return False

    def release(self):
        self.released = True


def picture(value):
    return np.full((8, 8, 3), value, np.uint8)


def test_the_pace_is_that_of_the_recording_unless_another_is_asked_for(video):
    slow = FakeCapture([picture(1), picture(2)], rate=0.01)
    source = VideoSource(video, open_capture=lambda path: slow)
    source.start(TriggerMode.FREE_RUNNING)
    assert source.next_frame(1.0) is not None
    assert source.next_frame(0.02) is None
    source.close()
    assert slow.released
    fast_one = FakeCapture([picture(1), picture(2)], rate=0.01)
    source = fast(video, open_capture=lambda path: fast_one)
    source.start(TriggerMode.FREE_RUNNING)
    assert source.next_frame(1.0) is not None and source.next_frame(1.0) is not None
    source.close()
    with pytest.raises(CameraError, match="above 0"):
        VideoSource(video, frames_per_second=0.0)


def test_damaged_frames_are_counted_and_skipped(video, caplog):
    broken = FakeCapture([None, picture(1), None, np.zeros((8, 8, 4), np.uint8), picture(2)])
    source = VideoSource(video, loop=False, open_capture=lambda path: broken)
    source.start(TriggerMode.FREE_RUNNING)
    with caplog.at_level(logging.WARNING):
        assert [int(source.next_frame(1.0).image[0, 0, 0]) for _ in range(2)] == [1, 2]
    assert source.counters() == SourceCounters(acquired=2, incomplete=3)
    assert "Frame 3 of" in caplog.text
    source.close()


def test_a_file_that_was_cut_off_counts_what_is_missing(video, caplog):
    data = video.read_bytes()
    video.write_bytes(data[: len(data) * 7 // 10])
    source = fast(video, loop=False)
    source.start(TriggerMode.FREE_RUNNING)
    given = 0
    with caplog.at_level(logging.WARNING), pytest.raises(EndOfFrames):
        for _ in range(COUNT + 1):
            source.next_frame(1.0)
            given += 1
    counters = source.counters()
    assert 0 < given < COUNT - 2
    assert (counters.acquired, counters.incomplete) == (given, COUNT - given)
    assert f"ends after {given} of {COUNT} frames" in caplog.text
    source.close()


def test_what_is_no_video_is_named_with_the_way_out_and_without_noise(tmp_path, capfd):
    text = tmp_path / "text.mp4"
    text.write_bytes(b"\0\0\0\x18ftypmp42" + b"no video" * 100)
    with pytest.raises(CameraNotFoundError, match=r"cannot be read here.*ffmpeg -i text\.mp4"):
        VideoSource(text)
    with pytest.raises(CameraNotFoundError, match="does not exist"):
        VideoSource(tmp_path / "gone.mp4")
    with pytest.raises(CameraNotFoundError, match="use folder:PATH"):
        VideoSource(tmp_path)
    assert capfd.readouterr() == ("", "")


def test_frames_that_are_too_large_are_refused_before_any_is_decoded(video):
    huge = FakeCapture([picture(1)], size=(30_000, 30_000))
    with pytest.raises(CameraError, match="30000 x 30000 pixels"):
        VideoSource(video, open_capture=lambda path: huge)
    assert huge.at == -1 and huge.released
    long = FakeCapture([picture(1)], size=(1 << 16, 1))
    with pytest.raises(CameraError, match="65536 x 1 pixels"):
        VideoSource(video, open_capture=lambda path: long)
    capture.check_size(FakeCapture([], size=(8192, 8192)), "The video")


def test_a_file_that_vanishes_is_a_loss_and_can_come_back(video, tmp_path):
    source = fast(video, loop=True)
    source.start(TriggerMode.FREE_RUNNING)
    aside = video.rename(tmp_path / "aside.mkv")
    with pytest.raises(CameraLostError, match="cannot be begun again"):
        greys(source, COUNT + 1)
    with pytest.raises(CameraNotFoundError):
        source.reopen()
    aside.rename(video)
    source.reopen()
    source.start(TriggerMode.FREE_RUNNING)
    assert greys(source, 2) == [0, 20]
    source.close()


def test_close_twice_and_no_frames_or_features(video):
    source = fast(video)
    with pytest.raises(CameraError, match="not started"):
        source.next_frame(0.1)
    with pytest.raises(CameraError, match="has no feature Gain"):
        source.write_feature("Gain", 1.0)
    with pytest.raises(CameraError, match="has no feature Gain"):
        source.read_feature("Gain")
    source.close()
    source.close()
    with pytest.raises(CameraError, match="is closed"):
        source.start(TriggerMode.FREE_RUNNING)
