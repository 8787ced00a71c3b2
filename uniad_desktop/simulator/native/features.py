"""The features of the simulated camera: one table for its GenICam XML and its C register map.

Names, types and units follow the GenICam Standard Features Naming Convention (SFNC 2.7) and,
for the modules of the producer, the GenTL SFNC. Only the standard library is used here, because
the table is read while a wheel is being built.
"""

from __future__ import annotations

from uniad_desktop.simulator.native.control_features import CONTROL
from uniad_desktop.simulator.native.image_features import IMAGE, SENSOR_HEIGHT, SENSOR_WIDTH
from uniad_desktop.simulator.native.nodes import (
    Categories,
    choice,
    command,
    integer,
    real,
    text,
)
from uniad_desktop.simulator.native.simulation_features import PRODUCTS, SIMULATION

__all__ = ["CAMERA", "FORMULAS", "MODULES", "PRODUCTS", "SENSOR_HEIGHT", "SENSOR_WIDTH"]

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
    "ImageFormatControl": IMAGE["ImageFormatControl"],
    "AcquisitionControl": CONTROL["AcquisitionControl"],
    "AnalogControl": IMAGE["AnalogControl"],
    "DigitalIOControl": CONTROL["DigitalIOControl"],
    "ChunkDataControl": IMAGE["ChunkDataControl"],
    "UserSetControl": CONTROL["UserSetControl"],
    "TransportLayerControl": IMAGE["TransportLayerControl"],
    **SIMULATION,
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

# Integers computed by the host from others (GenApi IntSwissKnife). Sizes of replayed images need
# not be multiples of four.
FORMULAS: dict[str, tuple[tuple[tuple[str, str], ...], str]] = {
    "OffsetXMax": ((("MAX", "WidthMax"), ("SIZE", "Width")), "MAX - SIZE"),
    "OffsetYMax": ((("MAX", "HeightMax"), ("SIZE", "Height")), "MAX - SIZE"),
    "WidthStep": ((("MAX", "WidthMax"),), "(MAX % 4) = 0 ? 4 : 1"),
    "HeightStep": ((("MAX", "HeightMax"),), "(MAX % 2) = 0 ? 2 : 1"),
}
