"""Which camera an index meant: it is remembered by serial number, so that none takes its place."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from uniad_desktop.cameras.source import CameraError, CameraNotFoundError

if TYPE_CHECKING:  # the settings need only the names in here
    from uniad_desktop.cameras.discovery import DeviceDescription

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CameraIdentity:
    """A real camera, as it is told apart from others.

    Attributes:
        serial: DeviceSerialNumber, or the GenTL device id where it has none.
        vendor: DeviceVendorName.
        model: DeviceModelName.
        producer: path of the ``.cti`` file that listed it.
    """

    serial: str
    vendor: str = ""
    model: str = ""
    producer: str = ""

    def __str__(self) -> str:
        """For messages, such as ``Maker X1, serial 4711``."""
        name = " ".join(part for part in (self.vendor, self.model) if part) or "a camera"
        return f"{name}, serial {self.serial}"


class CameraMemory(Protocol):
    """Keeps which camera an index meant, from one start to the next."""

    def recall(self, index: int) -> CameraIdentity | None:
        """The camera that answered to this index last; None where none ever did."""
        ...

    def keep(self, index: int, camera: CameraIdentity) -> None:
        """Remembers it from now on. Raises OSError where that cannot be written."""
        ...


class CameraChangedError(CameraError):
    """Another camera is in the place of the remembered one, which is not connected.

    Attributes:
        index: the index that was asked for.
        remembered: who answered to it so far.
        found: who would now.
    """

    def __init__(self, index: int, remembered: CameraIdentity, found: CameraIdentity) -> None:
        super().__init__(
            f"Camera {index} was {remembered}; now {found} answers, so nothing is inspected. "
            f"Connect the former one again, or accept the new one with --accept-camera; "
            f"--camera {found.serial} names a camera whatever its place."
        )
        self.index = index
        self.remembered = remembered
        self.found = found


def identity(device: DeviceDescription) -> CameraIdentity:
    """What is remembered of a device."""
    return CameraIdentity(
        device.serial or device.device_id, device.vendor, device.model, str(device.producer)
    )


def choose_remembered(
    index: int,
    remembered: CameraIdentity,
    devices: Sequence[DeviceDescription],
    *,
    accept: bool = False,
    taken: Collection[str] = (),
) -> DeviceDescription:
    """The device that an index means where a camera is remembered for it.

    The remembered one if it is connected, at whatever place. A simulated camera is never a
    replacement.

    Args:
        index: what was asked for.
        remembered: who answered to it so far.
        devices: what is there now.
        accept: whether the user accepts another camera in its place.
        taken: serial numbers of the other cameras of the station; none of them is a replacement.

    Raises:
        CameraChangedError: another camera is at this place, and it was not accepted.
        CameraNotFoundError: the remembered one is gone, and no real camera is at this place.
    """
    same = [device for device in devices if _is(device, remembered)]
    if same:
        # Where two producers list one camera, the one that was used so far.
        same.sort(key=lambda device: str(device.producer) != remembered.producer)
        if same[0].index != index:
            log.info(
                "Camera %d is %s, as before; it is now at place %s of the list.",
                index,
                remembered,
                same[0].index,
            )
        return same[0]
    here = at_place(index, devices, taken)
    if here is not None and not here.simulated:
        if accept:
            return here
        raise CameraChangedError(index, remembered, identity(here))
    free = "; ".join(str(identity(device)) for device in _free(devices, taken))
    others = (
        f"There is {free}: to use another one instead, choose it on the Setup page or name it by "
        "its serial number with --camera. "
        if free
        else ""
    )
    raise CameraNotFoundError(
        f"Camera {index} was {remembered}, which does not answer; check its cable and power. "
        f"{others}If it is gone for good: uniad-desktop cameras --forget {index}. The simulated "
        "camera answers to --camera sim."
    )


def at_place(
    index: int, devices: Sequence[DeviceDescription], taken: Collection[str] = ()
) -> DeviceDescription | None:
    """The device at a place of the list; None where there is none.

    A list is sorted by serial number, so that a camera that is added or replaced moves others.
    Where another camera of the station is at this place, it is the only real one that is free.

    Args:
        index: the place.
        devices: what is there.
        taken: serial numbers of the other cameras of the station.
    """
    here = next((device for device in devices if device.index == index), None)
    if here is None or identity(here).serial not in taken:
        return here
    free = _free(devices, taken)
    return free[0] if len(free) == 1 else None


def _free(devices: Sequence[DeviceDescription], taken: Collection[str]) -> list[DeviceDescription]:
    """Real cameras that are no other camera of the station."""
    real = [device for device in devices if device.index is not None and not device.simulated]
    return [device for device in real if identity(device).serial not in taken]


def _is(device: DeviceDescription, remembered: CameraIdentity) -> bool:
    if device.simulated:
        return False
    found = identity(device)
    return (found.serial, found.vendor, found.model) == (
        remembered.serial,
        remembered.vendor,
        remembered.model,
    )
