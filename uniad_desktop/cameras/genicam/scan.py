"""Lists the devices of one producer: ``python -m uniad_desktop.cameras.genicam.scan PIPE CTI``.

A process of its own per producer, so that one that crashes or hangs takes nobody along.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Any, TypeAlias

from genicam import gentl

from uniad_desktop.cameras.genicam.messages import ScannedDevice, ScanResult
from uniad_desktop.cameras.genicam.pipes import connection_from

Info: TypeAlias = Any  # of genicam.gentl, which has no types

_ENUMERATION_LIMIT_MS = 2000


def scan(producer: Path) -> ScanResult:
    """Lists what the producer at `producer` finds.

    genicam directly rather than `harvesters.Harvester.update`, which swallows every error.
    """
    library = gentl.GenTLProducer.create_producer()
    try:
        library.open(str(producer))
    except gentl.GenericException as error:
        return ScanResult(
            problems=(f"{producer.name} is no usable GenTL producer: {_text(error)}.",)
        )
    devices: list[ScannedDevice] = []
    problems: list[str] = []
    try:
        system = library.create_system()
        system.open()
        try:
            system.update_interface_info_list(_ENUMERATION_LIMIT_MS)
            for info in system.interface_info_list:
                try:
                    devices += _devices_of(info)
                except gentl.GenericException as error:
                    problems.append(
                        f"{producer.name} could not search the interface {info.id_}: "
                        f"{_text(error)}."
                    )
        finally:
            system.close()
    except gentl.GenericException as error:
        problems.append(f"{producer.name} could not list its devices: {_text(error)}.")
    finally:
        library.close()
    return ScanResult(tuple(devices), tuple(problems))


def _devices_of(info: Info) -> list[ScannedDevice]:
    interface = info.create_interface()
    interface.open()
    try:
        interface.update_device_info_list(_ENUMERATION_LIMIT_MS)
        return [
            ScannedDevice(
                vendor=_get(device, "vendor"),
                model=_get(device, "model"),
                serial=_get(device, "serial_number"),
                device_id=_get(device, "id_"),
                user_id=_get(device, "user_defined_name"),
                access=_access(device),
            )
            for device in interface.device_info_list
        ]
    finally:
        interface.close()


def _get(device: Info, attribute: str) -> str:
    try:
        return str(getattr(device, attribute) or "")
    except gentl.GenericException:
        return ""  # producers may leave out what they do not know


def _access(device: Info) -> int:
    try:
        return int(device.access_status)
    except gentl.GenericException:
        return 0


def _text(error: Exception) -> str:
    return str(error).strip().removeprefix("GenTL exception: ").split(" (ID:")[0].rstrip(".")


def main() -> None:
    """Entry point of the scanning process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with connection_from(int(sys.argv[1])) as pipe:
        pipe.send(scan(Path(sys.argv[2])))


if __name__ == "__main__":
    main()
