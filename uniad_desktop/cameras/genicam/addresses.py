"""IP addresses of GigE Vision cameras, as the interface module tells. Runs in the scanning process.

GenTL SFNC, InterfaceEnumeration and DeviceEnumeration: GevInterfaceSubnetSelector,
GevInterfaceSubnetIPAddress, GevInterfaceSubnetMask, DeviceSelector, DeviceID, GevDeviceIPAddress,
GevDeviceSubnetMask.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from typing import Any, TypeAlias

from genicam import genapi, gentl

from uniad_desktop.cameras.genicam.messages import Subnet

logger = logging.getLogger(__name__)

NodeMap: TypeAlias = Any  # of genicam, which has no types
Interface: TypeAlias = Any

_ERRORS = (gentl.GenericException, genapi.GenericException, RuntimeError, OSError)
_MOST_ENTRIES = 64  # of a selector; more are a driver's mistake


def interface_nodes(interface: Interface) -> NodeMap | None:
    """The node map of an open GenTL interface; None where it has none that can be read."""
    with warnings.catch_warnings():  # importing it changes the global warning filters
        from harvesters.core import LogicalErrorException, Module

    try:
        return Module(module=interface, port=interface.port, parent=None).node_map
    except (*_ERRORS, LogicalErrorException, AttributeError) as error:
        logger.debug("the interface has no readable description: %s", error)
        return None


def host_subnets(nodes: NodeMap) -> tuple[Subnet, ...]:
    """The addresses that the network card has."""
    found = []
    for _ in _selected(nodes, "GevInterfaceSubnetSelector"):
        address = _number(nodes, "GevInterfaceSubnetIPAddress")
        if address:
            found.append(Subnet(address, _number(nodes, "GevInterfaceSubnetMask")))
    return tuple(dict.fromkeys(found))


def device_addresses(nodes: NodeMap) -> dict[str, Subnet]:
    """The addresses of the devices by their GenTL device id."""
    found = {}
    for _ in _selected(nodes, "DeviceSelector"):
        name = _value(nodes, "DeviceID")
        address = _number(nodes, "GevDeviceIPAddress")
        if isinstance(name, str) and address:
            found[name] = Subnet(address, _number(nodes, "GevDeviceSubnetMask"))
    return found


def _selected(nodes: NodeMap, selector: str) -> Iterator[None]:
    """Goes through the values of a selector; once where it cannot be moved."""
    node: Any = getattr(nodes, selector, None)
    try:
        values = range(int(node.min), min(int(node.max), int(node.min) + _MOST_ENTRIES) + 1)
    except (*_ERRORS, AttributeError, TypeError):
        yield
        return
    for value in values:
        try:
            node.value = value
        except _ERRORS as error:
            logger.debug("%s does not take %d: %s", selector, value, error)
            if len(values) > 1:
                continue
        yield


def _value(nodes: NodeMap, name: str) -> object:
    try:
        return getattr(nodes, name).value
    except (*_ERRORS, AttributeError):
        return None


def _number(nodes: NodeMap, name: str) -> int:
    value = _value(nodes, name)
    return value if isinstance(value, int) else 0
