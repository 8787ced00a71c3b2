"""Sets a camera's triggers up (SFNC AcquisitionControl). Runs in the camera process."""

from __future__ import annotations

import re

from uniad_desktop.cameras.genicam import features
from uniad_desktop.cameras.genicam.features import Node, NodeMap
from uniad_desktop.cameras.source import CameraError, TriggerMode, TriggerSettings

FRAME = "FrameStart"
BURST = "FrameBurstStart"
_COUNT = "AcquisitionBurstFrameCount"
_DELAYS = ("TriggerDelay", "TriggerDelayAbs")  # the second before SFNC 2
_ACTIVATION = "TriggerActivation"
# Entries of TriggerSource that no signal from outside starts; some are from before SFNC.
_NO_HARDWARE = re.compile(r"(?i)software.*|off|free_?run.*|fixedrate|disabled")


def sources(node_map: NodeMap) -> tuple[str, ...]:
    """Entries of TriggerSource that are signals from outside, lines first."""
    node = features.find(node_map, "TriggerSource")
    if node is None or features.find(node_map, "TriggerMode") is None:
        return ()
    found = [one for one in features.entries(node) if not _NO_HARDWARE.fullmatch(one)]
    return tuple(sorted(found, key=lambda one: not one.startswith("Line")))


def set_up(node_map: NodeMap, settings: TriggerSettings, camera: str) -> str:
    """Lets exactly one trigger decide, or none when free running.

    Args:
        node_map: of the remote device, which does not acquire.
        settings: what shall start exposures.
        camera: the camera, as a sentence begins: ``The camera DA1234567``.

    Returns:
        Entry of TriggerSelector in force; empty where the camera has none.

    Raises:
        CameraError: the camera has no such trigger; the message names what it has.
        genicam errors: the camera refused a value that it offers.
    """
    selector = features.find(node_map, "TriggerSelector")
    chosen = _all_off(node_map, selector, settings)
    if settings.mode is TriggerMode.FREE_RUNNING:
        return chosen
    if settings.burst > 1:
        _set_burst(node_map, chosen, settings.burst, camera)
    if settings.mode is TriggerMode.SOFTWARE:
        _set_software(node_map, camera)
    else:
        _set_hardware(node_map, settings, camera)
    if settings.delay_us is not None:
        _set_delay(node_map, settings.delay_us, camera)
    node_map.TriggerMode.value = "On"
    return chosen


def fire(node_map: NodeMap, selector: str) -> None:
    """Executes TriggerSoftware of the trigger that was set up. Raises genicam's errors."""
    if selector:
        node = node_map.TriggerSelector
        # Whoever looked at another trigger's features meanwhile has moved the selector.
        if node.value != selector and features.is_writable(node):
            node.value = selector
    node_map.TriggerSoftware.execute()


def _all_off(node_map: NodeMap, selector: Node, settings: TriggerSettings) -> str:
    """Switches every trigger off and leaves the one that is wanted selected."""
    if not features.is_writable(selector):
        features.set_if_possible(node_map, "TriggerMode", "Off")
        return ""
    choices = features.entries(selector)
    wanted = BURST if settings.triggered and settings.burst > 1 else FRAME
    own = wanted if wanted in choices else FRAME if FRAME in choices else choices[0]
    for choice in (*(one for one in choices if one != own), own):
        selector.value = choice
        features.set_if_possible(node_map, "TriggerMode", "Off")
    return own


def _set_burst(node_map: NodeMap, selected: str, frames: int, camera: str) -> None:
    if selected != BURST or features.find(node_map, _COUNT) is None:
        raise CameraError(
            f"{camera} cannot take {frames} frames for one trigger: it lacks TriggerSelector "
            f"{BURST} or {_COUNT}; use a burst of 1."
        )
    features.write(node_map, _COUNT, frames)


def _set_software(node_map: NodeMap, camera: str) -> None:
    source = features.find(node_map, "TriggerSource")
    if (
        features.find(node_map, "TriggerMode") is None
        or features.find(node_map, "TriggerSoftware") is None
        or (source is not None and "Software" not in features.entries(source))
    ):
        raise CameraError(f"{camera} has no software trigger; run it free-running.")
    if features.is_writable(source):
        source.value = "Software"


def _set_hardware(node_map: NodeMap, settings: TriggerSettings, camera: str) -> None:
    offered = sources(node_map)
    if not offered:
        raise CameraError(
            f"{camera} has no line for a hardware trigger; use the software trigger or run it "
            "free-running."
        )
    node = node_map.TriggerSource
    wanted = settings.source or (node.value if node.value in offered else offered[0])
    if wanted not in offered:
        raise CameraError(f"{camera} has no trigger source {wanted}; it has {', '.join(offered)}.")
    if node.value != wanted:
        features.write(node_map, "TriggerSource", wanted)
    if settings.activation:
        if features.find(node_map, _ACTIVATION) is None:
            raise CameraError(
                f"{camera} has no {_ACTIVATION}; leave out {settings.activation}, and its trigger "
                "acts as the maker has built it."
            )
        features.write(node_map, _ACTIVATION, settings.activation)


def _set_delay(node_map: NodeMap, delay_us: float, camera: str) -> None:
    name = next((one for one in _DELAYS if features.find(node_map, one) is not None), None)
    if name is not None:
        features.write(node_map, name, delay_us)
    elif delay_us:
        raise CameraError(f"{camera} has no TriggerDelay; leave out the delay of {delay_us:g} us.")
