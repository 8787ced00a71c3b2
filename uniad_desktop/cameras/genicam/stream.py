"""From the producer's buffers into the ring, inside the camera process."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.cameras import pixel_formats
from uniad_desktop.cameras.block_ids import gap
from uniad_desktop.cameras.genicam.buffers import RawFrame
from uniad_desktop.cameras.genicam.camera import Camera
from uniad_desktop.cameras.genicam.messages import FrameNotice
from uniad_desktop.cameras.genicam.shared import Word
from uniad_desktop.cameras.recordings.files import RecordedFrame
from uniad_desktop.cameras.recordings.ring import FrameRing
from uniad_desktop.cameras.source import CameraError

# Free running: one slot being read, one with the newest frame, one being written.
FREE_RUNNING_SLOTS = 3
TRIGGERED_SLOTS = 8
_RING_BYTES = 512 << 20
# So that requests are heard even when frames come faster than they can be copied.
_FRAMES_PER_ROUND = 16


def slots_for(frame_bytes: int, *, keep_all: bool) -> int:
    """How many frames of `frame_bytes` the ring holds; at least three, within 512 MB if it can."""
    wanted = TRIGGERED_SLOTS if keep_all else FREE_RUNNING_SLOTS
    return max(FREE_RUNNING_SLOTS, min(wanted, _RING_BYTES // max(1, frame_bytes)))


class FrameStream:
    """Copies frames into free slots and hands them out one at a time.

    A slot is free, waiting, or with the parent; it is written only while it is free. The parent
    holds one slot at a time, until it takes the next.
    """

    def __init__(
        self,
        camera: Camera,
        ring: NDArray[np.uint8],
        slots: int,
        *,
        keep_all: bool,
        words: NDArray[np.int64],
        recorder: FrameRing | None = None,
    ) -> None:
        """Makes an empty stream.

        Args:
            camera: the device, already started.
            ring: (slots * slot bytes,) uint8 shared with the parent.
            slots: number of slots, at least 3.
            keep_all: deliver every frame in order; otherwise the newest replaces the older.
            words: counters of the shared header, see `Word`.
            recorder: keeps every frame that arrives, passed over or not.
        """
        self._camera = camera
        self._slots = ring.reshape(slots, -1)
        self._free = deque(range(slots))
        self._waiting: deque[FrameNotice] = deque()
        self._with_parent: int | None = None
        self._keep_all = keep_all
        self._words = words
        self._recorder = recorder
        self._last_id: int | None = None
        self._incomplete_seen = camera.incomplete
        self._damaged_in_gap = 0

    def pump(self) -> None:
        """Fetches what has arrived. Raises CameraError, CameraLostError."""
        for _ in range(_FRAMES_PER_ROUND):
            if self._keep_all and not self._free:
                break  # the producer's own buffers hold what comes until the parent catches up
            frame = self._camera.fetch()
            if frame is None:
                break
            try:
                notice = self._store(frame)
            finally:
                self._camera.give_back(frame)
            notice = replace(notice, lost_before=self._count(frame.frame_id))
            if not self._keep_all and self._waiting:
                self._free.append(self._waiting.popleft().slot)
                self._words[Word.PASSED_OVER] += 1
            self._waiting.append(notice)
        self._count_incomplete()

    def take(self) -> FrameNotice | None:
        """The next frame, whose slot belongs to the parent until `release`."""
        if not self._waiting:
            return None
        notice = self._waiting.popleft()
        self._with_parent = notice.slot
        return notice

    def release(self) -> None:
        """The parent has asked for another frame, so it is done with the one it had."""
        if self._with_parent is not None:
            self._free.append(self._with_parent)
            self._with_parent = None

    def _store(self, frame: RawFrame) -> FrameNotice:
        pixel_format = pixel_formats.by_code(frame.format_code)
        rows = pixel_formats.rows_of(
            frame.buffer.raw_buffer,
            pixel_format,
            frame.width,
            frame.height,
            offset=frame.offset,
            padding=frame.padding,
        )
        if rows.size > self._slots.shape[1]:
            raise CameraError(
                f"The camera sent a frame of {frame.width} x {frame.height} pixels, larger than "
                "it announced; stop and start again."
            )
        slot = self._free.popleft()
        self._slots[slot, : rows.size].reshape(rows.shape)[:] = rows
        if self._recorder is not None:
            self._recorder.add(_recorded(frame, pixel_format.name), rows)
        return FrameNotice(
            slot=slot,
            width=frame.width,
            height=frame.height,
            format_code=frame.format_code,
            frame_id=frame.frame_id,
            timestamp_ns=frame.timestamp_ns,
            received_ns=frame.received_ns,
            chunks=frame.chunks,
        )

    def _count(self, frame_id: int) -> int:
        """Counts a frame that arrived; returns how many were lost right before it."""
        self._count_incomplete()
        # A damaged frame leaves a gap in the ids but did arrive.
        missed = max(0, gap(self._last_id, frame_id) - self._damaged_in_gap)
        lost = missed + self._damaged_in_gap
        self._words[Word.MISSED] += missed
        self._words[Word.ACQUIRED] += 1
        self._last_id = frame_id
        self._damaged_in_gap = 0
        return lost

    def _count_incomplete(self) -> None:
        new = self._camera.incomplete - self._incomplete_seen
        self._incomplete_seen += new
        self._damaged_in_gap += new
        self._words[Word.INCOMPLETE] += new


def _recorded(frame: RawFrame, pixel_format: str) -> RecordedFrame:
    return RecordedFrame(
        width=frame.width,
        height=frame.height,
        pixel_format=pixel_format,
        id=frame.frame_id,
        timestamp_ns=frame.timestamp_ns,
        received_ns=frame.received_ns,
        chunks=frame.chunks,
    )
