"""Features of the simulated camera that say when it takes a picture: acquisition, triggers, lines.

Names, types and units follow SFNC 2.7. Only the standard library is used here.
"""

from __future__ import annotations

from dataclasses import replace

from uniad_desktop.simulator.native.image_features import AUTO
from uniad_desktop.simulator.native.nodes import (
    Categories,
    Feature,
    choice,
    command,
    expert,
    integer,
    numbered,
    per,
    real,
    switch,
)

INPUT_LINES = ("Line0", "Line1")
OUTPUT_LINE = "Line2"

_TRIGGERS: tuple[Feature, ...] = per(
    choice(
        "TriggerSelector",
        "Trigger that the trigger features belong to.",
        numbered("FrameStart", "FrameBurstStart"),
    ),
    choice(
        "TriggerMode",
        "On: one frame, or one burst of frames, for each trigger.",
        numbered("Off", "On"),
    ),
    choice("TriggerSource", "Where triggers come from.", numbered("Software", *INPUT_LINES)),
    choice(
        "TriggerActivation",
        "What of a line is a trigger.",
        numbered("RisingEdge", "FallingEdge", "AnyEdge", "LevelHigh", "LevelLow"),
    ),
    replace(
        choice(
            "TriggerOverlap",
            "What becomes of a trigger that comes too early.",
            numbered("Off", "ReadOut", "PreviousFrame"),
            default=2,
        ),
        visibility="Expert",
        description="Off: a trigger during exposure or read-out is missed. ReadOut: only one "
        "during exposure is. PreviousFrame: triggers wait for their turn, at most 256. "
        "SimMissedTriggers counts those that were missed.",
    ),
    replace(
        real("TriggerDelay", "From the trigger to what it starts.", 0.0, 0.0, 1e6, unit="us"),
        visibility="Expert",
    ),
    command("TriggerSoftware", "Fires one trigger."),
)

ACQUISITION: tuple[Feature, ...] = (
    choice(
        "AcquisitionMode",
        "Number of frames of an acquisition.",
        (("Continuous", 0), ("SingleFrame", 1), ("MultiFrame", 2)),
        locked=True,
    ),
    integer("AcquisitionFrameCount", "Frames of MultiFrame.", 1, 1, 65535, locked=True),
    integer("AcquisitionBurstFrameCount", "Frames for one trigger FrameBurstStart.", 1, 1, 1023),
    command("AcquisitionStart", "Starts the acquisition."),
    command("AcquisitionStop", "Stops the acquisition."),
    switch("AcquisitionFrameRateEnable", "Keeps to AcquisitionFrameRate.", default=True),
    real("AcquisitionFrameRate", "Frames per second.", 5.0, 0.1, 200.0, unit="Hz"),
    choice("ExposureMode", "How the exposure is timed.", numbered("Timed")),
    replace(
        real(
            "ExposureTime",
            "Exposure; brightness follows it.",
            2000.0,
            10.0,
            1e6,
            unit="us",
            volatile=True,
        ),
        lock="ExposureAuto",
        representation="Logarithmic",
    ),
    replace(
        choice("ExposureAuto", "Exposure that follows the brightness.", AUTO, volatile=True),
        description="Once and Continuous move ExposureTime until the mean grey value of the "
        "pictures is SimAutoTarget; Once then goes back to Off. A test pattern is not adjusted.",
    ),
    *_TRIGGERS,
)

LINES: tuple[Feature, ...] = (
    *per(
        choice(
            "LineSelector",
            "Line that the line features belong to.",
            numbered(*INPUT_LINES, OUTPUT_LINE),
        ),
        replace(
            choice(
                "LineMode", "Direction of the line.", numbered("Input", "Output"), writable=False
            ),
            default=(0, 0, 1),
        ),
        *expert(switch("LineInverter", "Inverts the line.", default=False)),
        replace(
            switch("LineStatus", "Whether the line is high now.", default=False),
            writable=False,
            volatile=True,
        ),
        replace(
            choice(
                "LineSource",
                "What the output line shows.",
                numbered("Off", "ExposureActive", "FrameTriggerWait", "UserOutput0", "UserOutput1"),
            ),
            available="LineMode",
        ),
    ),
    replace(
        integer(
            "LineStatusAll", "All lines now, Line0 lowest.", writable=False, volatile=True, size=8
        ),
        representation="HexNumber",
    ),
    *per(
        choice(
            "UserOutputSelector",
            "Output that UserOutputValue belongs to.",
            numbered("UserOutput0", "UserOutput1"),
        ),
        switch("UserOutputValue", "Level of this user output.", default=False),
    ),
)

USER_SETS: tuple[Feature, ...] = (
    choice("UserSetSelector", "Set to load or save.", numbered("Default", "UserSet0")),
    command("UserSetLoad", "Takes over the settings of the set."),
    replace(
        command("UserSetSave", "Keeps the settings in the set."),
        description="Keeps the settings in the selected set until the camera is switched off, "
        "which here means until the process that loaded the producer ends. Default cannot be "
        "overwritten.",
    ),
)

CONTROL: Categories = {
    "AcquisitionControl": ACQUISITION,
    "DigitalIOControl": LINES,
    "UserSetControl": USER_SETS,
}
