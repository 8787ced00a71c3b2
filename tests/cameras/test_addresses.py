"""IP addresses from the node map of a GenTL interface module."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest.importorskip("genicam", reason="GenICam is not available on this system")

from genicam import gentl

from uniad_desktop.cameras.genicam.addresses import device_addresses, host_subnets
from uniad_desktop.cameras.genicam.messages import Subnet

HOME, LINK_LOCAL, MASK = 0xC0A80101, 0xA9FE0307, 0xFFFFFF00


class Node:
    def __init__(self, read):
        self._read = read

    @property
    def value(self):
        return self._read()


class Selector:
    def __init__(self, most, refused=()):
        self.min, self.max, self.refused, self._value = 0, most, refused, 0

    @property
    def value(self):
        return self._value

    @value.setter
    def value(self, wanted):
        if wanted in self.refused:
            raise gentl.InvalidParameterException("no such entry")
        self._value = wanted


class Nodes:
    """A node map of a card with two subnets and three devices, the last of which tells nothing."""

    def __init__(self, refused=()):
        self.GevInterfaceSubnetSelector = Selector(1)
        self.DeviceSelector = Selector(2, refused)
        subnets = [(HOME, MASK), (LINK_LOCAL, 0xFFFF0000)]
        devices = [("a", HOME + 1), ("b", LINK_LOCAL), ("c", 0)]
        self.GevInterfaceSubnetIPAddress = Node(
            lambda: subnets[self.GevInterfaceSubnetSelector.value][0]
        )
        self.GevInterfaceSubnetMask = Node(
            lambda: subnets[self.GevInterfaceSubnetSelector.value][1]
        )
        self.DeviceID = Node(lambda: devices[self.DeviceSelector.value][0])
        self.GevDeviceIPAddress = Node(lambda: devices[self.DeviceSelector.value][1])
        self.GevDeviceSubnetMask = Node(lambda: MASK)


def test_every_subnet_and_every_device_is_read():
    nodes = Nodes()
    assert host_subnets(nodes) == (Subnet(HOME, MASK), Subnet(LINK_LOCAL, 0xFFFF0000))
    assert device_addresses(nodes) == {
        "a": Subnet(HOME + 1, MASK),
        "b": Subnet(LINK_LOCAL, MASK),
    }


def test_an_entry_that_the_driver_refuses_is_left_out():
    assert list(device_addresses(Nodes(refused=(1,)))) == ["a"]


def test_without_selectors_the_values_are_read_as_they_are():
    nodes = Nodes()
    del nodes.GevInterfaceSubnetSelector, nodes.DeviceSelector
    nodes.GevInterfaceSubnetIPAddress = Node(lambda: HOME)
    nodes.GevInterfaceSubnetMask = Node(lambda: MASK)
    assert host_subnets(nodes) == (Subnet(HOME, MASK),)
    assert device_addresses(object()) == {}


def test_a_value_that_cannot_be_read_is_not_known():
    def unreadable():
        raise gentl.NotAvailableException("not now")

    nodes = Nodes()
    nodes.GevDeviceIPAddress = Node(unreadable)
    assert device_addresses(nodes) == {}


def test_the_description_of_a_real_interface_is_read(viky):
    # In a process of its own, as a producer has to be.
    script = f"""
from genicam import gentl
from uniad_desktop.cameras.genicam.addresses import _selected, _value, interface_nodes
library = gentl.GenTLProducer.create_producer(); library.open({str(viky)!r})
system = library.create_system(); system.open(); system.update_interface_info_list(1000)
interface = system.interface_info_list[0].create_interface(); interface.open()
interface.update_device_info_list(1000)
nodes = interface_nodes(interface)
print(*[_value(nodes, "DeviceID") for _ in _selected(nodes, "DeviceSelector")])
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=100, check=True
    )
    assert sorted(done.stdout.split()) == ["VikyTL_DEV_blue", "VikyTL_DEV_green", "VikyTL_DEV_red"]
