"""Reads images in several processes, ahead of whoever judges them; results in order.

Processes, not threads: a damaged file that brings a library down costs one image, and one on a
drive that hangs can be given up. Pixels come through shared memory, a frame of 5 megapixels in 2 ms
instead of 65 ms through a pipe.
"""

from __future__ import annotations

import logging
import os
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from multiprocessing import connection
from subprocess import TimeoutExpired
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.cameras.genicam.process import ChildGoneError, describe_end, end, spawn
from uniad_desktop.cameras.genicam.shared import SharedArea
from uniad_desktop.scoring.decode import Decoded
from uniad_desktop.scoring.header import MOST_VALUES
from uniad_desktop.scoring.job import Job, ScoringError
from uniad_desktop.training.datasets.sample import printable

_log = logging.getLogger(__name__)

READ_LIMIT_S: Final = 60.0
"""How long one image may take; a network drive that is gone may block for ever."""

_START_LIMIT_S: Final = 120.0
_END_S: Final = 2.0
_POLL_S: Final = 0.2
_AHEAD: Final = 2  # images per process that are read while others are judged
_HANGS_TO_GIVE_UP: Final = 2


class _Reader:
    """One process with its slots of shared memory."""

    def __init__(self, slots: int) -> None:
        self.areas = [SharedArea() for _ in range(slots)]
        self._generations = [0] * slots
        self._memory: list[NDArray[np.uint8] | None] = [None] * slots
        self.free = set(range(slots))
        self.asked: deque[tuple[Job, int]] = deque()
        self.since = time.monotonic()
        self.ready = False
        self.pipe, other = connection.Pipe()
        descriptors = tuple(one for area in self.areas for one in area.descriptors)
        # What OpenCV reads of a header differently than we do is refused by it at the same size.
        environment = {"OPENCV_IO_MAX_IMAGE_PIXELS": str(MOST_VALUES)}
        tokens = [area.token for area in self.areas]
        try:
            self._process = spawn(
                "uniad_desktop.scoring.decode_worker", tokens, [other], environment, descriptors
            )
        except OSError as error:
            self._close_memory()
            raise ScoringError(
                f"A process that reads images cannot be started: {error.strerror or error}."
            ) from error

    def ask(self, job: Job) -> None:
        """Has it read a file; there must be a free slot."""
        slot = self.free.pop()
        if not self.asked:
            self.since = time.monotonic()
        self.asked.append((job, slot))
        with suppress(OSError):  # it is gone, which `answer` finds out
            self.pipe.send((slot, os.fsencode(job.path)))

    def answer(self) -> tuple[Job, int, Decoded] | None:
        """What it has to say; None for its first word. Raises ChildGoneError."""
        try:
            message: Any = self.pipe.recv()
        except (EOFError, OSError) as error:
            raise ChildGoneError(describe_end(self._process)) from error
        self.since = time.monotonic()
        if message == "ready":
            self.ready = True
            return None
        decoded, (size, generation, shape) = message
        job, slot = self.asked.popleft()
        if not shape:
            self.free.add(slot)
            return job, -1, decoded
        if generation != self._generations[slot]:
            self._memory[slot] = None
            self._memory[slot] = self.areas[slot].ring(size, generation)
            self._generations[slot] = generation
        memory = self._memory[slot]
        assert memory is not None
        image = memory[: int(np.prod(shape))].reshape(shape)
        return job, slot, replace(decoded, image=image)

    def hangs(self, limit_s: float) -> bool:
        """Whether it has been at one image, or its start, for too long."""
        if not self.ready:
            return time.monotonic() - self.since > _START_LIMIT_S
        return bool(self.asked) and time.monotonic() - self.since > limit_s

    def close(self, *, kill: bool = False) -> None:
        """Ends the process and gives the memory back."""
        self.pipe.close()
        if kill:
            self._process.kill()
        with suppress(TimeoutExpired):  # one that waits for a dead drive cannot even be killed
            end(self._process, _END_S)
        self._close_memory()

    def _close_memory(self) -> None:
        self._memory = [None] * len(self._memory)
        for area in self.areas:
            area.close()


