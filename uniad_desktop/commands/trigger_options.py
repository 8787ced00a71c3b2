"""The options of the station that say what starts an exposure."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from uniad_desktop.commands.arguments import count, not_negative

if TYPE_CHECKING:
    from uniad_desktop.cameras.source import TriggerSettings

_MODES = ("free-running", "software", "hardware")


def trigger(text: str) -> tuple[str, str]:
    """``free-running``, ``software``, ``hardware`` or ``hardware:LINE``, as (mode, line)."""
    mode, colon, line = text.partition(":")
    if mode not in _MODES or (colon and (mode != "hardware" or not line.strip())):
        raise argparse.ArgumentTypeError(
            f"{text} is none of free-running, software, hardware and hardware:LINE (hardware:Line1)"
        )
    return mode, line.strip()


def add_trigger_options(group: argparse._ArgumentGroup) -> None:
    """Adds ``--trigger`` and what belongs to it."""
    add_trigger_settings(group)
    group.add_argument(
        "--trigger-every",
        type=not_negative,
        default=0.5,
        metavar="S",
        help="headless with --trigger software: seconds between two triggers (default: 0.5; "
        "0: only those of 'uniad-desktop trigger')",
    )


def add_trigger_settings(group: argparse._ArgumentGroup) -> None:
    """Adds what `trigger_settings_of` reads."""
    add = group.add_argument
    add(
        "--trigger",
        type=trigger,
        default=("free-running", ""),
        metavar="MODE",
        help="free-running, software or hardware[:LINE], as in hardware:Line1 (default: "
        "free-running; without LINE the one that the camera is set to, else its first)",
    )
    add(
        "--trigger-activation",
        default="",
        metavar="EDGE",
        help="hardware: RisingEdge, FallingEdge, … (default: as the camera is set)",
    )
    add(
        "--trigger-delay",
        type=not_negative,
        metavar="US",
        help="microseconds from the trigger to the exposure (default: as the camera is set)",
    )
    add("--burst", type=count, default=1, metavar="N", help="frames for each trigger (default: 1)")


def trigger_settings_of(options: argparse.Namespace) -> TriggerSettings:
    """What those options ask for."""
    from uniad_desktop.cameras.source import TriggerMode, TriggerSettings

    mode, line = options.trigger
    return TriggerSettings(
        TriggerMode(mode), line, options.trigger_activation, options.trigger_delay, options.burst
    )


def own_pace_of(options: argparse.Namespace) -> float | None:
    """Seconds between the software triggers of a headless station; None: it fires none itself."""
    mode, _ = options.trigger
    return options.trigger_every or None if mode == "software" else None
