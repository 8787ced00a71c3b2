"""Why a camera cannot be used, and what to do next, as sentences."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterable, Sequence
from enum import StrEnum

from uniad_desktop.cameras.genicam.messages import ScannedDevice, Subnet
from uniad_desktop.cameras.usb import UsbCamera

_CAMERA_PROCESS = "uniad_desktop.cameras.genicam.child"

NO_CAMERA_REMEDY = (
    "Check cable and power. For a network camera also check that the firewall lets its answers "
    "in (UDP 3956 and the ports of the stream), and that network card and switch pass jumbo frames "
    "(MTU 9000) if the camera sends them; for a USB camera use a USB 3 port."
)


class Access(StrEnum):
    """Whether a device can be opened (GenTL DEVICE_ACCESS_STATUS)."""

    FREE = "free"
    IN_USE = "in use"
    READ_ONLY = "read only"
    NO_ACCESS = "no access"
    UNKNOWN = "unknown"


def why_not(
    device: ScannedDevice,
    access: Access,
    listed: Sequence[ScannedDevice],
    usb: Sequence[UsbCamera],
) -> str:
    """Why a device cannot be used now, with the next step; empty where nothing speaks against it.

    Args:
        device: what the producer lists.
        access: whether it says that the device can be opened.
        listed: every device, whose addresses are taken.
        usb: the cameras on the USB bus.
    """
    subnet = other_subnet(device, listed)
    if subnet:
        return subnet
    if access is Access.IN_USE:
        return f"It is in use by {_user()}; stop it there, and ask again."
    if access is Access.READ_ONLY:
        return (
            "It can only be read, as another program or computer controls it; end that, and ask "
            "again."
        )
    if access is not Access.NO_ACCESS:
        return ""
    if device.tl_type == "U3V":
        for camera in usb:
            if not camera.permitted and _same(camera, device):
                return camera.permission_remedy()
        return "It cannot be opened; unplug it, wait a moment, and plug it in again."
    if device.tl_type == "GEV":
        return (
            "It cannot be opened; check that its address is in the subnet of the network card, "
            "and that no other computer uses it."
        )
    return "It cannot be opened; check that no other program uses it, then switch it off and on."


def other_subnet(device: ScannedDevice, listed: Sequence[ScannedDevice]) -> str:
    """A sentence where a GigE camera's address is in none of the subnets of its network card.

    Args:
        device: the camera, with the addresses that the producer tells.
        listed: every device, whose addresses are not proposed.
    """
    if device.address is None or not device.host:
        return ""
    address = ipaddress.IPv4Address(device.address.address)
    networks = [network for host in device.host if (network := _network(host)) is not None]
    if not networks or any(address in network for network in networks):
        return ""
    taken = {host.address for host in device.host}
    taken |= {other.address.address for other in listed if other.address is not None}
    free = _free_address(networks[0], address, taken)
    card = ipaddress.IPv4Address(device.host[0].address)
    return (
        f"Its address {address} is in another subnet than the network card's ({card}, mask "
        f"{networks[0].netmask}): set it to one that nobody else uses there, such as {free} with "
        f"mask {networks[0].netmask}, with the maker's IP tool, or give the network card an "
        f"address in the camera's subnet."
    )


def unlisted_usb(devices: Iterable[ScannedDevice], usb: Iterable[UsbCamera]) -> list[str]:
    """A sentence for each camera on the USB bus that no producer lists."""
    known = list(devices)
    sentences = []
    for camera in usb:
        if any(_same(camera, device) for device in known):
            continue
        name = " ".join(part for part in (camera.vendor, camera.model) if part) or "A USB camera"
        serial = f", serial {camera.serial}," if camera.serial else ""
        remedy = (
            f"Install a GenTL producer for USB3 Vision. It is {camera.node}."
            if camera.permitted
            else camera.permission_remedy()
        )
        sentences.append(f"{name}{serial} is plugged in, but no producer lists it. {remedy}")
    return sentences


def format_address(subnet: Subnet | None) -> str:
    """An address as a person writes it; empty where it is not known."""
    return "" if subnet is None else str(ipaddress.IPv4Address(subnet.address))


def _network(host: Subnet) -> ipaddress.IPv4Network | None:
    if not host.mask:
        return None
    try:
        mask = ipaddress.IPv4Address(host.mask)
        return ipaddress.IPv4Network((host.address, str(mask)), strict=False)
    except ValueError:
        return None  # a mask with holes


def _free_address(
    network: ipaddress.IPv4Network, former: ipaddress.IPv4Address, taken: set[int]
) -> ipaddress.IPv4Address:
    """The same place in the new network if it is free, else the first that is."""
    host_bits = int(former) & int(network.hostmask)
    first, last = int(network.network_address) + 1, int(network.broadcast_address) - 1
    wanted = int(network.network_address) | host_bits
    if first <= wanted <= last and wanted not in taken:
        return ipaddress.IPv4Address(wanted)
    for number in range(first, min(last, first + len(taken) + 1) + 1):
        if number not in taken:
            return ipaddress.IPv4Address(number)
    return ipaddress.IPv4Address(first)


def _same(camera: UsbCamera, device: ScannedDevice) -> bool:
    """Whether they are one camera; USB serial numbers often have the maker's code in front."""
    if not camera.serial:
        return False
    numbers = (device.serial, device.device_id)
    return any(
        number and (camera.serial in number or number in camera.serial) for number in numbers
    )


def _user() -> str:
    """Who may be using a camera: this program, another station, or some other program."""
    import psutil

    owners = {
        process.info["ppid"]
        for process in psutil.process_iter(["ppid", "cmdline"])
        if _CAMERA_PROCESS in (process.info["cmdline"] or ())
    }
    if os.getpid() in owners:
        return "this station"
    if owners:
        numbers = ", ".join(map(str, sorted(owners)))
        return f"another program, perhaps a station that runs on this machine (process {numbers})"
    return "another program"
