"""A GenICam camera as a `FrameSource`: the parent's side of the camera process."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import astuple, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.cameras import pixel_formats
from uniad_desktop.cameras.conversion import to_image
from uniad_desktop.cameras.feature_set import (
    ApplyReport,
    FeatureEntry,
    FeatureSet,
)
from uniad_desktop.cameras.feature_tree import Feature
from uniad_desktop.cameras.frame import Frame, SourceKind, on_host_clock
from uniad_desktop.cameras.genicam.messages import (
    Applied,
    Command,
    Described,
    DeviceDetails,
    FrameNotice,
    Geometry,
    OpenRequest,
    StreamLayout,
    Written,
)
from uniad_desktop.cameras.genicam.process import (
    NODE_LIMIT_S,
    Answer,
    CameraProcess,
    ChildGoneError,
)
from uniad_desktop.cameras.genicam.settings_in_force import SettingsInForce, settings_of
from uniad_desktop.cameras.genicam.shared import Word
from uniad_desktop.cameras.producers import looks_simulated
from uniad_desktop.cameras.recordings.files import RecordedCamera
from uniad_desktop.cameras.recordings.ring import RecordingState
from uniad_desktop.cameras.source import (
    CameraError,
    CameraLostError,
    SourceCounters,
    SourceInfo,
    TriggerMode,
    TriggerSettings,
    trigger_settings,
)

logger = logging.getLogger(__name__)

# Opening loads the driver and the camera's description; a slow GigE camera takes seconds.
_OPEN_LIMIT_S = 20.0
_STOP_LIMIT_S = 5.0
_FEATURE_LIMIT_S = 5.0
_TRIGGER_LIMIT_S = 5.0
# All registers of a request together; each may take `NODE_LIMIT_S`.
_LONGEST_S = 300.0


class GenicamSource:
    """A camera behind a GenTL producer, in a process of its own.

    After a loss every call but `stop`, `close`, `counters` and `info` raises `CameraLostError`
    until `reopen` has succeeded. `trigger`, `counters` and everything that has to do with features
    may be called from any thread.
    """

    def __init__(
        self,
        request: OpenRequest,
        *,
        simulated: bool = False,
        environment: dict[str, str] | None = None,
    ) -> None:
        """Opens the camera in a new process.

        Args:
            request: which device.
            simulated: whether the producer is known to invent its pictures.
            environment: variables for the camera process, added to this process's own.

        Raises:
            CameraNotFoundError: the device is not there.
            CameraError: it is in use, or the driver fails.
        """
        self._request = request
        self._simulated = simulated
        self._environment = dict(environment or {})
        self._mode = TriggerMode.FREE_RUNNING
        self._in_force = SettingsInForce()
        self._former = SourceCounters()
        self._process: CameraProcess | None = None
        self._layout: StreamLayout | None = None
        self._ring: NDArray[np.uint8] | None = None
        self._why_closed: CameraError = CameraError("The camera is closed.")
        self._state_lock = threading.Lock()
        self._info = self._open()

    @property
    def info(self) -> SourceInfo:
        """Who delivers the frames."""
        return self._info

    @property
    def trigger_mode(self) -> TriggerMode:
        """The mode of the last `start`."""
        return self._mode

    def start(self, trigger: TriggerMode | TriggerSettings) -> None:
        """Starts acquisition, after stopping one that runs.

        Raises:
            CameraError: there is no such trigger; the message names the lines that there are.
            CameraLostError: the camera is gone.
        """
        settings = trigger_settings(trigger)
        process = self._alive()
        self._layout = self._ring = None
        layout: StreamLayout = self._look(Command.START, settings)
        try:
            ring = process.area.ring(layout.slots * layout.slot_bytes, layout.generation)
        except (OSError, ValueError):
            self._alive()  # another thread noticed meanwhile that it is lost, which says why
            raise
        self._ring, self._layout = ring, layout
        self._mode = settings.mode
        self._update_info(layout.geometry, layout.settings)

    def next_frame(self, timeout_s: float) -> Frame | None:
        """The next frame, or None after `timeout_s` seconds without one.

        Free running: the newest frame that has arrived and was not given yet. Software
        and hardware trigger: every frame, oldest first.

        Raises:
            CameraLostError: within 2 s of the loss: unplugged, process ended, driver hangs.
            CameraError: not started, or what arrives is no picture that can be shown.
        """
        process = self._alive()
        if self._layout is None:
            self._alive()  # a thread that fires triggers or reads features may notice a loss first
            raise CameraError(f"The camera {self._info.serial} is not started.")
        try:
            notice: FrameNotice | None = process.take(timeout_s)
        except ChildGoneError as error:
            raise self._lost(str(error)) from error
        except CameraLostError as error:
            raise self._lost_with(error) from error
        if notice is None:
            return None
        # Not held while it waits: an error on record would keep the memory of a lost camera.
        layout, ring = self._layout, self._ring
        if layout is None or ring is None:
            self._alive()
            raise CameraError(f"The camera {self._info.serial} was stopped.")
        return self._frame(notice, layout, ring)

    def trigger(self) -> None:
        """Fires one software trigger (SFNC TriggerSoftware); any thread.

        Raises:
            CameraError: acquisition does not run in software trigger mode, or the camera refuses.
        """
        self._alive()
        if self._layout is None or self._mode is not TriggerMode.SOFTWARE:
            self._alive()  # see `next_frame`
            raise CameraError(
                f"The camera {self._info.serial} is not waiting for software triggers; "
                "start it in that mode first."
            )
        self._ask(Command.TRIGGER, limit_s=_TRIGGER_LIMIT_S)

    def counters(self) -> SourceCounters:
        """Counts since the first opening, through every `reopen`; cheap, any thread."""
        with self._state_lock:
            return self._counters()

    def seconds_silent(self) -> float:
        """Seconds since its process gave the last sign of life, 0 where there is none; any thread.

        A register access that takes long is silence, too.
        """
        with self._state_lock:
            if self._process is None:
                return 0.0
            stamped = int(self._process.area.words[Word.HEARTBEAT_NS])
        return (time.monotonic_ns() - stamped) / 1e9 if stamped else 0.0

    def read_feature(self, name: str) -> str | int | float | bool:
        """Value of a feature by its SFNC name. Raises CameraError."""
        value: str | int | float | bool = self._look(Command.READ, name)
        return value

    def write_feature(self, name: str, value: str | int | float | bool) -> None:
        """Sets a feature by its SFNC name.

        A command is executed by writing True, a register takes hexadecimal. What was written is
        written again by `reopen`, values behind a selector with it.

        Raises:
            CameraError: naming the range, step or entries that the camera accepts, or the
                automatic mode that has to be off.
        """
        written: Written = self._look(Command.WRITE, name, value)
        self._update_info(written.geometry, written.settings)
        if written.entry is not None:
            self._in_force.write(written.entry)

    def features(self) -> tuple[Feature, ...]:
        """Every visible feature, in the order of the camera's description.

        They are asked for in pieces, between which frames go on flowing. Raises CameraError.
        """
        names: tuple[str, ...] = self._look(Command.FEATURES)
        return self.refresh(names)

    def refresh(self, names: Sequence[str]) -> tuple[Feature, ...]:
        """Some features as they are now; names that the camera does not have are left out.

        Raises:
            CameraError: the camera does not answer; `CameraLostError` where it is gone.
        """
        left, found = tuple(names), list[Feature]()
        while left:
            piece: Described = self._look(Command.REFRESH, left)
            found += piece.features
            left = left[piece.handled :]
        return tuple(found)

    @property
    def set_in_force(self) -> FeatureSet | None:
        """The set that was applied completely, None once something of it was written otherwise."""
        return self._in_force.whole_set

    def read_set(self) -> FeatureSet:
        """The camera's settings now: every streamable feature for every value of its selectors.

        Raises:
            CameraError: the camera acquires; stop it first.
        """
        found: FeatureSet = self._look(Command.READ_SET)
        device = self._info.settings  # as the producer lists it, like everywhere else here
        return replace(
            found,
            vendor=str(device.get("DeviceVendorName", found.vendor)),
            model=str(device.get("DeviceModelName", found.model)),
            serial=str(device.get("DeviceSerialNumber", found.serial)),
        )

    def apply_set(self, wanted: FeatureSet) -> ApplyReport:
        """Writes a set in its order and reads every value back.

        Features of the simulated line (``Sim…``) are passed over. A set that the camera has
        completely is applied again by `reopen`, and what is written later after it.

        Raises:
            CameraError: the camera acquires; stop it first.
        """
        self._in_force.begin_set()
        report = self._apply(settings_of(wanted))
        if report.complete:
            self._in_force.end_set(wanted)
        return report

    def _apply(self, entries: tuple[FeatureEntry, ...]) -> ApplyReport:
        applied: Applied = self._look(Command.APPLY, entries)
        self._update_info(applied.geometry, applied.settings)
        return applied.report

    def save_recording(self, folder: Path, seconds: float) -> None:
        """Begins to write the last `seconds` of raw frames, those passed over included.

        `recording_state` tells when it is done.

        Raises:
            CameraError: one is being written, nothing is kept, or keeping is off.
        """
        info = self._info
        camera = RecordedCamera(
            info.name, info.vendor, info.serial, str(info.kind), dict(info.settings)
        )
        where = folder.expanduser().absolute()
        self._ask(Command.SAVE_RECORDING, where, seconds, camera, limit_s=_FEATURE_LIMIT_S)

    def recording_state(self) -> RecordingState:
        """What is kept in memory and what became of the last saving. Raises CameraError."""
        state: RecordingState = self._ask(Command.RECORDING_STATE, limit_s=_FEATURE_LIMIT_S)
        return state

    def stop(self) -> None:
        """Stops acquisition; frames not taken yet are dropped. Never raises for a lost camera."""
        self._layout = self._ring = None
        if self._process is None:
            return
        try:
            self._ask(Command.STOP, limit_s=_STOP_LIMIT_S, longest_s=_LONGEST_S)
        except CameraError as error:
            logger.warning("%s", error)

    def reopen(self) -> None:
        """Opens the same device again, by serial, with the set in force and what was written since.

        Afterwards it is stopped; call `start`.

        Raises:
            CameraNotFoundError: it is not back yet.
            CameraError: it cannot be opened, or does not take its settings; it then stays closed
                rather than deliver pictures made with other settings.
        """
        self._end(grace_s=1.0)
        self._info = self._open()
        try:
            report = self._apply(self._in_force.entries())
            if not report.complete:
                raise CameraError(report.sentence())
        except CameraError as error:
            self._why_closed = CameraError(
                f"The camera {self._info.serial} is back but does not take its settings: {error}"
            )
            self._end(grace_s=1.0)
            raise self._why_closed from error

    def close(self) -> None:
        """Gives the camera back and ends its process, within about 4 s; safe to call twice."""
        self._why_closed = CameraError(f"The camera {self._info.serial} is closed.")
        self._end(grace_s=2.0)

    def _open(self) -> SourceInfo:
        process = CameraProcess(self._environment)
        try:
            details: DeviceDetails = process.ask(
                Command.OPEN, self._request, limit_s=_OPEN_LIMIT_S, longest_s=_LONGEST_S
            )
        except ChildGoneError as error:
            process.close(grace_s=0.0)
            name = self._request.serial or Path(self._request.producer).name
            raise CameraError(f"The camera {name} could not be opened: {error}.") from error
        except BaseException:
            process.close(grace_s=0.5)
            raise
        with self._state_lock:
            self._process = process
        # From now on it is this very device, whatever its place in the list.
        self._request = replace(self._request, serial=details.serial, device_id=details.device_id)
        return self._describe(details)

    def _describe(self, details: DeviceDetails) -> SourceInfo:
        producer = Path(self._request.producer).name
        simulated = self._simulated or looks_simulated(producer, details.vendor, details.model)
        device = {
            "DeviceVendorName": details.vendor,
            "DeviceModelName": details.model,
            "DeviceSerialNumber": details.serial,
        }
        return SourceInfo(
            name=details.user_id or details.model or details.device_id,
            vendor=details.vendor,
            serial=details.serial or details.device_id,
            kind=SourceKind.SIMULATED if simulated else SourceKind.LIVE,
            width=details.geometry.width,
            height=details.geometry.height,
            pixel_format=details.geometry.pixel_format,
            features=details.features,
            trigger_sources=details.trigger_sources,
            settings={name: value for name, value in device.items() if value},
        )

    def _frame(self, notice: FrameNotice, layout: StreamLayout, ring: NDArray[np.uint8]) -> Frame:
        first = notice.slot * layout.slot_bytes
        pixel_format = pixel_formats.by_code(notice.format_code)
        image = to_image(
            ring[first : first + layout.slot_bytes], pixel_format, notice.width, notice.height
        )
        return Frame(
            image=image,
            id=notice.frame_id,
            timestamp_ns=notice.timestamp_ns,
            received_ns=notice.received_ns,
            stamped_ns=self._stamped_ns(notice),
            lost_before=notice.lost_before,
            source=self._info.serial,
            kind=self._info.kind,
            pixel_format=pixel_format.name,
            chunks=notice.chunks,
        )

    def _stamped_ns(self, notice: FrameNotice) -> int:
        with self._state_lock:
            if self._process is None or not notice.timestamp_ns:
                return 0
            words = self._process.area.words
            known, offset_ns = bool(words[Word.CLOCK_KNOWN]), int(words[Word.CLOCK_OFFSET_NS])
        return on_host_clock(notice.timestamp_ns, offset_ns, notice.received_ns) if known else 0

    def _update_info(
        self, geometry: Geometry, settings: dict[str, str | int | float | bool]
    ) -> None:
        width, height, pixel_format = astuple(geometry)
        self._info = replace(
            self._info,
            width=width,
            height=height,
            pixel_format=pixel_format,
            settings={**self._info.settings, **settings},
        )

    def _alive(self) -> CameraProcess:
        process = self._process
        if process is None:
            raise type(self._why_closed)(str(self._why_closed))
        return process

    def _look(self, command: Command, *arguments: object) -> Answer:
        """A request that reads or writes registers, each of which may take its time."""
        return self._ask(command, *arguments, limit_s=NODE_LIMIT_S, longest_s=_LONGEST_S)

    def _ask(
        self, command: Command, *arguments: object, limit_s: float, longest_s: float | None = None
    ) -> Answer:
        process = self._alive()
        try:
            return process.ask(command, *arguments, limit_s=limit_s, longest_s=longest_s)
        except ChildGoneError as error:
            raise self._lost(str(error)) from error
        except CameraLostError as error:
            raise self._lost_with(error) from error

    def _lost(self, why: str) -> CameraError:
        if self._process is None:
            # Another thread noticed first, or closed the camera, and knows more.
            return type(self._why_closed)(str(self._why_closed))
        return self._lost_with(
            CameraLostError(f"The camera {self._info.serial} was lost: {why}."), grace_s=0.0
        )

    def _lost_with(self, error: CameraLostError, *, grace_s: float = 0.5) -> CameraLostError:
        self._why_closed = error
        self._end(grace_s=grace_s)
        return CameraLostError(str(error))

    def _counters(self) -> SourceCounters:
        if self._process is None:
            return self._former
        words = self._process.area.words
        return SourceCounters(
            acquired=self._former.acquired + int(words[Word.ACQUIRED]),
            passed_over=self._former.passed_over + int(words[Word.PASSED_OVER]),
            incomplete=self._former.incomplete + int(words[Word.INCOMPLETE]),
            missed=self._former.missed + int(words[Word.MISSED]),
        )

    def _end(self, *, grace_s: float) -> None:
        started = time.monotonic()
        with self._state_lock:
            process = self._process
            if process is None:
                return
            self._former = self._counters()
            self._process = None
        self._layout = self._ring = None
        process.close(grace_s=grace_s)
        logger.debug("camera process %d ended in %.2f s", process.pid, time.monotonic() - started)
