"""The features of the simulated camera: one table for its GenICam XML and its C register map.

Names, types and units follow the GenICam Standard Features Naming Convention (SFNC 2.7) and,
for the modules of the producer, the GenTL SFNC. Only the standard library is used here, because
the table is read while a wheel is being built.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

PRODUCTS = ("flange", "label", "fabric", "board")
"""Product keys in the order of the enumeration SimProduct."""

SENSOR_WIDTH = 960
SENSOR_HEIGHT = 720

# PFNC codes of the pixel formats.
MONO8 = 0x01080001
RGB8 = 0x02180014

TEXT_BYTES = 64
"""Length of every string register, with the final zero."""


class Kind(StrEnum):
    """Interface type of a feature (GenApi)."""

    STRING = "String"
    INTEGER = "Integer"
    FLOAT = "Float"
    ENUMERATION = "Enumeration"
    BOOLEAN = "Boolean"
    COMMAND = "Command"


@dataclass(frozen=True)
class Feature:
    """One feature and its register.

    Attributes:
        name: SFNC name.
        kind: interface type.
        tip: one line for the tool tip of a viewer.
        default: value after power-up.
        low: smallest value, or None for the range of the register.
        high: largest value, a number or the name of the feature that gives it.
        step: increment of an integer.
        unit: SFNC unit.
        writable: the host may write it.
        volatile: the camera changes it by itself, so a host must not cache it.
        locked: it cannot change while TLParamsLocked is set.
        entries: names and values of an enumeration.
        selects: features that an enumeration selects.
        size: bytes of the register.
    """

    name: str
    kind: Kind
    tip: str
    default: float = 0
    low: float | None = None
    high: float | str | None = None
    step: int = 1
    unit: str = ""
    writable: bool = True
    volatile: bool = False
    locked: bool = False
    entries: tuple[tuple[str, int], ...] = ()
    selects: tuple[str, ...] = ()
    size: int = 4


def text(name: str, tip: str, *, writable: bool = False, volatile: bool = False) -> Feature:
    """A string register of TEXT_BYTES bytes."""
    return Feature(name, Kind.STRING, tip, writable=writable, volatile=volatile, size=TEXT_BYTES)


def integer(
    name: str,
    tip: str,
    default: int = 0,
    low: int | None = None,
    high: int | str | None = None,
    *,
    step: int = 1,
    unit: str = "",
    writable: bool = True,
    volatile: bool = False,
    locked: bool = False,
    size: int = 4,
) -> Feature:
    """An unsigned integer of 4 or 8 bytes."""
    return Feature(
        name,
        Kind.INTEGER,
        tip,
        default,
        low,
        high,
        step,
        unit,
        writable=writable,
        volatile=volatile,
        locked=locked,
        size=size,
    )


def real(
    name: str,
    tip: str,
    default: float,
    low: float | None = None,
    high: float | None = None,
    *,
    unit: str = "",
    writable: bool = True,
    volatile: bool = False,
) -> Feature:
    """A double."""
    return Feature(
        name,
        Kind.FLOAT,
        tip,
        default,
        low,
        high,
        unit=unit,
        writable=writable,
        volatile=volatile,
        size=8,
    )


def choice(
    name: str,
    tip: str,
    entries: tuple[tuple[str, int], ...],
    *,
    default: int = 0,
    locked: bool = False,
    selects: tuple[str, ...] = (),
) -> Feature:
    """An enumeration."""
    return Feature(
        name, Kind.ENUMERATION, tip, default, locked=locked, entries=entries, selects=selects
    )


def switch(name: str, tip: str, *, default: bool) -> Feature:
    """A boolean."""
    return Feature(name, Kind.BOOLEAN, tip, int(default))


def command(name: str, tip: str) -> Feature:
    """A command: writing 1 executes it."""
    return Feature(name, Kind.COMMAND, tip, volatile=True)


Categories = dict[str, tuple[Feature, ...]]

CAMERA: Categories = {
    "DeviceControl": (
        text("DeviceVendorName", "Name of the manufacturer."),
        text("DeviceModelName", "Model of the device."),
        text("DeviceVersion", "Version of the device."),
        text("DeviceSerialNumber", "Serial number of the device."),
        text("DeviceUserID", "Name given by the user; kept until power-down.", writable=True),
        real(
            "DeviceTemperature",
            "Temperature of the simulated sensor.",
            40.0,
            unit="C",
            writable=False,
            volatile=True,
        ),
        command("TimestampLatch", "Copies the camera clock to TimestampLatchValue."),
        integer(
            "TimestampLatchValue",
            "Camera clock at the last TimestampLatch.",
            unit="ns",
            writable=False,
            volatile=True,
            size=8,
        ),
    ),
    "ImageFormatControl": (
        integer("WidthMax", "Width of the sensor.", SENSOR_WIDTH, writable=False, volatile=True),
        integer("HeightMax", "Height of the sensor.", SENSOR_HEIGHT, writable=False, volatile=True),
        integer(
            "Width",
            "Width of the image.",
            SENSOR_WIDTH,
            16,
            "WidthMax",
            step=4,
            volatile=True,
            locked=True,
        ),
        integer(
            "Height",
            "Height of the image.",
            SENSOR_HEIGHT,
            16,
            "HeightMax",
            step=2,
            volatile=True,
            locked=True,
        ),
        integer("OffsetX", "Left edge of the image.", 0, 0, "OffsetXMax", step=4, volatile=True),
        integer("OffsetY", "Upper edge of the image.", 0, 0, "OffsetYMax", step=2, volatile=True),
        choice(
            "PixelFormat",
            "Format of the pixels.",
            (("Mono8", MONO8), ("RGB8", RGB8)),
            default=RGB8,
            locked=True,
        ),
    ),
    "AcquisitionControl": (
        choice(
            "AcquisitionMode",
            "Number of frames of an acquisition.",
            (("Continuous", 0), ("SingleFrame", 1), ("MultiFrame", 2)),
            locked=True,
        ),
        integer("AcquisitionFrameCount", "Frames of MultiFrame.", 1, 1, 65535, locked=True),
        command("AcquisitionStart", "Starts the acquisition."),
        command("AcquisitionStop", "Stops the acquisition."),
        switch("AcquisitionFrameRateEnable", "Keeps to AcquisitionFrameRate.", default=True),
        real("AcquisitionFrameRate", "Frames per second.", 5.0, 0.1, 200.0, unit="Hz"),
        real("ExposureTime", "Exposure; brightness follows it.", 2000.0, 10.0, 1e6, unit="us"),
        choice(
            "TriggerSelector",
            "Trigger that the trigger features belong to.",
            (("FrameStart", 0),),
            selects=("TriggerMode", "TriggerSource", "TriggerSoftware"),
        ),
        choice("TriggerMode", "On: one frame for each trigger.", (("Off", 0), ("On", 1))),
        choice("TriggerSource", "Where triggers come from.", (("Software", 0),)),
        command("TriggerSoftware", "Fires one trigger."),
    ),
    "AnalogControl": (real("Gain", "Gain; brightness follows it.", 0.0, -12.0, 24.0, unit="dB"),),
    "TransportLayerControl": (
        integer("PayloadSize", "Bytes of one image.", unit="B", writable=False, volatile=True),
        integer("TLParamsLocked", "1 while the host streams.", 0, 0, 1, volatile=True),
    ),
    "Simulation": (
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
        integer("SimDropPermille", "Frames that the camera loses, of 1000.", 0, 0, 1000),
        integer("SimIncompletePermille", "Frames that arrive damaged, of 1000.", 0, 0, 1000),
        command("SimDisconnect", "Pulls the cable; it is back at the next discovery."),
        text("SimPartProduct", "Product of the last part.", volatile=True),
        text("SimPartDefect", "True defect of the last part; empty if good.", volatile=True),
        integer("SimPartSeed", "Seed of the last part.", writable=False, volatile=True, size=8),
    ),
}

# The modules of the producer: name of the XML file -> (name of its port, features).
MODULES: dict[str, tuple[str, Categories]] = {
    "system": (
        "TLPort",
        {
            "SystemInformation": (
                text("TLID", "Identifier of the producer."),
                text("TLVendorName", "Vendor of the producer."),
                text("TLModelName", "Name of the producer."),
            )
        },
    ),
    "interface": (
        "InterfacePort",
        {"InterfaceInformation": (text("InterfaceID", "Identifier of the interface."),)},
    ),
    "device": (
        "DevicePort",
        {"DeviceInformation": (text("DeviceID", "Identifier of the device."),)},
    ),
    "stream": (
        "StreamPort",
        {
            "StreamInformation": (
                text("StreamID", "Identifier of the stream."),
                choice(
                    "StreamBufferHandlingMode",
                    "Which of several filled buffers is delivered.",
                    (("OldestFirst", 0), ("NewestOnly", 1)),
                ),
                integer("StreamAnnouncedBufferCount", "Buffers.", writable=False, volatile=True),
                integer(
                    "StreamDeliveredFrameCount", "Frames delivered.", writable=False, volatile=True
                ),
                integer(
                    "StreamLostFrameCount",
                    "Frames lost because no buffer was queued or a newer one came.",
                    writable=False,
                    volatile=True,
                ),
            )
        },
    ),
}

# Integers computed by the host from others (GenApi IntSwissKnife).
FORMULAS = {
    "OffsetXMax": (("MAX", "WidthMax"), ("SIZE", "Width"), "MAX - SIZE"),
    "OffsetYMax": (("MAX", "HeightMax"), ("SIZE", "Height"), "MAX - SIZE"),
}
