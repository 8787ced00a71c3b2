"""Which cameras there are, asked in processes that may crash or hang without harm."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from multiprocessing.connection import Connection, Pipe
from pathlib import Path

from uniad_desktop.cameras.genicam.messages import ScannedDevice, ScanResult
from uniad_desktop.cameras.genicam.process import describe_camera_end, end, spawn
from uniad_desktop.cameras.producers import (
    NOT_INSTALLED,
    SimulatorProducer,
    find_producers,
    genicam_installed,
    looks_simulated,
)

_SCAN_LIMIT_S = 10.0


class Access(StrEnum):
    """Whether a device can be opened (GenTL DEVICE_ACCESS_STATUS)."""

    FREE = "free"
    IN_USE = "in use"
    READ_ONLY = "read only"
    NO_ACCESS = "no access"
    UNKNOWN = "unknown"


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
    """

    devices: tuple[DeviceDescription, ...] = ()
    problems: tuple[str, ...] = ()
    producers: tuple[Path, ...] = ()


def list_devices(
    simulator: SimulatorProducer | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    time_limit_s: float = _SCAN_LIMIT_S,
) -> DeviceList:
    """Asks every producer for its devices, each in a process of its own, all at the same time.

    Devices are sorted by serial number within a producer, so that an index means the same camera
    as long as the same cameras are connected. Raises nothing: whatever fails is in `problems`.

    Args:
        simulator: the simulated camera, where it shall be listed too.
        environ: instead of this process's environment (GENICAM_GENTL64_PATH).
        time_limit_s: after which a producer that gave no answer is left out.
    """
    producers, problems = find_producers(os.environ if environ is None else environ)
    if not genicam_installed():
        return DeviceList(problems=(*problems, NOT_INSTALLED), producers=producers)
    asked = [_Scan(path, {}) for path in producers]
    if simulator is not None:
        asked.append(_Scan(simulator.path, simulator.environment))
    deadline = time.monotonic() + time_limit_s
    answers = [scan.answer(deadline, time_limit_s) for scan in asked]
    devices: list[DeviceDescription] = []
    for scan, answer in zip(asked, answers, strict=True):
        is_simulator = scan.producer not in producers
        for device in sorted(answer.devices, key=lambda item: (item.serial, item.device_id)):
            addressable = not (is_simulator and producers)
            devices.append(
                _describe(
                    device, scan.producer, len(devices) if addressable else None, is_simulator
                )
            )
    told = (problem for answer in answers for problem in answer.problems)
    return DeviceList(tuple(devices), (*problems, *told), producers)


def _describe(
    device: ScannedDevice, producer: Path, index: int | None, is_simulator: bool
) -> DeviceDescription:
    return DeviceDescription(
        index=index,
        vendor=device.vendor,
        model=device.model,
        serial=device.serial,
        user_id=device.user_id,
        device_id=device.device_id,
        producer=producer,
        simulated=is_simulator or looks_simulated(producer.name, device.vendor, device.model),
        access=_ACCESS.get(device.access, Access.UNKNOWN),
    )


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
            if not self._pipe.poll(max(0.0, deadline - time.monotonic())):
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
