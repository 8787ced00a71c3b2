"""The list of cameras as a table for a person and as an object for a program."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from uniad_desktop.cameras.discovery import DeviceDescription, DeviceList
from uniad_desktop.cameras.video_devices import video_devices

_TITLES = (
    "INDEX", "VENDOR", "MODEL", "SERIAL", "NAME", "INTERFACE", "ADDRESS", "ACCESS", "KIND",
    "PRODUCER",
)  # fmt: skip


def as_text(listed: DeviceList) -> str:
    """A table, then what is wrong with which camera, the producers, and what to do."""
    lines: list[str] = []
    if listed.devices:
        lines += _columns([_TITLES, *(_row(device) for device in listed.devices)])
    else:
        lines.append("No camera.")
    lines += [f"✕ {device}: {device.why_not}" for device in listed.devices if device.why_not]
    lines += [f"✕ {problem}" for problem in listed.problems]
    if listed.remedy:
        lines.append(f"→ {listed.remedy}")
    producers = dict.fromkeys(device.producer for device in listed.devices)
    producers |= dict.fromkeys(listed.producers)
    for path in producers:
        lines.append(f"  producer {_producer_name(listed, path)}")
    lines += [f"  {webcam}" for webcam in video_devices()]
    return "\n".join(lines) + "\n"


def as_object(listed: DeviceList) -> dict[str, Any]:
    """The same for a program; every device has every key."""
    return {
        "usable": listed.usable,
        "cameras": [
            {
                "index": device.index,
                "vendor": device.vendor,
                "model": device.model,
                "serial": device.serial,
                "user_id": device.user_id,
                "device_id": device.device_id,
                "interface": device.interface,
                "address": device.address,
                "access": device.access.value,
                "simulated": device.simulated,
                "why_not": device.why_not,
                "producer": str(device.producer),
            }
            for device in listed.devices
        ],
        "producers": [
            {
                "file": str(path),
                "vendor": details.vendor if details else "",
                "model": details.model if details else "",
                "version": details.version if details else "",
                "gentl_version": details.gentl_version if details else "",
                "loaded": details is not None,
            }
            for path in dict.fromkeys((*listed.producers, *listed.details))
            for details in (listed.details.get(path),)
        ],
        "webcams": [str(webcam) for webcam in video_devices()],
        "problems": list(listed.problems),
        "remedy": listed.remedy,
    }


def _row(device: DeviceDescription) -> tuple[str, ...]:
    return (
        "sim" if device.index is None else str(device.index),
        device.vendor or "–",
        device.model or "–",
        device.serial or device.device_id,
        device.user_id or "–",
        device.interface or "–",
        device.address or "–",
        device.access.value,
        "SIMULATED" if device.simulated else "real",
        device.producer.name,
    )


def _producer_name(listed: DeviceList, path: Path) -> str:
    details = listed.details.get(path)
    if details is None:
        return f"{path} (does not work)"
    name = " ".join(filter(None, (details.vendor, details.model, details.version)))
    version = f", GenTL {details.gentl_version}" if details.gentl_version else ""
    return f"{path} ({name}{version})"


def _columns(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
