"""The features that make a picture what it is, read at each start. Runs in the camera process."""

from __future__ import annotations

from contextlib import suppress

from uniad_desktop.cameras.genicam import features
from uniad_desktop.cameras.genicam.features import NodeMap, Value
from uniad_desktop.cameras.source import CameraError

# SFNC names; some cameras have none but the older ones, which end in Abs or Raw.
SETTINGS = (
    "BinningHorizontal",
    "BinningVertical",
    "DecimationHorizontal",
    "DecimationVertical",
    "Height",
    "OffsetX",
    "OffsetY",
    "PixelFormat",
    "ReverseX",
    "ReverseY",
    "TestPattern",
    "Width",
    "AcquisitionFrameRate",
    "AcquisitionFrameRateEnable",
    "ExposureAuto",
    "ExposureMode",
    "ExposureTime",
    "ExposureTimeAbs",
    "ExposureTimeRaw",
    "TriggerMode",
    "TriggerSource",
    "BalanceRatio",
    "BalanceRatioSelector",
    "BalanceWhiteAuto",
    "BlackLevel",
    "BlackLevelRaw",
    "BlackLevelSelector",
    "Gain",
    "GainAuto",
    "GainRaw",
    "GainSelector",
    "Gamma",
    "GammaEnable",
    "LUTEnable",
    "Saturation",
    "Sharpness",
    "LightBrightness",
    "LightControllerSource",
    "LightSourcePreset",
    "LightSourceSelector",
)


def read_settings(node_map: NodeMap, also: str = "") -> dict[str, Value]:
    """Values of the settings that the camera has now, and of one more feature."""
    found: dict[str, Value] = {}
    for name in (*SETTINGS, *((also,) if also and also not in SETTINGS else ())):
        if features.find(node_map, name) is None:
            continue
        with suppress(CameraError):  # without a value just now there is nothing to compare with
            found[name] = features.read(node_map, name)
    return found
