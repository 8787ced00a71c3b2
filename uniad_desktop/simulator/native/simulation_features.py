"""Features of what is simulated: the line of parts, and faults to be had on purpose.

Only the standard library is used here.
"""

from __future__ import annotations

from dataclasses import replace

from uniad_desktop.simulator.native.image_features import CONVERTED
from uniad_desktop.simulator.native.nodes import (
    Categories,
    Feature,
    Kind,
    choice,
    command,
    expert,
    guru,
    integer,
    passing,
    real,
    switch,
    text,
)

PRODUCTS = ("flange", "label", "fabric", "board")
"""Product keys in the order of the enumeration SimProduct."""

_LINE: tuple[Feature, ...] = (
    choice(
        "SimProduct",
        "Product on the simulated line.",
        tuple((key.capitalize(), index) for index, key in enumerate(PRODUCTS)),
    ),
    real("SimDefectRate", "Share of parts with a defect.", 5.0, 0.0, 100.0, unit="%"),
    real(
        "SimLightingDrift",
        "Change of the lighting over 1000 parts.",
        0.0,
        -100.0,
        100.0,
        unit="%",
    ),
    integer("SimSeed", "Beginning of the parts; writing it starts over.", 0, 0, 2**31 - 1),
    integer(
        "SimPartsShown",
        "Parts that passed the camera since SimSeed was written.",
        writable=False,
        volatile=True,
        size=8,
    ),
    text("SimPartProduct", "Product of the last part.", volatile=True),
    text("SimPartDefect", "True defect of the last part; empty if good.", volatile=True),
    integer("SimPartSeed", "Seed of the last part.", writable=False, volatile=True, size=8),
    integer("SimAutoTarget", "Mean grey value for ExposureAuto and GainAuto.", 128, 16, 240),
)

_INPUTS: tuple[Feature, ...] = passing(
    replace(switch("SimLine0", "Level at the input Line0.", default=False), volatile=True),
    replace(switch("SimLine1", "Level at the input Line1.", default=False), volatile=True),
    real(
        "SimLine1PulseRate",
        "Pulses on Line1, as a light barrier gives them; 0 for none.",
        0.0,
        0.0,
        1000.0,
        unit="Hz",
    ),
    integer(
        "SimMissedTriggers",
        "Triggers since AcquisitionStart that gave no frame.",
        writable=False,
        volatile=True,
    ),
)

_LONGEST_S = 3600.0

_FAULTS: tuple[Feature, ...] = passing(
    integer("SimDropPermille", "Frames that the camera loses, of 1000.", 0, 0, 1000),
    integer("SimIncompletePermille", "Frames that arrive damaged, of 1000.", 0, 0, 1000),
    replace(
        integer("SimSkipIds", "Frame ids that the next frame leaves out.", 0, 0, 1_000_000),
        volatile=True,
    ),
    replace(
        real("SimStopAnswering", "Goes silent for so long.", 0.0, 0.0, _LONGEST_S, unit="s"),
        volatile=True,
        description="For so many seconds the camera answers no register access and sends no "
        "frames, while the producer goes on listing it as connected.",
    ),
    replace(
        real("SimHang", "The producer does not return for so long.", 0.0, -1.0, _LONGEST_S),
        unit="s",
        volatile=True,
        description="The call that writes this does not return for so many seconds, nor does "
        "any other call of the producer; -1 is for ever.",
    ),
    replace(
        real("SimVanish", "Gone for so long.", 0.0, 0.0, _LONGEST_S, unit="s"),
        volatile=True,
        description="For so many seconds the camera is neither connected nor listed; then it "
        "can be found and opened again.",
    ),
    integer("SimNodeDelay", "Time that every register access takes.", 0, 0, 10000, unit="ms"),
    command("SimDisconnect", "Pulls the cable; it is back at the next discovery."),
    command("SimCrash", "The producer crashes, and the process with it."),
)

_SCRATCH = replace(
    Feature("SimScratch", Kind.REGISTER, "Sixteen bytes without a meaning.", size=16),
    description="Keeps what is written, as a vendor's block of raw data does.",
)

SIMULATION: Categories = {
    "Simulation": (*_LINE, *CONVERTED, *guru(_SCRATCH)),
    "SimulatedInputs": _INPUTS,
    "SimulatedFaults": expert(*_FAULTS),
}
