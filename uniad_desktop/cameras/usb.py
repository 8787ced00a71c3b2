"""USB3 Vision cameras as the system sees them, whether or not a producer lists them. Linux only."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_DEVICES = Path("/sys/bus/usb/devices")
_NODES = Path("/dev/bus/usb")
# Class codes of USB3 Vision 1.0: miscellaneous device, USB3 Vision.
_CLASS, _SUBCLASS = "ef", "05"
RULES_FILE = "/etc/udev/rules.d/70-camera.rules"


@dataclass(frozen=True, slots=True)
class UsbCamera:
    """A camera on the USB bus.

    Attributes:
        vendor: what the device calls its maker.
        model: what it calls itself.
        serial: its USB serial number, which may differ from DeviceSerialNumber.
        node: the file that a driver opens, below ``/dev/bus/usb``.
        vendor_id: USB vendor id, four hexadecimal digits.
        permitted: whether this user may open `node`.
    """

    vendor: str
    model: str
    serial: str
    node: Path
    vendor_id: str
    permitted: bool

    def permission_remedy(self) -> str:
        """What to do where it may not be opened, as a sentence."""
        return (
            f"This user may not open {self.node}: write the line "
            f'SUBSYSTEM=="usb", ATTR{{idVendor}}=="{self.vendor_id}", MODE="0660", TAG+="uaccess" '
            f"to {RULES_FILE}, run sudo udevadm control --reload-rules, and plug the camera in "
            "again."
        )


def usb_cameras(
    devices: Path = _DEVICES,
    nodes: Path = _NODES,
    permitted: Callable[[Path], bool] = lambda node: os.access(node, os.R_OK | os.W_OK),
) -> tuple[UsbCamera, ...]:
    """The USB3 Vision cameras of this machine; none where the system does not tell.

    Args:
        devices: the system's list of USB devices.
        nodes: where their files are.
        permitted: whether this user may open a file for reading and writing.
    """
    found = []
    for device in sorted(devices.glob("*")) if devices.is_dir() else ():
        interfaces = device.glob(f"{device.name}:*")
        if not any(_is_camera(interface) for interface in interfaces):
            continue
        bus, number = _text(device / "busnum"), _text(device / "devnum")
        if not (bus.isdecimal() and number.isdecimal()):
            continue
        node = nodes / f"{int(bus):03d}" / f"{int(number):03d}"
        found.append(
            UsbCamera(
                _text(device / "manufacturer"),
                _text(device / "product"),
                _text(device / "serial"),
                node,
                _text(device / "idVendor"),
                permitted(node),
            )
        )
    return tuple(found)


def _is_camera(interface: Path) -> bool:
    return (
        _text(interface / "bInterfaceClass") == _CLASS
        and _text(interface / "bInterfaceSubClass") == _SUBCLASS
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""  # devices come and go while they are read
