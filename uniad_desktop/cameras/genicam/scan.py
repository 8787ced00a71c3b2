"""Lists the devices of one producer: ``python -m uniad_desktop.cameras.genicam.scan PIPE CTI``.

A process of its own per producer, so that one that crashes or hangs takes nobody along.
"""

from __future__ import annotations

import re
import signal
import sys
from pathlib import Path
from typing import Any, TypeAlias

from genicam import gentl

from uniad_desktop.cameras.genicam.addresses import (
    device_addresses,
    host_subnets,
    interface_nodes,
)
from uniad_desktop.cameras.genicam.messages import ProducerDetails, ScannedDevice, ScanResult
from uniad_desktop.cameras.genicam.pipes import connection_from

Info: TypeAlias = Any  # of genicam.gentl, which has no types

_ENUMERATION_LIMIT_MS = 2000
_WITH_ADDRESSES = ("GEV", "Mixed")
_MISSING = re.compile(r"([^\s:;]+): cannot open shared object file")
_NO_LIBRARY = ("file too short", "invalid ELF header", "wrong ELF class", "not a valid Win32")


def scan(producer: Path) -> ScanResult:
    """Lists what the producer at `producer` finds.

    genicam directly rather than `harvesters.Harvester.update`, which swallows every error.
    """
    library = gentl.GenTLProducer.create_producer()
    try:
        library.open(str(producer))
    except gentl.GenericException as error:
        return ScanResult(
            problems=(
                f"{producer.name} is no usable GenTL producer: "
                f"{explain_loading(_text(error), producer)}",
            )
        )
    details = ProducerDetails()
    devices: list[ScannedDevice] = []
    problems: list[str] = []
    try:
        system = library.create_system()
        system.open()
        details = _details(system)
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
    return ScanResult(tuple(devices), tuple(problems), details)


def explain_loading(told: str, producer: Path) -> str:
    """What the system's loader told of a library, with the way out; ends with a full stop."""
    told = told.removeprefix("Failed to load CTI file; ").removeprefix(f"{producer}: ")
    missing = _MISSING.search(told)
    if missing and Path(missing[1]).name != producer.name:
        return (
            f"the library {missing[1]} that it needs is missing; install the maker's whole "
            "software package, or add the folder of that library to LD_LIBRARY_PATH."
        )
    if any(mark in told for mark in _NO_LIBRARY):
        return (
            f"{told}; the file is damaged or was made for another kind of computer; install the "
            "maker's 64-bit software package for this one."
        )
    return f"{told}; install the maker's software package again."


def _details(system: Info) -> ProducerDetails:
    major, minor = _get(system, "gentl_ver_major"), _get(system, "gentl_ver_minor")
    return ProducerDetails(
        vendor=_get(system, "vendor"),
        model=_get(system, "model"),
        version=_get(system, "version"),
        gentl_version=f"{major}.{minor or 0}" if major else "",
    )


def _devices_of(info: Info) -> list[ScannedDevice]:
    interface = info.create_interface()
    interface.open()
    try:
        interface.update_device_info_list(_ENUMERATION_LIMIT_MS)
        tl_type = _get(info, "tl_type")
        nodes = interface_nodes(interface) if tl_type in _WITH_ADDRESSES else None
        host = () if nodes is None else host_subnets(nodes)
        addresses = {} if nodes is None else device_addresses(nodes)
        return [
            ScannedDevice(
                vendor=_get(device, "vendor"),
                model=_get(device, "model"),
                serial=_get(device, "serial_number"),
                device_id=_get(device, "id_"),
                user_id=_get(device, "user_defined_name"),
                access=_access(device),
                tl_type=_get(device, "tl_type") or tl_type,
                interface=_get(info, "display_name") or _get(info, "id_"),
                address=addresses.get(_get(device, "id_")),
                host=host,
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
