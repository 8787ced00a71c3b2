"""The camera process: ``python -m uniad_desktop.cameras.genicam.child CONTROL FRAMES AREA``.

One thread talks to the driver and to the parent; the main thread only waits for it. The process
ends when the parent closes it, when the parent dies (its pipes end), and, should the driver hang
with Python's lock held and nobody left to kill it, by a watchdog that needs no lock.
"""

from __future__ import annotations

import faulthandler
import logging
import math
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from uniad_desktop.cameras.feature_set import FeatureEntry, FeatureSet
from uniad_desktop.cameras.genicam import features
from uniad_desktop.cameras.genicam.access import NodeAccess
from uniad_desktop.cameras.genicam.apply import apply_entries, selectors_now
from uniad_desktop.cameras.genicam.camera import Camera
from uniad_desktop.cameras.genicam.features import Value
from uniad_desktop.cameras.genicam.messages import (
    Applied,
    Command,
    Described,
    DeviceDetails,
    Failure,
    FailureKind,
    OpenRequest,
    Request,
    StreamLayout,
    Written,
)
from uniad_desktop.cameras.genicam.pipes import Inbox, connection_from
from uniad_desktop.cameras.genicam.ports import watch_registers
from uniad_desktop.cameras.genicam.sets import read_set
from uniad_desktop.cameras.genicam.settings import read_settings
from uniad_desktop.cameras.genicam.shared import SharedArea, Word
from uniad_desktop.cameras.genicam.stream import FrameStream, slots_for
from uniad_desktop.cameras.genicam.tree import FeatureTree
from uniad_desktop.cameras.recordings.files import RecordedCamera, write_recording
from uniad_desktop.cameras.recordings.ring import FrameRing, RecordingOptions, RecordingState
from uniad_desktop.cameras.source import (
    CameraError,
    CameraLostError,
    CameraNotFoundError,
    TriggerSettings,
)

logger = logging.getLogger(__name__)

# EventGetData and register access hold Python's lock, so frames are polled for, not waited for.
_POLL_S = 0.001
_IDLE_S = 0.2
_PRESENCE_S = 0.25
# Clocks drift apart by some 50 us per second.
_CLOCK_S = 5.0
# Longer than every limit after which the parent kills this process.
_WATCHDOG_S = 40.0
# Features are described in pieces of about this length; frames are moved in between.
_PIECE_S = 0.01
_ANNOUNCED = frozenset(
    {
        Command.OPEN,
        Command.START,
        Command.STOP,
        Command.READ,
        Command.WRITE,
        Command.FEATURES,
        Command.REFRESH,
        Command.READ_SET,
        Command.APPLY,
    }
)


def failure_of(error: Exception) -> Failure:
    """The message that makes the parent raise the same error."""
    if isinstance(error, CameraLostError):
        return Failure(FailureKind.LOST, str(error))
    if isinstance(error, CameraNotFoundError):
        return Failure(FailureKind.NOT_FOUND, str(error))
    if isinstance(error, CameraError):
        return Failure(FailureKind.ERROR, str(error))
    logger.error("unexpected error in the camera process", exc_info=error)
    return Failure(FailureKind.ERROR, f"The camera driver failed: {features.first_line(error)}.")