class DecodePool:
    """Processes that read images. One thread uses it; close it at the end.

    Args:
        workers: number of processes.
        batch: most images that are handed out at once.
        read_limit_s: how long one image may take.

    Attributes:
        waited_s: seconds that were spent waiting for images.
        decode_s: seconds that reading and decoding took in the processes, added up.

    Raises:
        ScoringError: no process can be started.
    """

    def __init__(self, workers: int, batch: int = 1, read_limit_s: float = READ_LIMIT_S) -> None:
        self._batch, self._limit = batch, read_limit_s
        self._slots = _AHEAD + -(-batch // workers)
        self._readers: list[_Reader] = []
        self._done: dict[int, tuple[Job, Decoded, _Reader | None, int]] = {}
        self._again: deque[Job] = deque()
        self._hangs = 0
        self.waited_s = 0.0
        self.decode_s = 0.0
        try:
            for _ in range(workers):
                self._readers.append(_Reader(self._slots))
        except ScoringError:
            self.close()
            raise

    def batches(self, jobs: Iterable[Job]) -> Iterator[list[tuple[Job, Decoded]]]:
        """Reads files and hands them out in order, as many at once as are there.

        The pixels are valid until the next batch is asked for.

        Raises:
            ScoringError: the processes do not start, or the drive does not answer any more.
        """
        source = iter(jobs)
        order: deque[int] = deque()
        while True:
            self._hand_out(source, order)
            if not order:
                return
            started = time.perf_counter()
            while order[0] not in self._done:
                self._receive(_POLL_S)
                self._hand_out(source, order)
            self._receive(0.0)
            self.waited_s += time.perf_counter() - started
            self._hand_out(source, order)
            batch: list[tuple[Job, Decoded, _Reader | None, int]] = []
            while order and order[0] in self._done and len(batch) < self._batch:
                batch.append(self._done.pop(order.popleft()))
            yield [(job, decoded) for job, decoded, _, _ in batch]
            for _, decoded, reader, slot in batch:
                decoded.image = None
                if reader is not None and slot >= 0:
                    reader.free.add(slot)

    def close(self) -> None:
        """Ends the processes; safe to call twice."""
        readers, self._readers = self._readers, []
        self._done.clear()
        for reader in readers:
            reader.pipe.close()  # all of them end at the same time
        for reader in readers:
            reader.close()

    def _hand_out(self, source: Iterator[Job], order: deque[int]) -> None:
        """Gives every free slot something to read; the least busy process first."""
        while True:
            able = [reader for reader in self._readers if reader.free]
            if not able:
                return
            if self._again:
                job = self._again.popleft()
            else:
                following = next(source, None)
                if following is None:
                    return
                job = following
                order.append(job.number)
            min(able, key=lambda reader: len(reader.asked)).ask(job)

    def _receive(self, timeout_s: float) -> None:
        """Takes what the processes have to say; replaces those that ended or hang."""
        pipes = [reader.pipe for reader in self._readers]
        speaking = set(connection.wait(pipes, timeout_s))
        for reader in tuple(self._readers):
            if reader.pipe not in speaking:
                if reader.hangs(self._limit):
                    self._give_up(reader)
                continue
            try:
                told = reader.answer()
            except ChildGoneError as gone:
                self._replace(reader, f"could not be read, as {gone}; it may be damaged")
                continue
            if told is not None:
                job, slot, decoded = told
                self._hangs = 0
                self.decode_s += decoded.decode_ms / 1e3
                self._done[job.number] = (job, decoded, reader, slot)

    def _give_up(self, reader: _Reader) -> None:
        self._hangs += 1
        if self._hangs >= _HANGS_TO_GIVE_UP and reader.asked:
            root = printable(reader.asked[0][0].root)
            raise ScoringError(
                f"{root} does not answer any more: {self._hangs} images were waited for in vain, "
                f"{self._limit:.0f} s each; check the drive or the network."
            )
        self._replace(reader, f"was not read within {self._limit:.0f} s", kill=True)

    def _replace(self, reader: _Reader, reason: str, *, kill: bool = False) -> None:
        """A process is gone with the image it was at; the others that it had are read again."""
        if not reader.ready:
            raise ScoringError(
                f"The processes that read images do not start: the file {reason}. Use --verbose "
                "to see what they say."
            )
        asked = list(reader.asked)
        if asked:
            job = asked[0][0]
            sentence = f"{printable(job.path)} {reason}."
            _log.warning("%s", sentence)
            self._done[job.number] = (job, Decoded(error=sentence), None, -1)
            self._again.extend(job for job, _ in asked[1:])
        # Images that it had finished are in memory that stays mapped while they are looked at.
        place = self._readers.index(reader)
        self._readers[place] = _Reader(self._slots)
        reader.close(kill=True)
