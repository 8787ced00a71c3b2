"""From what a person writes after ``--camera`` to an open source of frames."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from uniad_desktop.cameras.discovery import DeviceDescription, DeviceList, list_devices
from uniad_desktop.cameras.folder import FolderSource
from uniad_desktop.cameras.genicam.messages import OpenRequest
from uniad_desktop.cameras.genicam.source import GenicamSource
from uniad_desktop.cameras.producers import (
    NOT_INSTALLED,
    PATH_VARIABLE,
    SimulatorProducer,
    genicam_installed,
)
from uniad_desktop.cameras.recordings.replay import ReplaySource
from uniad_desktop.cameras.recordings.ring import RecordingOptions
from uniad_desktop.cameras.source import CameraError, CameraNotFoundError, FrameSource

ACCEPTED_FORMS = (
    "an index (0), a serial number (serial:NUMBER where it could be taken for an index), "
    "sim for the simulated camera, folder:PATH for a folder of images, or replay:PATH for a "
    "recording"
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


@dataclass(frozen=True, slots=True)
class CameraSpec:
    """A camera as asked for.

    Attributes:
        kind: what `value` is.
        value: the index, serial number or path as text; empty for the simulated camera.
    """

    kind: CameraKind
    value: str = ""

    def __str__(self) -> str:
        """The text that `parse_camera` reads back."""
        if self.kind is CameraKind.SIMULATED:
            return "sim"
        if self.kind is CameraKind.INDEX:
            return self.value
        return f"{self.kind.value}:{self.value}"


def parse_camera(spec: str) -> CameraSpec:
    """Reads ``0``, a serial number, ``serial:NUMBER``, ``sim``, ``folder:PATH`` or ``replay:PATH``.

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
        if prefix in (CameraKind.FOLDER.value, CameraKind.REPLAY.value):
            return CameraSpec(CameraKind(prefix), rest.strip())
        if prefix == "serial":
            return CameraSpec(CameraKind.SERIAL, rest.strip())
    if not colon and _SERIAL.fullmatch(text):
        return CameraSpec(CameraKind.SERIAL, text)
    raise CameraError(f"'{spec}' names no camera; write {ACCEPTED_FORMS}.")


def open_source(
    spec: CameraSpec | str,
    *,
    simulator: SimulatorProducer | None = None,
    environ: Mapping[str, str] | None = None,
    loop: bool = True,
    frames_per_second: float | None = None,
    recording: RecordingOptions | None = None,
) -> FrameSource:
    """Opens what `spec` names.

    The simulated camera answers to an index only where the machine has no producer of its own;
    it never stands in for a camera that is not there.

    Args:
        spec: a specification, or the text of one.
        simulator: the simulated camera's producer, where it is available.
        environ: instead of this process's environment (GENICAM_GENTL64_PATH).
        loop: folders only: begin again after the last image.
        frames_per_second: folders only: at most so many images per second when free running.
        recording: GenICam cameras only: raw frames that are kept in memory; None: none.

    Raises:
        CameraNotFoundError: nothing answers to it; the message names what there is.
        CameraError: it is no specification, or what it names cannot be opened.
    """
    wanted = parse_camera(spec) if isinstance(spec, str) else spec
    kept = recording or RecordingOptions()
    if wanted.kind is CameraKind.FOLDER:
        return FolderSource(Path(wanted.value), loop=loop, frames_per_second=frames_per_second)
    if wanted.kind is CameraKind.REPLAY:
        return ReplaySource(Path(wanted.value), loop=loop, frames_per_second=frames_per_second)
    if not genicam_installed():
        raise CameraError(NOT_INSTALLED)
    if wanted.kind is CameraKind.SIMULATED:
        if simulator is None:
            raise CameraNotFoundError(
                "The simulated camera is not available in this installation; use a camera of this "
                "machine or a folder of images (folder:PATH)."
            )
        return _open_simulator(simulator, OpenRequest(str(simulator.path), recording=kept))
    listed = list_devices(simulator, environ=environ)
    if wanted.kind is CameraKind.INDEX:
        device = _by_index(int(wanted.value), listed, simulator, environ)
    else:
        device = _by_serial(wanted.value, listed)
    request = OpenRequest(str(device.producer), device.serial, device.device_id, kept)
    if simulator is not None and device.producer == simulator.path:
        return _open_simulator(simulator, request)
    return GenicamSource(request, simulated=device.simulated)


def _open_simulator(simulator: SimulatorProducer, request: OpenRequest) -> GenicamSource:
    return GenicamSource(request, simulated=True, environment=dict(simulator.environment))


def _by_index(
    index: int,
    listed: DeviceList,
    simulator: SimulatorProducer | None,
    environ: Mapping[str, str] | None,
) -> DeviceDescription:
    for device in listed.devices:
        if device.index == index:
            return device
    own = [device for device in listed.devices if device.index is not None]
    if own:
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
        value = (os.environ if environ is None else environ).get(PATH_VARIABLE)
        text = f"No GenTL producer is installed ({PATH_VARIABLE} is {value or 'not set'})."
        way_out = "Install the camera maker's GenTL producer, or use --camera folder:PATH."
    raise CameraNotFoundError(" ".join((text, *listed.problems, way_out)))


def _by_serial(serial: str, listed: DeviceList) -> DeviceDescription:
    for attribute in ("serial", "user_id", "device_id"):
        for device in listed.devices:
            if getattr(device, attribute) == serial:
                return device
    there = (
        f"there is {_enumerate(listed.devices)}"
        if listed.devices
        else "no camera answers; check cable and power"
    )
    text = f"There is no camera with serial number {serial}; {there}."
    raise CameraNotFoundError(" ".join((text, *listed.problems)))


def _enumerate(devices: Iterable[DeviceDescription]) -> str:
    return "; ".join(f"camera {device}" for device in devices)
