"""Which cameras there are, asked in processes that may crash or hang without harm."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, Pipe
from pathlib import Path

from uniad_desktop.cameras.advice import (
    NO_CAMERA_REMEDY,
    Access,
    format_address,
    unlisted_usb,
    why_not,
)
from uniad_desktop.cameras.genicam.messages import ProducerDetails, ScannedDevice, ScanResult
from uniad_desktop.cameras.genicam.process import describe_camera_end, end, spawn
from uniad_desktop.cameras.giving_up import given_up
from uniad_desktop.cameras.producers import (
    NO_PRODUCER_REMEDY,
    NOT_INSTALLED,
    PATH_VARIABLE,
    SUFFIX,
    SimulatorProducer,
    find_producers,
    genicam_installed,
    looks_simulated,
    producers_in,
)
from uniad_desktop.cameras.source import CameraError
from uniad_desktop.cameras.usb import usb_cameras

__all__ = ["Access", "DeviceDescription", "DeviceList", "check_producer", "list_devices"]

_SCAN_LIMIT_S = 10.0


_ACCESS = {
    1: Access.FREE,
    2: Access.READ_ONLY,
    3: Access.NO_ACCESS,
    4: Access.IN_USE,
    5: Access.IN_USE,
    6: Access.IN_USE,
}


@dataclass(frozen=True, slots=True)
class DeviceDescription:
    """A camera that a producer lists.

    Attributes:
        index: place in the list, by which ``--camera INDEX`` finds it; None for the simulated
            camera where the machine has producers of its own, since it never stands in for one.
        vendor: DeviceVendorName.
        model: DeviceModelName.
        serial: DeviceSerialNumber; empty where the device has none.
        user_id: DeviceUserID; empty where none is set.
        device_id: id within the producer.
        producer: its ``.cti`` file.
        simulated: whether its pictures are invented.
        access: whether it can be opened now.
        interface: technology (GEV, U3V, CXP, …) and what the producer calls the interface.
        address: IP address of a network camera, where the producer tells.
        why_not: why it cannot be used now and what to do next, a sentence; empty where it can.
        made_by: the producer: maker and version; empty where it does not tell.
    """

    index: int | None
    vendor: str
    model: str
    serial: str
    user_id: str
    device_id: str
    producer: Path
    simulated: bool
    access: Access
    interface: str = ""
    address: str = ""
    why_not: str = ""
    made_by: str = ""

    def __str__(self) -> str:
        """One line for lists and messages, such as ``0: Maker X1, serial 4711 (in use)``."""
        place = "sim" if self.index is None else str(self.index)
        name = f"{self.vendor} {self.model}" + (f" '{self.user_id}'" if self.user_id else "")
        marks = ["simulated"] * self.simulated
        if self.access is not Access.FREE:
            marks.append(str(self.access))
        suffix = f" ({', '.join(marks)})" if marks else ""
        return f"{place}: {name}, serial {self.serial or self.device_id}{suffix}"


@dataclass(frozen=True, slots=True)
class DeviceList:
    """What was found.

    Attributes:
        devices: the cameras; the simulated one last.
        problems: a sentence for everything that went wrong on the way.
        producers: the machine's own producers that were asked, working or not.
        details: who those are that could be loaded, by their file.
        remedy: what to do where there is no camera but the simulated one; else empty.
    """

    devices: tuple[DeviceDescription, ...] = ()
    problems: tuple[str, ...] = ()
    producers: tuple[Path, ...] = ()
    details: Mapping[Path, ProducerDetails] = field(default_factory=dict, hash=False)
    remedy: str = ""

    @property
    def usable(self) -> bool:
        """Whether ``--camera INDEX`` can open one of them now."""
        return any(one.index is not None and not one.why_not for one in self.devices)


def list_devices(
    simulator: SimulatorProducer | None = None,
    *,
    added: Sequence[str] = (),
    environ: Mapping[str, str] | None = None,
    time_limit_s: float = _SCAN_LIMIT_S,
) -> DeviceList:
    """Asks every producer for its devices, each in a process of its own, all at the same time.

    Devices are sorted by serial number within a producer, so that an index means the same camera
    as long as the same cameras are connected. Raises nothing: whatever fails is in `problems`.

    Args:
        simulator: the simulated camera, where it shall be listed too.
        added: producers that the settings of the station name, files or folders.
        environ: instead of this process's environment (GENICAM_GENTL64_PATH).
        time_limit_s: after which a producer that gave no answer is left out.
    """
    producers, problems = find_producers(os.environ if environ is None else environ, added)
    if not genicam_installed():
        return DeviceList(problems=(*problems, NOT_INSTALLED), producers=producers)
    asked = [_Scan(path, {}) for path in producers]
    if simulator is not None:
        asked.append(_Scan(simulator.path, simulator.environment))
    deadline = time.monotonic() + time_limit_s
    answers = [scan.answer(deadline, time_limit_s) for scan in asked]
    everything = [device for answer in answers for device in answer.devices]
    usb = usb_cameras()
    devices: list[DeviceDescription] = []
    for scan, answer in zip(asked, answers, strict=True):
        is_simulator = scan.producer not in producers
        for device in sorted(answer.devices, key=lambda item: (item.serial, item.device_id)):
            addressable = not (is_simulator and producers)
            access = _ACCESS.get(device.access, Access.UNKNOWN)
            devices.append(
                DeviceDescription(
                    index=len(devices) if addressable else None,
                    vendor=device.vendor,
                    model=device.model,
                    serial=device.serial,
                    user_id=device.user_id,
                    device_id=device.device_id,
                    producer=scan.producer,
                    simulated=is_simulator
                    or looks_simulated(scan.producer.name, device.vendor, device.model),
                    access=access,
                    interface=_interface(device),
                    address=format_address(device.address),
                    why_not=why_not(device, access, everything, usb),
                    made_by=_made_by(answer.producer),
                )
            )
    told = [problem for answer in answers for problem in answer.problems]
    details = {
        scan.producer: answer.producer
        for scan, answer in zip(asked, answers, strict=True)
        if answer.producer is not None
    }
    if any(device.producer in producers for device in devices):
        remedy = ""
    else:
        remedy = _remedy(producers, loaded=any(path in details for path in producers))
    problems = (*problems, *told, *unlisted_usb(everything, usb))
    return DeviceList(tuple(devices), problems, producers, details, remedy)


def check_producer(path: Path, *, time_limit_s: float = _SCAN_LIMIT_S) -> ProducerDetails:
    """Loads a producer in a process of its own.

    Returns:
        Who it is.

    Raises:
        CameraError: it is no file, no ``.cti``, or cannot be loaded; the message says why.
    """
    if path.is_dir():
        inside = ", ".join(item.name for item in producers_in(path)) or "none"
        raise CameraError(f"{path} is a folder; name the .cti file in it (there is: {inside}).")
    if not path.is_file():
        raise CameraError(f"There is no file {path}; check its name.")
    if path.suffix.lower() != SUFFIX:
        raise CameraError(f"{path} is no GenTL producer; their names end in .cti.")
    if not genicam_installed():
        raise CameraError(NOT_INSTALLED)
    answer = _Scan(path, {}).answer(time.monotonic() + time_limit_s, time_limit_s)
    if answer.producer is None:
        raise CameraError(" ".join(answer.problems) or f"{path.name} gave no answer.")
    return answer.producer


def _remedy(producers: Sequence[Path], *, loaded: bool) -> str:
    if not producers:
        return f"No GenTL producer is installed ({PATH_VARIABLE} names none). {NO_PRODUCER_REMEDY}"
    if not loaded:
        return (
            "None of the GenTL producers works here, so no camera can be found. See what is said "
            "of each, and install the software package of the camera's maker again."
        )
    return f"No camera answers. {NO_CAMERA_REMEDY}"


def _interface(device: ScannedDevice) -> str:
    """Technology first; a name that says no more than it is left out."""
    if device.interface in ("", device.tl_type):
        return device.tl_type
    return f"{device.tl_type}: {device.interface}" if device.tl_type else device.interface


def _made_by(producer: ProducerDetails | None) -> str:
    if producer is None:
        return ""
    return " ".join(part for part in (producer.vendor, producer.model, producer.version) if part)


class _Scan:
    """A producer being asked."""

    def __init__(self, producer: Path, environment: Mapping[str, str]) -> None:
        self.producer = producer
        self._pipe: Connection | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._problem = ""
        pipe, child_end = Pipe()
        try:
            self._child = spawn(
                "uniad_desktop.cameras.genicam.scan", [str(producer)], [child_end], environment
            )
            self._pipe = pipe
        except OSError as error:
            pipe.close()
            self._problem = f"{producer.name} could not be asked for its devices: {error}."

    def answer(self, deadline: float, limit_s: float) -> ScanResult:
        """Waits for the answer until `deadline` (``time.monotonic``) and ends the process."""
        if self._pipe is None or self._child is None:
            return ScanResult(problems=(self._problem,))
        grace_s = 0.0
        try:
            while not self._pipe.poll(max(0.0, min(deadline - time.monotonic(), 0.25))):
                if time.monotonic() < deadline and not given_up():
                    continue
                problem = (
                    f"{self.producer.name} did not list its devices within {limit_s:g} s; "
                    "it was left out."
                )
                return ScanResult(problems=(problem,))
            result: ScanResult = self._pipe.recv()
            grace_s = 2.0
        except (EOFError, OSError):
            return ScanResult(
                problems=(
                    f"{self.producer.name} could not list its devices: "
                    f"{describe_camera_end(self._child)}.",
                )
            )
        else:
            return result
        finally:
            self._pipe.close()
            end(self._child, grace_s)
