"""What a camera was set to: kept beside every inspection."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Final

from uniad_desktop.cameras.source import CameraError, CameraLostError, FrameSource

log = logging.getLogger(__name__)

KEY_FEATURES: Final = (
    "DeviceVendorName",
    "DeviceModelName",
    "DeviceFirmwareVersion",
    "ExposureTime",
    "ExposureAuto",
    "Gain",
    "GainAuto",
    "BlackLevel",
    "Gamma",
    "BalanceWhiteAuto",
    "OffsetX",
    "OffsetY",
    "BinningHorizontal",
    "BinningVertical",
    "TriggerMode",
    "TriggerSource",
    "AcquisitionFrameRate",
    "SimProduct",
)
"""Features (SFNC names) that change what a picture looks like or how it came about."""


@dataclass(frozen=True, slots=True)
class CameraSettings:
    """A camera and its key features when acquisition began.

    Attributes:
        serial: serial number, or the path for files.
        name: what a person calls it.
        features: name and value of those of `KEY_FEATURES` that it has, in that order.
    """

    serial: str
    name: str
    features: tuple[tuple[str, str | int | float | bool], ...] = ()


def read_camera_settings(source: FrameSource) -> CameraSettings:
    """Reads the key features; one that cannot be read is left out.

    Raises:
        CameraLostError: the camera is gone.
    """
    info = source.info
    features: list[tuple[str, str | int | float | bool]] = []
    for name in KEY_FEATURES:
        if name not in info.features:
            continue
        try:
            features.append((name, source.read_feature(name)))
        except CameraLostError:
            raise
        except CameraError as error:
            log.debug("Feature %s is not on record: %s", name, error)
    return CameraSettings(info.serial, info.name, tuple(features))