class Worker:
    """Answers requests and, while the camera streams, moves frames into the ring."""

    def __init__(self, control: Connection, frames: Connection, area: SharedArea) -> None:
        self._control = control
        self._frames = frames
        self._inbox = Inbox(control, frames)
        self._area = area
        self._camera: Camera | None = None
        self._tree: FeatureTree | None = None
        self._stream: FrameStream | None = None
        self._recorder = FrameRing(RecordingOptions())
        self._generation = 0
        self._closing = False
        self._trouble: Failure | None = None
        self._take_until: float | None = None
        self._next_presence = 0.0
        self._acquired_before = -1
        self._next_watchdog = 0.0
        self._access = NodeAccess(area.words, self._sign_of_life)
        watch_registers(self._access.touch)
        self._next_clock = 0.0
        self._commands: dict[Command, Callable[..., object]] = {
            Command.OPEN: self._open,
            Command.START: self._start,
            Command.STOP: self._stop,
            Command.TRIGGER: self._trigger,
            Command.READ: self._read,
            Command.WRITE: self._write,
            Command.SAVE_RECORDING: self._save_recording,
            Command.RECORDING_STATE: self._recording_state,
            Command.FEATURES: self._features,
            Command.REFRESH: self._refresh,
            Command.READ_SET: self._read_set,
            Command.APPLY: self._apply,
            Command.CLOSE: self._close,
        }

    def run(self) -> None:
        """Works until the parent closes the camera or goes away."""
        try:
            while not self._closing:
                self._sign_of_life()
                timeout = _IDLE_S if self._stream is None else _POLL_S
                for pipe in self._inbox.wait(timeout):
                    if pipe is self._control:
                        self._answer(self._control.recv())
                    else:
                        self._asked_for_frame(self._frames.recv())
                if not self._closing:
                    self._watch_camera()
                    self._move_frames()
        except (EOFError, OSError):
            logger.info("the parent is gone, closing the camera")
        finally:
            self._inbox.close()
            self._recorder.close()
            if self._camera is not None:
                self._camera.close()

    @property
    def _lost(self) -> bool:
        return self._trouble is not None and self._trouble.kind is FailureKind.LOST

    def _sign_of_life(self) -> None:
        self._area.words[Word.HEARTBEAT_NS] = time.monotonic_ns()
        now = time.monotonic()
        if now >= self._next_watchdog:
            self._next_watchdog = now + 1.0
            faulthandler.dump_traceback_later(_WATCHDOG_S, exit=True)

    def _answer(self, request: Request) -> None:
        answer: object = self._trouble
        try:
            if not self._lost or request.command in (Command.STOP, Command.CLOSE):
                with self._announced(always=request.command in _ANNOUNCED):
                    answer = self._commands[request.command](*request.arguments)
        except Exception as error:  # noqa: BLE001 - the parent raises it again
            answer = failure_of(error)
            # It may have failed because the camera is gone, which is what matters then.
            self._next_presence = 0.0
            self._watch_camera()
            if self._lost:
                answer = self._trouble
        self._control.send(answer)

    def _announced(self, *, always: bool) -> AbstractContextManager[None]:
        """Whoever hangs without a register access that was announced is noticed much sooner."""
        return self._access.announced() if always or self._access.slow else nullcontext()

    def _asked_for_frame(self, timeout_s: float) -> None:
        if self._stream is not None:
            self._stream.release()
        self._take_until = time.monotonic() + timeout_s

    def _watch_camera(self) -> None:
        now = time.monotonic()
        if self._camera is None or self._trouble is not None or now < self._next_presence:
            return
        self._next_presence = now + _PRESENCE_S
        acquired = int(self._area.words[Word.ACQUIRED])
        silent, self._acquired_before = acquired == self._acquired_before, acquired
        try:
            with self._announced(always=False):
                self._camera.check_present(ask_device=silent)
            if silent:
                self._access.answered(time.monotonic() - now)
        except CameraLostError as error:
            self._trouble = failure_of(error)
        else:
            if silent and self._stream is not None and now >= self._next_clock:
                with self._announced(always=False):
                    self._read_clock()

    def _move_frames(self) -> None:
        if self._stream is not None and self._trouble is None:
            try:
                self._stream.pump()
            except Exception as error:  # noqa: BLE001 - the parent raises it again
                self._trouble = failure_of(error)
        if self._take_until is None:
            return
        notice = self._stream.take() if self._stream is not None else None
        if notice is not None:
            self._reply(notice)
        elif self._trouble is not None:
            self._reply(self._trouble)
            if not self._lost:
                self._trouble = None
        elif time.monotonic() >= self._take_until:
            self._reply(None)

    def _reply(self, answer: object) -> None:
        self._take_until = None
        self._frames.send(answer)

    def _opened(self) -> Camera:
        if self._camera is None:
            raise CameraError("The camera is not open.")
        return self._camera

    def _open(self, request: OpenRequest) -> DeviceDetails:
        self._camera = Camera(request)
        self._recorder = FrameRing(request.recording)
        return self._camera.details()

    def _start(self, trigger: TriggerSettings) -> StreamLayout:
        camera = self._opened()
        self._stream = None
        keep_all = trigger.triggered
        frame_bytes = camera.start(trigger)
        self._area.words[Word.CLOCK_KNOWN] = 0
        self._next_clock = math.inf
        if keep_all:
            self._read_clock()
        self._generation += 1
        slots = slots_for(frame_bytes, keep_all=keep_all)
        ring = self._area.ring(slots * frame_bytes, self._generation)
        self._stream = FrameStream(
            camera,
            ring,
            slots,
            keep_all=keep_all,
            words=self._area.words,
            recorder=self._recorder if self._recorder.on else None,
        )
        settings = read_settings(camera.node_map)
        return StreamLayout(slots, frame_bytes, self._generation, camera.geometry(), settings)

    def _read_clock(self) -> None:
        """Tells the parent what the camera's clock shows, now and then as it drifts."""
        offset_ns = self._opened().clock_offset_ns()
        # A camera that cannot tell, or is slow, is not asked again.
        self._next_clock = math.inf if offset_ns is None else time.monotonic() + _CLOCK_S
        self._area.words[Word.CLOCK_KNOWN] = 0 if offset_ns is None else 1
        self._area.words[Word.CLOCK_OFFSET_NS] = offset_ns or 0

    def _stop(self) -> None:
        self._stream = None
        self._opened().stop()

    def _trigger(self) -> None:
        self._opened().trigger()

    def _read(self, name: str) -> Value:
        return features.read(self._opened().node_map, name)

    def _write(self, name: str, value: Value) -> Written:
        camera = self._opened()
        nodes = camera.node_map
        entry = None
        lasting = features.write(nodes, name, value)
        if lasting:
            node = features.find(nodes, name)
            kept = features.text(node) if features.is_readable(node) else str(value)
            entry = FeatureEntry(name, kept, selectors_now(nodes, name))
        settings = read_settings(nodes, name if lasting else "")
        return Written(camera.geometry(), lasting, settings, entry)

    def _described(self) -> FeatureTree:
        if self._tree is None:
            self._tree = FeatureTree(self._opened().node_map)
        return self._tree

    def _features(self) -> tuple[str, ...]:
        return self._described().names

    def _refresh(self, names: tuple[str, ...]) -> Described:
        tree, streaming = self._described(), self._opened().streaming
        end = time.monotonic() + _PIECE_S
        found, handled = [], 0
        for name in names:
            found.append(tree.describe(name, streaming=streaming))
            handled += 1
            if time.monotonic() >= end:
                break
        return Described(handled, tuple(one for one in found if one is not None))

    def _read_set(self) -> FeatureSet:
        camera = self._stopped("A feature set is read")
        return read_set(camera.node_map, self._described())

    def _apply(self, entries: tuple[FeatureEntry, ...]) -> Applied:
        camera = self._stopped("A feature set is applied")
        report = apply_entries(camera.node_map, entries)
        settings = read_settings(camera.node_map)
        return Applied(camera.geometry(), settings, report)

    def _stopped(self, what: str) -> Camera:
        camera = self._opened()
        if camera.streaming:
            raise CameraError(
                f"{what} only while the camera does not acquire, as many features are locked "
                "meanwhile; stop it first."
            )
        return camera

    def _save_recording(self, folder: Path, seconds: float, camera: RecordedCamera) -> None:
        self._recorder.save(partial(write_recording, folder, camera), str(folder), seconds)

    def _recording_state(self) -> RecordingState:
        return self._recorder.state()

    def _close(self) -> None:
        self._closing = True
        if self._camera is not None:
            self._tree = None
            self._camera.close()
            self._camera = None


def main() -> None:
    """Entry point of the camera process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when a camera is closed
    logging.basicConfig(level=logging.WARNING)
    control, frames = (connection_from(int(handle)) for handle in sys.argv[1:3])
    worker = Worker(control, frames, SharedArea(sys.argv[3]))
    thread = threading.Thread(target=worker.run, name="camera")
    thread.start()
    thread.join()


if __name__ == "__main__":
    main()
