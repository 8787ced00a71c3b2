"""A camera made of a description and a block of memory, for what the simulated camera lacks.

Selectors with several entries, automatic modes, registers, a lock, and nodes that fail or are slow.
"""

from __future__ import annotations

import struct
import time
from typing import Any

from genicam import genapi

_HEAD = (
    '<RegisterDescription ModelName="Fake" VendorName="Test" ToolTip="" StandardNameSpace="None" '
    'SchemaMajorVersion="1" SchemaMinorVersion="1" SchemaSubMinorVersion="0" MajorVersion="1" '
    'MinorVersion="0" SubMinorVersion="0" ProductGuid="2f4b8d0e-6c1a-4f57-9b0d-5f3f0c6a7e20" '
    'VersionGuid="2f4b8d0e-6c1a-4f57-9b0d-5f3f0c6a7e21" '
    'xmlns="http://www.genicam.org/GenApi/Version_1_1" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
)
STREAM = "<Streamable>Yes</Streamable>"

ADDRESSES = {
    "TLParamsLocked": 0,
    "WidthMax": 4,
    "Width": 8,
    "OffsetX": 12,
    "ExposureAuto": 16,
    "GainSelector": 20,
    "BoardSelector": 24,
    "Broken": 28,
    "Address": 32,
    "ExposureTime": 40,
    "Gains": 64,
    "Table": 128,
    "Name": 160,
    "Level": 200,
    "Hidden": 208,
}
GAINS = ("All", "Red", "Blue")
BOARDS = ("A", "B")


def _int_reg(name: str, extra: str = "") -> str:
    return (
        f'<IntReg Name="{name}Reg"><Address>{ADDRESSES[name]}</Address><Length>4</Length>'
        f"<AccessMode>RW</AccessMode><pPort>Device</pPort>{extra}<Sign>Unsigned</Sign>"
        "<Endianess>LittleEndian</Endianess></IntReg>"
    )


def _float_reg(name: str, where: str) -> str:
    return (
        f'<FloatReg Name="{name}Reg">{where}<Length>8</Length><AccessMode>RW</AccessMode>'
        "<pPort>Device</pPort><Cachable>NoCache</Cachable><Endianess>LittleEndian</Endianess>"
        "</FloatReg>"
    )


def _integer(name: str, head: str = "", limits: str = "", tail: str = "") -> str:
    return (
        f'<Integer Name="{name}">{head}<pValue>{name}Reg</pValue>{limits}{tail}</Integer>'
        + _int_reg(name)
    )


def _choice(name: str, entries: tuple[str, ...], head: str = STREAM, selects: str = "") -> str:
    inside = "".join(
        f'<EnumEntry Name="{entry}"><Value>{number}</Value></EnumEntry>'
        for number, entry in enumerate(entries)
    )
    return (
        f'<Enumeration Name="{name}">{head}{inside}<pValue>{name}Reg</pValue>{selects}'
        f"</Enumeration>{_int_reg(name)}"
    )


