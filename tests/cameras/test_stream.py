"""The ring of the camera process: newest wins, or every frame in order; nothing overwritten."""

from __future__ import annotations

from collections import deque
from types import SimpleNamespace

import numpy as np
import pytest

from uniad_desktop.cameras.pixel_formats import by_name
from uniad_desktop.cameras.source import CameraError

pytest.importorskip("genicam", reason="GenICam is not available on this system")

from uniad_desktop.cameras.block_ids import gap
from uniad_desktop.cameras.genicam.buffers import RawFrame
from uniad_desktop.cameras.genicam.shared import Word
from uniad_desktop.cameras.genicam.stream import FrameStream, slots_for

SIZE = 4  # 2 x 2 pixels


class FakeCamera:
    """Frames whose pixels all have the value of their id; -1 is a damaged one."""

    def __init__(self):
        self.waiting = deque()
        self.given_back = 0
        self.incomplete = 0

    def fetch(self):
        if not self.waiting:
            return None
        number = self.waiting.popleft()
        if number < 0:
            self.incomplete += 1
            return None
        buffer = SimpleNamespace(raw_buffer=bytes([number % 256]) * SIZE)
        return RawFrame(buffer, 2, 2, by_name("Mono8").code, 0, 0, number, 0, 0)

    def give_back(self, frame):
        self.given_back += 1


def make(*, keep_all, slots):
    camera, words = FakeCamera(), np.zeros(8, np.int64)
    ring = np.zeros(slots * SIZE, np.uint8)
    stream = FrameStream(camera, ring, slots, keep_all=keep_all, words=words)
    return camera, stream, ring.reshape(slots, SIZE), words


def pump(camera, stream, *numbers):
    """Lets frames arrive; a damaged one takes a round of its own."""
    camera.waiting.extend(numbers)
    for _ in range(len(numbers) + 1):
        stream.pump()


def test_free_running_gives_the_newest_and_counts_the_others():
    camera, stream, _, words = make(keep_all=False, slots=3)
    pump(camera, stream, 1, 2, 3)
    assert stream.take().frame_id == 3
    assert stream.take() is None
    assert (words[Word.ACQUIRED], words[Word.PASSED_OVER], words[Word.MISSED]) == (3, 2, 0)
    assert camera.given_back == 3


def test_the_slot_that_is_read_is_never_overwritten():
    camera, stream, ring, _ = make(keep_all=False, slots=3)
    pump(camera, stream, 7)
    notice = stream.take()
    pump(camera, stream, *range(8, 60))
    assert (ring[notice.slot] == 7).all()
    stream.release()
    newer = stream.take()
    assert newer.frame_id == 59
    assert (ring[newer.slot] == 59).all()


def test_triggered_frames_come_in_order_and_wait_in_the_producer_when_the_ring_is_full():
    camera, stream, ring, words = make(keep_all=True, slots=3)
    pump(camera, stream, 1, 2, 3, 4, 5)
    assert list(camera.waiting) == [4, 5]
    order = []
    for _ in range(5):
        notice = stream.take()
        assert (ring[notice.slot] == notice.frame_id).all()
        order.append(notice.frame_id)
        stream.release()
        stream.pump()
    assert order == [1, 2, 3, 4, 5]
    assert (words[Word.ACQUIRED], words[Word.PASSED_OVER]) == (5, 0)


def test_gaps_are_missed_frames_but_damaged_ones_are_not_counted_twice():
    camera, stream, _, words = make(keep_all=True, slots=8)
    pump(camera, stream, 10, -1, 12, 15)
    assert (words[Word.INCOMPLETE], words[Word.MISSED], words[Word.ACQUIRED]) == (1, 2, 3)
    assert [stream.take().lost_before for _ in range(3)] == [0, 1, 2]


def test_a_damaged_first_frame_is_told_by_the_next_one():
    camera, stream, _, _ = make(keep_all=True, slots=8)
    pump(camera, stream, -1, 2, 3)
    assert [stream.take().lost_before for _ in range(2)] == [1, 0]


@pytest.mark.parametrize(
    ("last", "now", "missed"),
    [(None, 5, 0), (5, 6, 0), (5, 9, 3), (65535, 1, 0), (65534, 2, 2), (9, 1, 0), (70000, 1, 0)],
)
def test_gap_knows_the_wrap_of_gige_vision(last, now, missed):
    assert gap(last, now) == missed


def test_a_frame_larger_than_its_slot_is_refused_and_its_buffer_given_back():
    camera, words = FakeCamera(), np.zeros(8, np.int64)
    stream = FrameStream(camera, np.zeros(9, np.uint8), 3, keep_all=True, words=words)
    camera.waiting.append(1)
    with pytest.raises(CameraError, match="larger than it announced"):
        stream.pump()
    assert camera.given_back == 1


def test_the_ring_stays_within_its_memory():
    assert slots_for(1000, keep_all=False) == 3
    assert slots_for(1000, keep_all=True) == 8
    assert slots_for(100 << 20, keep_all=True) == 5
    assert slots_for(1 << 30, keep_all=True) == 3
