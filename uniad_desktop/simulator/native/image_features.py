"""Features of the simulated camera's picture: its size, format, brightness and what goes with it.

Names, types and units follow SFNC 2.7. Only the standard library is used here.
"""

from __future__ import annotations

from dataclasses import replace

from uniad_desktop.simulator.native.formats import LAYOUTS, RGB8
from uniad_desktop.simulator.native.nodes import (
    Categories,
    Feature,
    Kind,
    choice,
    expert,
    integer,
    numbered,
    per,
    real,
    switch,
)

SENSOR_WIDTH = 960
SENSOR_HEIGHT = 720
LARGE_WIDTH = 2448
LARGE_HEIGHT = 2048

PIXEL_FORMATS = tuple((layout.name, layout.code) for layout in LAYOUTS)
TEST_PATTERNS = numbered(
    "Off",
    "Black",
    "White",
    "GreyHorizontalRamp",
    "GreyVerticalRamp",
    "GreyHorizontalRampMoving",
    "GreyVerticalRampMoving",
    "HorizontalLineMoving",
    "VerticalLineMoving",
    "ColorBar",
    "FrameCounter",
)
AUTO = numbered("Off", "Once", "Continuous")

IMAGE_FORMAT: tuple[Feature, ...] = (
    choice(
        "SimSensor",
        "Sensor of the camera: 960 x 720 or that of the replayed images, or 2448 x 2048 pixels.",
        numbered("Standard", "FiveMegapixel"),
        locked=True,
    ),
    integer("WidthMax", "Width of the sensor.", SENSOR_WIDTH, writable=False, volatile=True),
    integer("HeightMax", "Height of the sensor.", SENSOR_HEIGHT, writable=False, volatile=True),
    integer(
        "Width",
        "Width of the image.",
        SENSOR_WIDTH,
        16,
        "WidthMax",
        step="WidthStep",
        volatile=True,
        locked=True,
    ),
    integer(
        "Height",
        "Height of the image.",
        SENSOR_HEIGHT,
        16,
        "HeightMax",
        step="HeightStep",
        volatile=True,
        locked=True,
    ),
    integer(
        "OffsetX", "Left edge of the image.", 0, 0, "OffsetXMax", step="WidthStep", volatile=True
    ),
    integer(
        "OffsetY", "Upper edge of the image.", 0, 0, "OffsetYMax", step="HeightStep", volatile=True
    ),
    choice("PixelFormat", "Format of the pixels.", PIXEL_FORMATS, default=RGB8, locked=True),
    choice("TestPattern", "Picture that the camera makes by itself.", TEST_PATTERNS),
    *expert(
        replace(
            integer("SimPaddingX", "Bytes after each row.", 0, 0, 4096, unit="B", locked=True),
            description="Bytes of no meaning that the camera sends after each row of pixels, as "
            "some cameras do to align rows (BUFFER_INFO_XPADDING).",
        ),
        switch(
            "SimMultiPart",
            "Sends a confidence map beside the picture (GenTL multi-part).",
            default=False,
            locked=True,
        ),
    ),
)

ANALOG: tuple[Feature, ...] = (
    replace(
        real("Gain", "Gain; brightness follows it.", 0.0, -12.0, 24.0, unit="dB", volatile=True),
        lock="GainAuto",
    ),
    replace(
        choice("GainAuto", "Gain that follows the brightness.", AUTO, volatile=True),
        description="Once and Continuous move Gain until the mean grey value of the pictures is "
        "SimAutoTarget; Once then goes back to Off. A test pattern is not adjusted.",
    ),
    *per(
        choice(
            "BalanceRatioSelector",
            "Colour that BalanceRatio belongs to.",
            numbered("Red", "Green", "Blue"),
        ),
        real("BalanceRatio", "Factor of one colour.", 1.0, 0.1, 8.0),
    ),
)

TRANSPORT: tuple[Feature, ...] = (
    integer("PayloadSize", "Bytes of one image.", unit="B", writable=False, volatile=True),
    replace(
        integer("TLParamsLocked", "1 while the host streams.", 0, 0, 1, volatile=True),
        visibility="Guru",
        streamable=False,
    ),
)

CHUNKS = ("Timestamp", "FrameID", "ExposureTime", "Gain", "LineStatusAll", "PixelFormat")
"""Chunks in the order of ChunkSelector."""
FIRST_CHUNK_ID = 0x1001


def _chunk(feature: Feature) -> Feature:
    index = CHUNKS.index(feature.name.removeprefix("Chunk"))
    return replace(feature, chunk=FIRST_CHUNK_ID + index, writable=False, streamable=False)


_IN_CHUNK = "of the frame that was fetched last."

CHUNK_DATA: tuple[Feature, ...] = (
    switch("ChunkModeActive", "Sends chunk data with each image.", default=False, locked=True),
    *per(
        choice("ChunkSelector", "Chunk that ChunkEnable belongs to.", numbered(*CHUNKS)),
        switch("ChunkEnable", "Sends this chunk.", default=False, locked=True),
    ),
    _chunk(integer("ChunkTimestamp", f"Camera clock {_IN_CHUNK}", unit="ns", size=8)),
    _chunk(integer("ChunkFrameID", f"Number {_IN_CHUNK}", size=8)),
    _chunk(real("ChunkExposureTime", f"Exposure {_IN_CHUNK}", 0.0, unit="us")),
    _chunk(real("ChunkGain", f"Gain {_IN_CHUNK}", 0.0, unit="dB")),
    _chunk(integer("ChunkLineStatusAll", f"Lines at the end of exposure {_IN_CHUNK}", size=8)),
    _chunk(replace(choice("ChunkPixelFormat", f"Pixel format {_IN_CHUNK}", PIXEL_FORMATS), size=8)),
)

IMAGE: Categories = {
    "ImageFormatControl": IMAGE_FORMAT,
    "AnalogControl": ANALOG,
    "ChunkDataControl": CHUNK_DATA,
    "TransportLayerControl": (
        *TRANSPORT,
        *expert(
            replace(
                integer(
                    "GevMACAddress",
                    "Hardware address that the camera would have.",
                    0x02554E494144,
                    writable=False,
                    size=8,
                ),
                representation="MACAddress",
            ),
            replace(
                integer(
                    "GevPersistentIPAddress",
                    "Internet address that the camera would have.",
                    0xC0A80A0A,
                    0,
                    2**32 - 1,
                ),
                representation="IPV4Address",
            ),
        ),
    ),
}

CONVERTED: tuple[Feature, ...] = (
    Feature(
        "SimBrightness",
        Kind.SWISS_KNIFE,
        "Brightness relative to the part as it was drawn, from ExposureTime and Gain.",
        writable=False,
        variables=(("EXPOSURE", "ExposureTime"), ("GAIN", "Gain")),
        formula="EXPOSURE / 2000.0 * 10 ** (GAIN / 20.0)",
        streamable=False,
    ),
    Feature(
        "SimExposureMilliseconds",
        Kind.CONVERTER,
        "ExposureTime in milliseconds.",
        unit="ms",
        formula="TO / 1000.0",
        inverse="FROM * 1000.0",
        behind="ExposureTime",
        streamable=False,
    ),
)
