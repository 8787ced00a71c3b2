"""From what a person writes after ``--camera`` to an open source of frames."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from uniad_desktop.cameras.discovery import (
    Access,
    DeviceDescription,
    DeviceList,
    list_devices,
)
from uniad_desktop.cameras.folder import FolderSource
from uniad_desktop.cameras.genicam.messages import OpenRequest
from uniad_desktop.cameras.genicam.source import GenicamSource
from uniad_desktop.cameras.producers import NOT_INSTALLED, SimulatorProducer, genicam_installed
from uniad_desktop.cameras.recordings.replay import ReplaySource
from uniad_desktop.cameras.recordings.ring import RecordingOptions
from uniad_desktop.cameras.remembered import (
    CameraIdentity,
    CameraMemory,
    at_place,
    choose_remembered,
    identity,
)
from uniad_desktop.cameras.source import CameraError, CameraNotFoundError, FrameSource
from uniad_desktop.cameras.video import VideoSource
from uniad_desktop.cameras.webcam import WebcamSource

log = logging.getLogger(__name__)

ACCEPTED_FORMS = (
    "an index (0), a serial number or user-defined name (serial:NUMBER where it could be taken "
    "for an index), sim for the simulated camera (sim:PATH shows the images of a folder with it), "
    "folder:PATH for a folder of images, video:PATH for a video file, webcam:N for a webcam, or "
    "replay:PATH for a recording of raw frames"
)

# Longer runs of digits are serial numbers.
_INDEX = re.compile(r"\d{1,3}")
_SERIAL = re.compile(r"[^\s:/\\][^:/\\]*")


class CameraKind(Enum):
    """What a camera specification names."""

    INDEX = "index"
    SERIAL = "serial"
    SIMULATED = "simulated"
    FOLDER = "folder"
    REPLAY = "replay"
    VIDEO = "video"
    WEBCAM = "webcam"


_PREFIXES = {
    "folder": CameraKind.FOLDER,
    "replay": CameraKind.REPLAY,
    "serial": CameraKind.SERIAL,
    "sim": CameraKind.SIMULATED,
    "video": CameraKind.VIDEO,
}


@dataclass(frozen=True, slots=True)
class CameraSpec:
    """A camera as asked for.

    Attributes:
        kind: what `value` is.
        value: the index, serial number, number of the webcam or path as text; for the simulated
            camera the folder whose images it shows, empty where it shows its own parts.
    """

    kind: CameraKind
    value: str = ""

    def __str__(self) -> str:
        """The text that `parse_camera` reads back."""
        if self.kind is CameraKind.SIMULATED:
            return f"sim:{self.value}" if self.value else "sim"
        if self.kind is CameraKind.INDEX:
            return self.value
        return f"{self.kind.value}:{self.value}"


def parse_camera(spec: str) -> CameraSpec:
    """Reads what may follow ``--camera``; see `ACCEPTED_FORMS`.

    Raises:
        CameraError: it is none of them; the message lists the accepted forms.
    """
    text = spec.strip()
    if text == "sim":
        return CameraSpec(CameraKind.SIMULATED)
    if _INDEX.fullmatch(text):
        return CameraSpec(CameraKind.INDEX, str(int(text)))
    prefix, colon, rest = text.partition(":")
    if colon and rest.strip():
        if prefix in _PREFIXES:
            return CameraSpec(_PREFIXES[prefix], rest.strip())
        if prefix == "webcam" and _INDEX.fullmatch(rest.strip()):
            return CameraSpec(CameraKind.WEBCAM, str(int(rest)))
    if not colon and _SERIAL.fullmatch(text):
        return CameraSpec(CameraKind.SERIAL, text)
    raise CameraError(f"'{spec}' names no camera; write {ACCEPTED_FORMS}.")


def open_source(
    spec: CameraSpec | str,
    *,
    simulator: SimulatorProducer | None = None,
    added: Sequence[str] = (),
    memory: CameraMemory | None = None,
    accept_camera: bool = False,
    remember_as: int | None = None,
    taken: Collection[str] = (),
    environ: Mapping[str, str] | None = None,
    loop: bool = True,
    frames_per_second: float | None = None,
    recording: RecordingOptions | None = None,
) -> FrameSource:
    """Opens what `spec` names.

    The simulated camera answers to an index only where the machine has no producer of its own
    and no real camera is remembered; it never stands in for a camera that is not there.

    Args:
        spec: a specification, or the text of one.
        simulator: the simulated camera's producer, where it is available.
        added: producers that the settings of the station name, files or folders.
        memory: keeps which real camera an index meant; None: no index is remembered.
        accept_camera: another real camera may take the place of the remembered one.
        remember_as: a camera named by its serial number or name is remembered for this index, once
            it is open; None: for none.
        taken: serial numbers of the other cameras of the station, which no index means.
        environ: instead of this process's environment (GENICAM_GENTL64_PATH).
        loop: files only: begin again after the last image.
        frames_per_second: files only: at most so many images per second when free running; None:
            as fast as they are asked for, videos and recordings as fast as they were recorded.
        recording: GenICam cameras only: raw frames that are kept in memory; None: none.

    Raises:
        CameraNotFoundError: nothing answers to it; the message names what there is.
        CameraChangedError: another camera is in the place of the remembered one.
        CameraError: it is no specification, or what it names cannot be opened.
    """
    wanted = parse_camera(spec) if isinstance(spec, str) else spec
    kept = recording or RecordingOptions()
    if wanted.kind is CameraKind.FOLDER:
        return FolderSource(Path(wanted.value), loop=loop, frames_per_second=frames_per_second)
    if wanted.kind is CameraKind.REPLAY:
        return ReplaySource(Path(wanted.value), loop=loop, frames_per_second=frames_per_second)
    if wanted.kind is CameraKind.VIDEO:
        return VideoSource(Path(wanted.value), loop=loop, frames_per_second=frames_per_second)
    if wanted.kind is CameraKind.WEBCAM:
        return WebcamSource(int(wanted.value))
    if not genicam_installed():
        raise CameraError(NOT_INSTALLED)
    if wanted.kind is CameraKind.SIMULATED:
        if simulator is None:
            raise CameraNotFoundError(
                "The simulated camera is not available in this installation; use a camera of this "
                "machine or a folder of images (folder:PATH)."
            )
        request = OpenRequest(str(simulator.path), recording=kept)
        return _open_device(request, simulator, simulated=True)
    listed = list_devices(simulator, added=added, environ=environ)
    if wanted.kind is CameraKind.SERIAL:
        device = _by_serial(wanted.value, listed)
        source = _open_listed(device, simulator, kept)
        _remember(memory, remember_as, device)
        return source
    index = int(wanted.value)
    known = None if memory is None else memory.recall(index)
    if known is None:
        device = _by_index(index, listed, simulator, taken)
    else:
        device = _remembered(index, known, listed, taken, accept=accept_camera)
    source = _open_listed(device, simulator, kept)
    for problem in listed.problems:  # a camera answers, but perhaps not the one that was meant
        log.warning("%s", problem)
    _remember(memory, index, device)
    return source


def _remember(memory: CameraMemory | None, index: int | None, device: DeviceDescription) -> None:
    """Has an index mean a camera that was opened; never a simulated one."""
    if memory is None or index is None or device.simulated:
        return
    if identity(device) == memory.recall(index):
        return
    try:
        memory.keep(index, identity(device))
    except OSError as error:
        log.warning("Which camera %d is was not remembered: %s", index, error.strerror or error)


def _open_listed(
    device: DeviceDescription, simulator: SimulatorProducer | None, recording: RecordingOptions
) -> GenicamSource:
    request = OpenRequest(str(device.producer), device.serial, device.device_id, recording)
    try:
        return _open_device(request, simulator, simulated=device.simulated)
    except CameraError as error:
        if not device.why_not:
            raise
        told = str(error)
        if device.access is Access.IN_USE:  # which the error says, too, but not by whom
            told = f"The camera {device.serial or device.device_id} could not be opened."
        raise type(error)(f"{told} {device.why_not}") from error


def _open_device(
    request: OpenRequest, simulator: SimulatorProducer | None, *, simulated: bool
) -> GenicamSource:
    if simulator is not None and request.producer == str(simulator.path):
        return GenicamSource(request, simulated=True, environment=dict(simulator.environment))
    return GenicamSource(request, simulated=simulated)


def _remembered(
    index: int,
    known: CameraIdentity,
    listed: DeviceList,
    taken: Collection[str],
    *,
    accept: bool,
) -> DeviceDescription:
    try:
        return choose_remembered(index, known, listed.devices, accept=accept, taken=taken)
    except CameraNotFoundError as error:
        raise CameraNotFoundError(" ".join((str(error), *listed.problems))) from error


def _by_index(
    index: int, listed: DeviceList, simulator: SimulatorProducer | None, taken: Collection[str]
) -> DeviceDescription:
    device = at_place(index, listed.devices, taken)
    if device is not None:
        return device
    own = [device for device in listed.devices if device.index is not None]
    if index in (device.index for device in own):
        text = (
            f"Camera {index} of the list is another camera of this station; there is "
            f"{_enumerate(own)}."
        )
        way_out = "Name the one that is meant by its serial number."
    elif own:
        text = f"There is no camera {index}; there is {_enumerate(own)}."
        way_out = "Use one of these."
    elif listed.producers:
        names = ", ".join(path.name for path in listed.producers)
        text = f"No camera answers: the installed GenTL producers ({names}) list no device."
        way_out = "Check cable and power, or use --camera sim for the simulated camera."
    elif simulator:
        text = "The simulated camera does not answer."
        way_out = "Use --camera folder:PATH for a folder of images."
    else:
        text = listed.remedy
        way_out = "Without a camera use --camera folder:PATH."
    raise CameraNotFoundError(" ".join((text, *listed.problems, way_out)))


def _by_serial(serial: str, listed: DeviceList) -> DeviceDescription:
    for attribute in ("serial", "user_id", "device_id"):
        found = [device for device in listed.devices if getattr(device, attribute) == serial]
        # One camera may be listed by two producers; two cameras may have been given one name.
        if len({(device.serial, device.vendor, device.model) for device in found}) > 1:
            raise CameraError(
                f"Several cameras are called {serial}: {_enumerate(found)}. Give them different "
                "names (DeviceUserID), or use the serial number or the index."
            )
        if found:
            return found[0]
    there = (
        f"there is {_enumerate(listed.devices)}."
        if listed.devices
        else "no camera answers; check cable and power."
    )
    if not listed.producers:
        there = f"{there} {listed.remedy}"
    text = f"There is no camera with serial number or name {serial}; {there}"
    raise CameraNotFoundError(" ".join((text, *listed.problems)))


def _enumerate(devices: Iterable[DeviceDescription]) -> str:
    return "; ".join(f"camera {device}" for device in devices)