def description(streamable: str = STREAM) -> str:
    """The XML."""
    lock = "<pIsLocked>TLParamsLocked</pIsLocked>"
    gain_at = (
        f"<Address>{ADDRESSES['Gains']}</Address>"
        '<pIndex Offset="8">GainSelector</pIndex><pIndex Offset="24">BoardSelector</pIndex>'
    )
    body = [
        '<Category Name="Root"><pFeature>Format</pFeature><pFeature>Analog</pFeature>'
        "<pFeature>TLParamsLocked</pFeature></Category>",
        '<Category Name="Format"><DisplayName>Image Format</DisplayName>'
        "<pFeature>Width</pFeature><pFeature>OffsetX</pFeature><pFeature>Inner</pFeature>"
        "</Category>",
        '<Category Name="Inner"><pFeature>Table</pFeature><pFeature>Name</pFeature>'
        "<pFeature>Address</pFeature><pFeature>Reset</pFeature><pFeature>Broken</pFeature>"
        "<pFeature>Hidden</pFeature><pFeature>WidthMax</pFeature></Category>",
        '<Category Name="Analog"><pFeature>ExposureTime</pFeature>'
        "<pFeature>ExposureAuto</pFeature><pFeature>BoardSelector</pFeature>"
        "<pFeature>GainSelector</pFeature><pFeature>Gain</pFeature><pFeature>Level</pFeature>"
        "</Category>",
        _integer("TLParamsLocked"),
        _integer("WidthMax"),
        _integer(
            "Width",
            "<ToolTip>Columns.</ToolTip><Description>Columns of the image.</Description>"
            f"<Visibility>Expert</Visibility>{lock}{streamable}",
            "<Min>16</Min><pMax>WidthMax</pMax><Inc>8</Inc>",
        ),
        _integer("OffsetX", lock + streamable, "<Min>0</Min><pMax>OffsetRoom</pMax><Inc>8</Inc>"),
        '<IntSwissKnife Name="OffsetRoom"><pVariable Name="M">WidthMax</pVariable>'
        '<pVariable Name="W">Width</pVariable><Formula>M - W</Formula></IntSwissKnife>',
        f'<Register Name="Table">{streamable}<Address>{ADDRESSES["Table"]}</Address>'
        "<Length>6</Length><AccessMode>RW</AccessMode><pPort>Device</pPort></Register>",
        f'<StringReg Name="Name">{streamable}<Address>{ADDRESSES["Name"]}</Address>'
        "<Length>32</Length><AccessMode>RW</AccessMode><pPort>Device</pPort></StringReg>",
        _integer(
            "Address",
            "<Visibility>Guru</Visibility>" + streamable,
            "",
            "<Representation>IPV4Address</Representation>",
        ),
        '<Command Name="Reset"><Value>0</Value><CommandValue>1</CommandValue></Command>',
        _integer("Broken", streamable),
        _integer("Hidden", "<Visibility>Invisible</Visibility>" + streamable),
        f'<Float Name="ExposureTime">{streamable}<pValue>ExposureTimeReg</pValue><Min>10</Min>'
        "<Max>100000</Max><Unit>us</Unit><Representation>Logarithmic</Representation>"
        "<DisplayPrecision>1</DisplayPrecision></Float>",
        _float_reg("ExposureTime", f"<Address>{ADDRESSES['ExposureTime']}</Address>"),
        _choice("ExposureAuto", ("Off", "Once", "Continuous"), streamable),
        _choice("BoardSelector", BOARDS, streamable, "<pSelected>GainSelector</pSelected>"),
        _choice("GainSelector", GAINS, streamable, "<pSelected>Gain</pSelected>"),
        f'<Float Name="Gain">{streamable}<pValue>GainReg</pValue><Min>0</Min><Max>24</Max></Float>',
        _float_reg("Gain", gain_at),
        f'<Float Name="Level">{streamable}<pValue>LevelReg</pValue><Min>0</Min><Max>9</Max>'
        "</Float>",
        _float_reg("Level", f"<Address>{ADDRESSES['Level']}</Address>"),
        '<Port Name="Device"/>',
    ]
    return _HEAD + "".join(body) + "</RegisterDescription>"


class Memory(genapi.AbstractPort):  # type: ignore[misc]
    """The registers; a test may have some fail, take their time or round what is written.

    Attributes:
        failing: addresses that raise.
        slow_s: seconds that every reading takes.
        round_level: the camera rounds Level to whole numbers.
        written: addresses that were written.
    """

    def __init__(self) -> None:
        super().__init__()
        self.data = bytearray(256)
        self.failing: set[int] = set()
        self.slow_s = 0.0
        self.round_level = False
        self.written: list[int] = []

    def is_open(self) -> bool:
        return True

    def get_access_mode(self) -> int:
        return int(genapi.EAccessMode.RW)

    def read(self, address: int, length: int) -> bytes:
        time.sleep(self.slow_s)
        if address in self.failing:
            raise genapi.RuntimeException("the register is broken")
        return bytes(self.data[address : address + length])

    def write(self, address: int, value: Any) -> None:
        data = bytes(value)
        if self.round_level and address == ADDRESSES["Level"]:
            data = struct.pack("<d", round(struct.unpack("<d", data)[0]))
        if address == ADDRESSES["Width"] and self.integer("OffsetX") + _number(data) > 128:
            raise genapi.RuntimeException("the image would leave the sensor")
        self.written.append(address)
        self.data[address : address + len(data)] = data

    def integer(self, name: str) -> int:
        """What a register holds."""
        return _number(self.data[ADDRESSES[name] : ADDRESSES[name] + 4])

    def set_integer(self, name: str, value: int) -> None:
        """Sets a register as the camera itself would."""
        struct.pack_into("<I", self.data, ADDRESSES[name], value)

    def set_float(self, name: str, value: float) -> None:
        """Sets a register as the camera itself would."""
        struct.pack_into("<d", self.data, ADDRESSES[name], value)


def _number(data: bytes | bytearray) -> int:
    return int.from_bytes(data[:4], "little")


def fake_camera(*, streamable: bool = True) -> tuple[Any, Memory]:
    """A node map (`genicam.genapi.NodeMap`) and its registers, 64 of at most 128 columns wide."""
    nodes, memory = genapi.NodeMap(), Memory()
    nodes.load_xml_from_string(description(STREAM if streamable else ""))
    nodes.connect(memory, "Device")
    memory.set_integer("WidthMax", 128)
    memory.set_integer("Width", 64)
    memory.set_float("ExposureTime", 2000.0)
    return nodes, memory
