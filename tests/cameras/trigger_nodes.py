"""A node map of GenApi's own, without a device: every value lives in the description."""

from __future__ import annotations

from typing import Any

from genicam import genapi

_HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<RegisterDescription ModelName="T" VendorName="T" StandardNameSpace="None"'
    ' SchemaMajorVersion="1" SchemaMinorVersion="1" SchemaSubMinorVersion="0" MajorVersion="1"'
    ' MinorVersion="0" SubMinorVersion="0" ProductGuid="11111111-2222-3333-4444-555555555555"'
    ' VersionGuid="11111111-2222-3333-4444-555555555556"'
    ' xmlns="http://www.genicam.org/GenApi/Version_1_1">'
)


def _entries(names: tuple[str, ...]) -> str:
    return "".join(
        f'<EnumEntry Name="{name}"><Value>{number}</Value></EnumEntry>'
        for number, name in enumerate(names)
    )


def trigger_nodes(
    *,
    selectors: tuple[str, ...] = ("FrameStart",),
    trigger_sources: tuple[str, ...] = ("Software",),
    more: str = "",
    software: bool = True,
) -> Any:
    """A `genapi.NodeMap` with the trigger features of SFNC.

    Args:
        selectors: entries of TriggerSelector, each with a TriggerMode of its own; empty: no
            selector.
        trigger_sources: entries of TriggerSource; empty: no such feature.
        more: further nodes as XML.
        software: whether there is TriggerSoftware; the number of times is ``Fired``'s value.
    """
    xml = [_HEAD]
    modes = selectors or ("FrameStart",)
    for name in modes:
        xml.append(f'<Integer Name="Mode{name}"><Value>1</Value></Integer>')
    if selectors:
        xml.append('<Integer Name="Selected"><Value>0</Value></Integer>')
        xml.append(
            f'<Enumeration Name="TriggerSelector">{_entries(selectors)}<pValue>Selected</pValue>'
            "</Enumeration>"
        )
        indexed = "".join(
            f'<pValueIndexed Index="{number}">Mode{name}</pValueIndexed>'
            for number, name in enumerate(modes)
        )
        xml.append(
            f'<Integer Name="ModeNow"><pIndex>Selected</pIndex>{indexed}'
            f"<pValueDefault>Mode{modes[0]}</pValueDefault></Integer>"
        )
    else:
        xml.append(f'<Integer Name="ModeNow"><pValue>Mode{modes[0]}</pValue></Integer>')
    xml.append(
        f'<Enumeration Name="TriggerMode">{_entries(("Off", "On"))}<pValue>ModeNow</pValue>'
        "</Enumeration>"
    )
    if trigger_sources:
        xml.append(
            f'<Enumeration Name="TriggerSource">{_entries(trigger_sources)}<Value>0</Value>'
            "</Enumeration>"
        )
    if software:
        xml.append('<Integer Name="Fired"><Value>0</Value></Integer>')
        xml.append(
            '<Command Name="TriggerSoftware"><pValue>Fired</pValue>'
            "<CommandValue>1</CommandValue></Command>"
        )
    xml += [more, "</RegisterDescription>"]
    nodes = genapi.NodeMap()
    nodes.load_xml_from_string("".join(xml))
    return nodes


BURST_COUNT = (
    '<Integer Name="AcquisitionBurstFrameCount"><Value>1</Value><Min>1</Min><Max>16</Max></Integer>'
)
DELAY = '<Float Name="TriggerDelay"><Value>7</Value><Min>0</Min><Max>5000</Max></Float>'
ACTIVATION = (
    f'<Enumeration Name="TriggerActivation">{_entries(("RisingEdge", "FallingEdge"))}'
    "<Value>0</Value></Enumeration>"
)
